//! Where somebody is signed in.

use super::{agent, data::Settings, parts, when::When};
use crate::prelude::*;
use domain::account::SessionInfo;

const ABOUT: &str = "Where you are signed in. If you do not know one of them, sign it out and change your password.";

/// See the module.
pub fn section(found: &Settings, when: When) -> AnyView {
    let body = match &found.sessions {
        Ok(sessions) => body(sessions, found, when),
        Err(problem) => parts::trouble(problem),
    };
    parts::section("devices", "Devices", ABOUT, body)
}

fn body(sessions: &[SessionInfo], found: &Settings, when: When) -> AnyView {
    let (here, others): (Vec<&SessionInfo>, Vec<&SessionInfo>) = sessions.iter().partition(|s| s.current);
    let rows = here.into_iter().chain(others.iter().copied()).map(|session| row(session, when)).collect_view();
    let all = (!others.is_empty()).then(|| {
        view! {
            <div class="below">
                {parts::act("/do/sessions", &[], "Sign out all other devices", "", "danger")}
            </div>
        }
    });
    view! {
        {found.said.note("session", &[])}
        {found.said.note("sessions", &[])}
        <ul class="box lines">{rows}</ul>
        {all}
    }
    .into_any()
}

fn row(session: &SessionInfo, when: When) -> AnyView {
    let name = agent::name(&session.agent);
    let place = if session.address.is_empty() { String::new() } else { format!(" · {}", session.address) };
    let since = when.ago(&session.created_at);
    if session.current {
        let act = parts::act("/sign-out", &[], "Sign out", "", "");
        return parts::line(name, vec!["This device"], format!("Signed in {since}{place}"), act);
    }
    let seen = when.ago(&session.updated_at);
    let act = parts::act("/do/session", &[("id", &session.id)], "Sign out", &name, "");
    parts::line(name, vec![], format!("Last seen {seen}{place} · signed in {since}"), act)
}
