//! Programs of others against the running server: Better Auth's own client, a real OpenID Connect provider and jose, all
//! from npm, driven by `tests/clients` in Node.
//!
//! `cargo xtask test` installs them; without them this fails. `cargo xtask clients` runs the same against the binary we
//! would give to somebody.

use crate::{postgres, running::Home};
use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicU16, Ordering},
};

/// Longer than the programs need, however busy the machine is.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(180);
/// What the provider knows us by; see `tests/clients/provider.mjs`.
const CLIENT: (&str, &str) = ("todo-chatbot", "a secret between the server and the provider");

/// Where `cargo xtask test` put what `tests/clients/package.json` asks for.
#[expect(clippy::disallowed_methods, reason = "the chores' cache and the program to test are named by the environment")]
pub fn from_environment() -> (PathBuf, Option<String>) {
    let cache = std::env::var_os("TODO_CHATBOT_CACHE").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache/todo-chatbot"));
    let modules = cache.or_else(home).unwrap_or_default().join("tools/clients/node_modules");
    assert!(modules.is_dir(), "{} is needed: `cargo xtask test` installs it", modules.display());
    (modules, std::env::var("TODO_CHATBOT_PROGRAM").ok().filter(|program| !program.is_empty()))
}

/// A folder with the tests and, beside them, what they import.
pub fn folder(modules: &Path) -> tempfile::TempDir {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/clients");
    let folder = tempfile::tempdir().expect("a folder");
    for file in std::fs::read_dir(&source).expect("the tests") {
        let file = file.expect("a file");
        if file.path().extension().is_some_and(|end| end == "mjs") {
            std::fs::copy(file.path(), folder.path().join(file.file_name())).expect("a copy");
        }
    }
    std::os::unix::fs::symlink(modules, folder.path().join("node_modules")).expect("a link");
    folder
}

/// Where the next port is looked for.
static NEXT: AtomicU16 = AtomicU16::new(0);

/// Ports that are free now, below those the kernel gives to whoever asks for any: there another test could take one before
/// Node does.
pub fn ports<const N: usize>() -> [u16; N] {
    let first = u16::try_from(std::process::id() % 20_000).expect("below 20 000");
    [(); N].map(|()| {
        let mut tried = std::iter::repeat_with(|| 10_000 + (first + NEXT.fetch_add(1, Ordering::SeqCst)) % 20_000);
        tried.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("a port")
    })
}

async fn run(make: impl AsyncFn() -> Home) {
    let (modules, program) = from_environment();
    let folder = folder(&modules);
    let [plain, mailing, google, oidc, post_office] = ports();
    let at = |port: u16| format!("http://127.0.0.1:{port}");
    let home = async |port: u16| {
        let home = make().await.set("PORT", &port.to_string()).set("BETTER_AUTH_URL", &at(port));
        match &program {
            Some(program) => home.program(program),
            None => home,
        }
    };
    let social = home(plain).await;
    let social = [("GOOGLE", google), ("OIDC", oidc)].into_iter().fold(social, |home, (name, port)| {
        home.set(&format!("{name}_ISSUER"), &at(port))
            .set(&format!("{name}_CLIENT_ID"), CLIENT.0)
            .set(&format!("{name}_CLIENT_SECRET"), CLIENT.1)
    });
    let mail = home(mailing)
        .await
        .set("SMTP_URL", &format!("smtp://127.0.0.1:{post_office}"))
        .set("SMTP_FROM", "To-do <todo@example.org>");
    let (_social, _mail) = (social.start().await, mail.start().await);

    let mut node = Command::new("node");
    node.args(["--test", "--test-reporter=spec"]).current_dir(folder.path()).stdin(Stdio::null());
    node.env("BASE_URL", at(plain)).env("GOOGLE_ISSUER", at(google)).env("OIDC_ISSUER", at(oidc));
    node.env("MAIL_BASE_URL", at(mailing)).env("MAIL_PORT", post_office.to_string());
    // Proxies of the machine are not for talking to oneself.
    node.env_remove("HTTP_PROXY").env_remove("http_proxy").env_remove("NODE_OPTIONS");
    let ended = tokio::task::spawn_blocking(move || node.output().expect("node starts"));
    let output = tokio::time::timeout(PATIENCE, ended).await.expect("node ends in time").expect("no panic");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    // An empty folder would pass too.
    let passed = said.lines().find_map(|line| line.trim_start_matches("ℹ ").strip_prefix("pass ")?.parse().ok());
    assert!(passed.is_some_and(|passed: u32| passed > 30), "{said}");
}

#[tokio::test]
async fn on_sqlite() {
    run(async || Home::new()).await;
}

#[tokio::test]
async fn on_postgres() {
    run(async || Home::postgres(&postgres::fresh().await)).await;
}
