//! A labelled field of a form, with its hint and its error tied to it.

use crate::prelude::*;

/// See the module.
#[component]
pub fn Field(
    /// The name on the wire and the id.
    name: &'static str,
    /// What the person reads.
    label: &'static str,
    /// The input's type.
    #[prop(default = "text")]
    kind: &'static str,
    /// The browser's `autocomplete` word.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// What it holds at first.
    #[prop(into, optional)]
    value: String,
    /// What to know before typing.
    #[prop(optional)]
    hint: Option<&'static str>,
    /// Whether it may be left empty.
    #[prop(default = true)]
    required: bool,
    /// The least number of characters.
    #[prop(optional)]
    minlength: Option<u32>,
    /// The id of the form's error, when there is one.
    #[prop(optional_no_strip)]
    error: Option<&'static str>,
) -> impl IntoView {
    let hint_id = hint.map(|_| format!("{name}-hint"));
    let described = [hint_id.clone(), error.map(str::to_owned)].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let described = (!described.is_empty()).then_some(described);
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                id=name
                name=name
                type=kind
                autocomplete=autocomplete
                value=value
                required=required
                minlength=minlength
                aria-describedby=described
                aria-invalid=error.map(|_| "true")
            />
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
        </div>
    }
    .into_any()
}
