//! The chat through the real surface: turns, conversations, approvals, the event stream; the built-in assistant behind it.

use crate::app::{on_both, say};
use serde_json::{Value, json};

fn calls(reply: &Value) -> Vec<(&str, &str)> {
    let calls = reply["tool_calls"].as_array().expect("a list");
    calls.iter().map(|c| (c["tool"].as_str().expect("a tool"), c["status"].as_str().expect("a status"))).collect()
}

fn events(text: &str) -> Vec<(String, Value)> {
    text.split("\n\n")
        .filter_map(|block| {
            let line = |name: &str| block.lines().find_map(|l| l.strip_prefix(name)).map(str::trim);
            Some((line("event:")?.to_owned(), serde_json::from_str(line("data:")?).expect("JSON")))
        })
        .collect()
}

on_both! {
    async fn a_task_is_added_and_remembered(app) {
        let ann = app.user("ann").await;
        let answer = ann.post("/api/me/chat", json!({"message": "Add a task to buy groceries"})).await.expect(200);
        assert_eq!(answer.seq(), 1);
        let reply = answer.json();
        assert_eq!(calls(&reply), [("add_task", "done")]);
        let call = &reply["tool_calls"][0];
        assert_eq!((&call["name"], &call["success"], &call["operation"]), (&json!("add_task"), &json!(true), &json!(1)));
        assert_eq!((&call["result"]["task_id"], &call["result"]["status"], &call["result"]["title"]), (&json!(1), &json!("created"), &json!("buy groceries")));
        assert!(reply["response"].as_str().is_some_and(|r| r.contains("#1") && r.contains("buy groceries")), "{reply}");
        let id = reply["conversation_id"].as_i64().expect("a number");
        say(&ann, Some(id), "make it high priority").await;
        assert_eq!(ann.get("/api/me/tasks/1").await.json()["priority"], "high");
        say(&ann, Some(id), "undo that").await;
        assert_eq!(ann.get("/api/me/tasks/1").await.json()["priority"], "none");
        let whole = ann.get(&format!("/api/me/conversations/{id}")).await.expect(200).json();
        assert_eq!(whole["conversation"]["title"], "Add a task to buy groceries");
        let roles: Vec<&Value> = whole["messages"].as_array().expect("a list").iter().map(|m| &m["role"]).collect();
        assert_eq!(roles, ["user", "assistant", "user", "assistant", "user", "assistant"]);
        assert_eq!(whole["messages"][1]["tool_calls"][0]["tool"], "add_task");
        assert_eq!(ann.get("/api/me/changes?since=0").await.json()[0]["door"], "chat");
    }

    async fn a_deletion_waits_for_approval(app) {
        let ann = app.user("ann").await;
        ann.task("Buy milk").await;
        ann.task("Call mum").await;
        let reply = say(&ann, None, "Delete task #2").await;
        assert_eq!(calls(&reply), [("delete_task", "pending")]);
        let call = &reply["tool_calls"][0];
        assert_eq!(call["result"]["tasks"][0], ann.get("/api/me/tasks/2").await.json());
        assert_eq!((&call["success"], &call["operation"]), (&json!(false), &Value::Null));
        assert_eq!(ann.titles("").await.len(), 2);
        let (id, call) = (reply["conversation_id"].clone(), call["id"].as_str().expect("an id").to_owned());
        let path = format!("/api/me/conversations/{id}/approvals/{call}");
        let problem = ann.post(&path, json!({"decision": "perhaps"})).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], "decision");
        let bob = app.user("bob").await;
        bob.post(&path, json!({"decision": "allow"})).await.expect(404);
        let reply = ann.post(&path, json!({"decision": "allow"})).await.expect(200).json();
        assert_eq!(calls(&reply), [("delete_task", "done")]);
        assert_eq!(ann.titles("").await, ["Buy milk"]);
        assert_eq!(ann.titles("?status=trash").await, ["Call mum"]);
        let again = ann.post(&path, json!({"decision": "deny"})).await.expect(409).json();
        assert_eq!(again["code"], "already_decided");
        assert!(again["detail"].as_str().is_some_and(|d| d.contains("approved")), "{again}");
        let whole = ann.get(&format!("/api/me/conversations/{id}")).await.json();
        assert_eq!(whole["messages"][1]["tool_calls"][0]["status"], "done");
        // The deletion is an operation like any other.
        say(&ann, id.as_i64(), "undo that").await;
        assert_eq!(ann.titles("").await.len(), 2);
    }

    async fn a_typed_yes_or_no_decides(app) {
        let ann = app.user("ann").await;
        for title in ["a", "b", "c"] {
            ann.task(title).await;
        }
        let reply = say(&ann, None, "delete #1").await;
        let id = reply["conversation_id"].as_i64();
        let reply = say(&ann, id, "no").await;
        assert_eq!(calls(&reply), [("delete_task", "denied")]);
        let reply = say(&ann, id, "yes").await;
        assert_eq!(calls(&reply), []);
        assert_eq!(ann.titles("").await.len(), 3);
        let reply = say(&ann, id, "complete everything").await;
        assert_eq!(calls(&reply), [("complete_task", "pending")]);
        assert_eq!(reply["tool_calls"][0]["result"]["tasks"].as_array().map(Vec::len), Some(3));
        // A task that comes later is not among the rows that were shown.
        ann.task("d").await;
        let reply = say(&ann, id, "Yes, please!").await;
        assert_eq!(calls(&reply), [("complete_task", "done")]);
        assert_eq!(ann.titles("?status=open").await, ["d"]);
    }

    async fn always_is_for_the_rest_of_the_conversation(app) {
        let ann = app.user("ann").await;
        for title in ["a", "b", "c"] {
            ann.task(title).await;
        }
        let reply = say(&ann, None, "delete #1").await;
        let id = reply["conversation_id"].as_i64().expect("a number");
        let call = reply["tool_calls"][0]["id"].as_str().expect("an id");
        ann.post(&format!("/api/me/conversations/{id}/approvals/{call}"), json!({"decision": "always"})).await.expect(200);
        assert_eq!(calls(&say(&ann, Some(id), "delete #2").await), [("delete_task", "done")]);
        assert_eq!(calls(&say(&ann, None, "delete #3").await), [("delete_task", "pending")]);
    }

    async fn everything_due_today_moves_to_tomorrow(app) {
        let ann = app.user("ann").await;
        for body in [json!({"title": "a", "due": "2026-11-21"}), json!({"title": "b", "due": "2026-11-21T18:00"}), json!({"title": "c", "due": "2026-11-25"})] {
            ann.post("/api/me/tasks", body).await.expect(201);
        }
        let reply = say(&ann, None, "Move everything due today to tomorrow").await;
        assert_eq!(calls(&reply), [("move_tasks", "pending")]);
        let reply = say(&ann, reply["conversation_id"].as_i64(), "yes").await;
        let due = |list: &Value| -> Vec<Value> { list.as_array().expect("a list").iter().map(|t| t["due"].clone()).collect() };
        assert_eq!(due(&ann.get("/api/me/tasks").await.json()), ["2026-11-22", "2026-11-22T18:00", "2026-11-25"]);
        say(&ann, reply["conversation_id"].as_i64(), "undo").await;
        assert_eq!(due(&ann.get("/api/me/tasks").await.json()), ["2026-11-21", "2026-11-21T18:00", "2026-11-25"]);
    }

    async fn what_was_edited_wrongly_is_asked_about_still(app) {
        let ann = app.user("ann").await;
        for title in ["a", "b"] {
            ann.post("/api/me/tasks", json!({"title": title, "due": "2026-11-21"})).await.expect(201);
        }
        let reply = say(&ann, None, "Move everything due today to tomorrow").await;
        let call = &reply["tool_calls"][0];
        let path = format!("/api/me/conversations/1/approvals/{}", call["id"].as_str().expect("an id"));
        let edited = |name: &str, value: Value| {
            let mut arguments = call["arguments"].clone();
            arguments[name] = value;
            json!({"decision": "allow", "arguments": arguments})
        };
        for (name, value) in [("due", json!("some day perhaps")), ("due", json!("2026-13-45")), ("due", json!(7)),
            ("project", json!("x".repeat(200))), ("task_ids", json!([1, 99])), ("colour", json!("red"))] {
            let problem = ann.post(&path, edited(name, value.clone())).await.expect(422).json();
            let field = problem["errors"][0]["field"].as_str().expect("a field");
            assert!([name, "arguments"].contains(&field), "{name} {value}: {problem}");
            let whole = ann.get("/api/me/conversations/1").await.json();
            let messages = whole["messages"].as_array().expect("a list");
            assert_eq!((messages.len(), &messages[1]["tool_calls"][0]["status"]), (2, &json!("pending")), "{name} {value}");
        }
        let reply = ann.post(&path, edited("due", json!("2026-11-25"))).await.expect(200).json();
        assert_eq!(calls(&reply), [("move_tasks", "done")]);
        assert_eq!(ann.get("/api/me/tasks/2").await.json()["due"], "2026-11-25");
    }

    async fn a_yes_is_for_the_question_that_was_asked_last(app) {
        let ann = app.user("ann").await;
        ann.task("Write report").await;
        say(&ann, None, "delete #1").await;
        say(&ann, Some(1), "add bread").await;
        // It may be meant for anything: what it would do is shown first.
        let reply = say(&ann, Some(1), "ok").await;
        assert_eq!(calls(&reply), []);
        assert!(reply["response"].as_str().is_some_and(|r| r.contains("Write report")), "{reply}");
        assert_eq!(ann.titles("?status=open").await, ["Write report", "bread"]);
        say(&ann, Some(1), "yes").await;
        assert_eq!(ann.titles("?status=open").await, ["bread"]);
    }

    async fn a_question_is_repeated_in_the_language_of_the_conversation(app) {
        let ann = app.user("ann").await;
        ann.task("Bericht schreiben").await;
        say(&ann, None, "lösche #1").await;
        say(&ann, Some(1), "füge Brot hinzu").await;
        let reply = say(&ann, Some(1), "ja").await;
        assert!(reply["response"].as_str().is_some_and(|r| r.contains("Bericht schreiben")), "{reply}");
        assert_eq!(ann.titles("?status=open").await, ["Bericht schreiben", "Brot"]);
        say(&ann, Some(1), "ja").await;
        assert_eq!(ann.titles("?status=open").await, ["Brot"]);
    }

    async fn a_question_back_is_answered(app) {
        let ann = app.user("ann").await;
        ann.task("Write report").await;
        ann.task("Send report").await;
        let reply = say(&ann, None, "complete the report").await;
        assert_eq!(calls(&reply), []);
        assert!(reply["response"].as_str().is_some_and(|r| r.contains("Which one")), "{reply}");
        let reply = say(&ann, reply["conversation_id"].as_i64(), "the second").await;
        assert_eq!(calls(&reply), [("complete_task", "done")]);
        assert_eq!(ann.titles("?status=open").await, ["Write report"]);
    }

    async fn events_come_as_they_happen(app) {
        let ann = app.user("ann").await.with("accept", "text/event-stream");
        let answer = ann.post("/api/me/chat", json!({"message": "add milk and show my tasks"})).await.expect(200);
        assert_eq!(answer.header("content-type"), Some("text/event-stream"));
        let events = events(&answer.text);
        let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["started", "tool_call", "tool_call", "delta", "tool_call", "tool_call", "delta", "done"]);
        assert_eq!(events[1].1["call"]["status"], "running");
        assert_eq!(events[1].1["call"]["id"], events[2].1["call"]["id"]);
        assert_eq!(events[0].1["conversation_id"], 1);
        let (_, done) = events.last().expect("an event");
        let said: String = events.iter().filter_map(|(_, e)| e["text"].as_str()).collect();
        assert_eq!(done["reply"]["response"], said);
        assert_eq!(done["reply"]["tool_calls"].as_array().map(Vec::len), Some(2));
    }

    async fn conversations_are_listed_renamed_searched_and_put_away(app) {
        let ann = app.user("ann").await;
        say(&ann, None, "add milk").await;
        app.clock.advance(60);
        let long = format!("show {} tasks", "my ".repeat(40));
        let second = say(&ann, None, &long).await["conversation_id"].as_i64().expect("a number");
        let list = ann.get("/api/me/conversations").await.expect(200).json();
        assert_eq!(list.as_array().map(Vec::len), Some(2));
        assert_eq!(list[0]["id"], second);
        assert!(list[0]["title"].as_str().is_some_and(|t| t.chars().count() <= 61), "{list}");
        let renamed = ann.patch(&format!("/api/me/conversations/{second}"), json!({"title": " Lists "})).await.expect(200).json();
        assert_eq!(renamed["title"], "Lists");
        ann.patch(&format!("/api/me/conversations/{second}"), json!({"title": ""})).await.expect(422);
        let found = ann.get("/api/me/conversations?search=add%20MILK").await.json();
        assert_eq!((found.as_array().map(Vec::len), &found[0]["id"]), (Some(1), &json!(1)));
        assert_eq!(ann.get("/api/me/conversations?search=100%25").await.json(), json!([]));
        ann.delete(&format!("/api/me/conversations/{second}")).await.expect(204);
        ann.get(&format!("/api/me/conversations/{second}")).await.expect(404);
        ann.delete(&format!("/api/me/conversations/{second}")).await.expect(404);
        ann.post("/api/me/chat", json!({"conversation_id": second, "message": "hi"})).await.expect(404);
        let bob = app.user("bob").await;
        bob.get("/api/me/conversations/1").await.expect(404);
        bob.post("/api/me/chat", json!({"conversation_id": 1, "message": "hi"})).await.expect(404);
        assert_eq!(bob.get("/api/me/conversations").await.json(), json!([]));
    }

    async fn messages_are_checked(app) {
        let ann = app.user("ann").await;
        for (body, code) in [
            (json!({}), "missing"),
            (json!({"message": ""}), "empty"),
            (json!({"message": " \n "}), "empty"),
            (json!({"message": 7}), "invalid_type"),
            (json!({"message": "x".repeat(20_001)}), "too_long"),
            (json!({"message": "x".repeat(100_000)}), "too_long"),
            (json!({"message": "a\u{0}b"}), "control_character"),
        ] {
            let problem = ann.post("/api/me/chat", body).await.expect(422).json();
            assert_eq!((&problem["errors"][0]["field"], &problem["errors"][0]["code"]), (&json!("message"), &json!(code)));
        }
        ann.post("/api/me/chat", json!({"message": "x".repeat(2_000_000)})).await.expect(413);
        ann.post("/api/me/chat", json!({"message": "hi", "conversation_id": 9})).await.expect(404);
        app.anonymous().post("/api/me/chat", json!({"message": "hi"})).await.expect(401);
        assert_eq!(ann.get("/api/me/conversations").await.json(), json!([]));
        // A long message and a strange one are answered like any other.
        for strange in ["x ".repeat(9_999), "add ".repeat(4_000), "#".repeat(300), "🥛🥛🥛".into(), "\"“'#@!!".into(), "1 2 3 and, and; and.".into(), "complete complete delete delete".into()] {
            say(&ann, None, &strange).await;
        }
    }

    async fn one_turn_at_a_time(app) {
        let ann = app.user("ann").await;
        let id = say(&ann, None, "hello").await["conversation_id"].as_i64().expect("a number");
        let actor = app.state.accounts.authenticate(None, Some(&format!("Bearer {}", ann.token))).await.expect("asks").expect("known").actor;
        let request = |text: &str| domain::chat::ChatRequest { conversation_id: Some(domain::id::ConversationId(id)), message: text.into(), edits: None };
        // The first turn has begun and does not go on: its process died.
        app.state.services.begin_chat(&actor, request("add a")).await.expect("begins");
        let busy = ann.post("/api/me/chat", json!({"conversation_id": id, "message": "add b"})).await.expect(409).json();
        assert_eq!(busy["code"], "turn_running");
        app.clock.advance(16);
        assert_eq!(calls(&say(&ann, Some(id), "add c").await), [("add_task", "done")]);
        assert_eq!(ann.titles("").await, ["c"]);
    }

    async fn a_listener_that_leaves_loses_nothing(app) {
        let ann = app.user("ann").await;
        let actor = app.state.accounts.authenticate(None, Some(&format!("Bearer {}", ann.token))).await.expect("asks").expect("known").actor;
        let request = domain::chat::ChatRequest { conversation_id: None, message: "add milk".into(), edits: None };
        let turn = app.state.services.begin_chat(&actor, request).await.expect("begins");
        drop(app.state.services.run_turn(&actor, turn));
        for _ in 0..100 {
            let whole = ann.get("/api/me/conversations/1").await.expect(200).json();
            if whole["messages"][1]["status"] == "done" {
                assert_eq!(ann.titles("").await, ["milk"]);
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("the answer was not stored");
    }

    async fn a_repeated_request_is_answered_once(app) {
        let ann = app.user("ann").await.with("idempotency-key", "abc");
        let first = say(&ann, None, "add milk").await;
        assert_eq!(first, say(&ann, None, "add milk").await);
        assert_eq!(ann.titles("").await, ["milk"]);
    }

    async fn another_door_finds_the_tasks_of_the_chat_by_number_only_for_their_owner(app) {
        let ann = app.user("ann").await;
        ann.task("Secret").await;
        let bob = app.user("bob").await;
        for message in ["show task 1", "complete #1", "delete #1", "rename task 1 to x", "move #1 to tomorrow", "restore #1"] {
            let reply = say(&bob, None, message).await;
            assert_eq!(calls(&reply), [], "{message}");
            assert!(reply["response"].as_str().is_some_and(|r| r.contains("no task #1")), "{reply}");
        }
        assert_eq!(ann.titles("?status=open").await, ["Secret"]);
    }
}
