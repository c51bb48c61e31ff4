//! `POST /api/{user_id}/quick-add`: the grammar on the wire.

use crate::app::on_both;
use serde_json::{Value, json};

on_both! {
    async fn a_line_becomes_a_task(app) {
        let ann = app.user("ann").await;
        let answer = ann.post("/api/me/quick-add", json!({"text": "Call mum tomorrow p1 @family #Home"})).await.expect(201);
        assert_eq!(answer.seq(), 1);
        let body = answer.json();
        let task = &body["tasks"][0];
        assert_eq!((&task["title"], &task["due"], &task["priority"]), (&json!("Call mum"), &json!("2026-11-22"), &json!("high")));
        assert_eq!((&task["labels"], &task["project"]["name"]), (&json!(["family"]), &json!("Home")));
        assert_eq!(body["chips"].as_array().map(Vec::len), Some(4));
        assert_eq!(ann.get("/api/me/tasks/1").await.json(), *task);
    }

    async fn a_dry_run_stores_nothing(app) {
        let ann = app.user("ann").await;
        let body = ann.post("/api/me/quick-add", json!({"text": "Pay rent #Flat tomorrow", "dry_run": true, "now": "2026-12-31T23:00", "timezone": "Europe/Paris"})).await.expect(200).json();
        let task = &body["tasks"][0];
        assert_eq!((&task["id"], &task["due"], &task["project"]), (&Value::Null, &json!("2027-01-01"), &json!({"id": null, "name": "Flat"})));
        assert_eq!(ann.titles("").await.len(), 0);
        assert_eq!(ann.get("/api/me/projects").await.json(), json!([]));
    }

    async fn lines_become_tasks_and_indentation_parts_all_or_none(app) {
        let ann = app.user("ann").await;
        let body = ann.post("/api/me/quick-add", json!({"text": "Move house\n  - [x] pack\n  - call\n\nOther"})).await.expect(201).json();
        assert_eq!(body["tasks"].as_array().map(Vec::len), Some(4));
        assert_eq!((&body["tasks"][1]["parent_id"], &body["tasks"][1]["completed"]), (&json!(1), &json!(true)));
        let long = format!("fine\n{}", "x".repeat(501));
        let problem = ann.post("/api/me/quick-add", json!({"text": long})).await.expect(422).json();
        assert!(problem["errors"][0]["message"].as_str().is_some_and(|m| m.contains("line 2")), "{problem}");
        assert_eq!(ann.titles("").await.len(), 4);
        for (body, field) in [
            (json!({}), "text"), (json!({"text": "  \n "}), "text"), (json!({"text": "a", "timezone": "Mars/Base"}), "timezone"),
            (json!({"text": "a", "now": "soon"}), "now"), (json!({"text": "tomorrow p1"}), "text"), (json!({"text": "a\u{0}"}), "text"),
        ] {
            let problem = ann.post("/api/me/quick-add", body.clone()).await.expect(422).json();
            assert_eq!(problem["errors"][0]["field"], field, "{body}: {problem}");
        }
    }
}
