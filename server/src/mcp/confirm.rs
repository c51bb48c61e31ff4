//! What is shown to the person before it is done.
//!
//! The rule is the assistant's ([`crate::agent::hands`]): every deletion, and every change to two or more tasks, because a
//! client never says which of them the person named. A client that can ask its person is told what to ask, and brings the
//! answer with the call it repeats. Any other gets the rows and a code ([`code`]) in place of a result, and calls again with
//! the code as `confirm`, so that nothing is done that was not shown before.
//!
//! What a client brings back is sealed, for this person, this call and these rows as they were shown, and soon worthless.
//! It can be used again until then; what it allows is what was agreed to.

use super::{
    Context,
    call::{add_property, switch},
    code,
};
use crate::{
    actor::Actor,
    agent::hands,
    auth::keyring::Keyring,
    ids,
    service::{Error, Result},
    tools::{self, Effect, Subject, Tool},
};
use rmcp::model::{CallToolRequestParams, ElicitRequest, InputRequest, InputRequiredResult};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// How long an answer of the person counts, in microseconds.
const LIFE: i64 = 10 * 60 * MICROS;
const MICROS: i64 = 1_000_000;
/// Rows named in a question; the client's window is small.
const NAMED: usize = 20;
/// The name of the one question.
const KEY: &str = "confirm";

/// Whether the client can put a question to its person, and the protocol lets us.
pub fn asks(context: &Context) -> bool {
    let elicitation = context.client_capabilities().and_then(|can| can.elicitation);
    // A client that only says it can ask means by a form.
    super::modern(context) && elicitation.is_some_and(|how| how.form.is_some() || how.url.is_none())
}

/// Whether some calls of the tool are shown first.
pub fn may_ask(tool: &Tool) -> bool {
    match tool.effect {
        Effect::Deletes => true,
        Effect::Changes => tool.schema()["properties"].get("task_ids").is_some(),
        Effect::Reads | Effect::Adds => false,
    }
}

/// Whether this call is shown first.
pub fn must_ask(tool: &Tool, arguments: &Value) -> bool {
    match tool.effect {
        Effect::Deletes => true,
        Effect::Changes => tools::task_ids(arguments).len() > 1,
        Effect::Reads | Effect::Adds => false,
    }
}

/// Puts the two switches and the answer that is no result yet into a tool's schemas.
pub fn adapt(arguments: &mut Value, results: &mut Value) {
    add_property(arguments, "dry_run", switch("Only shows what the call would touch."));
    let text = |what: &str| json!({"type": "string", "description": what});
    let confirm = "The code that the answer with the tasks gave as confirm; only after the person has seen the tasks and agreed. It counts for the same arguments, while the tasks stay as they were shown, for ten minutes.";
    add_property(arguments, KEY, text(confirm));
    if let Some(words) = results["properties"]["status"]["enum"].as_array_mut() {
        words.push(json!("needs_confirmation"));
    }
    add_property(results, "summary", text("What would be done; only with needs_confirmation."));
    add_property(results, KEY, text("The code for the second call; only with needs_confirmation."));
    add_property(results, "next", text("How to go on; only with needs_confirmation."));
    let rows = |what: &str| json!({"type": "array", "items": {"type": "object"}, "description": what});
    if results["properties"].get("tasks").is_none() {
        add_property(results, "tasks", rows("The tasks it would touch; only with needs_confirmation."));
    }
    add_property(results, "subtasks", rows("Their subtasks, which go along; only with needs_confirmation."));
    // What is only there when it was done is not there yet.
    results["required"] = json!(["status"]);
}

/// What the model is told about the tool beside the table's words.
pub fn described(tool: &Tool) -> String {
    let when = if tool.destructive() { "The tasks are" } else { "With two or more tasks they are" };
    format!(
        "{} {when} shown first and nothing is done: call again with the confirm of that answer when the person has agreed.",
        tool.description
    )
}

/// What a call says about itself.
#[derive(Clone, Debug, Default)]
pub struct Consent {
    /// Only look.
    pub dry_run: bool,
    /// The code of what the person has seen and agreed to, or whatever stands there.
    pub confirm: Option<String>,
}

impl Consent {
    /// Takes the switches out of the arguments, which the table does not know them in.
    pub fn take(arguments: &mut Map<String, Value>) -> Result<Self> {
        let dry_run = match arguments.shift_remove("dry_run") {
            None | Some(Value::Null) => false,
            Some(Value::Bool(set)) => set,
            Some(Value::String(word)) if matches!(word.as_str(), "true" | "false") => word == "true",
            Some(_) => return Err(Error::field("dry_run", "invalid_type", "dry_run must be true or false")),
        };
        // What is no code is answered like a code that no longer counts: with the tasks.
        let confirm = match arguments.shift_remove(KEY) {
            None | Some(Value::Null | Value::Bool(false)) => None,
            Some(Value::String(code)) => Some(code),
            Some(other) => Some(other.to_string()),
        };
        Ok(Self { dry_run, confirm })
    }
}

/// A call that is shown.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// What is called.
    pub tool: &'static Tool,
    /// With what, without the switches.
    pub arguments: &'a Value,
    /// What that touches.
    pub subject: &'a Subject,
}

/// What the person decided.
#[derive(Debug)]
pub enum Decision {
    /// Do it.
    Yes,
    /// Leave it.
    No,
    /// They have not been asked, or about other rows.
    Ask(InputRequiredResult),
}

/// What a client brings back with the answer.
#[derive(Debug, Serialize, Deserialize)]
struct State {
    user: String,
    until: i64,
    digest: String,
}

impl Question<'_> {
    fn summary(&self) -> String {
        hands::summary(self.tool.name, self.arguments, self.subject)
    }

    /// The rows, for a client that cannot ask: with the code to call again with, and why the one that came does not count.
    pub fn preview(&self, seal: &Keyring, actor: &Actor, now: i64, said: Option<&str>) -> Value {
        let code = code::make(seal, &self.sealed(actor), (now + LIFE).div_euclid(MICROS));
        let next = "Show these tasks to the person; when they agree, make the same call with confirm set to the code given here.";
        let mut shown = match said {
            None => self.rows(&format!("Nothing was changed. {next}")),
            Some(_) => self.rows(&format!(
                "Nothing was changed, because that confirm is not a code for this: one counts for ten minutes, for the same \
                 person and arguments, and while the tasks stay as they were shown. {next}"
            )),
        };
        shown[KEY] = json!(code);
        shown
    }

    /// The rows, when there is nothing to agree to, or when the person will be asked.
    pub fn dry_run(&self) -> Value {
        self.rows("Nothing was changed. The same call without dry_run goes on.")
    }

    fn rows(&self, next: &str) -> Value {
        let (mut tasks, mut subtasks) = (json!(self.subject.tasks), json!(self.subject.subtasks));
        tools::drop_nulls(&mut tasks);
        tools::drop_nulls(&mut subtasks);
        json!({"status": "needs_confirmation", "summary": self.summary(), "tasks": tasks, "subtasks": subtasks, "next": next})
    }

    /// Whether that is the code these rows were shown with.
    pub fn was_shown(&self, seal: &Keyring, actor: &Actor, now: i64, said: &str) -> bool {
        code::fits(seal, said, &self.sealed(actor), now.div_euclid(MICROS))
    }

    /// What a code stands for.
    fn sealed(&self, actor: &Actor) -> String {
        json!([actor.user, self.digest()]).to_string()
    }

    /// The question, for a client that puts it to its person.
    fn ask(&self, seal: &Keyring, actor: &Actor, now: i64) -> Result<InputRequiredResult> {
        let failed = |what: &str| Error::Internal(format!("{what} of a question could not be made"));
        let mut message = format!("{}?", self.summary());
        for task in self.subject.rows().take(NAMED) {
            message.push_str(&format!("\n#{} {}", task.id, task.title));
        }
        if let Some(more) = self.subject.rows().count().checked_sub(NAMED).filter(|more| *more > 0) {
            message.push_str(&format!("\nand {more} more"));
        }
        let form = json!({
            "mode": "form",
            "message": message,
            "requestedSchema": {
                "type": "object",
                "properties": {KEY: {"type": "boolean", "title": "Do it", "description": "Every change can be undone.", "default": false}},
                "required": [KEY],
            },
        });
        let form = serde_json::from_value(form).map_err(|_| failed("the form"))?;
        let state = State { user: actor.user.to_string(), until: now + LIFE, digest: self.digest() };
        let state = serde_json::to_string(&state).map_err(|_| failed("the state"))?;
        let state = seal.seal(&state, ids::bytes()).ok_or_else(|| failed("the seal"))?;
        let question = InputRequest::Elicitation(ElicitRequest::new(form));
        Ok(InputRequiredResult::new(Some([(KEY.to_owned(), question)].into()), Some(state)))
    }

    /// Of the call and the rows as they are now.
    fn digest(&self) -> String {
        let rows: Vec<_> = self.subject.rows().map(|task| (task.id, task.version)).collect();
        let mut arguments = self.arguments.clone();
        // A model may write the same call in another order.
        arguments.sort_all_objects();
        let all = json!(["tools/call", self.tool.name, arguments, self.subject.whole, rows]);
        hex::encode(Sha256::digest(all.to_string()))
    }
}

/// Reads the person's answer, or makes the question.
pub fn answer(
    seal: &Keyring,
    actor: &Actor,
    question: &Question<'_>,
    params: &CallToolRequestParams,
    now: i64,
) -> Result<Decision> {
    let Some(sealed) = &params.request_state else { return Ok(Decision::Ask(question.ask(seal, actor, now)?)) };
    let opened = seal.open(sealed).and_then(|text| serde_json::from_str::<State>(&text).ok());
    let Some(state) = opened.filter(|state| state.user == actor.user.as_str()) else {
        let why = "requestState is not one that was given out for you: make the call again without it";
        return Err(Error::field("requestState", "invalid", why));
    };
    if state.until < now || state.digest != question.digest() {
        // Too late, or the tasks are no longer what the person saw.
        return Ok(Decision::Ask(question.ask(seal, actor, now)?));
    }
    let Some(said) = params.input_responses.as_ref().and_then(|all| all.get(KEY)) else {
        return Ok(Decision::Ask(question.ask(seal, actor, now)?));
    };
    let agreed = said["action"] == "accept" && said["content"][KEY] == true;
    Ok(if agreed { Decision::Yes } else { Decision::No })
}
