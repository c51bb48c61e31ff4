//! The chart's own pods as real containers, without a cluster: what the Deployment and the backups' CronJob ask for, by
//! `podman kube play`.
//!
//! Left out is what podman does not know: probes, spreading and affinity, accounts, Services.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::engine::{Container, Engine};
use super::folder;
use super::journey::{self, Person};
use crate::served::{free_port, get};
use crate::{chart, shell};

/// Both pods, one after the other on the same volume.
pub fn play(podman: &Engine) -> Result<()> {
    let release = format!("trial{}", std::process::id());
    let (port, name) = (free_port()?, format!("{release}-todo-chatbot"));
    let url = format!("publicUrl=http://localhost:{port}");
    let values = ["image.repository=localhost/todo-chatbot", "image.tag=dev", "backup.enabled=true", &url];
    let objects = chart::objects(&release, &values)?;
    let of = |kinds: &[&str]| objects.iter().filter(|o| kinds.iter().any(|kind| o["kind"] == *kind)).cloned().collect();

    let mut server: Vec<Value> = of(&["ConfigMap", "PersistentVolumeClaim", "Deployment"]);
    for deployment in server.iter_mut().filter(|object| object["kind"] == "Deployment") {
        let pod = &mut deployment["spec"]["template"]["spec"];
        known(pod, &release)?;
        pod["containers"][0]["ports"][0]["hostPort"] = port.into();
        pod["containers"][0]["ports"][0]["hostIP"] = "127.0.0.1".into();
    }
    let claims = server.iter().filter(|object| object["kind"] == "PersistentVolumeClaim");
    let claims = claims.filter_map(|claim| claim["metadata"]["name"].as_str()).map(str::to_owned);
    let volumes = claims.chain([format!("{release}-tmp")]).collect();
    let mut played = Played { podman, files: Vec::new(), volumes };
    played.play("server", &server)?;
    let started = Instant::now();
    while !get(port, "/ready").is_ok_and(|answer| answer.status == 200) {
        ensure!(started.elapsed() < Duration::from_secs(20), "the chart's pod was not ready within 20 s");
        thread::sleep(Duration::from_millis(10));
    }
    journey::walk(port, &Person::sign_up(port)?)?;
    Container::named(podman, &format!("{name}-pod-0-todo-chatbot"), port).hardened()?;
    println!("  ok  the chart's Deployment, by `podman kube play`: the same journey");

    let mut backup: Vec<Value> = of(&["ConfigMap"]);
    let job = objects.iter().find(|object| object["kind"] == "CronJob").context("the chart made no CronJob")?;
    let mut pod = job.pointer("/spec/jobTemplate/spec/template/spec").context("the CronJob has no pod")?.clone();
    known(&mut pod, &release)?;
    let labels = json!({"app": "backup"});
    backup.push(json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": format!("{release}-backup"), "labels": labels}, "spec": pod}));
    played.play("backup", &backup)?;
    let container = format!("{release}-backup-backup");
    let code = shell::quiet(podman.command().args(["wait", &container]))?;
    let said = Container::named(podman, &container, port).logs()?;
    ensure!(code.trim() == "0" && said.contains("read back and whole"), "the CronJob's pod ended with {code}: {said}");
    println!("  ok  its CronJob's pod, beside it: {}", said.trim());
    Ok(())
}

/// Takes out of a pod what podman cannot read. What is empty at first is a volume to podman, and gets a name of its own.
fn known(pod: &mut Value, release: &str) -> Result<()> {
    let pod = pod.as_object_mut().context("the pod is no map")?;
    for field in ["topologySpreadConstraints", "affinity", "serviceAccountName"] {
        pod.remove(field);
    }
    let own = |named: &mut Value| {
        if named["name"] == "tmp" {
            named["name"] = format!("{release}-tmp").into();
        }
    };
    pod.get_mut("volumes").and_then(Value::as_array_mut).into_iter().flatten().for_each(own);
    let containers = pod.get_mut("containers").and_then(Value::as_array_mut).context("the pod has no containers")?;
    for container in containers.iter_mut().filter_map(Value::as_object_mut) {
        for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
            container.remove(probe);
        }
        container.get_mut("volumeMounts").and_then(Value::as_array_mut).into_iter().flatten().for_each(own);
        container.insert("imagePullPolicy".into(), "Never".into());
    }
    Ok(())
}

/// What was played; away again when dropped, volumes too.
struct Played<'a> {
    podman: &'a Engine,
    files: Vec<PathBuf>,
    volumes: Vec<String>,
}

impl Played<'_> {
    fn play(&mut self, name: &str, objects: &[Value]) -> Result<()> {
        let file = folder().join(name).with_extension("yaml");
        // JSON is YAML.
        let text: Vec<_> = objects.iter().map(Value::to_string).collect();
        fs::write(&file, text.join("\n---\n")).with_context(|| format!("cannot write {}", file.display()))?;
        self.files.push(file.clone());
        let mut play = self.podman.command();
        shell::quiet(play.args(["kube", "play"]).arg(file)).map(drop).context("podman kube play")
    }
}

impl Drop for Played<'_> {
    fn drop(&mut self) {
        for file in self.files.iter().rev() {
            let _ = shell::output(self.podman.command().args(["kube", "down"]).arg(file));
        }
        for volume in &self.volumes {
            let _ = shell::output(self.podman.command().args(["volume", "rm", "--force", volume]));
        }
    }
}
