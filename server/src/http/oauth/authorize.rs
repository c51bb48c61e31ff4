//! What a person sees of it: a program sends their browser here, they sign in when they have not, and answer.

use super::page;
use crate::{
    auth::cookie,
    http::{
        extract::{Peer, pairs},
        forms::form::{Form, see_other, with_query},
    },
    service::accounts::{
        Error as Refusal, Found,
        oauth::{Consented, Stopped},
    },
    state::AppState,
    store::sessions::SessionOwner,
};
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};

/// The authorization endpoint.
pub async fn authorize(State(state): State<AppState>, peer: Peer, headers: HeaderMap, uri: Uri) -> Response {
    ask(&state, &peer, &headers, &uri).await.unwrap_or_else(|Stopped(why)| page::stopped(why))
}

async fn ask(state: &AppState, Peer(peer): &Peer, headers: &HeaderMap, uri: &Uri) -> Result<Response, Stopped> {
    let pairs = pairs(uri.query().unwrap_or_default());
    let mut ids = pairs.iter().filter(|(name, _)| name == "client_id").map(|(_, id)| id.as_str());
    let (Some(id), None) = (ids.next(), ids.next()) else {
        return Err(Stopped("client_id must be there, once"));
    };
    let known = state.accounts.known_oauth_client(id).await?;
    if known.is_none() && !state.accounts.describes_itself(id) {
        return Err(Stopped("the program is unknown here, or was forgotten because nobody used it"));
    }
    // What is wrong with a request is said before anybody signs in for it.
    let early = known.as_ref().map(|client| state.accounts.read_ask(&pairs, client)).transpose()?;
    let owner = owner(state, headers).await.map_err(|error| {
        tracing::warn!(%error, "whose request it is could not be looked up");
        Stopped("something went wrong on our side; try again in a moment")
    })?;
    let Some(owner) = owner else {
        let back = uri.path_and_query().map_or("/", |path| path.as_str());
        return Ok(see_other(&with_query("/sign-in", &[("next", back.to_owned())]), []));
    };
    let client = match known {
        Some(client) => client,
        None => state.accounts.fetch_oauth_client(id, peer).await?,
    };
    let ask = match early {
        Some(ask) => ask,
        None => state.accounts.read_ask(&pairs, &client)?,
    };
    let sealed = state.accounts.seal_ask(&ask, &client, &owner.user.id, &owner.session.id);
    let sealed = sealed.ok_or(Stopped("something went wrong on our side; try again in a moment"))?;
    Ok(page::consent(&client, &ask, &owner.user.email, &sealed))
}

/// The person's answer.
pub(super) async fn consent(State(state): State<AppState>, form: Form) -> Response {
    const STALE: &str = "this page was used already, is too old, or was opened by somebody else";
    let owner = match owner(&state, &form.headers).await {
        Ok(Some(owner)) => owner,
        Ok(None) => return page::stopped(STALE),
        Err(error) => return crate::http::Error::from(error).into_response(),
    };
    let allow = form.text("decision") == "allow";
    match state.accounts.consent(form.text("request"), &owner.user.id, &owner.session.id, allow).await {
        Ok(Consented::To(url)) => on(&url),
        Ok(Consented::Stale) => page::stopped(STALE),
        Err(error) => crate::http::Error::from(error).into_response(),
    }
}

async fn owner(state: &AppState, headers: &HeaderMap) -> Result<Option<Box<SessionOwner>>, Refusal> {
    let (presented, _) = state.accounts.presented(cookie::header(headers).as_deref(), None);
    Ok(match state.accounts.session(&presented, false).await? {
        Found::Live { owner, .. } => Some(owner),
        Found::Nothing | Found::Ended => None,
    })
}

/// On to a program, at an address that was checked. Seen as a GET whatever led here, and kept by nobody.
fn on(url: &str) -> Response {
    match HeaderValue::try_from(url) {
        Ok(location) => {
            let store = HeaderValue::from_static("no-store");
            let referrer = HeaderValue::from_static("no-referrer");
            let headers =
                [(header::LOCATION, location), (header::CACHE_CONTROL, store), (header::REFERRER_POLICY, referrer)];
            (StatusCode::SEE_OTHER, headers).into_response()
        }
        Err(_) => page::stopped("the program's address cannot be gone to"),
    }
}
