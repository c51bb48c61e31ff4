//! The edge of errors: a service's error becomes an RFC 9457 problem, and its internal text goes to the log, once.

use crate::{
    problem,
    service::{self, accounts::Denied},
    store,
};
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::problem::Problem;

/// A handler's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a handler answers when it does not answer.
#[derive(Debug)]
pub enum Error {
    /// From a service.
    Service(service::Error),
    /// A bearer token was not accepted, and why.
    Bearer(&'static str),
    /// From the door itself: status, code and a sentence.
    Door(StatusCode, &'static str, String),
}

impl<E: Into<service::Error>> From<E> for Error {
    fn from(error: E) -> Self {
        Self::Service(error.into())
    }
}

impl From<Denied> for Error {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Nobody => Self::unauthorized(),
            Denied::Bearer(why) => Self::Bearer(why),
            Denied::NoKeys => {
                let detail =
                    "The keys of the other sign-in server cannot be had at the moment. Try again in a few seconds.";
                Self::Door(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail.into())
            }
            Denied::Store(error) => error.into(),
        }
    }
}

impl Error {
    /// Nobody is signed in.
    pub fn unauthorized() -> Self {
        let detail = "Sign in first: send the session cookie, or a session token as `Authorization: Bearer …`.";
        Self::Door(StatusCode::UNAUTHORIZED, "unauthorized", detail.into())
    }

    /// Nothing at this address, or somebody else's.
    pub fn not_found() -> Self {
        Self::Door(StatusCode::NOT_FOUND, "not_found", "There is nothing at this address.".into())
    }

    /// One unusable field.
    pub fn field(field: &str, code: &str, message: impl Into<String>) -> Self {
        Self::Service(service::Error::field(field, code, message))
    }

    /// The problem to show, also for the event stream of the chat.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Service(error) => Self::problem_of(error),
            Self::Bearer(why) => {
                let detail = format!("The bearer token was not accepted: {why}. Sign in again, or make a new token.");
                problem::made(StatusCode::UNAUTHORIZED, "invalid_token", detail, vec![])
            }
            Self::Door(status, code, detail) => problem::made(*status, code, detail.clone(), vec![]),
        }
    }

    /// The problem a service's error is, for doors that send it inside something else.
    pub fn problem_of(error: &service::Error) -> Problem {
        problem::of(error)
    }

    /// What to send instead, for programs (RFC 6750).
    fn challenge(&self) -> Option<HeaderValue> {
        match self {
            Self::Bearer(why) => {
                HeaderValue::try_from(format!("Bearer error=\"invalid_token\", error_description=\"{why}\"")).ok()
            }
            Self::Service(service::Error::Scope(scope)) => {
                HeaderValue::try_from(format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"")).ok()
            }
            Self::Door(StatusCode::UNAUTHORIZED, ..) => Some(HeaderValue::from_static("Bearer")),
            _ => None,
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Service(service::Error::Interrupted | service::Error::Store(store::Error::Unavailable(_))) => Some(2),
            Self::Service(service::Error::TooMany { retry_after, .. }) => Some(*retry_after),
            Self::Door(StatusCode::SERVICE_UNAVAILABLE, ..) => Some(2),
            _ => None,
        }
    }

    /// Writes the internal text of our own failures to the log.
    pub fn log(&self) {
        match self {
            Self::Service(service::Error::Store(error @ store::Error::Unavailable(_))) => {
                tracing::warn!(error = %error, "request failed: the database is unavailable");
            }
            Self::Service(service::Error::Store(error)) => {
                tracing::error!(error = %error, "request failed in the store");
            }
            Self::Service(service::Error::Internal(error)) => tracing::error!(error, "request failed"),
            _ => {}
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.log();
        let challenge = self.challenge();
        let problem = self.problem();
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after() {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if let Some(challenge) = challenge {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
