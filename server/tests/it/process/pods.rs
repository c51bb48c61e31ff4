//! Three processes on one PostgreSQL behind one address: replaced one by one while people work, and one whose clock is off.

use super::{balancer::Balancer, kill::assert_consistent};
use crate::{
    postgres,
    provider::{Play, Provider, chunks},
    running::{Home, Person, Running},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::task::JoinSet;

const EVENTS: &str = "/api/me/conversations/1/events";
/// Where Debian has it; the loader puts in the folder of this machine's libraries.
const FAKETIME: &str = "/usr/$LIB/faketime/libfaketime.so.1";

/// Adds, reads and changes until told to stop; every request has to succeed. Answers the titles it made.
async fn works(person: Person, name: String, stop: Arc<AtomicBool>) -> BTreeSet<String> {
    let mut made = BTreeSet::new();
    for round in 0.. {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let title = format!("{name} {round}");
        let key = [("idempotency-key", title.as_str())];
        let body = json!({ "title": title });
        // Sent twice, as a client does that is not sure; most often another process gets the second one.
        let send = || person.ask_with(Method::POST, "/api/me/tasks", Some(&body), &key);
        let first = send().await.expect("an answer").expect(201).json();
        let again = send().await.expect("an answer").expect(201).json();
        assert_eq!(first["id"], again["id"], "one request made two tasks");
        let path = format!("/api/me/tasks/{}", first["id"]);
        assert_eq!(person.get(&path).await.expect(200).json()["title"], title.as_str());
        person.patch(&path, json!({"description": "changed"})).await.expect(200);
        person.get("/api/me/overview").await.expect(200);
        made.insert(title);
    }
    made
}

/// Follows an answer to its end, taking it up again wherever a process leaves off. Answers the numbers and the text.
async fn follows(person: Person) -> (Vec<String>, String) {
    let (mut ids, mut text) = (Vec::<String>::new(), String::new());
    loop {
        let mut listening = person.listen(EVENTS, None, ids.last().map(String::as_str)).await;
        while let Some(event) = listening.next().await {
            ids.push(event.id.clone());
            match event.name.as_str() {
                "delta" => text.push_str(event.data["text"].as_str().unwrap_or_default()),
                "done" => return (ids, text),
                "failed" => panic!("{event:?} after {text:?}"),
                _ => {}
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rolling_restart_loses_no_request_and_no_event() {
    let parts: Vec<String> = (0..40).map(|n| format!("word{n} ")).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let provider = Provider::start(vec![Play::Held(chunks(&parts))]).await;
    let home = Home::postgres(&postgres::fresh().await).set("SHUTDOWN_DELAY", "1").set("DATABASE_POOL", "5");
    let home = provider.settings().iter().fold(home, |home, (name, value)| home.set(name, value));
    let balancer = Balancer::start().await;
    let mut running: Vec<Running> = Vec::new();
    for _ in 0..3 {
        let server = home.start().await;
        balancer.add(&server);
        running.push(server);
    }
    let ann = running.last().expect("one").person("ann").await.through(&balancer.base);

    let stop = Arc::new(AtomicBool::new(false));
    let mut workers = JoinSet::new();
    for n in 0..4 {
        workers.spawn(works(ann.clone(), format!("worker {n}"), stop.clone()));
    }
    // The last one is replaced last and answers; two windows follow from wherever they get to.
    let answering = ann.at(running.last().expect("one"));
    let mut asked = answering.listen("/api/me/chat", Some(&json!({"message": "hello"})), None).await;
    asked.until("started").await;
    let windows = [tokio::spawn(follows(ann.clone())), tokio::spawn(follows(ann.clone()))];
    for _ in 0..3 {
        let old = running.remove(0);
        let new = home.start().await;
        balancer.add(&new);
        running.push(new);
        provider.release(10);
        let base = old.base.clone();
        old.terminate();
        if base == answering.base() {
            // It is told to go while its answer is under way, and finishes that.
            provider.release(30);
        }
        let (status, log) = old.exit().await;
        assert!(status.success(), "{log:#?}");
        balancer.remove(&base);
    }
    let whole = parts.concat();
    for window in windows {
        let (ids, text) = window.await.expect("no panic");
        assert_eq!(text.trim(), whole.trim());
        let numbers: Vec<u64> =
            ids.iter().map(|id| id.rsplit('.').next().and_then(|n| n.parse().ok()).expect("a number")).collect();
        let gapless: Vec<u64> = (1..).take(numbers.len()).collect();
        assert_eq!(numbers, gapless, "an event was lost or told twice");
    }
    stop.store(true, Ordering::SeqCst);
    let mut made = BTreeSet::new();
    while let Some(done) = workers.join_next().await {
        made.extend(done.expect("every request was answered"));
    }
    assert!(made.len() > 12, "too little load to show anything: {}", made.len());
    let stored: BTreeSet<String> = assert_consistent(&ann).await.values().map(title).collect();
    assert_eq!(stored, made);
}

fn title(task: &Value) -> String {
    task["title"].as_str().expect("a title").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_off_does_no_harm() {
    for off in ["+5m", "-5m"] {
        let provider = Provider::start(vec![Play::Held(chunks(&["Hel", "lo."]))]).await;
        let home = Home::postgres(&postgres::fresh().await);
        let home = provider.settings().iter().fold(home, |home, (name, value)| home.set(name, value));
        let right = home.start().await;
        // As `faketime -f` does it, which stays between us and the process and would leave it behind. Only the date is
        // off: a process measures how long things take by another clock, which nobody sets.
        let fake = [("LD_PRELOAD", FAKETIME), ("FAKETIME", off), ("FAKETIME_DONT_FAKE_MONOTONIC", "1")];
        let wrong = fake.iter().fold(home, |home, (name, value)| home.set(name, value)).start().await;
        wrong.log.wait(|line| line.contains("this machine’s clock is")).await;
        let ann = right.person("ann").await;
        let there = ann.at(&wrong);
        // Sessions and tokens of the one are good at the other, and last as long as they should.
        there.get("/api/me/tasks").await.expect(200);
        let bob = wrong.person("bob").await.at(&right);
        bob.get("/api/me/tasks").await.expect(200);
        // An answer under way is not taken for one that was left behind.
        let mut live = ann.listen("/api/me/chat", Some(&json!({"message": "hello"})), None).await;
        provider.release(1);
        live.until("delta").await;
        let mut window = there.listen(EVENTS, None, None).await;
        window.until("delta").await;
        let busy = there.ask(Method::POST, "/api/me/chat", Some(&json!({"conversation_id": 1, "message": "?"}))).await;
        assert_eq!(busy.expect("an answer").expect(409).json()["code"], "turn_running", "{off}");
        provider.release(5);
        assert_eq!(window.until("done").await.data["reply"]["response"], "Hello.", "{off}");
        // Changes keep their order, whoever writes.
        let times = async |person: &Person| {
            let made = person.post("/api/me/tasks", json!({"title": "x"})).await.expect(201).json();
            made["created_at"].as_str().expect("a time").to_owned()
        };
        let (first, second, third) = (times(&ann).await, times(&there).await, times(&ann).await);
        assert!(first <= second && second <= third, "{off}: {first} {second} {third}");
    }
}
