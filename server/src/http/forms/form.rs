//! What a browser without script sends, and how it is sent on.

use super::super::{Error, error::Result, extract, headers::set_cookies};
use crate::{
    auth::{client::Client, cookie, origin, target},
    state::AppState,
};
use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::id::TaskId;
use url::{Url, form_urlencoded};

/// Where a signed-in browser goes that has nowhere else to go.
pub(super) const HOME: &str = "/today";
/// Longest sentence carried in an address, in characters.
const SENTENCE_MAX: usize = 300;
/// What an earlier form had to say: not carried along.
const SAID: [&str; 4] = ["error", "done", "at", "field"];

/// A form that was sent.
pub(in crate::http) struct Form {
    pub(in crate::http) fields: Vec<(String, String)>,
    pub(in crate::http) headers: HeaderMap,
    pub(in crate::http) client: Client,
}

impl FromRequest<AppState> for Form {
    type Rejection = Error;
    async fn from_request(request: Request, state: &AppState) -> Result<Self> {
        let headers = request.headers().clone();
        state.accounts.trust.check(request.method(), &headers).map_err(foreign)?;
        let client = super::super::auth::client(&state.accounts, &headers, request.extensions());
        let kind = headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
        if !kind.is_empty() && !kind.starts_with(b"application/x-www-form-urlencoded") {
            let detail = "Send a form as application/x-www-form-urlencoded.".into();
            return Err(Error::Door(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|e| extract::too_large_or(&e))?;
        Ok(Self { fields: form_urlencoded::parse(&bytes).into_owned().collect(), headers, client })
    }
}

impl Form {
    /// The field's text; absent is empty.
    pub(in crate::http) fn text(&self, name: &str) -> &str {
        self.given(name).unwrap_or_default()
    }

    /// The field's text, when the form has the field.
    pub(in crate::http) fn given(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(key, _)| key == name).map(|(_, text)| text.as_str())
    }

    pub(super) fn number(&self, name: &str) -> Result<i64> {
        let wrong = || Error::field(name, "invalid", format!("{name} must be a number"));
        self.text(name).trim().parse().map_err(|_| wrong())
    }

    pub(super) fn task(&self) -> Result<TaskId> {
        self.number("id").map(TaskId)
    }

    /// Where the form asks to go, when that is a place of ours.
    pub(super) fn next(&self) -> Option<&str> {
        self.given("next").filter(|next| origin::local(next))
    }

    /// The page the form stood on, without what an earlier try had to say.
    pub(super) fn back(&self) -> Option<String> {
        let referer = Url::parse(self.headers.get(header::REFERER)?.to_str().ok()?).ok()?;
        let kept: Vec<_> = referer.query_pairs().filter(|(name, _)| !SAID.contains(&name.as_ref())).collect();
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
        let mut back = referer.path().to_owned();
        if !query.is_empty() {
            back = format!("{back}?{query}");
        }
        Some(back).filter(|back| origin::local(back))
    }
}

impl Form {
    /// A tick or a word: `None` when the form has no such field.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>> {
        match self.given(name) {
            None | Some("") => Ok(None),
            Some("on" | "true" | "yes" | "1") => Ok(Some(true)),
            Some("off" | "false" | "no" | "0") => Ok(Some(false)),
            Some(_) => Err(Error::field(name, "invalid", format!("{name} must be on or off"))),
        }
    }

    /// A row's id.
    pub(super) fn row_id(&self) -> Result<&str> {
        let id = self.text("id");
        if id.contains('\0') { Err(Error::not_found()) } else { Ok(id) }
    }
}

pub(super) fn foreign(refusal: origin::Refusal) -> Error {
    let detail = format!("{}: this form was sent from another site.", refusal.message());
    Error::Door(StatusCode::FORBIDDEN, "foreign_origin", detail)
}

/// What went wrong, for a person; our own failures go to the log.
pub(super) fn sentence(error: &Error) -> String {
    error.log();
    cut(&error.problem().detail, SENTENCE_MAX)
}

pub(super) fn cut(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
}

pub(in crate::http) fn with_query(path: &str, pairs: &[(&str, String)]) -> String {
    target::with_query(path, pairs.iter().map(|(name, value)| (*name, value.as_str())))
}

/// Sends the browser on to a path of ours.
pub(in crate::http) fn see_other(path: &str, cookies: impl IntoIterator<Item = String>) -> Response {
    let location = HeaderValue::try_from(cookie::encode_target(path)).unwrap_or(HeaderValue::from_static(HOME));
    let store = HeaderValue::from_static("no-store");
    let mut response =
        (StatusCode::SEE_OTHER, [(header::LOCATION, location), (header::CACHE_CONTROL, store)]).into_response();
    set_cookies(response.headers_mut(), cookies);
    response
}
