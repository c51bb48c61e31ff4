//! The project's chores: `cargo xtask <chore>`.
//!
//! Each chore first makes sure of the tools it needs ([`tools`]), then builds the page ([`page`]) and the server, and
//! does its work. Deliberately absent: knowledge of what the product does. Dependencies are few, because a newcomer
//! waits for this crate before anything else.
#![expect(clippy::print_stdout, reason = "a chore talks to the person who started it")]

mod bench;
mod chart;
mod ci;
mod clients;
mod deny;
mod dist;
mod elf;
mod image;
mod minikube;
mod page;
mod paths;
mod run;
mod sbom;
mod served;
mod shell;
mod smoke;
mod test;
mod tidy;
mod tools;

use anyhow::{Result, bail};

const HELP: &str = "\
cargo xtask <chore>

  run [--release]      install what is missing, build, and start on http://localhost:8080 with SQLite in ./data
  test [filter] [-- …] install what is missing, build, and run all tests, the browser's and PostgreSQL's included
  page [--release]     build only the page, into target/site
  dist                 the static binary at target/dist/todo-chatbot, checked, with its sizes
  smoke                start the binary of `dist` in an empty root and ask it for its first answers
  clients              run Better Auth's own client and a real OpenID Connect provider against the binary of `dist`
  image [--dist]       build the Dockerfile (or only its last stage, around the binary of `dist`) and run it: read-only, as
                       nobody in particular, by podman, Docker and compose
  minikube up|down     build the image, carry it into Minikube and install the chart there; or uninstall it
  chart                the Helm chart, the Dockerfile and the compose file, checked; a part of `test`
  ci                   everything a change must pass: fmt, tidy, chart, deny, clippy, test, dist, smoke, clients
  bench                how much our own layers cost: ratios to a bare handler on the same database
  tidy                 the architecture's invariants, checked by text
  deny [--advisories]  licences, banned crates and sources of the dependencies; known advisories on request
  sbom                 what the binary and the page in it are made of, as CycloneDX, into target/dist
  tools [page|binary]  install what the chores above need (but for image, minikube and sbom), or one half of `dist`

Tools and build output are kept in ${TODO_CHATBOT_CACHE:-~/.cache/todo-chatbot}; CARGO_TARGET_DIR is honoured.";

fn main() -> std::process::ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&args) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &[String]) -> Result<std::process::ExitCode> {
    let (chore, rest) = args.split_first().map_or(("help", &[][..]), |(first, rest)| (first.as_str(), rest));
    match chore {
        "run" => run::run(flag(rest, "--release")?)?,
        "test" => return test::chore(rest),
        "page" => {
            let profile = page::Profile::from_release(flag(rest, "--release")?);
            tools::ensure(page::needs(profile))?;
            page::build(profile)?;
        }
        "dist" => drop(dist::chore()?),
        "smoke" => smoke::chore()?,
        "clients" => clients::chore()?,
        "minikube" => minikube::chore(rest)?,
        "image" => image::chore(flag(rest, "--dist")?)?,
        "chart" => return chart::chore(),
        "ci" => return ci::chore(),
        "bench" => bench::chore()?,
        "tidy" => tidy::chore()?,
        "sbom" => sbom::chore()?,
        "deny" => deny::chore(flag(rest, "--advisories")?)?,
        "tools" => tools::chore(rest)?,
        "help" | "--help" | "-h" => println!("{HELP}"),
        other => bail!("there is no chore called \"{other}\"\n\n{HELP}"),
    }
    Ok(std::process::ExitCode::SUCCESS)
}

/// The only flag a chore takes; anything else is refused by name.
fn flag(args: &[String], name: &str) -> Result<bool> {
    match args {
        [] => Ok(false),
        [one] if one == name => Ok(true),
        [other, ..] => bail!("\"{other}\" is not understood here; allowed: {name}"),
    }
}
