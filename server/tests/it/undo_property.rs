//! A property: whatever is done, undoing it all, last first, gives back what was there; and doing that again redoes it.

use crate::app::{Client, Engine, TestApp};
use axum::http::Method;
use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};

const SEQUENCES: usize = 40;

/// One thing a person does to tasks 1 to 6, projects 1 to 3 and labels 1 to 3.
fn act() -> impl Strategy<Value = (Method, String, Value)> {
    let task = 1..7_i64;
    let title = prop_oneof![Just("a"), Just("b"), Just("c")];
    let due = prop_oneof![Just(Value::Null), Just(json!("2026-11-20")), Just(json!("2026-12-01T09:00"))];
    let labels = proptest::collection::vec(prop_oneof![Just("x"), Just("y"), Just("z")], 0..3);
    let project = prop_oneof![Just(Value::Null), Just(json!("P")), Just(json!("Q"))];
    let repeat =
        prop_oneof![3 => Just(Value::Null), 1 => Just(json!("FREQ=DAILY")), 1 => Just(json!("FREQ=WEEKLY;COUNT=2"))];
    let patch = (title.clone(), due.clone(), labels.clone(), project.clone(), repeat.clone()).prop_map(
        |(title, due, labels, project, repeat)| json!({"title": title, "due": due, "labels": labels, "project": project, "repeat": repeat}),
    );
    prop_oneof![
        4 => patch.clone().prop_map(|body| (Method::POST, "/api/me/tasks".to_owned(), body)),
        4 => (task.clone(), patch).prop_map(|(id, body)| (Method::PATCH, format!("/api/me/tasks/{id}"), body)),
        2 => (task.clone(), task.clone()).prop_map(|(id, up)| (Method::PATCH, format!("/api/me/tasks/{id}"), json!({"parent_id": up}))),
        2 => (task.clone(), task.clone()).prop_map(|(id, to)| (Method::PATCH, format!("/api/me/tasks/{id}"), json!({"before": to}))),
        4 => task.clone().prop_map(|id| (Method::PATCH, format!("/api/me/tasks/{id}/complete"), json!({}))),
        3 => task.clone().prop_map(|id| (Method::DELETE, format!("/api/me/tasks/{id}"), json!({}))),
        2 => task.clone().prop_map(|id| (Method::POST, format!("/api/me/tasks/{id}/restore"), json!({}))),
        1 => task.clone().prop_map(|id| (Method::DELETE, format!("/api/me/tasks/{id}?permanent=true"), json!({}))),
        2 => (proptest::collection::vec(task, 1..5), prop_oneof![Just("complete"), Just("reopen"), Just("delete"), Just("restore")])
            .prop_map(|(ids, action)| (Method::POST, "/api/me/tasks/bulk".to_owned(), json!({"ids": ids, "action": action}))),
        1 => (1..4_i64).prop_map(|id| (Method::DELETE, format!("/api/me/projects/{id}"), json!({}))),
        1 => (1..4_i64).prop_map(|id| (Method::DELETE, format!("/api/me/labels/{id}"), json!({}))),
        1 => (1..4_i64, 0..3_usize).prop_map(|(id, n)| (Method::PATCH, format!("/api/me/projects/{id}"), json!({"colour": (["red", "blue", "pink"][n]), "archived": n == 1}))),
    ]
}

/// What a person can see outside the trash, without bookkeeping.
async fn visible(client: &Client) -> Value {
    let mut all = Vec::new();
    for path in ["/api/me/tasks?limit=200", "/api/me/projects", "/api/me/labels"] {
        let mut list = client.get(path).await.expect(200).json();
        for row in list.as_array_mut().expect("a list") {
            row["version"] = Value::Null;
            row["updated_at"] = Value::Null;
        }
        all.push(list);
    }
    Value::from(all)
}

async fn holds(client: &Client, acts: &[(Method, String, Value)]) {
    let mut states = vec![visible(client).await];
    let mut done = Vec::new();
    for (method, path, body) in acts {
        let answer = client.send(method.clone(), path, body.to_string().into()).await;
        assert!(!answer.status.is_server_error(), "{method} {path} {body}: {}", answer.text);
        let after = visible(client).await;
        // What was refused or changed nothing leaves no operation.
        let newest = client.get("/api/me/overview").await.json()["seq"].as_i64().expect("a number");
        if answer.status.is_success() && done.last().is_none_or(|seq| *seq < newest) && newest > 0 {
            done.push(newest);
            states.push(after);
        } else {
            assert_eq!(
                states.last(),
                Some(&after),
                "{method} {path} {body} answered {} and changed something",
                answer.status
            );
        }
    }
    let mut undone = Vec::new();
    for (i, seq) in done.iter().enumerate().rev() {
        undone.push(client.post("/api/me/undo", json!({"seq": seq})).await.expect(200).seq());
        assert_eq!(visible(client).await, states[i], "undoing act {i} of {acts:#?}");
    }
    for (i, seq) in undone.iter().rev().enumerate() {
        client.post("/api/me/undo", json!({"seq": seq})).await.expect(200);
        assert_eq!(visible(client).await, states[i + 1], "redoing act {i} of {acts:#?}");
    }
}

#[tokio::test]
async fn everything_can_be_taken_back_and_done_again() {
    let app = TestApp::new(Engine::Sqlite).await;
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    for n in 0..SEQUENCES {
        let client = app.user(&format!("user{n}")).await;
        let acts = proptest::collection::vec(act(), 5..25).new_tree(&mut runner).expect("acts").current();
        holds(&client, &acts).await;
    }
}
