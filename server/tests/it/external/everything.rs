//! A server of tools that others have made: the protocol's own `server-everything`, over HTTP and as a program.
//!
//! `cargo xtask test` installs it; without it this fails.

use super::{foreign, results, say, start};
use crate::{
    clients::from_environment,
    provider::{calls, text},
};
use serde_json::{Value, json};
use std::{path::PathBuf, process::Stdio};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

/// Node.js, and the program it runs.
fn everything() -> (PathBuf, PathBuf) {
    let modules = from_environment().0.join("../../mcp/node_modules");
    let nodes = ["x64", "arm64"].map(|cpu| modules.join(format!("node-linux-{cpu}/bin/node")));
    let node = nodes.into_iter().find(|node| node.exists()).expect("`cargo xtask test` installs Node.js");
    let program = modules.join("@modelcontextprotocol/server-everything/dist/index.js");
    assert!(program.is_file(), "{} is needed: `cargo xtask test` installs it", program.display());
    (node, program)
}

/// The server over HTTP, and where it is.
async fn listening() -> (Child, String) {
    let (node, program) = everything();
    let loopback = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/mcp/loopback.mjs");
    let mut child = Command::new(node)
        .arg("--import")
        .arg(loopback.canonicalize().expect("a file"))
        .arg(program)
        .arg("streamableHttp")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("starts");
    let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
    let reading = async {
        loop {
            let line = lines.next_line().await.expect("reads").expect("listens before it ends");
            if let Some(address) = line.strip_prefix("at ") {
                break address.to_owned();
            }
        }
    };
    let address = tokio::time::timeout(crate::running::PATIENCE, reading).await.expect("in time");
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    (child, format!("http://{address}/mcp"))
}

fn said(reply: &Value) -> Vec<(&str, &str)> {
    let calls = reply["tool_calls"].as_array().expect("a list").iter();
    calls
        .map(|call| {
            let text = call["result"]["text"].as_str().or(call["result"]["error"].as_str()).unwrap_or_default();
            (call["status"].as_str().expect("a status"), text)
        })
        .collect()
}

#[tokio::test]
async fn over_http() {
    let (_child, url) = listening().await;
    let servers = json!({"all": {"url": url, "deny": ["get-env"]}}).to_string();
    let plays = vec![
        calls(&[
            ("all__echo", json!({"message": "hello"})),
            ("all__get-sum", json!({"a": 2, "b": 3})),
            ("all__get-tiny-image", json!({})),
            ("all__get-structured-content", json!({"location": "Chicago"})),
            ("all__get-sum", json!({"a": "two", "b": 3})),
            ("all__get-env", json!({})),
        ]),
        text(&["Done."]),
    ];
    let (provider, app) = start(plays, &[("MCP_SERVERS", &servers)]).await;
    let reply = say(&app.user("ann").await, None, "try all of it").await;
    assert_eq!(reply["response"], "Done.", "{reply}");
    let asked = provider.asked();
    assert!(foreign(&asked[0]).len() > 8, "{:?}", foreign(&asked[0]));
    let said = said(&reply);
    assert_eq!(said[0], ("done", "Echo: hello"));
    assert!(said[1].0 == "done" && said[1].1.contains('5'), "{said:?}");
    assert!(said[2].0 == "done" && said[2].1.contains("[a picture, image/png, "), "{said:?}");
    assert!(said[3].0 == "done" && said[3].1.contains("temperature"), "{said:?}");
    assert!(said[4].0 == "failed" && said[4].1.starts_with("“all” says: "), "{said:?}");
    assert_eq!(said.len(), 5, "{said:?}");
    assert!(results(&asked[1])[5].contains("no tool of that name"));
}

#[tokio::test]
async fn as_a_program() {
    let (node, program) = everything();
    let servers =
        json!({"all": {"command": node, "args": [program, "stdio"], "env": {"GREETING": "hello"}}}).to_string();
    let plays = vec![
        text(&["It starts."]),
        calls(&[("all__get-env", json!({})), ("all__echo", json!({"message": "hello"}))]),
        text(&["Done."]),
    ];
    let (_provider, app) = start(plays, &[("MCP_SERVERS", &servers), ("PATH", "/usr/bin:/bin")]).await;
    let ann = app.user("ann").await;
    // On a busy machine it may take longer to start than a chat waits.
    assert!(app.state.services.external().states().await.iter().all(|(_, state)| state.is_ok()));
    say(&ann, None, "hello there").await;
    let reply = say(&ann, None, "try it").await;
    let said = said(&reply);
    assert_eq!((reply["response"].as_str(), said[1]), (Some("Done."), ("done", "Echo: hello")));
    let environment: Value = serde_json::from_str(said[0].1).expect("its environment");
    let names: Vec<&str> = environment.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(names, ["GREETING", "PATH"]);
}
