//! A database that is not there yet, crashes, or hangs: the server says so, loses nothing, and goes on without a restart.

use super::kill::assert_consistent;
use crate::{
    postgres::Cluster,
    running::{Home, Person, Running, assert_problem, eventually},
};
use reqwest::Method;
use serde_json::json;
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

async fn ready(server: &Running) {
    let anybody = server.anybody();
    eventually("ready", async || anybody.get("/ready").await.status.is_success().then_some(())).await;
}

async fn assert_without_database(server: &Running, failing: &str) {
    let anybody = server.anybody();
    anybody.get("/health").await.expect(200);
    let ready = anybody.get("/ready").await.expect(503);
    assert_eq!(ready.json()["failing"], failing, "{}", ready.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn may_come_after_the_server_and_hang() {
    let cluster = Cluster::durable();
    let (home, server) = Home::postgres(&cluster.url()).start_unready().await;
    assert_without_database(&server, "start").await;
    assert_problem(&server.anybody().get("/api/me/tasks").await, 503, "unavailable");
    cluster.start().await;
    ready(&server).await;
    let ann = server.person("ann").await;
    let task = ann.post("/api/me/tasks", json!({ "title": "before" })).await.expect(201).json();

    cluster.freeze();
    let (asked, anybody) = (Instant::now(), server.anybody());
    let (list, write, probe) = tokio::join!(
        ann.get("/api/me/tasks"),
        ann.post("/api/me/tasks", json!({ "title": "meanwhile" })),
        anybody.get("/ready")
    );
    assert!(asked.elapsed() < Duration::from_secs(10), "a hanging database takes {:?} to be noticed", asked.elapsed());
    assert_problem(&list, 503, "unavailable");
    assert_problem(&write, 503, "unavailable");
    assert_eq!(probe.expect(503).json()["failing"], "database");
    assert_without_database(&server, "database").await;
    cluster.thaw();
    ready(&server).await;
    assert_eq!(ann.tasks().await, [task]);

    // A server can also be stopped while its database is away, before it was ready and after.
    cluster.crash();
    server.terminate();
    let (status, log) = server.exit().await;
    assert!(status.success(), "{status} {log:#?}");
    let (_, server) = home.start_unready().await;
    server.terminate();
    let (status, log) = server.exit().await;
    assert!(status.success(), "{status} {log:#?}");
}

/// Three tasks that always change together.
async fn change_together(person: Person, ids: [i64; 3], stop: Arc<AtomicBool>) -> BTreeMap<i64, i64> {
    let (mut answered, mut unavailable) = (BTreeMap::new(), 0);
    for round in 1.. {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let body = json!({ "ids": ids, "patch": { "description": format!("round {round}") } });
        let answer = person.ask(Method::POST, "/api/me/tasks/bulk", Some(&body)).await.expect("an answer");
        if answer.status.is_success() {
            answered.insert(round, answer.seq());
        } else {
            assert_problem(&answer, 503, "unavailable");
            unavailable += 1;
            // What a polite client does, only sooner.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    assert!(unavailable > 0, "the database was never away");
    answered
}

#[tokio::test(flavor = "multi_thread")]
async fn may_crash_under_load() {
    let cluster = Cluster::durable();
    cluster.start().await;
    let home = Home::postgres(&cluster.url()).set("DATABASE_POOL", "5");
    let server = home.start().await;
    let neighbour = home.start().await;
    let ann = server.person("ann").await;
    let mut window = ann.socket().await;
    let stop = Arc::new(AtomicBool::new(false));
    let mut writers = JoinSet::new();
    for writer in 0..4 {
        let mut ids = [0; 3];
        for id in &mut ids {
            let made = ann.post("/api/me/tasks", json!({ "title": format!("of {writer}") })).await.expect(201);
            *id = made.json()["id"].as_i64().expect("a number");
        }
        writers.spawn({
            let (ann, stop) = (ann.clone(), stop.clone());
            async move { (ids, change_together(ann, ids, stop).await) }
        });
    }
    window.hears(100).await;

    cluster.crash();
    assert_without_database(&server, "database").await;
    assert_problem(&ann.get("/api/me/tasks").await, 503, "unavailable");
    cluster.start().await;
    ready(&server).await;
    ready(&neighbour).await;
    let overview = ann.get("/api/me/overview").await.expect(200).json();
    let seq = overview["seq"].as_i64().expect("a number");
    window.hears(seq + 20).await;
    stop.store(true, Ordering::SeqCst);

    let mut operations = BTreeMap::new();
    let mut groups = Vec::new();
    while let Some(done) = writers.join_next().await {
        let (ids, answered) = done.expect("no panic");
        operations.extend(answered.into_iter().map(|(round, seq)| (seq, (ids, round))));
        groups.push(ids);
    }
    let stored = assert_consistent(&ann).await;
    for ids in groups {
        let [a, b, c] = ids.map(|id| &stored[&id]["description"]);
        assert!(a == b && b == c, "half a change: {a} {b} {c}");
    }
    for logged in ann.operations().await {
        let Some((ids, round)) = operations.remove(&logged["seq"].as_i64().expect("a number")) else { continue };
        let rows = logged["rows"].as_array().expect("rows");
        assert_eq!(rows.iter().map(|row| row["id"].as_i64().expect("a number")).collect::<Vec<_>>(), ids);
        assert!(rows.iter().all(|row| row["row"]["description"] == format!("round {round}")), "{logged}");
    }
    assert!(operations.is_empty(), "answered and lost: {operations:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn that_restarts_hides_no_change_from_open_windows() {
    let cluster = Cluster::durable();
    cluster.start().await;
    let home = Home::postgres(&cluster.url());
    let (server, neighbour) = (home.start().await, home.start().await);
    let ann = server.person("ann").await;
    let mut window = ann.socket().await;
    let elsewhere = ann.at(&neighbour);
    let made = elsewhere.post("/api/me/tasks", json!({ "title": "one" })).await.expect(201);
    window.hears(made.seq()).await;

    cluster.crash();
    cluster.start().await;
    ready(&neighbour).await;
    // One change only, made as soon as it can be: nothing later makes up for it when the window misses it.
    let made = elsewhere.post("/api/me/tasks", json!({ "title": "two" })).await.expect(201);
    window.hears(made.seq()).await;
}
