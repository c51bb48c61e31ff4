//! Requests, by the template of their route: `/api/{user_id}/tasks/{id}` is one series, whoever and whatever is asked for.

use crate::{clock::Stopwatch, state::AppState};
use axum::{
    extract::{MatchedPath, Request, State},
    http::Method,
    middleware::Next,
    response::Response,
};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};

const SECONDS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Took {
    method: &'static str,
    route: String,
}

/// The counters of requests.
#[derive(Clone, Debug)]
pub(super) struct Http {
    requests: Family<Answered, Counter>,
    durations: Family<Took, Histogram, fn() -> Histogram>,
}

impl Http {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let requests = Family::default();
        let durations: Family<Took, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(SECONDS));
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register(
            "http_request_duration_seconds",
            "From a request to the beginning of its answer",
            durations.clone(),
        );
        Self { requests, durations }
    }

    fn answered(&self, method: &'static str, route: String, status: u16, seconds: f64) {
        self.durations.get_or_create(&Took { method, route: route.clone() }).observe(seconds);
        self.requests.get_or_create(&Answered { method, route, status: class(status) }).inc();
    }
}

/// Counts what passes.
pub async fn layer(State(state): State<AppState>, request: Request, next: Next) -> Response {
    // What no route matches, anybody may ask for under any name.
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
    let method = verb(request.method());
    let watch = Stopwatch::start();
    let response = next.run(request).await;
    state.services.metrics().http.answered(method, route, response.status().as_u16(), watch.millis() / 1000.0);
    response
}

/// The usual methods; a client may invent others.
fn verb(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

fn class(status: u16) -> &'static str {
    match status {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}
