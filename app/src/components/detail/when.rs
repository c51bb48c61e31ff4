//! A task's dates: one line that understands the grammar, and the browser's own pickers for those who prefer them.

use crate::prelude::*;
use crate::{
    api::Change,
    components::quick_add::understood::context,
    dates::{self, Style},
    state::State,
};
use domain::{date::Due, id::TaskId, quick_add::parse, task::Task};

/// What a typed date asks for.
pub fn read(state: State, text: &str) -> Option<Change> {
    let now = state.now();
    state.overview.with_untracked(|overview| {
        // The grammar reads lines with a title; any word does, as it is thrown away.
        let parsed = parse(&format!("x {text}"), &context(overview, now)).ok()?;
        let draft = parsed.drafts.into_iter().next()?;
        // Words that were not understood would be lost silently.
        if draft.title.as_str() != "x" {
            return None;
        }
        let cleared = text.trim().eq_ignore_ascii_case("no date");
        Some(Change {
            due: (draft.due.is_some() || cleared).then_some(draft.due),
            start: draft.start.map(Some),
            deadline: draft.deadline.map(Some),
            repeat: draft.repeat.map(Some),
            ..Change::default()
        })
        .filter(|c| *c != Change::default())
    })
}

/// Says what a change of dates means.
pub fn words(state: State, change: &Change) -> String {
    let style = state.overview.with_untracked(Style::of);
    let mut parts = Vec::new();
    match &change.due {
        Some(Some(due)) => parts.push(style.due(due)),
        Some(None) => parts.push("No date".into()),
        None => {}
    }
    if let Some(Some(start)) = &change.start {
        parts.push(format!("from {}", style.due(start)));
    }
    if let Some(Some(deadline)) = &change.deadline {
        parts.push(format!("by {}", style.due(deadline)));
    }
    if let Some(Some(repeat)) = &change.repeat {
        parts.push(dates::repeat(repeat));
    }
    parts.join(", ")
}

/// See the module.
#[component]
pub fn When(id: i64, task: Memo<Option<Task>>) -> impl IntoView {
    let state = State::here();
    let save = move |change: Change| state.change(TaskId(id), change);
    let due = Memo::new(move |_| task.with(|t| t.as_ref().and_then(|t| t.due.clone())));
    let start = Memo::new(move |_| task.with(|t| t.as_ref().and_then(|t| t.start.clone())));
    let deadline = Memo::new(move |_| task.with(|t| t.as_ref().and_then(|t| t.deadline.clone())));
    let repeat = Memo::new(move |_| task.with(|t| t.as_ref().and_then(|t| t.repeat.clone())));

    let said = RwSignal::new(String::new());
    let understood = move || {
        let text = said.get();
        if text.trim().is_empty() {
            return None;
        }
        Some(read(state, &text).map_or_else(|| "Not understood yet".into(), |c| words(state, &c)))
    };
    let key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
            if let Some(change) = read(state, &said.get_untracked()) {
                save(change);
                said.set(String::new());
            }
        }
    };
    let set_time = move |event: leptos::ev::Event| {
        let time = event_target_value(&event);
        let Some(due) = due.get_untracked() else { return };
        let text = if time.is_empty() {
            due.date().to_string()
        } else {
            let zone = due.zone().map(|z| format!("[{z}]")).unwrap_or_default();
            format!("{}T{time}{zone}", due.date())
        };
        if let Ok(due) = text.parse() {
            save(Change { due: Some(Some(due)), ..Change::default() });
        }
    };
    let time = move || {
        due.with(|d| {
            let time = d.as_ref()?.time()?;
            Some(format!("{:02}:{:02}", time.hour(), time.minute()))
        })
        .unwrap_or_default()
    };

    view! {
        <div class="field needs-script">
            <label for="task-when" class="field-label">
                "When"
            </label>
            <input
                id="task-when"
                placeholder="tomorrow 5pm, every friday, no date…"
                autocomplete="off"
                aria-describedby="task-when-read"
                prop:value=said
                on:input=move |e| said.set(event_target_value(&e))
                on:keydown=key
            />
            <p id="task-when-read" class="hint" aria-live="polite">
                {understood}
            </p>
        </div>
        <div class="dates">
            <DateField
                id="task-due"
                name="due"
                label="Due"
                date=due
                save=move |due| save(Change { due: Some(due), ..Change::default() })
            />
            <div class="field needs-script">
                <label for="task-time" class="field-label">
                    "Time"
                </label>
                <input
                    id="task-time"
                    type="time"
                    prop:value=time
                    disabled=move || due.read().is_none()
                    on:change=set_time
                />
            </div>
            <DateField
                id="task-start"
                name="start"
                label="Start"
                date=start
                save=move |start| save(Change { start: Some(start), ..Change::default() })
            />
            <DateField
                id="task-deadline"
                name="deadline"
                label="Deadline"
                date=deadline
                save=move |deadline| save(Change { deadline: Some(deadline), ..Change::default() })
            />
        </div>
        {move || {
            repeat
                .get()
                .map(|r| {
                    view! {
                        <p class="repeat-line">
                            <span class="field-label">"Repeats"</span>
                            <span id="task-repeat">{dates::repeat(&r)}</span>
                            <button
                                type="button"
                                class="link needs-script"
                                on:click=move |_| save(Change { repeat: Some(None), ..Change::default() })
                            >
                                "Stop repeating"
                            </button>
                        </p>
                    }
                })
        }}
    }
    .into_any()
}

/// A day, by the browser's own picker; a time and a zone that were there stay.
#[component]
fn DateField(
    id: &'static str,
    name: &'static str,
    label: &'static str,
    date: Memo<Option<Due>>,
    save: impl Fn(Option<Due>) + 'static,
) -> impl IntoView {
    let whole = date.with_untracked(|d| d.as_ref().map(ToString::to_string).unwrap_or_default());
    let day = move || date.with(|d| d.as_ref().map(|d| d.date().to_string()).unwrap_or_default());
    let first = date.with_untracked(|d| d.as_ref().map(|d| d.date().to_string()).unwrap_or_default());
    let choose = move |event: leptos::ev::Event| {
        let text = event_target_value(&event);
        let old = date.get_untracked();
        let new = match (text.parse::<jiff::civil::Date>(), &old) {
            (Ok(day), Some(old)) => Some(old.on(day)),
            (Ok(day), None) => Some(Due::Day(day)),
            (Err(_), _) => None,
        };
        if new != old {
            save(new);
        }
    };
    view! {
        <div class="field">
            <label for=id class="field-label">
                {label}
            </label>
            <input id=id class="needs-script" type="date" value=first prop:value=day on:change=choose />
            // Without script the whole date is written, so that a time is not lost with the day.
            <input class="without-script" name=name aria-label=label value=whole />
        </div>
    }
}
