//! `Idempotency-Key`: once is once.

use crate::app::on_both;
use serde_json::json;

on_both! {
    async fn a_repeated_post_is_answered_from_memory(app) {
        let ann = app.user("ann").await;
        let keyed = ann.with("idempotency-key", "k-1");
        let first = keyed.post("/api/me/tasks", json!({"title": "a"})).await.expect(201);
        let second = keyed.post("/api/me/tasks", json!({"title": "a"})).await.expect(201);
        assert_eq!(first.text, second.text);
        assert_eq!((first.header("etag"), first.seq()), (second.header("etag"), second.seq()));
        assert_eq!(ann.titles("").await, ["a"]);
        assert_eq!(keyed.post("/api/me/tasks", json!({"title": "b"})).await.expect(422).json()["code"], "key_reused");
        let bob = app.user("bob").await;
        bob.with("idempotency-key", "k-1").post("/api/me/tasks", json!({"title": "b"})).await.expect(201);
    }

    async fn refusals_are_remembered_and_many_at_once_make_one(app) {
        let ann = app.user("ann").await;
        let keyed = ann.with("idempotency-key", "k-2");
        keyed.post("/api/me/tasks", json!({"title": ""})).await.expect(422);
        keyed.post("/api/me/tasks", json!({"title": ""})).await.expect(422);
        let keyed = ann.with("idempotency-key", "k-3");
        let many = futures::future::join_all((0..8).map(|_| keyed.post("/api/me/tasks", json!({"title": "once"})))).await;
        assert!(many.iter().all(|a| [201, 409].contains(&a.status.as_u16())), "{many:?}");
        assert_eq!(ann.titles("").await, ["once"]);
    }
}
