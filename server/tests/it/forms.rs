//! Plain forms, as a browser without script sends them.

use crate::{
    accounts::{Browser, set_cookies},
    app::{Answer, Engine, TestApp, on_both, titles},
};
use axum::{body::Body, http::Method};
use serde_json::{Value, json};

/// Where the answer sends the browser.
#[track_caller]
pub fn place(answer: Answer) -> String {
    let answer = answer.expect(303);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let place = answer.header("location").expect("a location").to_owned();
    assert!(place.starts_with('/') && !place.starts_with("//") && place.is_ascii(), "{place}");
    place
}

async fn tasks(ada: &mut Browser, query: &str) -> Value {
    ada.get(&format!("/api/me/tasks{query}")).await.expect(200).json()
}

pub async fn signed_up(app: &TestApp) -> Browser {
    let mut ada = Browser::new(app);
    let answer = ada.form("/sign-up", "name=Ada&email=ada%40example.org&password=correct+horse").await;
    assert_eq!(place(answer), "/today");
    ada
}

on_both! {
    async fn in_and_out_without_script(app) {
        let mut ada = signed_up(&app).await;
        assert_eq!(ada.get("/api/auth/get-session").await.json()["user"]["name"], "Ada");
        let answer = ada.form("/sign-out", "").await;
        assert_eq!(set_cookies(&answer).len(), 3);
        assert_eq!(place(answer), "/sign-in");
        ada.get("/api/me/tasks").await.expect(401);

        let answer = ada.form("/sign-in", "email=+ada%40example.org&password=wrong+horse&next=%2Ftask%2F3").await;
        assert!(set_cookies(&answer).is_empty());
        assert_eq!(place(answer),
            "/sign-in?error=Wrong%20e-mail%20address%20or%20password.&email=%20ada%40example.org&next=%2Ftask%2F3");
        let answer = ada.form("/sign-in", "email=+ADA%40example.org+&password=correct+horse&next=%2Ftask%2F3%3Fx%3D%C3%A9%23top").await;
        assert_eq!(place(answer), "/task/3?x=%C3%A9#top");
        ada.get("/api/me/tasks").await.expect(200);
    }

    async fn what_was_wrong_is_said(app) {
        signed_up(&app).await;
        let mut bob = Browser::new(&app);
        for (body, part) in [
            ("name=Bob&email=ada%40example.org&password=correct+horse", "There%20is%20an%20account%20with%20that%20address"),
            ("name=Bob&email=bob&password=correct+horse", "That%20is%20not%20an%20e-mail%20address."),
            ("name=Bob&email=bob%40example.org&password=short", "The%20password%20is%20too%20short%3A%20it%20needs%20at%20least%208"),
            ("name=Bob&email=bob%40example.org&password=", "The%20password%20is%20too%20short"),
            ("name=Bob", "That%20is%20not%20an%20e-mail%20address."),
            ("name=B%00b&email=bob%40example.org&password=correct+horse", "The%20name%20must%20not%20hold%20control%20characters"),
        ] {
            let place = place(bob.form("/sign-up", body).await);
            assert!(place.starts_with("/sign-up?error=") && place.contains(part), "{place}");
            assert!(place.contains("&name=B") && !place.contains("horse"), "{place}");
        }
        let long = format!("email={}&password={}&name=%0d%0aSet-Cookie:%20a=b", "x".repeat(5000), "y".repeat(10_000));
        let answer = bob.form("/sign-up", &long).await;
        assert!(set_cookies(&answer).is_empty());
        let place = place(answer);
        assert!(place.len() < 600 && place.contains("&name=%0D%0ASet-Cookie%3A"), "{place}");
        assert!(bob.jar.is_empty());
    }

    async fn nobody_is_led_away(app) {
        let mut ada = signed_up(&app).await;
        for next in ["//evil.example", "/%5Cevil.example", "https%3A%2F%2Fevil.example", "javascript%3Aalert(1)", "/%09/evil.example",
            "%2F%0d%0aSet-Cookie%3A%20a%3Db", "/%252Fevil.example", "evil.example", "%20//evil.example", "/..//evil.example", "%00", ""] {
            let answer = ada.form("/sign-in", &format!("email=ada%40example.org&password=correct+horse&next={next}")).await;
            assert_eq!(set_cookies(&answer).len(), 1, "{next}");
            assert_eq!(place(answer), "/today", "{next}");
            let answer = ada.form("/do/add", &format!("text=x&next={next}")).await;
            assert_eq!(place(answer), "/today", "{next}");
        }
        // A referrer leads back to our path, on our host, whatever host it names.
        for (referer, back) in [
            ("http://localhost:8080/project/3?sort=due", "/project/3?sort=due"),
            ("http://localhost:8080/inbox?error=old&x=1", "/inbox?x=1"),
            ("https://evil.example//evil.example/x", "/today"),
            ("https://evil.example/%2Fevil.example", "/today"),
            ("about:blank", "/today"),
            ("garbage", "/today"),
        ] {
            let answer = ada.from(referer).form("/do/add", "text=x").await;
            assert_eq!(place(answer), back, "{referer}");
        }
    }

    async fn tasks_by_form(app) {
        let mut ada = signed_up(&app).await.from("http://localhost:8080/inbox");
        assert_eq!(place(ada.form("/do/add", "text=Buy+milk+tomorrow+%23Home").await), "/inbox");
        assert_eq!(place(ada.form("/do/add", "text=Call+mum%0D%0AWater+plants&next=%2Ftoday").await), "/today");
        let list = tasks(&mut ada, "").await;
        assert_eq!(titles(&list), ["Buy milk", "Call mum", "Water plants"]);
        assert_eq!((&list[0]["due"], &list[0]["project"]["name"]), (&json!("2026-11-22"), &json!("Home")));
        let project = &list[0]["project"]["id"];
        ada.form("/do/add", &format!("text=Dust&project={project}")).await.expect(303);
        assert_eq!(tasks(&mut ada, "?search=Dust").await[0]["project"]["id"], *project);

        assert_eq!(place(ada.form("/do/complete", "id=1").await), "/inbox");
        assert_eq!(tasks(&mut ada, "/1").await["completed"], true);
        ada.form("/do/complete", "id=1").await.expect(303);
        assert_eq!(tasks(&mut ada, "/1").await["completed"], false);
        ada.form("/do/delete", "id=2").await.expect(303);
        assert_eq!(titles(&tasks(&mut ada, "?status=trash").await), ["Call mum"]);
        ada.form("/do/restore", "id=2").await.expect(303);
        ada.form("/do/delete", "id=3").await.expect(303);
        ada.form("/do/undo", "").await.expect(303);
        assert_eq!(tasks(&mut ada, "?status=trash").await, json!([]));
        ada.form("/do/undo", "seq=1").await.expect(303);
        assert_eq!(titles(&tasks(&mut ada, "").await), ["Call mum", "Water plants", "Dust"]);

        let body = "id=2&title=Call+mother&description=Her+birthday&due=2026-11-25T09%3A00&priority=high&project=Family&labels=phone%2C+family%2C";
        ada.form("/do/update", body).await.expect(303);
        let task = tasks(&mut ada, "/2").await;
        assert_eq!((&task["title"], &task["due"], &task["priority"]), (&json!("Call mother"), &json!("2026-11-25T09:00"), &json!("high")));
        assert_eq!((&task["project"]["name"], &task["description"]), (&json!("Family"), &json!("Her birthday")));
        assert_eq!(task["labels"].as_array().map(Vec::len), Some(2));
        ada.form("/do/update", "id=2&description=&due=&priority=&project=&labels=").await.expect(303);
        let task = tasks(&mut ada, "/2").await;
        assert_eq!((&task["title"], &task["due"], &task["priority"]), (&json!("Call mother"), &Value::Null, &json!("none")));
        assert_eq!((&task["project"], &task["description"], &task["labels"]), (&Value::Null, &Value::Null, &json!([])));
    }

    async fn acts_that_fail_come_back_with_a_sentence(app) {
        let mut ada = signed_up(&app).await.from("http://localhost:8080/inbox?error=old");
        app.user("Bob").await.task("Bob's").await;
        for (act, body, part) in [
            ("add", "text=+", "error="),
            ("add", "text=x&project=99", "error="),
            ("complete", "id=1", "There%20is%20no%20task%20%231."),
            ("complete", "id=", "id%20must%20be%20a%20number"),
            ("complete", "id=99999999999999999999", "id%20must%20be%20a%20number"),
            ("complete", "", "id%20must%20be%20a%20number"),
            ("delete", "id=1", "There%20is%20no%20task%20%231."),
            ("restore", "id=-1", "There%20is%20no%20task"),
            ("undo", "", "There%20is%20no%20change%20to%20undo."),
            ("undo", "seq=abc", "seq%20must%20be%20a%20number"),
            ("update", "id=1&title=x", "There%20is%20no%20task%20%231."),
            ("update", "id=1&title=", "title%20must%20not%20be%20empty"),
            ("update", "id=1&due=someday", "is%20not%20a%20date"),
            ("update", "id=1&title=x&version=no", "version%20must%20be%20a%20number"),
            ("settings", "theme=pink", "theme"),
            ("settings", "name=a%00b", "The%20name%20must%20not%20hold%20control%20characters"),
        ] {
            let place = place(ada.form(&format!("/do/{act}"), body).await);
            assert!(place.starts_with("/inbox?error=") && place.contains(part), "{act} {body}: {place}");
            assert!(place.len() < 1200);
        }
        ada.form("/do/nothing", "").await.expect(404);
        ada.get("/do/add").await.expect(405);
        ada.form("/do/add", &format!("text={}", "x".repeat(2_000_000))).await.expect(413);
    }

    async fn settings_by_form(app) {
        let mut ada = signed_up(&app).await;
        let body = "name=Ada+L.&theme=dark&time_zone=Europe%2FParis&locale=en-US&week_start=sunday&next=%2Fsettings";
        assert_eq!(place(ada.form("/do/settings", body).await), "/settings?done=settings&at=settings");
        let overview = ada.get("/api/me/overview").await.expect(200).json();
        assert_eq!(overview["user"]["name"], "Ada L.");
        assert_eq!(overview["settings"], json!({ "time_zone": "Europe/Paris", "theme": "dark", "locale": "en-US", "week_start": "sunday" }));
        ada.form("/do/settings", "theme=light").await.expect(303);
        let overview = ada.get("/api/me/overview").await.expect(200).json();
        assert_eq!((&overview["user"]["name"], &overview["settings"]["theme"]), (&json!("Ada L."), &json!("light")));
        // All of it or nothing.
        assert_eq!(place(ada.form("/do/settings", "name=Eve&theme=pink&at=name").await),
            "/today?error=theme%20must%20be%20one%20of%20system%2C%20light%2C%20dark&at=name&field=theme");
        let overview = ada.get("/api/me/overview").await.expect(200).json();
        assert_eq!(overview["user"]["name"], "Ada L.");
        assert_eq!(place(ada.form("/do/settings", "name=Ada&at=name").await), "/today?done=settings&at=name");
    }

    async fn talking_by_form(app) {
        let mut ada = signed_up(&app).await.from("http://localhost:8080/today");
        let place_of = |answer: Answer| place(answer);
        let chat = place_of(ada.form("/do/chat", "message=Add+a+task+to+buy+groceries").await);
        let id = chat.strip_prefix("/chat/").expect("a conversation").to_owned();
        assert_eq!(titles(&tasks(&mut ada, "").await), ["buy groceries"]);
        assert_eq!(place_of(ada.form("/do/chat", &format!("conversation_id={id}&message=Delete+task+%231")).await), chat);
        let whole = ada.get(&format!("/api/me/conversations/{id}")).await.expect(200).json();
        let call = whole["messages"][3]["tool_calls"][0].clone();
        assert_eq!((&call["tool"], &call["status"]), (&json!("delete_task"), &json!("pending")));
        let call = call["id"].as_str().expect("an id");
        let decide = |decision: &str| format!("conversation_id={id}&id={call}&decision={decision}");
        assert!(place_of(ada.form("/do/approve", &decide("perhaps")).await).contains("decision%20must%20be%20allow"));
        assert_eq!(place_of(ada.form("/do/approve", &decide("allow")).await), chat);
        assert_eq!(tasks(&mut ada, "").await, json!([]));
        for (act, body) in [("chat", "message="), ("chat", "message=x&conversation_id=99"), ("chat", "message=x&conversation_id=no"),
            ("approve", "conversation_id=99&id=x&decision=allow"), ("approve", &decide("allow"))] {
            let place = place_of(ada.form(&format!("/do/{act}"), body).await);
            assert!(place.starts_with("/today?error="), "{act} {body}: {place}");
        }
    }

    async fn forms_of_other_sites_do_nothing(app) {
        let mut ada = signed_up(&app).await;
        let mut foreign = app.anonymous().with("content-type", "application/x-www-form-urlencoded").with("origin", "https://evil.example");
        let body = "text=x&id=1&email=ada%40example.org&password=correct+horse";
        for path in ["/sign-in", "/sign-in/social", "/sign-up", "/forgot-password", "/reset-password"] {
            foreign.send(Method::POST, path, Body::from(body)).await.expect(403);
        }
        let pair = format!("better-auth.session_token={}", ada.jar["better-auth.session_token"]);
        foreign = foreign.with("cookie", &pair);
        for path in ["/sign-in", "/sign-up", "/sign-out", "/forgot-password", "/reset-password", "/do/add", "/do/complete", "/do/settings",
            "/do/password", "/do/email", "/do/verify-email", "/do/session", "/do/sessions", "/do/token", "/do/token-revoke", "/do/link", "/do/unlink", "/do/delete-account", "/do/user", "/do/nothing"] {
            let answer = foreign.send(Method::POST, path, Body::from(body)).await.expect(403);
            assert!(set_cookies(&answer).is_empty());
            foreign.with("origin", "null").send(Method::POST, path, Body::from(body)).await.expect(403);
        }
        assert_eq!(tasks(&mut ada, "").await, json!([]));
        // Neither is a body that a foreign page could send without asking.
        ada.post("/do/add", json!({ "text": "x" })).await.expect(415);
        // A browser that hides origins says at least that it was us.
        let own = foreign.with("origin", "null").with("sec-fetch-site", "same-origin");
        own.send(Method::POST, "/do/add", Body::from(body)).await.expect(303);
        assert_eq!(titles(&tasks(&mut ada, "").await), ["x"]);
    }

    async fn strangers_are_asked_to_sign_in(app) {
        let mut nobody = Browser::new(&app).from("http://localhost:8080/project/3");
        assert_eq!(place(nobody.form("/do/add", "text=x").await), "/sign-in?next=%2Fproject%2F3");
        assert_eq!(place(nobody.form("/do/add", "text=x&next=%2Finbox").await), "/sign-in?next=%2Finbox");
        assert_eq!(place(Browser::new(&app).form("/do/add", "text=x").await), "/sign-in?next=%2Ftoday");
        assert_eq!(place(nobody.form("/sign-out", "").await), "/sign-in");
    }

    async fn acts_extend_the_session(app) {
        let mut ada = signed_up(&app).await;
        app.clock.advance(86_400);
        let answer = ada.form("/do/add", "text=x").await;
        assert!(set_cookies(&answer)[0].contains("Max-Age=604800"));
        assert!(set_cookies(&ada.form("/do/add", "text=y").await).is_empty());
        app.clock.advance(86_400);
        assert!(set_cookies(&ada.form("/do/complete", "id=77").await)[0].contains("Max-Age=604800"));
    }
}

/// Both doors to a password share one count.
#[tokio::test]
async fn guessing_by_form_is_slow_too() {
    let app = TestApp::with(Engine::Sqlite, &[("RATE_LIMIT", "on")]).await;
    app.user("Ada").await;
    let mut eve = Browser::new(&app);
    let wrong = json!({ "email": "ada@example.org", "password": "wrong password" });
    eve.post("/api/auth/sign-in/email", wrong.clone()).await.expect(401);
    for _ in 0..2 {
        eve.form("/sign-in", "email=ada%40example.org&password=wrong").await.expect(303);
    }
    let place = place(eve.form("/sign-in", "email=ada%40example.org&password=correct+horse").await);
    assert!(place.starts_with("/sign-in?error=Too%20many%20tries.%20Wait%2010%20seconds"), "{place}");
    eve.post("/api/auth/sign-in/email", wrong).await.expect(429);
}
