//! `ENABLED_TOOLS`: what is switched off is neither shown nor run, and the person is told so.

use super::Hand;
use crate::{
    app::{Engine, TestApp},
    running::Home,
};
use serde_json::json;

#[tokio::test]
async fn what_is_off_is_said_to_be_off_and_not_done() {
    let settings = [("ENABLED_TOOLS", "add_task, list_tasks, complete_task")];
    let app = TestApp::with(Engine::Sqlite, &settings).await;
    let ann = app.user("ann").await;
    let hand = Hand::of(&app, &ann);
    hand.does("create_task", json!({"title": "Milk"})).await;
    for tool in ["delete_task", "delete_tasks", "toggle_complete", "undo"] {
        let said = hand.tries(tool, json!({"task_id": 1})).await.expect_err(tool).to_string();
        assert!(said.contains("switched off"), "{said}");
    }
    let reply = ann.post("/api/me/chat", json!({"message": "delete task #1"})).await.expect(200).json();
    let call = &reply["tool_calls"][0];
    assert_eq!((&call["status"], &call["success"]), (&json!("failed"), &json!(false)), "{reply}");
    assert!(reply["response"].as_str().is_some_and(|r| r.contains("switched off")), "{reply}");
    let id = reply["conversation_id"].as_i64();
    let reply = ann.post("/api/me/chat", json!({"conversation_id": id, "message": "complete #1"})).await.expect(200);
    assert_eq!(reply.json()["tool_calls"][0]["status"], "done");
    assert_eq!(ann.get("/api/me/tasks/1").await.json()["deleted_at"], json!(null));
}

#[tokio::test]
async fn an_unknown_name_stops_the_start() {
    for value in ["add_task,fly_to_moon", r#"["add_task", "fly_to_moon"]"#, r#"{"fly_to_moon": true}"#] {
        let output = Home::new().set("ENABLED_TOOLS", value).run(&[]).await;
        let line = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), line.trim_end().lines().count()), (Some(1), 1), "{line}");
        for part in ["ENABLED_TOOLS", "fly_to_moon", "allowed", "add_task", "undo"] {
            assert!(line.contains(part), "{value}: {line}");
        }
    }
}
