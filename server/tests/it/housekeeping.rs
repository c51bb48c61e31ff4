//! The trash is emptied after 30 days, links that nobody followed go, and what is in use stays.

use crate::app::on_both;
use serde_json::json;

const DAY: i64 = 24 * 3600;

on_both! {
    async fn the_trash_forgets_after_thirty_days(app) {
        let ann = app.user("ann").await;
        ann.task("old").await;
        ann.post("/api/me/tasks", json!({"title": "part of old", "parent_id": 1})).await.expect(201);
        ann.task("kept").await;
        ann.delete("/api/me/tasks/1").await.expect(200);
        app.clock.advance(5 * DAY);
        ann.task("younger").await;
        ann.delete("/api/me/tasks/4").await.expect(200);
        app.clock.advance(24 * DAY);
        let ann = app.again("ann").await;
        app.state.services.keep_house_once().await.expect("keeps house");
        assert_eq!(ann.titles("?status=trash").await.len(), 3, "29 days are not 30");
        app.clock.advance(2 * DAY);
        app.state.services.keep_house_once().await.expect("keeps house");
        assert_eq!(ann.titles("?status=trash").await, ["younger"]);
        assert_eq!(ann.titles("").await, ["kept"]);
    }

    async fn links_that_nobody_followed_go(app) {
        let now = app.state.services.clock().millis();
        let mut conn = app.state.services.store().write().await.expect("a connection");
        conn.insert_verification("1", "reset-password:old", "ann", now + 1_000, now).await.expect("stored");
        conn.insert_verification("2", "reset-password:new", "ann", now + 60_000, now).await.expect("stored");
        conn.commit().await.expect("kept");
        app.clock.advance(2);
        app.state.services.keep_house_once().await.expect("keeps house");
        let mut conn = app.state.services.store().read().await.expect("a connection");
        // Whatever their age: what is there, is there.
        assert_eq!(conn.verification("reset-password:old", i64::MIN).await.expect("an answer"), None);
        assert_eq!(conn.verification("reset-password:new", i64::MIN).await.expect("an answer").as_deref(), Some("ann"));
    }
}
