//! Better Auth's contract as its client sees it, and what people try against it.

use crate::app::{Answer, Client, PASSWORD, TestApp};
use axum::{body::Body, http::Method};
use serde_json::{Value, json};
use server::store::Store;
use std::collections::BTreeMap;

mod cookies;
mod deletion;
mod doors;
mod entrance;
mod letters;
mod limits;
mod linked;
mod passwords;
mod races;
mod sessions;
mod sink;

const ORIGIN: &str = "http://localhost:8080";
const DAY: i64 = 86_400;

/// A browser: it keeps cookies and says where its requests come from.
pub struct Browser {
    client: Client,
    pub jar: BTreeMap<String, String>,
}

impl Browser {
    pub fn new(app: &TestApp) -> Self {
        Self { client: app.anonymous().with("origin", ORIGIN), jar: BTreeMap::new() }
    }

    /// On the page at that address.
    pub fn from(&self, referer: &str) -> Self {
        Self { client: self.client.with("referer", referer), jar: self.jar.clone() }
    }

    fn client(&self) -> Client {
        let pairs: Vec<String> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if pairs.is_empty() { self.client.clone() } else { self.client.with("cookie", &pairs.join("; ")) }
    }

    fn take(&mut self, answer: Answer) -> Answer {
        for line in set_cookies(&answer) {
            let (name, value) = line.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
            if line.contains("Max-Age=0") {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.into(), value.into());
            }
        }
        answer
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        let answer = self.client().get(path).await;
        self.take(answer)
    }

    pub async fn post(&mut self, path: &str, body: Value) -> Answer {
        let answer = self.client().post(path, body).await;
        self.take(answer)
    }

    pub async fn form(&mut self, path: &str, body: &str) -> Answer {
        let client = self.client().with("content-type", "application/x-www-form-urlencoded");
        let answer = client.send(Method::POST, path, Body::from(body.to_owned())).await;
        self.take(answer)
    }

    async fn sign_up(&mut self, email: &str) -> Value {
        let body = json!({ "name": "Ada", "email": email, "password": PASSWORD });
        self.post("/api/auth/sign-up/email", body).await.expect(200).json()
    }

    async fn session(&mut self) -> Value {
        self.get("/api/auth/get-session").await.expect(200).json()
    }
}

pub fn set_cookies(answer: &Answer) -> Vec<String> {
    answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().expect("text").to_owned()).collect()
}

#[track_caller]
fn refused(answer: Answer, status: u16, code: &str) {
    let answer = answer.expect(status);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let json = answer.json();
    assert_eq!(json["code"], code, "{json}");
    assert!(json["message"].is_string(), "{json}");
}

/// Runs SQL that no door offers.
pub async fn sql(app: &TestApp, text: &'static str) {
    match app.state.services.store() {
        Store::Sqlite { write, .. } => drop(sqlx::query(text).execute(write).await.expect(text)),
        Store::Postgres(pool) => drop(sqlx::query(text).execute(pool).await.expect(text)),
    }
}

/// One number out of the database.
pub async fn count(app: &TestApp, text: impl Into<String>) -> i64 {
    let text = sqlx::AssertSqlSafe(text.into());
    match app.state.services.store() {
        Store::Sqlite { read, .. } => sqlx::query_scalar(text).fetch_one(read).await.expect("a number"),
        Store::Postgres(pool) => sqlx::query_scalar(text).fetch_one(pool).await.expect("a number"),
    }
}
