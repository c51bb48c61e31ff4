//! Every tool at work on both databases, its answers checked against its schema; and never on somebody else's data.

use super::Hand;
use crate::app::on_both;
use serde_json::{Value, json};
use server::{
    actor::{Scope, Scopes},
    service::Error,
    tools::TOOLS,
};

/// How many of everything the other person has.
const THEIRS: i64 = 20;

on_both! {
    async fn every_tool_answers_as_its_schema_says(app) {
        let ann = app.user("ann").await;
        let hand = Hand::of(&app, &ann);
        let made = hand.does("add_task", json!({"title": "Report", "description": "long", "due": "tomorrow at 9", "deadline": "2026-11-30", "start": "2026-11-20", "priority": "P1", "labels": ["home", "Écrit"], "project": "Work", "repeat": "every friday"})).await;
        assert_eq!((&made["task_id"], &made["status"], &made["title"]), (&json!(1), &json!("created"), &json!("Report")));
        let made = hand.does("add_tasks", json!({"tasks": [{"title": "One", "parent_id": 1}, {"title": "Two", "tags": ["home"]}]})).await;
        assert_eq!(made["task_ids"], json!([2, 3]));
        hand.does("quick_add", json!({"text": "Call mum tomorrow 5pm #Family @phone p1\nBuy milk"})).await;
        hand.does("list_tasks", json!({})).await;
        hand.does("search", json!({"text": "milk"})).await;
        let one = hand.does("get_task", json!({"task_id": 1})).await;
        assert_eq!(one["subtasks"][0]["id"], 2);
        hand.does("plan_day", json!({"date": "2026-11-22"})).await;
        let changed = hand.does("update_task", json!({"task_id": "#3", "add_labels": ["new"], "remove_labels": ["home"], "title": "Second"})).await;
        assert_eq!((&changed["tasks"][0]["labels"], &changed["title"]), (&json!(["new"]), &json!("Second")));
        hand.does("update_task", json!({"task_ids": [2, 3], "priority": "low", "parent_id": 0})).await;
        hand.does("move_tasks", json!({"task_ids": [2, 3], "due": "2026-12-01"})).await;
        hand.does("move_tasks", json!({"task_ids": [2, 3], "shift": {"days": 2}})).await;
        let done = hand.does("complete_task", json!({"task_id": 2})).await;
        assert_eq!((&done["status"], &done["task_id"], &done["title"]), (&json!("completed"), &json!(2), &json!("One")));
        hand.does("reopen_task", json!({"task_ids": [2]})).await;
        let gone = hand.does("delete_task", json!({"task_id": 2})).await;
        assert_eq!((&gone["status"], &gone["task_id"]), (&json!("deleted"), &json!(2)));
        hand.does("restore_task", json!({"task_id": 2})).await;
        hand.does("create_project", json!({"name": "Garden", "colour": "green", "parent": "Work"})).await;
        hand.does("update_project", json!({"project": "garden", "name": "Yard", "archived": true, "parent": ""})).await;
        let shown = hand.does("list_projects", json!({})).await;
        let all = hand.does("list_projects", json!({"archived": true})).await;
        assert_eq!((shown["projects"].as_array().map(Vec::len), all["projects"].as_array().map(Vec::len)), (Some(2), Some(3)));
        hand.does("delete_project", json!({"project": "#Yard"})).await;
        hand.does("create_label", json!({"name": "waiting"})).await;
        hand.does("update_label", json!({"label": "@waiting", "name": "later", "colour": "red"})).await;
        hand.does("list_labels", json!({})).await;
        let gone = hand.does("delete_label", json!({"label": "later"})).await;
        let undone = hand.does("undo", json!({"operation": gone["seq"]})).await;
        assert_eq!(undone["undone"], gone["seq"]);
        hand.does("undo", json!({})).await;
        let had: Vec<&str> = TOOLS.iter().map(|t| t.name).collect();
        assert_eq!(had.len(), 22, "a new tool belongs into this test: {had:?}");
    }

    async fn a_toggle_toggles_and_the_older_names_work(app) {
        let ann = app.user("ann").await;
        let hand = Hand::of(&app, &ann);
        hand.does("create_task", json!({"user_id": ann.user, "title": "Milk", "due_date": "2026-11-23"})).await;
        assert_eq!(hand.does("list_tasks_tool", json!({"user_id": "me", "status": "pending"})).await["tasks"][0]["due"], "2026-11-23");
        for (status, completed) in [("completed", true), ("reopened", false), ("completed", true)] {
            let answer = hand.does("toggle_complete", json!({"id": 1})).await;
            assert_eq!((&answer["status"], &answer["tasks"][0]["completed"]), (&json!(status), &json!(completed)));
        }
    }

    async fn what_was_so_already_offers_nothing_to_undo(app) {
        let ann = app.user("ann").await;
        let hand = Hand::of(&app, &ann);
        hand.does("add_task", json!({"title": "Milk"})).await;
        assert!(hand.does("complete_task", json!({"task_id": 1})).await["seq"].is_i64());
        assert_eq!(hand.does("complete_task", json!({"task_id": 1})).await["seq"], Value::Null);
        assert_eq!(hand.does("update_task", json!({"task_id": 1, "title": "Milk"})).await["seq"], Value::Null);
    }

    async fn a_list_is_cut_sorted_and_gone_on_with(app) {
        let ann = app.user("ann").await;
        let hand = Hand::of(&app, &ann);
        let tasks: Vec<Value> = (1..=7).map(|i| json!({"title": format!("T{i}"), "deadline": format!("2026-12-0{i}"), "repeat": if i % 2 == 0 { "every day" } else { "" }})).collect();
        hand.does("add_tasks", json!({ "tasks": tasks })).await;
        for conditions in [json!({"sort": "title", "order": "desc"}), json!({"repeating": true}), json!({"deadline_from": "2026-12-03", "deadline_to": "2026-12-06"})] {
            let mut whole = conditions.clone();
            whole["limit"] = json!(200);
            let whole = hand.does("list_tasks", whole).await;
            let mut pieces = Vec::new();
            let mut page = conditions;
            page["limit"] = json!(2);
            loop {
                let answer = hand.does("list_tasks", page.clone()).await;
                pieces.extend(answer["tasks"].as_array().expect("a list").clone());
                assert_eq!(answer["more"].as_bool(), Some(answer["cursor"].is_string()), "{page}");
                if answer["cursor"].is_null() {
                    break;
                }
                page["cursor"] = answer["cursor"].clone();
            }
            assert!(pieces.len() >= 3, "{page}");
            assert_eq!(whole["tasks"], json!(pieces), "{page}");
        }
        assert!(hand.tries("list_tasks", json!({"cursor": "nonsense"})).await.is_err());
        let parts = hand.does("list_tasks", json!({"parent_id": 1})).await;
        assert_eq!(parts["count"], 0);
    }

    async fn nobody_reaches_what_is_somebody_elses(app) {
        let (ann, eve) = (app.user("ann").await, app.user("eve").await);
        let hand = Hand::of(&app, &ann);
        // Numbers are counted per person, so Ann has more of everything than Eve will have.
        for i in 1..=THEIRS {
            let new = json!({"title": format!("Secret {i}"), "project": format!("Hidden {i}"), "labels": [format!("private {i}")]});
            hand.does("add_task", new).await;
        }
        let (before, log) = (ann.get("/api/me/tasks").await.text, ann.get("/api/me/changes?since=0").await.text);
        let thief = Hand::of(&app, &eve);
        for tool in TOOLS {
            let schema = tool.schema();
            let properties = schema["properties"].as_object().expect("an object");
            // Everything that can name a thing names Ann's.
            let mut arguments = json!({});
            for name in properties.keys() {
                match name.as_str() {
                    "task_id" | "parent_id" | "operation" | "project" | "label" => arguments[name] = json!(THEIRS),
                    "text" | "search" => arguments[name] = json!("secret"),
                    "due" if tool.name == "move_tasks" => arguments[name] = json!("2026-12-01"),
                    "priority" if tool.name == "update_task" => arguments[name] = json!("high"),
                    "title" | "name" if tool.name != "update_task" => arguments[name] = json!("mine"),
                    _ => {}
                }
            }
            // A list's project would be refused before anything else is looked at.
            if tool.name == "list_tasks" {
                for only in ["project", "parent_id"] {
                    let refused = thief.tries("list_tasks", json!({only: THEIRS})).await;
                    assert!(refused.is_err(), "list_tasks by {only}");
                }
                arguments = json!({"search": "secret"});
            }
            match thief.tries(tool.name, arguments.clone()).await {
                Ok(result) => assert!(!result.value.to_string().contains("Secret"), "{}: {}", tool.name, result.value),
                Err(error) => assert!(!error.to_string().contains("Secret"), "{}: {error}", tool.name),
            }
            if properties.contains_key("task_ids") {
                let several = thief.tries(tool.name, json!({"task_ids": [THEIRS, 1], "due": "2026-12-01"})).await;
                assert!(several.is_err(), "{} of Ann's tasks", tool.name);
            }
            // The person is the caller, whatever is said.
            for other in [json!(ann.user), json!(7), json!("")] {
                let mut named = arguments.clone();
                named["user_id"] = other;
                let refused = thief.tries(tool.name, named).await;
                assert!(matches!(refused, Err(Error::Forbidden(_))), "{}: {refused:?}", tool.name);
            }
        }
        assert_eq!(ann.get("/api/me/tasks").await.text, before);
        assert_eq!(ann.get("/api/me/changes?since=0").await.text, log);
    }

    async fn a_token_that_reads_only_looks(app) {
        let ann = app.user("ann").await;
        let mut hand = Hand::of(&app, &ann);
        hand.does("add_task", json!({"title": "Milk", "project": "Home", "labels": ["x"]})).await;
        hand.actor.scopes = Scopes::from_iter([Scope::Read, Scope::Chat]);
        for tool in TOOLS {
            let arguments = match tool.name {
                "get_task" => json!({"task_id": 1}),
                "search" => json!({"text": "milk"}),
                _ => json!({}),
            };
            let tried = hand.tries(tool.name, arguments).await;
            assert_eq!(tried.is_ok(), tool.read_only(), "{}: {tried:?}", tool.name);
            assert!(tool.read_only() || matches!(tried, Err(Error::Scope(Scope::Write))), "{}: {tried:?}", tool.name);
        }
    }
}

#[tokio::test]
async fn a_part_of_a_batch_that_cannot_be_used_is_named() {
    let app = crate::app::TestApp::new(crate::app::Engine::Sqlite).await;
    let ann = app.user("ann").await;
    let hand = Hand::of(&app, &ann);
    for (tool, arguments, part) in [
        ("add_tasks", json!({"tasks": [{"title": "One"}, {"title": " "}]}), "tasks[1].title"),
        ("add_tasks", json!({"tasks": [{"title": "One", "prio": 1}]}), "tasks[0].prio"),
        ("add_tasks", json!({"tasks": []}), "tasks must hold"),
        ("add_tasks", json!({"tasks": vec![json!({"title": "x"}); 501]}), "at most 500"),
        ("add_task", json!({"title": "One", "labels": [1]}), "labels[0]"),
        ("complete_task", json!({}), "task_id is needed"),
        ("update_project", json!({"project": "Nowhere", "name": "x"}), "there are none yet"),
        ("create_label", json!({"name": "x", "colour": "mauve"}), "colour must be one of"),
        ("list_tasks", json!({"sort": "moon"}), "sort must be one of"),
    ] {
        let error = hand.tries(tool, arguments.clone()).await.expect_err(tool).to_string();
        assert!(error.contains(part), "{tool} {arguments}: {error}");
    }
    assert_eq!(ann.titles("").await, Vec::<String>::new());
}
