//! Prepares the page for embedding.
//!
//! A debug build reads the page from `target/site` while it runs, so only the folder has to be there. A release build
//! embeds each file once, in brotli or, where that would not be smaller, as it is; the server makes the other forms of it. A
//! release build without the page stops with a sentence, because the binary would start and show nothing.
#![expect(clippy::disallowed_methods, reason = "cargo speaks to build scripts through the environment")]

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let site = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../target/site");
    if env::var("PROFILE")? == "debug" {
        fs::create_dir_all(&site)?;
        return Ok(());
    }
    println!("cargo::rerun-if-changed={}", site.display());
    let out = Path::new(&env::var("OUT_DIR")?).join("site");
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    let mut files = Vec::new();
    if site.exists() {
        list(&site, &mut files)?;
    }
    // Trunk's own document is never served: the server writes the document.
    files.retain(|file| *file != site.join("index.html"));
    if !files.iter().any(|file| file.extension().is_some_and(|end| end == "wasm")) {
        println!(
            "cargo::error=a release build embeds the page, and there is none in {}; \
             run `cargo xtask page --release` first, or `cargo xtask dist` for both",
            site.display()
        );
        return Ok(());
    }
    for file in files {
        prepare(&file, &out.join(file.strip_prefix(&site)?))?;
    }
    Ok(())
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// Writes the file, packed where that makes it smaller.
fn prepare(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    let plain = fs::read(from)?;
    let mut brotli = brotli::CompressorWriter::new(Vec::new(), 1 << 16, 11, 22);
    brotli.write_all(&plain)?;
    let packed = brotli.into_inner();

    fs::create_dir_all(to.parent().ok_or("a file lies in a folder")?)?;
    let mut name = to.as_os_str().to_owned();
    if packed.len() < plain.len() {
        name.push(".br");
        fs::write(name, packed)?;
    } else {
        fs::write(name, plain)?;
    }
    Ok(())
}
