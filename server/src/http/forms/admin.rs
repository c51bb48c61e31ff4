//! Other people's accounts by plain form, for admins.

use super::super::{Error, error::Result};
use super::{Done, form::Form};
use crate::{
    actor::Actor,
    service::accounts::{Authority, Rights},
    state::AppState,
};
use domain::id::UserId;

pub(super) async fn user(state: &AppState, actor: &Actor, form: &Form) -> Result<Done> {
    let rights = Rights { admin: form.flag("admin")?, disabled: form.flag("disabled")? };
    let id = UserId(form.row_id()?.to_owned());
    if rights.admin.is_none() && rights.disabled.is_none() {
        return Err(Error::field("disabled", "missing", "disabled or admin is needed"));
    }
    state.accounts.set_rights(Authority::Admin(actor, &form.client), &id, rights).await?;
    Ok(Done::said())
}
