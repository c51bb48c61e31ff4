//! A file of values that says what must come of it, in comments beside them.
//!
//! | line | |
//! | --- | --- |
//! | `#= KIND[/name's end] POINTER JSON` | an object of the kind has this value there; `absent`: it has none |
//! | `#= KIND absent` | there is no such object |
//! | `#~ TEXT` | the notes say it |
//! | `#@ says TEXT` | the refusal says it |
//! | `#@ values FILE` | goes before the case's own values |
//! | `#@ release NAME` | instead of `todo` |
//! | `#@ foreign NAME` | objects may refer to it, though the chart does not make it |

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::render::{self, Rendering};
use crate::{paths, shell};

/// Where everything is installed to; another than the default, so that an object without a namespace shows.
pub const NAMESPACE: &str = "lists";

#[derive(Debug, Default)]
pub struct Case {
    pub name: String,
    /// Files of values, below the repository.
    pub values: Vec<PathBuf>,
    pub notes: Vec<String>,
    pub foreign: Vec<String>,
    shows: Vec<Fact>,
    says: Vec<String>,
    /// What it is installed as.
    release: String,
}

#[derive(Debug, PartialEq)]
struct Fact {
    kind: String,
    name_ends: String,
    pointer: String,
    /// `None` for `absent`.
    value: Option<Value>,
}

impl Case {
    /// All of `tests/chart/FOLDER`.
    pub fn all(folder: &str) -> Result<Vec<Self>> {
        let place = Path::new("tests/chart").join(folder);
        let files = fs::read_dir(paths::repo().join(&place)).with_context(|| format!("no {}", place.display()))?;
        let mut files: Vec<_> = files.flatten().map(|file| place.join(file.file_name())).collect();
        files.sort();
        files.iter().map(|file| Self::read(file)).collect()
    }

    pub fn named(name: &str) -> Result<Self> {
        Self::read(&Path::new("tests/chart/cases").join(name).with_extension("yaml"))
    }

    fn read(file: &Path) -> Result<Self> {
        let text = fs::read_to_string(paths::repo().join(file)).with_context(|| format!("no {}", file.display()))?;
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let mut case = Self::parse(&text).with_context(|| file.display().to_string())?;
        (case.name, case.values) = (name, [case.values, vec![file.to_owned()]].concat());
        Ok(case)
    }

    fn parse(text: &str) -> Result<Self> {
        let mut case = Self { release: "todo".into(), ..Self::default() };
        for line in text.lines() {
            if let Some(fact) = line.strip_prefix("#= ") {
                case.shows.push(Fact::parse(fact).with_context(|| format!("cannot read {line:?}"))?);
            } else if let Some(text) = line.strip_prefix("#~ ") {
                case.notes.push(text.to_owned());
            } else if let Some(word) = line.strip_prefix("#@ ") {
                match word.split_once(' ') {
                    Some(("says", text)) => case.says.push(text.to_owned()),
                    Some(("values", file)) => case.values.push(file.into()),
                    Some(("release", name)) => case.release = name.to_owned(),
                    Some(("foreign", name)) => case.foreign.push(name.to_owned()),
                    _ => bail!("{line:?} is none of says, values, release, foreign"),
                }
            }
        }
        Ok(case)
    }

    pub fn render(&self, helm: &'static str, version: &'static str) -> Result<Rendering> {
        self.render_chart(helm, version, Path::new("chart"), "")
    }

    /// Renders another chart than the repository's.
    pub fn render_chart(
        &self,
        helm: &'static str,
        version: &'static str,
        chart: &Path,
        suffix: &str,
    ) -> Result<Rendering> {
        let mut command = self.command(helm, "template", chart);
        let text = shell::quiet(command.args(["--kube-version", version]))?;
        Rendering::write(&format!("{}{suffix}", self.name), helm, version, &text)
    }

    /// Does something to the release in a cluster.
    pub fn run(&self, helm: &'static str, cluster: &str, verb: &str, more: &[&str]) -> Result<()> {
        let mut command = match verb {
            "rollback" | "uninstall" => {
                let mut command = render::helm(helm);
                command.args([verb, &self.release, "--namespace", NAMESPACE]);
                command
            }
            _ => {
                let mut command = self.command(helm, verb, Path::new("chart"));
                // The cluster describes no schemas; the objects were held against them before.
                command.arg("--disable-openapi-validation");
                command
            }
        };
        shell::quiet(command.args(["--kube-apiserver", cluster]).args(more)).map(drop)
    }

    pub fn check_notes(&self) -> Result<()> {
        let mut command = self.command("helm4", "install", Path::new("chart"));
        let text = shell::quiet(command.arg("--dry-run=client"))?;
        let (_, notes) = text.split_once("NOTES:").context("there are no notes")?;
        let missing: Vec<_> = self.notes.iter().filter(|text| !notes.contains(*text)).collect();
        ensure!(missing.is_empty(), "they lack {missing:?}:\n{notes}");
        Ok(())
    }

    /// `by` are words that only one of the two says that can refuse: the schema, or the templates.
    pub fn check_refused(&self, helm: &'static str, flags: &[&str], by: &str) -> Result<()> {
        ensure!(!self.says.is_empty(), "the file does not say what the refusal says");
        match shell::quiet(self.command(helm, "template", Path::new("chart")).args(flags)) {
            Ok(_) => bail!("it was not refused"),
            Err(error) => {
                let said = error.to_string();
                let missing: Vec<_> = self.says.iter().filter(|text| !said.contains(*text)).collect();
                ensure!(missing.is_empty() && said.contains(by), "the refusal lacks {missing:?} or {by:?}: {said}");
                Ok(())
            }
        }
    }

    fn command(&self, helm: &str, verb: &str, chart: &Path) -> Command {
        let mut command = render::helm(helm);
        command.arg(verb).arg(&self.release).arg(chart).args(["--namespace", NAMESPACE]);
        command.args(self.values.iter().flat_map(|file| [Path::new("--values"), file]));
        command
    }

    /// What the case says must be there, and is not.
    pub fn missing(&self, objects: &[Value]) -> Vec<String> {
        self.shows.iter().filter_map(|fact| fact.missing(objects)).collect()
    }
}

impl Fact {
    fn parse(text: &str) -> Result<Self> {
        let (object, rest) = text.split_once(' ').context("it has one word")?;
        let (pointer, value) =
            if rest.starts_with('/') { rest.split_once(' ').context("it has no value")? } else { ("", rest) };
        let (kind, name_ends) = object.split_once('/').unwrap_or((object, ""));
        let value = if value == "absent" { None } else { Some(serde_json::from_str(value).context("no JSON")?) };
        Ok(Self { kind: kind.into(), name_ends: name_ends.into(), pointer: pointer.into(), value })
    }

    fn missing(&self, objects: &[Value]) -> Option<String> {
        let ours = |object: &&Value| {
            object["kind"] == self.kind.as_str()
                && object["metadata"]["name"].as_str().is_some_and(|name| name.ends_with(&self.name_ends))
        };
        let object = objects.iter().find(ours);
        let found = object.and_then(|object| object.pointer(&self.pointer));
        // A value can only be missing from an object that is there.
        let lost = object.is_none() && !self.pointer.is_empty();
        (lost || found != self.value.as_ref()).then(|| {
            let text = |value: Option<&Value>| value.map_or_else(|| "absent".into(), Value::to_string);
            format!("{} {} is {}, not {}", self.kind, self.pointer, text(found), text(self.value.as_ref()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Case;
    use serde_json::json;

    #[test]
    fn facts_are_held_against_objects() {
        let objects = [json!({"kind": "Pod", "metadata": {"name": "a-b"}, "spec": {"n": 1}})];
        let missing = |line: &str| Case::parse(line).unwrap().missing(&objects).len();
        for holds in ["#= Pod /spec/n 1", "#= Pod/b /spec/n 1", "#= Pod /spec/m absent", "#= Job absent"] {
            assert_eq!(missing(holds), 0, "{holds}");
        }
        for fails in
            ["#= Pod /spec/n 2", "#= Pod/c /spec/n 1", "#= Pod /spec/n absent", "#= Pod absent", "#= Job /a absent"]
        {
            assert_eq!(missing(fails), 1, "{fails}");
        }
    }

    #[test]
    fn a_line_that_is_not_understood_is_an_error() {
        for line in ["#= Pod", "#= Pod /spec/n one", "#@ say x"] {
            assert!(Case::parse(line).is_err(), "{line}");
        }
    }
}
