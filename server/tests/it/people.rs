//! What a person sees of their account beyond their tasks: sessions, what happened, and how one comes in.

use crate::{
    accounts::{Browser, set_cookies},
    app::{Client, Engine, PASSWORD, TestApp, on_both},
};
use axum::http::Method;
use serde_json::{Value, json};

async fn sessions(client: &Client) -> Vec<Value> {
    client.get("/api/me/sessions").await.expect(200).json().as_array().expect("a list").clone()
}

pub async fn kinds(client: &Client) -> Vec<String> {
    let rows = client.get("/api/me/audit?limit=200").await.expect(200).json();
    rows.as_array().expect("a list").iter().map(|row| row["kind"].as_str().expect("a word").to_owned()).collect()
}

on_both! {
    async fn devices_are_seen_and_signed_out(app) {
        let here = app.user("ann").await;
        app.clock.advance(60);
        let (there, bob) = (app.again("ann").await, app.user("bob").await);
        let list = sessions(&here).await;
        assert_eq!(list.iter().map(|s| s["current"] == json!(true)).collect::<Vec<_>>(), [false, true]);
        assert_eq!(list[0]["created_at"], "2026-11-21T10:01:00Z");
        assert_eq!(list[0]["expires_at"], "2026-11-28T10:01:00Z");
        assert!(!list.iter().any(|s| s.to_string().contains(&here.token) || s.to_string().contains(&there.token)), "{list:?}");
        assert_eq!(sessions(&there).await[0]["current"], true);

        let id = |n: usize| format!("/api/me/sessions/{}", list[n]["id"].as_str().expect("an id"));
        // Somebody else's is none.
        bob.delete(&id(0)).await.expect(404);
        there.get("/api/me/tasks").await.expect(200);
        let answer = here.delete(&id(0)).await.expect(204);
        assert!(set_cookies(&answer).is_empty());
        here.delete(&id(0)).await.expect(404);
        here.delete("/api/me/sessions/%00").await.expect(404);
        there.get("/api/me/tasks").await.expect(401);
        here.get("/api/me/tasks").await.expect(200);

        let (second, third) = (app.again("ann").await, app.again("ann").await);
        second.delete("/api/me/sessions").await.expect(204);
        here.get("/api/me/tasks").await.expect(401);
        third.get("/api/me/tasks").await.expect(401);
        bob.get("/api/me/tasks").await.expect(200);
        let [own] = &sessions(&second).await[..] else { panic!("one session") };
        let answer = second.delete(&format!("/api/me/sessions/{}", own["id"].as_str().expect("an id"))).await.expect(204);
        assert_eq!(set_cookies(&answer).len(), 3, "one's own takes its cookies along");
        second.get("/api/me/tasks").await.expect(401);
    }

    async fn what_happened_is_read_in_pages_by_its_owner(app) {
        let ann = app.user("ann").await;
        let bob = app.user("bob").await;
        for n in 0..4 {
            app.clock.advance(1);
            let wrong = json!({ "email": "ann@example.org", "password": format!("not the password {n}") });
            let phone = app.anonymous().with("user-agent", "Phone/1.0").with("x-forwarded-for", "203.0.113.7");
            phone.post("/api/auth/sign-in/email", wrong).await.expect(401);
        }
        assert_eq!(kinds(&ann).await, ["sign_in_failed", "sign_in_failed", "sign_in_failed", "sign_in_failed", "signed_up"]);
        assert_eq!(kinds(&bob).await, ["signed_up"]);
        let rows = ann.get("/api/me/audit").await.expect(200);
        assert!(rows.header("link").is_none());
        let first = &rows.json()[0];
        assert_eq!((&first["at"], &first["agent"], &first["address"]),
            (&json!("2026-11-21T10:00:04Z"), &json!("Phone/1.0"), &json!("203.0.113.7")));

        // All at one moment as well: the id decides.
        for _ in 0..5 {
            app.again("ann").await;
        }
        let (mut path, mut seen) = ("/api/me/audit?limit=2".to_owned(), Vec::new());
        loop {
            let page = ann.get(&path).await.expect(200);
            let rows = page.json();
            seen.extend(rows.as_array().expect("a list").iter().map(|row| row["id"].to_string()));
            let Some(link) = page.header("link") else { break };
            path = link.strip_prefix('<').and_then(|l| l.strip_suffix(">; rel=\"next\"")).expect("a link").to_owned();
            assert!(path.starts_with("/api/me/audit?limit=2&before="), "{path}");
        }
        assert_eq!(seen.len(), 10);
        let whole = ann.get("/api/me/audit?limit=200").await.json();
        assert_eq!(seen, whole.as_array().expect("a list").iter().map(|r| r["id"].to_string()).collect::<Vec<_>>());
        for wrong in ["limit=0", "limit=201", "limit=x", "before=x", "before=1", "before=1.a%27b", "before=99999999999999999999.a"] {
            let answer = ann.get(&format!("/api/me/audit?{wrong}")).await.expect(422);
            assert_eq!(answer.json()["errors"][0]["field"], wrong.split('=').next().expect("a name"));
        }
        ann.send(Method::DELETE, "/api/me/audit", axum::body::Body::empty()).await.expect(405);
    }

    async fn what_happened_is_forgotten_in_the_end(app) {
        const DAY: i64 = 86_400;
        let ann = app.user("ann").await;
        let wrong = json!({ "email": "nobody@example.org", "password": "whatever it is" });
        ann.post("/api/auth/sign-in/email", wrong).await.expect(401);
        let rows = || crate::accounts::count(&app, "SELECT count(*) FROM audit");
        assert_eq!(rows().await, 2, "a try at nobody's address is kept");
        assert_eq!(kinds(&ann).await, ["signed_up"], "and nobody's to see");
        app.clock.advance(29 * DAY);
        app.state.services.keep_house_once().await.expect("keeps house");
        assert_eq!(rows().await, 2);
        app.clock.advance(2 * DAY);
        app.state.services.keep_house_once().await.expect("keeps house");
        assert_eq!(rows().await, 1);
        app.clock.advance(368 * DAY);
        app.state.services.keep_house_once().await.expect("keeps house");
        assert_eq!(rows().await, 1);
        app.clock.advance(2 * DAY);
        app.state.services.keep_house_once().await.expect("keeps house");
        assert_eq!(rows().await, 0);
    }

    async fn the_first_one_is_known_as_admin(app) {
        let (ann, bob) = (app.user("ann").await, app.user("bob").await);
        assert_eq!(ann.get("/api/me/overview").await.expect(200).json()["admin"], true);
        assert_eq!(bob.get("/api/me/overview").await.expect(200).json()["admin"], false);
    }

    async fn a_new_zone_moves_starts_and_deadlines_too(app) {
        let ann = app.user("ann").await;
        for field in ["start", "deadline", "due"] {
            ann.post("/api/me/tasks", json!({ "title": field, field: "2026-11-21T23:30[Europe/London]" })).await.expect(201);
        }
        ann.patch("/api/me/settings", json!({ "time_zone": "Asia/Tokyo" })).await.expect(200);
        for column in ["start_day", "deadline_day", "due_day"] {
            let text = format!("SELECT count(*) FROM tasks WHERE {column} = '2026-11-22'");
            assert_eq!(crate::accounts::count(&app, text).await, 1, "{column}");
        }
    }
}

#[tokio::test]
async fn how_one_comes_in_is_open_to_all() {
    let options = |app: &TestApp| {
        let mut stranger = Browser::new(app);
        async move { stranger.get("/api/sign-in-options").await.expect(200).json() }
    };
    let app = TestApp::new(Engine::Sqlite).await;
    assert_eq!(options(&app).await["sign_up"], true);
    assert_eq!(options(&app).await["providers"], json!([]));

    let google = [("GOOGLE_CLIENT_ID", "me"), ("GOOGLE_CLIENT_SECRET", "very secret"), ("SIGN_UP", "first")];
    let app = TestApp::with(Engine::Sqlite, &google).await;
    assert_eq!(options(&app).await["providers"], json!([{ "id": "google", "name": "Google" }]));
    assert_eq!(options(&app).await["sign_up"], true);
    app.user("ann").await;
    assert_eq!(options(&app).await["sign_up"], false);
    let body = json!({ "name": "Bob", "email": "bob@example.org", "password": PASSWORD });
    Browser::new(&app).post("/api/auth/sign-up/email", body).await.expect(400);

    let app = TestApp::with(Engine::Sqlite, &[("SIGN_UP", "closed")]).await;
    assert_eq!(options(&app).await["sign_up"], false);
}
