//! What the chores need besides Rust itself, at pinned versions, installed once and outside the clone.
//!
//! Sources are package registries only: crates, npm, PyPI and Debian. A tool that is there costs one `--version`. Debian
//! packages are installed when we are root; otherwise the one command to run is printed and the chore stops. A missing
//! tool is never skipped over.

mod locked;
mod python;
mod venv;

use std::{env, fs};

use anyhow::{Context, Result, bail};

use crate::page::{self, Profile};
use crate::{paths, shell};

/// A tool by the job it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// The browser's target of the compiler.
    WasmTarget,
    /// The static binary's target of the compiler, and the C compiler for it.
    Musl,
    Trunk,
    WasmBindgen,
    WasmOpt,
    CargoDeny,
    /// Lists what a binary is made of.
    Cyclonedx,
    Postgres,
    Browser,
    /// Checks pages for barriers.
    Axe,
    /// Programs of others that must get along with our server: what `tests/clients/package.json` names.
    Clients,
    /// Helm, and what else checks the chart, the Dockerfile and the compose file.
    Chart,
    /// Builds and runs images: buildah and podman, and Docker's own engine.
    Containers,
    /// Judges how failures of a language model are taken.
    Llmock,
    /// Starts a process whose clock is wrong.
    Faketime,
    /// What must get along with our server of the Model Context Protocol: its two SDKs, its conformance suite and its
    /// Inspector; and a server of others that our client uses.
    Mcp,
}

use Tool::{
    Axe, Browser, CargoDeny, Chart, Clients, Containers, Cyclonedx, Faketime, Llmock, Mcp, Musl, Postgres, Trunk,
    WasmBindgen, WasmOpt, WasmTarget,
};

const TRUNK: &str = "0.21.14";
const CARGO_DENY: &str = "0.20.2";
const CYCLONEDX: &str = "0.5.9";
const AXE: &str = "4.14.1";
const BINARYEN: &str = "132.0.0";
/// What builds and runs images: program and Debian's package.
const CONTAINERS: [(&str, &str); 5] = [
    ("buildah", "buildah"),
    ("podman", "podman"),
    ("runc", "runc"),
    ("conmon", "conmon"),
    ("dockerd", concat!("docker", ".io")),
];
/// Podman's network, and its first process; their programs lie off the PATH.
const CONTAINERS_ALSO: [&str; 3] = ["netavark", "aardvark-dns", "catatonit"];
/// The oldest Node.js that the clients' tests run on.
const NODE: u32 = 20;

/// `cargo xtask tools`: everything any chore needs, or what one half of `dist` needs, as the image's build asks for them.
pub fn chore(args: &[String]) -> Result<()> {
    let all = [
        WasmTarget,
        Musl,
        Trunk,
        WasmBindgen,
        WasmOpt,
        CargoDeny,
        Postgres,
        Browser,
        Axe,
        Clients,
        Chart,
        Llmock,
        Faketime,
        Mcp,
    ];
    match args {
        [] => ensure(&all)?,
        [part] if part == "page" => ensure(page::needs(Profile::Release))?,
        [part] if part == "binary" => ensure(&[Musl])?,
        [other, ..] => bail!("\"{other}\" is not understood here; allowed: page, binary"),
    }
    println!("All tools are there ({}).", paths::cargo_tools().display());
    Ok(())
}

/// Installs what is missing of `wanted`; silent when nothing is.
pub fn ensure(wanted: &[Tool]) -> Result<()> {
    let mut missing = Vec::new();
    for &tool in wanted {
        if !present(tool)? {
            missing.push(tool);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    println!("Setting up what is missing, once, in {}:", paths::cache().display());
    debian(&missing)?;
    for &tool in &missing {
        install(tool)?;
        if !present(tool)? {
            bail!("{tool:?} was installed and still does not answer as expected");
        }
    }
    // Build output of the tools themselves; kept until here so that an interrupted install goes on where it stopped.
    let _ = fs::remove_dir_all(build_dir());
    Ok(())
}

fn present(tool: Tool) -> Result<bool> {
    let version = |program: &str| shell::output(shell::command(program).arg("--version")).unwrap_or_default();
    Ok(match tool {
        WasmTarget => rust_target("wasm32-unknown-unknown"),
        Musl => rust_target(&musl_target()) && shell::which("musl-gcc").is_some(),
        Trunk => version("trunk") == format!("trunk {TRUNK}"),
        WasmBindgen => version("wasm-bindgen") == format!("wasm-bindgen {}", locked("wasm-bindgen")?),
        WasmOpt => npm_version("binaryen").is_some_and(|version| version == BINARYEN),
        Axe => npm_version("axe-core").is_some_and(|version| version == AXE),
        Clients => locked::clients().present() && node_version().is_some_and(|major| major >= NODE),
        Chart => python::present(),
        Llmock => venv::llmock().present(),
        Faketime => shell::which("faketime").is_some(),
        Mcp => locked::mcp().present() && venv::mcp().present(),
        Containers => CONTAINERS.iter().all(|(program, _)| shell::which(program).is_some()),
        CargoDeny => version("cargo-deny") == format!("cargo-deny {CARGO_DENY}"),
        Cyclonedx => cargo_installed("cargo-cyclonedx", CYCLONEDX),
        Postgres => shell::which("initdb").is_some() || debian_postgres(),
        Browser => shell::which("chromedriver").is_some() && shell::which("chromium").is_some(),
    })
}

fn install(tool: Tool) -> Result<()> {
    match tool {
        WasmTarget => rustup("wasm32-unknown-unknown"),
        Musl => rustup(&musl_target()),
        // Without its daily look for a newer Trunk.
        Trunk => {
            cargo_install("trunk", TRUNK, "2 to 5 minutes", "0", &["--no-default-features", "--features", "rustls"])
        }
        // Without its test runner's web client. It works through megabytes at each build, so it is optimised a little.
        WasmBindgen => cargo_install(
            "wasm-bindgen-cli",
            &locked("wasm-bindgen")?,
            "1 to 3 minutes",
            "1",
            &["--bin", "wasm-bindgen", "--no-default-features"],
        ),
        CargoDeny => cargo_install("cargo-deny", CARGO_DENY, "1 to 2 minutes", "0", &[]),
        Cyclonedx => cargo_install("cargo-cyclonedx", CYCLONEDX, "2 to 5 minutes", "0", &[]),
        WasmOpt => npm_install("binaryen", BINARYEN),
        Axe => npm_install("axe-core", AXE),
        Clients => clients(),
        Chart => python::install(),
        Llmock => venv::llmock().install(),
        Mcp => locked::mcp().install().and_then(|()| venv::mcp().install()),
        Postgres | Browser | Faketime | Containers => Ok(()), // Debian's, installed together before.
    }
}

/// Debian's packages of all missing tools in one go, because a person who has to type the command types it once.
fn debian(missing: &[Tool]) -> Result<()> {
    let any = |of: &[Tool]| of.iter().any(|tool| missing.contains(tool));
    let mut packages = Vec::new();
    if any(&[Musl]) && shell::which("musl-gcc").is_none() {
        packages.push("musl-tools");
    }
    if any(&[Faketime]) {
        packages.push("faketime");
    }
    if any(&[Containers]) {
        packages
            .extend(CONTAINERS.iter().filter(|(program, _)| shell::which(program).is_none()).map(|(_, name)| *name));
        packages.extend(CONTAINERS_ALSO);
    }
    if any(&[Postgres]) {
        packages.push("postgresql");
    }
    if any(&[Browser]) {
        packages.extend(["chromium", "chromium-driver"]);
    }
    if any(&[Chart, Llmock, Mcp]) && !python::can_install() {
        packages.extend(["python3", "python3-venv"]);
    }
    if any(&[WasmOpt, Axe, Clients, Mcp]) && shell::which("npm").is_none() {
        packages.extend(["nodejs", "npm"]);
    }
    if packages.is_empty() {
        return Ok(());
    }
    let list = packages.join(" ");
    if shell::which("apt-get").is_none() {
        bail!("please install these, by their Debian names, and run this again: {list}");
    }
    if !shell::is_root() {
        bail!(
            "please run this once, then this chore again:\n\n  \
             sudo apt-get update && sudo apt-get install -y --no-install-recommends {list}\n"
        );
    }
    println!("- Debian packages {list} (up to 2 minutes)");
    let apt = || {
        let mut command = shell::command("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").arg("-q");
        command
    };
    shell::run(apt().arg("update"))?;
    shell::run(apt().args(["install", "-y", "--no-install-recommends"]).args(packages))
}

/// The static target of this machine's processor.
pub fn musl_target() -> String {
    format!("{}-unknown-linux-musl", env::consts::ARCH)
}

/// Whether the compiler in use has the target. Asking the disk takes no time; asking rustup takes a while.
fn rust_target(target: &str) -> bool {
    let sysroot = shell::output(shell::command("rustc").args(["--print", "sysroot"])).unwrap_or_default();
    fs::exists(format!("{sysroot}/lib/rustlib/{target}/lib")).unwrap_or(false)
}

fn rustup(target: &str) -> Result<()> {
    if rust_target(target) {
        return Ok(());
    }
    println!("- Rust target {target} (seconds)");
    shell::run(shell::command("rustup").args(["target", "add", target]))
        .with_context(|| format!("the compiler lacks the target {target}, and rustup could not add it"))
}

/// Installs one program with settings made for compile time: optimisation, which these crates ask for at link time too,
/// costs most of the minutes and gains nothing anybody would notice in a program that mostly starts other programs.
fn cargo_install(name: &str, version: &str, takes: &str, optimise: &str, options: &[&str]) -> Result<()> {
    println!("- {name} {version}, compiled from source ({takes})");
    let install = |locked: bool| {
        let mut command = shell::cargo();
        command.arg("install").arg(format!("{name}@{version}")).arg("--root").arg(paths::cargo_tools());
        command.args(options).args(locked.then_some("--locked"));
        command.env("CARGO_TARGET_DIR", build_dir());
        // A tool is not part of the project: flags of the caller's build must not reach it.
        command.env_remove("RUSTFLAGS").env_remove("CARGO_BUILD_TARGET");
        command.env("CARGO_PROFILE_RELEASE_LTO", "off").env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
        command.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", optimise).env("CARGO_PROFILE_RELEASE_STRIP", "symbols");
        shell::run(&mut command)
    };
    install(true).or_else(|error| {
        println!("- {name}: {error}. Once more with the newest compatible versions of its dependencies");
        install(false)
    })
}

/// What cargo has noted of its installs.
fn cargo_installed(name: &str, version: &str) -> bool {
    let noted = fs::read_to_string(paths::cargo_tools().join(".crates.toml")).unwrap_or_default();
    noted.contains(&format!("\"{name} {version} (")) && shell::which(name).is_some()
}

fn npm_install(name: &str, version: &str) -> Result<()> {
    println!("- {name} {version} from npm (seconds)");
    fs::create_dir_all(paths::npm_tools())?;
    let mut command = shell::command("npm");
    command.args(["install", "--no-audit", "--no-fund", "--loglevel=error", "--save-exact", "--prefix"]);
    shell::run(command.arg(paths::npm_tools()).arg(format!("{name}@{version}")))
}

/// The clients' tests run on the Node.js of the machine.
fn clients() -> Result<()> {
    if let Some(major) = node_version().filter(|major| *major < NODE) {
        bail!(
            "the clients' tests need Node.js {NODE} or newer, and this machine has {major}: please install a newer one"
        );
    }
    locked::clients().install()
}

/// The major version of Node.js; `None` when there is none.
fn node_version() -> Option<u32> {
    let text = shell::output(shell::command("node").arg("--version"))?;
    text.strip_prefix('v')?.split('.').next()?.parse().ok()
}

fn npm_version(name: &str) -> Option<String> {
    let manifest = fs::read(paths::npm_tools().join("node_modules").join(name).join("package.json")).ok()?;
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).ok()?;
    manifest["version"].as_str().map(str::to_owned)
}

/// Debian keeps the server's programs off the PATH, one folder per major version.
fn debian_postgres() -> bool {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions.into_iter().any(|version| version.path().join("bin/initdb").is_file())
}

/// The version of a crate in Cargo.lock: the command-line half of wasm-bindgen must be exactly its library's.
fn locked(name: &str) -> Result<String> {
    let lock = fs::read_to_string(paths::repo().join("Cargo.lock")).context("cannot read Cargo.lock")?;
    version_in(&lock, name).with_context(|| format!("Cargo.lock names no version of {name}"))
}

fn version_in(lock: &str, name: &str) -> Option<String> {
    let after = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?.1;
    after.split_once('"').map(|(version, _)| version.to_owned())
}

fn build_dir() -> std::path::PathBuf {
    paths::cache().join("tools-build")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_locked_version_is_that_of_the_crate_with_exactly_this_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(super::version_in(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(super::version_in(lock, "wasm"), None);
    }
}
