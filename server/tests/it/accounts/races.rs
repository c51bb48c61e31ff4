//! Two processes on one database, as two pods are.

use super::{count, refused};
use crate::app::{PASSWORD, on_both};
use serde_json::json;

on_both! {
    async fn one_address_is_taken_once(app) {
        let pod = app.second().await;
        for round in 0..3 {
            let tries = (0..8).map(|i| {
                let client = if i % 2 == 0 { app.anonymous() } else { pod.anonymous() };
                // The same address to us, however it is written.
                let email = if i % 3 == 0 { format!("ADA{round}@Example.org") } else { format!("ada{round}@example.org") };
                async move {
                    let body = json!({ "name": i.to_string(), "email": email, "password": PASSWORD });
                    client.post("/api/auth/sign-up/email", body).await.status.as_u16()
                }
            });
            let mut statuses = futures::future::join_all(tries).await;
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 422, 422, 422, 422, 422, 422, 422]);
        }
        assert_eq!(count(&app, r#"SELECT count(*) FROM "user""#).await, 3);
        assert_eq!(count(&app, r#"SELECT count(*) FROM "account""#).await, 3);
        assert_eq!(count(&app, r#"SELECT count(*) FROM "session""#).await, 3);
        assert_eq!(count(&app, "SELECT count(*) FROM user_flags WHERE admin").await, 1);
    }

    async fn a_session_is_every_pods(app) {
        let pod = app.second().await;
        let ada = app.user("Ada").await;
        let there = pod.again("ada").await;
        let token = there.token.clone();
        app.anonymous().with("authorization", &format!("Bearer {token}")).get("/api/me/tasks").await.expect(200);
        ada.post("/api/auth/revoke-session", json!({ "token": token })).await.expect(200);
        there.get("/api/me/tasks").await.expect(401);
        refused(there.get("/api/auth/list-sessions").await, 401, "UNAUTHORIZED");
    }
}
