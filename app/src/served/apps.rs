//! Programs of others that somebody let in, and how to shut one out.

use super::{data::Settings, parts, when::When};
use crate::prelude::*;
use domain::account::ConnectedApp;

const ABOUT: &str = "Programs such as Claude or an editor that you allowed to use your lists.";

/// See the module.
pub fn section(found: &Settings, when: When) -> AnyView {
    let body = match &found.apps {
        Ok(apps) => body(apps, found, when),
        Err(problem) => parts::trouble(problem),
    };
    parts::section("apps", "Connected apps", ABOUT, body)
}

fn body(apps: &[ConnectedApp], found: &Settings, when: When) -> AnyView {
    let rows = apps.iter().map(|app| row(app, when)).collect_view();
    let none = apps.is_empty().then(|| view! { <li class="line hint">"No app is connected."</li> });
    view! {
        {found.said.note("app-revoke", &[])}
        <ul class="box lines">{rows} {none}</ul>
    }
    .into_any()
}

fn row(app: &ConnectedApp, when: When) -> AnyView {
    let writes = app.scopes.iter().any(|scope| scope == "todo:write");
    let may = if writes { "May see and change your lists" } else { "May see your lists" };
    let used = match &app.last_used_at {
        Some(at) => format!("last used {}", when.ago(at)),
        None => "never used".into(),
    };
    let mut about = format!("{may} · let in on {} · {used}", when.date(&app.created_at));
    if let Some(host) = &app.host {
        about.push_str(&format!(" · from {host}"));
    }
    let act = parts::act("/do/app-revoke", &[("id", &app.id)], "Shut out", &app.name, "danger");
    parts::line(app.name.clone(), vec![], about, act)
}
