//! A full disk under SQLite: writes are refused with a reason, half of none is kept, and it goes on when there is room.

use super::kill::assert_consistent;
use crate::running::{Home, Person, Running, assert_problem};
use reqwest::Method;
use serde_json::json;
use std::path::PathBuf;

/// The data folder becomes a disk of 4 MB that only the server sees and that ends with it.
const SMALL_DISK: &str = r#"mkdir -p data && mount -t tmpfs -o size=4m none data && exec "$@""#;

async fn on_a_small_disk() -> (Home, Running) {
    let home = Home::new().inside(&["unshare", "--map-root-user", "--mount", "sh", "-c", SMALL_DISK, "sh"]);
    let possible = std::process::Command::new("unshare").args(["--map-root-user", "--mount", "true"]).output();
    assert!(
        possible.is_ok_and(|tried| tried.status.success()),
        "this test makes a small disk in a namespace of its own: run it as root or allow unprivileged user namespaces"
    );
    let server = home.start().await;
    (home, server)
}

/// Writes until the disk is full; answers how many were answered.
async fn fill(person: &Person) -> usize {
    let text = "All work and no play makes Jack a dull boy. ".repeat(400);
    for n in 0..2_000 {
        let body = json!({ "title": format!("page {n}"), "description": text });
        let answer = person.ask(Method::POST, "/api/me/tasks", Some(&body)).await.expect("an answer");
        if answer.status != 201 {
            assert_problem(&answer, 503, "unavailable");
            return n;
        }
    }
    panic!("the disk never fills up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_loses_nothing() {
    let (home, server) = on_a_small_disk().await;
    let ann = server.person("ann").await;
    let ballast = PathBuf::from(format!("/proc/{}/root{}/ballast", server.pid(), home.data().display()));
    std::fs::write(&ballast, vec![1; 2 << 20]).expect("room for the ballast");
    let written = fill(&ann).await;
    assert!(written > 5, "{written}");

    // Reading goes on, what was refused left nothing behind, and the process is well.
    assert_eq!(assert_consistent(&ann).await.len(), written);
    ann.get("/health").await.expect(200);
    let changed = ann.ask(Method::DELETE, "/api/me/tasks/1", None).await.expect("an answer");
    assert!(changed.status == 200 || changed.status == 503, "{} {}", changed.status, changed.text);
    std::fs::remove_file(&ballast).expect("removes the ballast");
    ann.post("/api/me/tasks", json!({ "title": "room again" })).await.expect(201);
    let log = server.log.lines();
    assert!(log.iter().any(|line| line.contains("full")), "the operator is not told: {log:#?}");
    assert!(!log.iter().any(|line| line.contains("Jack")), "what people write is in the log");
}
