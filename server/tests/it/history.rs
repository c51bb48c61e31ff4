//! Undo, and what changed since.

use crate::app::{Client, on_both};
use serde_json::{Value, json};

async fn everything(client: &Client) -> Vec<Value> {
    let list = client.get("/api/me/tasks?limit=200").await.expect(200).json();
    let mut list = list.as_array().cloned().expect("a list");
    for task in &mut list {
        task["version"] = Value::Null;
        task["updated_at"] = Value::Null;
    }
    list
}

on_both! {
    async fn every_kind_of_change_can_be_taken_back_and_done_again(app) {
        let ann = app.user("ann").await;
        for n in 1..=4 {
            ann.post("/api/me/tasks", json!({"title": format!("t{n}"), "due": "2026-11-20", "repeat": if n == 4 { json!("daily") } else { Value::Null }})).await.expect(201);
        }
        ann.post("/api/me/tasks", json!({"title": "part", "parent_id": 1})).await.expect(201);
        let post = |path: &'static str, body: Value| (axum::http::Method::POST, path, body);
        let patch = |path: &'static str, body: Value| (axum::http::Method::PATCH, path, body);
        for (method, path, body) in [
            post("/api/me/tasks", json!({"title": "new", "labels": ["l"], "project": "p"})),
            patch("/api/me/tasks/1", json!({"title": "x", "due": null, "labels": ["a", "b"], "project": "q", "priority": "high"})),
            patch("/api/me/tasks/2", json!({"position": "first"})),
            patch("/api/me/tasks/1/complete", json!({})),
            patch("/api/me/tasks/4/complete", json!({})),
            (axum::http::Method::DELETE, "/api/me/tasks/1", json!({})),
            post("/api/me/tasks/bulk", json!({"ids": [1, 2, 3], "action": "complete"})),
            post("/api/me/quick-add", json!({"text": "one\ntwo"})),
        ] {
            let before = everything(&ann).await;
            let did = ann.send(method, path, body.to_string().into()).await;
            assert!(did.status.is_success(), "{path}: {}", did.text);
            let after = everything(&ann).await;
            assert_ne!(before, after, "{path} {body}");
            let undo = ann.post("/api/me/undo", json!({})).await.expect(200);
            assert_eq!(undo.json()["undone"], did.seq());
            assert_eq!(before, everything(&ann).await, "{path} {body}");
            let redo = ann.post("/api/me/undo", json!({"seq": undo.seq()})).await.expect(200);
            assert_eq!(after, everything(&ann).await, "{path} {body}");
            ann.post("/api/me/undo", json!({"seq": redo.seq()})).await.expect(200);
            assert_eq!(before, everything(&ann).await, "{path} {body}");
        }
    }

    async fn undoing_walks_back_and_then_has_nothing_left(app) {
        let ann = app.user("ann").await;
        ann.task("a").await;
        ann.patch("/api/me/tasks/1", json!({"title": "b"})).await.expect(200);
        ann.patch("/api/me/tasks/1", json!({"title": "c"})).await.expect(200);
        ann.post("/api/me/undo", json!({})).await.expect(200);
        assert_eq!(ann.titles("").await, ["b"]);
        ann.post("/api/me/undo", json!({})).await.expect(200);
        assert_eq!(ann.titles("").await, ["a"]);
        ann.post("/api/me/undo", json!({})).await.expect(200);
        assert_eq!(ann.titles("").await.len(), 0);
        ann.post("/api/me/undo", json!({})).await.expect(404);
        ann.post("/api/me/undo", json!({"seq": 77})).await.expect(404);
        assert_eq!(ann.post("/api/me/undo", json!({"seq": 1})).await.expect(409).json()["code"], "already_undone");
    }

    async fn a_later_change_is_not_overwritten(app) {
        let ann = app.user("ann").await;
        ann.task("a").await;
        let first = ann.patch("/api/me/tasks/1", json!({"title": "b"})).await.expect(200).seq();
        ann.patch("/api/me/tasks/1", json!({"priority": "high"})).await.expect(200);
        ann.post("/api/me/undo", json!({"seq": first})).await.expect(200);
        let task = ann.get("/api/me/tasks/1").await.json();
        assert_eq!((&task["title"], &task["priority"]), (&json!("a"), &json!("high")), "other fields stay");
        let second = ann.patch("/api/me/tasks/1", json!({"title": "c"})).await.expect(200).seq();
        ann.patch("/api/me/tasks/1", json!({"title": "d"})).await.expect(200);
        let refused = ann.post("/api/me/undo", json!({"seq": second})).await.expect(409).json();
        assert_eq!(refused["code"], "changed_since");
        assert_eq!(ann.titles("").await, ["d"]);
    }

    async fn changes_tell_what_another_window_missed(app) {
        let (ann, bob) = (app.user("ann").await, app.user("bob").await);
        ann.task("a").await;
        bob.task("b").await;
        ann.bearer().patch("/api/me/tasks/1", json!({"title": "c"})).await.expect(200);
        let changes = ann.get("/api/me/changes?since=1").await.expect(200).json();
        assert_eq!(changes.as_array().map(Vec::len), Some(1));
        assert_eq!((&changes[0]["seq"], &changes[0]["kind"], &changes[0]["door"]), (&json!(2), &json!("update"), &json!("api")));
        assert_eq!(changes[0]["rows"][0]["row"]["title"], "c");
        assert_eq!(ann.get("/api/me/changes").await.json().as_array().map(Vec::len), Some(2));
        ann.get("/api/me/changes?since=x").await.expect(422);
        assert_eq!(bob.post("/api/me/undo", json!({"seq": 2})).await.expect(404).json()["code"], "not_found");
    }
}
