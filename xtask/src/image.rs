//! `image`: the repository's own Dockerfile, built and run as strangers will run it.
//!
//! Where an engine answers (`docker info`), it builds and runs. Elsewhere Debian's buildah builds, podman runs, and then the
//! real Docker Engine, started for this and on files of its own, runs the same image: podman is kinder to a volume whose
//! folder is not in the image. Podman also runs the chart's pods ([`kube`]), and Docker Compose the compose file. Where no registry can be reached either, the base image is a stand-in; the output says so.
//!
//! Absent: other processors than this machine's, and pushing anywhere. Not a part of `ci`, because it compiles everything
//! once more; with `--dist` only the Dockerfile's last stage is built, around the binary of `dist`, which takes seconds.

mod build;
mod daemon;
mod engine;
mod journey;
mod kube;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::dist::size;
use crate::tools::Tool;
use crate::{paths, shell, tools};
use engine::{Container, Engine, Volume};
use journey::Person;

/// What everything here is called; the compose file names it too.
const IMAGE: &str = "todo-chatbot:dev";
/// What the image may weigh to pull, however it is packed.
const PULL_BUDGET: u64 = 12_000_000;
/// From the start of the program to its first good answer, by its own clock and with a database that is there.
const READY: Duration = Duration::from_millis(100);
/// Memory when idle, in KiB.
const IDLE_BUDGET: u64 = 24 * 1024;

/// Builds the image, or only its last stage around the binary of `dist`, runs it, and holds it against what is promised.
pub fn chore(dist: bool) -> Result<()> {
    fs::create_dir_all(folder()).with_context(|| format!("cannot create {}", folder().display()))?;
    let docker = Engine::docker(None);
    if docker.answers() {
        println!("image: a Docker Engine answers; it builds and runs");
        build::by_docker(&docker, dist)?;
        promised_size(&docker)?;
        trial(&docker)?;
        daemon::compose(&docker)?;
    } else {
        ensure!(
            shell::is_root(),
            "no Docker Engine answers, and without one this needs root: start Docker, or run as root, or build by hand \
             with `docker build -t {IMAGE} .`"
        );
        tools::ensure(&[Tool::Containers])?;
        let podman = Engine::podman()?;
        build::by_buildah(&podman, dist)?;
        promised_size(&podman)?;
        trial(&podman)?;
        kube::play(&podman)?;
        let started = daemon::Daemon::start()?;
        let docker = started.engine();
        docker.load_from(&podman, IMAGE)?;
        trial(&docker)?;
        daemon::compose(&docker)?;
    }
    println!("image: {IMAGE} keeps what is promised");
    fs::remove_dir_all(folder()).context("cannot clean up")
}

/// Where what the chore writes goes.
fn folder() -> PathBuf {
    paths::repo().join("target/image")
}

/// What the image says about itself, and its sizes.
fn promised_size(engine: &Engine) -> Result<()> {
    let about = engine.inspect(IMAGE)?;
    let config = &about["Config"];
    ensure!(config["User"] == "1001:1001", "the image runs as {}, not as 1001:1001", config["User"]);
    ensure!(config["Volumes"]["/data"].is_object(), "the image names no volume /data");
    ensure!(config["StopSignal"] == "SIGTERM", "the image asks to be ended by {}", config["StopSignal"]);
    let check = [&config["Healthcheck"]["Test"], &about["HealthCheck"]["Test"], &about["Healthcheck"]["Test"]];
    ensure!(
        check.iter().any(|check| check.to_string().contains("healthcheck")),
        "the image has no HEALTHCHECK; was it written in the OCI format, which has none?"
    );
    let whole = about["Size"].as_u64().context("the image has no size")?;
    println!("image: {whole} bytes unpacked ({})", size(whole));
    for (how, bytes) in engine.pulled(IMAGE)? {
        println!("image: {bytes} bytes to pull by {how} ({})", size(bytes));
        ensure!(bytes <= PULL_BUDGET, "by {how} the image is over its budget of {PULL_BUDGET} bytes to pull");
    }
    Ok(())
}

/// One engine runs it as hard as it gets: the journey of a demo, an end in order, and everything still there in a second
/// container.
fn trial(engine: &Engine) -> Result<()> {
    println!("image: run by {}", engine.name);
    let volume = Volume::new(engine)?;
    let first = Container::start(engine, IMAGE, &volume)?;
    println!("  ready {} ms after the command, with a new database", first.ready_after.as_millis());
    first.hardened()?;
    let person = Person::sign_up(first.port)?;
    journey::walk(first.port, &person)?;
    first.healthcheck()?;
    println!("  ok  signed up, added, listed, completed, undone, told the assistant; /ready and healthcheck agree");
    let open = person.begin_task(first.port, "Written while it ends")?;
    let new_database = first.end(|| open.finish())?;
    println!("  ok  SIGTERM: a request under way was answered, the exit code is 0");

    let second = Container::start(engine, IMAGE, &volume)?;
    println!("  ready {} ms after the command, with that volume again", second.ready_after.as_millis());
    let titles = Person::sign_in(second.port)?.titles(second.port)?;
    ensure!(
        ["Buy milk", "Written while it ends"].iter().all(|title| titles.iter().any(|other| other == title)),
        "the second container found {titles:?}"
    );
    println!("  ok  the volume could be written, and kept everything");
    second.hardened()?;
    let backup = second.beside(IMAGE, &volume, &["backup", "--keep", "1"])?;
    ensure!(backup.contains("1 person") && backup.contains("read back and whole"), "the backup said {backup}");
    println!("  ok  a backup by another container beside the running one, as the chart's CronJob takes it");
    second.end(|| Ok(()))?;

    let third = Container::start(engine, IMAGE, &volume)?;
    std::thread::sleep(Duration::from_secs(2));
    idle(third.resident()?)?;
    let mut ready = third.end(|| Ok(()))?;
    // The fastest of some, because the machine may be doing something else.
    for _ in 0..4 {
        if ready > READY {
            ready = ready.min(Container::start(engine, IMAGE, &volume)?.end(|| Ok(()))?);
        }
    }
    println!(
        "  by the program's own clock ready after {} ms, {} ms with a new database; promised {} ms",
        ready.as_millis(),
        new_database.as_millis(),
        READY.as_millis()
    );
    ensure!(
        ready <= READY,
        "the program took {} ms to be ready; promised are {}",
        ready.as_millis(),
        READY.as_millis()
    );
    Ok(())
}

fn idle(resident: Option<u64>) -> Result<()> {
    let Some(kib) = resident else {
        println!("  idle memory: the container's processes cannot be seen from this machine");
        return Ok(());
    };
    println!("  idle it has {} resident (promised {})", size(kib * 1024), size(IDLE_BUDGET * 1024));
    ensure!(kib <= IDLE_BUDGET, "idle it takes more than {}", size(IDLE_BUDGET * 1024));
    Ok(())
}

/// The tag of the base image, as the Dockerfile builds it up.
fn base_of(dockerfile: &str) -> Option<String> {
    let version = dockerfile.lines().find_map(|line| line.strip_prefix("ARG RUST="))?;
    let from = dockerfile
        .lines()
        .find_map(|line| line.strip_prefix("FROM ")?.split(' ').find(|word| word.contains("${RUST}")))?;
    Some(from.replace("${RUST}", version))
}

fn base() -> Result<String> {
    let text = fs::read_to_string(paths::repo().join("Dockerfile")).context("cannot read the Dockerfile")?;
    base_of(&text).context("the Dockerfile names no base image with ${RUST}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_base_image_is_the_dockerfiles() {
        let text = "ARG RUST=1.2.3\n\nFROM --platform=$BUILDPLATFORM rust:${RUST}-bookworm AS page\nFROM scratch\n";
        assert_eq!(super::base_of(text).as_deref(), Some("rust:1.2.3-bookworm"));
        assert_eq!(super::base_of("FROM scratch\n"), None);
        assert!(super::base().unwrap().starts_with("rust:1."));
    }
}
