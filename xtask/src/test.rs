//! `test`: everything the tests need, then all of them, with one total at the end.

use std::io::{BufRead, BufReader, IsTerminal};
use std::ops::AddAssign;
use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result};

use crate::page::Profile;
use crate::tools::Tool;
use crate::{chart, page, shell, tools};

/// Passed and failed, of tests or of steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    pub passed: u32,
    pub failed: u32,
}

impl Total {
    pub fn of(ok: bool) -> Self {
        Self { passed: u32::from(ok), failed: u32::from(!ok) }
    }

    /// The last line of a chore, and its exit code.
    pub fn finish(self) -> ExitCode {
        println!("{} passed, {} failed", self.passed, self.failed);
        if self.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

impl AddAssign for Total {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

pub fn chore(args: &[String]) -> Result<ExitCode> {
    tools::ensure(page::needs(Profile::Dev))?;
    tools::ensure(NEEDS)?;
    page::build(Profile::Dev)?;
    let mut total = tests(args)?;
    // A filter asks for some tests of the crates.
    if args.is_empty() {
        total += chart::checks()?;
    }
    Ok(total.finish())
}

/// What the tests need besides the page.
pub const NEEDS: &[Tool] =
    &[Tool::Postgres, Tool::Browser, Tool::Axe, Tool::Clients, Tool::Chart, Tool::Llmock, Tool::Faketime, Tool::Mcp];

/// Runs the tests of all crates in one build; `args` go to `cargo test` as they are.
pub fn tests(args: &[String]) -> Result<Total> {
    let colour = std::io::stdout().is_terminal();
    let mut command = shell::cargo();
    command.args(["test", "--workspace", "--no-fail-fast"]).args(args);
    if colour {
        if !args.iter().any(|arg| arg == "--") {
            command.arg("--");
        }
        command.arg("--color=always");
    }
    let mut cargo = command.stdout(Stdio::piped()).spawn().context("cannot start cargo test")?;
    let output = cargo.stdout.take().context("cargo test has no output")?;
    let mut total = Total::default();
    for line in BufReader::new(output).lines() {
        let line = line.context("cannot read what cargo test says")?;
        println!("{line}");
        total += result_of(&line).unwrap_or_default();
    }
    let status = cargo.wait().context("cannot wait for cargo test")?;
    if !status.success() && total.failed == 0 {
        total.failed = 1; // It did not compile, or a test binary died.
    }
    Ok(total)
}

/// The numbers in libtest's `test result: ok. 3 passed; 0 failed; …`, coloured or not.
fn result_of(line: &str) -> Option<Total> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut numbers = counts.split("; ").map(|part| part.split(' ').next().unwrap_or_default().parse());
    Some(Total { passed: numbers.next()?.ok()?, failed: numbers.next()?.ok()? })
}

#[cfg(test)]
mod tests {
    use super::{Total, result_of};

    #[test]
    fn totals_are_read_with_and_without_colour() {
        let plain =
            "test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured; 1 filtered out; finished in 0.00s";
        assert_eq!(result_of(plain), Some(Total { passed: 12, failed: 3 }));
        let coloured =
            "test result: \u{1b}[32mok\u{1b}(B\u{1b}[m. 7 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(result_of(coloured), Some(Total { passed: 7, failed: 0 }));
        assert_eq!(result_of("test domain::adds ... ok"), None);
    }
}
