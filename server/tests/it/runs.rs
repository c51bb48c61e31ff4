//! Answers belong to the server: heard from anywhere, stopped from anywhere, never lost when a listener or a process is.

use crate::{
    app::{Client, Engine, Event, TestApp, on_both, said, say},
    provider::{Play, Provider, asked_by, calls, chunks, text},
    running::eventually,
};
use serde_json::{Value, json};

const PARTS: [&str; 6] = ["Hel", "lo ", "the", "re, ", "🥛 and ", "bread."];

/// An app whose model plays that.
async fn start(engine: Engine, plays: Vec<Play>) -> (Provider, TestApp) {
    asked_by(engine, plays, &[]).await
}

async fn last_message(client: &Client, conversation: i64) -> Value {
    let whole = client.get(&format!("/api/me/conversations/{conversation}")).await.expect(200).json();
    whole["messages"].as_array().and_then(|m| m.last()).expect("a message").clone()
}

const EVENTS: &str = "/api/me/conversations/1/events";

async fn after(client: &Client, seen: &Event) -> Vec<Event> {
    client.with("last-event-id", &seen.id).listen(EVENTS, None).await.rest().await
}

/// Both engines, with a model.
macro_rules! with_model {
    ($(async fn $name:ident($engine:ident) $body:block)+) => {
        $(async fn $name($engine: Engine) $body

        mod $name {
            #[tokio::test]
            async fn sqlite() {
                super::$name(crate::app::Engine::Sqlite).await;
            }

            #[tokio::test]
            async fn postgres() {
                super::$name(crate::app::Engine::Postgres).await;
            }
        })+
    };
}

with_model! {
    async fn others_hear_the_same_from_wherever_they_left_off(engine) {
        let (provider, app) = start(engine, vec![Play::Held(chunks(&PARTS))]).await;
        let other = app.second().await;
        let ann = app.user("ann").await;
        let mut live = ann.listen("/api/me/chat", Some(json!({"message": "hello"}))).await;
        let started = live.next().await.expect("an event");
        assert_eq!((started.name.as_str(), &started.data["user_message_id"], &started.data["message_id"]), ("started", &json!(1), &json!(2)));
        provider.release(2);
        let mut heard = vec![started];
        for _ in 0..2 {
            heard.push(live.until("delta").await);
        }
        // A second tab, and one at another pod.
        let (mut tab, mut pod) = (ann.listen(EVENTS, None).await, ann.at(&other).listen(EVENTS, None).await);
        for listener in [&mut tab, &mut pod] {
            let begun = [listener.next().await, listener.next().await, listener.next().await];
            assert_eq!(begun.map(|e| e.expect("an event")).to_vec(), heard);
        }
        let whole = ann.get("/api/me/conversations/1").await.expect(200).json();
        assert_eq!(whole["messages"][1]["status"], "running");
        let run = whole["run"].as_str().expect("a run").to_owned();
        assert_eq!(heard[0].id, format!("{run}.1"));
        provider.release(100);
        let rest = live.rest().await;
        assert_eq!((tab.rest().await, pod.rest().await), (rest.clone(), rest.clone()));
        heard.extend(rest);
        let done = heard.last().expect("an event");
        assert_eq!((done.name.as_str(), &done.data["reply"]["response"]), ("done", &json!(PARTS.concat())));
        assert_eq!((&done.data["reply"]["message_id"], &done.data["reply"]["status"]), (&json!(2), &json!("done")));
        // From every place, here and there, the rest is the rest; after the last there is nothing.
        for (i, seen) in heard.iter().enumerate().take(heard.len() - 1) {
            assert_eq!(after(&ann, seen).await, heard[i + 1..], "after {}", seen.id);
            let query = format!("{EVENTS}?after={}", seen.id);
            let there = ann.at(&other).listen(&query, None).await.rest().await;
            assert_eq!(said(&there), said(&heard[i + 1..]));
        }
        assert_eq!(said(&heard), PARTS.concat());
        for path in [EVENTS.to_owned(), format!("{EVENTS}?after={}", done.id), format!("{EVENTS}?after=unknown.1")] {
            ann.get(&path).await.expect(204);
        }
        ann.get(&format!("{EVENTS}?after=nonsense")).await.expect(422);
        let bob = app.user("bob").await;
        bob.get(&format!("{EVENTS}?after={run}.0")).await.expect(404);
        // An hour later what was streamed is forgotten; the answer is not.
        app.clock.advance(3601);
        app.state.services.keep_house_once().await.expect("keeps house");
        ann.get(&format!("{EVENTS}?after={run}.0")).await.expect(204);
        assert_eq!(last_message(&ann, 1).await["content"], PARTS.concat());
    }

    async fn stop_works_from_another_pod(engine) {
        let (provider, app) = start(engine, vec![Play::Held(chunks(&PARTS)), text(&["Again."])]).await;
        let other = app.second().await;
        let ann = app.user("ann").await;
        let mut live = ann.listen("/api/me/chat", Some(json!({"message": "hello"}))).await;
        provider.release(1);
        live.until("delta").await;
        let busy = ann.at(&other).post("/api/me/chat", json!({"conversation_id": 1, "message": "and?"})).await.expect(409).json();
        assert_eq!(busy["code"], "turn_running");
        assert!(busy["detail"].as_str().is_some_and(|d| d.contains("stop it")), "{busy}");
        app.user("bob").await.post("/api/me/conversations/1/stop", json!({})).await.expect(404);
        ann.at(&other).post("/api/me/conversations/1/stop", json!({})).await.expect(204);
        let done = live.until("done").await;
        assert_eq!((&done.data["reply"]["status"], &done.data["reply"]["response"]), (&json!("stopped"), &json!("Hel")));
        // The model is not listened to any more.
        provider.left(1).await;
        let answer = last_message(&ann.at(&other), 1).await;
        assert_eq!((&answer["status"], &answer["content"]), (&json!("stopped"), &json!("Hel")));
        ann.post("/api/me/conversations/1/stop", json!({})).await.expect(204);
        assert_eq!(say(&ann, Some(1), "again").await["response"], "Again.");
    }

    async fn a_dead_run_is_ended_by_whoever_notices_and_can_be_tried_again(engine) {
        let (provider, app) = start(engine, vec![Play::Held(chunks(&PARTS)), text(&["Whole."])]).await;
        let other = app.second().await;
        let ann = app.user("ann").await;
        let mut live = ann.listen("/api/me/chat", Some(json!({"message": "hello"}))).await;
        provider.release(2);
        let mut there = ann.at(&other).listen(EVENTS, None).await;
        there.until("delta").await;
        there.until("delta").await;
        // The first pod is as good as dead: its clock has stood still while everybody else's went on.
        // (It may renew its lease once more in between.)
        let failed = loop {
            app.clock.advance(16);
            let soon = tokio::time::timeout(std::time::Duration::from_secs(1), there.until("failed"));
            if let Ok(failed) = soon.await {
                break failed;
            }
        };
        assert_eq!(failed.data["problem"]["code"], "interrupted");
        assert_eq!(there.next().await, None);
        let answer = last_message(&ann.at(&other), 1).await;
        assert_eq!((&answer["status"], &answer["content"]), (&json!("interrupted"), &json!("Hello ")));
        // When it comes back it finds out, and spoils nothing.
        assert_eq!(live.until("failed").await.data["problem"]["code"], "interrupted");
        provider.left(1).await;
        let again = ann.at(&other).post("/api/me/conversations/1/messages/2/retry", json!({})).await.expect(200).json();
        assert_eq!((&again["response"], &again["message_id"], &again["status"]), (&json!("Whole."), &json!(3), &json!("done")));
        let answer = last_message(&ann, 1).await;
        assert_eq!((&answer["id"], &answer["versions"], &answer["parent_id"]), (&json!(3), &json!([2, 3]), &json!(1)));
        let shown = ann.put("/api/me/conversations/1/leaf", json!({"message_id": 2})).await.expect(200).json();
        assert_eq!((&shown["messages"][1]["status"], &shown["messages"][1]["content"]), (&json!("interrupted"), &json!("Hello ")));
    }

    async fn housekeeping_and_the_next_message_end_dead_runs_too(engine) {
        let (_provider, app) = start(engine, vec![text(&["Whole."])]).await;
        let ann = app.user("ann").await;
        let actor = app.state.accounts.authenticate(None, Some(&format!("Bearer {}", ann.token))).await.expect("asks").expect("known").actor;
        let request = |id: Option<i64>| domain::chat::ChatRequest { conversation_id: id.map(domain::id::ConversationId), message: "hello".into(), edits: None };
        // Begun, and never carried out: the process is gone.
        app.state.services.begin_chat(&actor, request(None)).await.expect("begins");
        app.clock.advance(16);
        app.state.services.keep_house_once().await.expect("keeps house");
        assert_eq!(last_message(&ann, 1).await["status"], "interrupted");
        app.state.services.begin_chat(&actor, request(Some(1))).await.expect("begins");
        app.clock.advance(16);
        assert_eq!(say(&ann, Some(1), "hello?").await["response"], "Whole.");
        let whole = ann.get("/api/me/conversations/1").await.json();
        let states: Vec<&Value> = whole["messages"].as_array().expect("a list").iter().map(|m| &m["status"]).collect();
        assert_eq!(states, ["done", "interrupted", "done", "interrupted", "done", "done"]);
        assert_eq!(whole["run"], Value::Null);
    }

    async fn a_request_sent_twice_is_one_turn_that_both_hear(engine) {
        let (provider, app) = start(engine, vec![Play::Held(chunks(&PARTS))]).await;
        let other = app.second().await;
        let ann = app.user("ann").await.with("idempotency-key", "once");
        let body = json!({"message": "hello"});
        let mut first = ann.listen("/api/me/chat", Some(body.clone())).await;
        provider.release(1);
        first.until("delta").await;
        let mut second = ann.at(&other).listen("/api/me/chat", Some(body.clone())).await;
        second.until("delta").await;
        provider.release(100);
        assert_eq!(second.rest().await, first.rest().await);
        assert_eq!(ann.post("/api/me/chat", body.clone()).await.expect(200).json()["response"], PARTS.concat());
        app.clock.advance(3601);
        app.state.services.keep_house_once().await.expect("keeps house");
        // Also when its events are forgotten.
        let again = ann.listen("/api/me/chat", Some(body)).await.rest().await;
        assert_eq!(said(&again), "");
        assert_eq!(again[0].data["reply"]["response"], PARTS.concat());
        assert_eq!(ann.post("/api/me/chat", json!({"message": "another"})).await.expect(422).json()["code"], "key_reused");
        assert_eq!(ann.get("/api/me/conversations").await.json().as_array().map(Vec::len), Some(1));
        assert_eq!(provider.asked().len(), 1);
    }

    async fn calls_are_kept_as_they_happen(engine) {
        let (provider, app) = start(engine, vec![calls(&[("add_task", json!({"title": "milk"}))]), Play::Held(chunks(&PARTS))]).await;
        let other = app.second().await;
        let ann = app.user("ann").await;
        let mut live = ann.listen("/api/me/chat", Some(json!({"message": "add milk"}))).await;
        let states = [live.until("tool_call").await, live.until("tool_call").await].map(|e| e.data["call"]["status"].clone());
        assert_eq!(states, ["running", "done"]);
        // The answer is not there yet; what was done is.
        let call = eventually("the call is stored", async || {
            let answer = last_message(&ann.at(&other), 1).await;
            answer["tool_calls"].get(0).filter(|c| c["status"] == "done").cloned()
        }).await;
        assert_eq!((&call["tool"], &call["operation"]), (&json!("add_task"), &json!(1)));
        provider.release(100);
        let done = live.until("done").await;
        assert_eq!(done.data["reply"]["tool_calls"], json!([call]));
    }
}

on_both! {
    async fn a_question_outlives_its_process_and_is_answered_at_another(app) {
        let ann = app.user("ann").await;
        for title in ["Buy milk", "Call mum", "Pay rent"] {
            ann.task(title).await;
        }
        let asked = say(&ann, None, "complete everything").await;
        let call = &asked["tool_calls"][0];
        assert_eq!(call["status"], "pending");
        let path = format!("/api/me/conversations/1/approvals/{}", call["id"].as_str().expect("an id"));
        let other = app.second().await;
        let there = ann.at(&other);
        for wrong in [json!({"task_ids": [1, 2, 99]}), json!({"task_ids": []}), json!([1]), json!({"task_ids": "all"})] {
            let problem = there.post(&path, json!({"decision": "allow", "arguments": wrong})).await.expect(422).json();
            assert_eq!(problem["code"], "validation_failed", "{problem}");
        }
        let long = "x".repeat(1_001);
        there.post(&path, json!({"decision": "deny", "reason": long})).await.expect(422);
        // Fewer of what was shown.
        let done = there.post(&path, json!({"decision": "allow", "arguments": {"task_ids": [1, 3]}})).await.expect(200).json();
        assert_eq!((&done["tool_calls"][0]["status"], &done["tool_calls"][0]["arguments"]["task_ids"]), (&json!("done"), &json!([1, 3])));
        assert_eq!(ann.titles("?status=open").await, ["Call mum"]);
        assert_eq!(ann.post(&path, json!({"decision": "allow"})).await.expect(409).json()["code"], "already_decided");
    }

    async fn a_no_is_kept_with_its_reason(app) {
        let ann = app.user("ann").await;
        ann.task("Buy milk").await;
        let asked = say(&ann, None, "delete #1").await;
        let path = format!("/api/me/conversations/1/approvals/{}", asked["tool_calls"][0]["id"].as_str().expect("an id"));
        let reply = ann.post(&path, json!({"decision": "deny", "reason": "it is still needed"})).await.expect(200).json();
        assert_eq!(reply["tool_calls"][0]["status"], "denied");
        let whole = ann.get("/api/me/conversations/1").await.json();
        let call = &whole["messages"][1]["tool_calls"][0];
        assert_eq!((&call["status"], &call["result"]["reason"], &call["success"]), (&json!("denied"), &json!("it is still needed"), &json!(false)));
        assert_eq!(call["result"]["tasks"][0]["title"], "Buy milk");
        assert_eq!(ann.titles("").await, ["Buy milk"]);
    }

    async fn a_question_expires(app) {
        let ann = app.user("ann").await;
        ann.task("Buy milk").await;
        let asked = say(&ann, None, "delete #1").await;
        let path = format!("/api/me/conversations/1/approvals/{}", asked["tool_calls"][0]["id"].as_str().expect("an id"));
        app.clock.advance(24 * 3600 + 1);
        let late = ann.post(&path, json!({"decision": "allow"})).await.expect(409).json();
        assert_eq!(late["code"], "expired");
        assert_eq!(last_message(&ann, 1).await["tool_calls"][0]["status"], "denied");
        let reply = say(&ann, Some(1), "yes").await;
        assert!(reply["response"].as_str().is_some_and(|r| r.contains("expired")), "{reply}");
        assert_eq!(ann.titles("").await, ["Buy milk"]);
        say(&ann, Some(1), "delete #1").await;
        app.clock.advance(24 * 3600 + 1);
        app.state.services.keep_house_once().await.expect("keeps house");
        let reply = say(&ann, Some(1), "yes").await;
        assert_eq!(reply["tool_calls"], json!([]));
        assert_eq!(ann.titles("").await, ["Buy milk"]);
    }

    async fn two_decisions_at_once_are_one(app) {
        let ann = app.user("ann").await;
        ann.task("Buy milk").await;
        let asked = say(&ann, None, "delete #1").await;
        let path = format!("/api/me/conversations/1/approvals/{}", asked["tool_calls"][0]["id"].as_str().expect("an id"));
        let other = app.second().await;
        let (here, there) = (ann.clone(), ann.at(&other));
        let answers = futures::future::join_all([&here, &there, &here, &there].map(|c| c.post(&path, json!({"decision": "allow"})))).await;
        let mut states: Vec<u16> = answers.iter().map(|a| a.status.as_u16()).collect();
        states.sort_unstable();
        assert_eq!(states, [200, 409, 409, 409]);
    }
}
