//! Running Helm, and reading what it wrote.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{paths, shell};

/// Both majors that people use.
pub const HELMS: [&str; 2] = ["helm4", "helm3"];
/// The oldest Kubernetes the chart is for.
pub const OLDEST: &str = "1.25";
/// The newest whose schemas there are.
pub const NEWEST: &str = "1.37";

/// One chart as text, in a file that is kept for whoever wants to look.
#[derive(Clone, Debug)]
pub struct Rendering {
    pub case: String,
    pub helm: &'static str,
    pub version: &'static str,
    pub file: PathBuf,
}

impl Rendering {
    /// Writes the text down.
    pub fn write(case: &str, helm: &'static str, version: &'static str, text: &str) -> Result<Self> {
        let file = folder().join(format!("{case}.{helm}.{version}.yaml"));
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
        Ok(Self { case: case.to_owned(), helm, version, file })
    }

    pub fn name(&self) -> String {
        format!("{} ({}, Kubernetes {})", self.case, self.helm, self.version)
    }
}

/// The objects of one rendering, and what the schemas say against them.
pub struct Objects {
    pub all: Vec<Value>,
    pub errors: Vec<String>,
}

/// Kinds of others, which no schema here knows; the policy looks at them by hand.
const FOREIGN_KINDS: [&str; 2] = ["ServiceMonitor", "HTTPRoute"];

pub fn folder() -> PathBuf {
    paths::repo().join("target/chart")
}

/// Helm, with nothing of the person's own: no cluster, no settings, no plugins.
pub fn helm(which: &str) -> Command {
    let mut command = shell::command(paths::chart_tools().join("bin").join(which));
    for (name, place) in [
        ("HELM_CACHE_HOME", "cache"),
        ("HELM_CONFIG_HOME", "config"),
        ("HELM_DATA_HOME", "data"),
        ("KUBECONFIG", "none"),
    ] {
        command.env(name, folder().join("helm").join(place));
    }
    command
}

/// `chart/values-*.yaml`, below the repository.
pub fn values_files() -> Result<Vec<PathBuf>> {
    let files = fs::read_dir(paths::repo().join("chart")).context("cannot list chart")?.flatten();
    let names = files.map(|file| file.file_name().to_string_lossy().into_owned());
    let mut names: Vec<_> = names.filter(|name| name.starts_with("values-") && name.ends_with(".yaml")).collect();
    names.sort();
    Ok(names.into_iter().map(|name| Path::new("chart").join(name)).collect())
}

/// The chart as an archive with another version, as its next release would be.
pub fn package(version: &str) -> Result<PathBuf> {
    let mut command = helm("helm4");
    command.args(["package", "chart", "--version", version, "--app-version", version, "--destination"]);
    shell::quiet(command.arg(folder()))?;
    Ok(folder().join(format!("todo-chatbot-{version}.tgz")))
}

/// Reads renderings, all in one run of the validator.
pub fn objects<'a>(renderings: impl IntoIterator<Item = &'a Rendering>) -> Result<Vec<Objects>> {
    let renderings: Vec<_> = renderings.into_iter().collect();
    let mut command = shell::command(paths::chart_tools().join("bin/python"));
    command.arg("tests/chart/objects.py").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut validator = command.spawn().context("cannot start Python")?;
    let mut input = validator.stdin.take().context("the validator takes no input")?;
    let wanted: String = renderings.iter().map(|r| format!("{} {}\n", r.version, r.file.display())).collect();
    // It reads a line when it needs one and is read only below, so the lines go in from beside.
    let writer = std::thread::spawn(move || input.write_all(wanted.as_bytes()));
    let output = validator.wait_with_output()?;
    if !output.status.success() || writer.join().is_err() {
        bail!("tests/chart/objects.py failed ({})", output.status);
    }
    let mut found: Vec<_> = renderings.iter().map(|_| Objects { all: Vec::new(), errors: Vec::new() }).collect();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let said: Value = serde_json::from_str(line).context("the validator's answer is not JSON")?;
        let place = renderings.iter().position(|r| said["file"].as_str().is_some_and(|file| r.file == Path::new(file)));
        let objects = place.and_then(|place| found.get_mut(place)).context("the validator names another file")?;
        let about = format!("{} {}", said["object"]["kind"], said["object"]["metadata"]["name"]).replace('"', "");
        match said["error"].as_str() {
            Some("unknown") if FOREIGN_KINDS.iter().any(|kind| said["object"]["kind"] == *kind) => {}
            Some("unknown") => objects.errors.push(format!("{about}: this Kubernetes knows no such kind")),
            Some(error) => objects.errors.push(format!("{about}: {error}")),
            None => {}
        }
        if said["object"].is_object() {
            objects.all.push(said["object"].clone());
        }
    }
    if let Some(place) = found.iter().position(|objects| objects.all.is_empty() && objects.errors.is_empty()) {
        bail!("{} holds no object", renderings[place].file.display());
    }
    Ok(found)
}
