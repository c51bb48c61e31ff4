//! The page: WebAssembly, scripts and styles, built by Trunk into `target/site`.
//!
//! Skipped when nothing it is made of changed since the last build; a stamp beside the folder says what that was.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::Path;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};

use crate::tools::Tool;
use crate::{paths, shell};

/// How the page is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Profile {
    /// `wasm-dev`: quick to build, large.
    Dev,
    /// `wasm-release` and wasm-opt: what users get.
    Release,
}

impl Profile {
    pub fn from_release(release: bool) -> Self {
        if release { Self::Release } else { Self::Dev }
    }
}

/// Everything the page is made of, below the repository.
const SOURCES: [&str; 7] =
    ["app", "domain/src", "domain/Cargo.toml", "assets", "Cargo.toml", "Cargo.lock", "Trunk.toml"];

/// The tools a build of the page needs.
pub fn needs(profile: Profile) -> &'static [Tool] {
    match profile {
        Profile::Dev => &[Tool::WasmTarget, Tool::Trunk, Tool::WasmBindgen],
        Profile::Release => &[Tool::WasmTarget, Tool::Trunk, Tool::WasmBindgen, Tool::WasmOpt],
    }
}

/// Builds the page unless the one in `target/site` is of these sources and this profile.
pub fn build(profile: Profile) -> Result<()> {
    let stamp_file = paths::site().with_extension("stamp");
    let stamp = stamp(profile)?;
    if fs::read_to_string(&stamp_file).is_ok_and(|old| old == stamp) && paths::site().join("app_bg.wasm").is_file() {
        return Ok(());
    }
    let _ = fs::remove_file(&stamp_file);
    // Trunk 0.21 wants its folder's parent to be there.
    fs::create_dir_all(paths::site()).with_context(|| format!("cannot create {}", paths::site().display()))?;
    // Trunk calls cargo offline, so that it fetches no tools of its own; on a new machine the crates are not there yet.
    shell::run(shell::cargo().args(["fetch", "--locked", "--quiet", "--target", "wasm32-unknown-unknown"]))?;
    let mut trunk = shell::command("trunk");
    trunk.arg("build").args((profile == Profile::Release).then_some("--release"));
    // Trunk reads NO_COLOR=1 as a value of its own flag and refuses it.
    trunk.env_remove("NO_COLOR");
    shell::run(&mut trunk)?;
    fs::write(&stamp_file, stamp).with_context(|| format!("cannot write {}", stamp_file.display()))
}

fn stamp(profile: Profile) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    profile.hash(&mut hasher);
    for source in SOURCES {
        add(&paths::repo().join(source), &mut hasher)?;
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// Name, length and time of every file: what a build tool looks at, without reading the files.
fn add(path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    let about = || format!("cannot look at {}", path.display());
    let metadata = fs::metadata(path).with_context(about)?;
    if metadata.is_dir() {
        let entries = fs::read_dir(path).with_context(about)?;
        let mut entries = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
        entries.sort();
        return entries.iter().try_for_each(|entry| add(entry, hasher));
    }
    let modified = metadata.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    (path, metadata.len(), modified).hash(hasher);
    Ok(())
}
