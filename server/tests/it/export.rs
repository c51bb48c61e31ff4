//! Everything of a person as a file: whole, in order, and without a secret.

use crate::{
    accounts::sql,
    app::{PASSWORD, on_both},
};
use serde_json::{Value, json};

fn texts<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    list.as_array().expect("a list").iter().map(|item| item[field].as_str().expect("a text")).collect()
}

on_both! {
    async fn everything_is_in_it_and_no_secret(app) {
        let ann = app.user("Ann").await;
        let bob = app.user("Bob").await;
        bob.task("Bob's own").await;
        ann.post("/api/me/projects", json!({ "name": "House" })).await.expect(201);
        ann.post("/api/me/tasks", json!({ "title": "Paint \"it\" 🎨", "project": "House", "labels": ["diy"],
            "due": "2026-11-25T09:00[Europe/Paris]", "repeat": { "rule": "FREQ=WEEKLY" } })).await.expect(201);
        ann.task("Done").await;
        ann.patch("/api/me/tasks/2/complete", json!({})).await.expect(200);
        ann.task("Trashed").await;
        ann.delete("/api/me/tasks/3").await.expect(200);
        ann.post("/api/me/tasks", json!({ "title": "Part", "parent_id": 1 })).await.expect(201);
        ann.patch("/api/me/settings", json!({ "time_zone": "Asia/Tokyo" })).await.expect(200);
        ann.post("/api/me/chat", json!({ "message": "add a task to buy milk" })).await.expect(200);
        ann.post("/api/me/chat", json!({ "message": "hello" })).await.expect(200);
        ann.delete("/api/me/conversations/2").await.expect(204);
        for statement in [
            "INSERT INTO filters (user_id, id, name, name_key, query, colour, position, created_at, updated_at)
                SELECT id, 1, 'Soon', 'soon', 'due:week', 'grey', 'a0', 1, 2 FROM \"user\" WHERE name = 'Ann'",
            "INSERT INTO reminders (user_id, id, task_id, minutes_before) SELECT id, 1, 1, 30 FROM \"user\" WHERE name = 'Ann'",
            "INSERT INTO api_tokens (id, user_id, name, hash, scopes, created_at)
                SELECT 't', id, 'Backup', 'deadbeef-hash', 'read,write', 1 FROM \"user\" WHERE name = 'Ann'",
            "UPDATE \"account\" SET \"accessToken\" = 'provider-access', \"refreshToken\" = 'provider-refresh', \"idToken\" = 'provider-id'",
        ] {
            sql(&app, statement).await;
        }
        let answer = ann.get("/api/me/export").await.expect(200);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        // Where she is it is evening already.
        assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"todo-chatbot-export-2026-11-21.json\""));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let all = answer.json();
        assert_eq!((&all["format"], &all["version"], &all["exported_at"]),
            (&json!("todo-chatbot-export"), &json!(1), &json!("2026-11-21T10:00:00Z")));
        assert_eq!((&all["profile"]["email"], &all["settings"]["time_zone"]), (&json!("ann@example.org"), &json!("Asia/Tokyo")));
        assert_eq!(texts(&all["projects"], "name"), ["House"]);
        assert_eq!(texts(&all["labels"], "name"), ["diy"]);
        assert_eq!(texts(&all["filters"], "query"), ["due:week"]);
        assert_eq!(texts(&all["tasks"], "title"), ["Paint \"it\" 🎨", "Done", "Trashed", "Part", "buy milk"]);
        let tasks = &all["tasks"];
        assert_eq!((&tasks[0]["due"], &tasks[0]["repeat"]["rule"]), (&json!("2026-11-25T09:00[Europe/Paris]"), &json!("FREQ=WEEKLY")));
        assert_eq!((&tasks[0]["project"]["name"], &tasks[0]["labels"], &tasks[3]["parent_id"]), (&json!("House"), &json!(["diy"]), &json!(1)));
        assert_eq!((&tasks[1]["completed"], &tasks[2]["deleted_at"]), (&json!(true), &json!("2026-11-21T10:00:00Z")));
        assert_eq!((&all["reminders"][0]["task_id"], &all["reminders"][0]["minutes_before"]), (&json!(1), &json!(30)));
        let talks = &all["conversations"];
        assert_eq!(talks.as_array().map(Vec::len), Some(2));
        assert_eq!((&talks[0]["deleted_at"], talks[1]["deleted_at"].is_string()), (&Value::Null, true));
        assert_eq!(texts(&talks[0]["messages"], "role"), ["user", "assistant"]);
        assert_eq!(talks[0]["messages"][1]["tool_calls"][0]["status"], "done");
        assert_eq!((&all["accounts"][0]["provider"], &all["api_tokens"][0]["scopes"]), (&json!("credential"), &json!(["read", "write"])));
        assert_eq!(texts(&all["audit"], "kind"), ["signed_up"]);
        assert_eq!(all["sessions"].as_array().map(Vec::len), Some(1));
        for secret in [ann.token.as_str(), PASSWORD, "argon2", "deadbeef-hash", "provider-access", "provider-refresh", "provider-id", "Bob"] {
            assert!(!answer.text.contains(secret), "{secret}");
        }
        let rows = ann.get("/api/me/audit").await.expect(200).json();
        assert!(texts(&rows, "kind").contains(&"exported"));
        app.anonymous().get("/api/me/export").await.expect(401);
        bob.get(&format!("/api/{}/export", ann.user)).await.expect(404);
    }

    async fn much_is_written_in_pages(app) {
        let ann = app.user("ann").await;
        for start in [0, 300] {
            let lines: Vec<String> = (start..start + 300).map(|n| format!("Task number {n}")).collect();
            ann.post("/api/me/quick-add", json!({ "text": lines.join("\n") })).await.expect(201);
        }
        sql(&app, "INSERT INTO audit (id, user_id, at, kind, address, agent, detail)
            SELECT 'copy' || t.id, t.user_id, t.id, 'signed_in', '', '', '' FROM tasks t").await;
        let all = ann.get("/api/me/export").await.expect(200).json();
        let numbers: Vec<i64> = all["tasks"].as_array().expect("a list").iter().filter_map(|t| t["id"].as_i64()).collect();
        assert_eq!(numbers, (1..=600).collect::<Vec<_>>());
        assert_eq!(all["audit"].as_array().map(Vec::len), Some(601));
    }
}
