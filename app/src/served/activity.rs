//! What happened to the account, in sentences.

use super::{agent, data::Settings, parts, when::When};
use crate::prelude::*;
use domain::account::AuditEntry;

const ABOUT: &str = "What happened to your account, newest first. Something you did not do? Change your password.";

/// See the module.
pub fn section(found: &Settings, when: When) -> AnyView {
    let body = match &found.events {
        Ok(events) => body(events, found, when),
        Err(problem) => parts::trouble(problem),
    };
    parts::section("activity", "Activity", ABOUT, body)
}

fn body(events: &[AuditEntry], found: &Settings, when: When) -> AnyView {
    let rows = events.iter().map(|event| row(event, when)).collect_view();
    let none = events.is_empty().then(|| view! { <li class="line hint">"Nothing yet."</li> });
    let newest = found.paged.then(|| {
        view! { <a class="button small" href="/settings#activity" data-swap="activity">"Newest"</a> }
    });
    let older = found.older.as_ref().map(|cursor| {
        let address = format!("/settings?before={cursor}#activity");
        view! { <a class="button small" href=address data-swap="activity">"Older"</a> }
    });
    view! {
        <ul class="box lines">{rows} {none}</ul>
        <div class="below">{newest} {older}</div>
    }
    .into_any()
}

fn row(event: &AuditEntry, when: When) -> AnyView {
    let device = if event.agent.is_empty() { String::new() } else { agent::name(&event.agent) };
    let about = [when.stamp(&event.at), device, event.address.clone()];
    let about: Vec<String> = about.into_iter().filter(|part| !part.is_empty()).collect();
    parts::line(sentence(&event.kind, &event.detail), vec![], about.join(" · "), ().into_any())
}

/// An event in a sentence. A kind this page does not know yet is shown by its word.
fn sentence(kind: &str, detail: &str) -> String {
    let with = |plain: &str, joint: &str| match detail {
        "" => plain.to_owned(),
        detail => format!("{plain}{joint}{detail}"),
    };
    match kind {
        "signed_up" => "Your account was made".into(),
        "signed_in" => match detail {
            "" => "Signed in".into(),
            "password" => "Signed in with the password".into(),
            "google" => "Signed in with Google".into(),
            other => format!("Signed in with {other}"),
        },
        "sign_in_failed" => "Somebody tried to sign in and failed".into(),
        "signed_out" => "Signed out".into(),
        "sessions_revoked" => "Other devices were signed out".into(),
        "password_changed" => "Your password was changed".into(),
        "password_wrong" => "A wrong current password was given".into(),
        "reset_requested" => "A link to set a new password was asked for".into(),
        "password_reset" => "Your password was set anew".into(),
        "email_verified" => "Your e-mail address was confirmed".into(),
        "email_changed" => "Your e-mail address was changed".into(),
        "account_linked" => with("An account was connected", ": "),
        "account_unlinked" => with("An account was disconnected", ": "),
        "token_created" => with("An API token was made", ": "),
        "token_revoked" => with("An API token was revoked", ": "),
        "app_connected" => with("An app was let in", ": "),
        "app_revoked" => with("An app was shut out", ": "),
        "app_shut_out" => with("An app was shut out because its token was used twice", ": "),
        "disabled" => "An administrator disabled your account".into(),
        "enabled" => "An administrator enabled your account".into(),
        "rights_changed" => with("Your rights were changed", ": "),
        "exported" => "All your data was downloaded".into(),
        "imported" => with("Data was imported", ": "),
        unknown => with(&unknown.replace('_', " "), ": "),
    }
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn events_are_sentences() {
        assert_eq!(sentence("signed_in", "google"), "Signed in with Google");
        assert_eq!(sentence("token_created", "Backup"), "An API token was made: Backup");
        assert_eq!(sentence("something_new", ""), "something new");
    }
}
