//! `sbom`: what the binary is made of, as CycloneDX documents beside it: one for the program, one for the page inside it.
//!
//! Of the dependencies that are linked, not of those that only build or test, as the lock file has them; rather too many
//! than too few, because Cargo tells features of the whole workspace and not of one target. By cargo-cyclonedx, which
//! nothing else needs, so it is installed at the first call and not with the other tools.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::tools::{self, Tool};
use crate::{paths, shell};

pub fn chore() -> Result<()> {
    tools::ensure(&[Tool::Cyclonedx])?;
    fs::create_dir_all(paths::repo().join("target/dist"))?;
    let musl = tools::musl_target();
    document("server", &musl, "todo-chatbot", &["sqlx", "axum", "domain", "app"])?;
    document("app", "wasm32-unknown-unknown", "todo-chatbot-page", &["leptos", "wasm-bindgen", "domain"])
}

/// Writes one document, and looks whether it tells the truth about some crates that are surely in there.
fn document(package: &str, target: &str, name: &str, surely: &[&str]) -> Result<()> {
    let file = format!("{name}.cdx");
    let mut command = shell::cargo();
    command.args(["cyclonedx", "--quiet", "--format", "json", "--spec-version", "1.5", "--no-build-deps"]);
    command.args([
        "--manifest-path",
        &format!("{package}/Cargo.toml"),
        "--target",
        target,
        "--override-filename",
        &file,
    ]);
    if package == "app" {
        command.args(["--no-default-features", "--features", "hydrate"]);
    }
    // No time and no random number in it: the same sources have the same document.
    let result = shell::run(command.env("SOURCE_DATE_EPOCH", "0"));
    let place = paths::repo().join("target/dist").join(format!("{file}.json"));
    // It writes one beside the manifest of each member of the workspace.
    for member in ["app", "domain", "server", "xtask"] {
        let made = paths::repo().join(member).join(format!("{file}.json"));
        if member == package {
            fs::copy(&made, &place).with_context(|| format!("there is no {}", made.display()))?;
        }
        let _ = fs::remove_file(made);
    }
    result?;
    let document: Value = serde_json::from_slice(&fs::read(&place)?).context("the document is no JSON")?;
    let components = document["components"].as_array().context("it names no components")?;
    let has = |wanted: &str| components.iter().any(|one| one["name"] == wanted);
    let missing: Vec<_> = surely.iter().filter(|wanted| !has(wanted)).collect();
    ensure!(missing.is_empty(), "{} lacks {missing:?}", place.display());
    let unlicensed = components.iter().filter(|one| one["licenses"].is_null()).count();
    println!("{}: {} components, {unlicensed} without a licence", place.display(), components.len());
    Ok(())
}
