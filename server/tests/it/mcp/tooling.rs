//! The table of tools through the protocol.

use super::{ERAS, LEGACY, MODERN, Mcp};
use crate::app::{Engine, TestApp, on_both};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn names(list: &Value) -> Vec<&str> {
    list["tools"].as_array().expect("a list").iter().map(|tool| tool["name"].as_str().expect("a name")).collect()
}

#[tokio::test]
async fn the_list_is_the_table() {
    let app = TestApp::new(Engine::Sqlite).await;
    let ann = app.user("Ann").await;
    for version in ERAS {
        let mcp = Mcp::of(&app, &ann, version).await;
        let list = mcp.result("tools/list", json!({})).await;
        let table: Vec<&str> = server::tools::TOOLS.iter().map(|tool| tool.name).chain(["fetch"]).collect();
        assert_eq!(names(&list), table);
        for tool in list["tools"].as_array().expect("a list") {
            let name = tool["name"].as_str().expect("a name");
            assert!(name.len() <= 64 && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{name}");
            for hint in ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] {
                assert!(tool["annotations"][hint].is_boolean(), "{name}: {hint}");
            }
            assert!(tool["title"].is_string() && tool["description"].is_string(), "{name}");
            assert_eq!(tool["inputSchema"]["type"], "object", "{name}");
            assert_eq!(tool["outputSchema"]["type"], "object", "{name}");
            assert!(tool["inputSchema"]["properties"].get("user_id").is_none(), "{name}");
        }
    }
}

#[tokio::test]
async fn a_token_that_reads_is_shown_what_reads() {
    let app = TestApp::new(Engine::Sqlite).await;
    let ann = app.user("Ann").await;
    ann.task("Read a book").await;
    for version in ERAS {
        let reader = Mcp::scoped(&app, &ann, version, &["read"]).await;
        let list = reader.result("tools/list", json!({})).await;
        assert!(
            list["tools"].as_array().expect("a list").iter().all(|tool| tool["annotations"]["readOnlyHint"] == true)
        );
        assert!(names(&list).contains(&"list_tasks") && names(&list).contains(&"fetch"));
        assert_eq!(reader.does("list_tasks", json!({})).await["count"], 1);
        let sentence = reader.fails("add_task", json!({"title": "No"})).await;
        assert!(sentence.contains("lacks the scope “write”"), "{sentence}");
        assert_eq!(ann.titles("").await, ["Read a book"]);
    }
    let writer = Mcp::scoped(&app, &ann, LEGACY[2], &["write"]).await;
    assert!(!names(&writer.result("tools/list", json!({})).await).contains(&"list_tasks"));
    assert!(writer.fails("list_tasks", json!({})).await.contains("“read”"));
    assert_eq!(writer.error("resources/list", json!({})).await.0, -32602);
}

#[tokio::test]
async fn what_an_installation_switches_off_is_gone() {
    let app = TestApp::with(Engine::Sqlite, &[("ENABLED_TOOLS", "list_tasks,add_task")]).await;
    let ann = app.user("Ann").await;
    let mcp = Mcp::of(&app, &ann, MODERN).await;
    assert_eq!(names(&mcp.result("tools/list", json!({})).await), ["add_task", "list_tasks"]);
    for name in ["delete_task", "fetch", "search"] {
        assert_eq!(
            mcp.error("tools/call", json!({"name": name, "arguments": {"task_id": 1}})).await.0,
            -32602,
            "{name}"
        );
    }
}

on_both! {
    async fn errors_can_be_acted_on(app) {
        let ann = app.user("Ann").await;
        ann.task("One").await;
        for version in ERAS {
            let mcp = Mcp::of(&app, &ann, version).await;
            for (name, arguments, part) in [
                ("get_task", json!({"task_id": 99}), "There is no task #99"),
                ("get_task", json!({"task_id": "soon"}), "task_id must be a whole number"),
                ("get_task", json!({"task_id": 1, "colour": "red"}), "colour is not known: allowed are task_id"),
                ("add_task", json!({}), "title is needed"),
                ("add_task", json!({"title": "x".repeat(501)}), "500"),
                ("add_task", json!({"title": "x", "due": "2026-13-45"}), "due"),
                ("undo", json!({"operation": 4711}), "4711"),
                ("delete_task", json!({"task_id": 1, "dry_run": "perhaps"}), "dry_run must be true or false"),
                ("fetch", json!({}), "id is needed"),
                ("fetch", json!({"id": "12345"}), "There is no task #12345"),
            ] {
                let sentence = mcp.fails(name, arguments).await;
                assert!(sentence.contains(part), "{name}: {sentence}");
            }
            let (code, sentence) = mcp.error("tools/call", json!({"name": "drop_tables", "arguments": {}})).await;
            assert!(code == -32602 && sentence.contains("list_tasks"), "{code} {sentence}");
            let (code, _) = mcp.error("tools/call", json!({"name": "get_task", "arguments": [1]})).await;
            assert_eq!(code, -32602);
        }
        assert_eq!(ann.titles("").await, ["One"]);
    }

    async fn every_change_answers_what_undoes_it(app) {
        let ann = app.user("Ann").await;
        let mcp = Mcp::of(&app, &ann, MODERN).await;
        mcp.does("add_tasks", json!({"tasks": [{"title": "A"}, {"title": "B"}]})).await;
        mcp.does("create_project", json!({"name": "Home"})).await;
        mcp.does("create_label", json!({"name": "soon"})).await;
        for (name, arguments) in [
            ("quick_add", json!({"text": "C tomorrow"})),
            ("update_task", json!({"task_id": 1, "title": "AA"})),
            ("complete_task", json!({"task_id": 1})),
            ("move_tasks", json!({"task_ids": [1, 2], "due": "2026-12-01"})),
            ("delete_task", json!({"task_id": 2})),
            ("update_project", json!({"project": "Home", "name": "House"})),
            ("update_label", json!({"label": "soon", "colour": "red"})),
            ("delete_label", json!({"label": "soon"})),
            ("delete_project", json!({"project": "Home"})),
        ] {
            let before = ann.get("/api/me/export").await.expect(200).json()["tasks"].clone();
            let shown_first = name.starts_with("delete") || name == "move_tasks";
            let done = if shown_first { mcp.agrees(name, arguments).await } else { mcp.does(name, arguments).await };
            let seq = done["seq"].as_i64().unwrap_or_else(|| panic!("{name} has no seq"));
            let undone = mcp.does("undo", json!({"operation": seq})).await;
            assert_eq!(undone["undone"], seq, "{name}");
            let titles = |tasks: &Value| tasks.as_array().map(|all| all.iter().map(|t| (t["title"].to_string(), t["completed"].to_string(), t["due"].to_string())).collect::<BTreeSet<_>>());
            let after = ann.get("/api/me/export").await.expect(200).json()["tasks"].clone();
            if name != "quick_add" {
                assert_eq!(titles(&before), titles(&after), "{name}");
            }
        }
        // Nothing to do is no error, and nothing to undo.
        mcp.does("complete_task", json!({"task_id": 1})).await;
        let again = mcp.does("complete_task", json!({"task_id": 1})).await;
        assert!(again.get("seq").is_none(), "{again}");
    }

    async fn chatgpts_two_tools(app) {
        let ann = app.user("Ann").await;
        let mcp = Mcp::of(&app, &ann, LEGACY[1]).await;
        mcp.does("add_task", json!({"title": "Call the plumber", "description": "About the **sink**.", "due": "2026-11-25", "labels": ["phone"], "priority": "high", "project": "House"})).await;
        mcp.does("add_task", json!({"title": "Find the number", "parent_id": 1})).await;
        let found = mcp.does("search", json!({"query": "plumber"})).await;
        assert_eq!(found["results"], json!([{"id": "1", "title": "Call the plumber", "url": "http://localhost:8080/task/1"}]));
        assert_eq!(found["tasks"][0]["id"], 1);
        let whole = mcp.does("fetch", json!({"id": "1"})).await;
        assert_eq!((&whole["id"], &whole["title"], &whole["url"]), (&json!("1"), &json!("Call the plumber"), &json!("http://localhost:8080/task/1")));
        let text = whole["text"].as_str().expect("a text");
        for part in ["About the **sink**.", "due: 2026-11-25", "project: House", "labels: phone", "[ ] #2 Find the number"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert_eq!(whole["metadata"]["priority"], "high");
        assert_eq!(whole["metadata"]["status"], "open");
        assert_eq!(mcp.does("search", json!({"query": "nothing like it"})).await["results"], json!([]));
    }
}
