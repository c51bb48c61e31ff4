//! `bench`: how much our own layers cost, as ratios measured in one run.
//!
//! The reference is `bench/bare.rs`: an axum handler that runs the same query, or one plain insert, on the same database
//! with no sessions, no log and no checks. Both servers are the release build; they take turns second by second, so that
//! a slow moment of the machine hits both. Where `taskset` is there, servers and load get different cores. Absolute
//! numbers are printed beside the ratios and mean nothing on another machine.

mod chat;
mod load;
mod postgres;
mod provider;
mod storm;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, fs, thread};

use anyhow::{Context, Result, ensure};
use load::Request;

use crate::page::Profile;
use crate::served::{Served, free_port, post};
use crate::tools::Tool;
use crate::{dist, page, shell, tools};

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_millis(900);
/// Enough to keep one core busy, few enough not to queue.
const CONNECTIONS: usize = 8;

pub fn chore() -> Result<()> {
    tools::ensure(page::needs(Profile::Release))?;
    tools::ensure(&[Tool::Musl, Tool::Postgres])?;
    page::build(Profile::Release)?;
    let ours = dist::build(&["--bin", "todo-chatbot"])?.binary;
    let bare = dist::build(&["--bin", "bare", "--features", "bench"])?.binary;
    let folder = env::temp_dir().join(format!("todo-chatbot-bench-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let result = both(&folder, &ours, &bare);
    let _ = fs::remove_dir_all(&folder);
    result
}

fn both(folder: &Path, ours: &Path, bare: &Path) -> Result<()> {
    println!("{ROUNDS} rounds of {} ms each, {CONNECTIONS} connections, ratios are medians\n", ROUND.as_millis());
    let sqlite = format!("sqlite://{}", folder.join("bench.db").display());
    on("SQLite", &sqlite, folder, ours, bare)?;
    let cluster = postgres::Cluster::start()?;
    on("PostgreSQL", &cluster.url, folder, ours, bare)
}

fn on(name: &str, url: &str, folder: &Path, ours: &Path, bare: &Path) -> Result<()> {
    println!("{name}");
    // Twice: the first start also makes the schema.
    let first = start_ours(ours, url, folder)?.ready_after;
    let server = start_ours(ours, url, folder)?;
    println!(
        "  first answer after {} ms, with a new database {} ms",
        server.ready_after.as_millis(),
        first.as_millis()
    );
    thread::sleep(Duration::from_secs(1));
    println!("  resident when idle {:.1} MiB", server.resident()? as f64 / 1024.0);

    let account = r#"{"name":"Bench","email":"bench@example.com","password":"a long enough password"}"#;
    let answer = post(server.port, "/api/auth/sign-up/email", "", account)?;
    ensure!(answer.status == 200, "sign-up answered {}: {}", answer.status, answer.body);
    let account: serde_json::Value = serde_json::from_str(&answer.body).context("sign-up did not answer JSON")?;
    let token = account["token"].as_str().context("sign-up gave no token")?;
    let user = account["user"]["id"].as_str().context("sign-up gave no user")?;
    let bearer = format!("Authorization: Bearer {token}\r\n");
    for number in 1..=50 {
        let task = format!(r#"{{"title":"Task {number} of the benchmark","due":"2030-01-{:02}"}}"#, number % 28 + 1);
        let answer = post(server.port, "/api/me/tasks", &bearer, &task)?;
        ensure!(answer.status == 201, "a new task was answered {}: {}", answer.status, answer.body);
    }

    let port = free_port()?;
    let mut command = on_server_core(bare);
    command.args([url, user, &port.to_string()]).stdout(Stdio::null());
    let bare = Served::start(&mut command, port, "/tasks")?;

    let list = |port, line: &str, headers: &str| Request {
        port,
        line: line.to_owned(),
        headers: headers.to_owned(),
        body: String::new(),
        expect: 200,
    };
    compare(
        "list of 50",
        &list(server.port, "GET /api/me/tasks?limit=50", &bearer),
        &list(bare.port, "GET /tasks", ""),
    )?;
    let create = |port, line: &str, headers: &str| Request {
        body: r#"{"title":"One more task"}"#.to_owned(),
        expect: 201,
        ..list(port, line, headers)
    };
    compare("create one", &create(server.port, "POST /api/me/tasks", &bearer), &create(bare.port, "POST /tasks", ""))?;
    let sign_in = |password: &str| Request {
        body: format!(r#"{{"email":"bench@example.com","password":"{password}"}}"#),
        ..list(server.port, "POST /api/auth/sign-in/email", "")
    };
    mcp(&server, &list(server.port, "GET /api/me/tasks?limit=50", &bearer), &bearer)?;
    storm::compare(
        &list(server.port, "GET /api/me/tasks?limit=50", &bearer),
        &sign_in("a long enough password"),
        &sign_in("not the password"),
    )?;
    println!("  resident after the load {:.1} MiB", server.resident()? as f64 / 1024.0);
    drop(server);
    chat::measure(folder, |folder, settings| start_with(ours, url, folder, settings))
}

/// The same list as a tool's answer, against the REST call with the same token.
fn mcp(server: &Served, rest: &Request, bearer: &str) -> Result<()> {
    let made = post(server.port, "/api/me/tokens", bearer, r#"{"name":"bench","scopes":["read"]}"#)?;
    ensure!(made.status == 201, "a token was answered {}: {}", made.status, made.body);
    let made: serde_json::Value = serde_json::from_str(&made.body).context("the token is not JSON")?;
    let headers = format!("Authorization: Bearer {}\r\n", made["token"].as_str().context("no token")?);
    let call =
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_tasks","arguments":{"limit":50}}}"#;
    let rest = Request { headers: headers.clone(), line: rest.line.clone(), body: String::new(), ..*rest };
    let call = Request { headers, line: "POST /mcp".to_owned(), body: call.to_owned(), ..rest };
    let (call, rest) = in_turn(&call, &rest)?;
    println!(
        "  {:12} costs {:.2} times the REST call ({call:.0} and {rest:.0} per second; goal 1.5)",
        "list by MCP",
        rest / call
    );
    Ok(())
}

fn compare(what: &str, ours: &Request, bare: &Request) -> Result<()> {
    let (ours, bare) = in_turn(ours, bare)?;
    println!("  {what:12} {:>5.1} % of the bare handler ({ours:.0} and {bare:.0} per second)", 100.0 * ours / bare);
    Ok(())
}

/// Rounds in turn, and the median of what each pair of rounds says.
fn in_turn(ours: &Request, bare: &Request) -> Result<(f64, f64)> {
    let mut pairs = Vec::new();
    for round in 0..=ROUNDS {
        let pair = (load::rate(ours, CONNECTIONS, ROUND)?, load::rate(bare, CONNECTIONS, ROUND)?);
        if round > 0 {
            pairs.push(pair); // The first warms up.
        }
    }
    pairs.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
    Ok(pairs[pairs.len() / 2])
}

fn start_ours(binary: &Path, url: &str, folder: &Path) -> Result<Served> {
    start_with(binary, url, folder, &[])
}

fn start_with(binary: &Path, url: &str, folder: &Path, settings: &[(&str, String)]) -> Result<Served> {
    let port = free_port()?;
    let mut command = on_server_core(binary);
    command.arg("serve").env_clear().stdout(Stdio::null()).stderr(Stdio::null());
    command.env("HOST", "127.0.0.1").env("PORT", port.to_string()).env("DATA_DIR", folder);
    command.env("DATABASE_URL", url).env("RATE_LIMIT", "off").env("LOG_LEVEL", "warn");
    command.envs(settings.iter().map(|(name, value)| (name, value)));
    Served::start(&mut command, port, "/ready")
}

/// Servers share one core, so that the load on the others does not take their time.
fn on_server_core(program: &Path) -> Command {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let Some(taskset) = shell::which("taskset").filter(|_| cores > 1) else {
        return Command::new(program);
    };
    let mut command = Command::new(taskset);
    command.args(["-c", "0"]).arg(program);
    command
}
