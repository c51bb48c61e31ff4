//! A box to type in and a list to choose from: what dates, priorities, labels, projects and the palette have in common.
//!
//! The pattern is ARIA's combobox with a list box: the focus stays in the box, the arrows move the choice.

use crate::components::keyed::present;
use crate::prelude::*;
use crate::{browser, components::icons::*, state::State};
use leptos::ev::KeyboardEvent;
use std::sync::Arc;

/// Something that can be chosen.
#[derive(Clone)]
pub struct Choice {
    /// What it is.
    pub label: String,
    /// More about it, at the far end.
    pub detail: String,
    /// Its icon.
    pub shape: Shape,
    /// A coloured dot instead of the icon.
    pub colour: Option<String>,
    /// Whether it holds now.
    pub checked: bool,
    /// What happens; the dialog has closed by then.
    pub act: Arc<dyn Fn() + Send + Sync>,
}

impl Choice {
    /// With an icon.
    pub fn new(
        shape: Shape,
        label: impl Into<String>,
        detail: impl Into<String>,
        act: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self { label: label.into(), detail: detail.into(), shape, colour: None, checked: false, act: Arc::new(act) }
    }

    /// With a coloured dot.
    #[must_use]
    pub fn dotted(mut self, colour: Option<&str>) -> Self {
        self.colour = Some(colour.unwrap_or("grey").to_owned());
        self
    }

    /// Marked as what holds now.
    #[must_use]
    pub fn checked(mut self, checked: bool) -> Self {
        self.checked = checked;
        self
    }
}

/// Whether what was typed is found in a text, without regard to case.
pub fn fits(text: &str, typed: &str) -> bool {
    typed.trim().is_empty() || text.to_lowercase().contains(&typed.trim().to_lowercase())
}

/// What can be chosen, given what is typed.
pub type Choices = Arc<dyn Fn(&str) -> Vec<Choice> + Send + Sync>;

/// See the module.
pub fn picker(title: String, placeholder: &'static str, choices: Choices) -> AnyView {
    let state = State::here();
    let typed = RwSignal::new(String::new());
    let active = RwSignal::new(0_usize);
    let shown = Signal::derive(move || choices(&typed.read()));
    let choose = move |index: usize| {
        let choice = shown.with_untracked(|s| s.get(index).cloned());
        if let Some(choice) = choice {
            state.dialog.set(None);
            // After the dialog has closed and the focus is back, so that an act may move it on.
            browser::soon(move || (choice.act)());
        }
    };
    let key = move |event: KeyboardEvent| {
        let count = shown.with_untracked(Vec::len).max(1);
        let to = match event.key().as_str() {
            "ArrowDown" => (active.get_untracked() + 1) % count,
            "ArrowUp" => (active.get_untracked() + count - 1) % count,
            "Home" if event.ctrl_key() => 0,
            "End" if event.ctrl_key() => count - 1,
            "Enter" if !event.is_composing() => {
                event.prevent_default();
                choose(active.get_untracked());
                return;
            }
            _ => return,
        };
        event.prevent_default();
        move_to("choices", active, to);
    };
    view! {
        <div class="picker">
            <h2 class="picker-title" id="picker-title">
                {title}
            </h2>
            <input
                id="picker"
                role="combobox"
                aria-labelledby="picker-title"
                aria-expanded="true"
                aria-controls="choices"
                aria-autocomplete="list"
                aria-activedescendant=move || format!("choices-{}", active.get())
                autocomplete="off"
                placeholder=placeholder
                on:input=move |e| {
                    active.set(0);
                    typed.set(event_target_value(&e));
                }
                on:keydown=key
            />
            {list_box("choices", shown, active, Arc::new(choose))}
            {present(move || shown.with(Vec::is_empty), move || view! {
                <p class="hint picker-none">"Nothing fits. Try other words."</p>
            }.into_any())}
        </div>
    }
    .into_any()
}

/// Makes another choice the active one, and brings it into sight.
pub fn move_to(name: &'static str, active: RwSignal<usize>, to: usize) {
    active.set(to);
    browser::soon(move || {
        if let Some(option) = browser::find(&format!("#{name}-{to}")) {
            option.scroll_into_view_with_bool(false);
        }
    });
}

/// The list to choose from; `name` is its id, and the beginning of its options' ids.
pub fn list_box(
    name: &'static str,
    shown: Signal<Vec<Choice>>,
    active: RwSignal<usize>,
    choose: Arc<dyn Fn(usize) + Send + Sync>,
) -> AnyView {
    let option = move |(i, choice): (usize, Choice)| {
        let choose = choose.clone();
        let mark = match &choice.colour {
            Some(colour) => view! { <span class="dot" data-colour=colour.clone()></span> }.into_any(),
            None => view! { <Icon of=choice.shape /> }.into_any(),
        };
        view! {
            <li
                id=format!("{name}-{i}")
                class="choice"
                role="option"
                aria-selected=move || (active.get() == i).to_string()
                on:mousedown=move |event| event.prevent_default()
                on:click=move |_| choose(i)
                on:pointermove=move |_| {
                    if active.get_untracked() != i {
                        active.set(i);
                    }
                }
            >
                {mark}
                <span class="choice-label" dir="auto">
                    {choice.label}
                </span>
                <span class="choice-detail">{choice.detail}</span>
                {choice.checked.then(|| view! { <Icon of=CHECK /> })}
            </li>
        }
        .into_any()
    };
    view! {
        <ul id=name class="choices" role="listbox" aria-label="Choices">
            {move || shown.get().into_iter().enumerate().map(&option).collect_view()}
        </ul>
    }
    .into_any()
}
