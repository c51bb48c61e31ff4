//! A language model behind an OpenAI-compatible address, over `async-openai`.
//!
//! The library builds the requests and cuts the event stream; what it gets wrong for us is done here. Its own retry waits
//! as long as a provider says (an hour, if need be) and loses the status of errors in foreign shapes, so [`send`] replaces
//! it. Its typed chunks are too strict, so the stream is read as JSON values by [`super::stream`]. It notices neither a
//! silent nor a cut stream; [`OpenAi::answer`] does.

use super::{
    model::{ChatModel, Failure, Piece, Request},
    stream::{self, Reader},
};
use crate::{config::Model, ids};
use async_openai::{Client, config::OpenAIConfig, error::OpenAIError, middleware::HttpRequestFactory};
use futures::{
    StreamExt as _,
    stream::{BoxStream, try_unfold},
};
use serde_json::{Value, json};
use std::{collections::VecDeque, time::Duration};
use tower::service_fn;

const CONNECT: Duration = Duration::from_secs(10);
/// A local model may have to be loaded first.
const FIRST_BYTE: Duration = Duration::from_secs(90);
/// Between two chunks.
const IDLE: Duration = Duration::from_secs(60);
/// Tries for one answer, the first included.
const TRIES: u32 = 3;
/// Longest wait between two tries, whatever the provider asks for.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// A model by its address, key and name.
pub struct OpenAi {
    client: Client<OpenAIConfig>,
    name: String,
}

impl std::fmt::Debug for OpenAi {
    // The client holds the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenAi").field("name", &self.name).finish_non_exhaustive()
    }
}

impl OpenAi {
    /// A client for the configured model. `None` when no HTTP client can be made.
    pub fn new(model: &Model) -> Option<Self> {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(crate::tls::client())
            .connect_timeout(CONNECT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| tracing::error!(%error, "no HTTP client for the model"))
            .ok()?;
        // Local servers want no key, and some want any.
        let key = model.key.as_ref().map_or("none", |k| k.expose());
        let config = OpenAIConfig::new().with_api_base(&model.base_url).with_api_key(key);
        let service = service_fn(move |request: HttpRequestFactory| send(http.clone(), request));
        Some(Self { client: Client::with_config(config).with_http_service(service), name: model.name.clone() })
    }

    fn body(&self, request: &Request) -> Value {
        let mut body = json!({
            "model": self.name,
            "messages": request.messages,
            // The library leaves both to us.
            "stream": true,
            "stream_options": {"include_usage": true},
        });
        if !request.tools.is_empty() {
            body["tools"] = json!(request.tools);
        }
        body
    }
}

/// Sends a request, again when that may help, and turns every refusal into a [`Failure`].
async fn send(http: reqwest::Client, request: HttpRequestFactory) -> Result<reqwest::Response, OpenAIError> {
    let boxed = |failure: Failure| OpenAIError::Boxed(Box::new(failure));
    let mut tried = 0;
    loop {
        tried += 1;
        let sent = tokio::time::timeout(FIRST_BYTE, http.execute(request.build().await?)).await;
        let (failure, wait) = match sent {
            Err(_) => (Failure::new("the model did not begin to answer in time"), None),
            Ok(Err(error)) if error.is_connect() => {
                (Failure::new("the model’s provider cannot be reached"), Some(backoff(tried)))
            }
            Ok(Err(_)) => (Failure::new("the connection to the model’s provider broke"), Some(backoff(tried))),
            Ok(Ok(response)) if response.status().is_success() => return Ok(response),
            Ok(Ok(response)) => {
                let status = response.status().as_u16();
                let asked = retry_after(response.headers());
                let body = response.text().await.unwrap_or_default();
                let error: Value = serde_json::from_str(&body).unwrap_or_default();
                let permanent = body.contains("insufficient_quota") || body.contains("billing");
                let transient = matches!(status, 408 | 409 | 429 | 500 | 502 | 503 | 504 | 529) && !permanent;
                let wait = transient.then(|| asked.unwrap_or_else(|| backoff(tried)));
                (stream::failure(&error, Some(status)), wait)
            }
        };
        match wait {
            // A provider that wants to be left alone for long is asked again with the next message.
            Some(wait) if tried < TRIES && wait <= WAIT_MAX => tokio::time::sleep(wait).await,
            _ => return Err(boxed(failure)),
        }
    }
}

/// 0.3 s, then 0.9 s, each with some luck, so that many clients do not come back together.
fn backoff(tried: u32) -> Duration {
    let [luck] = ids::bytes::<1>();
    Duration::from_millis(300 * 3_u64.pow(tried - 1) + u64::from(luck))
}

fn retry_after(headers: &reqwest::header::HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).and_then(|t| t.trim().parse::<f64>().ok());
    let seconds = text("retry-after-ms").map(|ms| ms / 1000.0).or_else(|| text("retry-after"))?;
    (0.0..86_400.0).contains(&seconds).then(|| Duration::from_secs_f64(seconds))
}

/// What the library's error means.
fn failure(error: OpenAIError) -> Failure {
    match error {
        OpenAIError::Boxed(inner) => {
            inner.downcast::<Failure>().map_or_else(|_| Failure::new("the model’s provider failed"), |f| *f)
        }
        OpenAIError::Reqwest(_) => Failure::new("the model’s provider cannot be reached"),
        OpenAIError::StreamError(_) => Failure::new("the model’s answer broke off"),
        // The error's text may hold what the provider sent, and so the person's words.
        _ => Failure::new("the model’s provider sent something that could not be read"),
    }
}

type Chunks = std::pin::Pin<Box<dyn futures::Stream<Item = Result<Value, OpenAIError>> + Send>>;

/// An answer under way.
struct Answer {
    chunks: Chunks,
    reader: Reader,
    ready: VecDeque<Piece>,
    ended: bool,
}

impl Answer {
    async fn next(mut self) -> Result<Option<(Piece, Self)>, Failure> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Ok(Some((piece, self)));
            }
            if self.ended {
                return Ok(None);
            }
            let chunk = tokio::time::timeout(IDLE, self.chunks.next()).await;
            match chunk.map_err(|_| Failure::new("the model fell silent in the middle of its answer"))? {
                Some(Ok(chunk)) => self.ready.extend(self.reader.read(&chunk)?),
                // One unreadable event among many is skipped, as readers of event streams do.
                Some(Err(OpenAIError::JSONDeserialize(..))) => {}
                Some(Err(error)) => return Err(failure(error)),
                None if self.reader.finished() => {
                    self.ended = true;
                    self.ready.push_back(Piece::End);
                }
                None => return Err(Failure::new("the model’s answer broke off")),
            }
        }
    }
}

impl ChatModel for OpenAi {
    fn name(&self) -> &str {
        &self.name
    }

    fn answer(&self, request: Request) -> BoxStream<'static, Result<Piece, Failure>> {
        let (client, body) = (self.client.clone(), self.body(&request));
        let start = async move {
            let chunks: Chunks = client.chat().create_stream_byot::<Value, Value>(body).await.map_err(failure)?;
            Ok(Answer { chunks, reader: Reader::default(), ready: VecDeque::new(), ended: false })
        };
        futures::stream::once(start)
            .map(|started: Result<Answer, Failure>| match started {
                Ok(answer) => try_unfold(answer, Answer::next).boxed(),
                Err(failure) => futures::stream::once(std::future::ready(Err(failure))).boxed(),
            })
            .flatten()
            .boxed()
    }
}
