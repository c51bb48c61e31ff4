//! Personal API tokens: what they open, what they do not, and what is known of them.

use crate::{
    accounts::{count, sql},
    app::{Client, TestApp, on_both},
    people::kinds,
};
use serde_json::{Value, json};
use std::time::Duration;

pub async fn make(owner: &Client, name: &str, scopes: &[&str]) -> Value {
    owner.post("/api/me/tokens", json!({"name": name, "scopes": scopes})).await.expect(201).json()
}

pub fn with(app: &TestApp, made: &Value) -> Client {
    app.anonymous().with("authorization", &format!("Bearer {}", made["token"].as_str().expect("a token")))
}

async fn list(owner: &Client) -> Vec<Value> {
    owner.get("/api/me/tokens").await.expect(200).json().as_array().expect("a list").clone()
}

async fn refused(answer: crate::app::Answer, scope: &str) {
    let answer = answer.expect(403);
    assert_eq!(answer.json()["code"], "insufficient_scope");
    assert!(answer.json()["detail"].as_str().expect("a sentence").contains(scope), "{}", answer.text);
    let challenge = format!(r#"Bearer error="insufficient_scope", scope="{scope}""#);
    assert_eq!(answer.header("www-authenticate"), Some(challenge.as_str()));
}

on_both! {
    async fn a_token_is_shown_once_and_kept_as_a_hash(app) {
        let ann = app.user("ann").await;
        let made = make(&ann, "  My script ", &["write", "read"]).await;
        let token = made["token"].as_str().expect("a token");
        let random = token.strip_prefix("tdc_").expect("the prefix");
        assert!(random.len() == 40 && random.bytes().all(|b| b.is_ascii_alphanumeric()), "{token}");
        assert_eq!(
            made.as_object().expect("an object").keys().collect::<Vec<_>>(),
            ["id", "name", "scopes", "created_at", "expires_at", "last_used_at", "token"]
        );
        assert_eq!((&made["name"], &made["scopes"]), (&json!("My script"), &json!(["read", "write"])));
        assert_eq!(made["created_at"], "2026-11-21T10:00:00Z");
        let shown = list(&ann).await;
        let mut expected = made.clone();
        expected.as_object_mut().expect("an object").remove("token");
        assert_eq!(shown, [expected]);
        assert!(!ann.get("/api/me/audit").await.text.contains(random));
        let kept = format!("SELECT count(*) FROM api_tokens WHERE hash LIKE '%{random}%' OR name LIKE '%{random}%'");
        assert_eq!(count(&app, kept).await, 0);
        with(&app, &made).get("/api/me/tasks").await.expect(200);
        assert!(kinds(&ann).await.contains(&"token_created".to_owned()));
        // With an idempotency key the answer is not kept anywhere either.
        let keyed = ann.with("idempotency-key", "k1");
        let wish = json!({"name": "Keyed", "scopes": ["read"]});
        let secret = keyed.post("/api/me/tokens", wish.clone()).await.expect(201).json()["token"].clone();
        let secret = secret.as_str().expect("a token");
        assert_eq!(count(&app, format!("SELECT count(*) FROM idempotency_keys WHERE body LIKE '%{secret}%'")).await, 0);
        assert_eq!(keyed.post("/api/me/tokens", wish).await.expect(409).json()["code"], "name_taken");
    }

    async fn scopes_are_kept_to(app) {
        let ann = app.user("ann").await;
        let task = ann.task("Buy milk").await["id"].clone();
        let path = format!("/api/me/tasks/{task}");
        let read = with(&app, &make(&ann, "read", &["read"]).await);
        let write = with(&app, &make(&ann, "write", &["write"]).await);
        let chat = with(&app, &make(&ann, "chat", &["chat"]).await);
        let admin = with(&app, &make(&ann, "admin", &["admin"]).await);

        read.get(&path).await.expect(200);
        read.get("/api/me/settings").await.expect(200);
        read.get("/api/me/overview").await.expect(200);
        read.get("/api/me/tokens").await.expect(200);
        for answer in [
            read.post("/api/me/tasks", json!({"title": "x"})).await,
            read.put(&path, json!({"title": "x"})).await,
            read.patch(&path, json!({"title": "x"})).await,
            read.delete(&path).await,
            read.post("/api/me/undo", json!({})).await,
            read.post("/api/me/quick-add", json!({"text": "x"})).await,
            read.patch("/api/me/settings", json!({"theme": "dark"})).await,
        ] {
            refused(answer, "write").await;
        }
        refused(read.post("/api/me/chat", json!({"message": "list my tasks"})).await, "chat").await;
        refused(read.get("/api/me/conversations").await, "chat").await;

        write.patch(&path, json!({"title": "Buy bread"})).await.expect(200);
        refused(write.get(&path).await, "read").await;
        refused(chat.get(&path).await, "read").await;
        refused(chat.patch(&path, json!({"title": "x"})).await, "write").await;
        refused(admin.get(&path).await, "read").await;
        refused(read.get("/api/admin/users").await, "admin").await;
        assert_eq!(ann.get(&path).await.json()["title"], "Buy bread");
        // Whoever has a token still has only their own things.
        app.user("bob").await;
        read.get("/api/somebody-else/tasks").await.expect(404);
    }

    async fn the_assistant_writes_only_for_who_may(app) {
        let ann = app.user("ann").await;
        ann.task("Buy milk").await;
        let reads = with(&app, &make(&ann, "reads", &["read", "chat"]).await);
        let writes = with(&app, &make(&ann, "writes", &["read", "chat", "write"]).await);
        for message in ["add call mum", "complete #1", "rename #1 to Buy bread", "delete #1", "undo"] {
            let answer = reads.post("/api/me/chat", json!({"message": message})).await.expect(200).json();
            assert!(answer["tool_calls"].as_array().expect("calls").iter().all(|c| c["success"] == false), "{answer}");
            // Nor is anything laid before the person that the token could approve.
            assert!(!answer.to_string().contains("pending"), "{message}: {answer}");
        }
        assert_eq!(ann.titles("").await, ["Buy milk"]);
        let answer = reads.post("/api/me/chat", json!({"message": "add call mum"})).await.expect(200).text;
        assert!(answer.contains("scope “write”"), "{answer}");
        let answer = reads.post("/api/me/chat", json!({"message": "list my tasks"})).await.expect(200).text;
        assert!(answer.contains("Buy milk"), "{answer}");
        writes.post("/api/me/chat", json!({"message": "add call mum"})).await.expect(200);
        assert_eq!(ann.titles("").await.len(), 2);
    }

    async fn a_token_makes_no_others(app) {
        let ann = app.user("ann").await;
        let made = make(&ann, "all", &["read", "write", "chat", "admin"]).await;
        let all = with(&app, &made);
        let id = made["id"].as_str().expect("an id");
        for answer in [
            all.post("/api/me/tokens", json!({"name": "x", "scopes": ["read"]})).await,
            all.delete(&format!("/api/me/tokens/{id}")).await,
            all.delete("/api/me/sessions").await,
            all.delete("/api/me/sessions/x").await,
        ] {
            assert_eq!(answer.expect(403).json()["code"], "session_required");
        }
        assert_eq!(all.get("/api/auth/get-session").await.expect(200).text, "null");
        for path in ["/api/auth/update-user", "/api/auth/revoke-other-sessions", "/api/auth/change-password"] {
            assert_ne!(all.post(path, json!({"name": "Eve"})).await.status.as_u16(), 200, "{path}");
        }
        all.get("/api/auth/token").await.expect(401);
        assert_eq!(all.get("/api/me/sessions").await.expect(200).json()[0]["current"], false);
        ann.get("/api/me/tasks").await.expect(200);
    }

    async fn an_end_is_an_end(app) {
        let (ann, bob) = (app.user("ann").await, app.user("bob").await);
        let wish = json!({"name": "week", "scopes": ["read"], "expires_in_days": 7});
        let week = ann.post("/api/me/tokens", wish).await.expect(201).json();
        assert_eq!(week["expires_at"], "2026-11-28T10:00:00Z");
        let ever = make(&ann, "ever", &["read"]).await;
        let (week, ever, id) = (with(&app, &week), with(&app, &ever), ever["id"].as_str().expect("an id").to_owned());
        app.clock.advance(7 * 86_400 - 1);
        week.get("/api/me/tasks").await.expect(200);
        app.clock.advance(1);
        let answer = week.get("/api/me/tasks").await.expect(401);
        assert_eq!(answer.json()["code"], "invalid_token");
        assert!(answer.header("www-authenticate").expect("a challenge").contains("invalid_token"));
        app.clock.advance(3000 * 86_400);
        ever.get("/api/me/tasks").await.expect(200);
        // Only its owner takes it back.
        let (ann, bob) = (app.again("ann").await, { drop(bob); app.again("bob").await });
        bob.delete(&format!("/api/me/tokens/{id}")).await.expect(404);
        ever.get("/api/me/tasks").await.expect(200);
        ann.delete(&format!("/api/me/tokens/{id}")).await.expect(204);
        ever.get("/api/me/tasks").await.expect(401);
        ann.delete(&format!("/api/me/tokens/{id}")).await.expect(404);
        ann.delete("/api/me/tokens/%00").await.expect(404);
        assert!(kinds(&ann).await.contains(&"token_revoked".to_owned()));
        assert_eq!(list(&ann).await.len(), 1);
    }

    async fn its_use_is_noted_to_the_minute(app) {
        let ann = app.user("ann").await;
        let token = with(&app, &make(&ann, "t", &["read"]).await);
        let noted = async |expected: Value| {
            for _ in 0..100 {
                if list(&ann).await[0]["last_used_at"] == expected {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            assert_eq!(list(&ann).await[0]["last_used_at"], expected);
        };
        noted(Value::Null).await;
        token.get("/api/me/tasks").await.expect(200);
        noted(json!("2026-11-21T10:00:00Z")).await;
        app.clock.advance(59);
        token.get("/api/me/tasks").await.expect(200);
        app.clock.advance(1);
        noted(json!("2026-11-21T10:00:00Z")).await;
        token.get("/api/me/tasks").await.expect(200);
        noted(json!("2026-11-21T10:01:00Z")).await;
    }

    async fn wishes_that_are_not_granted(app) {
        let ann = app.user("ann").await;
        for (wish, field) in [
            (json!({}), "name"),
            (json!({"name": "", "scopes": ["read"]}), "name"),
            (json!({"name": "a\u{7}b", "scopes": ["read"]}), "name"),
            (json!({"name": "x".repeat(101), "scopes": ["read"]}), "name"),
            (json!({"name": 7, "scopes": ["read"]}), "name"),
            (json!({"name": "x"}), "scopes"),
            (json!({"name": "x", "scopes": []}), "scopes"),
            (json!({"name": "x", "scopes": "read"}), "scopes"),
            (json!({"name": "x", "scopes": ["read", "everything"]}), "scopes"),
            (json!({"name": "x", "scopes": ["READ"]}), "scopes"),
            (json!({"name": "x", "scopes": ["read"], "expires_in_days": 0}), "expires_in_days"),
            (json!({"name": "x", "scopes": ["read"], "expires_in_days": 3651}), "expires_in_days"),
            (json!({"name": "x", "scopes": ["read"], "expires_in_days": 1.5}), "expires_in_days"),
        ] {
            let answer = ann.post("/api/me/tokens", wish.clone()).await.expect(422).json();
            let errors = answer["errors"].as_array().expect("errors");
            assert!(errors.iter().any(|e| e["field"] == field), "{wish}: {answer}");
        }
        make(&ann, "Mine", &["read"]).await;
        let answer = ann.post("/api/me/tokens", json!({"name": "mINE", "scopes": ["read"]})).await.expect(409);
        assert_eq!(answer.json()["code"], "name_taken");
        app.user("bob").await.post("/api/me/tokens", json!({"name": "Mine", "scopes": ["read"]})).await.expect(201);
    }

    async fn fifty_are_enough_also_when_they_are_made_at_once(app) {
        let ann = app.user("ann").await;
        for n in 0..45 {
            make(&ann, &format!("token {n}"), &["read"]).await;
        }
        let (wishes, ann) = ((0..10).map(|n| json!({"name": format!("late {n}"), "scopes": ["read"]})), &ann);
        let answers = futures::future::join_all(wishes.map(|w| async move { ann.post("/api/me/tokens", w).await })).await;
        assert_eq!(answers.iter().filter(|a| a.status.as_u16() == 201).count(), 5);
        let refused: Vec<_> = answers.into_iter().filter(|a| a.status.as_u16() != 201).collect();
        assert!(refused.iter().all(|a| a.json()["code"] == "too_many_tokens"), "{refused:?}");
        assert_eq!(list(ann).await.len(), 50);
    }

    async fn what_is_no_token(app) {
        let ann = app.user("ann").await;
        let made = make(&ann, "t", &["read"]).await;
        let token = made["token"].as_str().expect("a token");
        for bad in [
            "tdc_".to_owned(),
            "tdc_x".into(),
            format!("{token}x"),
            token[..token.len() - 1].to_owned(),
            token.to_uppercase(),
            format!("tdc_{}", "a".repeat(40)),
            format!("tdc_{}", "%".repeat(40)),
            format!("tdc_{}", "a".repeat(100_000)),
            token.replace("tdc_", ""),
            format!("{token}.{token}"),
        ] {
            let answer = ann.with("authorization", &format!("Bearer {bad}")).get("/api/me/tasks").await;
            assert_eq!(answer.status.as_u16(), 401, "{bad}");
        }
        sql(&app, "UPDATE user_flags SET disabled = true").await;
        with(&app, &made).get("/api/me/tasks").await.expect(401);
        sql(&app, r#"DELETE FROM "user""#).await;
        assert_eq!(count(&app, "SELECT count(*) FROM api_tokens").await, 0);
    }
}
