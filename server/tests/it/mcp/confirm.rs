//! What is shown to the person before it is done: by the client's own question, or by rows and a second call.

use super::{ERAS, MODERN, Mcp};
use crate::app::{Client, Engine, TestApp, on_both};
use serde_json::{Value, json};

async fn three(ann: &Client) {
    for title in ["One", "Two", "Three"] {
        ann.task(title).await;
    }
}

async fn open(ann: &Client) -> Vec<String> {
    ann.titles("?status=pending").await
}

/// Calls, and answers the question that comes back.
async fn asked(mcp: &Mcp, name: &str, arguments: Value) -> Value {
    let asked = mcp.result("tools/call", json!({"name": name, "arguments": arguments})).await;
    assert_eq!(asked["resultType"], "input_required", "{asked}");
    asked
}

async fn told(mcp: &Mcp, name: &str, arguments: Value, state: &Value, said: Value) -> Value {
    let params =
        json!({"name": name, "arguments": arguments, "requestState": state, "inputResponses": {"confirm": said}});
    mcp.result("tools/call", params).await
}

fn yes() -> Value {
    json!({"action": "accept", "content": {"confirm": true}})
}

on_both! {
    async fn a_client_that_cannot_ask_gets_the_rows_first(app) {
        let ann = app.user("Ann").await;
        three(&ann).await;
        for version in ERAS {
            let mcp = Mcp::of(&app, &ann, version).await;
            for (name, arguments) in [
                ("delete_task", json!({"task_id": 1})),
                ("delete_task", json!({"task_ids": [1, 2]})),
                ("complete_task", json!({"task_ids": [1, 2]})),
                ("update_task", json!({"task_ids": [1, 2], "priority": "high"})),
                ("move_tasks", json!({"task_ids": [1, 2], "due": "tomorrow"})),
            ] {
                let shown = mcp.does(name, arguments.clone()).await;
                assert_eq!(shown["status"], "needs_confirmation", "{name}");
                assert_eq!(shown["tasks"][0]["title"], "One", "{name}");
                assert!(shown.get("seq").is_none() && shown["summary"].is_string() && shown["next"].is_string());
                assert!(shown["confirm"].as_str().is_some_and(|code| code.len() < 40), "{name}: {shown}");
                let mut dry = arguments.clone();
                dry["dry_run"] = json!(true);
                dry["confirm"] = shown["confirm"].clone();
                assert_eq!(mcp.does(name, dry).await, shown, "a dry run changes nothing, whatever else is said");
                assert_eq!(open(&ann).await, ["One", "Two", "Three"], "{name}");
                let mut sure = arguments;
                sure["confirm"] = shown["confirm"].clone();
                // Another process may get the second call.
                let done = mcp.at(&app.second().await).does(name, sure).await;
                let seq = done["seq"].as_i64().unwrap_or_else(|| panic!("{name}: {done}"));
                mcp.does("undo", json!({"operation": seq})).await;
                assert_eq!(open(&ann).await, ["One", "Two", "Three"], "{name}");
            }
            // One that was named is done at once; a dry run is there for it too.
            let shown = mcp.does("complete_task", json!({"task_id": 3, "dry_run": true})).await;
            assert_eq!(shown["status"], "needs_confirmation");
            assert!(shown.get("confirm").is_none(), "nothing has to be agreed to: {shown}");
            assert_eq!(mcp.does("complete_task", json!({"task_id": 3})).await["status"], "completed");
            mcp.does("reopen_task", json!({"task_ids": [3, 3]})).await;
        }
    }

    async fn nothing_but_the_code_of_these_rows_confirms(app) {
        let (ann, bob) = (app.user("Ann").await, app.user("Bob").await);
        three(&ann).await;
        three(&bob).await;
        for version in ERAS {
            let (hers, his) = (Mcp::of(&app, &ann, version).await, Mcp::of(&app, &bob, version).await);
            let both = json!({"task_ids": [1, 2], "priority": "high"});
            let code = async |mcp: &Mcp, name: &str, arguments: Value| mcp.does(name, arguments).await["confirm"].clone();
            let with = |arguments: &Value, code: Value| {
                let mut all = arguments.clone();
                all["confirm"] = code;
                all
            };
            let good = code(&hers, "update_task", both.clone()).await;
            let text = good.as_str().expect("a code");
            let (until, hashed) = text.split_once('.').expect("two parts");
            let later = i64::from_str_radix(until, 16).expect("a time") + 3600;
            let bad = [
                json!(true), json!("true"), json!("yes"), json!(1), json!([good]), json!({"confirm": good}), json!(""),
                json!(format!("{later:x}.{hashed}")), json!(&text[..text.len() - 1]), json!(format!("{text}A")), json!("x".repeat(10_000)),
                // Of somebody else, of other rows, of other arguments, of another tool.
                code(&his, "update_task", both.clone()).await,
                code(&hers, "update_task", json!({"task_ids": [1, 3], "priority": "high"})).await,
                code(&hers, "update_task", json!({"task_ids": [1, 2], "priority": "low"})).await,
                code(&hers, "complete_task", json!({"task_ids": [1, 2]})).await,
            ];
            for bad in bad {
                let again = hers.does("update_task", with(&both, bad.clone())).await;
                assert_eq!((&again["status"], &again["confirm"]), (&json!("needs_confirmation"), &good), "{bad}");
                assert!(again["next"].as_str().is_some_and(|next| next.contains("not a code for this")), "{bad}: {again}");
            }
            // The rows have changed since.
            ann.patch("/api/me/tasks/2", json!({"description": version})).await.expect(200);
            let fresh = hers.does("update_task", with(&both, good.clone())).await;
            assert_eq!(fresh["status"], "needs_confirmation");
            assert_eq!(fresh["tasks"][1]["description"], version);
            // It was shown too long ago.
            app.clock.advance(601);
            let fresh = hers.does("update_task", with(&both, fresh["confirm"].clone())).await;
            assert_eq!(fresh["status"], "needs_confirmation");
            let untouched = ann.get("/api/me/tasks?priority=high").await.expect(200).json();
            assert_eq!(untouched, json!([]));
            // The same call in another order is the same call; then the rows are others.
            let sure = json!({"priority": "high", "confirm": fresh["confirm"], "task_ids": [1, 2]});
            let done = hers.does("update_task", sure.clone()).await;
            assert_eq!(done["status"], "updated");
            assert_eq!(hers.does("update_task", sure).await["status"], "needs_confirmation");
            hers.does("undo", json!({"operation": done["seq"]})).await;
        }
        assert_eq!(bob.get("/api/me/tasks?priority=high").await.expect(200).json(), json!([]));
    }

    async fn a_client_that_can_ask_is_told_what_to_ask(app) {
        let ann = app.user("Ann").await;
        three(&ann).await;
        let mcp = Mcp::of(&app, &ann, MODERN).await.asking();
        let both = json!({"task_ids": [1, 2]});
        let question = asked(&mcp, "delete_task", both.clone()).await;
        let form = &question["inputRequests"]["confirm"];
        assert_eq!(form["method"], "elicitation/create");
        let message = form["params"]["message"].as_str().expect("words");
        assert!(message.starts_with("Delete 2 tasks?") && message.contains("#1 One") && message.contains("#2 Two"), "{message}");
        assert_eq!(form["params"]["requestedSchema"]["properties"]["confirm"]["type"], "boolean");
        let state = &question["requestState"];
        // What stands in the call is not the person's word, not even the code another client of theirs would need.
        asked(&mcp, "delete_task", json!({"task_ids": [1, 2], "confirm": true})).await;
        let code = Mcp::of(&app, &ann, ERAS[0]).await.does("delete_task", both.clone()).await["confirm"].clone();
        asked(&mcp, "delete_task", json!({"task_ids": [1, 2], "confirm": code})).await;
        let shown = mcp.does("delete_task", json!({"task_ids": [1, 2], "dry_run": true})).await;
        assert!(shown["tasks"][1]["title"] == "Two" && shown.get("confirm").is_none(), "{shown}");
        for no in [json!({"action": "decline"}), json!({"action": "cancel"}), json!({"action": "accept"}), json!({"action": "accept", "content": {"confirm": false}}), json!("accept"), json!(null)] {
            let refused = told(&mcp, "delete_task", both.clone(), state, no.clone()).await;
            assert_eq!(refused["isError"], true, "{no}: {refused}");
        }
        assert_eq!(open(&ann).await, ["One", "Two", "Three"]);
        // Another process may get the answer.
        let done = told(&mcp.at(&app.second().await), "delete_task", both.clone(), state, yes()).await;
        assert_eq!(done["structuredContent"]["status"], "deleted");
        assert_eq!(open(&ann).await, ["Three"]);
    }
}

#[tokio::test]
async fn an_answer_counts_for_this_person_this_call_and_these_rows() {
    let app = TestApp::new(Engine::Sqlite).await;
    let (ann, bob) = (app.user("Ann").await, app.user("Bob").await);
    three(&ann).await;
    three(&bob).await;
    let (hers, his) = (Mcp::of(&app, &ann, MODERN).await.asking(), Mcp::of(&app, &bob, MODERN).await.asking());
    let one = json!({"task_id": 1});
    let state = asked(&hers, "delete_task", one.clone()).await["requestState"].clone();
    // Of somebody else, and made up.
    let theirs = asked(&his, "delete_task", one.clone()).await["requestState"].clone();
    for bad in [
        theirs,
        json!("00"),
        json!(""),
        json!("x".repeat(5000)),
        json!(format!("{}0", state.as_str().expect("a text"))),
    ] {
        let refused = told(&hers, "delete_task", one.clone(), &bad, yes()).await;
        let sentence = refused["content"][0]["text"].as_str().expect("a sentence");
        assert!(refused["isError"] == true && sentence.contains("requestState"), "{refused}");
    }
    // For another call the person is asked anew.
    for (name, arguments) in [
        ("delete_task", json!({"task_id": 2})),
        ("delete_task", json!({"task_ids": [1, 2]})),
        ("complete_task", json!({"task_ids": [1, 2]})),
    ] {
        let again = told(&hers, name, arguments, &state, yes()).await;
        assert_eq!(again["resultType"], "input_required", "{again}");
    }
    // So they are when the task is no longer what they saw, and when it was long ago.
    ann.patch("/api/me/tasks/1", json!({"title": "Something else"})).await.expect(200);
    let again = told(&hers, "delete_task", one.clone(), &state, yes()).await;
    assert!(again["inputRequests"]["confirm"]["params"]["message"].as_str().expect("words").contains("Something else"));
    app.clock.advance(11 * 60);
    let late = told(&hers, "delete_task", one.clone(), &again["requestState"], yes()).await;
    assert_eq!(late["resultType"], "input_required");
    assert_eq!(open(&ann).await.len(), 3);
    told(&hers, "delete_task", one, &late["requestState"], yes()).await;
    assert_eq!(open(&ann).await, ["Two", "Three"]);
    assert_eq!(open(&bob).await.len(), 3);
}

#[tokio::test]
async fn subtasks_that_go_along_are_shown() {
    let app = TestApp::new(Engine::Sqlite).await;
    let ann = app.user("Ann").await;
    let mcp = Mcp::of(&app, &ann, MODERN).await;
    for (title, parent) in [("Trip", None), ("Pack", Some(1)), ("Socks", Some(2)), ("Tickets", Some(1)), ("Milk", None)]
    {
        ann.post("/api/me/tasks", json!({"title": title, "parent_id": parent})).await.expect(201);
    }
    ann.patch("/api/me/tasks/4", json!({"completed": true})).await.expect(200);
    let below = |shown: &Value| -> Vec<i64> {
        let all = shown["subtasks"].as_array().expect("a list");
        all.iter().map(|task| task["id"].as_i64().expect("a number")).collect()
    };
    let shown = mcp.does("delete_task", json!({"task_id": 1})).await;
    assert_eq!(shown["summary"], "Delete #1 “Trip” and its 3 subtasks");
    assert_eq!(below(&shown), [2, 4, 3]);
    // Done is done, and stays.
    let done = mcp.does("complete_task", json!({"task_ids": [1, 5]})).await;
    assert_eq!((&done["summary"], below(&done)), (&json!("Complete 2 tasks and their 2 subtasks"), vec![2, 3]));
    ann.post("/api/me/projects", json!({"name": "House"})).await.expect(201);
    let moved = mcp.does("move_tasks", json!({"task_ids": [2, 5], "project": "House"})).await;
    assert_eq!(below(&moved), [3]);
    let later = mcp.does("move_tasks", json!({"task_ids": [1, 5], "due": "2026-12-01"})).await;
    assert!(below(&later).is_empty(), "a date is a task’s own: {later}");
    // A subtask that was named is no subtask that goes along.
    let both = mcp.does("delete_task", json!({"task_ids": [1, 2]})).await;
    assert_eq!((&both["summary"], below(&both)), (&json!("Delete 2 tasks and their 2 subtasks"), vec![3, 4]));
    // Who is reached in two ways goes once, and comes back.
    mcp.does("delete_task", json!({"task_ids": [1, 2], "confirm": both["confirm"]})).await;
    assert_eq!(open(&ann).await, ["Milk"]);
    mcp.does("undo", json!({})).await;
    assert_eq!(open(&ann).await, ["Trip", "Pack", "Socks", "Milk"]);
    // One that came since was not shown.
    ann.post("/api/me/tasks", json!({"title": "Passport", "parent_id": 1})).await.expect(201);
    let again = mcp.does("delete_task", json!({"task_id": 1, "confirm": shown["confirm"]})).await;
    assert_eq!((&again["status"], below(&again).len()), (&json!("needs_confirmation"), 4));
    assert_eq!(open(&ann).await.len(), 5, "nothing went");
    mcp.does("delete_task", json!({"task_id": 1, "confirm": again["confirm"]})).await;
    assert_eq!(open(&ann).await, ["Milk"]);
}

#[tokio::test]
async fn a_project_and_a_label_are_shown_with_their_tasks() {
    let app = TestApp::new(Engine::Sqlite).await;
    let ann = app.user("Ann").await;
    let mcp = Mcp::of(&app, &ann, MODERN).await;
    mcp.does("add_task", json!({"title": "Paint", "project": "House", "labels": ["later"]})).await;
    let shown = mcp.does("delete_project", json!({"project": "House"})).await;
    assert!(shown["summary"].as_str().expect("words").contains("“House” and its 1 task"), "{shown}");
    assert_eq!(shown["tasks"][0]["title"], "Paint");
    let shown = mcp.does("delete_label", json!({"label": "later"})).await;
    assert_eq!((&shown["status"], &shown["tasks"][0]["title"]), (&json!("needs_confirmation"), &json!("Paint")));
    assert_eq!(open(&ann).await, ["Paint"]);
    let code = mcp.does("delete_project", json!({"project": "House"})).await["confirm"].clone();
    mcp.does("add_task", json!({"title": "Sweep", "project": "House"})).await;
    let fresh = mcp.does("delete_project", json!({"project": "House", "confirm": code})).await;
    assert_eq!((&fresh["status"], fresh["tasks"].as_array().map(Vec::len)), (&json!("needs_confirmation"), Some(2)));
    mcp.does("delete_project", json!({"project": "House", "confirm": fresh["confirm"]})).await;
    assert!(open(&ann).await.is_empty());
}
