//! What is remembered of a whole life of an account: every act is there, and nothing that opens a door.

use crate::{
    accounts::{Browser, count},
    app::{PASSWORD, on_both},
    people::kinds,
};
use serde_json::json;

const SECOND: &str = "another fine one";
const THIRD: &str = "the third of them";
const WRONG: &str = "a wrong password";

on_both! {
    async fn a_whole_life_without_a_secret(app) {
        let admin = app.user("admin").await;
        let mut ada = Browser::new(&app);
        let ada_is = json!({ "name": "Ada", "email": "ada@example.org", "password": PASSWORD });
        let signed = ada.post("/api/auth/sign-up/email", ada_is).await.expect(200).json();
        let (id, first) = (signed["user"]["id"].as_str().expect("an id"), signed["token"].as_str().expect("a token"));
        let sign_in = |password: &str| json!({ "email": "ada@example.org", "password": password });
        ada.post("/api/auth/sign-in/email", sign_in(WRONG)).await.expect(401);
        let nobody = json!({ "email": "who-is-this@example.org", "password": WRONG });
        ada.post("/api/auth/sign-in/email", nobody).await.expect(401);
        ada.post("/api/auth/sign-in/email", sign_in(PASSWORD)).await.expect(200);
        let change = |current: &str| json!({ "currentPassword": current, "newPassword": SECOND });
        ada.post("/api/auth/change-password", change(WRONG)).await.expect(400);
        ada.post("/api/auth/change-password", change(PASSWORD)).await.expect(200);
        ada.post("/api/auth/revoke-other-sessions", json!({})).await.expect(200);
        let token = ada.post("/api/me/tokens", json!({ "name": "Backup", "scopes": ["read"] })).await.expect(201).json();
        let secret = token["token"].as_str().expect("a token").to_owned();
        ada.form("/do/token-revoke", &format!("id={}", token["id"].as_str().expect("an id"))).await.expect(303);
        ada.get("/api/me/export").await.expect(200);
        let link = app.state.accounts.reset_link("ada@example.org").await.expect("works").expect("a link");
        let reset = link.rsplit("token=").next().expect("a token").to_owned();
        ada.post("/api/auth/reset-password", json!({ "newPassword": THIRD, "token": reset })).await.expect(200);
        ada.post("/api/auth/sign-out", json!({})).await.expect(200);
        for rights in [json!({ "disabled": true }), json!({ "disabled": false, "admin": true })] {
            admin.patch(&format!("/api/admin/users/{id}"), rights).await.expect(200);
        }
        ada.post("/api/auth/sign-in/email", sign_in(THIRD)).await.expect(200);

        let rows = ada.get("/api/me/audit?limit=200").await.expect(200).json();
        let mut words: Vec<_> = rows.as_array().expect("a list").iter().filter_map(|row| row["kind"].as_str()).collect();
        words.sort_unstable();
        assert_eq!(words, ["disabled", "enabled", "exported", "password_changed", "password_reset", "password_wrong", "reset_requested",
            "rights_changed", "sessions_revoked", "sign_in_failed", "signed_in", "signed_in", "signed_out", "signed_up",
            "token_created", "token_revoked"]);
        assert_eq!(kinds(&admin).await.iter().filter(|kind| *kind == "admin_acted").count(), 3);

        let last = ada.get("/api/auth/get-session").await.json()["session"]["token"].as_str().expect("a token").to_owned();
        let secrets = [PASSWORD, SECOND, THIRD, WRONG, first, &last, &secret, &reset, "who-is-this", "argon2", "tdc_"];
        for secret in secrets {
            let found = format!("SELECT count(*) FROM audit WHERE kind || ' ' || address || ' ' || agent || ' ' || detail LIKE '%{secret}%'");
            assert_eq!(count(&app, found).await, 0, "{secret}");
        }
        let stored = r#"SELECT count(*) FROM audit a, "account" c, "session" s
            WHERE a.detail LIKE '%' || c."password" || '%' OR a.detail LIKE '%' || s."token" || '%'"#;
        assert_eq!(count(&app, stored).await, 0);
    }
}
