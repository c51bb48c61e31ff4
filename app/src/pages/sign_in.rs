//! Sign in and sign up: plain forms that the server answers with a redirect, so they need no script at all.

use crate::components::field::Field;
use crate::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// The id of the error in either form.
const ERROR: &str = "form-error";

/// What the server says about an earlier try, and what was typed then.
struct Before {
    error: Option<String>,
    email: String,
    name: String,
    /// Where to go afterwards, when it is a path of ours.
    next: Option<String>,
}

fn before() -> Before {
    let query = use_query_map();
    let query = query.read_untracked();
    let next = query.get("next").filter(|n| n.starts_with('/') && !n.starts_with("//"));
    let text = |name: &str| query.get(name).unwrap_or_default();
    Before { error: query.get("error").filter(|e| !e.is_empty()), email: text("email"), name: text("name"), next }
}

/// Signing in.
#[component]
pub fn SignIn() -> impl IntoView {
    let Before { error, email, next, .. } = before();
    let tie = error.as_ref().map(|_| ERROR);
    let other = with_next("/sign-up", next.as_deref());
    view! {
        <Title text="Sign in" />
        <Card title="Welcome back" error>
            <form method="post" action="/sign-in" class="stack">
                <Field name="email" label="E-mail" kind="email" autocomplete="username" value=email error=tie />
                <Field
                    name="password"
                    label="Password"
                    kind="password"
                    autocomplete="current-password"
                    error=tie
                />
                {next.map(|next| view! { <input type="hidden" name="next" value=next /> })}
                <button class="button primary wide">"Sign in"</button>
            </form>
            <p class="card-foot">
                "New here? " <a href=other rel="external">
                    "Create an account"
                </a>
            </p>
        </Card>
    }
    .into_any()
}

/// Signing up.
#[component]
pub fn SignUp() -> impl IntoView {
    let Before { error, email, name, next } = before();
    let tie = error.as_ref().map(|_| ERROR);
    let other = with_next("/sign-in", next.as_deref());
    view! {
        <Title text="Create an account" />
        <Card title="Create an account" error>
            <form method="post" action="/sign-up" class="stack">
                <Field
                    name="name"
                    label="Name (optional)"
                    value=name
                    autocomplete="name"
                    required=false
                    hint="What the assistant calls you."
                />
                <Field name="email" label="E-mail" kind="email" autocomplete="username" value=email error=tie />
                <Field
                    name="password"
                    label="Password"
                    kind="password"
                    autocomplete="new-password"
                    minlength=8
                    hint="At least 8 characters."
                    error=tie
                />
                {next.map(|next| view! { <input type="hidden" name="next" value=next /> })}
                <button class="button primary wide">"Create account"</button>
            </form>
            <p class="card-foot">
                "Have an account? " <a href=other rel="external">
                    "Sign in"
                </a>
            </p>
        </Card>
    }
    .into_any()
}

fn with_next(path: &str, next: Option<&str>) -> String {
    match next {
        Some(next) => format!("{path}?next={}", crate::api::encode(next)),
        None => path.to_owned(),
    }
}

#[component]
fn Card(title: &'static str, error: Option<String>, children: Children) -> impl IntoView {
    view! {
        <main class="card-page">
            <div class="card">
                <p class="brand" aria-hidden="true">
                    <span class="brand-mark"></span>
                    "Todo Chatbot"
                </p>
                <h1>{title}</h1>
                {error
                    .map(|error| {
                        view! {
                            <p class="form-error" id=ERROR role="alert">
                                {error}
                            </p>
                        }
                    })}
                {children()}
            </div>
        </main>
    }
    .into_any()
}
