//! Our program on databases that Better Auth made: every row stays, people come in as before, and what cannot be taken
//! over is refused untouched.

use crate::{
    app::{Engine, TestApp},
    fixtures::{Fixture, ORIGIN, browser},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use server::{
    config::{Database, Secret},
    store::Store,
};

/// Everything a fixture promises, on whatever form of it.
async fn opens(fixture: Fixture, before: Option<&Fixture>) {
    let rows = before.unwrap_or(&fixture).everything().await;
    let app = fixture.app(&[]).await;
    assert_eq!(fixture.everything().await, rows, "rows changed");
    cookies_and_tokens_hold(&app, &fixture).await;
    keys_hold(&app, &fixture).await;
    everybody_signs_in(&app, &fixture).await;
    a_reset_link_works_once(&app, &fixture).await;
    let new = json!({ "name": "New", "email": "new@example.com", "password": "made over here" });
    app.anonymous().post("/api/auth/sign-up/email", new).await.expect(200);
    // Starting again changes nothing more.
    let rows = fixture.everything().await;
    let _again = fixture.app(&[]).await;
    assert_eq!(fixture.everything().await, rows);
}

async fn everybody_signs_in(app: &TestApp, fixture: &Fixture) {
    for person in fixture.manifest["users"].as_array().expect("people") {
        let email = person["email"].as_str().expect("an address");
        let sign_in = async |password: &Value| {
            let body = json!({ "email": email, "password": password });
            app.anonymous().with("origin", ORIGIN).post("/api/auth/sign-in/email", body).await
        };
        for password in [&person["password"], &person["passwordNFKC"]].into_iter().filter(|p| p.is_string()) {
            let answer = sign_in(password).await.expect(200).json();
            assert_eq!(answer["user"]["id"], person["id"]);
            assert_eq!(answer["user"]["emailVerified"], person["emailVerified"]);
            assert!(fixture.hash_of(email).await.starts_with("$argon2id$"));
            sign_in(password).await.expect(200);
        }
        sign_in(&json!("wrong password")).await.expect(401);
    }
}

async fn a_reset_link_works_once(app: &TestApp, fixture: &Fixture) {
    let reset = json!({ "token": fixture.manifest["passwordReset"]["token"], "newPassword": "another one" });
    app.anonymous().post("/api/auth/reset-password", reset.clone()).await.expect(200);
    app.anonymous().post("/api/auth/reset-password", reset).await.expect(400);
    let body = json!({ "email": fixture.person("ada")["email"], "password": "another one" });
    app.anonymous().post("/api/auth/sign-in/email", body).await.expect(200);
}

async fn keys_hold(app: &TestApp, fixture: &Fixture) {
    let jwks = app.anonymous().get("/api/auth/jwks").await.expect(200).json();
    assert_eq!(jwks, fixture.manifest["jwks"]);
    let part = |token: &str, n: usize| -> Value {
        let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(n).expect("a part")).expect("base64");
        serde_json::from_slice(&bytes).expect("JSON")
    };
    let cookie = fixture.manifest["sessions"][0]["cookie"].as_str().expect("a cookie");
    let ada = browser(app, &format!("better-auth.session_token={cookie}"));
    let token = ada.get("/api/auth/token").await.expect(200).json()["token"].as_str().expect("a token").to_owned();
    assert_eq!(part(&token, 0)["kid"], jwks["keys"][0]["kid"]);
    for jwt in fixture.manifest["jwts"].as_array().expect("tokens") {
        let token = jwt["token"].as_str().expect("a token");
        let claims = part(token, 1);
        // Made for a quarter of an hour, or until 2099; and for somebody who still has that id.
        let lives = claims["exp"].as_i64() > Some(4_000_000_000)
            && claims["sub"] == fixture.person(jwt["who"].as_str().expect("who"))["id"];
        let asked = app.anonymous().with("authorization", &format!("Bearer {token}"));
        asked.get("/api/me/tasks").await.expect(if lives { 200 } else { 401 });
    }
}

async fn cookies_and_tokens_hold(app: &TestApp, fixture: &Fixture) {
    for session in fixture.manifest["sessions"].as_array().expect("sessions") {
        let (token, cookie) = (session["token"].as_str().unwrap(), session["cookie"].as_str().unwrap());
        let live = session["state"].as_str().unwrap().starts_with("live");
        let person = fixture.person(session["who"].as_str().unwrap());
        // Bearers first: the look at a dead session's cookie removes its row.
        let signed = cookie.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
        for bearer in [token, cookie, &signed] {
            let asked = app.anonymous().with("authorization", &format!("Bearer {bearer}"));
            let found = asked.get("/api/auth/get-session").await.expect(200).json();
            let expected = if live { person["id"].clone() } else { Value::Null };
            assert_eq!(found["user"]["id"], expected, "{bearer}");
        }
        let asked = browser(app, &format!("better-auth.session_token={cookie}"));
        let answer = asked.get("/api/auth/get-session").await.expect(200);
        if live {
            assert_eq!(answer.json()["session"]["token"], *token);
            assert_eq!(asked.get("/api/me/tasks").await.expect(200).json(), json!([]));
            asked.task("Mine from now on").await;
            asked.delete("/api/me/tasks/1").await.expect(200);
        } else {
            assert_eq!(answer.text, "null");
            asked.get("/api/me/tasks").await.expect(401);
        }
    }
}

#[tokio::test]
async fn what_1_3_34_made_on_sqlite() {
    opens(Fixture::sqlite("1.3.34").await, None).await;
}

#[tokio::test]
async fn what_1_6_34_made_on_sqlite() {
    opens(Fixture::sqlite("1.6.34").await, None).await;
}

#[tokio::test]
async fn what_1_7_2_made_on_sqlite() {
    opens(Fixture::sqlite("1.7.2").await, None).await;
}

#[tokio::test]
async fn what_1_7_24_made_on_sqlite() {
    opens(Fixture::sqlite("1.7.24").await, None).await;
}

#[tokio::test]
async fn what_1_7_24_made_on_postgres() {
    opens(Fixture::postgres("1.7.24").await, None).await;
}

/// Drizzle on SQLite: other names, numbers for dates, some in milliseconds and some in seconds.
#[tokio::test]
async fn what_drizzle_made_on_sqlite() {
    let (plain, fixture) = (Fixture::sqlite("1.7.24").await, Fixture::sqlite("1.7.24").await);
    fixture.run(include_str!("adoption/drizzle.sqlite.sql")).await;
    opens(fixture, Some(&plain)).await;
}

/// Drizzle on PostgreSQL with `usePlural`: other names, and times without a zone, which are UTC's.
#[tokio::test]
async fn what_drizzle_made_on_postgres() {
    let (plain, fixture) = (Fixture::postgres("1.7.24").await, Fixture::postgres("1.7.24").await);
    fixture.run(include_str!("adoption/drizzle.postgres.sql")).await;
    opens(fixture, Some(&plain)).await;
}

/// PostgreSQL with UUIDs for keys, which a table of another plugin refers to as well.
#[tokio::test]
async fn keys_that_are_uuids() {
    let mut fixture = Fixture::postgres("1.7.24").await;
    fixture.run(include_str!("adoption/uuid.postgres.sql")).await;
    let ids = fixture.rows(r#"SELECT "email", "id"::text FROM "user""#).await;
    for person in fixture.manifest["users"].as_array_mut().expect("people") {
        let id = ids.iter().find(|row| row[0].as_deref() == person["email"].as_str()).expect("somebody")[1].clone();
        person["id"] = json!(id);
    }
    opens(fixture, None).await;
}

#[tokio::test]
async fn nobody_becomes_an_admin_and_what_was_missing_is_there() {
    let fixture = Fixture::sqlite("1.3.34").await;
    fixture.run(r#"UPDATE "user" SET "email" = 'Ada@Example.com' WHERE "email" = 'ada@example.com'"#).await;
    let app = fixture.app(&[]).await;
    assert_eq!(fixture.text("SELECT cast(count(*) AS text) FROM user_flags").await, "0");
    assert_eq!(fixture.rows(r#"SELECT "expiresAt", "alg", "crv" FROM "jwks""#).await, [[None, None, None]]);
    let indexes = "SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE '%_idx' ORDER BY name";
    let names: Vec<_> = fixture.rows(indexes).await.into_iter().flatten().flatten().collect();
    assert_eq!(names, ["account_userId_idx", "session_userId_idx", "verification_identifier_idx"]);
    assert_eq!(fixture.hash_of("ada@example.com").await.len(), 161);
    everybody_signs_in(&app, &fixture).await;
}

#[tokio::test]
async fn the_switch_keeps_and_restores_better_auths_form() {
    let fixture = Fixture::postgres("1.7.24").await;
    let before = fixture.hash_of("ada@example.com").await;
    let body = json!({ "email": "ada@example.com", "password": fixture.person("ada")["password"] });
    let sign_in = async |settings: &[(&str, &str)]| {
        let app = fixture.app(settings).await;
        app.anonymous().post("/api/auth/sign-in/email", body.clone()).await.expect(200);
        fixture.hash_of("ada@example.com").await
    };
    let scrypt = [("PASSWORD_HASH", "scrypt")];
    assert_eq!(sign_in(&scrypt).await, before);
    assert!(sign_in(&[]).await.starts_with("$argon2id$"));
    let back = sign_in(&scrypt).await;
    assert!(back.len() == 161 && back.contains(':') && back != before, "{back}");
    assert_eq!(sign_in(&scrypt).await, back);
}

#[tokio::test]
async fn a_password_changed_meanwhile_is_not_overwritten() {
    for fixture in [Fixture::sqlite("1.7.24").await, Fixture::postgres("1.7.24").await] {
        let app = fixture.app(&[]).await;
        let id = fixture.person("ada")["id"].as_str().expect("an id").to_owned();
        let hash = fixture.hash_of("ada@example.com").await;
        for (old, new, stored) in [("another", "newer", &*hash), (&*hash, "newest", "newest")] {
            let mut conn = app.state.services.store().write().await.expect("a transaction");
            conn.replace_password(&domain::id::UserId(id.clone()), old, new, 0).await.expect("runs");
            conn.commit().await.expect("commits");
            assert_eq!(fixture.hash_of("ada@example.com").await, stored);
        }
    }
}

/// What the start says, or nothing when it starts.
async fn refusal(fixture: &Fixture) -> Option<String> {
    let database = if fixture.is_postgres() {
        Database::Postgres(Secret::new(fixture.url.clone()))
    } else {
        Database::Sqlite(fixture.file().into())
    };
    let tried = async {
        let store = Store::open(&database, 2).await?;
        let did = store.migrate(0).await;
        store.close().await;
        did
    };
    tried.await.err().map(|error| error.to_string())
}

const OLDER_APP: &str = "CREATE TABLE tasks (id integer PRIMARY KEY, user_id text, title text);
    CREATE TABLE conversations (id integer PRIMARY KEY, user_id text);";

#[tokio::test]
async fn another_applications_database_is_left_alone() {
    let lite = Fixture::sqlite("1.7.24").await;
    lite.run(OLDER_APP).await;
    let bytes = std::fs::read(lite.file()).expect("the file");
    let said = refusal(&lite).await.expect("refused");
    assert!(said.contains("(tasks, conversations)") || said.contains("(conversations, tasks)"), "{said}");
    assert!(said.contains("nothing was changed") && said.contains("todo-chatbot import --from"), "{said}");
    assert!(bytes == std::fs::read(lite.file()).expect("the file"), "the file changed");

    let postgres = Fixture::postgres("1.7.24").await;
    postgres.run(OLDER_APP).await;
    let tables = "SELECT string_agg(relname || relfilenode::text, ',' ORDER BY relname) FROM pg_class";
    let before = postgres.text(tables).await;
    assert_eq!(refusal(&postgres).await.as_ref(), Some(&said));
    assert_eq!(postgres.text(tables).await, before);
}

#[tokio::test]
async fn what_contradicts_us_is_refused_untouched() {
    for (sql, part) in [
        (
            r#"UPDATE "user" SET "email" = upper("email") WHERE "email" LIKE 'ada%';
            INSERT INTO "user" SELECT 'x', "name", lower("email"), "emailVerified", "image", "createdAt", "updatedAt"
            FROM "user" WHERE "email" LIKE 'ADA%'"#,
            "1 addresses belong to several accounts",
        ),
        (r#"UPDATE "session" SET "expiresAt" = 'tomorrow'"#, r#"5 values of "session"."expiresAt" are not dates"#),
        (
            r#"ALTER TABLE "account" ADD COLUMN "tenant" text NOT NULL DEFAULT ''; ALTER TABLE "user" RENAME COLUMN "emailVerified" TO "verified""#,
            "lacks emailVerified",
        ),
    ] {
        let fixture = Fixture::sqlite("1.7.24").await;
        fixture.run(sql).await;
        let bytes = std::fs::read(fixture.file()).expect("the file");
        let said = refusal(&fixture).await.expect("refused");
        assert!(said.contains(part) && said.contains("nothing was changed"), "{said}");
        assert!(bytes == std::fs::read(fixture.file()).expect("the file"), "the file changed");
    }
    let numbered = Fixture::empty(Engine::Sqlite).await;
    numbered.run(include_str!("adoption/numbered.sqlite.sql")).await;
    let said = refusal(&numbered).await.expect("refused");
    assert!(said.contains(r#""user"."id" is a number"#) && said.contains("import --from"), "{said}");
}
