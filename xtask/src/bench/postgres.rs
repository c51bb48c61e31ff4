//! A PostgreSQL server of our own for the benchmark, in a temporary folder, on a loopback port.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use anyhow::{Context, Result, bail};

use crate::served::free_port;
use crate::shell;

pub struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    pub url: String,
}

impl Cluster {
    /// Makes and starts a cluster as PostgreSQL ships it: durable, with its own defaults.
    pub fn start() -> Result<Self> {
        let programs = programs()?;
        let folder = env::temp_dir().join(format!("todo-chatbot-bench-pg-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let port = free_port()?;
        let url = format!("postgres://bench@127.0.0.1:{port}/postgres");
        let cluster = Self { programs, folder, url };
        if shell::is_root() {
            shell::run(Command::new("chown").arg("postgres").arg(&cluster.folder))?;
        }
        let data = cluster.data();
        cluster.run("initdb", &["-D", &data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C"])?;
        let options = format!("-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''");
        let log = cluster.folder.join("log").display().to_string();
        cluster.run("pg_ctl", &["-D", &data, "-o", &options, "-l", &log, "-w", "start"])?;
        Ok(cluster)
    }

    fn data(&self) -> String {
        self.folder.join("data").display().to_string()
    }

    /// PostgreSQL refuses to be root; then its own user, which the package makes, takes over.
    fn run(&self, program: &str, args: &[&str]) -> Result<()> {
        let program = self.programs.join(program);
        let mut command = if shell::is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        shell::run(command.args(args).current_dir(&self.folder).stdin(Stdio::null()).stdout(Stdio::null()))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.run("pg_ctl", &["-D", &self.data(), "-m", "immediate", "stop"]);
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The folder of `initdb`: the newest of Debian's, else where the PATH has it.
fn programs() -> Result<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions.map(|version| version.path().join("bin")).filter(|bin| bin.join("initdb").is_file());
    let newest = newest.max_by_key(|bin| major(bin));
    match newest.or_else(|| shell::which("initdb")?.parent().map(Path::to_owned)) {
        Some(folder) => Ok(folder),
        None => bail!("PostgreSQL's programs are not installed"),
    }
}

fn major(bin: &Path) -> Option<u32> {
    bin.parent()?.file_name()?.to_str()?.parse().context("a version").ok()
}
