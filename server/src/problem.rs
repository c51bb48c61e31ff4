//! What a service's error looks like from outside: an RFC 9457 problem. The doors send it, and a chat turn that failed keeps
//! it among its events, so that whoever comes later is told the same.

use crate::{
    service::{self, Error as E},
    store,
};
use axum::http::StatusCode;
use domain::problem::{FieldError, Problem};

/// The problem a service's error is.
pub fn of(error: &service::Error) -> Problem {
    if let E::Told(problem) = error {
        return (**problem).clone();
    }
    let (status, code, errors) = classify(error);
    made(status, code, error.to_string(), errors)
}

/// A problem of this request.
pub fn made(status: StatusCode, code: &str, detail: String, errors: Vec<FieldError>) -> Problem {
    Problem {
        kind: "about:blank".into(),
        title: status.canonical_reason().unwrap_or_default().into(),
        status: status.as_u16(),
        detail,
        code: code.into(),
        errors,
        request_id: crate::http::request_id::current(),
    }
}

fn classify(error: &service::Error) -> (StatusCode, &'static str, Vec<FieldError>) {
    match error {
        E::NotFound { .. } => (StatusCode::NOT_FOUND, "not_found", vec![]),
        E::Invalid(errors) => (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed", errors.clone()),
        E::Conflict { code, .. } => (StatusCode::CONFLICT, code, vec![]),
        E::Version { .. } => (StatusCode::PRECONDITION_FAILED, "version_conflict", vec![]),
        E::Repeated { .. } => (StatusCode::CONFLICT, "already_done", vec![]),
        E::Forbidden(_) => (StatusCode::FORBIDDEN, "forbidden", vec![]),
        E::Scope(_) => (StatusCode::FORBIDDEN, "insufficient_scope", vec![]),
        E::TooMany { .. } => (StatusCode::TOO_MANY_REQUESTS, "too_many_requests", vec![]),
        E::Interrupted => (StatusCode::SERVICE_UNAVAILABLE, "interrupted", vec![]),
        E::Store(store::Error::Unavailable(_)) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable", vec![]),
        // Two changes met in a way no rule foresaw; the loser may simply try again.
        E::Store(store::Error::Conflict { .. }) => (StatusCode::CONFLICT, "conflict", vec![]),
        E::Store(_) | E::Internal(_) | E::Told(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal", vec![]),
    }
}
