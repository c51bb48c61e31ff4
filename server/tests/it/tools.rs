//! The tool table: its schemas, its answers, whose data it reaches, and how an installation narrows it.

mod answers;
mod narrowed;
pub mod schemas;

use crate::app::{Client, TestApp};
use domain::{id::UserId, settings::Settings};
use serde_json::Value;
use server::{
    actor::{Actor, Door},
    service::Result,
    tools::{self, ToolResult},
};

/// Somebody at the tools, without a chat between.
struct Hand<'a> {
    app: &'a TestApp,
    actor: Actor,
}

impl<'a> Hand<'a> {
    fn of(app: &'a TestApp, client: &Client) -> Self {
        Self { app, actor: Actor::new(UserId(client.user.clone()), Door::Mcp, Settings::default()) }
    }

    async fn tries(&self, tool: &str, arguments: Value) -> Result<ToolResult> {
        tools::run(&self.app.state.services, &self.actor, tool, arguments).await
    }

    /// The answer of a call that works, checked against the tool's own schema.
    #[track_caller]
    fn does(&self, tool: &str, arguments: Value) -> impl Future<Output = Value> {
        let at = std::panic::Location::caller();
        async move {
            let said = format!("{at}: {tool} {arguments}");
            let result = self.tries(tool, arguments).await.unwrap_or_else(|e| panic!("{said}: {e}"));
            let schema = tools::find(tool).expect("a tool").result_schema();
            if let Some(wrong) = schemas::wrong(&schema, &result.value, "$") {
                panic!("{said}: {wrong} in {}", result.value);
            }
            assert_eq!(result.value["seq"].as_i64(), result.operation.map(|o| o.0), "{said}");
            result.value
        }
    }
}
