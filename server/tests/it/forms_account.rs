//! One's own account and other people's by plain form: every door with what it does, what it refuses and to whom.

use crate::{
    accounts::{Browser, count, set_cookies},
    app::{Answer, Engine, PASSWORD, TestApp, on_both},
    forms::{place, signed_up},
    social::provider::{Provider, Trip, target},
};
use serde_json::{Value, json};

const SETTINGS: &str = "http://localhost:8080/settings";

async fn on_settings(app: &TestApp) -> Browser {
    signed_up(app).await.from(&format!("{SETTINGS}?done=old&at=x&field=y&error=z"))
}

async fn sign_in(app: &TestApp, email: &str, password: &str) -> Browser {
    let mut browser = Browser::new(app).from(SETTINGS);
    let body = format!("email={email}&password={}", password.replace(' ', "+"));
    assert_eq!(place(browser.form("/sign-in", &body).await), "/today", "{email}");
    browser
}

async fn sessions(browser: &mut Browser) -> Vec<Value> {
    browser.get("/api/me/sessions").await.expect(200).json().as_array().expect("a list").clone()
}

on_both! {
    async fn a_password_is_changed(app) {
        let mut ada = on_settings(&app).await;
        let mut phone = sign_in(&app, "ada@example.org", PASSWORD).await;
        for (body, part) in [
            ("current=wrong+horse&password=another+fine+one", "The%20current%20password%20is%20wrong.&at=password&field=current"),
            ("current=correct+horse&password=short", "too%20short%3A%20it%20needs%20at%20least%208%20characters.&at=password&field=password"),
            ("current=correct+horse", "&at=password&field=password"),
            ("current=correct+horse&password=another+fine+one&others=perhaps", "&at=password&field=others"),
        ] {
            let place = place(ada.form("/do/password", body).await);
            assert!(place.starts_with("/settings?error=") && place.ends_with(part), "{place}");
            assert!(!place.contains("horse") && !place.contains("fine"), "{place}");
        }
        assert_eq!(place(ada.form("/do/password", "current=correct+horse&password=another+fine+one").await),
            "/settings?done=password&at=password");
        phone.get("/api/me/tasks").await.expect(200);
        sign_in(&app, "ada@example.org", "another fine one").await;
        // The others out, and this one anew.
        let before = ada.jar["better-auth.session_token"].clone();
        let answer = ada.form("/do/password", "current=another+fine+one&password=the+third+of+them&others=on").await;
        assert_eq!(place(answer), "/settings?done=password&at=password");
        assert_ne!(ada.jar["better-auth.session_token"], before);
        phone.get("/api/me/tasks").await.expect(401);
        assert_eq!(sessions(&mut ada).await.len(), 1);
    }

    async fn devices_are_signed_out(app) {
        let mut ada = on_settings(&app).await;
        let mut phone = sign_in(&app, "ada@example.org", PASSWORD).await;
        sign_in(&app, "ada@example.org", PASSWORD).await;
        let id = |list: &[Value], current: bool| {
            let found = list.iter().find(|s| s["current"] == current).expect("one");
            found["id"].as_str().expect("an id").to_owned()
        };
        let own = sessions(&mut phone).await;
        let body = format!("id={}", id(&own, true));
        // Somebody else's session is none.
        let mut eve = Browser::new(&app).from(SETTINGS);
        eve.form("/sign-up", "name=Eve&email=eve%40example.org&password=correct+horse").await.expect(303);
        assert!(place(eve.form("/do/session", &body).await).starts_with("/settings?error="));
        phone.get("/api/me/tasks").await.expect(200);
        assert_eq!(place(ada.form("/do/session", &body).await), "/settings?done=session&at=session");
        phone.get("/api/me/tasks").await.expect(401);
        for body in [body.as_str(), "id=", "id=%00", ""] {
            assert!(place(ada.form("/do/session", body).await).ends_with("&at=session"), "{body}");
        }
        assert_eq!(place(ada.form("/do/sessions", "").await), "/settings?done=sessions&at=sessions");
        let left = sessions(&mut ada).await;
        assert_eq!(left.len(), 1);
        let answer = ada.form("/do/session", &format!("id={}", id(&left, true))).await;
        assert_eq!(set_cookies(&answer).len(), 3);
        assert_eq!(place(answer), "/sign-in?done=signed-out");
        ada.get("/api/me/tasks").await.expect(401);
    }

    async fn an_account_is_deleted_when_it_is_meant(app) {
        let mut ada = on_settings(&app).await;
        ada.form("/do/add", "text=Everything+goes").await.expect(303);
        for (body, part) in [
            ("confirm=&password=correct+horse", "&at=delete-account&field=confirm"),
            ("confirm=eve%40example.org&password=correct+horse", "&at=delete-account&field=confirm"),
            ("confirm=ada%40example.org", "&at=delete-account&field=password"),
            ("confirm=ada%40example.org&password=wrong+horse", "The%20password%20is%20wrong.&at=delete-account&field=password"),
        ] {
            let place = place(ada.form("/do/delete-account", body).await);
            assert!(place.starts_with("/settings?error=") && place.ends_with(part), "{place}");
        }
        let answer = ada.form("/do/delete-account", "confirm=+ADA%40example.org&password=correct+horse").await;
        assert_eq!(set_cookies(&answer).len(), 3);
        assert_eq!(place(answer), "/sign-in?done=deleted");
        for table in ["\"user\"", "\"session\"", "\"account\"", "tasks", "operations", "counters", "user_flags"] {
            assert_eq!(count(&app, format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
        }
    }

    async fn without_mail_it_is_said(app) {
        let mut ada = on_settings(&app).await;
        for (path, body) in [("/do/email", "email=new%40example.org"), ("/do/verify-email", "")] {
            let place = place(ada.form(path, body).await);
            assert!(place.starts_with("/settings?error=This%20server%20sends%20no%20mail"), "{place}");
        }
        // Known or not, the answer is one.
        let said = async |email: &str| {
            let place = place(Browser::new(&app).form("/forgot-password", &format!("email={email}%40example.org")).await);
            place.replace(email, "somebody")
        };
        assert_eq!(said("ada").await, said("nobody").await);
        assert!(said("ada").await.starts_with("/forgot-password?error=This%20server%20sends%20no%20mail.%20Ask%20whoever"));
    }

    async fn a_forgotten_password_is_set_by_the_operators_link(app) {
        signed_up(&app).await;
        let link = app.state.accounts.reset_link("ada@example.org").await.expect("works").expect("a link");
        let token = link.rsplit("token=").next().expect("a token").to_owned();
        let mut ada = Browser::new(&app).from(&link);
        let place_of = place(ada.form("/reset-password", &format!("token={token}&password=short")).await);
        assert!(place_of.starts_with(&format!("/reset-password?token={token}&error=The%20password%20is%20too%20short")), "{place_of}");
        let body = format!("token={token}&password=another+fine+one");
        assert_eq!(place(ada.form("/reset-password", &body).await), "/sign-in?done=reset");
        sign_in(&app, "ada@example.org", "another fine one").await;
        // It works once, and without a page to go back to no token is put into an address.
        let mut again = Browser::new(&app);
        for body in [body.as_str(), "token=made-up&password=another+fine+one", "password=another+fine+one", ""] {
            let place = place(again.form("/reset-password", body).await);
            assert!(place.starts_with("/forgot-password?error=") && !place.contains(&token), "{place}");
        }
    }

    async fn a_token_is_shown_once(app) {
        let mut ada = on_settings(&app).await;
        for (body, part) in [
            ("scopes=read", "&at=token&field=name"),
            ("name=Backup", "&at=token&field=scopes"),
            ("name=Backup&scopes=read&scopes=everything", "&at=token&field=scopes"),
            ("name=Backup&scopes=read&days=soon", "&at=token&field=days"),
            ("name=Backup&scopes=read&days=0", "&at=token&field=expires_in_days"),
        ] {
            let place = place(ada.form("/do/token", body).await);
            assert!(place.starts_with("/settings?error=") && place.ends_with(part), "{place}");
        }
        let answer = ada.form("/do/token", "name=%3Cb%3EBackup&scopes=read&scopes=write&days=30").await.expect(200);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert!(answer.header("content-security-policy").is_some_and(|policy| policy.contains("default-src 'none'")));
        assert!(answer.text.contains("&lt;b&gt;Backup") && !answer.text.contains("<b>"), "{}", answer.text);
        let token = answer.text.split("<code id=\"token\">").nth(1).and_then(|t| t.split('<').next()).expect("a token");
        let script = app.anonymous().with("authorization", &format!("Bearer {token}"));
        script.post("/api/me/tasks", json!({ "title": "by a script" })).await.expect(201);
        script.get("/api/me/sessions").await.expect(200);
        script.delete("/api/me/sessions").await.expect(403);
        assert_eq!(script.get("/api/me/export").await.expect(403).json()["code"], "insufficient_scope");
        let list = ada.get("/api/me/tokens").await.expect(200);
        assert!(!list.text.contains(token));
        let id = list.json()[0]["id"].as_str().expect("an id").to_owned();
        assert!(place(ada.form("/do/token-revoke", "id=nothing").await).ends_with("&at=token-revoke"));
        assert_eq!(place(ada.form("/do/token-revoke", &format!("id={id}")).await), "/settings?done=token-revoke&at=token-revoke");
        script.get("/api/me/tasks").await.expect(401);
    }

    async fn the_only_way_in_is_not_taken_away(app) {
        let mut ada = on_settings(&app).await;
        let ways = ada.get("/api/auth/list-accounts").await.expect(200).json();
        let id = ways[0]["id"].as_str().expect("an id");
        let place = place(ada.form("/do/unlink", &format!("id={id}")).await);
        assert!(place.starts_with("/settings?error=This%20is%20the%20only%20way") && place.ends_with("&at=unlink"), "{place}");
    }

    async fn admins_act_by_form(app) {
        let mut ada = signed_up(&app).await.from("http://localhost:8080/admin?search=bob");
        let bob = app.user("bob").await;
        let body = |rights: &str| format!("id={}&{rights}", bob.user);
        assert_eq!(place(ada.form("/do/user", &body("disabled=true")).await), "/admin?search=bob&done=user&at=user");
        bob.get("/api/me/tasks").await.expect(401);
        ada.form("/do/user", &body("disabled=off")).await.expect(303);
        let mut bob_there = sign_in(&app, "bob@example.org", PASSWORD).await;
        let own = body("admin=on");
        assert!(place(bob_there.form("/do/user", &own).await).starts_with("/settings?error=Only%20an%20admin"));
        for wrong in [body("admin=perhaps"), body(""), "id=nobody&disabled=on".into(), "id=%00&admin=on".into()] {
            let place = place(ada.form("/do/user", &wrong).await);
            assert!(place.starts_with("/admin?search=bob&error=") && place.contains("&at=user"), "{wrong}: {place}");
        }
        bob_there.get("/api/admin/users").await.expect(403);
        ada.form("/do/user", &own).await.expect(303);
        bob_there.get("/api/admin/users").await.expect(200);
    }
}

#[tokio::test]
async fn strangers_are_asked_to_sign_in_first() {
    let app = TestApp::new(Engine::Sqlite).await;
    signed_up(&app).await;
    for act in [
        "password",
        "email",
        "verify-email",
        "session",
        "sessions",
        "token",
        "token-revoke",
        "link",
        "unlink",
        "delete-account",
        "user",
    ] {
        let mut nobody = Browser::new(&app).from("http://localhost:8080/settings");
        let place = place(nobody.form(&format!("/do/{act}"), "id=1&confirm=ada%40example.org").await);
        assert_eq!(place, "/sign-in?next=%2Fsettings", "{act}");
    }
    assert_eq!(count(&app, "SELECT count(*) FROM \"user\"").await, 1);
}

/// To another provider and back, without script. The way there is a page of its own: browsers would hold a redirect of a
/// form to the policy of the page the form stood on.
#[tokio::test]
async fn other_providers_are_reached_by_form() {
    let provider = Provider::start().await;
    let app = provider.app(Engine::Sqlite, &[]).await;
    let leaves = |answer: Answer| {
        let answer = answer.expect(200);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert!(answer.header("content-security-policy").is_some_and(|p| p.contains("default-src 'none'")));
        let url =
            answer.text.split("content=\"0;url=").nth(1).and_then(|rest| rest.split('"').next()).expect("a place");
        let cookie = set_cookies(&answer).iter().find(|line| line.contains("state=")).cloned().expect("a state");
        let cookie = cookie.split(';').next().expect("a pair").to_owned();
        Trip { url: url.replace("&amp;", "&").parse().expect("an address"), cookie }
    };
    let mut nobody = Browser::new(&app);
    let trip = leaves(nobody.form("/sign-in/social", "provider=google&next=%2Ftask%2F3").await);
    let code = provider.admit(&trip);
    let back = trip.back(&app, "google", &[("code", &code)]).await;
    assert_eq!(target(&back), "/task/3");
    // The settings of whoever came that way say so.
    let session = set_cookies(&back).iter().find(|line| line.contains("session_token=")).cloned().expect("a session");
    let session = session.split(';').next().expect("a pair").to_owned();
    let page = app.anonymous().with("cookie", &session).get("/settings").await.expect(200);
    assert!(page.text.contains("Connected on") && page.text.contains("Your only way to sign in"), "{}", page.text);
    let trip = leaves(nobody.form("/sign-in/social", "provider=oidc&next=https%3A%2F%2Fevil.example").await);
    let back = trip.back(&app, "oidc", &[("error", "access_denied")]).await;
    assert!(target(&back).starts_with("/sign-in?error=access_denied"), "{}", target(&back));
    let place_of = place(nobody.form("/sign-in/social", "provider=%22%3Cscript%3E&next=%2Finbox").await);
    assert!(place_of.starts_with("/sign-in?error=") && place_of.ends_with("&next=%2Finbox"), "{place_of}");

    let mut ada = on_settings(&app).await;
    let page = ada.get("/settings").await.expect(200);
    assert!(page.text.contains("Not connected.") && !page.text.contains("nothing at this address"), "{}", page.text);
    let trip = leaves(ada.form("/do/link", "provider=google").await);
    let back = trip.back(&app, "google", &[("error", "access_denied")]).await;
    assert!(target(&back).starts_with("/settings?at=link&error=access_denied"), "{}", target(&back));
    assert!(place(ada.form("/do/link", "provider=none").await).starts_with("/settings?error="));
}
