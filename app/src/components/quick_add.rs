//! The add box: what is typed is read by the same grammar as on the server, and what was understood stands below as
//! chips before anything is stored. Taking a chip away turns its words back into text.
//!
//! It is a `textarea`, so that a pasted list stays a list; Enter adds, Shift+Enter makes a line.

pub mod understood;

use super::{frame::Where, icons::*};
use crate::prelude::*;
use crate::{browser, place::Place, state::State};
use leptos::{
    ev::{KeyboardEvent, SubmitEvent},
    html::Textarea,
};
use understood::{Reading, Understood, read};

/// See the module.
#[component]
pub fn QuickAdd() -> impl IntoView {
    let (state, here) = (State::here(), Where::here());
    let text = RwSignal::new(String::new());
    let keep_plain = RwSignal::new(false);
    let field = NodeRef::<Textarea>::new();
    let preset = Memo::new(move |_| {
        let place = here.place.get()?;
        state.overview.with(|o| place.preset(o))
    });
    let reading = Memo::new(move |_| -> Option<Reading> {
        let text = text.get();
        if text.trim().is_empty() {
            return None;
        }
        let preset = preset.get().filter(|_| !keep_plain.get());
        state.overview.with(|o| Some(read(&text, preset.as_ref(), o, state.now())))
    });
    let error = move || {
        reading.with(|r| match r.as_ref()?.result.as_ref() {
            Err(bad) if bad.line > 1 => Some(format!("Line {}: it {}", bad.line, bad.message)),
            Err(bad) => Some(format!("The title {}", bad.message)),
            Ok(_) => None,
        })
    };

    let write = move |value: String| {
        if let Some(field) = field.get_untracked() {
            field.set_value(&value);
        }
        text.set(value);
    };
    // Somebody may have typed before the page came to life.
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            let typed = field.value();
            if !typed.is_empty() {
                text.set(typed);
            }
        }
    });

    let add = move || {
        let Some(Reading { whole, result }) = reading.get_untracked() else {
            return;
        };
        let Ok(parsed) = result else { return };
        let typed = text.get_untracked();
        write(String::new());
        keep_plain.set(false);
        state.add(whole, &parsed.drafts, move |_| {
            // The words come back unless something new has been typed meanwhile.
            if text.try_with_untracked(String::is_empty) == Some(true) {
                write(typed);
            }
        });
        browser::focus("#quick-add");
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        add();
    };
    let key = move |event: KeyboardEvent| match event.key().as_str() {
        "Enter" if !event.shift_key() && !event.is_composing() => {
            event.prevent_default();
            add();
        }
        "Escape" => {
            if text.with_untracked(String::is_empty) {
                if let Some(field) = field.get_untracked() {
                    let _ = field.blur();
                }
            } else {
                write(String::new());
            }
        }
        _ => {}
    };
    let project = move || match here.place.get() {
        Some(Place::Project(id)) => Some(id.to_string()),
        _ => None,
    };

    view! {
        <form
            class="quick-add"
            class:filled=move || !text.read().is_empty()
            method="post"
            action="/do/add"
            on:submit=submit
        >
            <span class="quick-add-mark">
                <Icon of=PLUS />
            </span>
            <textarea
                id="quick-add"
                name="text"
                rows="1"
                required
                aria-label="Add a task"
                aria-describedby="quick-add-understood"
                aria-keyshortcuts="q"
                autocomplete="off"
                placeholder="Add a task"
                enterkeyhint="done"
                dir="auto"
                node_ref=field
                on:input=move |e| text.set(event_target_value(&e))
                on:keydown=key
            ></textarea>
            <input type="hidden" name="project" value=project disabled=move || project().is_none() />
            <button class="button primary add-button">"Add"</button>
            <div id="quick-add-understood" class="understood-slot" aria-live="polite">
                <Understood
                    reading
                    dismiss=move |escaped| match escaped {
                        Some(value) => {
                            write(value);
                            browser::focus("#quick-add");
                        }
                        None => keep_plain.set(true),
                    }
                    text
                />
                {move || error().map(|e| view! { <p class="form-error">{e}</p> })}
            </div>
        </form>
    }
    .into_any()
}
