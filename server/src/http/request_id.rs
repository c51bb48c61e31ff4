//! One id for each request: taken from `X-Request-Id` when it looks like one, otherwise drawn; in the log, in problems
//! and in the answer's header. Also the request's line in the log, and its span in a trace.

use crate::{clock::Stopwatch, ids, telemetry::traces};
use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use tracing::{Instrument as _, field::Empty};

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request being answered, when there is one.
pub fn current() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Gives the request its id and its line in the log. Titles, tokens and addresses of people never get there.
pub async fn layer(request: Request, next: Next) -> Response {
    let given = request.headers().get(&HEADER).and_then(|v| v.to_str().ok());
    let sane = |id: &&str| {
        (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let id = given.filter(sane).map_or_else(|| ids::alphanumeric(16), str::to_owned);
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    let trace = tracing::info_span!(
        target: traces::TARGET,
        "request",
        otel.kind = "server",
        otel.name = format!("{method} {route}"),
        otel.status_code = Empty,
        http.request.method = %method,
        http.route = route,
        http.response.status_code = Empty,
        request.id = id,
    );
    let trace_id = traces::follow(&trace, request.headers());
    let span = trace.in_scope(|| tracing::info_span!("request", id, trace_id, %method, route));
    let (watch, outer) = (Stopwatch::start(), trace.clone());
    CURRENT
        .scope(id.clone(), async move {
            let mut response = next.run(request).await;
            let status = response.status().as_u16();
            trace.record("http.response.status_code", status);
            if status >= 500 {
                trace.record("otel.status_code", "ERROR");
            }
            let duration_ms = watch.millis();
            if status >= 500 {
                tracing::warn!(status, duration_ms, "answered");
            } else {
                tracing::debug!(status, duration_ms, "answered");
            }
            if let Ok(value) = HeaderValue::from_str(&id) {
                response.headers_mut().insert(HEADER, value);
            }
            response
        })
        .instrument(span)
        .instrument(outer)
        .await
}
