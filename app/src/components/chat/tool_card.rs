//! What the assistant did, or asks to be allowed to do, with the exact tasks it is about.

use crate::prelude::*;
use crate::{components::frame::Where, dates::Style, state::State};
use domain::{
    chat::{Decision, ToolCall, ToolStatus},
    date::Due,
};
use leptos::ev::SubmitEvent;
use serde_json::Value;

/// More rows than this are counted and not shown, except where approval is asked for.
const SHOWN: usize = 6;

/// A task as a tool names it.
#[derive(Clone, Debug, PartialEq)]
struct RowOf {
    id: i64,
    title: String,
    due: Option<Due>,
}

/// The tasks in a tool's result: under `tasks`, under `task`, or the result itself.
fn rows(result: Option<&Value>) -> Vec<RowOf> {
    let Some(result) = result else { return Vec::new() };
    let list = match (result.get("tasks"), result.get("task"), result) {
        (Some(Value::Array(list)), _, _) | (None, None, Value::Array(list)) => list.as_slice(),
        (_, Some(one @ Value::Object(_)), _) => std::slice::from_ref(one),
        (None, None, one @ Value::Object(_)) => std::slice::from_ref(one),
        _ => &[],
    };
    list.iter()
        .filter_map(|row| {
            Some(RowOf {
                id: row.get("id")?.as_i64()?,
                title: row.get("title")?.as_str()?.to_owned(),
                due: row.get("due").and_then(Value::as_str).and_then(|d| d.parse().ok()),
            })
        })
        .collect()
}

/// `complete_task` -> "Complete task".
fn name(tool: &str) -> String {
    let words = tool.replace(['_', '-', '.'], " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// See the module.
#[component]
pub fn ToolCard(call: Memo<Option<ToolCall>>) -> impl IntoView {
    move || call.get().map(card)
}

fn card(call: ToolCall) -> AnyView {
    let state = State::here();
    let rows = rows(call.result.as_ref());
    let summary = call
        .result
        .as_ref()
        .and_then(|r| ["summary", "message", "detail", "error"].iter().find_map(|k| r.get(k)?.as_str()))
        .map(str::to_owned);
    let pending = call.status == ToolStatus::Pending;
    let status = match call.status {
        ToolStatus::Running => "Working",
        ToolStatus::Done => "Done",
        ToolStatus::Pending => "Waits for you",
        ToolStatus::Denied => "Cancelled",
        ToolStatus::Failed => "Failed",
    };
    let word = match call.status {
        ToolStatus::Running => "running",
        ToolStatus::Done => "done",
        ToolStatus::Pending => "pending",
        ToolStatus::Denied => "denied",
        ToolStatus::Failed => "failed",
    };
    let shown = if pending { rows.len() } else { SHOWN };
    let hidden = rows.len().saturating_sub(shown);
    let undo = call.operation.filter(|_| call.status == ToolStatus::Done).map(|seq| {
        view! {
            <button type="button" class="link tool-undo needs-script" on:click=move |_| state.undo(Some(seq))>
                "Undo"
            </button>
        }
    });
    view! {
        <section class="tool" data-status=word aria-label=name(&call.tool)>
            <p class="tool-head">
                <span class="tool-name">{name(&call.tool)}</span>
                <span class="tool-status">{status}</span>
                {undo}
            </p>
            {summary.map(|text| view! { <p class="tool-summary" dir="auto">{text}</p> })}
            {(!rows.is_empty())
                .then(|| {
                    view! {
                        <ul class="tool-rows">
                            {rows.into_iter().take(shown).map(|r| row(state, r)).collect_view()}
                            {(hidden > 0).then(|| view! { <li class="tool-more">{format!("and {hidden} more")}</li> })}
                        </ul>
                    }
                })}
            {pending.then(|| approval(state, call.clone()))}
        </section>
    }
    .into_any()
}

fn row(state: State, row: RowOf) -> AnyView {
    let here = Where::here();
    let style = state.overview.with_untracked(Style::of);
    let id = row.id;
    let open = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        event.stop_propagation();
        here.open(id);
    };
    view! {
        <li>
            <span class="tool-number">{format!("#{id}")}</span>
            <a href=format!("/task/{id}") dir="auto" on:click=open>
                {row.title}
            </a>
            {row.due.map(|due| view! { <span class="tool-due">{style.due(&due)}</span> })}
        </li>
    }
    .into_any()
}

/// Approve or cancel; two plain forms without script.
fn approval(state: State, call: ToolCall) -> AnyView {
    let conversation = state.chat.current.get_untracked().map(|id| id.0);
    let form =
        move |call: ToolCall, decision: Decision, value: &'static str, class: &'static str, text: &'static str| {
            let id = call.id.clone();
            let decide = move |event: SubmitEvent| {
                event.prevent_default();
                state.chat_decide(&call, decision);
                crate::browser::focus("#chat-input");
            };
            view! {
                <form method="post" action="/do/approve" on:submit=decide>
                    <input type="hidden" name="conversation_id" value=conversation />
                    <input type="hidden" name="id" value=id />
                    <input type="hidden" name="decision" value=value />
                    <button class=class disabled=move || state.chat.busy.get()>
                        {text}
                    </button>
                </form>
            }
        };
    view! {
        <div class="approval">
            {form(call.clone(), Decision::Allow, "allow", "button primary small approve", "Approve")}
            {form(call, Decision::Deny, "deny", "button small deny", "Cancel")}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
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
    fn tools_have_readable_names() {
        assert_eq!(name("complete_task"), "Complete task");
        assert_eq!(name(""), "");
    }
}
