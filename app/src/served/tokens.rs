//! Tokens for a person's own programs: what there is, making one, and how it is used.

use super::{
    data::Settings,
    parts::{self, Field},
    when::When,
};
use crate::prelude::*;
use domain::{account::ApiToken, overview::Overview};

const ABOUT: &str =
    "For your own scripts and programs. A token can do what you tick and nothing else, and never signs in.";

/// What a token may be allowed: the word on the wire, and what it means.
const SCOPES: [(&str, &str, &str); 4] = [
    ("read", "scope-read", "Read tasks, projects and settings"),
    ("write", "scope-write", "Add, change and delete them"),
    ("chat", "scope-chat", "Talk to the assistant"),
    ("admin", "scope-admin", "Administer users"),
];

const DAYS: [(&str, &str); 5] =
    [("30", "30 days"), ("7", "7 days"), ("90", "90 days"), ("365", "One year"), ("", "It does not expire")];

/// See the module.
pub fn section(overview: &Overview, found: &Settings, when: When) -> AnyView {
    let rows = match &found.tokens {
        Ok(tokens) if tokens.is_empty() => ().into_any(),
        Ok(tokens) => {
            let rows = tokens.iter().map(|token| row(token, when)).collect_view();
            view! { <ul class="box lines">{rows}</ul> }.into_any()
        }
        Err(problem) => parts::trouble(problem),
    };
    let empty = found.tokens.as_ref().is_ok_and(Vec::is_empty);
    let body = view! {
        {found.said.note("token-revoke", &[])}
        // A new token is shown here, once, where scripts run; elsewhere on a page of its own.
        <div class="once" id="new-token" tabindex="-1" hidden>
            <p>"Here it is. Copy it now: it is not shown again."</p>
            <pre class="code"><code></code></pre>
            <div>
                <button type="button" class="button small">"Copy"</button>
            </div>
        </div>
        {rows}
        <details class="box fold" open=found.said.refused("token")>
            <summary>{if empty { "Make a token" } else { "Make another token" }}</summary>
            {form(overview, found)}
        </details>
        <details class="box fold">
            <summary>"How to use it"</summary>
            <p class="hint">"Send it with each request. The whole API is described at "<a href="/api/openapi.json" rel="external">"/api/openapi.json"</a>"."</p>
            <pre class="code" tabindex="0"><code>
                "curl -H \"Authorization: Bearer tdc_…\" \\\n     "
                <span data-origin="">"https://todo.example.org"</span>
                "/api/me/tasks"
            </code></pre>
        </details>
    }
    .into_any();
    parts::section("tokens", "API tokens", ABOUT, body)
}

fn form(overview: &Overview, found: &Settings) -> AnyView {
    let said = &found.said;
    let scopes = SCOPES
        .iter()
        .filter(|(word, ..)| *word != "admin" || overview.admin)
        .map(|(word, id, meaning)| parts::tick(id, "scopes", word, *word == "read", meaning))
        .collect_view();
    let scopes_error =
        said.about("token", "scopes").map(|error| view! { <p class="field-error" role="alert">{error}</p> });
    view! {
        <form class="stack" method="post" action="/do/token">
            {said.note("token", &["name", "scopes"])}
            {Field::text("name", "Name")
                .id("token-name")
                .hint("To know it by later, such as “Backup script”.")
                .error(said.about("token", "name"))
                .draw()}
            <fieldset class="checks">
                <legend class="field-label">"It may"</legend>
                {scopes}
                {scopes_error}
            </fieldset>
            {parts::choose("days", "It expires after", &DAYS, "30")}
            <div class="form-foot">
                <button class="button primary">"Make the token"</button>
            </div>
        </form>
    }
    .into_any()
}

fn row(token: &ApiToken, when: When) -> AnyView {
    let expired = token.expires_at.as_deref().is_some_and(|at| when.is_past(at));
    let expiry = match &token.expires_at {
        Some(at) if expired => format!("expired on {}", when.date(at)),
        Some(at) => format!("expires on {}", when.date(at)),
        None => "does not expire".into(),
    };
    let used = match &token.last_used_at {
        Some(at) => format!("last used {}", when.ago(at)),
        None => "never used".into(),
    };
    let about = format!("May {} · {used} · {expiry}", token.scopes.join(", "));
    let badges = if expired { vec!["Expired"] } else { vec![] };
    let act = parts::act("/do/token-revoke", &[("id", &token.id)], "Revoke", &token.name, "danger");
    parts::line(token.name.clone(), badges, about, act)
}
