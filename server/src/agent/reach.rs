//! What a call's name leads to, a tool of ours or one of another server, and carrying either out.
//!
//! Ours is one of the table and answers with an operation to undo. Another server's makes no operation: what it did is
//! not ours to take back. It may take long, so a turn can be stopped while it is awaited, which cancels it there.

use crate::{
    actor::{Actor, Scope},
    external,
    service::{Error, Services},
    tools::{self, Tool},
};
use domain::chat::{ToolCall, ToolStatus};
use futures::future::BoxFuture;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// For one call of ours. A change that takes longer is taken back by the database.
const PATIENCE: Duration = Duration::from_secs(30);
/// Longest arguments in a sentence, in characters; a card shows all of them.
const ARGUMENTS_MAX: usize = 500;

/// See the module.
#[derive(Clone, Debug)]
pub enum Reach {
    /// A row of our table.
    Ours(&'static Tool),
    /// Another server's tool, as it was offered in this turn.
    Theirs(external::Tool),
}

impl Reach {
    /// What it is called here.
    pub fn name(&self) -> &str {
        match self {
            Self::Ours(tool) => tool.name,
            Self::Theirs(tool) => &tool.name,
        }
    }
}

/// What the person is shown before they decide about another server's tool: whose it is, and the exact arguments, which
/// the call itself holds.
pub fn shown(tool: &external::Tool, arguments: &Value) -> Value {
    let mut said: String = arguments.to_string().chars().take(ARGUMENTS_MAX + 1).collect();
    if said.chars().count() > ARGUMENTS_MAX {
        said.pop();
        said.push('…');
    }
    let summary = format!("Use “{}” of the server “{}” with {said}", tool.title, tool.server);
    json!({"summary": summary, "server": tool.server, "title": tool.title})
}

/// Runs a call and writes into it what became of it. In a box: whoever awaits it need not hold every tool's state.
pub fn carry_out<'a>(services: &'a Services, actor: &'a Actor, call: &'a mut ToolCall) -> BoxFuture<'a, ()> {
    Box::pin(async move {
        if external::is_foreign(&call.tool) {
            return theirs(services, actor, call).await;
        }
        let run = tools::run(services, actor, &call.tool, call.arguments.clone());
        let ran = tokio::time::timeout(PATIENCE, run).await;
        match ran.unwrap_or_else(|_| Err(Error::Internal("a tool took too long".into()))) {
            Ok(result) => {
                call.status = ToolStatus::Done;
                call.success = true;
                call.result = Some(result.value);
                call.operation = result.operation;
            }
            Err(error) => {
                fail(call, tools::failure(&error));
                crate::http::Error::from(error).log();
            }
        }
    })
}

async fn theirs(services: &Services, actor: &Actor, call: &mut ToolCall) {
    let arguments = call.arguments.as_object().cloned().unwrap_or_else(Map::new);
    // Whether a tool only reads is its server's word, so it is not enough for a token that may not write.
    if let Err(error) = actor.require(Scope::Write) {
        return fail(call, tools::failure(&Error::from(error)));
    }
    match services.external().call(services.metrics(), &call.tool, arguments).await {
        Ok(result) => {
            call.status = ToolStatus::Done;
            call.success = true;
            call.result = Some(result);
        }
        Err(why) => fail(call, json!({"error": why, "code": "external_tool"})),
    }
}

fn fail(call: &mut ToolCall, why: Value) {
    call.status = ToolStatus::Failed;
    call.success = false;
    call.result = Some(why);
}
