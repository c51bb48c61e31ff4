//! `dist`: the one file we would give to somebody, checked to be what we say it is.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::page::Profile;
use crate::tools::Tool;
use crate::{elf, page, paths, shell, tools};

/// What a first visit should cost: WebAssembly, scripts and styles, brotli.
const PAGE_GOAL: u64 = 350 * 1024;
/// What it may cost today. The page is over its goal; this only goes down, and meets the goal in the end.
const PAGE_BUDGET: u64 = 590 * 1024;
/// What the gzipped binary may weigh: with it the image stays below 12 MB to pull ([`crate::image`]).
const BINARY_BUDGET: u64 = 11 * 1024 * 1024;

/// Builds page and binary, prints the sizes and fails when one is over its budget.
pub fn chore() -> Result<PathBuf> {
    tools::ensure(page::needs(Profile::Release))?;
    tools::ensure(&[Tool::Musl])?;
    page::build(Profile::Release)?;
    let built = build(&["--bin", "todo-chatbot"])?;
    let binary = paths::dist();
    fs::create_dir_all(paths::repo().join("target/dist"))?;
    fs::copy(&built.binary, &binary).with_context(|| format!("cannot copy to {}", binary.display()))?;

    let bytes = fs::read(&binary)?;
    if !elf::is_static(&bytes)? {
        bail!("{} asks for a dynamic loader: it would not start in an empty image", binary.display());
    }
    let zipped = gzip(shell::command("gzip").args(["-9", "-c"]).arg(&binary))?;
    println!("{}: static, {} ({} gzipped)", binary.display(), size(bytes.len() as u64), size(zipped));
    let first_visit = first_visit(&built.out_dir.join("site"))?;
    println!("a first visit: {} (wasm, js and css, brotli); allowed {}", size(first_visit), size(PAGE_BUDGET));
    if first_visit > PAGE_GOAL {
        println!("warning: that is {} over the goal of {}", size(first_visit - PAGE_GOAL), size(PAGE_GOAL));
    }
    if first_visit > PAGE_BUDGET {
        bail!("the page is over its budget by {}", size(first_visit - PAGE_BUDGET));
    }
    if zipped > BINARY_BUDGET {
        bail!("the gzipped binary is over its budget of {}", size(BINARY_BUDGET));
    }
    Ok(binary)
}

/// What cargo says it made.
pub struct Built {
    pub binary: PathBuf,
    /// Where the server's build script put the files it embeds.
    out_dir: PathBuf,
}

/// Compiles one program of the server crate as we would ship it.
pub fn build(what: &[&str]) -> Result<Built> {
    let mut command = shell::cargo();
    command.args(["build", "--package", "server", "--profile", "dist", "--locked"]).args(what);
    command.args(["--target", &tools::musl_target(), "--message-format", "json-render-diagnostics"]);
    let mut cargo = command.stdout(Stdio::piped()).spawn().context("cannot start cargo build")?;
    let output = cargo.stdout.take().context("cargo build has no output")?;
    let (mut binary, mut out_dir) = (None, None);
    for line in BufReader::new(output).lines() {
        let message: serde_json::Value = serde_json::from_str(&line?).context("cargo's message is not JSON")?;
        let path = |name: &str| message[name].as_str().map(PathBuf::from);
        let ours = message["package_id"].as_str().is_some_and(|id| id.contains("/server#"));
        match message["reason"].as_str() {
            Some("build-script-executed") if ours => out_dir = path("out_dir"),
            Some("compiler-artifact") if ours => binary = path("executable").or(binary),
            _ => {}
        }
    }
    if !cargo.wait()?.success() {
        bail!("the server did not compile");
    }
    match (binary, out_dir) {
        (Some(binary), Some(out_dir)) => Ok(Built { binary, out_dir }),
        _ => bail!("cargo did not say where it put the binary and the embedded page"),
    }
}

/// How many bytes that call of gzip gives.
pub fn gzip(command: &mut Command) -> Result<u64> {
    let mut gzip = command.stdout(Stdio::piped()).spawn()?;
    let output = gzip.stdout.take().context("gzip has no output")?;
    let mut zipped = 0;
    for byte in BufReader::with_capacity(1 << 16, output).bytes() {
        byte?;
        zipped += 1;
    }
    if !gzip.wait()?.success() {
        bail!("gzip failed");
    }
    Ok(zipped)
}

/// The bytes on the wire of what the document names, as embedded.
fn first_visit(site: &Path) -> Result<u64> {
    let mut sum = 0;
    for file in fs::read_dir(site).with_context(|| format!("no embedded page in {}", site.display()))? {
        let file = file?;
        let name = file.file_name();
        let name = name.to_string_lossy();
        if [".wasm.br", ".js.br", ".css.br"].iter().any(|end| name.ends_with(end)) && !name.starts_with("sw.") {
            sum += file.metadata()?.len();
        }
    }
    Ok(sum)
}

/// Kibibytes, the unit of the budgets.
pub fn size(bytes: u64) -> String {
    format!("{}.{} KiB", bytes / 1024, bytes % 1024 * 10 / 1024)
}
