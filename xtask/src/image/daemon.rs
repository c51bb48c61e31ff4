//! The real Docker Engine, started for a trial, and the compose file run by the real Docker Compose.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::engine::Engine;
use super::journey::{self, Person};
use crate::served::{free_port, get};
use crate::tools::{self, Tool};
use crate::{paths, shell};

/// An engine whose images, volumes and sockets all lie in one folder, which goes with it.
pub struct Daemon {
    child: Child,
    home: PathBuf,
}

impl Daemon {
    pub fn start() -> Result<Self> {
        // A socket's whole name may have 107 characters, and a clone may lie deep.
        let home = std::env::temp_dir().join(format!("todo-chatbot-docker-{}", std::process::id()));
        fs::create_dir_all(&home)?;
        let log = home.join("log");
        let mut command = Command::new(shell::which("dockerd").context("dockerd is not on the PATH")?);
        command.arg("--host").arg(format!("unix://{}", home.join("socket").display()));
        for (option, name) in [("--data-root", "data"), ("--exec-root", "exec"), ("--pidfile", "pid")] {
            command.arg(option).arg(home.join(name));
        }
        let child = command.stdout(File::create(&log)?).stderr(File::create(log.with_extension("err"))?).spawn()?;
        let mut daemon = Self { child, home };
        let started = Instant::now();
        while !daemon.engine().answers() {
            if daemon.child.try_wait()?.is_some() || started.elapsed() > Duration::from_secs(60) {
                let said = fs::read_to_string(log.with_extension("err")).unwrap_or_default();
                bail!("the Docker Engine did not start; it said: {}", said.lines().last().unwrap_or("nothing"));
            }
            thread::sleep(Duration::from_millis(100));
        }
        println!("image: a Docker Engine was started for this; it adds rules of its own to this machine's iptables");
        Ok(daemon)
    }

    pub fn engine(&self) -> Engine {
        Engine::docker(Some(&self.home.join("socket")))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // In order, so that it takes its mounts and its containerd with it.
        let _ = shell::output(Command::new("kill").args(["-TERM", &self.child.id().to_string()]));
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.home);
    }
}

/// Up, write, down, up: what was written is there. `down` and not `restart`, which would hide a volume without a name.
pub fn compose(engine: &Engine) -> Result<()> {
    tools::ensure(&[Tool::Chart])?;
    let port = free_port()?;
    let project = format!("todo-trial-{}", std::process::id());
    let compose = |words: &[&str]| {
        let mut command = engine.told(shell::command(paths::chart_tools().join("bin/docker-compose")));
        command.args(["--file", "compose.yaml", "--project-name", &project]).args(words);
        shell::quiet(command.env("TODO_PORT", port.to_string()).stderr(Stdio::piped())).map(drop)
    };
    let result = up_and_down(&compose, port);
    let _ = compose(&["down", "--volumes"]);
    result?;
    println!("image: compose: up, written, down, up, and everything was there");
    Ok(())
}

fn up_and_down(compose: &impl Fn(&[&str]) -> Result<()>, port: u16) -> Result<()> {
    let up = || -> Result<()> {
        compose(&["up", "--detach", "--no-build"])?;
        let started = Instant::now();
        while !get(port, "/ready").is_ok_and(|answer| answer.status == 200) {
            ensure!(
                started.elapsed() < Duration::from_secs(20),
                "the service of compose.yaml was not ready within 20 s"
            );
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    };
    up()?;
    journey::walk(port, &Person::sign_up(port)?)?;
    compose(&["down"])?;
    up()?;
    let titles = Person::sign_in(port)?.titles(port)?;
    ensure!(titles.iter().any(|title| title == "Buy milk"), "after down and up the list is {titles:?}");
    compose(&["down"])
}
