//! The Model Context Protocol at `/mcp`, message by message, in both eras.

mod attacks;
mod confirm;
mod door;
mod foreign;
mod peers;
mod protocol;
mod reading;
mod stdio;
mod tooling;

use crate::{
    api_tokens,
    app::{Answer, Client, TestApp},
    tools::schemas,
};
use axum::{body::Body, http::Method};
use serde_json::{Value, json};

pub const MODERN: &str = "2026-07-28";
/// The revisions with a handshake.
pub const LEGACY: [&str; 3] = ["2025-03-26", "2025-06-18", "2025-11-25"];
/// The last of them, and the one without.
pub const ERAS: [&str; 2] = ["2025-11-25", MODERN];

/// An MCP client of one person.
#[derive(Clone)]
pub struct Mcp {
    pub client: Client,
    pub version: &'static str,
    /// What it says it can do.
    pub can: Value,
    made: Value,
}

impl Mcp {
    /// With a token of that person's for everything.
    pub async fn of(app: &TestApp, owner: &Client, version: &'static str) -> Self {
        Self::scoped(app, owner, version, &["read", "write"]).await
    }

    pub async fn scoped(app: &TestApp, owner: &Client, version: &'static str, scopes: &[&str]) -> Self {
        let made = api_tokens::make(owner, &format!("{version} {}", scopes.join(" ")), scopes).await;
        Self { client: api_tokens::with(app, &made), version, can: json!({}), made }
    }

    /// The same client at another process.
    pub fn at(&self, app: &TestApp) -> Self {
        Self { client: api_tokens::with(app, &self.made), ..self.clone() }
    }

    /// A client that can ask its person.
    pub fn asking(mut self) -> Self {
        self.can = json!({"elicitation": {"form": {}}});
        self
    }

    /// The message as this era writes it.
    pub fn message(&self, method: &str, mut params: Value) -> Value {
        if self.version == MODERN {
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": MODERN,
                "io.modelcontextprotocol/clientCapabilities": self.can,
                "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
            });
        }
        json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params})
    }

    /// The client with the headers this era asks for.
    pub fn dressed(&self, method: &str, params: &Value) -> Client {
        let mut client = self.client.with("mcp-protocol-version", self.version);
        client = client.with("accept", "application/json, text/event-stream");
        if self.version == MODERN {
            client = client.with("mcp-method", method);
            if let Some(name) = params["name"].as_str().or(params["uri"].as_str()) {
                client = client.with("mcp-name", name);
            }
        }
        client
    }

    pub async fn send(&self, method: &str, params: Value) -> Answer {
        let client = self.dressed(method, &params);
        client.post("/mcp", self.message(method, params)).await
    }

    /// The result of a request that works.
    pub async fn result(&self, method: &str, params: Value) -> Value {
        let said = format!("{} {method} {params}", self.version);
        let answer = self.send(method, params).await.expect(200).json();
        assert_eq!((&answer["jsonrpc"], &answer["id"]), (&json!("2.0"), &json!(7)), "{said}");
        assert!(answer.get("error").is_none(), "{said}: {answer}");
        let kind = answer["result"].get("resultType");
        assert_eq!(kind.is_some(), self.version == MODERN, "{said}: {answer}");
        answer["result"].clone()
    }

    /// The code and the sentence of a request that does not.
    pub async fn error(&self, method: &str, params: Value) -> (i64, String) {
        let answer = self.send(method, params).await.json();
        let error = &answer["error"];
        (
            error["code"].as_i64().unwrap_or_else(|| panic!("{answer}")),
            error["message"].as_str().expect("a sentence").to_owned(),
        )
    }

    /// What a tool answers.
    pub async fn tool(&self, name: &str, arguments: Value) -> Value {
        self.result("tools/call", json!({"name": name, "arguments": arguments})).await
    }

    /// The value of a tool that works; its text says the same.
    pub async fn does(&self, name: &str, arguments: Value) -> Value {
        let said = format!("{name} {arguments}");
        let result = self.tool(name, arguments).await;
        assert_eq!(result["isError"], false, "{said}: {result}");
        let text = result["content"][0]["text"].as_str().expect("a text");
        let value = result["structuredContent"].clone();
        assert_eq!(serde_json::from_str::<Value>(text).expect("JSON"), value, "{said}");
        let listed = self.result("tools/list", json!({})).await;
        let tool = listed["tools"].as_array().and_then(|all| all.iter().find(|tool| tool["name"] == name));
        let schema = &tool.unwrap_or_else(|| panic!("{name} is not listed"))["outputSchema"];
        assert_eq!(schemas::wrong(schema, &value, "$"), None, "{said}: {value}");
        value
    }

    /// The value of a tool that shows first what it would do, and is told to do it.
    pub async fn agrees(&self, name: &str, mut arguments: Value) -> Value {
        let shown = self.does(name, arguments.clone()).await;
        assert_eq!(shown["status"], "needs_confirmation", "{name} {arguments}");
        arguments["confirm"] = shown["confirm"].clone();
        self.does(name, arguments).await
    }

    /// The sentence of a tool that does not.
    pub async fn fails(&self, name: &str, arguments: Value) -> String {
        let result = self.tool(name, arguments).await;
        assert_eq!(result["isError"], true, "{name}: {result}");
        assert!(result.get("structuredContent").is_none(), "{result}");
        result["content"][0]["text"].as_str().expect("a sentence").to_owned()
    }

    /// The same bytes as they are.
    pub async fn raw(&self, body: impl Into<Body>) -> Answer {
        self.client.with("mcp-protocol-version", self.version).send(Method::POST, "/mcp", body.into()).await
    }
}
