//! How much the assistant is used: counted with each answer, shown to admins only, as numbers and as a page.

use crate::app::{Client, on_both};
use serde_json::{Value, json};

async fn say(client: &Client, message: &str) {
    client.post("/api/me/chat", json!({ "message": message })).await.expect(200);
}

async fn rows(admin: &Client, query: &str) -> Vec<Value> {
    let found = admin.get(&format!("/api/admin/chat-use{query}")).await.expect(200).json();
    found.as_array().expect("a list").clone()
}

on_both! {
    async fn use_is_counted_by_day_and_person(app) {
        let (ann, bob) = (app.user("ann").await, app.user("bob").await);
        assert_eq!(rows(&ann, "").await, Vec::<Value>::new());
        let page = ann.get("/admin/use").await.expect(200).text;
        assert!(page.contains("Nobody has written to the assistant"), "{page}");
        say(&bob, "Add a task to buy milk").await;
        say(&bob, "hello").await;
        app.clock.advance(24 * 3600);
        say(&bob, "Show all my tasks").await;
        say(&ann, "hello").await;
        let found = rows(&ann, "?days=30").await;
        let short: Vec<(&str, &str, i64, i64)> = found
            .iter()
            .map(|r| (r["day"].as_str().unwrap_or(""), r["user"]["name"].as_str().unwrap_or(""), r["messages"].as_i64().unwrap_or(-1), r["tool_calls"].as_i64().unwrap_or(-1)))
            .collect();
        assert_eq!(short, [("2026-11-22", "ann", 1, 0), ("2026-11-22", "bob", 1, 1), ("2026-11-21", "bob", 2, 1)]);
        assert_eq!((&found[0]["input_tokens"], &found[0]["output_tokens"]), (&json!(0), &json!(0)));
        assert_eq!(rows(&ann, "?days=1").await.len(), 2);
        for wrong in ["0", "-1", "367", "many", "99999999999"] {
            let answer = ann.get(&format!("/api/admin/chat-use?days={wrong}")).await.expect(422);
            assert_eq!(answer.json()["errors"][0]["field"], "days");
        }
        let page = ann.get("/admin/use?days=7").await.expect(200).text;
        for part in ["4 messages", "2 people", "bob@example.org", "ann@example.org", "<rect"] {
            assert!(page.contains(part), "{part}: {page}");
        }
        // Nothing that was said.
        assert!(!page.contains("milk"), "{page}");
    }

    async fn nobody_else_sees_it(app) {
        let (ann, bob) = (app.user("ann").await, app.user("bob").await);
        say(&ann, "Add a task to buy milk").await;
        app.anonymous().get("/api/admin/chat-use").await.expect(401);
        assert_eq!(bob.get("/api/admin/chat-use").await.expect(403).json()["code"], "forbidden");
        let page = bob.get("/admin/use").await;
        assert!(!page.text.contains("ann@") && page.text.contains("Only administrators"), "{}", page.text);
        assert_eq!(page.status, 403);
    }
}
