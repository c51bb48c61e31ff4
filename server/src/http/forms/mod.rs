//! Plain forms, for pages without script: decode, call the service the API calls, and send the browser on with 303.
//!
//! A browser goes to `next` when that is a path of ours, else back to where it came from. What went wrong travels as a
//! sentence in `?error=`, with the form (`at`) and the field it is about, and what was done as a word in `?done=`; the
//! page shows them. What was typed to sign in travels with it. A password or a token never travels in an address. Every
//! form is checked for where it was sent from, like any other request with a cookie. A file a noun, as in `service`.

mod account;
mod admin;
mod chat;
pub(super) mod document;
mod entrance;
pub(super) mod form;
mod settings;
mod social;
mod tasks;
mod tokens;

use super::{Error, error::Result, extract};
use crate::{auth::cookie, state::AppState};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Path, State},
    response::Response,
    routing::post,
};
use form::{Form, HOME, see_other, sentence, with_query};

/// The routes.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/sign-in", post(entrance::sign_in))
        .route("/sign-in/social", post(social::sign_in))
        .route("/sign-up", post(entrance::sign_up))
        .route("/sign-out", post(entrance::sign_out))
        .route("/forgot-password", post(entrance::forgot_password))
        .route("/reset-password", post(entrance::reset_password))
        .route("/do/{act}", post(act))
        .layer(DefaultBodyLimit::max(extract::BODY_MAX))
}

/// Where the browser goes when an act was done.
#[derive(Debug)]
enum Done {
    /// Where it came from; what changed shows there.
    Back,
    /// To that page.
    To(String),
    /// Where it came from, with the word that it was done and with these cookies.
    Said(Vec<String>),
    /// Away from what only the signed-in see, with these cookies.
    Out(&'static str, Vec<String>),
    /// A document of its own.
    Page(Response),
}

impl Done {
    fn said() -> Self {
        Self::Said(Vec::new())
    }
}

/// `/do/…`: what a signed-in person can do without script.
async fn act(State(state): State<AppState>, Path(name): Path<String>, form: Form) -> Result<Response> {
    let cookies = cookie::header(&form.headers);
    let Some(visitor) = state.accounts.authenticate(cookies.as_deref(), None).await? else {
        let next = form.next().map(str::to_owned).or_else(|| form.back()).unwrap_or_else(|| HOME.into());
        return Ok(see_other(&with_query("/sign-in", &[("next", next)]), []));
    };
    let (state, actor) = (&state, &visitor.actor);
    let (done, about_account) = match name.as_str() {
        "add" => (tasks::add(state, actor, &form).await, false),
        "complete" => (tasks::complete(state, actor, &form).await, false),
        "delete" => (tasks::delete(state, actor, &form).await, false),
        "restore" => (tasks::restore(state, actor, &form).await, false),
        "undo" => (tasks::undo(state, actor, &form).await, false),
        "update" => (tasks::update(state, actor, &form).await, false),
        "chat" => (chat::chat(state, actor, &form).await, false),
        "approve" => (chat::approve(state, actor, &form).await, false),
        "chat-stop" => (chat::stop(state, actor, &form).await, false),
        "chat-retry" => (chat::retry(state, actor, &form).await, false),
        "settings" => (settings::settings(state, actor, &form).await, true),
        "password" => (account::password(state, &form).await, true),
        "email" => (account::email(state, &form).await, true),
        "verify-email" => (account::verify_email(state, &form).await, true),
        "session" => (account::session(state, &visitor, &form).await, true),
        "sessions" => (account::sessions(state, &visitor, &form).await, true),
        "token" => (tokens::create(state, actor, &form).await, true),
        "token-revoke" => (tokens::revoke(state, actor, &form).await, true),
        "app-revoke" => (tokens::revoke_app(state, actor, &form).await, true),
        "link" => (social::link(state, &form).await, true),
        "unlink" => (account::unlink(state, &form).await, true),
        "delete-account" => (account::delete(state, &form).await, true),
        "user" => (admin::user(state, actor, &form).await, true),
        _ => return Err(Error::not_found()),
    };
    // A page with several forms shows at the right one what came of it.
    let at = form.given("at").unwrap_or(&name).chars().take(40).collect::<String>();
    let back = || form.back().unwrap_or_else(|| HOME.to_owned());
    let next = || form.next().map_or_else(back, str::to_owned);
    let renewed = || state.accounts.renewed(&visitor.session);
    Ok(match done {
        Ok(Done::Back) => see_other(&next(), renewed()),
        Ok(Done::To(place)) => see_other(form.next().unwrap_or(&place), renewed()),
        Ok(Done::Said(cookies)) => {
            let place = with_query(&next(), &[("done", name), ("at", at)]);
            // A new session's cookie, when there is one, comes last and counts.
            see_other(&place, renewed().into_iter().chain(cookies))
        }
        Ok(Done::Out(place, cookies)) => see_other(place, cookies),
        Ok(Done::Page(page)) => page,
        Err(error) => {
            let mut said = vec![("error", sentence(&error))];
            if about_account {
                said.push(("at", at));
                said.extend(error.problem().errors.into_iter().next().map(|first| ("field", first.field)));
            }
            see_other(&with_query(&back(), &said), renewed())
        }
    })
}
