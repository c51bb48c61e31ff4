//! Accounts elsewhere that somebody can sign in with.

use super::{
    data::{Account, Settings},
    entrance::mark,
    parts,
    when::When,
};
use crate::prelude::*;

const ABOUT: &str = "Other accounts you can sign in with.";

/// See the module.
pub fn section(found: &Settings, when: When) -> AnyView {
    let body = match &found.accounts {
        Ok(accounts) => body(accounts, found, when),
        Err(problem) => parts::trouble(problem),
    };
    parts::section("connections", "Connected accounts", ABOUT, body)
}

fn body(accounts: &[Account], found: &Settings, when: When) -> AnyView {
    let providers = &found.options.providers;
    let linked: Vec<&Account> = accounts.iter().filter(|a| a.provider_id != "credential").collect();
    let only = accounts.len() == 1;
    let rows = linked
        .iter()
        .map(|account| {
            let known = providers.iter().find(|p| p.id == account.provider_id);
            let name = known.map_or_else(|| account.provider_id.clone(), |p| p.name.clone());
            let about = format!("Connected on {}.", when.date(&account.created_at));
            let (about, act) = if only {
                (format!("{about} Your only way to sign in: set a password before you disconnect it."), ().into_any())
            } else {
                (about, parts::act("/do/unlink", &[("id", &account.id)], "Disconnect", &name, ""))
            };
            parts::line(name, vec![], about, act)
        })
        .collect_view();
    let others = providers
        .iter()
        .filter(|p| linked.iter().all(|a| a.provider_id != p.id))
        .map(|provider| {
            let act = view! {
                <form method="post" action="/do/link">
                    <input type="hidden" name="provider" value=provider.id.clone() />
                    <button class="button small">{mark(&provider.id)} "Connect"</button>
                </form>
            };
            parts::line(provider.name.clone(), vec![], "Not connected.", act.into_any())
        })
        .collect_view();
    let none = (linked.is_empty() && providers.is_empty()).then(|| {
        view! { <li class="line hint">"This server offers no other way to sign in than a password."</li> }
    });
    view! {
        {found.said.note("link", &[])}
        {found.said.note("unlink", &[])}
        <ul class="box lines">{rows} {others} {none}</ul>
    }
    .into_any()
}
