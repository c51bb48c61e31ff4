//! Building the Dockerfile as it is, by what the machine has.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use super::engine::Engine;
use super::{IMAGE, base, folder};
use crate::page::{self, Profile};
use crate::tools::{self, Tool};
use crate::{paths, shell};

/// Longer than a registry that is there takes for the base image.
const PULL: &str = "300";

pub fn by_docker(docker: &Engine, dist: bool) -> Result<()> {
    ensure!(
        shell::output(docker.command().args(["buildx", "version"])).is_some(),
        "this Docker cannot read the Dockerfile's cache mounts: please install its plugin buildx (Debian's package is \
         docker-buildx or docker-buildx-plugin)"
    );
    let mut command = docker.command();
    command.args(["build", "--tag", IMAGE]).args(labels());
    if dist {
        command.args(around_dist()?);
    }
    timed(command.arg(paths::repo()))
}

/// By buildah, which needs no daemon, on the real base image or on a stand-in.
pub fn by_buildah(podman: &Engine, dist: bool) -> Result<()> {
    let mut command = shell::command("buildah");
    // The format of Docker, because OCI's knows no HEALTHCHECK; no times, so that the same sources make the same image.
    command.args(["bud", "--isolation", "chroot", "--network", "host", "--format", "docker", "--timestamp", "0"]);
    command.args(["--build-arg", &format!("TARGETARCH={}", architecture())]).args(labels()).args(["--tag", IMAGE]);
    if dist {
        return timed(command.args(around_dist()?).arg("--pull-never").arg(paths::repo()));
    }
    let base = base()?;
    if pulled(&base) {
        println!("image: {base} was pulled; the build installs its tools into it, which takes a quarter of an hour");
        return timed(command.arg(paths::repo()));
    }
    println!(
        "image: no registry gives {base}, so an EMPTY STAND-IN of that name is used, with this machine's compilers and\n\
         image: the tools of {} bound in. It proves the Dockerfile's steps, not what the real base\n\
         image: holds. With a registry: docker build -t {IMAGE} .",
        paths::cargo_tools().display()
    );
    tools::ensure(page::needs(Profile::Release))?;
    tools::ensure(&[Tool::Musl])?;
    let standin = StandIn::make(podman, &base)?;
    for (from, to) in standin.binds()? {
        command.arg("--volume").arg(format!("{}:{to}:ro", from.display()));
    }
    timed(command.arg("--pull-never").arg(paths::repo()))
}

/// Puts the binary of `dist` where the Dockerfile's last stage looks for the program that an earlier stage compiled, which
/// then need not be built.
fn around_dist() -> Result<[String; 2]> {
    println!("image: only the Dockerfile's last stage, around {}", paths::dist().display());
    let stage = folder().join("program");
    for empty in ["out/data", "out/tmp"] {
        fs::create_dir_all(stage.join(empty))?;
    }
    fs::copy(paths::dist(), stage.join("out/todo-chatbot"))
        .context("there is no binary; run `cargo xtask dist` first")?;
    Ok(["--build-context".into(), format!("program={}", stage.display())])
}

fn timed(command: &mut Command) -> Result<()> {
    let started = Instant::now();
    shell::run(command)?;
    println!("image: built in {} s", started.elapsed().as_secs());
    Ok(())
}

fn labels() -> Vec<String> {
    let revision = shell::output(shell::command("git").args(["rev-parse", "HEAD"])).unwrap_or_else(|| "unknown".into());
    vec!["--build-arg".into(), format!("REVISION={revision}")]
}

/// The processor as images name it.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

fn pulled(base: &str) -> bool {
    let mut pull = shell::command("timeout");
    pull.args([PULL, "buildah", "pull", "--quiet", "--policy", "always", &format!("docker://{base}")]);
    shell::output(&mut pull).is_some()
}

/// An empty image with the base's name; away again when dropped, so that nobody takes it for the real one.
struct StandIn<'a> {
    podman: &'a Engine,
    name: String,
    toolchains: Option<PathBuf>,
}

impl<'a> StandIn<'a> {
    fn make(podman: &'a Engine, base: &str) -> Result<Self> {
        let toolchains = shell::output(shell::command("rustup").args(["show", "home"])).map(PathBuf::from);
        let context = folder().join("stand-in");
        fs::create_dir_all(&context)?;
        // Here and not on the command line: what the image says counts more, and the system's own compiler would be found.
        let path = "PATH=/opt/cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        let rustup = toolchains.as_ref().map(|home| format!("RUSTUP_HOME={}", home.display())).unwrap_or_default();
        fs::write(context.join("Dockerfile"), format!("FROM scratch\nENV CARGO_HOME=/opt/cargo {path} {rustup}\n"))?;
        let mut command = shell::command("buildah");
        command.args(["bud", "--quiet", "--isolation", "chroot", "--tag", base]).arg(&context);
        ensure!(shell::output(&mut command).is_some(), "buildah could not make an empty image called {base}");
        Ok(Self { podman, name: base.to_owned(), toolchains })
    }

    /// What of this machine the steps may read, and where they look for it.
    fn binds(&self) -> Result<Vec<(PathBuf, String)>> {
        let system = ["/usr", "/bin", "/lib", "/lib64", "/etc"].map(Path::new).into_iter().filter(|path| path.exists());
        let mut binds: Vec<_> = system.map(|path| (path.to_owned(), path.display().to_string())).collect();
        // At its own place, because it links to itself by whole names.
        binds.extend(self.toolchains.iter().map(|home| (home.clone(), home.display().to_string())));
        let cargo = shell::which(if self.toolchains.is_some() { "rustup" } else { "cargo" });
        let cargo = cargo.context("there is no cargo on the PATH")?;
        binds.push((cargo.parent().context("cargo lies nowhere")?.to_owned(), "/opt/cargo/bin".into()));
        binds.push((paths::cargo_tools(), "/cache/todo-chatbot/tools".into()));
        Ok(binds)
    }
}

impl Drop for StandIn<'_> {
    fn drop(&mut self) {
        let _ = shell::output(self.podman.command().args(["rmi", "--force", &self.name]));
    }
}
