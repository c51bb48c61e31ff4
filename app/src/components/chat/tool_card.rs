//! What the assistant did, or asks to be allowed to do, with the exact tasks it is about.
//!
//! Asking is two plain forms, so that it works without script too; with it, [`super::acts`] reads the same forms.

use crate::components::icons::*;
use crate::prelude::*;
use crate::{dates::Style, state::State};
use domain::{
    chat::{ToolCall, ToolStatus},
    date::Due,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// More rows than this are counted and not shown, except where approval is asked for.
const SHOWN: usize = 6;

/// A task as a tool names it.
#[derive(Clone, Debug, PartialEq)]
struct RowOf {
    id: i64,
    title: String,
    due: Option<Due>,
    /// Its subtasks that go along, of any depth.
    parts: Vec<RowOf>,
}

fn row_of(value: &Value) -> Option<RowOf> {
    Some(RowOf {
        id: value.get("id")?.as_i64()?,
        title: value.get("title")?.as_str()?.to_owned(),
        due: value.get("due").and_then(Value::as_str).and_then(|d| d.parse().ok()),
        parts: Vec::new(),
    })
}

/// The tasks in a tool's result: under `tasks`, under `task`, or the result itself; and those under `subtasks` with them.
fn rows(result: Option<&Value>) -> Vec<RowOf> {
    let Some(result) = result else { return Vec::new() };
    let list = match (result.get("tasks"), result.get("task"), result) {
        (Some(Value::Array(list)), _, _) | (None, None, Value::Array(list)) => list.as_slice(),
        (_, Some(one @ Value::Object(_)), _) => std::slice::from_ref(one),
        (None, None, one @ Value::Object(_)) => std::slice::from_ref(one),
        _ => &[],
    };
    let mut rows: Vec<RowOf> = list.iter().filter_map(row_of).collect();
    // Parents come before their subtasks, so that each finds the row it belongs to.
    let mut belongs: BTreeMap<i64, usize> = rows.iter().enumerate().map(|(at, row)| (row.id, at)).collect();
    for value in result.get("subtasks").and_then(Value::as_array).into_iter().flatten() {
        let parent = value.get("parent_id").and_then(Value::as_i64);
        if let (Some(row), Some(at)) = (row_of(value), parent.and_then(|id| belongs.get(&id).copied())) {
            belongs.insert(row.id, at);
            rows[at].parts.push(row);
        }
    }
    rows
}

/// `complete_task` -> "Complete task".
fn name(tool: &str) -> String {
    let words = tool.replace(['_', '-', '.'], " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Another server's name, with its tool's. No name of ours has two underscores.
fn foreign(call: &ToolCall) -> Option<(&str, &str)> {
    call.tool.split_once("__")
}

/// "Complete task", or "weather: Forecast" for another server's tool: the server as it is called here, the tool as it says.
fn heading(call: &ToolCall) -> String {
    let Some((server, own)) = foreign(call) else { return name(&call.tool) };
    let title = call.result.as_ref().and_then(|result| result.get("title")?.as_str());
    format!("{server}: {}", title.map_or_else(|| name(own), str::to_owned))
}

/// What another server is given and what it answered, as they are; what is asked about stands open.
fn exactly(call: &ToolCall) -> Option<AnyView> {
    foreign(call)?;
    let part = |title: &'static str, text: String, open: bool| {
        view! {
            <details class="tool-found" open=open>
                <summary>{title}</summary>
                <pre class="tool-raw" dir="auto" tabindex="0">
                    {text}
                </pre>
            </details>
        }
        .into_any()
    };
    let arguments = serde_json::to_string_pretty(&call.arguments).unwrap_or_default();
    let answer = call.result.as_ref().and_then(|result| result.get("text")?.as_str()).filter(|text| !text.is_empty());
    let view = view! {
        {part("Arguments", arguments, call.status == ToolStatus::Pending)}
        {answer.map(|text| part("Answer", text.to_owned(), false))}
    };
    Some(view.into_any())
}

/// How far a call has come: for the style, and in words.
fn status(call: &ToolCall, undone: bool) -> (&'static str, &'static str) {
    match call.status {
        ToolStatus::Running => ("running", "Working"),
        ToolStatus::Done if undone => ("undone", "Undone"),
        ToolStatus::Done => ("done", "Done"),
        ToolStatus::Pending => ("pending", "Waits for you"),
        ToolStatus::Denied => ("denied", "Denied"),
        ToolStatus::Failed => ("failed", "Failed"),
    }
}

/// What the tool says about itself.
fn summary(call: &ToolCall) -> Option<String> {
    let result = call.result.as_ref()?;
    let said = |names: &[&str]| names.iter().find_map(|k| result.get(k)?.as_str()).map(str::to_owned);
    let reason = said(&["reason"]).filter(|_| call.status == ToolStatus::Denied);
    match (said(&["summary", "message", "detail", "error"]), reason) {
        (Some(text), Some(reason)) => Some(format!("{text} Not done: {reason}")),
        (text, reason) => text.or(reason),
    }
}

/// See the module.
pub fn tool_card(state: State, call: &ToolCall) -> AnyView {
    let rows = rows(call.result.as_ref());
    let undone = call.operation.is_some_and(|seq| state.chat.undone.read().contains(&seq.0));
    let (class, word) = status(call, undone);
    let undo = call.operation.filter(|_| class == "done").map(|seq| {
        view! {
            <button type="button" class="link tool-undo needs-script" data-act="undo" data-of=seq.0>
                "Undo"
            </button>
        }
        .into_any()
    });
    let pending = call.status == ToolStatus::Pending;
    let shape = match class {
        "running" => REPEAT,
        "pending" => ASK,
        "done" => CHECK,
        "undone" => UNDO,
        _ => CLOSE,
    };
    // What was only looked up is mostly said in the answer too.
    let looked_up = call.status == ToolStatus::Done && call.operation.is_none() && rows.len() > 1;
    let body = match () {
        () if pending => approval(state, call, rows),
        () if looked_up => {
            let count = rows.len();
            view! {
                <details class="tool-found">
                    <summary>{format!("{count} tasks")}</summary>
                    {list(state, rows, count, false)}
                </details>
            }
            .into_any()
        }
        () => list(state, rows, SHOWN, false),
    };
    view! {
        <section class="tool" data-status=class aria-label=heading(call)>
            <p class="tool-head">
                <Icon of=shape />
                <span class="tool-name" dir="auto">{heading(call)}</span>
                <span class="tool-status">{word}</span>
                {undo}
            </p>
            {summary(call).map(|text| view! { <p class="tool-summary" dir="auto">{text}</p> }.into_any())}
            {exactly(call)}
            {body}
        </section>
    }
    .into_any()
}

/// The tasks, each a way to itself; with a box to tick when some of them can be left out.
fn list(state: State, rows: Vec<RowOf>, shown: usize, ticked: bool) -> AnyView {
    if rows.is_empty() {
        return ().into_any();
    }
    let style = state.overview.with_untracked(Style::of);
    let hidden = rows.len().saturating_sub(shown);
    let row = |row: RowOf, ticked: bool, class: &'static str| {
        let (id, title) = (row.id, row.title);
        let tick = ticked.then(|| {
            view! {
                <input type="checkbox" name="task_ids" value=id checked=true aria-label=format!("Include {title}") />
            }
            .into_any()
        });
        let due = row.due.map(|due| view! { <span class="tool-due">{style.due(&due)}</span> }.into_any());
        view! {
            <li class=class>
                {tick}
                <a class="task-chip" href=format!("/task/{id}") data-act="open" data-of=id dir="auto">
                    <span class="tool-number">{format!("#{id}")}</span>
                    {title}
                </a>
                {due}
            </li>
        }
        .into_any()
    };
    let with_parts = |mut whole: RowOf| {
        let parts = std::mem::take(&mut whole.parts);
        view! {
            {row(whole, ticked, "")}
            {parts.into_iter().map(|part| row(part, false, "tool-part")).collect_view()}
        }
        .into_any()
    };
    let more = (hidden > 0).then(|| view! { <li class="tool-more">{format!("and {hidden} more")}</li> }.into_any());
    view! {
        <ul class="tool-rows">
            {rows.into_iter().take(shown).map(with_parts).collect_view()}
            {more}
        </ul>
    }
    .into_any()
}

/// What of a call can be edited: its texts. Which tasks it is about is ticked. Other servers' calls stay as they are.
pub fn texts(call: &ToolCall) -> Vec<(String, String)> {
    let arguments = call.arguments.as_object().filter(|_| foreign(call).is_none());
    let arguments = arguments.filter(|a| a.contains_key("task_id") || a.contains_key("task_ids"));
    let text = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
    arguments.into_iter().flatten().filter_map(text).collect()
}

/// The texts, folded away until somebody wants them otherwise.
fn edits(call: &ToolCall) -> Option<AnyView> {
    let texts = texts(call);
    if texts.is_empty() {
        return None;
    }
    let field = |(argument, text): (String, String)| {
        let kind = if matches!(text.parse(), Ok(Due::Day(_))) { "date" } else { "text" };
        view! {
            <label>
                <span>{name(&argument)}</span>
                <input type=kind name=format!("edit.{argument}") value=text maxlength="500" autocomplete="off" dir="auto" />
            </label>
        }
        .into_any()
    };
    let view = view! {
        <details class="approval-edit">
            <summary>"Edit"</summary>
            {texts.into_iter().map(field).collect_view()}
        </details>
    };
    Some(view.into_any())
}

/// Approve, always approve, or deny. Enter in the reason denies, so it stands in a form of its own.
fn approval(state: State, call: &ToolCall, rows: Vec<RowOf>) -> AnyView {
    let conversation = state.chat.current.get_untracked().map(|id| id.0);
    let busy = move || state.chat.busy.get();
    let some = rows.len() > 1 && call.arguments.get("task_ids").is_some();
    let count = rows.len();
    let refused = {
        let id = call.id.clone();
        move || {
            let why = state.chat.refused(&id)?;
            Some(view! { <p class="field-error" role="alert">{why.to_string()}</p> }.into_any())
        }
    };
    let named = || {
        view! {
            <input type="hidden" name="conversation_id" value=conversation />
            <input type="hidden" name="id" value=call.id.clone() />
        }
        .into_any()
    };
    view! {
        <fieldset class="approval" disabled=busy aria-label="Allow this?">
            <form method="post" action="/do/approve" data-form="decide">
                {named()}
                {list(state, rows, count, some)}
                {edits(call)}
                {refused}
                <div class="approval-buttons">
                    <button class="button primary small approve" name="decision" value="allow">
                        "Approve"
                    </button>
                    <button class="button small always" name="decision" value="always">
                        "Always in this chat"
                    </button>
                </div>
            </form>
            <form class="denial" method="post" action="/do/approve" data-form="decide">
                {named()}
                <input
                    class="reason"
                    name="reason"
                    maxlength="500"
                    autocomplete="off"
                    placeholder="Why not? (optional)"
                    aria-label="Reason for denying"
                    dir="auto"
                />
                <button class="button small deny" name="decision" value="deny">
                    "Deny"
                </button>
            </form>
        </fieldset>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::chat::waiting;
    use serde_json::json;

    #[test]
    fn tasks_are_found_wherever_a_tool_puts_them() {
        let task = json!({"id": 3, "title": "milk", "due": "2026-11-21"});
        for result in [json!({"summary": "", "tasks": [task]}), json!([task]), json!({"task": task}), task.clone()] {
            let found = rows(Some(&result));
            assert_eq!(found.len(), 1, "{result}");
            assert_eq!((found[0].id, found[0].title.as_str()), (3, "milk"));
        }
        assert_eq!(rows(Some(&json!({"summary": "nothing"}))), vec![]);
        assert_eq!(rows(None), vec![]);
    }

    #[test]
    fn subtasks_stand_with_the_task_they_go_along_with() {
        let task = |id: i64, parent: Option<i64>| json!({"id": id, "title": format!("task {id}"), "parent_id": parent});
        let found = rows(Some(&json!({
            "tasks": [task(1, None), task(2, None)],
            "subtasks": [task(5, Some(2)), task(3, Some(1)), task(4, Some(3)), task(9, Some(8))],
        })));
        let ids = |row: &RowOf| (row.id, row.parts.iter().map(|part| part.id).collect::<Vec<_>>());
        assert_eq!(found.iter().map(ids).collect::<Vec<_>>(), [(1, vec![3, 4]), (2, vec![5])]);
    }

    #[test]
    fn texts_can_be_edited() {
        let due = ("due".to_owned(), "2026-11-22".to_owned());
        assert_eq!(texts(&waiting(json!({"task_ids": [1, 2], "due": "2026-11-22"}))), [due]);
        assert_eq!(texts(&waiting(json!({"project": "Home"}))), []);
    }

    #[test]
    fn other_servers_tools_are_named_by_their_server() {
        let call = |tool: &str, result: Value| ToolCall {
            tool: tool.into(),
            name: tool.into(),
            result: Some(result),
            ..waiting(json!({"city": "Rome"}))
        };
        assert_eq!(heading(&call("weather__get_forecast", json!({}))), "weather: Get forecast");
        // What a server says of itself never stands where its name does.
        let said = json!({"title": "Forecast", "server": "todo-chatbot"});
        assert_eq!(heading(&call("weather__get_forecast", said.clone())), "weather: Forecast");
        assert_eq!(heading(&call("complete_task", said)), "Complete task");
    }

    #[test]
    fn tools_have_readable_names() {
        assert_eq!(name("complete_task"), "Complete task");
        assert_eq!(name(""), "");
    }
}
