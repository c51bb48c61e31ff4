//! `ci`: everything a change must pass, on a machine that may have nothing cached.
//!
//! Ordered so that cheap refusals come first and the world is compiled as few times as possible: checked once for
//! clippy, built once for the tests and once for the static binary. The tests run against the page that is shipped,
//! which saves a second build of it.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::page::{self, Profile};
use crate::test::{self, Total};
use crate::{chart, clients, deny, dist, shell, smoke, tidy, tools};

pub fn chore() -> Result<ExitCode> {
    let mut steps = Steps::default();
    steps.step("tools", || tools::chore(&[]));
    steps.step("fmt", || shell::run(shell::cargo().args(["fmt", "--all", "--check"])));
    steps.step("tidy", tidy::chore);
    steps.count("chart", chart::checks);
    steps.step("deny", || deny::chore(false));
    steps.step("clippy", || clippy(&["--workspace", "--all-targets", "--features", "server/bench"]));
    let wasm =
        ["--package", "app", "--target", "wasm32-unknown-unknown", "--no-default-features", "--features", "hydrate"];
    steps.step("clippy for the browser", || clippy(&wasm));
    steps.step("page", || page::build(Profile::Release));
    steps.count("test", || test::tests(&[]));
    steps.step("dist", || dist::chore().map(drop));
    steps.step("smoke", smoke::chore);
    steps.step("clients", clients::chore);
    Ok(steps.finish())
}

fn clippy(what: &[&str]) -> Result<()> {
    shell::run(shell::cargo().args(["clippy", "--locked"]).args(what).args(["--", "--deny", "warnings"]))
}

/// What was done so far. A step that fails does not keep the others from telling what they find.
#[derive(Default)]
struct Steps {
    done: Vec<(&'static str, Duration, Total)>,
}

impl Steps {
    fn step(&mut self, name: &'static str, run: impl FnOnce() -> Result<()>) {
        self.count(name, || run().map(|()| Total::of(true)));
    }

    fn count(&mut self, name: &'static str, run: impl FnOnce() -> Result<Total>) {
        println!("\n== {name}");
        let started = Instant::now();
        let total = run().unwrap_or_else(|error| {
            println!("{name} failed: {error:#}");
            Total::of(false)
        });
        self.done.push((name, started.elapsed(), total));
    }

    fn finish(self) -> ExitCode {
        println!();
        let mut sum = Total::default();
        for (name, took, total) in self.done {
            let verdict = if total.failed == 0 { "ok" } else { "FAILED" };
            println!("{verdict:6} {:>5} s  {name}", took.as_secs());
            sum += total;
        }
        sum.finish()
    }
}
