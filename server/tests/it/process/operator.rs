//! `token`, `export`, `doctor` and `completions`: the host's own tools, while the server runs.

use super::users::{refuses, says};
use crate::{postgres, running::Home};
use serde_json::{Value, json};

async fn makes_tokens(home: Home) {
    let server = home.start().await;
    let ann = server.person("ann").await;
    ann.post("/api/me/tasks", json!({"title": "one"})).await.expect(201);
    let token =
        says(&home, &["token", "create", "ann@example.org", "--name", "cron", "--scope", "read", "--days", "7"]).await;
    assert_eq!(token.lines().count(), 1, "{token}");
    let script = server.anybody().known_as(token.trim());
    assert_eq!(script.tasks().await.len(), 1);
    script.post("/api/me/tasks", json!({"title": "two"})).await.expect(403);
    let list = says(&home, &["token", "list", "ANN@example.org"]).await;
    assert!(list.contains("cron\tread\t") && !list.contains(token.trim()), "{list}");
    for (args, why) in [
        (vec!["token", "create", "ann@example.org", "--name", "Cron"], "already"),
        (
            vec!["token", "create", "ann@example.org", "--name", "x", "--scope", "everything"],
            "read, write, chat, admin",
        ),
        (vec!["token", "create", "ann@example.org", "--name", "x", "--days", "0"], "from 1 to 3650"),
        (vec!["token", "create", "ann@example.org", "--name", " "], "--name"),
        (vec!["token", "create", "nobody@example.org", "--name", "x"], "nobody@example.org"),
        (vec!["token", "revoke", "ann@example.org", "other"], "no token called"),
    ] {
        let refused = refuses(&home, &args).await;
        assert!(refused.contains(why), "{args:?}: {refused}");
    }
    says(&home, &["token", "revoke", "ann@example.org", "cron"]).await;
    script.get("/api/me/tasks").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_made_and_ended_on_sqlite() {
    makes_tokens(Home::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_made_and_ended_on_postgres() {
    makes_tokens(Home::postgres(&postgres::fresh().await)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_exported_as_by_the_page() {
    let home = Home::new();
    let server = home.start().await;
    let (ann, bob) = (server.person("ann").await, server.person("bob").await);
    ann.post("/api/me/tasks", json!({"title": "mine"})).await.expect(201);
    bob.post("/api/me/tasks", json!({"title": "his"})).await.expect(201);
    let text = says(&home, &["export", "ann@example.org"]).await;
    let (ours, theirs): (Value, Value) =
        (serde_json::from_str(&text).expect("JSON"), ann.get("/api/me/export").await.expect(200).json());
    assert_eq!((&ours["tasks"], &ours["version"]), (&theirs["tasks"], &theirs["version"]));
    assert!(text.contains("mine") && !text.contains("his\""), "{text}");
    let file = home.data().join("ann.json").display().to_string();
    says(&home, &["export", "ann@example.org", &file]).await;
    let refused = refuses(&home, &["export", "ann@example.org", &file]).await;
    assert!(refused.contains("cannot be written"), "{refused}");
    assert!(refuses(&home, &["export", "nobody@example.org"]).await.contains("nobody@example.org"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_tells_well_from_wrong() {
    let home = Home::new();
    let server = home.start().await;
    server.person("ann").await;
    let said = says(&home, &["doctor"]).await;
    assert!(said.contains("is whole") && said.contains("people have signed up") && !said.contains("wrong"), "{said}");
    let said = says(&home.set("BETTER_AUTH_URL", "http://todo.local"), &["doctor"]).await;
    assert!(said.contains("note   people come to http://todo.local, unencrypted"), "{said}");

    let shared = Home::postgres(&postgres::fresh().await);
    let said = says(&shared, &["doctor"]).await;
    assert!(said.contains("nobody has signed up"), "{said}");
    let away = Home::postgres("postgres://u:hunter2@127.0.0.1:1/d").run(&["doctor"]).await;
    let said = format!("{}{}", String::from_utf8_lossy(&away.stdout), String::from_utf8_lossy(&away.stderr));
    assert_eq!(away.status.code(), Some(1), "{said}");
    assert!(said.contains("wrong  the database") && !said.contains("hunter2"), "{said}");

    let torn = Home::new();
    let file = torn.data().join("todo-chatbot.db");
    torn.start().await.terminate();
    let server = torn.start().await;
    server.terminate();
    server.exit().await;
    let mut bytes = std::fs::read(&file).expect("reads");
    for byte in bytes.iter_mut().skip(6 * 4096).take(20 * 4096) {
        *byte = 0xff;
    }
    std::fs::write(&file, bytes).expect("writes");
    let said = torn.run(&["doctor"]).await;
    let text = String::from_utf8_lossy(&said.stdout);
    assert!(said.status.code() == Some(1) && text.contains("wrong"), "{text}");
}

#[tokio::test]
async fn shells_can_complete() {
    for shell in ["bash", "zsh", "fish"] {
        let script = says(&Home::new(), &["completions", shell]).await;
        assert!(script.contains("healthcheck") && script.contains("todo-chatbot"), "{shell}");
    }
}

#[tokio::test]
async fn settings_are_shown_with_where_they_come_from() {
    let home = Home::new().set("BETTER_AUTH_SECRET", "0123456789abcdef-hidden").set("SIGN_UP", "first");
    let key = home.data().with_file_name("key");
    std::fs::write(&key, "sk-very-secret\n").expect("writes");
    let home = home.set("OPENAI_API_KEY_FILE", &key.display().to_string());
    let file = home.data().with_file_name("settings.toml");
    std::fs::write(&file, "sign_up = 'closed'\nsmtp_url = 'smtp://u:very-secret@mail'\nsmtp_from = 'todo@example.org'\nrate_limit = true\n")
        .expect("writes");
    let home = home.set("TODO_CHATBOT_CONFIG", &file.display().to_string());
    let said = says(&home, &["config", "show"]).await;
    for line in [
        "SIGN_UP\tfirst\tenvironment".to_owned(),
        "BETTER_AUTH_SECRET\t(hidden)\tenvironment".to_owned(),
        format!("OPENAI_API_KEY\t(hidden)\tOPENAI_API_KEY_FILE {}", key.display()),
        "DATABASE_POOL\t10\tdefault".to_owned(),
        format!("SMTP_URL\t(hidden)\t{}", file.display()),
    ] {
        assert!(said.lines().any(|found| found == line), "{line}: {said}");
    }
    assert!(!said.contains("very-secret") && !said.contains("0123456789"), "{said}");
    std::fs::write(&file, "sign_upp = 'closed'\n").expect("writes");
    let wrong = home.run(&[]).await;
    assert_eq!(wrong.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("no setting \"sign_upp\""), "{wrong:?}");
    std::fs::write(&file, "").expect("writes");
    let wrong = home.set("SIGN_UP", "maybe").run(&["config", "show"]).await;
    assert_eq!(wrong.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("SIGN_UP=\"maybe\""), "{wrong:?}");
}
