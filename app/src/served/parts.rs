//! The small pieces these pages share: a field, a note, a row, a button that is a form.

use crate::prelude::*;

/// A labelled field of a form, with its hint and its error tied to it.
#[derive(Clone, Debug, Default)]
pub struct Field {
    name: &'static str,
    label: &'static str,
    id: Option<&'static str>,
    kind: &'static str,
    autocomplete: &'static str,
    value: String,
    hint: Option<&'static str>,
    optional: bool,
    minlength: Option<u32>,
    error: Option<String>,
}

impl Field {
    /// Text with that name on the wire, which is also its id.
    pub fn text(name: &'static str, label: &'static str) -> Self {
        Self { name, label, kind: "text", autocomplete: "off", ..Self::default() }
    }

    /// An address, which identifies its owner.
    pub fn email(label: &'static str) -> Self {
        Self { kind: "email", autocomplete: "username", ..Self::text("email", label) }
    }

    /// A password somebody has.
    pub fn password(name: &'static str, label: &'static str) -> Self {
        Self { kind: "password", autocomplete: "current-password", ..Self::text(name, label) }
    }

    /// A password somebody makes up.
    pub fn new_password(label: &'static str) -> Self {
        Self {
            autocomplete: "new-password",
            minlength: Some(8),
            hint: Some("At least 8 characters. A few words in a row are easy to remember and hard to guess."),
            ..Self::password("password", label)
        }
    }

    /// Another id, where the page has several of that name.
    pub fn id(self, id: &'static str) -> Self {
        Self { id: Some(id), ..self }
    }

    /// What it holds at first.
    pub fn value(self, value: impl Into<String>) -> Self {
        Self { value: value.into(), ..self }
    }

    /// What the browser may fill in.
    pub fn autocomplete(self, autocomplete: &'static str) -> Self {
        Self { autocomplete, ..self }
    }

    /// What to know before typing.
    pub fn hint(self, hint: &'static str) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// May be left empty.
    pub fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    /// What is wrong with it.
    pub fn error(self, error: Option<String>) -> Self {
        Self { error, ..self }
    }

    /// The field.
    pub fn draw(self) -> AnyView {
        let id = self.id.unwrap_or(self.name);
        let tie = |part: &str, there: bool| there.then(|| format!("{id}-{part}"));
        let (hint_id, error_id) = (tie("hint", self.hint.is_some()), tie("error", self.error.is_some()));
        let described: Vec<String> = [error_id.clone(), hint_id.clone()].into_iter().flatten().collect();
        let described = (!described.is_empty()).then(|| described.join(" "));
        let wrong = self.error.is_some();
        view! {
            <div class="field">
                <label for=id>{self.label}</label>
                <input
                    id=id
                    name=self.name
                    type=self.kind
                    autocomplete=self.autocomplete
                    value=self.value
                    required=!self.optional
                    minlength=self.minlength
                    aria-describedby=described
                    aria-invalid=wrong.then_some("true")
                    autofocus=wrong
                />
                {self.error.map(|error| view! { <p class="field-error" id=error_id role="alert">{error}</p> })}
                {self.hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
            </div>
        }
        .into_any()
    }
}

/// What went wrong. It takes the focus, so that it is read and the next key starts from there.
pub fn refusal(text: String) -> AnyView {
    view! {
        <p class="form-error" id="form-error" role="alert" tabindex="-1" autofocus>
            {text}
        </p>
    }
    .into_any()
}

/// What was done.
pub fn success(text: &'static str) -> AnyView {
    view! {
        <p class="form-done" id="form-done" role="status" tabindex="-1" autofocus>
            {text}
        </p>
    }
    .into_any()
}

/// A part that could not be had.
pub fn trouble(problem: &domain::problem::Problem) -> AnyView {
    view! { <p class="form-error">{problem.to_string()}</p> }.into_any()
}

/// A part of a page that an anchor leads to.
pub fn section(id: &'static str, title: &'static str, about: &'static str, body: AnyView) -> AnyView {
    view! {
        <section id=id aria-labelledby=format!("{id}-title")>
            <h2 id=format!("{id}-title")>{title}</h2>
            <p class="section-about">{about}</p>
            {body}
        </section>
    }
    .into_any()
}

/// One thing among its like: what it is, what there is to know about it, and what can be done.
pub fn line(title: impl Into<String>, badges: Vec<&'static str>, about: impl Into<String>, acts: AnyView) -> AnyView {
    let badges = badges.into_iter().map(|text| view! { <span class="badge">{text}</span> }.into_any()).collect_view();
    view! {
        <li class="line">
            <div class="line-text">
                <p class="line-title" dir="auto">
                    {title.into()}
                    {badges}
                </p>
                <p class="hint" dir="auto">{about.into()}</p>
            </div>
            {acts}
        </li>
    }
    .into_any()
}

/// A button that is a whole form: one act with what it is about.
pub fn act(
    action: &'static str,
    fields: &[(&'static str, &str)],
    label: &'static str,
    of: &str,
    class: &str,
) -> AnyView {
    let fields = fields
        .iter()
        .map(|(name, value)| view! { <input type="hidden" name=*name value=(*value).to_owned() /> }.into_any())
        .collect_view();
    // What a screen reader hears among many alike: "Sign out Firefox on Linux".
    let name = (!of.is_empty()).then(|| format!("{label}: {of}"));
    view! {
        <form method="post" action=action>
            {fields}
            <button class=format!("button small {class}") aria-label=name>
                {label}
            </button>
        </form>
    }
    .into_any()
}

/// A choice among a few; what is stored is among them even when this page does not know it.
pub fn choose(name: &'static str, label: &'static str, options: &[(&'static str, &'static str)], now: &str) -> AnyView {
    let unknown = options.iter().all(|(value, _)| *value != now);
    let extra = unknown.then(|| view! { <option value=now.to_owned() selected>{now.to_owned()}</option> });
    let options = options
        .iter()
        .map(|(value, text)| view! { <option value=*value selected=*value == now>{*text}</option> }.into_any())
        .collect_view();
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <select id=name name=name>
                {extra}
                {options}
            </select>
        </div>
    }
    .into_any()
}

/// A box to tick.
pub fn tick(id: &'static str, name: &'static str, value: &'static str, on: bool, label: &'static str) -> AnyView {
    view! {
        <label class="check" for=id>
            <input type="checkbox" id=id name=name value=value checked=on />
            <span>{label}</span>
        </label>
    }
    .into_any()
}
