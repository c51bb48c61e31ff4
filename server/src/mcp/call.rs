//! `tools/call`: the table's tools, with what the person must see first shown first.
//!
//! What a model can act on (a wrong argument, a missing task, a scope) is a result with `isError`; errors of the protocol
//! are left to unknown tools and to our own mistakes.

use super::{
    Answer, Mcp, broken,
    confirm::{self, Consent},
    failed, search,
    slot::Slot,
};
use crate::{
    actor::Actor,
    service::{Error, Result},
    tools::{self, Tool},
};
use rmcp::{
    ErrorData,
    model::{CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, InputRequiredResult},
};
use serde_json::{Map, Value, json};

/// What became of a call.
enum Done {
    Answer(Value),
    /// The client has to ask the person.
    Ask(InputRequiredResult),
    /// The person said no.
    Declined,
}

impl Mcp {
    /// Carries out a call. `asks` says whether the client can put a question to its person; a list goes into the slot when
    /// there is one.
    pub(super) async fn call(
        &self,
        actor: &Actor,
        params: CallToolRequestParams,
        asks: bool,
        slot: Option<&Slot>,
    ) -> Answer<CallToolResponse> {
        let arguments = params.arguments.clone().unwrap_or_default();
        let done = if params.name == search::FETCH && self.services().tools().find("get_task").is_some() {
            self.fetch(actor, arguments).await.map(Done::Answer)
        } else {
            let tool = self.services().tools().get(&params.name);
            let tool = tool.map_err(|unknown| ErrorData::invalid_params(unknown.to_string(), None))?;
            self.run(actor, tool, arguments, &params, asks, slot).await
        };
        match done {
            Ok(Done::Answer(value)) => Ok(structured(value)?.into()),
            Ok(Done::Ask(question)) => Ok(question.into()),
            Ok(Done::Declined) => Ok(error("The person said no, so nothing was changed.").into()),
            Err(Error::Internal(why)) => Err(broken(&why)),
            Err(Error::Store(store)) if !matches!(store, crate::store::Error::Unavailable(_)) => {
                Err(failed(store.into()))
            }
            Err(told) => {
                let sentence = told.to_string();
                crate::http::Error::from(told).log();
                Ok(error(&sentence).into())
            }
        }
    }

    async fn run(
        &self,
        actor: &Actor,
        tool: &'static Tool,
        mut arguments: Map<String, Value>,
        params: &CallToolRequestParams,
        asks: bool,
        slot: Option<&Slot>,
    ) -> Result<Done> {
        let consent = if confirm::may_ask(tool) { Consent::take(&mut arguments)? } else { Consent::default() };
        if tool.name == search::SEARCH
            && let Some(words) = arguments.shift_remove("query")
        {
            arguments.entry("text").or_insert(words);
        }
        let arguments = Value::Object(arguments);
        let must_ask = confirm::must_ask(tool, &arguments);
        if consent.dry_run || must_ask {
            let now = self.services().clock().micros();
            let subject = tools::subject(self.services(), actor, tool.name, &arguments).await?;
            let question = confirm::Question { tool, arguments: &arguments, subject: &subject };
            if consent.dry_run && (asks || !must_ask) {
                return Ok(Done::Answer(question.dry_run()));
            }
            if asks {
                match confirm::answer(&self.seal, actor, &question, params, now)? {
                    confirm::Decision::Yes => {}
                    confirm::Decision::No => return Ok(Done::Declined),
                    confirm::Decision::Ask(question) => return Ok(Done::Ask(question)),
                }
            } else {
                let said = consent.confirm.as_deref().filter(|_| !consent.dry_run);
                if !said.is_some_and(|said| question.was_shown(&self.seal, actor, now, said)) {
                    return Ok(Done::Answer(question.preview(&self.seal, actor, now, said)));
                }
            }
        }
        if let Some(slot) = slot
            && let Some(written) = tools::run_written(self.services(), actor, tool.name, &arguments).await?
        {
            slot.leave(written);
            return Ok(Done::Answer(json!({})));
        }
        let mut value = tools::run(self.services(), actor, tool.name, arguments).await?.value;
        if tool.name == search::SEARCH {
            self.with_results(&mut value);
        }
        Ok(Done::Answer(value))
    }
}

/// The value, and as text for clients that know no other; written by the serializer, which is quicker than `Display`.
fn structured(value: Value) -> Answer<CallToolResult> {
    let text = serde_json::to_string(&value).map_err(|_| broken("an answer could not be written"))?;
    let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
    result.structured_content = Some(value);
    Ok(result)
}

fn error(sentence: &str) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(sentence)])
}

/// A schema with one more property.
pub(super) fn add_property(schema: &mut Value, name: &str, property: Value) {
    if let Some(properties) = schema["properties"].as_object_mut() {
        properties.insert(name.to_owned(), property);
    }
}

/// A yes-or-no property.
pub(super) fn switch(description: &str) -> Value {
    json!({"type": "boolean", "description": description})
}
