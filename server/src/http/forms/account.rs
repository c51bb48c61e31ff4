//! One's own account by plain form: password, address, sessions, connected accounts, and leaving.

use super::super::{Error, error::Result};
use super::{Done, form::Form};
use crate::{
    auth::cookie,
    service::accounts::{self, Deletion, Found, Visitor},
    state::AppState,
    store::{account_rows::CREDENTIAL, sessions::SessionOwner},
};

/// Where somebody goes who has no session any more.
const SIGNED_OUT: &str = "/sign-in?done=signed-out";

/// The session with its owner; the visitor was found a moment ago.
pub(super) async fn owner(state: &AppState, form: &Form) -> Result<Box<SessionOwner>> {
    let (presented, _) = state.accounts.presented(cookie::header(&form.headers).as_deref(), None);
    match state.accounts.session(&presented, false).await? {
        Found::Live { owner, .. } => Ok(owner),
        Found::Nothing | Found::Ended => Err(Error::unauthorized()),
    }
}

pub(super) async fn password(state: &AppState, form: &Form) -> Result<Done> {
    state.accounts.count_try("/change-password", &form.client).await?;
    let owner = owner(state, form).await?;
    let (current, new) = (form.text("current"), form.text("password"));
    let others = form.flag("others")?.unwrap_or(false);
    let again = state.accounts.change_password(&owner, current, new, others, &form.client).await?;
    let (before, _) = state.accounts.presented(cookie::header(&form.headers).as_deref(), None);
    let lines = again.map(|done| state.accounts.cookies.signed_in(&done.token, done.remembered, &before));
    Ok(Done::Said(lines.unwrap_or_default()))
}

pub(super) async fn email(state: &AppState, form: &Form) -> Result<Done> {
    state.accounts.count_try("/change-email", &form.client).await?;
    let owner = owner(state, form).await?;
    let then = "/settings?done=verified&at=email";
    state.accounts.change_email(&owner, form.text("email").trim(), Some(then)).await?;
    Ok(Done::said())
}

pub(super) async fn verify_email(state: &AppState, form: &Form) -> Result<Done> {
    state.accounts.count_try("/send-verification-email", &form.client).await?;
    let owner = owner(state, form).await?;
    let then = "/settings?done=verified&at=verify-email";
    state.accounts.send_verification(Some(&owner), &owner.user.email, Some(then)).await?;
    Ok(Done::said())
}

pub(super) async fn session(state: &AppState, visitor: &Visitor, form: &Form) -> Result<Done> {
    let id = form.row_id()?;
    if !state.accounts.end_device(&visitor.actor.user, id, &form.client).await? {
        return Err(crate::service::Error::NotFound { what: "such session any more".into() }.into());
    }
    if id == visitor.session.id {
        return Ok(Done::Out(SIGNED_OUT, state.accounts.cookies.clear()));
    }
    Ok(Done::said())
}

pub(super) async fn sessions(state: &AppState, visitor: &Visitor, form: &Form) -> Result<Done> {
    state.accounts.revoke_others(&visitor.actor.user, &visitor.session.token, &form.client).await?;
    Ok(Done::said())
}

pub(super) async fn unlink(state: &AppState, form: &Form) -> Result<Done> {
    let owner = owner(state, form).await?;
    let id = form.row_id()?;
    state.accounts.unlink_account(&owner, |account| account.id == id, &form.client).await?;
    Ok(Done::said())
}

/// Asks twice: the address has to be typed, and the password by whoever has one.
pub(super) async fn delete(state: &AppState, form: &Form) -> Result<Done> {
    state.accounts.count_try("/delete-user", &form.client).await?;
    let owner = owner(state, form).await?;
    if !form.text("confirm").trim().eq_ignore_ascii_case(&owner.user.email) {
        let why = format!("To delete your account, type its e-mail address: {}", owner.user.email);
        return Err(Error::field("confirm", "different", why));
    }
    let password = form.given("password").filter(|password| !password.is_empty());
    let ways = state.accounts.list_accounts(&owner.user.id).await?;
    if password.is_none() && ways.iter().any(|way| way.provider == CREDENTIAL) {
        return Err(Error::field("password", "missing", "Your password is needed to delete your account."));
    }
    let then = "/sign-in?done=deleted";
    match state.accounts.delete_user(&owner, password, Some(then), &form.client).await {
        Ok(Deletion::Done) => Ok(Done::Out(then, state.accounts.cookies.clear())),
        Ok(Deletion::Asked) => Ok(Done::said()),
        Err(accounts::Error::WrongPassword) => Err(Error::field("password", "wrong", "The password is wrong.")),
        Err(error) => Err(error.into()),
    }
}
