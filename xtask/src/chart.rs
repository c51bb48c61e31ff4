//! `chart`: the Helm chart, the Dockerfile and the compose file, held against those who will read them.
//!
//! Every case in `tests/chart/cases` and every values file of the chart is rendered by both majors of Helm, for the oldest
//! and a current Kubernetes; each object is held against Kubernetes' own schemas and against [`policy`], and the case says
//! what else must be there. Every refusal in `tests/chart/refusals` must be refused in its words. What must
//! live on lives through an upgrade, a rollback and a second install against [`cluster`], and nothing that Kubernetes
//! forbids to change may change. No real cluster is needed, and nothing is fetched once the tools are there. Absent: what
//! needs one, such as whether pods become ready.

mod case;
mod cluster;
mod policy;
mod render;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::test::Total;
use crate::tools::{self, Tool};
use crate::{paths, shell};
use case::Case;
use render::{HELMS, NEWEST, OLDEST, Rendering};

pub fn chore() -> Result<ExitCode> {
    Ok(checks()?.finish())
}

/// Everything, with its count. What fails is printed where it fails.
pub fn checks() -> Result<Total> {
    tools::ensure(&[Tool::Chart])?;
    let folder = render::folder();
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let mut report = Report::default();
    let cases = Case::all("cases")?;
    lint(&mut report)?;
    rendered(&mut report, &cases)?;
    for case in cases.iter().filter(|case| !case.notes.is_empty()) {
        report.check(&format!("the notes of {}", case.name), case.check_notes());
    }
    report.group("notes");
    refusals(&mut report)?;
    for helm in HELMS {
        report.check(&format!("{helm}: the made password lives on"), life(helm, "postgres", "Secret"));
        report.check(&format!("{helm}: the volume lives on"), life(helm, "default", "PersistentVolumeClaim"));
        report.check(&format!("{helm}: backups live on"), life(helm, "backup-sqlite", "PersistentVolumeClaim"));
        report.check(&format!("{helm}: with MCP apart, too"), life(helm, "mcp-apart", "Secret"));
        report.check(&format!("{helm}: each release makes its own password"), passwords_differ(helm));
    }
    report.check("an upgrade changes nothing that must not change", upgradable());
    report.group("upgrades");
    files(&mut report);
    Ok(report.total)
}

/// The chart's objects with these values, for whoever wants to run them.
pub fn objects(release: &str, values: &[&str]) -> Result<Vec<Value>> {
    tools::ensure(&[Tool::Chart])?;
    fs::create_dir_all(render::folder())?;
    let mut helm = render::helm(HELMS[0]);
    helm.args(["template", release, "chart", "--kube-version", NEWEST]);
    let text = shell::quiet(helm.args(values.iter().flat_map(|value| ["--set", *value])))?;
    let rendering = Rendering::write(release, HELMS[0], NEWEST, &text)?;
    let objects = render::objects([&rendering])?.pop().context("the chart made nothing")?;
    fs::remove_file(rendering.file)?;
    Ok(objects.all)
}

fn lint(report: &mut Report) -> Result<()> {
    let mut values: Vec<Option<PathBuf>> = vec![None];
    values.extend(render::values_files()?.into_iter().map(Some));
    for helm in HELMS {
        for file in &values {
            let mut command = render::helm(helm);
            command.args(["lint", "--strict", "--quiet", "chart"]);
            let name = file.as_ref().map_or_else(|| "values.yaml".into(), |file| file.display().to_string());
            command.args(file.iter().flat_map(|file| [Path::new("--values"), file]));
            report.check(&format!("{helm} lint with {name}"), shell::quiet(&mut command).map(drop));
        }
    }
    report.group("lint");
    Ok(())
}

fn rendered(report: &mut Report, cases: &[Case]) -> Result<()> {
    let used: BTreeSet<_> = cases.iter().flat_map(|case| &case.values).collect();
    for file in render::values_files()? {
        report.check(&format!("{} is a case's", file.display()), {
            if used.contains(&file) { Ok(()) } else { Err(anyhow::anyhow!("no case in tests/chart/cases names it")) }
        });
    }
    let mut renderings = Vec::new();
    for case in cases {
        for (helm, version) in [("helm4", OLDEST), ("helm4", NEWEST), ("helm3", NEWEST)] {
            match case.render(helm, version) {
                Ok(rendering) => renderings.push((case, rendering)),
                Err(error) => report.check(&format!("{} by {helm} for {version}", case.name), Err(error)),
            }
        }
    }
    let objects = render::objects(renderings.iter().map(|(_, rendering)| rendering))?;
    let mut same: Option<(&Rendering, BTreeSet<String>)> = None;
    for ((case, rendering), objects) in renderings.iter().zip(&objects) {
        let name = rendering.name();
        report.check(&format!("{name}: what Kubernetes' schemas say"), no_more(objects.errors.clone()));
        report.check(&format!("{name}: the policy"), no_more(policy::breaches(&objects.all, &case.foreign)));
        report.check(&format!("{name}: what the case shows"), no_more(case.missing(&objects.all)));
        let texts = comparable(&objects.all);
        match same.take() {
            Some((other, before)) if other.case == rendering.case && other.version == rendering.version => {
                report.check(&format!("{name}: the same from both Helms"), {
                    no_more(before.symmetric_difference(&texts).map(|text| format!("only one has {text}")).collect())
                });
            }
            _ => same = Some((rendering, texts)),
        }
    }
    report.group("renderings");
    Ok(())
}

/// Objects as texts, without what is new in every rendering: the made password.
fn comparable(objects: &[Value]) -> BTreeSet<String> {
    let made = |object: &Value| object["kind"] == "Secret" && object["data"]["password"].is_string();
    objects.iter().filter(|object| !made(object)).map(Value::to_string).collect()
}

fn refusals(report: &mut Report) -> Result<()> {
    for case in Case::all("refusals")? {
        for helm in HELMS {
            // What matters most is refused by the schema, and by the templates where somebody switches the schema off.
            let (twice, name) = (case.name.starts_with("sqlite-"), &case.name);
            let by = if twice { "specifications of the schema" } else { "" };
            report.check(&format!("{helm} refuses {name}"), case.check_refused(helm, &[], by));
            if twice {
                let without = case.check_refused(helm, &["--skip-schema-validation"], "execution error");
                report.check(&format!("{helm} refuses {name} without the schema"), without);
            }
        }
    }
    report.group("refusals");
    Ok(())
}

/// Installs, upgrades, rolls back, uninstalls and installs again; what a release must not lose stays the same all along.
fn life(helm: &'static str, case: &str, kept: &str) -> Result<()> {
    let cluster = cluster::Cluster::start()?;
    let case = Case::named(case)?;
    let run =
        |verb: &str, more: &[&str]| case.run(helm, &cluster.address(), verb, more).with_context(|| verb.to_owned());
    let kept = || -> Result<Value> {
        let found = cluster.all(kept);
        ensure!(!found.is_empty(), "there is no {kept}");
        Ok(found.iter().map(|object| json!([object["metadata"]["name"], object["data"]])).collect())
    };
    let level =
        || cluster.all("ConfigMap").first().map(|object| object["data"]["LOG_LEVEL"].clone()).unwrap_or_default();

    run("install", &[])?;
    let first = kept()?;
    run("upgrade", &["--set", "env.LOG_LEVEL=debug"])?;
    ensure!(level() == "debug", "the upgrade did not arrive");
    ensure!(kept()? == first, "an upgrade changed it");
    run("rollback", &[])?;
    ensure!(level().is_null(), "the rollback did not arrive");
    ensure!(kept()? == first, "a rollback changed it");
    run("uninstall", &[])?;
    let left = ["Deployment", "Service", "CronJob"].iter().any(|kind| !cluster.all(kind).is_empty());
    ensure!(!left, "uninstalling left something");
    ensure!(kept()? == first, "uninstalling took it");
    run("install", &[])?;
    ensure!(kept()? == first, "a second install changed it: everybody would be locked out");
    Ok(())
}

/// Two releases do not share a password that was made.
fn passwords_differ(helm: &'static str) -> Result<()> {
    let case = Case::named("postgres")?;
    let password = || -> Result<Value> {
        let cluster = cluster::Cluster::start()?;
        case.run(helm, &cluster.address(), "install", &[])?;
        let secrets = cluster.all("Secret");
        secrets.first().map(|secret| secret["data"]["password"].clone()).context("there is no Secret")
    };
    let (one, other) = (password()?, password()?);
    ensure!(one.is_string() && one != other, "two installs made the password {one}");
    Ok(())
}

/// Kubernetes refuses an upgrade that touches these.
fn upgradable() -> Result<()> {
    let newer = render::package("9.9.9")?;
    for name in ["default", "postgres", "staging"] {
        let case = Case::named(name)?;
        let (now, later) = (case.render("helm4", NEWEST)?, case.render_chart("helm4", NEWEST, &newer, "9.9.9")?);
        let both = render::objects([&now, &later])?;
        let fixed = |objects: &[Value]| -> Vec<Value> {
            let kinds = ["Deployment", "StatefulSet"];
            let objects = objects.iter().filter(|object| kinds.iter().any(|kind| object["kind"] == *kind));
            let parts = ["/metadata/name", "/spec/selector", "/spec/volumeClaimTemplates", "/spec/serviceName"];
            objects.flat_map(|o| parts.map(|part| o.pointer(part).cloned().unwrap_or_default())).collect()
        };
        let [now, later] = both.as_slice() else { bail!("two renderings gave {}", both.len()) };
        ensure!(!fixed(&now.all).is_empty(), "{name} has no Deployment");
        ensure!(fixed(&now.all) == fixed(&later.all), "{name}: a newer chart changes a selector or a claim");
        let database = |objects: &[Value]| {
            objects.iter().find(|object| object["kind"] == "StatefulSet").map(|o| o["spec"]["template"].clone())
        };
        ensure!(database(&now.all) == database(&later.all), "{name}: a newer chart restarts the database for nothing");
    }
    Ok(())
}

/// The Dockerfile, and the compose file with each of its profiles.
fn files(report: &mut Report) {
    let mut hadolint = shell::command(paths::chart_tools().join("bin/hadolint"));
    report.check("hadolint", shell::quiet(hadolint.args(["--failure-threshold", "style", "Dockerfile"])).map(drop));
    for profile in ["", "postgres", "local-model"] {
        let mut compose = shell::command(paths::chart_tools().join("bin/docker-compose"));
        compose.args(["--file", "compose.yaml", "--profile", profile, "config", "--quiet"]);
        report.check(&format!("compose with profile \"{profile}\""), shell::quiet(&mut compose).map(drop));
    }
    report.group("Dockerfile and compose");
}

fn no_more(findings: Vec<String>) -> Result<()> {
    if findings.is_empty() { Ok(()) } else { bail!("{}", findings.join("\n    ")) }
}

/// Counts, and says what failed.
#[derive(Default)]
struct Report {
    total: Total,
    counted: Total,
}

impl Report {
    fn check(&mut self, what: &str, result: Result<()>) {
        if let Err(error) = &result {
            println!("FAILED {what}:\n    {error:#}");
        }
        self.total += Total::of(result.is_ok());
    }

    /// Ends a group with its numbers.
    fn group(&mut self, name: &str) {
        let (passed, failed) = (self.total.passed - self.counted.passed, self.total.failed - self.counted.failed);
        println!("chart: {name}: {passed} passed, {failed} failed");
        self.counted = self.total;
    }
}
