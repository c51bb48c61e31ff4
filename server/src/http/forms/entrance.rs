//! The doors of the house: in, out, a new account, a forgotten password.

use super::super::{Error, error::Result};
use super::form::{Form, HOME, cut, foreign, see_other, sentence, with_query};
use crate::{
    auth::cookie,
    service::accounts::{self, NewAccount, SignedIn, SignedUp},
    state::AppState,
};
use axum::{extract::State, response::Response};

pub(super) async fn sign_in(State(state): State<AppState>, form: Form) -> Result<Response> {
    state.accounts.trust.check_sign_in(&form.headers).map_err(foreign)?;
    let tried = async {
        state.accounts.count_try("/sign-in/email", &form.client).await?;
        state.accounts.sign_in(form.text("email").trim(), form.text("password"), true, None, &form.client).await
    };
    Ok(entered(&state, &form, "/sign-in", tried.await))
}

pub(super) async fn sign_up(State(state): State<AppState>, form: Form) -> Result<Response> {
    state.accounts.trust.check_sign_in(&form.headers).map_err(foreign)?;
    let new = NewAccount {
        name: form.text("name"),
        email: form.text("email").trim(),
        password: form.text("password"),
        image: None,
        remember: true,
    };
    let tried = async {
        state.accounts.count_try("/sign-up/email", &form.client).await?;
        state.accounts.sign_up(&new, form.next(), &form.client).await
    };
    Ok(match tried.await {
        Ok(SignedUp::In(done)) => entered(&state, &form, "/sign-up", Ok(done)),
        Ok(SignedUp::Unproven(_)) => see_other("/sign-in?done=verify", []),
        Err(error) => entered(&state, &form, "/sign-up", Err(error)),
    })
}

pub(super) fn entered(
    state: &AppState,
    form: &Form,
    door: &str,
    tried: std::result::Result<SignedIn, accounts::Error>,
) -> Response {
    match tried {
        Ok(done) => {
            let (before, _) = state.accounts.presented(cookie::header(&form.headers).as_deref(), None);
            let lines = state.accounts.cookies.signed_in(&done.token, done.remembered, &before);
            see_other(form.next().unwrap_or(HOME), lines)
        }
        Err(error) => {
            let mut kept = vec![("error", sentence(&Error::from(error)))];
            kept.extend(["email", "name"].map(|name| (name, cut(form.text(name), accounts::NAME_MAX))));
            kept.extend(form.next().map(|next| ("next", next.to_owned())));
            kept.retain(|(_, text)| !text.is_empty());
            see_other(&with_query(door, &kept), [])
        }
    }
}

pub(super) async fn sign_out(State(state): State<AppState>, form: Form) -> Result<Response> {
    let (presented, _) = state.accounts.presented(cookie::header(&form.headers).as_deref(), None);
    state.accounts.sign_out(&presented, &form.client).await?;
    Ok(see_other("/sign-in", state.accounts.cookies.clear()))
}

/// The same answer for every address, whether somebody has it or not.
pub(super) async fn forgot_password(State(state): State<AppState>, form: Form) -> Result<Response> {
    state.accounts.trust.check_sign_in(&form.headers).map_err(foreign)?;
    let address = form.text("email").trim();
    let tried = async {
        state.accounts.count_try("/request-password-reset", &form.client).await?;
        state.accounts.request_password_reset(address, Some("/reset-password"), &form.client).await
    };
    Ok(match tried.await {
        Ok(()) => see_other(form.next().unwrap_or("/forgot-password?done=sent"), []),
        Err(error) => {
            let said = [("error", sentence(&Error::from(error))), ("email", cut(address, accounts::NAME_MAX))];
            see_other(&with_query("/forgot-password", &said), [])
        }
    })
}

/// The link of a letter ends here. When the new password cannot be taken, the browser goes back to the page of that
/// link, which is the only place where its token stands in an address.
pub(super) async fn reset_password(State(state): State<AppState>, form: Form) -> Result<Response> {
    state.accounts.trust.check_sign_in(&form.headers).map_err(foreign)?;
    let tried = async {
        state.accounts.count_try("/reset-password", &form.client).await?;
        state.accounts.reset_password(form.text("token"), form.text("password"), &form.client).await
    };
    Ok(match tried.await {
        Ok(()) => see_other("/sign-in?done=reset", []),
        Err(error) => {
            let back = form.back().filter(|back| back.starts_with("/reset-password"));
            let error = sentence(&Error::from(error));
            see_other(&with_query(back.as_deref().unwrap_or("/forgot-password"), &[("error", error)]), [])
        }
    })
}
