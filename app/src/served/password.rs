//! The password: changing it, or setting a first one for somebody who signs in with another account.

use super::{
    data::Settings,
    parts::{self, Field},
};
use crate::prelude::*;
use domain::overview::Overview;

/// See the module.
pub fn section(overview: &Overview, found: &Settings) -> AnyView {
    let has_one = found.accounts.as_ref().map_or(true, |all| all.iter().any(|a| a.provider_id == "credential"));
    let body = if has_one { change(overview, found) } else { set(overview, found) };
    parts::section("password", "Password", "What you sign in with, besides your e-mail address.", body)
}

fn change(overview: &Overview, found: &Settings) -> AnyView {
    let said = &found.said;
    view! {
        <form class="box stack" method="post" action="/do/password">
            {said.note("password", &["current", "password"])}
            // So that a password manager knows whose password it keeps.
            <input type="text" name="username" autocomplete="username" value=overview.user.email.clone() hidden />
            {Field::password("current", "Current password")
                .id("current-password")
                .error(said.about("password", "current"))
                .draw()}
            {Field::new_password("New password").id("new-password").error(said.about("password", "password")).draw()}
            {parts::tick("sign-out-others", "others", "on", true, "Sign out my other devices")}
            <div class="form-foot">
                <button class="button primary">"Change password"</button>
            </div>
        </form>
    }
    .into_any()
}

fn set(overview: &Overview, found: &Settings) -> AnyView {
    let how = if found.options.mail {
        view! {
            <form method="post" action="/forgot-password">
                <input type="hidden" name="email" value=overview.user.email.clone() />
                <input type="hidden" name="next" value="/settings?done=sent&at=password#password" />
                <button class="button">"Send me a link to set one"</button>
            </form>
        }
        .into_any()
    } else {
        view! {
            <p class="hint">
                "This server has no mail set up. Whoever runs it can make you a link to set one: "
                <code>{format!("todo-chatbot user reset-link {}", overview.user.email)}</code>
            </p>
        }
        .into_any()
    };
    view! {
        <div class="box stack">
            {found.said.note("password", &[])}
            <p>"You sign in with another account and have no password here."</p>
            {how}
        </div>
    }
    .into_any()
}
