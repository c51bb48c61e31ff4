//! Resources, prompts and completions.

use super::{ERAS, LEGACY, Mcp};
use crate::app::{TestApp, on_both};
use serde_json::{Value, json};

async fn filled(app: &TestApp, version: &'static str) -> Mcp {
    let ann = app.user("Ann").await;
    let mcp = Mcp::of(app, &ann, version).await;
    for task in [
        json!({"title": "Pay rent", "due": "2026-11-20", "labels": ["home office"]}),
        json!({"title": "Call mum", "due": "2026-11-21"}),
        json!({"title": "Write report", "due": "2026-11-30", "project": "Work"}),
        json!({"title": "Someday"}),
        json!({"title": "Done already"}),
        json!({"title": "A part", "parent_id": 1}),
    ] {
        mcp.does("add_task", task).await;
    }
    mcp.does("complete_task", json!({"task_id": 5})).await;
    mcp
}

async fn read(mcp: &Mcp, uri: &str) -> Value {
    let result = mcp.result("resources/read", json!({"uri": uri})).await;
    let [contents] = &result["contents"].as_array().expect("a list")[..] else { panic!("{result}") };
    assert_eq!((&contents["uri"], &contents["mimeType"]), (&json!(uri), &json!("application/json")));
    serde_json::from_str(contents["text"].as_str().expect("a text")).expect("JSON")
}

fn titles(value: &Value) -> Vec<&str> {
    value["tasks"].as_array().expect("tasks").iter().map(|task| task["title"].as_str().expect("a title")).collect()
}

on_both! {
    async fn tasks_lists_projects_and_labels_can_be_read(app) {
        let mcp = filled(&app, LEGACY[2]).await;
        let listed = mcp.result("resources/list", json!({})).await;
        let uris: Vec<&str> = listed["resources"].as_array().expect("a list").iter().map(|r| r["uri"].as_str().expect("a uri")).collect();
        assert_eq!(uris, ["todo://lists/today", "todo://lists/inbox", "todo://lists/upcoming", "todo://lists/overdue", "todo://lists/open", "todo://projects", "todo://projects/1"]);
        for uri in &uris {
            read(&mcp, uri).await;
        }
        assert_eq!(titles(&read(&mcp, "todo://lists/today").await), ["Pay rent", "Call mum"]);
        assert_eq!(titles(&read(&mcp, "todo://lists/overdue").await), ["Pay rent"]);
        assert_eq!(titles(&read(&mcp, "todo://lists/upcoming").await), ["Write report"]);
        assert!(!titles(&read(&mcp, "todo://lists/open").await).contains(&"Done already"));
        let project = read(&mcp, "todo://projects/1").await;
        assert_eq!((&project["project"]["name"], titles(&project)), (&json!("Work"), vec!["Write report"]));
        let task = read(&mcp, "todo://tasks/1").await;
        assert_eq!((&task["task"]["title"], &task["subtasks"][0]["title"]), (&json!("Pay rent"), &json!("A part")));
        assert_eq!(titles(&read(&mcp, "todo://labels/home%20office").await), ["Pay rent"]);
        let templates = mcp.result("resources/templates/list", json!({})).await;
        let templates: Vec<&str> = templates["resourceTemplates"].as_array().expect("a list").iter().map(|t| t["uriTemplate"].as_str().expect("a uri")).collect();
        assert_eq!(templates, ["todo://tasks/{id}", "todo://lists/{list}", "todo://projects/{id}", "todo://labels/{name}"]);
        for version in ERAS {
            let mcp = Mcp { version, ..mcp.clone() };
            for uri in ["todo://tasks/99", "todo://tasks/x", "todo://tasks/-1", "todo://lists/other", "todo://projects/9", "todo://labels/none", "todo://labels/", "todo://", "file:///etc/passwd", "todo://tasks/1/2", ""] {
                let (code, _) = mcp.error("resources/read", json!({"uri": uri})).await;
                assert_eq!(code, if version == LEGACY[2] { -32002 } else { -32602 }, "{uri}");
            }
        }
    }

    async fn prompts_bring_the_tasks_along(app) {
        let mcp = filled(&app, ERAS[1]).await;
        let listed = mcp.result("prompts/list", json!({})).await;
        let names: Vec<&str> = listed["prompts"].as_array().expect("a list").iter().map(|p| p["name"].as_str().expect("a name")).collect();
        assert_eq!(names, ["plan_my_day", "weekly_review", "clear_my_inbox"]);
        for (name, arguments, words, row, none) in [
            ("plan_my_day", json!({"hours": "3"}), "I have 3 hours", "Call mum", "Write report"),
            ("weekly_review", json!({}), "weekly review", "Write report", "Done already"),
            ("weekly_review", json!({"project": "work"}), "of the project “Work”", "Write report", "Call mum"),
            ("clear_my_inbox", json!({}), "inbox", "Someday", "Write report"),
        ] {
            let prompt = mcp.result("prompts/get", json!({"name": name, "arguments": arguments})).await;
            let [asked, rows] = &prompt["messages"].as_array().expect("messages")[..] else { panic!("{prompt}") };
            assert!(asked["content"]["text"].as_str().expect("words").contains(words), "{prompt}");
            let rows = rows["content"]["resource"]["text"].as_str().expect("rows");
            assert!(rows.contains(row) && !rows.contains(none), "{name}: {rows}");
        }
        for (name, arguments) in [("nothing", json!({})), ("plan_my_day", json!({"hours": "many"})), ("plan_my_day", json!({"days": "2"})), ("weekly_review", json!({"project": "Nowhere"}))] {
            assert_eq!(mcp.error("prompts/get", json!({"name": name, "arguments": arguments})).await.0, -32602, "{name}");
        }
    }

    async fn what_is_typed_is_completed(app) {
        let mcp = filled(&app, LEGACY[0]).await;
        let complete = async |kind: &str, key: &str, of: &str, name: &str, value: &str| {
            let asked = json!({"ref": {"type": kind, key: of}, "argument": {"name": name, "value": value}});
            mcp.result("completion/complete", asked).await["completion"]["values"].clone()
        };
        let resource = async |of: &str, name: &str, value: &str| complete("ref/resource", "uri", of, name, value).await;
        assert_eq!(resource("todo://tasks/{id}", "id", "1").await, json!(["1"]));
        assert_eq!(resource("todo://tasks/{id}", "id", "#2").await, json!(["2"]));
        assert_eq!(resource("todo://tasks/{id}", "id", "mum").await, json!(["2"]));
        // What is done is not offered.
        assert_eq!(resource("todo://tasks/{id}", "id", "").await.as_array().map(Vec::len), Some(5));
        assert_eq!(resource("todo://projects/{id}", "id", "wo").await, json!(["1"]));
        assert_eq!(resource("todo://lists/{list}", "list", "to").await, json!(["today"]));
        assert_eq!(resource("todo://labels/{name}", "name", "HOME").await, json!(["home office"]));
        assert_eq!(complete("ref/prompt", "name", "weekly_review", "project", "").await, json!(["Work"]));
        assert_eq!(complete("ref/prompt", "name", "nothing", "project", "").await, json!([]));
        assert_eq!(resource("file:///{path}", "path", "/etc").await, json!([]));
    }
}
