//! The log: one JSON object a line, each request findable by its id, and nothing that somebody wrote or keeps secret.

use crate::running::Home;
use reqwest::{Method, header};
use serde_json::{Value, json};

const KEY: &str = "sk-hunter2-hunter2-hunter2";

#[tokio::test(flavor = "multi_thread")]
async fn tells_machines_everything_but_what_people_wrote() {
    let home = Home::new()
        .set("LOG_LEVEL", "debug")
        .set("OPENAI_API_KEY", KEY)
        .set("BETTER_AUTH_SECRET", "hunter2-hunter2-hunter2");
    let server = home.start().await;
    let ann = server.person("secretive").await;
    let made = ann.post("/api/me/tasks", json!({ "title": "Whisper", "description": "Whisper" })).await.expect(201);
    let id = made.header("x-request-id").expect("an id").to_owned();
    let line = server.log.wait(|line| line.contains(&id)).await;
    let line: Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(line["span"]["id"], id);
    assert_eq!(line["span"]["route"], "/api/{user_id}/tasks");
    assert_eq!(line["status"], 201);

    let given = [("x-request-id", "from-the-proxy-1")];
    let refused = ann.ask_with(Method::POST, "/api/me/tasks", Some(&json!({ "title": 7, "Whisper": 1 })), &given).await;
    let refused = refused.expect("an answer").expect(422);
    assert_eq!(refused.json()["request_id"], "from-the-proxy-1");
    server.log.wait(|line| line.contains("from-the-proxy-1")).await;
    ann.get("/api/me/tasks?search=Whisper").await.expect(200);
    ann.get("/search?q=Whisper").await;
    ann.post("/api/me/quick-add", json!({ "text": "Whisper tomorrow #Whisper" })).await.expect(201);
    ann.ask_with(Method::GET, "/", None, &[(header::COOKIE.as_str(), &ann.cookie)]).await.expect("an answer");
    let wrong = json!({ "email": "secretive@example.org", "password": "correct hearse" });
    ann.post("/api/auth/sign-in/email", wrong).await.expect(401);
    server.terminate();
    let (_, lines) = server.exit().await;
    for line in &lines {
        let value: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        for field in ["timestamp", "level", "message"] {
            assert!(value[field].is_string(), "no {field}: {line}");
        }
        for secret in ["Whisper", "secretive@", "correct h", "hunter2", &ann.token, &ann.cookie] {
            assert!(!line.contains(secret), "{secret:?} is in the log: {line}");
        }
    }
}
