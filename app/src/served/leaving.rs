//! Taking everything along, and leaving.

use super::{
    data::Settings,
    parts::{self, Field},
};
use crate::prelude::*;
use domain::overview::Overview;

/// See the module.
pub fn section(overview: &Overview, found: &Settings) -> AnyView {
    let said = &found.said;
    let has_password = found.accounts.as_ref().map_or(true, |all| all.iter().any(|a| a.provider_id == "credential"));
    let password = has_password.then(|| {
        Field::password("password", "Your password")
            .id("delete-password")
            .error(said.about("delete-account", "password"))
            .draw()
    });
    let body = view! {
        {said.note("export", &[])}
        <div class="box">
            <div class="line">
                <div class="line-text">
                    <p class="line-title">"Download everything"</p>
                    <p class="hint">"Tasks, projects, labels, conversations and settings as one JSON file."</p>
                </div>
                <a class="button small" href="/api/me/export" download="" rel="external">"Download"</a>
            </div>
        </div>
        <details class="box fold danger" open=said.refused("delete-account")>
            <summary>"Delete my account"</summary>
            <form class="stack" method="post" action="/do/delete-account">
                {said.note("delete-account", &["confirm", "password"])}
                <p>
                    "This deletes your account and everything in it: tasks and trash, projects, labels, conversations, API tokens and connected accounts. It happens at once and cannot be undone; there is no copy with us. Download your data first if you may want it."
                </p>
                {Field::text("confirm", "To confirm, type your e-mail address")
                    .error(said.about("delete-account", "confirm"))
                    .draw()}
                <p class="hint">"It is " <strong>{overview.user.email.clone()}</strong>"."</p>
                {password}
                <div class="form-foot">
                    <button class="button danger">"Delete everything"</button>
                </div>
            </form>
        </details>
    }
    .into_any();
    parts::section("data", "Your data", "It is yours: take it with you, or take it away.", body)
}
