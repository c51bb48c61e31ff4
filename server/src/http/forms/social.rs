//! Through another provider by plain form: signing in, and connecting an account.

use super::super::{Error, error::Result};
use super::{
    Done,
    account::owner,
    document,
    form::{Form, HOME, foreign, see_other, sentence, with_query},
};
use crate::{
    service::accounts::{Start, Started},
    state::AppState,
};
use axum::{extract::State, response::Response};

pub(super) async fn sign_in(State(state): State<AppState>, form: Form) -> Result<Response> {
    state.accounts.trust.check_sign_in(&form.headers).map_err(foreign)?;
    let provider = form.text("provider");
    let start =
        Start { callback: Some(form.next().unwrap_or(HOME)), error_callback: Some("/sign-in"), ..Start::default() };
    let tried = async {
        state.accounts.count_try("/sign-in/social", &form.client).await?;
        state.accounts.start_social(provider, &start, None).await
    };
    Ok(match tried.await {
        Ok(started) => leave(&state, provider, started),
        Err(error) => {
            let mut said = vec![("error", sentence(&Error::from(error)))];
            said.extend(form.next().map(|next| ("next", next.to_owned())));
            see_other(&with_query("/sign-in", &said), [])
        }
    })
}

pub(super) async fn link(state: &AppState, form: &Form) -> Result<Done> {
    let owner = owner(state, form).await?;
    let provider = form.text("provider");
    let start = Start {
        callback: Some("/settings?done=link&at=link"),
        error_callback: Some("/settings?at=link"),
        ..Start::default()
    };
    let started = state.accounts.start_social(provider, &start, Some(&owner)).await?;
    Ok(Done::Page(leave(state, provider, started)))
}

fn leave(state: &AppState, provider: &str, started: Started) -> Response {
    let found = state.accounts.providers().find(|known| known.id == provider);
    document::leave(&started.url, found.map_or(provider, |known| &known.name), [started.cookie])
}
