//! Branches of a conversation: an answer tried again, a message edited, what is shown, ratings, pins and files.

use crate::app::{Client, on_both, say};
use serde_json::{Value, json};

async fn shown(client: &Client) -> Vec<i64> {
    ids(&client.get("/api/me/conversations/1").await.expect(200).json())
}

fn ids(transcript: &Value) -> Vec<i64> {
    let messages = transcript["messages"].as_array().expect("a list");
    messages.iter().map(|m| m["id"].as_i64().expect("a number")).collect()
}

on_both! {
    async fn a_message_is_edited_and_answered_anew(app) {
        let ann = app.user("ann").await;
        say(&ann, None, "add milk").await;
        say(&ann, Some(1), "make it high priority").await;
        assert_eq!(shown(&ann).await, [1, 2, 3, 4]);
        let edit = json!({"conversation_id": 1, "message": "add bread", "edits": 1});
        let reply = ann.post("/api/me/chat", edit).await.expect(200).json();
        assert_eq!(reply["message_id"], 6);
        assert_eq!(shown(&ann).await, [5, 6]);
        // What the answer to the old message made is taken back, also when the task was changed since; it stays known.
        assert_eq!(ann.titles("").await, ["bread"]);
        let whole = ann.get("/api/me/conversations/1").await.json();
        assert_eq!((&whole["messages"][0]["versions"], &whole["messages"][1]["versions"]), (&json!([1, 5]), &json!([6])));
        // The branch begins before anything was said, so there is nothing that "it" could be but the new task.
        say(&ann, Some(1), "make it low priority").await;
        assert_eq!(ann.get("/api/me/tasks/2").await.json()["priority"], "low");
        let back = ann.put("/api/me/conversations/1/leaf", json!({"message_id": 1})).await.expect(200).json();
        assert_eq!(ids(&back), [1, 2, 3, 4]);
        // And there "it" is the old one again.
        ann.post("/api/me/tasks/1/restore", json!({})).await.expect(200);
        say(&ann, Some(1), "complete it").await;
        assert_eq!(ann.get("/api/me/tasks/1").await.json()["completed"], true);
        for wrong in [json!({"conversation_id": 1, "message": "x", "edits": 2}), json!({"conversation_id": 1, "message": "x", "edits": 99})] {
            assert_eq!(ann.post("/api/me/chat", wrong).await.expect(422).json()["errors"][0]["field"], "edits");
        }
        ann.post("/api/me/chat", json!({"message": "x", "edits": 1})).await.expect(422);
        for wrong in [json!({}), json!({"message_id": 99}), json!({"message_id": "x"})] {
            assert_eq!(ann.put("/api/me/conversations/1/leaf", wrong).await.expect(422).json()["errors"][0]["field"], "message_id");
        }
    }

    async fn another_try_takes_back_what_the_first_has_done(app) {
        let ann = app.user("ann").await;
        say(&ann, None, "add milk").await;
        let stream = ann.listen("/api/me/conversations/1/messages/2/retry", Some(json!({}))).await.rest().await;
        let notice = stream.iter().find(|e| e.name == "notice").expect("a notice");
        assert!(notice.data["text"].as_str().is_some_and(|t| t.contains("taken back")), "{notice:?}");
        assert_eq!(ann.titles("").await, ["milk"]);
        assert_eq!(shown(&ann).await, [1, 3]);
        // By the question, too; and what the person has taken back already is not mentioned.
        let seq = ann.get("/api/me/conversations/1").await.json()["messages"][1]["tool_calls"][0]["operation"].clone();
        ann.post("/api/me/undo", json!({ "seq": seq })).await.expect(200);
        let stream = ann.listen("/api/me/conversations/1/messages/1/retry", Some(json!({}))).await.rest().await;
        assert!(stream.iter().all(|e| e.name != "notice"), "{stream:?}");
        assert_eq!(ann.titles("").await, ["milk"]);
        let whole = ann.get("/api/me/conversations/1").await.json();
        assert_eq!(whole["messages"][1]["versions"], json!([2, 3, 4]));
    }

    async fn what_has_no_question_cannot_be_tried_again(app) {
        let ann = app.user("ann").await;
        ann.task("a").await;
        let asked = say(&ann, None, "delete #1").await;
        let call = asked["tool_calls"][0]["id"].as_str().expect("an id");
        ann.post(&format!("/api/me/conversations/1/approvals/{call}"), json!({"decision": "deny"})).await.expect(200);
        let problem = ann.post("/api/me/conversations/1/messages/3/retry", json!({})).await.expect(409).json();
        assert_eq!(problem["code"], "no_question");
        ann.post("/api/me/conversations/1/messages/99/retry", json!({})).await.expect(404);
        ann.post("/api/me/conversations/2/messages/1/retry", json!({})).await.expect(404);
    }

    async fn answers_are_rated(app) {
        let ann = app.user("ann").await;
        say(&ann, None, "hello").await;
        let path = "/api/me/conversations/1/messages/2/feedback";
        ann.put(path, json!({"value": "down", "note": "not what I meant"})).await.expect(204);
        let rated = |whole: &Value| whole["messages"][1]["feedback"].clone();
        assert_eq!(rated(&ann.get("/api/me/conversations/1").await.json()), "down");
        ann.put(path, json!({"value": null})).await.expect(204);
        assert_eq!(rated(&ann.get("/api/me/conversations/1").await.json()), Value::Null);
        for wrong in [json!({}), json!({"value": "great"}), json!({"value": "up", "note": "x".repeat(2_001)})] {
            ann.put(path, wrong).await.expect(422);
        }
        ann.put("/api/me/conversations/1/messages/1/feedback", json!({"value": "up"})).await.expect(409);
        ann.put("/api/me/conversations/1/messages/9/feedback", json!({"value": "up"})).await.expect(404);
    }

    async fn pinned_ones_stand_first(app) {
        let ann = app.user("ann").await;
        for text in ["add a", "add b", "add c"] {
            say(&ann, None, text).await;
            app.clock.advance(1);
        }
        let pinned = ann.patch("/api/me/conversations/1", json!({"pinned": true})).await.expect(200).json();
        assert_eq!((&pinned["pinned"], &pinned["title"]), (&json!(true), &json!("add a")));
        let list = ann.get("/api/me/conversations").await.json();
        let order: Vec<&Value> = list.as_array().expect("a list").iter().map(|c| &c["id"]).collect();
        assert_eq!(order, [&json!(1), &json!(3), &json!(2)]);
        ann.patch("/api/me/conversations/1", json!({"pinned": false, "title": "A"})).await.expect(200);
        assert_eq!(ann.get("/api/me/conversations").await.json()[2]["title"], "A");
        ann.patch("/api/me/conversations/1", json!({"pinned": "perhaps"})).await.expect(422);
        ann.patch("/api/me/conversations/1", json!({})).await.expect(422);
    }

    async fn a_conversation_is_taken_away_as_a_file(app) {
        let ann = app.user("ann").await;
        say(&ann, None, "add milk").await;
        ann.post("/api/me/chat", json!({"conversation_id": 1, "message": "add bread", "edits": 1})).await.expect(200);
        let file = ann.get("/api/me/conversations/1/export").await.expect(200);
        assert_eq!(file.header("content-type"), Some("text/markdown; charset=utf-8"));
        assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"conversation-1.md\""));
        assert!(file.text.starts_with("# add milk\n") && file.text.contains("add bread") && file.text.contains("`add_task`"), "{}", file.text);
        assert!(!file.text.contains("\nadd milk"), "another branch: {}", file.text);
        let file = ann.get("/api/me/conversations/1/export?format=json").await.expect(200);
        assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"conversation-1.json\""));
        let all = file.json();
        assert_eq!((ids(&all), &all["shown"]), (vec![1, 2, 3, 4], &json!(4)));
        ann.get("/api/me/conversations/1/export?format=pdf").await.expect(422);
        ann.get("/api/me/conversations/2/export").await.expect(404);
    }

    async fn turns_are_counted(app) {
        let ann = app.user("ann").await;
        say(&ann, None, "add milk and show my tasks").await;
        say(&ann, Some(1), "hello").await;
        let mut conn = app.state.services.store().read().await.expect("a connection");
        assert_eq!(conn.chat_tokens(&domain::id::UserId(ann.user.clone()), "2026-11-21").await.expect("an answer"), 0);
        drop(conn);
        crate::accounts::sql(&app, "UPDATE chat_use SET input_tokens = 7 WHERE messages = 2 AND tool_calls = 2 AND day = '2026-11-21'").await;
        let mut conn = app.state.services.store().read().await.expect("a connection");
        assert_eq!(conn.chat_tokens(&domain::id::UserId(ann.user.clone()), "2026-11-21").await.expect("an answer"), 7);
    }
}
