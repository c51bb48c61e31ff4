//! `minikube up` and `down`: the image, built here and carried into Minikube, installed by the chart, and away again.
//!
//! Only ever Minikube's own context of kubectl is spoken to, whatever the person's current one is. Absent: installing
//! Minikube, kubectl, Helm or an engine; which of them is missing is said with where to get it.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::{paths, shell};

/// What the release is called, and so the first half of its objects' names.
const RELEASE: &str = "todo";

/// Program, and where it comes from.
const NEEDED: [(&str, &str); 3] = [
    ("minikube", "https://minikube.sigs.k8s.io/docs/start"),
    ("kubectl", "https://kubernetes.io/docs/tasks/tools"),
    ("helm", "https://helm.sh/docs/intro/install (3.17 or newer)"),
];

pub fn chore(args: &[String]) -> Result<()> {
    let kit = Kit { folders: env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect(), profile: profile() };
    match args.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        Some(("up", rest)) => {
            let (ours, helms) = match rest.iter().position(|arg| arg == "--") {
                Some(at) => (&rest[..at], &rest[at + 1..]),
                None => (rest, &[][..]),
            };
            let image = crate::flag(ours, "--built")?;
            up(&kit, image, helms)
        }
        Some(("down", [])) => down(&kit),
        _ => bail!("say `minikube up [--built] [-- more for helm]` or `minikube down`"),
    }
}

/// Minikube can run several clusters; the environment may name one, as for Minikube itself.
fn profile() -> String {
    env::var("MINIKUBE_PROFILE").unwrap_or_else(|_| "minikube".into())
}

/// Builds the image, or takes the one that is `built`, and installs or upgrades.
fn up(kit: &Kit, built: bool, more: &[String]) -> Result<()> {
    let engine = kit.engine();
    kit.complete(engine)?;
    let engine = engine.unwrap_or("docker");
    if shell::output(&mut kit.minikube(&["status"])).is_none() {
        shell::run(&mut kit.minikube(&["start"]))?;
    }
    shell::run(&mut kit.minikube(&["addons", "enable", "ingress"]))?;
    let tag = kit.carry(engine, built)?;

    let mut helm = kit.helm(&["upgrade", "--install", RELEASE, "chart", "--wait", "--timeout", "5m"]);
    helm.args(["--set", &format!("image.tag={tag}")]).args(more);
    if let Err(error) = shell::run(&mut helm) {
        let _ = shell::run(&mut kit.kubectl(&["get", "pods", "--selector", &selector()]));
        return Err(error.context("it was not ready in time; the pods above say more by `kubectl describe pod NAME`"));
    }
    let ip = shell::output(&mut kit.minikube(&["ip"])).unwrap_or_else(|| "127.0.0.1".into());
    println!(
        "\nIt runs. Once, so that this machine knows the name:\n\n  echo \"{ip} todo.local\" | sudo tee -a /etc/hosts\n\n\
         then open http://todo.local. On macOS and Windows, and where Docker is Minikube's driver and {ip} is not reached, \
         run `minikube tunnel` instead and give the name the addresses 127.0.0.1 and ::1.\n\
         Without a name: kubectl --context {0} port-forward service/todo-todo-chatbot 8080:80, and http://localhost:8080.\n\
         It asks itself by: helm --kube-context {0} test {RELEASE}. Away again: cargo xtask minikube down.",
        kit.profile
    );
    Ok(())
}

/// Uninstalls, and says what stays.
fn down(kit: &Kit) -> Result<()> {
    kit.complete(kit.engine().or(Some("docker")))?;
    if shell::output(&mut kit.helm(&["status", RELEASE])).is_none() {
        println!("There is no release called {RELEASE} in {}: nothing to uninstall.", kit.profile);
    } else {
        shell::run(&mut kit.helm(&["uninstall", RELEASE, "--wait"]))?;
    }
    let kept = shell::output(&mut kit.kubectl(&["get", "pvc,secret", "--selector", &selector(), "--output", "name"]));
    match kept.filter(|kept| !kept.is_empty()) {
        None => println!("Nothing of it is left."),
        Some(kept) => println!(
            "Kept, with everybody's tasks: {}. The next `minikube up` finds them. To delete them for good:\n\n  \
             kubectl --context {} delete pvc,secret --selector {}\n",
            kept.split_whitespace().collect::<Vec<_>>().join(", "),
            kit.profile,
            selector()
        ),
    }
    println!("Minikube itself runs on: `minikube stop` rests it, `minikube delete` removes it with everything in it.");
    Ok(())
}

fn selector() -> String {
    format!("app.kubernetes.io/instance={RELEASE}")
}

/// Where programs are looked for, and which cluster they speak to.
struct Kit {
    folders: Vec<PathBuf>,
    profile: String,
}

impl Kit {
    fn find(&self, program: &str) -> Option<PathBuf> {
        self.folders.iter().map(|folder| folder.join(program)).find(|file| file.is_file())
    }

    /// What builds images: Docker where it answers, else podman.
    fn engine(&self) -> Option<&'static str> {
        let docker = self.find("docker").is_some() && shell::output(&mut self.command("docker", &["info"])).is_some();
        if docker { Some("docker") } else { self.find("podman").map(|_| "podman") }
    }

    /// Refuses with all that is missing at once.
    fn complete(&self, engine: Option<&str>) -> Result<()> {
        let absent = NEEDED.iter().filter(|(program, _)| self.find(program).is_none());
        let mut lines: Vec<_> = absent.map(|(program, place)| format!("  {program:9} {place}")).collect();
        if engine.is_none() {
            lines.push("  docker    https://docs.docker.com/engine/install, started; or podman".into());
        }
        if lines.is_empty() { Ok(()) } else { bail!("these are missing here:\n{}", lines.join("\n")) }
    }

    /// The image, in Minikube; answers its tag. Named by its content, so that an upgrade restarts pods exactly when there is
    /// another one.
    fn carry(&self, engine: &str, built: bool) -> Result<String> {
        let newest = "todo-chatbot:dev";
        if !built {
            let format = (engine == "podman").then_some("--format=docker");
            shell::run(self.command(engine, &["build", "--tag", newest]).args(format).arg("."))?;
        }
        let id = shell::output(&mut self.command(engine, &["image", "inspect", "--format", "{{.Id}}", newest]));
        let Some(id) = id else { bail!("{engine} has no image {newest}: leave --built away, and it is built") };
        let tag: String = "dev-".chars().chain(id.trim_start_matches("sha256:").chars().take(12)).collect();
        let name = format!("todo-chatbot:{tag}");
        shell::run(&mut self.command(engine, &["tag", newest, &name]))?;
        println!("{name} goes to Minikube");
        if engine == "docker" {
            shell::run(&mut self.minikube(&["image", "load", &name]))?;
            return Ok(tag);
        }
        // Minikube looks for names at Docker only; podman's go by way of a file, and under their own name there.
        let archive = env::temp_dir().join(format!("todo-chatbot-{}.tar", std::process::id()));
        let file = archive.display().to_string();
        let carried = shell::run(&mut self.command(engine, &["save", "--output", &file, &name]))
            .and_then(|()| shell::run(&mut self.minikube(&["image", "load", &file])))
            .and_then(|()| shell::run(&mut self.minikube(&["image", "tag", &format!("localhost/{name}"), &name])));
        let _ = std::fs::remove_file(archive);
        carried.map(|()| tag)
    }

    fn minikube(&self, words: &[&str]) -> Command {
        let mut command = self.command("minikube", &["--profile", &self.profile]);
        command.args(words);
        command
    }

    fn helm(&self, words: &[&str]) -> Command {
        let mut command = self.command("helm", words);
        command.args(["--kube-context", &self.profile]);
        command
    }

    fn kubectl(&self, words: &[&str]) -> Command {
        let mut command = self.command("kubectl", &["--context", &self.profile]);
        command.args(words);
        command
    }

    fn command(&self, program: &str, words: &[&str]) -> Command {
        let mut command = Command::new(self.find(program).unwrap_or_else(|| program.into()));
        command.current_dir(paths::repo()).args(words).stdin(Stdio::null());
        command
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::{Path, PathBuf};

    use super::{Kit, down, up};

    /// Programs that write down how they were called, and answer what the real ones would.
    struct Fakes(PathBuf);

    impl Fakes {
        fn new(test: &str, programs: &[&str]) -> Self {
            let folder = std::env::temp_dir().join(format!("todo-chatbot-minikube-{test}-{}", std::process::id()));
            fs::create_dir_all(&folder).unwrap();
            let log = folder.join("log");
            for program in programs {
                let script = format!(
                    "#!/bin/sh\necho \"{program} $*\" >> '{0}'\n[ -e '{0}.fail' ] && case \"{program} $*\" in $(cat '{0}.fail')) exit 1;; esac\n\
                     case \"{program} $*\" in\n*' ip') echo 192.168.49.2;;\n*'image inspect'*) echo sha256:0123456789abcdef0123;;\n\
                     *'get pvc'*) echo persistentvolumeclaim/todo-todo-chatbot;;\nesac\n",
                    log.display()
                );
                fs::write(folder.join(program), script).unwrap();
                fs::set_permissions(folder.join(program), fs::Permissions::from_mode(0o755)).unwrap();
            }
            Self(folder)
        }

        /// Calls that look like this fail.
        fn failing(self, pattern: &str) -> Self {
            fs::write(self.0.join("log.fail"), pattern).unwrap();
            self
        }

        fn kit(&self) -> Kit {
            // cat is the only program of the machine that the fakes use.
            Kit { folders: vec![self.0.clone()], profile: "trial".into() }
        }

        fn calls(&self) -> Vec<String> {
            let log = fs::read_to_string(self.0.join("log")).unwrap_or_default();
            log.lines().map(|line| line.replace(&std::env::temp_dir().display().to_string(), "TMP")).collect()
        }
    }

    impl Drop for Fakes {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(Path::new(&self.0));
        }
    }

    #[test]
    fn up_builds_carries_and_installs_into_minikube_only() {
        let fakes = Fakes::new("up", &["minikube", "kubectl", "helm", "docker", "podman"]).failing("*status");
        up(&fakes.kit(), false, &["--set".into(), "replicaCount=1".into()]).unwrap();
        assert_eq!(
            fakes.calls(),
            [
                "docker info",
                "minikube --profile trial status",
                "minikube --profile trial start",
                "minikube --profile trial addons enable ingress",
                "docker build --tag todo-chatbot:dev .",
                "docker image inspect --format {{.Id}} todo-chatbot:dev",
                "docker tag todo-chatbot:dev todo-chatbot:dev-0123456789ab",
                "minikube --profile trial image load todo-chatbot:dev-0123456789ab",
                "helm upgrade --install todo chart --wait --timeout 5m --kube-context trial --set \
                 image.tag=dev-0123456789ab --set replicaCount=1",
                "minikube --profile trial ip",
            ]
        );
    }

    #[test]
    fn podman_carries_by_a_file_where_docker_does_not_answer() {
        let fakes = Fakes::new("podman", &["minikube", "kubectl", "helm", "docker", "podman"]).failing("docker info");
        up(&fakes.kit(), true, &[]).unwrap();
        let file = format!("TMP/todo-chatbot-{}.tar", std::process::id());
        let calls = fakes.calls();
        assert!(!calls.iter().any(|call| call.contains("start") || call.contains("build")), "{calls:?}");
        assert_eq!(
            calls[3..calls.len() - 2],
            [
                "podman image inspect --format {{.Id}} todo-chatbot:dev".to_owned(),
                "podman tag todo-chatbot:dev todo-chatbot:dev-0123456789ab".into(),
                format!("podman save --output {file} todo-chatbot:dev-0123456789ab"),
                format!("minikube --profile trial image load {file}"),
                "minikube --profile trial image tag localhost/todo-chatbot:dev-0123456789ab todo-chatbot:dev-0123456789ab"
                    .into(),
            ]
        );
    }

    #[test]
    fn what_is_missing_is_said_at_once_and_nothing_is_done() {
        let fakes = Fakes::new("missing", &["kubectl"]);
        let said = up(&fakes.kit(), false, &[]).unwrap_err().to_string();
        for word in ["minikube  https://", "helm      https://", "docker    https://"] {
            assert!(said.contains(word), "{said}");
        }
        assert!(!said.contains("kubectl"), "{said}");
        assert_eq!(fakes.calls(), [""; 0]);
    }

    #[test]
    fn pods_are_shown_when_they_do_not_become_ready() {
        let fakes = Fakes::new("late", &["minikube", "kubectl", "helm", "docker"]).failing("helm*");
        let said = format!("{:#}", up(&fakes.kit(), true, &[]).unwrap_err());
        assert!(said.contains("not ready in time"), "{said}");
        let last = "kubectl --context trial get pods --selector app.kubernetes.io/instance=todo";
        assert_eq!(fakes.calls().last().map(String::as_str), Some(last));
    }

    #[test]
    fn down_uninstalls_and_deletes_no_data() {
        let fakes = Fakes::new("down", &["minikube", "kubectl", "helm", "docker"]);
        down(&fakes.kit()).unwrap();
        let calls = fakes.calls();
        assert!(calls.contains(&"helm uninstall todo --wait --kube-context trial".to_owned()), "{calls:?}");
        assert!(!calls.iter().any(|call| call.contains("delete")), "{calls:?}");
    }
}
