//! `user …`: what the operator does beside the database while the server runs.

use crate::{
    app::PASSWORD,
    postgres,
    running::{Home, Person},
};
use serde_json::{Value, json};

/// What a command answers that succeeds.
pub async fn says(home: &Home, args: &[&str]) -> String {
    let output = home.run(args).await;
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{args:?}: {out}{err}");
    out.into_owned()
}

/// The line with which a command is refused.
pub async fn refuses(home: &Home, args: &[&str]) -> String {
    let output = home.run(args).await;
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!((output.status.code(), err.lines().count()), (Some(1), 1), "{args:?}: {out}{err}");
    err.into_owned()
}

async fn rights(home: &Home, email: &str) -> String {
    let list = says(home, &["user", "list"]).await;
    let line = list.lines().find(|line| line.starts_with(email)).unwrap_or_else(|| panic!("{email}: {list}"));
    line.split('\t').nth(2).expect("a column").to_owned()
}

async fn looks_after_people(home: Home) {
    let server = home.start().await;
    let (ann, bob): (Person, Person) = (server.person("ann").await, server.person("bob").await);
    assert_eq!(rights(&home, "ann@").await, "admin");
    assert_eq!(rights(&home, "bob@").await, "-");
    assert!(!says(&home, &["user", "list", "--search", "bob"]).await.contains("ann@"));

    assert!(says(&home, &["user", "disable", "BOB@example.org"]).await.contains("bob@example.org is locked out"));
    bob.get("/api/me/tasks").await.expect(401);
    assert_eq!(rights(&home, "bob@").await, "disabled");
    says(&home, &["user", "enable", "bob@example.org"]).await;
    assert!(refuses(&home, &["user", "admin", "ann@example.org", "--revoke"]).await.contains("last admin"));
    assert!(refuses(&home, &["user", "disable", "ann@example.org"]).await.contains("last admin"));
    says(&home, &["user", "admin", "bob@example.org"]).await;
    says(&home, &["user", "admin", "ann@example.org", "--revoke"]).await;
    ann.get("/api/admin/users").await.expect(403);
    assert_eq!(rights(&home, "bob@").await, "admin");
    let rows = ann.get("/api/me/audit").await.expect(200).json();
    assert_eq!(rows[0]["detail"], json!("is no longer an admin, by the operator"), "{rows}");
    assert!(refuses(&home, &["user", "enable", "nobody@example.org"]).await.contains("nobody@example.org"));
    assert_ne!(ann.get("/api/me/tasks").await.expect(200).json(), Value::Null);
}

async fn sets_passwords(home: Home) {
    let server = home.start().await;
    let ann: Person = server.person("ann").await;
    let tries = async |password: &str| {
        let body = json!({ "email": "ann@example.org", "password": password });
        let answer = server.anybody().ask(reqwest::Method::POST, "/api/auth/sign-in/email", Some(&body)).await;
        answer.expect("an answer").status.as_u16()
    };
    let output = home.run_with(&["user", "reset-password", "ann@example.org"], "another fine password\n").await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(!format!("{output:?}").contains("another fine"), "what was typed is not shown: {output:?}");
    ann.get("/api/me/tasks").await.expect(401);
    assert_eq!((tries(PASSWORD).await, tries("another fine password").await), (401, 200));
    let made = says(&home, &["user", "reset-password", "ann@example.org", "--generate"]).await;
    assert!(made.trim_end().len() == 20 && made.lines().count() == 1, "{made}");
    assert_eq!((tries("another fine password").await, tries(made.trim_end()).await), (401, 200));
    for (email, input, part) in [
        ("ann@example.org", "short\n", "too short"),
        ("ann@example.org", "", "empty"),
        ("nobody@example.org", "another fine password\n", "nobody@example.org"),
    ] {
        let output = home.run_with(&["user", "reset-password", email], input).await;
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(1) && err.lines().count() == 1 && err.contains(part), "{output:?}");
    }
    assert_eq!(tries(made.trim_end()).await, 200);

    let link = says(&home, &["user", "reset-link", "Ann@example.org"]).await;
    let (page, token) = link.trim_end().split_once("?token=").expect("a token");
    assert!(page.ends_with("/reset-password") && link.lines().count() == 1, "{link}");
    let body = json!({ "token": token, "newPassword": "set by the link" });
    for status in [200, 400] {
        server.anybody().post("/api/auth/reset-password", body.clone()).await.expect(status);
    }
    assert_eq!((tries(made.trim_end()).await, tries("set by the link").await), (401, 200));
    assert!(refuses(&home, &["user", "reset-link", "nobody@example.org"]).await.contains("nobody@example.org"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_sets_passwords_on_sqlite() {
    sets_passwords(Home::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_sets_passwords_on_postgres() {
    sets_passwords(Home::postgres(&postgres::fresh().await)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_looks_after_people_on_sqlite() {
    looks_after_people(Home::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_looks_after_people_on_postgres() {
    looks_after_people(Home::postgres(&postgres::fresh().await)).await;
}

#[tokio::test]
async fn a_database_that_is_not_there_is_not_made() {
    let home = Home::new();
    assert!(refuses(&home, &["user", "list"]).await.contains("does not exist"));
    assert!(!home.data().exists());
    refuses(&Home::postgres("postgres://u:hunter2@127.0.0.1:1/d"), &["user", "list"]).await;
    let empty = Home::postgres(&postgres::empty().await);
    assert!(refuses(&empty, &["user", "list"]).await.contains("todo-chatbot migrate"));
}
