//! Looking after other people's accounts: who may, what shows, and that one admin always stays.

use crate::{
    accounts::Browser,
    app::{Client, PASSWORD, on_both},
    people::kinds,
};
use serde_json::{Value, json};

async fn person(admin: &Client, search: &str) -> Value {
    let found = admin.get(&format!("/api/admin/users?search={search}")).await.expect(200).json();
    assert_eq!(found.as_array().map(Vec::len), Some(1), "{search}: {found}");
    found[0].clone()
}

fn path(client: &Client) -> String {
    format!("/api/admin/users/{}", client.user)
}

on_both! {
    async fn only_admins_look_after_others(app) {
        let (ann, bob) = (app.user("ann").await, app.user("bob").await);
        for path in ["/api/admin/users".to_owned(), format!("/api/admin/users?search={}", ann.user)] {
            app.anonymous().get(&path).await.expect(401);
            let answer = bob.get(&path).await.expect(403);
            assert_eq!(answer.json()["code"], "forbidden");
            assert!(!answer.text.contains("ann@"));
        }
        for id in [&ann.user, &bob.user, "nobody"] {
            let path = format!("/api/admin/users/{id}");
            app.anonymous().patch(&path, json!({ "admin": true })).await.expect(401);
            bob.patch(&path, json!({ "admin": true })).await.expect(403);
            bob.patch(&path, json!({ "disabled": true })).await.expect(403);
        }
        ann.with("origin", "https://evil.example").patch(&path(&bob), json!({ "disabled": true })).await.expect(403);
        for missing in ["nobody", "%00", "..", "%2e%2e"] {
            ann.patch(&format!("/api/admin/users/{missing}"), json!({ "disabled": true })).await.expect(404);
        }
        for wrong in [json!({ "admin": "perhaps" }), json!({ "disabled": 1 })] {
            ann.patch(&path(&bob), wrong).await.expect(422);
        }
        assert_eq!(person(&ann, "bob").await["disabled"], false);
        // Whoever is made one may, at once; whoever is one no longer may not.
        assert_eq!(ann.patch(&path(&bob), json!({ "admin": true })).await.expect(200).json()["admin"], true);
        bob.get("/api/admin/users").await.expect(200);
        assert_eq!(bob.patch(&path(&ann), json!({ "admin": false })).await.expect(200).json()["admin"], false);
        ann.get("/api/admin/users").await.expect(403);
        for client in [&ann, &bob] {
            let mut words = kinds(client).await;
            words.sort_unstable();
            assert_eq!(words, ["admin_acted", "rights_changed", "signed_up"]);
        }
    }

    async fn people_are_found_in_pages(app) {
        let ann = app.user("Ann").await;
        for name in ["Bob_1", "Bob%2", "Bobby", "Zoe"] {
            let email = format!("{}@example.org", name.to_lowercase().replace('%', "-"));
            let body = json!({ "name": name, "email": email, "password": PASSWORD });
            Browser::new(&app).post("/api/auth/sign-up/email", body).await.expect(200);
        }
        ann.task("one").await;
        ann.task("two").await;
        ann.delete("/api/me/tasks/1").await.expect(200);
        let own = person(&ann, "ANN%40ex").await;
        assert_eq!((&own["admin"], &own["disabled"], &own["tasks"]), (&json!(true), &json!(false), &json!(1)));
        assert_eq!(own["last_seen_at"], "2026-11-21T10:00:00Z");
        assert_eq!(own["created_at"], "2026-11-21T10:00:00Z");
        let found = async |search: &str| {
            let list = ann.get(&format!("/api/admin/users?search={search}")).await.expect(200).json();
            list.as_array().expect("a list").iter().map(|p| p["name"].as_str().expect("text").to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(found("bob").await, ["Bob%2", "Bob_1", "Bobby"]);
        assert_eq!(found("b_1").await, ["Bob_1"]);
        assert_eq!(found("b%252").await, ["Bob%2"]);
        assert_eq!(found("!").await, Vec::<String>::new());
        assert_eq!(found("%27%20OR%201%3D1").await, Vec::<String>::new());
        let (mut path, mut seen) = ("/api/admin/users?limit=2".to_owned(), Vec::new());
        loop {
            let page = ann.get(&path).await.expect(200);
            seen.extend(page.json().as_array().expect("a list").iter().map(|p| p["name"].as_str().expect("text").to_owned()));
            let Some(link) = page.header("link") else { break };
            path = link.strip_prefix('<').and_then(|l| l.strip_suffix(">; rel=\"next\"")).expect("a link").to_owned();
        }
        assert_eq!(seen, ["Ann", "Bob%2", "Bob_1", "Bobby", "Zoe"]);
        for wrong in ["limit=0", "limit=201", "cursor=%2525", "cursor=AA", "search=%00"] {
            let answer = ann.get(&format!("/api/admin/users?{wrong}")).await.expect(422);
            assert_eq!(answer.json()["errors"][0]["field"], wrong.split('=').next().expect("a name"));
        }
    }

    async fn whoever_is_locked_out_is_out(app) {
        let (ann, bob) = (app.user("ann").await, app.user("bob").await);
        let phone = app.again("bob").await;
        let admin = ann.with("user-agent", "Admin's machine").with("x-forwarded-for", "203.0.113.9");
        app.clock.advance(1);
        assert_eq!(admin.patch(&path(&bob), json!({ "disabled": true })).await.expect(200).json()["disabled"], true);
        for client in [&bob, &phone, &bob.bearer()] {
            client.get("/api/me/tasks").await.expect(401);
        }
        let sign_in = json!({ "email": "bob@example.org", "password": PASSWORD });
        app.clock.advance(1);
        Browser::new(&app).post("/api/auth/sign-in/email", sign_in.clone()).await.expect(403);
        app.clock.advance(1);
        // Twice is once.
        ann.patch(&path(&bob), json!({ "disabled": true })).await.expect(200);
        ann.patch(&path(&bob), json!({ "disabled": false })).await.expect(200);
        bob.get("/api/me/tasks").await.expect(401);
        app.clock.advance(1);
        let bob = app.again("bob").await;
        assert_eq!(kinds(&bob).await[..4], ["signed_in", "enabled", "sign_in_failed", "disabled"]);
        let rows = bob.get("/api/me/audit").await.expect(200);
        assert_eq!(rows.json()[3]["detail"], "by an admin");
        assert!(!rows.text.contains("203.0.113.9") && !rows.text.contains("machine"), "{}", rows.text);
        let own = ann.get("/api/me/audit").await.expect(200).json();
        assert_eq!((&own[1]["detail"], &own[1]["address"]), (&json!(format!("{} disabled", bob.user)), &json!("203.0.113.9")));
    }

    async fn one_admin_stays(app) {
        let (ann, bob) = (app.user("ann").await, app.user("bob").await);
        for rights in [json!({ "disabled": true }), json!({ "admin": false }), json!({ "admin": true, "disabled": true })] {
            assert_eq!(ann.patch(&path(&ann), rights).await.expect(409).json()["code"], "last_admin");
        }
        // A locked-out admin is no help.
        ann.patch(&path(&bob), json!({ "admin": true, "disabled": true })).await.expect(200);
        ann.patch(&path(&ann), json!({ "admin": false })).await.expect(409);
        ann.patch(&path(&bob), json!({ "disabled": false })).await.expect(200);
        let bob = app.again("bob").await;
        // Both at once: one stays.
        let no = json!({ "admin": false });
        let (ann_path, bob_path) = (path(&ann), path(&bob));
        let (first, second) = tokio::join!(ann.patch(&bob_path, no.clone()), bob.patch(&ann_path, no));
        let mut codes = [first.status.as_u16(), second.status.as_u16()];
        codes.sort_unstable();
        assert!(codes == [200, 403] || codes == [200, 409], "{codes:?}");
        let admins = "SELECT count(*) FROM user_flags WHERE admin AND NOT disabled";
        assert_eq!(crate::accounts::count(&app, admins).await, 1);
    }
}
