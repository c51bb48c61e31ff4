//! The keyboard: one listener for the page. Keys do nothing while somebody types or a dialog is open.
//!
//! Row keys act on the picked tasks, or on the row that has (or last had) the focus.

use super::{frame::Where, list::focus_neighbour};
use crate::prelude::*;
use crate::{
    browser,
    place::Place,
    state::{Dialog, State},
};
use domain::id::TaskId;
use leptos::{ev, ev::KeyboardEvent};
use web_sys::HtmlElement;

/// How long `g` waits for its second key.
const CHORD_MS: f64 = 1_200.0;

/// Starts listening; called once, in the browser.
pub fn listen(state: State, here: Where) {
    let chord = StoredValue::new(0.0_f64);
    let handle = window_event_listener(ev::keydown, move |event| {
        if !event.default_prevented() && !event.is_composing() && pressed(state, here, chord, &event) {
            event.prevent_default();
        }
    });
    on_cleanup(move || handle.remove());
}

/// Whether the key meant something.
fn pressed(state: State, here: Where, chord: StoredValue<f64>, event: &KeyboardEvent) -> bool {
    let key = event.key();
    let control = event.ctrl_key() || event.meta_key();
    if browser::dialog_is_open() {
        return false;
    }
    if control && key.eq_ignore_ascii_case("k") {
        state.dialog.set(Some(Dialog::Palette));
        return true;
    }
    if browser::is_typing() {
        return false;
    }
    if control {
        let undo = key.eq_ignore_ascii_case("z") && !event.shift_key();
        if undo {
            state.undo(None);
        }
        return undo;
    }
    if event.alt_key() {
        return match key.as_str() {
            "ArrowUp" => reorder(state, here, true),
            "ArrowDown" => reorder(state, here, false),
            _ => false,
        };
    }
    let now = browser::ticks();
    if now - chord.get_value() < CHORD_MS {
        chord.set_value(0.0);
        let place = match key.as_str() {
            "t" => Place::Today,
            "u" => Place::Upcoming,
            "i" => Place::Inbox,
            _ => return false,
        };
        here.go(&place.path());
        return true;
    }
    match key.as_str() {
        "g" => chord.set_value(now),
        "q" => browser::focus("#quick-add"),
        "/" => browser::focus("#search"),
        "a" if here.path.read_untracked().starts_with("/chat") => browser::focus("#chat-input"),
        "a" => state.chat.open.update(|open| *open = !*open),
        "?" => state.dialog.set(Some(Dialog::Keys)),
        "j" | "ArrowDown" => return step(state, 1),
        "k" | "ArrowUp" => return step(state, -1),
        "Escape" => return escape(state, here),
        _ => return row_key(state, here, &key),
    }
    true
}

fn row_key(state: State, here: Where, key: &str) -> bool {
    let chosen = state.chosen();
    if chosen.is_empty() {
        return false;
    }
    let open = |dialog: fn(Vec<TaskId>) -> Dialog| state.dialog.set(Some(dialog(chosen.clone())));
    match key {
        "x" => {
            if let Some(id) = state.cursor.get_untracked() {
                state.pick(id);
            }
        }
        "e" => {
            if let Some(id) = state.cursor.get_untracked() {
                here.open(id);
                browser::after(60, || browser::focus_end("#task-title"));
            }
        }
        "c" => match chosen.as_slice() {
            [one] => {
                focus_neighbour(one.0);
                state.toggle(*one);
            }
            many => state.complete_all(many),
        },
        "Delete" => match chosen.as_slice() {
            [one] => {
                focus_neighbour(one.0);
                state.delete(*one);
            }
            many => state.delete_all(many),
        },
        "d" => open(Dialog::Date),
        "p" => open(Dialog::Priority),
        "l" => open(Dialog::Labels),
        "m" => open(Dialog::Move),
        _ => return false,
    }
    true
}

/// Lets go of one thing at a time, the nearest first.
fn escape(state: State, here: Where) -> bool {
    if state.chat.busy.get_untracked()
        && (state.chat.open.get_untracked() || here.path.read_untracked().starts_with("/chat"))
    {
        state.chat_stop();
    } else if !state.selected.read_untracked().is_empty() {
        state.selected.update(std::collections::BTreeSet::clear);
    } else if state.chat.open.get_untracked() {
        state.chat.open.set(false);
        browser::focus("#assistant-open");
    } else if here.task.get_untracked().is_some() && here.place.read_untracked().is_some() {
        here.close_task();
    } else {
        return false;
    }
    true
}

/// Moves the focus from row to row.
fn step(state: State, by: i32) -> bool {
    let rows = browser::find_all("main [data-task] .row-main");
    if rows.is_empty() {
        return false;
    }
    let cursor = state.cursor.get_untracked().map(|id| id.to_string());
    let row_of = |e: &HtmlElement| e.closest("[data-task]").ok().flatten()?.get_attribute("data-task");
    let at = rows.iter().position(|e| row_of(e) == cursor);
    let last = rows.len() - 1;
    let to = match (at, by > 0) {
        (None, true) => 0,
        (None, false) => last,
        (Some(at), true) => (at + 1).min(last),
        (Some(at), false) => at.saturating_sub(1),
    };
    if let Some(row) = rows.get(to) {
        let _ = row.focus();
    }
    true
}

/// Moves the row under the cursor among its siblings.
fn reorder(state: State, here: Where, up: bool) -> bool {
    let Some(place) = here.place.get_untracked().filter(Place::is_arranged) else {
        return false;
    };
    let Some(id) = state.cursor.get_untracked().filter(|id| *id > 0) else {
        return false;
    };
    let ids = untrack(|| state.ids(&place));
    let Some(at) = ids.iter().position(|i| *i == id) else {
        return false;
    };
    let neighbour = if up { at.checked_sub(1) } else { Some(at + 1) };
    if let Some(neighbour) = neighbour.and_then(|n| ids.get(n)) {
        state.reorder(TaskId(id), TaskId(*neighbour), up, &ids);
        browser::after(30, move || browser::focus(&format!("main [data-task=\"{id}\"] .row-main")));
    }
    true
}
