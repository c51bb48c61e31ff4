//! The program itself with servers of tools: what it refuses to start with, what it shows, and what it leaves behind.

use super::{
    peer::{Peer, Trouble, reading},
    program::{lives, servers},
};
use crate::{
    provider::{Provider, text},
    running::{Home, eventually},
};
use serde_json::json;
use std::process::Output;

fn out(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test]
async fn wrong_settings_stop_the_start_with_one_line() {
    for (name, value, part) in [
        ("MCP_SERVERS", "{\"far\": \"sk-hidden\"}", "far must be an object"),
        (
            "MCP_SERVERS",
            "{\"far\": {\"url\": \"http://tools.example.org/sk-hidden\"}}",
            "far.url must begin with https://",
        ),
        ("MCP_SERVERS_FILE", "/no/such/file", "MCP_SERVERS_FILE"),
        ("MCP_SERVER_URL", "http://169.254.169.254/sk-hidden", "never asked, such as cloud metadata"),
        ("MCP_SERVER_URL", "http://me:sk-hidden@localhost/mcp", "put keys into headers"),
    ] {
        let refused = Home::new().set(name, value).run(&["serve"]).await;
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && said.contains(part), "{value}: {said}");
        assert!(said.trim().lines().count() == 1 && !said.contains("sk-hidden"), "{said}");
    }
}

#[tokio::test]
async fn the_doctor_asks_each_server_and_nobody_shows_a_key() {
    let peer = Peer::start(vec![reading("forecast"), reading("two words")]).await;
    let gone = Peer::start(vec![]).await;
    gone.troubles("*", Trouble::Says(500, "text/plain", "sk-hidden".into()));
    let servers = json!({
        "far": {"url": peer.url(), "headers": {"Authorization": "Bearer sk-hidden"}},
        "gone": {"url": gone.url()},
        "none": {"command": "/no/such/program", "args": ["sk-hidden"], "env": {"KEY": "sk-hidden"}},
    });
    let home = Home::new().set("MCP_SERVERS", &servers.to_string());
    let _server = home.start().await;
    assert_eq!(peer.count(), 0, "a start asks nobody");
    let said = home.run(&["doctor"]).await;
    let text = out(&said);
    for line in [
        "ok     the server of tools “far” answers and has 1 tools that are used, and 1 that are not",
        "note   the server of tools “gone” cannot be used: it answers with the status 500",
        "note   the server of tools “none” cannot be used: its program cannot be started",
        "note   servers of tools are configured, and no model that could use them",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}: {text}");
    }
    assert!(said.status.success() && !text.contains("sk-hidden"), "{text}");
    assert_eq!(peer.headers()[0]["authorization"], "Bearer sk-hidden");
    let shown = out(&home.run(&["config", "show"]).await);
    assert!(shown.contains("MCP_SERVERS\t(hidden)\tenvironment") && !shown.contains("sk-hidden"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_ends_with_the_server_and_no_log_names_a_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let notes = folder.path().join("notes");
    let provider = Provider::start(vec![text(&["Hello."])]).await;
    let mut home = Home::new().set("MCP_SERVERS", &servers(&notes)).set("LOG_LEVEL", "debug");
    for (name, value) in provider.settings() {
        home = home.set(name, &value);
    }
    let server = home.start().await;
    let ann = server.person("ann").await;
    ann.post("/api/me/chat", json!({"message": "hello there"})).await.expect(200);
    assert_eq!(super::foreign(&provider.asked()[0]), ["near__look"]);
    let process = std::fs::read_to_string(&notes).expect("a number");
    assert!(lives(&process));
    server.terminate();
    let (_, log) = server.exit().await;
    eventually("what was started has ended", async || (!lives(&process)).then_some(())).await;
    // The value of the program's environment stands for a key.
    assert!(!log.iter().any(|line| line.contains(&notes.display().to_string())), "{log:?}");
}
