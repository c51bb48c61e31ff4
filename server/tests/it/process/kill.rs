//! `kill -9` amid writes: what was answered is there, what was not is there whole or not at all, and sending it again
//! with its key does not do it twice.

use crate::{
    postgres,
    running::{Home, Person},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tokio::{sync::watch, task::JoinSet};

const PEOPLE: [&str; 2] = ["ann", "bob"];
const WRITERS: usize = 4;
/// Of each writer; every fourth task is completed too, which makes 1,000 writes.
const TASKS: usize = 100;

/// The answers a writer has got: the task's number and the operation's of each title, and the completed titles.
#[derive(Debug, Default)]
struct Answered {
    created: BTreeMap<String, (i64, i64)>,
    completed: BTreeSet<String>,
}

/// Writes until everything is written or no answer comes any more.
async fn write(person: Person, titles: Vec<String>, answers: watch::Sender<usize>) -> Answered {
    let mut answered = Answered::default();
    for (n, title) in titles.into_iter().enumerate() {
        let body = json!({ "title": title });
        let key = [("idempotency-key", title.as_str())];
        let Ok(made) = person.ask_with(Method::POST, "/api/me/tasks", Some(&body), &key).await else { break };
        let made = made.expect(201);
        let id = made.json()["id"].as_i64().expect("a number");
        answered.created.insert(title.clone(), (id, made.seq()));
        answers.send_modify(|n| *n += 1);
        if n % 4 == 0 {
            let path = format!("/api/me/tasks/{id}/complete");
            let Ok(done) = person.ask(Method::PATCH, &path, None).await else { break };
            assert_eq!(done.expect(200).json()["completed"], true);
            answered.completed.insert(title);
            answers.send_modify(|n| *n += 1);
        }
    }
    answered
}

/// The log has no gap, numbers are given out once and in order, and replaying the log gives what is stored.
pub async fn assert_consistent(person: &Person) -> BTreeMap<i64, Value> {
    let operations = person.operations().await;
    let seqs: Vec<i64> = operations.iter().map(|o| o["seq"].as_i64().expect("a number")).collect();
    let gapless: Vec<i64> = (1..).take(seqs.len()).collect();
    assert_eq!(seqs, gapless, "the log has a gap");
    let mut replayed: BTreeMap<i64, Value> = BTreeMap::new();
    for operation in &operations {
        for row in operation["rows"].as_array().expect("rows") {
            replayed.insert(row["id"].as_i64().expect("a number"), row["row"].clone());
        }
    }
    let stored: BTreeMap<i64, Value> =
        person.tasks().await.into_iter().map(|task| (task["id"].as_i64().expect("a number"), task)).collect();
    assert_eq!(replayed, stored, "the log does not tell what is stored");
    let ids: Vec<i64> = stored.keys().copied().collect();
    let gapless: Vec<i64> = (1..).take(ids.len()).collect();
    assert_eq!(ids, gapless, "a number was taken and not used");
    stored
}

async fn survives(home: Home) {
    let mut server = home.start().await;
    let (answers, mut count) = watch::channel(0);
    let mut people = Vec::new();
    let mut writers = JoinSet::new();
    for name in PEOPLE {
        let person = server.person(name).await;
        people.push(person.clone());
        for writer in 0..WRITERS {
            let titles = (0..TASKS).map(|n| format!("{name}-{writer}-{n}")).collect();
            let (person, answers) = (person.clone(), answers.clone());
            writers.spawn(async move { (name, write(person, titles, answers).await) });
        }
    }
    let moment = 200 + usize::from(u8::from_be_bytes(server::ids::bytes())) * 2;
    count.wait_for(|n| *n >= moment).await.expect("the writers write");
    server.kill();
    let mut answered: BTreeMap<&str, Answered> = BTreeMap::new();
    while let Some(done) = writers.join_next().await {
        let (name, more) = done.expect("no panic");
        let all = answered.entry(name).or_default();
        all.created.extend(more.created);
        all.completed.extend(more.completed);
    }
    assert!(*count.borrow() < 1000, "killed too late to show anything");

    let server = home.start().await;
    for (name, person) in PEOPLE.iter().zip(people) {
        let (person, answered) = (person.at(&server), &answered[name]);
        let stored = assert_consistent(&person).await;
        let operations = person.operations().await;
        for (title, (id, seq)) in &answered.created {
            let task =
                stored.get(id).unwrap_or_else(|| panic!("task {id} was answered and is lost (killed after {moment})"));
            assert_eq!(task["title"], **title);
            if answered.completed.contains(title) {
                assert_eq!(task["completed"], true, "{title} (killed after {moment})");
            }
            let operation = &operations[usize::try_from(seq - 1).expect("from 1")];
            assert_eq!((&operation["kind"], &operation["rows"][0]["id"]), (&json!("create"), &json!(id)));
        }
        sends_again(name, &person, &stored).await;
    }
}

/// Everything is sent again with its key: what was done is not done twice.
async fn sends_again(name: &str, person: &Person, stored: &BTreeMap<i64, Value>) {
    let known = |title: &str| stored.values().any(|task| task["title"] == title);
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let person = person.clone();
        let titles: Vec<(String, bool)> = (0..TASKS)
            .map(|n| format!("{name}-{writer}-{n}"))
            .map(|title| {
                let there = known(&title);
                (title, there)
            })
            .collect();
        writers.spawn(async move {
            let mut undecided = 0;
            for (title, there) in titles {
                let body = json!({ "title": title });
                let key = [("idempotency-key", title.as_str())];
                let again = person.ask_with(Method::POST, "/api/me/tasks", Some(&body), &key).await.expect("an answer");
                match (again.status.as_u16(), there) {
                    // Done now, or the first answer again.
                    (201, _) => assert_eq!(again.json()["title"], title),
                    (409, true) => assert_eq!(again.json()["code"], "already_done"),
                    // The key was claimed and the process killed before the task was made: for two minutes nobody can
                    // know that no other process still works on it.
                    (409, false) => {
                        assert_eq!(again.json()["code"], "in_progress");
                        undecided += 1;
                    }
                    _ => panic!("{title}: {} {}", again.status, again.text),
                }
            }
            undecided
        });
    }
    let undecided: Vec<usize> = writers.join_all().await;
    assert!(undecided.iter().all(|n| *n <= 1), "one writer has one request under way: {undecided:?}");
    let stored = assert_consistent(person).await;
    let titles: BTreeSet<&str> = stored.values().map(|task| task["title"].as_str().expect("a title")).collect();
    assert_eq!(titles.len(), stored.len(), "something was done twice");
    assert_eq!(stored.len(), WRITERS * TASKS - undecided.iter().sum::<usize>());
}

#[tokio::test(flavor = "multi_thread")]
async fn loses_nothing_that_was_answered_on_sqlite() {
    survives(Home::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn loses_nothing_that_was_answered_on_postgres() {
    survives(Home::postgres(&postgres::fresh().await)).await;
}
