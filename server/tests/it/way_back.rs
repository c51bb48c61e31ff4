//! The way back: what our program has used still opens in the real Better Auth, run by `tests/clients/way_back.mjs`.

use crate::{
    app::{Client, TestApp},
    clients,
    fixtures::{Fixture, ORIGIN, browser},
};
use serde_json::{Value, json};
use std::process::{Command, Stdio};

/// Signs somebody in or up by our program; their cookie and id.
async fn came_in(app: &TestApp, path: &str, body: Value) -> Value {
    let from: Client = app.anonymous().with("origin", ORIGIN).with("host", "localhost:3000");
    let answer = from.post(path, body).await.expect(200);
    let cookie = answer.header("set-cookie").and_then(|cookie| cookie.split(';').next()).expect("a cookie").to_owned();
    json!({ "cookie": cookie, "id": answer.json()["user"]["id"] })
}

/// Uses the fixture as people do, and then asks the real Better Auth about it.
async fn goes_back(fixture: Fixture, form: &str) {
    let (ada, grace) = (fixture.person("ada").clone(), fixture.person("grace").clone());
    let new = json!({ "name": "New", "email": "new@example.com", "password": "made over here" });
    let app = fixture.app(&[("PASSWORD_HASH", form)]).await;
    let mut cookies = vec![
        came_in(&app, "/api/auth/sign-in/email", json!({ "email": ada["email"], "password": ada["password"] })).await,
        came_in(&app, "/api/auth/sign-up/email", new.clone()).await,
    ];
    let ours = browser(&app, cookies[0]["cookie"].as_str().expect("a cookie"));
    ours.task("Made over here").await;
    ours.get("/api/auth/token").await.expect(200);
    let jwks = ours.get("/api/auth/jwks").await.expect(200).json();
    let keys: Vec<&Value> = jwks["keys"].as_array().expect("keys").iter().map(|key| &key["kid"]).collect();
    let theirs = fixture.manifest["sessions"][0]["cookie"].as_str().expect("a cookie");
    cookies.push(json!({ "cookie": format!("better-auth.session_token={theirs}"), "id": ada["id"] }));
    app.state.services.store().close().await;

    // Only what keeps Better Auth's form opens for those who came in here; who did not come has it still.
    let kept = form == "scrypt";
    let sign_in = |person: &Value, opens: bool| json!({ "email": person["email"], "password": person["password"], "opens": opens });
    let asked = json!({
        "database": if fixture.is_postgres() { &*fixture.url } else { fixture.file() },
        "secret": fixture.manifest["secret"], "origin": ORIGIN, "cookies": cookies, "keys": keys,
        "signIns": [sign_in(&ada, kept), sign_in(&grace, true), sign_in(&new, kept)],
    });
    let (modules, _) = clients::from_environment();
    let folder = clients::folder(&modules);
    let mut node = Command::new("node");
    node.arg("way_back.mjs").current_dir(folder.path()).stdin(Stdio::null()).env("WAY_BACK", asked.to_string());
    let output = tokio::task::spawn_blocking(move || node.output().expect("node starts")).await.expect("no panic");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("3 sign-ins and 3 cookies"), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn from_sqlite() {
    goes_back(Fixture::sqlite("1.7.24").await, "argon2id").await;
}

#[tokio::test]
async fn from_sqlite_with_scrypt_for_everybody() {
    goes_back(Fixture::sqlite("1.7.24").await, "scrypt").await;
}

#[tokio::test]
async fn from_postgres() {
    goes_back(Fixture::postgres("1.7.24").await, "argon2id").await;
}

#[tokio::test]
async fn from_postgres_with_scrypt_for_everybody() {
    goes_back(Fixture::postgres("1.7.24").await, "scrypt").await;
}

/// What was missing for the newest Better Auth was added when the database was taken over.
#[tokio::test]
async fn from_an_older_version_to_the_newest() {
    for version in ["1.3.34", "1.6.34"] {
        goes_back(Fixture::sqlite(version).await, "argon2id").await;
    }
}
