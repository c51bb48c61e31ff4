//! Where things are: the repository, the cache and what the chores build.

use std::env;
use std::path::{Path, PathBuf};

/// The repository this xtask was compiled from.
pub fn repo() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies inside the repository")
}

/// Tools and build output, outside the clone: a second clone or a deleted `target` costs no set-up.
pub fn cache() -> PathBuf {
    env::var_os("TODO_CHATBOT_CACHE")
        .map(PathBuf::from)
        .or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".cache/todo-chatbot")))
        .unwrap_or_else(|| repo().join("target/cache"))
}

/// Cargo's output of everything the chores build. (xtask itself lies wherever plain cargo puts it.)
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| cache().join("target"), |dir| repo().join(dir))
}

/// The built page. Always in the clone, because the server embeds it by this path.
pub fn site() -> PathBuf {
    repo().join("target/site")
}

/// The binary we would give to somebody.
pub fn dist() -> PathBuf {
    repo().join("target/dist/todo-chatbot")
}

/// What `cargo install --root` writes.
pub fn cargo_tools() -> PathBuf {
    cache().join("tools")
}

/// What `npm install --prefix` writes.
pub fn npm_tools() -> PathBuf {
    cache().join("tools/npm")
}

/// What `tests/clients` imports.
pub fn clients() -> PathBuf {
    cache().join("tools/clients")
}

/// The Python environment of what checks the chart.
pub fn chart_tools() -> PathBuf {
    cache().join("tools/chart")
}

/// The judge of how failures of a language model are taken, and its Python.
pub fn llmock() -> PathBuf {
    cache().join("tools/llmock")
}

/// What `tests/mcp` imports, and its Python.
pub fn mcp() -> PathBuf {
    cache().join("tools/mcp")
}
