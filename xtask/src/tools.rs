//! What the chores need besides Rust itself, at pinned versions, installed once and outside the clone.
//!
//! Sources are package registries only: crates, npm, PyPI and Debian. A tool that is there costs one `--version`. Debian
//! packages are installed when we are root; otherwise the one command to run is printed and the chore stops. A missing
//! tool is never skipped over.

mod llmock;
mod python;

use std::{env, fs};

use anyhow::{Context, Result, bail};

use crate::page::{self, Profile};
use crate::{paths, shell};

/// A tool by the job it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// The browser's target of the compiler.
    WasmTarget,
    /// The static binary's target of the compiler, and the C compiler for it.
    Musl,
    Trunk,
    WasmBindgen,
    WasmOpt,
    CargoDeny,
    Postgres,
    Browser,
    /// Checks pages for barriers.
    Axe,
    /// Programs of others that must get along with our server: what `tests/clients/package.json` names.
    Clients,
    /// Helm, and what else checks the chart, the Dockerfile and the compose file.
    Chart,
    /// Judges how failures of a language model are taken.
    Llmock,
    /// Starts a process whose clock is wrong.
    Faketime,
}

use Tool::{
    Axe, Browser, CargoDeny, Chart, Clients, Faketime, Llmock, Musl, Postgres, Trunk, WasmBindgen, WasmOpt, WasmTarget,
};

const TRUNK: &str = "0.21.14";
const CARGO_DENY: &str = "0.20.2";
const AXE: &str = "4.14.1";
const BINARYEN: &str = "132.0.0";
/// The oldest Node.js that the clients' tests run on.
const NODE: u32 = 20;

/// `cargo xtask tools`: everything any chore needs, or what one half of `dist` needs, as the image's build asks for them.
pub fn chore(args: &[String]) -> Result<()> {
    let all = [
        WasmTarget,
        Musl,
        Trunk,
        WasmBindgen,
        WasmOpt,
        CargoDeny,
        Postgres,
        Browser,
        Axe,
        Clients,
        Chart,
        Llmock,
        Faketime,
    ];
    match args {
        [] => ensure(&all)?,
        [part] if part == "page" => ensure(page::needs(Profile::Release))?,
        [part] if part == "binary" => ensure(&[Musl])?,
        [other, ..] => bail!("\"{other}\" is not understood here; allowed: page, binary"),
    }
    println!("All tools are there ({}).", paths::cargo_tools().display());
    Ok(())
}

/// Installs what is missing of `wanted`; silent when nothing is.
pub fn ensure(wanted: &[Tool]) -> Result<()> {
    let mut missing = Vec::new();
    for &tool in wanted {
        if !present(tool)? {
            missing.push(tool);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    println!("Setting up what is missing, once, in {}:", paths::cache().display());
    debian(&missing)?;
    for &tool in &missing {
        install(tool)?;
        if !present(tool)? {
            bail!("{tool:?} was installed and still does not answer as expected");
        }
    }
    // Build output of the tools themselves; kept until here so that an interrupted install goes on where it stopped.
    let _ = fs::remove_dir_all(build_dir());
    Ok(())
}

fn present(tool: Tool) -> Result<bool> {
    let version = |program: &str| shell::output(shell::command(program).arg("--version")).unwrap_or_default();
    Ok(match tool {
        WasmTarget => rust_target("wasm32-unknown-unknown"),
        Musl => rust_target(&musl_target()) && shell::which("musl-gcc").is_some(),
        Trunk => version("trunk") == format!("trunk {TRUNK}"),
        WasmBindgen => version("wasm-bindgen") == format!("wasm-bindgen {}", locked("wasm-bindgen")?),
        WasmOpt => npm_version("binaryen").is_some_and(|version| version == BINARYEN),
        Axe => npm_version("axe-core").is_some_and(|version| version == AXE),
        Clients => same_lock() && node_version().is_some_and(|major| major >= NODE),
        Chart => python::present(),
        Llmock => llmock::present(),
        Faketime => shell::which("faketime").is_some(),
        CargoDeny => version("cargo-deny") == format!("cargo-deny {CARGO_DENY}"),
        Postgres => shell::which("initdb").is_some() || debian_postgres(),
        Browser => shell::which("chromedriver").is_some() && shell::which("chromium").is_some(),
    })
}

fn install(tool: Tool) -> Result<()> {
    match tool {
        WasmTarget => rustup("wasm32-unknown-unknown"),
        Musl => rustup(&musl_target()),
        // Without its daily look for a newer Trunk.
        Trunk => {
            cargo_install("trunk", TRUNK, "2 to 5 minutes", "0", &["--no-default-features", "--features", "rustls"])
        }
        // Without its test runner's web client. It works through megabytes at each build, so it is optimised a little.
        WasmBindgen => cargo_install(
            "wasm-bindgen-cli",
            &locked("wasm-bindgen")?,
            "1 to 3 minutes",
            "1",
            &["--bin", "wasm-bindgen", "--no-default-features"],
        ),
        CargoDeny => cargo_install("cargo-deny", CARGO_DENY, "1 to 2 minutes", "0", &[]),
        WasmOpt => npm_install("binaryen", BINARYEN),
        Axe => npm_install("axe-core", AXE),
        Clients => clients(),
        Chart => python::install(),
        Llmock => llmock::install(),
        Postgres | Browser | Faketime => Ok(()), // Debian's, installed together before.
    }
}

/// Debian's packages of all missing tools in one go, because a person who has to type the command types it once.
fn debian(missing: &[Tool]) -> Result<()> {
    let (mut packages, mut npm) = (Vec::new(), false);
    for tool in missing {
        match tool {
            Musl if shell::which("musl-gcc").is_none() => packages.push("musl-tools"),
            Postgres => packages.push("postgresql"),
            Faketime => packages.push("faketime"),
            Browser => packages.extend(["chromium", "chromium-driver"]),
            Chart | Llmock if !python::can_install() => packages.extend(["python3", "python3-venv"]),
            WasmOpt | Axe | Clients if shell::which("npm").is_none() => npm = true,
            _ => {}
        }
    }
    if npm {
        packages.extend(["nodejs", "npm"]);
    }
    if packages.is_empty() {
        return Ok(());
    }
    let list = packages.join(" ");
    if shell::which("apt-get").is_none() {
        bail!("please install these, by their Debian names, and run this again: {list}");
    }
    if !shell::is_root() {
        bail!(
            "please run this once, then this chore again:\n\n  \
             sudo apt-get update && sudo apt-get install -y --no-install-recommends {list}\n"
        );
    }
    println!("- Debian packages {list} (up to 2 minutes)");
    let apt = || {
        let mut command = shell::command("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").arg("-q");
        command
    };
    shell::run(apt().arg("update"))?;
    shell::run(apt().args(["install", "-y", "--no-install-recommends"]).args(packages))
}

/// The static target of this machine's processor.
pub fn musl_target() -> String {
    format!("{}-unknown-linux-musl", env::consts::ARCH)
}

/// Whether the compiler in use has the target. Asking the disk takes no time; asking rustup takes a while.
fn rust_target(target: &str) -> bool {
    let sysroot = shell::output(shell::command("rustc").args(["--print", "sysroot"])).unwrap_or_default();
    fs::exists(format!("{sysroot}/lib/rustlib/{target}/lib")).unwrap_or(false)
}

fn rustup(target: &str) -> Result<()> {
    if rust_target(target) {
        return Ok(());
    }
    println!("- Rust target {target} (seconds)");
    shell::run(shell::command("rustup").args(["target", "add", target]))
        .with_context(|| format!("the compiler lacks the target {target}, and rustup could not add it"))
}

/// Installs one program with settings made for compile time: optimisation, which these crates ask for at link time too,
/// costs most of the minutes and gains nothing anybody would notice in a program that mostly starts other programs.
fn cargo_install(name: &str, version: &str, takes: &str, optimise: &str, options: &[&str]) -> Result<()> {
    println!("- {name} {version}, compiled from source ({takes})");
    let install = |locked: bool| {
        let mut command = shell::cargo();
        command.arg("install").arg(format!("{name}@{version}")).arg("--root").arg(paths::cargo_tools());
        command.args(options).args(locked.then_some("--locked"));
        command.env("CARGO_TARGET_DIR", build_dir());
        // A tool is not part of the project: flags of the caller's build must not reach it.
        command.env_remove("RUSTFLAGS").env_remove("CARGO_BUILD_TARGET");
        command.env("CARGO_PROFILE_RELEASE_LTO", "off").env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
        command.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", optimise).env("CARGO_PROFILE_RELEASE_STRIP", "symbols");
        shell::run(&mut command)
    };
    install(true).or_else(|error| {
        println!("- {name}: {error}. Once more with the newest compatible versions of its dependencies");
        install(false)
    })
}

fn npm_install(name: &str, version: &str) -> Result<()> {
    println!("- {name} {version} from npm (seconds)");
    fs::create_dir_all(paths::npm_tools())?;
    let mut command = shell::command("npm");
    command.args(["install", "--no-audit", "--no-fund", "--loglevel=error", "--save-exact", "--prefix"]);
    shell::run(command.arg(paths::npm_tools()).arg(format!("{name}@{version}")))
}

/// Installs exactly what the lock file says, into a folder of its own.
fn clients() -> Result<()> {
    if let Some(major) = node_version().filter(|major| *major < NODE) {
        bail!(
            "the clients' tests need Node.js {NODE} or newer, and this machine has {major}: please install a newer one"
        );
    }
    println!("- what tests/clients asks for, from npm (up to a minute)");
    let folder = paths::clients();
    fs::create_dir_all(&folder)?;
    // Last the file by which a finished install is known.
    let _ = fs::remove_file(folder.join(DONE));
    for name in ["package.json", "package-lock.json", ".npmrc"] {
        fs::copy(clients_source().join(name), folder.join(name)).with_context(|| format!("cannot copy {name}"))?;
    }
    let mut command = shell::command("npm");
    shell::run(command.args(["ci", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"]).arg(&folder))?;
    fs::copy(clients_source().join("package-lock.json"), folder.join(DONE)).context("cannot note the install")?;
    Ok(())
}

/// The lock file of the last install that came to its end.
const DONE: &str = "installed-lock.json";

fn clients_source() -> std::path::PathBuf {
    paths::repo().join("tests/clients")
}

fn same_lock() -> bool {
    let installed = fs::read(paths::clients().join(DONE)).ok();
    installed.is_some() && installed == fs::read(clients_source().join("package-lock.json")).ok()
}

/// The major version of Node.js; `None` when there is none.
fn node_version() -> Option<u32> {
    let text = shell::output(shell::command("node").arg("--version"))?;
    text.strip_prefix('v')?.split('.').next()?.parse().ok()
}

fn npm_version(name: &str) -> Option<String> {
    let manifest = fs::read(paths::npm_tools().join("node_modules").join(name).join("package.json")).ok()?;
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).ok()?;
    manifest["version"].as_str().map(str::to_owned)
}

/// Debian keeps the server's programs off the PATH, one folder per major version.
fn debian_postgres() -> bool {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions.into_iter().any(|version| version.path().join("bin/initdb").is_file())
}

/// The version of a crate in Cargo.lock: the command-line half of wasm-bindgen must be exactly its library's.
fn locked(name: &str) -> Result<String> {
    let lock = fs::read_to_string(paths::repo().join("Cargo.lock")).context("cannot read Cargo.lock")?;
    version_in(&lock, name).with_context(|| format!("Cargo.lock names no version of {name}"))
}

fn version_in(lock: &str, name: &str) -> Option<String> {
    let after = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?.1;
    after.split_once('"').map(|(version, _)| version.to_owned())
}

fn build_dir() -> std::path::PathBuf {
    paths::cache().join("tools-build")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_locked_version_is_that_of_the_crate_with_exactly_this_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(super::version_in(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(super::version_in(lock, "wasm"), None);
    }
}
