//! Somebody else's numbers and names at everything there is: each looks as if it did not exist.

use super::{ERAS, Mcp};
use crate::app::on_both;
use serde_json::{Value, json};

/// What no answer to Bob may hold.
const SECRETS: [&str; 3] = ["Plan the surprise", "Secret house", "Her notes"];

fn clean(what: &str, answer: &Value) {
    let text = answer.to_string();
    for secret in SECRETS {
        assert!(!text.contains(secret), "{what} tells {secret}: {text}");
    }
}

on_both! {
    async fn nothing_of_anybody_else_is_reached(app) {
        let (ann, bob) = (app.user("Ann").await, app.user("Bob").await);
        let hers = Mcp::of(&app, &ann, ERAS[1]).await;
        // Numbers count per person, so hers must be beyond his.
        for i in 0..30 {
            hers.does("add_task", json!({"title": format!("Filler {i}")})).await;
        }
        let made = hers.does("add_task", json!({"title": "Plan the surprise", "description": "Her notes", "project": "Secret house", "labels": ["hush"]})).await;
        let (id, project) = (made["task_id"].clone(), made["tasks"][0]["project"]["id"].clone());
        let seq = made["seq"].clone();
        assert!(id.as_i64() > Some(30) && seq.as_i64() > Some(30));
        bob.task("His only one").await;
        let before = ann.get("/api/me/tasks?limit=200").await.expect(200).text;
        for version in ERAS {
            let his = Mcp::of(&app, &bob, version).await;
            let list = his.result("tools/list", json!({})).await;
            for tool in list["tools"].as_array().expect("a list") {
                let name = tool["name"].as_str().expect("a name");
                let properties = tool["inputSchema"]["properties"].as_object().expect("an object");
                let mut arguments = json!({});
                for property in properties.keys() {
                    arguments[property] = match property.as_str() {
                        "task_id" | "parent_id" => id.clone(),
                        "task_ids" => json!([id, 1]),
                        "operation" => seq.clone(),
                        "id" => json!(id.to_string()),
                        "project" | "parent" => json!(project.to_string()),
                        "label" => json!("hush"),
                        "query" | "search" => json!("surprise"),
                        "text" => json!("His own words"),
                        "confirm" => json!(true),
                        "title" | "name" if name.starts_with("update") => json!("His now"),
                        _ => continue,
                    };
                }
                if arguments.get("task_ids").is_some() {
                    arguments.as_object_mut().expect("an object").remove("task_id");
                    arguments.as_object_mut().expect("an object").remove("title");
                }
                clean(name, &his.send("tools/call", json!({"name": name, "arguments": arguments})).await.json());
                // An older client's user_id is compared, never believed.
                arguments["user_id"] = json!(ann.user);
                let refused = his.send("tools/call", json!({"name": name, "arguments": arguments})).await.json();
                clean(name, &refused);
                let text = refused["result"]["content"][0]["text"].as_str().unwrap_or_default();
                assert!(text.contains("user_id is not yours"), "{name}: {refused}");
            }
            for uri in [format!("todo://tasks/{id}"), format!("todo://projects/{project}"), "todo://labels/hush".into(), "todo://labels/Hush".into()] {
                let (code, sentence) = his.error("resources/read", json!({"uri": uri})).await;
                assert!(code == -32602 || code == -32002, "{uri}: {code}");
                clean(&uri, &json!(sentence));
            }
            for uri in ["todo://projects", "todo://lists/open", "todo://lists/today", "todo://lists/inbox", "todo://lists/upcoming", "todo://lists/overdue"] {
                clean(uri, &his.result("resources/read", json!({"uri": uri})).await);
            }
            clean("resources", &his.result("resources/list", json!({})).await);
            for (name, arguments) in [("plan_my_day", json!({})), ("weekly_review", json!({})), ("clear_my_inbox", json!({}))] {
                clean(name, &his.result("prompts/get", json!({"name": name, "arguments": arguments})).await);
            }
            let asked = json!({"name": "weekly_review", "arguments": {"project": "Secret house"}});
            assert_eq!(his.error("prompts/get", asked).await.0, -32602);
            for (uri, name, value) in [
                ("todo://tasks/{id}", "id", id.to_string()),
                ("todo://tasks/{id}", "id", "surprise".into()),
                ("todo://projects/{id}", "id", project.to_string()),
                ("todo://projects/{id}", "id", "Secret".into()),
                ("todo://labels/{name}", "name", "h".into()),
            ] {
                let asked = json!({"ref": {"type": "ref/resource", "uri": uri}, "argument": {"name": name, "value": value}});
                let offered = his.result("completion/complete", asked).await;
                assert_eq!(offered["completion"]["values"], json!([]), "{uri} {value}");
            }
            let asked = json!({"ref": {"type": "ref/prompt", "name": "weekly_review"}, "argument": {"name": "project", "value": "S"}});
            assert_eq!(his.result("completion/complete", asked).await["completion"]["values"], json!([]));
        }
        assert_eq!(ann.get("/api/me/tasks?limit=200").await.expect(200).text, before);
        // Her own id, and "me", change nothing for her.
        for user in [json!(ann.user), json!("me"), Value::Null] {
            assert_eq!(hers.does("get_task", json!({"task_id": id, "user_id": user})).await["title"], "Plan the surprise");
        }
    }
}
