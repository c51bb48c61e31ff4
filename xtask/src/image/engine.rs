//! What runs containers: podman, or Docker's engine, which take the same words.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::folder;
use crate::dist::gzip;
use crate::served::{free_port, get};
use crate::shell;

/// Runc and cgroupfs, and limits that a root without all rights may set: what works on every Debian, also inside a
/// container.
const PODMAN: &str = "[containers]\ndefault_ulimits = [\"nofile=20000:20000\", \"nproc=10000:10000\"]\n\
                      [engine]\nruntime = \"runc\"\ncgroup_manager = \"cgroupfs\"\nevents_logger = \"file\"\n";

pub struct Engine {
    pub name: &'static str,
    program: &'static str,
    setting: Option<(&'static str, PathBuf)>,
}

impl Engine {
    pub fn podman() -> Result<Self> {
        let settings = folder().join("containers.conf");
        fs::write(&settings, PODMAN).with_context(|| format!("cannot write {}", settings.display()))?;
        Ok(Self { name: "podman", program: "podman", setting: Some(("CONTAINERS_CONF", settings)) })
    }

    /// The person's own, or the one that listens on this socket.
    pub fn docker(socket: Option<&Path>) -> Self {
        let setting = socket.map(|socket| ("DOCKER_HOST", format!("unix://{}", socket.display()).into()));
        Self { name: "the Docker Engine", program: "docker", setting }
    }

    pub fn command(&self) -> Command {
        self.told(shell::command(self.program))
    }

    /// Another program that shall talk to this engine.
    pub fn told(&self, mut command: Command) -> Command {
        command.envs(self.setting.iter().map(|(name, value)| (name, value)));
        command
    }

    pub fn answers(&self) -> bool {
        shell::output(self.command().args(["info", "--format", "{{.ID}}"])).is_some_and(|id| !id.is_empty())
    }

    pub fn inspect(&self, image: &str) -> Result<Value> {
        let text = shell::quiet(self.command().args(["image", "inspect", image]))
            .with_context(|| format!("{} has no image {image}", self.name))?;
        let all: Value = serde_json::from_str(&text).context("what it says about the image is no JSON")?;
        Ok(all[0].clone())
    }

    /// Takes the image over from another engine.
    pub fn load_from(&self, other: &Self, image: &str) -> Result<()> {
        let mut save = other.command().args(["save", "--quiet", image]).stdout(Stdio::piped()).spawn()?;
        let archive = save.stdout.take().context("no archive")?;
        let loaded = self.command().arg("load").stdin(archive).stdout(Stdio::null()).status()?;
        ensure!(save.wait()?.success() && loaded.success(), "{} could not load {image}", self.name);
        // Podman names what it built itself after this machine.
        let local = format!("localhost/{image}");
        shell::output(self.command().args(["tag", &local, image]));
        self.inspect(image).map(drop)
    }

    /// How its layers can be packed, and the bytes that makes. All engines read gzip; zstd needs one from 2021 or newer.
    pub fn pulled(&self, image: &str) -> Result<Vec<(&'static str, u64)>> {
        if self.program == "docker" {
            let mut save = self.command().args(["save", image]).stdout(Stdio::piped()).spawn()?;
            let archive = save.stdout.take().context("no archive")?;
            let zipped = gzip(shell::command("gzip").args(["-9", "-c"]).stdin(archive))?;
            ensure!(save.wait()?.success(), "the image could not be saved");
            return Ok(vec![("gzip", zipped)]);
        }
        [("gzip", "9"), ("zstd", "20")]
            .into_iter()
            .map(|(format, level)| Ok((format, packed(self, image, format, level)?)))
            .collect()
    }
}

/// What a registry would keep of the image: layers, configuration and manifest.
fn packed(engine: &Engine, image: &str, format: &str, level: &str) -> Result<u64> {
    let place = folder().join(format);
    let _ = fs::remove_dir_all(&place);
    let mut push = engine.told(shell::command("buildah"));
    push.args(["push", "--quiet", "--compression-format", format, "--compression-level", level, image]);
    shell::quiet(push.arg(format!("oci:{}:image", place.display())))?;
    let files = fs::read_dir(place.join("blobs/sha256"))?;
    let sum = files.map(|file| Ok(file?.metadata()?.len())).sum::<Result<u64>>()?;
    fs::remove_dir_all(&place)?;
    Ok(sum)
}

/// A named volume, away again when dropped.
pub struct Volume<'a> {
    engine: &'a Engine,
    name: String,
}

impl<'a> Volume<'a> {
    pub fn new(engine: &'a Engine) -> Result<Self> {
        let name = format!("todo-chatbot-trial-{}", std::process::id());
        shell::quiet(engine.command().args(["volume", "create", &name]))?;
        Ok(Self { engine, name })
    }
}

impl Drop for Volume<'_> {
    fn drop(&mut self) {
        let _ = shell::output(self.engine.command().args(["volume", "rm", "--force", &self.name]));
    }
}

/// A running container on a loopback port, away again when dropped.
pub struct Container<'a> {
    engine: &'a Engine,
    id: String,
    pub port: u16,
    /// From the command to the first good answer: engine, network and program.
    pub ready_after: Duration,
}

impl<'a> Container<'a> {
    pub fn start(engine: &'a Engine, image: &str, volume: &Volume<'_>) -> Result<Self> {
        let port = free_port()?;
        let started = Instant::now();
        let mut run = hardened(engine, volume);
        run.arg("--detach").arg("--publish").arg(format!("127.0.0.1:{port}:8080")).arg(image);
        let id = shell::quiet(&mut run)?.trim().to_owned();
        let mut container = Self { engine, id, port, ready_after: Duration::ZERO };
        while !get(port, "/ready").is_ok_and(|answer| answer.status == 200) {
            if started.elapsed() > Duration::from_secs(20) || container.state("Running")? != "true" {
                bail!("the container is not ready; it said:\n{}", container.logs()?);
            }
            thread::sleep(Duration::from_millis(2));
        }
        container.ready_after = started.elapsed();
        Ok(container)
    }

    /// One that somebody else started.
    pub fn named(engine: &'a Engine, name: &str, port: u16) -> Self {
        Self { engine, id: name.to_owned(), port, ready_after: Duration::ZERO }
    }

    /// What the kernel says about the process: who it is, and what it may not.
    pub fn hardened(&self) -> Result<()> {
        let Some(process) = self.process()? else {
            println!("  the container's processes cannot be seen from this machine; nothing was asked of the kernel");
            return Ok(());
        };
        let status = fs::read_to_string(process.join("status"))?;
        let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim();
        ensure!(field("Uid:") == "1001\t1001\t1001\t1001", "it runs as {}", field("Uid:"));
        for set in ["CapEff:", "CapPrm:", "CapBnd:"] {
            ensure!(field(set).chars().all(|digit| digit == '0'), "it has capabilities: {set} {}", field(set));
        }
        ensure!(field("NoNewPrivs:") == "1", "it could gain privileges");
        let mounts = fs::read_to_string(process.join("mountinfo"))?;
        let root = mounts.lines().map(|line| line.split(' ').collect::<Vec<_>>());
        let root = root.into_iter().find(|fields| fields.get(4) == Some(&"/")).context("it has no root")?;
        let options = root.get(5).context("its root has no options")?;
        ensure!(options.split(',').any(|option| option == "ro"), "its root can be written: {options}");
        println!("  ok  user 1001, no capabilities, no new privileges, root read-only, as the kernel has it");
        Ok(())
    }

    /// The image's own check, inside.
    pub fn healthcheck(&self) -> Result<()> {
        let mut exec = self.engine.command();
        shell::quiet(exec.args(["exec", &self.id, "/todo-chatbot", "healthcheck"]))
            .map(drop)
            .context("the healthcheck failed")
    }

    /// What a command says in a container of its own on the same volume.
    pub fn beside(&self, image: &str, volume: &Volume<'_>, words: &[&str]) -> Result<String> {
        shell::quiet(hardened(self.engine, volume).args(["--rm", image]).args(words))
    }

    /// Memory in use, in KiB; `None` where its process is another machine's.
    pub fn resident(&self) -> Result<Option<u64>> {
        let Some(process) = self.process()? else { return Ok(None) };
        let status = fs::read_to_string(process.join("status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        Ok(Some(line.trim().trim_end_matches("kB").trim().parse().context("VmRSS is a number")?))
    }

    /// Tells it to end as an orchestrator does, with a request under way, and answers how long after its start the program
    /// itself says to have been ready.
    pub fn end(self, while_ending: impl FnOnce() -> Result<()>) -> Result<Duration> {
        let mut stop = self.engine.command();
        let mut stop = stop.args(["stop", "--time", "30", &self.id]).stdout(Stdio::null()).spawn()?;
        // By then it has been told: it takes no more requests.
        while get(self.port, "/ready").is_ok_and(|answer| answer.status == 200) {
            thread::sleep(Duration::from_millis(5));
        }
        while_ending().context("the request under way when the container was told to end")?;
        ensure!(stop.wait()?.success(), "{} could not stop the container", self.engine.name);
        let (code, logs) = (self.state("ExitCode")?, self.logs()?);
        ensure!(code == "0", "after SIGTERM the container ended with {code}:\n{logs}");
        ensure!(logs.contains("\"message\":\"stopped\""), "it was cut off before it had stopped:\n{logs}");
        let said = logs.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let millis = said.into_iter().find_map(|line| line["ready_ms"].as_f64()).context("the log has no ready_ms")?;
        Ok(Duration::from_secs_f64(millis / 1000.0))
    }

    fn process(&self) -> Result<Option<PathBuf>> {
        let process = Path::new("/proc").join(self.state("Pid")?);
        let name = fs::read_to_string(process.join("comm")).unwrap_or_default();
        Ok((name.trim() == "todo-chatbot").then_some(process))
    }

    fn state(&self, what: &str) -> Result<String> {
        let mut inspect = self.engine.command();
        let text = shell::quiet(inspect.args(["inspect", "--format", &format!("{{{{.State.{what}}}}}"), &self.id]))?;
        Ok(text.trim().to_owned())
    }

    /// What it wrote, to either output.
    pub fn logs(&self) -> Result<String> {
        let output = self.engine.command().args(["logs", &self.id]).output()?;
        Ok(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    }
}

/// As hard as docs/install.md has it, and harder.
fn hardened(engine: &Engine, volume: &Volume<'_>) -> Command {
    let mut run = engine.command();
    run.args(["run", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]);
    run.args(["--tmpfs", "/tmp:rw,size=16m", "--memory", "128m", "--pids-limit", "64"]);
    // Podman's checks are timers of systemd, which may not be there; the chore asks by itself.
    run.args((engine.program == "podman").then_some("--read-only-tmpfs=false")).arg("--no-healthcheck");
    run.arg("--volume").arg(format!("{}:/data", volume.name));
    run
}

impl Drop for Container<'_> {
    fn drop(&mut self) {
        let _ = shell::output(self.engine.command().args(["rm", "--force", &self.id]));
    }
}
