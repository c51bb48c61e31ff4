//! API tokens and connected apps by plain form. A new one is shown once, in a document of its own, so that it never stands in an address.

use super::super::{Error, error::Result};
use super::{Done, document, form::Form};
use crate::{
    actor::{Actor, Scope, Scopes},
    service::accounts::TokenWish,
    state::AppState,
};
use domain::text::Name;

pub(super) async fn create(state: &AppState, actor: &Actor, form: &Form) -> Result<Done> {
    let name = Name::parse(form.text("name")).map_err(|e| Error::field("name", e.code(), format!("name {e}")))?;
    let days = match form.text("days").trim() {
        "" => None,
        _ => Some(form.number("days")?),
    };
    let unknown = |word: &str| {
        let known = Scopes::ALL.words().join(", ");
        Error::field("scopes", "unknown", format!("scopes holds {word:?}: allowed are {known}"))
    };
    let words = form.fields.iter().filter(|(field, _)| field == "scopes").map(|(_, word)| word.as_str());
    let scopes = words.map(|word| Scope::named(word).ok_or_else(|| unknown(word))).collect::<Result<Scopes>>()?;
    let wish = TokenWish { name, scopes, days };
    let made = state.accounts.make_api_token(&actor.user, wish, &form.client).await?;
    Ok(Done::Page(document::token(&made)))
}

/// Shuts a program out that was let in.
pub(super) async fn revoke_app(state: &AppState, actor: &Actor, form: &Form) -> Result<Done> {
    state.accounts.revoke_app(&actor.user, form.row_id()?, &form.client).await?;
    Ok(Done::said())
}

pub(super) async fn revoke(state: &AppState, actor: &Actor, form: &Form) -> Result<Done> {
    state.accounts.revoke_api_token(&actor.user, form.row_id()?, &form.client).await?;
    Ok(Done::said())
}
