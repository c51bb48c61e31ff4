//! The ways a person can sign in.

use super::{count, refused, sql};
use crate::app::on_both;
use serde_json::json;

const LIST: &str = "/api/auth/list-accounts";
const UNLINK: &str = "/api/auth/unlink-account";

on_both! {
    async fn listing_and_taking_away(app) {
        let ada = app.user("Ada").await;
        let list = ada.get(LIST).await.expect(200).json();
        let now = "2026-11-21T10:00:00.000Z";
        let own = list[0]["id"].as_str().expect("an id").to_owned();
        assert_eq!(list, json!([{ "accountId": ada.user, "providerId": "credential", "userId": ada.user, "createdAt": now,
            "updatedAt": now, "id": own, "scopes": [] }]));
        // The last one stays, whatever is asked for.
        for body in [json!({ "accountId": own }), json!({ "accountId": "x" }), json!({ "providerId": "credential" })] {
            refused(ada.post(UNLINK, body).await, 400, "FAILED_TO_UNLINK_LAST_ACCOUNT");
        }
        let add = r#"INSERT INTO "account" ("id", "accountId", "providerId", "userId", "scope", "accessToken", "createdAt", "updatedAt")
            SELECT 'g' || "id", 'sub-1', 'google', "userId", 'openid, email,,profile', 'secret', "createdAt", "updatedAt"
            FROM "account" WHERE "providerId" = 'credential'"#;
        sql(&app, add).await;
        let bob = app.user("Bob").await;
        let list = ada.get(LIST).await.expect(200).json();
        assert_eq!(list.as_array().map(Vec::len), Some(2));
        let google = list.as_array().and_then(|list| list.iter().find(|row| row["providerId"] == "google")).expect("google");
        assert_eq!((&google["accountId"], &google["scopes"]), (&json!("sub-1"), &json!(["openid", "email", "profile"])));
        assert!(!list.to_string().contains("secret"));

        for body in [json!({ "accountId": "x" }), json!({ "accountId": "a\u{0}b" }), json!({ "providerId": "x" }),
            json!({ "providerId": "google", "accountId": "sub-2" }), json!({ "accountId": ada.user })] {
            refused(ada.post(UNLINK, body).await, 400, "ACCOUNT_NOT_FOUND");
        }
        for body in [json!({}), json!({ "accountId": 7 }), json!({ "providerId": null, "accountId": own })] {
            refused(ada.post(UNLINK, body).await, 400, "VALIDATION_ERROR");
        }
        // Nobody else's.
        let others = bob.get(LIST).await.expect(200).json();
        refused(ada.post(UNLINK, json!({ "accountId": others[0]["id"] })).await, 400, "ACCOUNT_NOT_FOUND");
    }

    async fn either_generation_of_clients(app) {
        let add = r#"INSERT INTO "account" ("id", "accountId", "providerId", "userId", "createdAt", "updatedAt")
            SELECT 'g' || "id", 'sub-1', 'google', "userId", "createdAt", "updatedAt" FROM "account" WHERE "providerId" = 'credential'"#;
        let ada = app.user("Ada").await;
        let google = async || {
            sql(&app, add).await;
            let list = ada.get(LIST).await.expect(200).json();
            let google = list.as_array().and_then(|list| list.iter().find(|row| row["providerId"] == "google")).cloned();
            google.expect("google")["id"].clone()
        };
        let id = google().await;
        assert_eq!(ada.post(UNLINK, json!({ "accountId": id })).await.expect(200).json(), json!({ "status": true }));
        google().await;
        ada.post(UNLINK, json!({ "providerId": "google" })).await.expect(200);
        google().await;
        ada.post(UNLINK, json!({ "providerId": "google", "accountId": "sub-1" })).await.expect(200);
        assert_eq!(count(&app, r#"SELECT count(*) FROM "account""#).await, 1);
    }

    async fn two_at_once_leave_one(app) {
        let ada = app.user("Ada").await;
        sql(&app, r#"INSERT INTO "account" ("id", "accountId", "providerId", "userId", "createdAt", "updatedAt")
            SELECT 'google', 'sub-1', 'google', "userId", "createdAt", "updatedAt" FROM "account""#).await;
        let tries = ["google", "credential"].map(|provider| ada.post(UNLINK, json!({ "providerId": provider })));
        let mut statuses: Vec<u16> =
            futures::future::join_all(tries).await.iter().map(|answer| answer.status.as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400]);
        assert_eq!(count(&app, r#"SELECT count(*) FROM "account""#).await, 1);
    }
}
