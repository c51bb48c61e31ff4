//! One try: a request goes out, events come in.
//!
//! `async-openai` cuts the event stream; what it gets wrong for us is done here. Its own retry waits as long as a provider
//! says and loses the status of errors in foreign shapes, so [`send`] replaces it. It notices neither a silent nor a cut
//! stream, so the bytes are watched on their way in. Absent here: deciding whether to try again.

use super::{Wire, errors};
use crate::{
    agent::model::Failure,
    clock::Clock,
    config::{Model, Secret, model::Vendor},
};
use async_openai::{
    Client, config::OpenAIConfig, error::OpenAIError, middleware::HttpRequestFactory,
    traits::RequestOptionsBuilder as _,
};
use futures::{Stream, StreamExt as _, TryFutureExt as _, TryStreamExt as _};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use jiff::{Timestamp, fmt::rfc2822};
use serde_json::Value;
use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tower::service_fn;

const CONNECT: Duration = Duration::from_secs(10);
/// For the rest of a refusal, whose status is known.
const REFUSAL: Duration = Duration::from_secs(10);
/// Most bytes of a refusal that are read.
const REFUSAL_MAX: usize = 64 * 1024;
/// Most bytes of one answer.
const ANSWER_MAX: usize = 16 * 1024 * 1024;

/// A line to a provider.
#[derive(Debug)]
pub struct Line {
    http: reqwest::Client,
    model: Model,
    clock: Arc<dyn Clock>,
}

/// What the bytes of an answer have told so far.
#[derive(Debug)]
struct Seen {
    /// When the last ones came; comments that only keep the line open count too.
    last: Instant,
    /// Whether the agreed last line came.
    done: bool,
    bytes: usize,
    /// The beginning of the current line.
    line: Vec<u8>,
}

type Watched = Arc<Mutex<Seen>>;

fn seen(watched: &Watched) -> std::sync::MutexGuard<'_, Seen> {
    watched.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Seen {
    fn take(&mut self, bytes: &[u8]) {
        self.last = Instant::now();
        self.bytes = self.bytes.saturating_add(bytes.len());
        for byte in bytes {
            match byte {
                b'\n' | b'\r' => self.line.clear(),
                byte if self.line.len() < 16 => self.line.push(*byte),
                _ => {}
            }
            self.done |= matches!(self.line.as_slice(), b"data: [DONE]" | b"data:[DONE]");
        }
    }
}

impl Line {
    /// A line to the configured model; `None` when no HTTP client can be made.
    pub fn new(model: &Model, clock: Arc<dyn Clock>) -> Option<Self> {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(crate::tls::client())
            .connect_timeout(CONNECT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| tracing::error!(%error, "no HTTP client for the model"))
            .ok()?;
        Some(Self { http, model: model.clone(), clock })
    }

    /// The model it leads to.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Sends a body; the answer's events follow.
    pub async fn open(&self, wire: Wire, body: Value) -> Result<Events, Failure> {
        let watched = Arc::new(Mutex::new(Seen { last: Instant::now(), done: false, bytes: 0, line: Vec::new() }));
        let (http, headers, first, clock) =
            (self.http.clone(), self.headers(wire), self.model.first, self.clock.clone());
        let service = service_fn({
            let watched = watched.clone();
            move |request: HttpRequestFactory| {
                send(http.clone(), request, headers.clone(), first, clock.clone(), watched.clone())
            }
        });
        // What it would read from the environment is replaced, and its headers are not sent.
        let config = OpenAIConfig::new()
            .with_api_base(&self.model.base_url)
            .with_api_key("none")
            .with_org_id("")
            .with_project_id("");
        let client = Client::build(self.http.clone(), config).with_http_service(service);
        let chat = client.chat().path(wire.path()).map_err(|error| self.hide(failure(error)))?;
        let query: Vec<(&str, &str)> =
            self.model.api_version.iter().map(|version| ("api-version", version.as_str())).collect();
        let chat = chat.query(&query).map_err(|error| self.hide(failure(error)))?;
        let chunks = chat.create_stream_byot::<Value, Value>(body).await.map_err(|error| self.hide(failure(error)))?;
        Ok(Events { chunks, watched })
    }

    /// Who we are, in the way the provider wants to be told.
    fn headers(&self, wire: Wire) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/event-stream"));
        if wire == Wire::Messages {
            headers.insert("anthropic-version", HeaderValue::from_static("2023-06-01"));
        }
        // Local servers want no key, and some want any.
        let key = self.model.key.as_ref().map_or("none", |key| key.expose());
        let (name, value) = match (self.model.vendor, wire) {
            (Vendor::Azure | Vendor::AzureDeployment, _) => ("api-key", key.to_owned()),
            (Vendor::Anthropic, Wire::Messages) => ("x-api-key", key.to_owned()),
            _ => ("authorization", format!("Bearer {key}")),
        };
        let mut insert = |name: &str, value: &str| {
            // Both were checked at the start.
            if let (Ok(name), Ok(mut value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                value.set_sensitive(true);
                headers.insert(name, value);
            }
        };
        insert(name, &value);
        for (name, value) in &self.model.extra_headers {
            insert(name, value.expose());
        }
        headers
    }

    /// The failure without the key, should the provider have repeated it.
    fn hide(&self, mut failure: Failure) -> Failure {
        if let Some(key) = self.model.key.as_ref().map(Secret::expose).filter(|key| key.len() > 5) {
            failure.detail = failure.detail.replace(key, "…");
        }
        failure
    }
}

/// Sends a request once and turns every refusal into a [`Failure`].
async fn send(
    http: reqwest::Client,
    request: HttpRequestFactory,
    headers: HeaderMap,
    first: Duration,
    clock: Arc<dyn Clock>,
    watched: Watched,
) -> Result<reqwest::Response, OpenAIError> {
    let refused = |failure: Failure| OpenAIError::Boxed(Box::new(failure));
    let mut request = request.build().await?;
    *request.headers_mut() = headers;
    let response = match tokio::time::timeout(first, http.execute(request)).await {
        Err(_) => return Err(refused(Failure::passing("the model did not begin to answer in time"))),
        Ok(Err(error)) if error.is_connect() => {
            return Err(refused(Failure::passing("the model’s provider cannot be reached")));
        }
        Ok(Err(_)) => return Err(refused(Failure::passing("the connection to the model’s provider broke"))),
        Ok(Ok(response)) => response,
    };
    if !response.status().is_success() {
        let status = response.status().as_u16();
        let wait = wait(response.headers(), status, clock.now());
        let body = tokio::time::timeout(REFUSAL, text(response)).await.unwrap_or_default();
        let error = serde_json::from_str(&body).unwrap_or(Value::Null);
        return Err(refused(Failure { wait, ..errors::failure(&error, Some(status)) }));
    }
    let json = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    let watching = watched.clone();
    let bytes = response.bytes_stream().map(move |bytes| {
        let bytes = bytes.map_err(|_| std::io::Error::other("the connection broke"))?;
        let mut seen = seen(&watching);
        seen.take(&bytes);
        if seen.bytes > ANSWER_MAX { Err(std::io::Error::other("the answer is too long")) } else { Ok(bytes) }
    });
    let body = if json {
        // An answer in one piece becomes a stream of one event, once it is all there.
        let whole = bytes.try_fold(Vec::new(), |mut whole, bytes| async move {
            whole.extend_from_slice(&bytes);
            Ok(whole)
        });
        let event = whole.and_then(move |whole| async move {
            let value: Value = serde_json::from_slice(&whole).map_err(std::io::Error::other)?;
            seen(&watched).done = true;
            Ok(format!("data: {value}\n\n").into_bytes())
        });
        reqwest::Body::wrap_stream(futures::stream::once(event))
    } else {
        reqwest::Body::wrap_stream(bytes)
    };
    Ok(reqwest::Response::from(http::Response::new(body)))
}

/// The beginning of a refusal's body.
async fn text(response: reqwest::Response) -> String {
    let (mut out, mut stream) = (Vec::new(), response.bytes_stream());
    while let Some(Ok(bytes)) = stream.next().await {
        out.extend_from_slice(&bytes);
        if out.len() > REFUSAL_MAX {
            break;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// How long the provider wants to be left alone: in seconds with or without a fraction, in milliseconds, until a date, or,
/// with a limit that is reached, until it is set back.
fn wait(headers: &HeaderMap, status: u16, now: Timestamp) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let number = |name: &str| text(name).and_then(|text| text.parse::<f64>().ok());
    let date = |text: &str| rfc2822::DateTimeParser::new().parse_timestamp(text).ok();
    // The provider's own clock is the one its dates go by.
    let now = text("date").and_then(date).unwrap_or(now);
    let until = |then: Timestamp| then.duration_since(now).as_secs_f64().max(0.0);
    let asked = number("retry-after-ms").map(|ms| ms / 1000.0).or_else(|| number("retry-after"));
    let asked = asked.or_else(|| text("retry-after").and_then(date).map(until));
    let reset = || {
        let names = ["anthropic-ratelimit-requests-reset", "anthropic-ratelimit-tokens-reset"];
        let at = names.iter().filter_map(|name| text(name)?.parse::<Timestamp>().ok()).map(until);
        let used_up = |what: &str| text(&format!("x-ratelimit-remaining-{what}")) == Some("0");
        let after = ["requests", "tokens"].into_iter().filter(|what| used_up(what));
        let after = after.filter_map(|what| text(&format!("x-ratelimit-reset-{what}")).and_then(span));
        at.chain(after).fold(None, |most: Option<f64>, one| Some(most.map_or(one, |most| most.max(one))))
    };
    let asked = asked.or_else(|| if status == 429 { reset() } else { None })?;
    (0.0..86_400.0 * 7.0).contains(&asked).then(|| Duration::from_secs_f64(asked))
}

/// `1s`, `6m0s`, `350ms`, `1h2m` in seconds.
fn span(text: &str) -> Option<f64> {
    let (mut sum, mut rest) = (0.0, text);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(digits);
        let letters = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let unit = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            _ => return None,
        };
        sum += number.parse::<f64>().ok()? * unit;
        rest = tail;
    }
    Some(sum)
}

/// What the library's error means.
fn failure(error: OpenAIError) -> Failure {
    match error {
        OpenAIError::Boxed(inner) => inner
            .downcast::<Failure>()
            .map_or_else(|_| Failure::lasting("the model’s provider failed"), |failure| *failure),
        OpenAIError::Reqwest(_) => Failure::passing("the model’s provider cannot be reached"),
        OpenAIError::StreamError(_) => Failure::passing("the model’s answer broke off"),
        // The error's text may hold what the provider sent, and so the person's words.
        _ => Failure::passing("the model’s provider sent something that could not be read"),
    }
}

/// The events of one answer.
pub struct Events {
    chunks: Pin<Box<dyn Stream<Item = Result<Value, OpenAIError>> + Send>>,
    watched: Watched,
}

impl Events {
    /// The next event; none at the end. Waits at most that long for a sign of life.
    pub async fn next(&mut self, patience: Duration) -> Result<Option<Value>, Failure> {
        loop {
            let quiet = seen(&self.watched).last.elapsed();
            let Some(left) = patience.checked_sub(quiet).filter(|left| !left.is_zero()) else {
                return Err(Failure::passing("the model fell silent"));
            };
            match tokio::time::timeout(left, self.chunks.next()).await {
                Err(_) => {}
                Ok(None) => return Ok(None),
                Ok(Some(Ok(event))) => return Ok(Some(event)),
                // Words that only keep the line open are no answer; half an answer is none either.
                Ok(Some(Err(OpenAIError::JSONDeserialize(_, text))))
                    if !text.trim_start().starts_with(['{', '[']) || text.trim() == "[DONE]" => {}
                Ok(Some(Err(error))) => return Err(failure(error)),
            }
        }
    }

    /// Whether the stream said that it was whole.
    pub fn done(&self) -> bool {
        seen(&self.watched).done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(status: u16, pairs: &[(&'static str, &str)]) -> Option<f64> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().expect("a value"));
        }
        wait(&headers, status, "2026-11-21T10:00:00Z".parse().expect("a time")).map(|wait| wait.as_secs_f64())
    }

    #[test]
    fn every_way_to_ask_for_patience_is_understood() {
        assert_eq!(asked(503, &[("retry-after", "7")]), Some(7.0));
        assert_eq!(asked(429, &[("retry-after", "0.25")]), Some(0.25));
        assert_eq!(asked(429, &[("retry-after-ms", "1500"), ("retry-after", "9")]), Some(1.5));
        assert_eq!(asked(429, &[("retry-after", "Sat, 21 Nov 2026 10:00:05 GMT")]), Some(5.0));
        let date = [("retry-after", "Sat, 21 Nov 2026 11:00:05 GMT"), ("date", "Sat, 21 Nov 2026 11:00:00 GMT")];
        assert_eq!(asked(429, &date), Some(5.0));
        assert_eq!(asked(429, &[("retry-after", "Sat, 21 Nov 2026 09:00:00 GMT")]), Some(0.0));
        let limits = [
            ("x-ratelimit-reset-requests", "1s"),
            ("x-ratelimit-remaining-requests", "3"),
            ("x-ratelimit-reset-tokens", "6m0s"),
            ("x-ratelimit-remaining-tokens", "0"),
        ];
        assert_eq!(asked(429, &limits), Some(360.0));
        assert_eq!(asked(429, &[("anthropic-ratelimit-tokens-reset", "2026-11-21T10:00:30Z")]), Some(30.0));
        assert_eq!(asked(500, &limits), None);
        assert_eq!(asked(429, &[("retry-after", "soon")]), None);
        assert_eq!(asked(429, &[("retry-after", "-3")]), None);
        assert_eq!((span("250ms"), span("1h2m"), span("x"), span("5")), (Some(0.25), Some(3720.0), None, None));
    }

    #[test]
    fn the_last_line_is_seen_in_pieces_and_never_in_a_text() {
        let told = |pieces: &[&str]| {
            let mut seen = Seen { last: Instant::now(), done: false, bytes: 0, line: Vec::new() };
            pieces.iter().for_each(|piece| seen.take(piece.as_bytes()));
            seen.done
        };
        assert!(told(&["data: {}\r\n\r\nda", "ta: [DO", "NE]\r\n"]) && told(&["data:[DONE]"]));
        assert!(!told(&["data: {\"content\": \"data: [DONE]\"}\n"]));
    }
}
