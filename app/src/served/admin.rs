//! The users of this installation, for administrators: find one, keep one out, share the rights.

use super::{data::Admin, parts, when::When};
use crate::prelude::*;
use domain::{account::Person, overview::Overview};

/// See the module.
pub fn page(overview: &Overview, found: &Admin) -> AnyView {
    let when = When::of(overview);
    let body = match &found.users {
        Ok(users) => list(users, found, overview, when),
        Err(problem) if problem.status == 403 => {
            view! { <p class="empty-hint">"Only administrators see this page."</p> }.into_any()
        }
        Err(problem) => parts::trouble(problem),
    };
    view! {
        <div class="view-head">
            <h1>"People"</h1>
            <a class="button small" href="/admin/use">"Use of the assistant"</a>
        </div>
        <div class="settings-body" id="people">{body}</div>
    }
    .into_any()
}

fn list(users: &[Person], found: &Admin, overview: &Overview, when: When) -> AnyView {
    let rows = users.iter().map(|person| row(person, overview, when)).collect_view();
    let none =
        users.is_empty().then(|| view! { <li class="line hint">"Nobody has that in their name or address."</li> });
    let next = found.next.as_ref().map(|cursor| {
        let address = format!("/admin?search={}&cursor={cursor}", crate::api::encode(&found.search));
        view! { <a class="button small" href=address>"More"</a> }
    });
    view! {
        <form class="find" role="search" aria-label="People" method="get" action="/admin">
            <input
                type="search"
                id="find"
                name="search"
                aria-label="Find somebody by name or e-mail address"
                placeholder="Name or e-mail address"
                value=found.search.clone()
                autocomplete="off"
            />
            <button class="button">"Find"</button>
        </form>
        {found.said.rest(&[])}
        <ul class="box lines">{rows} {none}</ul>
        <div class="below">{next}</div>
    }
    .into_any()
}

fn row(person: &Person, overview: &Overview, when: When) -> AnyView {
    let mine = overview.user.id == person.id;
    let title = if person.name.is_empty() { person.email.clone() } else { person.name.clone() };
    let badges = [
        (mine, "You"),
        (person.admin, "Administrator"),
        (person.disabled, "Disabled"),
        (!person.email_verified, "Not confirmed"),
    ];
    let badges = badges.into_iter().filter(|(so, _)| *so).map(|(_, badge)| badge).collect();
    let seen =
        person.last_seen_at.as_deref().map_or_else(|| "never seen".into(), |at| format!("last seen {}", when.ago(at)));
    let tasks = match person.tasks {
        1 => "1 task".into(),
        n => format!("{n} tasks"),
    };
    let about = format!("{} · {tasks} · {seen} · since {}", person.email, when.date(&person.created_at));
    let acts = if mine {
        // Nobody shuts themselves out by a slip.
        ().into_any()
    } else {
        let (rights, admin) = if person.admin { ("Take rights away", "false") } else { ("Make administrator", "true") };
        let (entry, disabled) = if person.disabled { ("Enable", "false") } else { ("Disable", "true") };
        let class = if person.disabled { "" } else { "danger" };
        view! {
            <div class="line-acts">
                {(!person.disabled).then(|| parts::act("/do/user", &[("id", person.id.as_str()), ("admin", admin)], rights, &title, ""))}
                {parts::act("/do/user", &[("id", person.id.as_str()), ("disabled", disabled)], entry, &title, class)}
            </div>
        }
        .into_any()
    };
    parts::line(title.clone(), badges, about, acts)
}
