//! Before somebody is signed in: signing in and up, and the two pages around a forgotten password.
//!
//! None of them says whether an address has an account here.

use super::{data::Entrance, parts::Field};
use crate::{api::encode, prelude::*};
use domain::account::ProviderInfo;
use leptos_meta::Title;

/// Addresses of these pages.
pub const PATHS: [&str; 4] = ["/sign-in", "/sign-up", "/forgot-password", "/reset-password"];

/// What whoever runs the server types for somebody who cannot get mail.
const RESET_LINK: &str = "todo-chatbot user reset-link you@example.org";

/// The page, from inside `body`.
pub fn page(entrance: &Entrance) -> AnyView {
    let (title, body) = match entrance.path.as_str() {
        "/sign-up" if entrance.options.sign_up => ("Create an account", sign_up(entrance)),
        "/sign-up" => ("Sign-up is closed", closed()),
        "/forgot-password" => ("Forgot your password?", forgot(entrance)),
        "/reset-password" => ("Choose a new password", reset(entrance)),
        _ => ("Welcome back", sign_in(entrance)),
    };
    let name = if entrance.path == "/sign-in" { "Sign in" } else { title };
    view! {
        <Title text=name />
        <main class="card-page">
            <div class="card">
                <p class="brand" aria-hidden="true">
                    <span class="brand-mark"></span>
                    "Todo Chatbot"
                </p>
                <h1>{title}</h1>
                {entrance.said.rest(&[])}
                {body}
            </div>
        </main>
    }
    .into_any()
}

fn sign_in(entrance: &Entrance) -> AnyView {
    let next = entrance.next.as_deref();
    let forgotten = if entrance.email.is_empty() {
        "/forgot-password".to_owned()
    } else {
        format!("/forgot-password?email={}", encode(&entrance.email))
    };
    let sign_up = entrance.options.sign_up.then(|| {
        view! {
            <p class="card-foot">"New here? " <a href=with_next("/sign-up", next)>"Create an account"</a></p>
        }
    });
    view! {
        <form method="post" action="/sign-in" class="stack">
            {Field::email("E-mail").value(&entrance.email).draw()}
            {Field::password("password", "Password").draw()}
            {hidden_next(next)}
            <button class="button primary wide">"Sign in"</button>
        </form>
        <p class="card-aside">
            <a href=forgotten>"Forgot password?"</a>
        </p>
        {providers(&entrance.options.providers, next)}
        {sign_up}
    }
    .into_any()
}

fn sign_up(entrance: &Entrance) -> AnyView {
    let next = entrance.next.as_deref();
    let name = Field::text("name", "Name")
        .autocomplete("name")
        .optional()
        .hint("What the assistant calls you. You may leave it empty.");
    view! {
        <form method="post" action="/sign-up" class="stack">
            {name.value(&entrance.name).draw()}
            {Field::email("E-mail").value(&entrance.email).draw()}
            {Field::new_password("Password").draw()}
            {hidden_next(next)}
            <button class="button primary wide">"Create account"</button>
        </form>
        {providers(&entrance.options.providers, next)}
        <p class="card-foot">"Have an account? " <a href=with_next("/sign-in", next)>"Sign in"</a></p>
    }
    .into_any()
}

fn closed() -> AnyView {
    view! {
        <p class="card-text">
            "Nobody can make an account here on their own. Whoever runs this server can make one for you."
        </p>
        {back_to_sign_in()}
    }
    .into_any()
}

fn forgot(entrance: &Entrance) -> AnyView {
    if !entrance.options.mail {
        return view! {
            <p class="card-text">
                "This server has no mail set up, so it cannot send you a link. Ask whoever runs it to make one with this command, and open the link within the hour:"
            </p>
            <pre class="code" tabindex="0"><code>{RESET_LINK}</code></pre>
            {back_to_sign_in()}
        }
        .into_any();
    }
    view! {
        <p class="card-text">"Say where we can reach you, and we send a link to choose a new one."</p>
        <form method="post" action="/forgot-password" class="stack">
            {Field::email("E-mail").value(&entrance.email).draw()}
            <button class="button primary wide">"Send the link"</button>
        </form>
        {back_to_sign_in()}
    }
    .into_any()
}

fn reset(entrance: &Entrance) -> AnyView {
    if entrance.token.is_empty() {
        let why = (!entrance.said.has_error()).then(|| {
            view! { <p class="card-text">"This page opens from the link in a mail, and this address is not the whole link."</p> }
        });
        return view! {
            {why}
            <p class="card-act">
                <a href="/forgot-password" class="button primary wide">"Ask for a new link"</a>
            </p>
            {back_to_sign_in()}
        }
        .into_any();
    }
    let again = entrance.said.has_error().then(|| {
        view! { <p class="card-foot">"Link used or too old? " <a href="/forgot-password">"Ask for a new one"</a></p> }
    });
    view! {
        <form method="post" action="/reset-password" class="stack">
            <input type="hidden" name="token" value=entrance.token.clone() />
            {Field::new_password("New password").draw()}
            <button class="button primary wide">"Set password"</button>
        </form>
        {again}
        {back_to_sign_in()}
    }
    .into_any()
}

/// Other ways in, each a form of its own so that it needs no script.
fn providers(providers: &[ProviderInfo], next: Option<&str>) -> AnyView {
    if providers.is_empty() {
        return ().into_any();
    }
    let buttons = providers
        .iter()
        .map(|provider| {
            view! {
                <form method="post" action="/sign-in/social">
                    <input type="hidden" name="provider" value=provider.id.clone() />
                    {hidden_next(next)}
                    <button class="button wide">{mark(&provider.id)} "Continue with " {provider.name.clone()}</button>
                </form>
            }
            .into_any()
        })
        .collect_view();
    view! {
        <p class="or" aria-hidden="true">"or"</p>
        <div class="providers">{buttons}</div>
    }
    .into_any()
}

/// A provider's own sign, where it asks to be shown with it.
pub fn mark(provider: &str) -> AnyView {
    if provider != "google" {
        return ().into_any();
    }
    view! {
        <svg class="mark" viewBox="0 0 48 48" aria-hidden="true">
            <path fill="#ea4335" d="M24 9.5c3.54 0 6.71 1.22 9.21 3.6l6.85-6.85C35.9 2.38 30.47 0 24 0 14.62 0 6.51 5.38 2.56 13.22l7.98 6.19C12.43 13.72 17.74 9.5 24 9.5z"></path>
            <path fill="#4285f4" d="M46.98 24.55c0-1.57-.15-3.09-.38-4.55H24v9.02h12.94c-.58 2.96-2.26 5.48-4.78 7.18l7.73 6c4.51-4.18 7.09-10.36 7.09-17.65z"></path>
            <path fill="#fbbc05" d="M10.53 28.59c-.48-1.45-.76-2.99-.76-4.59s.27-3.14.76-4.59l-7.98-6.19C.92 16.46 0 20.12 0 24c0 3.88.92 7.54 2.56 10.78l7.97-6.19z"></path>
            <path fill="#34a853" d="M24 48c6.48 0 11.93-2.13 15.89-5.81l-7.73-6c-2.15 1.45-4.92 2.3-8.16 2.3-6.26 0-11.57-4.22-13.47-9.91l-7.98 6.19C6.51 42.62 14.62 48 24 48z"></path>
        </svg>
    }
    .into_any()
}

fn hidden_next(next: Option<&str>) -> AnyView {
    next.map(|next| view! { <input type="hidden" name="next" value=next.to_owned() /> }).into_any()
}

fn back_to_sign_in() -> AnyView {
    view! {
        <p class="card-foot">
            <a href="/sign-in">"Back to sign in"</a>
        </p>
    }
    .into_any()
}

fn with_next(path: &str, next: Option<&str>) -> String {
    match next {
        Some(next) => format!("{path}?next={}", encode(next)),
        None => path.to_owned(),
    }
}
