//! A configured model: which protocol it is asked in, and what is tried again.
//!
//! Until the first word another try costs nobody anything: what may pass is asked again, after as long as the provider
//! wants or a little longer each time; what the provider refuses about the form of the question is asked in another form,
//! and remembered; what is too long is cut once. After the first word a failure is the caller's business.

use super::{
    Manner, Reader, Wire, body,
    transport::{Events, Line},
};
use crate::{
    agent::model::{Cause, ChatModel, Failure, Piece, Request, Said},
    clock::Clock,
    config::{
        Model,
        model::{Api, Vendor},
    },
    ids,
};
use futures::{
    StreamExt as _,
    stream::{BoxStream, try_unfold},
};
use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Tries for one answer, the first included.
const TRIES: u32 = 3;
/// Longest wait between two tries.
const WAIT_MAX: Duration = Duration::from_secs(20);
/// Most changes of the form for one answer.
const FORMS: u32 = 4;
/// What a result is cut to when everything together is too long, in bytes.
const SHORT: usize = 2_000;

/// A model at a provider.
pub struct Provider {
    line: Arc<Line>,
    manner: Arc<Mutex<Manner>>,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("model", &self.line.model().name).finish_non_exhaustive()
    }
}

impl Provider {
    /// The configured model. `None` when no HTTP client can be made.
    pub fn new(model: &Model, clock: Arc<dyn Clock>) -> Option<Self> {
        let manner = Arc::new(Mutex::new(Manner::new(first_wire(model))));
        Some(Self { line: Arc::new(Line::new(model, clock)?), manner })
    }
}

/// The protocol that is tried first.
fn first_wire(model: &Model) -> Wire {
    let host =
        url::Url::parse(&model.base_url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    match (model.api, model.vendor) {
        (Api::Chat, _) => Wire::Chat,
        (Api::Responses, _) => Wire::Responses,
        (Api::Messages, _) | (Api::Auto, Vendor::Anthropic) => Wire::Messages,
        // Their newest models refuse tools with reasoning anywhere else; what stands in for them seldom knows it.
        (Api::Auto, Vendor::OpenAi) if host == "api.openai.com" => Wire::Responses,
        (Api::Auto, Vendor::Azure) if host.ends_with(".azure.com") => Wire::Responses,
        (Api::Auto, _) => Wire::Chat,
    }
}

impl ChatModel for Provider {
    fn name(&self) -> &str {
        &self.line.model().name
    }

    fn context(&self) -> u64 {
        self.line.model().context
    }

    fn answer(&self, request: Request) -> BoxStream<'static, Result<Piece, Failure>> {
        let answer = Answer {
            line: self.line.clone(),
            manner: *self.manner.lock().unwrap_or_else(PoisonError::into_inner),
            known: self.manner.clone(),
            request,
            open: None,
            ready: VecDeque::new(),
            tried: 0,
            forms: 0,
            cut: false,
            begun: false,
            ended: false,
        };
        try_unfold(answer, Answer::next).boxed()
    }
}

/// An answer under way.
struct Answer {
    line: Arc<Line>,
    manner: Manner,
    /// What is known for the next answers.
    known: Arc<Mutex<Manner>>,
    request: Request,
    open: Option<(Events, Box<dyn Reader>)>,
    ready: VecDeque<Piece>,
    tried: u32,
    forms: u32,
    cut: bool,
    /// Whether something of it has been passed on.
    begun: bool,
    ended: bool,
}

impl Answer {
    async fn next(mut self) -> Result<Option<(Piece, Self)>, Failure> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                self.begun |= !matches!(piece, Piece::Usage { .. });
                return Ok(Some((piece, self)));
            }
            if self.ended {
                return Ok(None);
            }
            if let Err(failure) = self.step().await {
                self.again(failure).await?;
            }
        }
    }

    /// Asks, or reads on.
    async fn step(&mut self) -> Result<(), Failure> {
        let model = self.line.model();
        let Some((events, reader)) = &mut self.open else {
            let events = self.line.open(self.manner.wire, body(model, self.manner, &self.request)).await?;
            *self.known.lock().unwrap_or_else(PoisonError::into_inner) = self.manner;
            self.open = Some((events, self.manner.wire.reader()));
            return Ok(());
        };
        let event = match events.next(if self.begun { model.idle } else { model.first }).await {
            Ok(event) => event,
            // What comes after the end does not matter any more.
            Err(failure) => {
                let rest = reader.end(false);
                if rest.is_empty() {
                    return Err(failure);
                }
                self.ready.extend(rest);
                self.ended = true;
                return Ok(());
            }
        };
        if let Some(event) = event {
            self.ready.extend(reader.read(&event)?);
            return Ok(());
        }
        let rest = reader.end(events.done());
        if rest.is_empty() {
            return Err(Failure::passing("the model’s answer broke off"));
        }
        self.ready.extend(rest);
        self.ended = true;
        Ok(())
    }

    /// Gets ready for another try, if there may be one.
    async fn again(&mut self, failure: Failure) -> Result<(), Failure> {
        self.open = None;
        if self.begun {
            return Err(failure);
        }
        self.ready.clear();
        let auto = self.line.model().api == Api::Auto;
        if self.forms < FORMS && other_form(&mut self.manner, auto, &failure) {
            self.forms += 1;
            return Ok(());
        }
        match failure.cause {
            Cause::TooLong if !self.cut => {
                self.cut = true;
                if shorten(&mut self.request) { Ok(()) } else { Err(failure) }
            }
            Cause::Passing => {
                self.tried += 1;
                let wait = failure.wait.unwrap_or_else(|| backoff(self.tried));
                if wait > WAIT_MAX {
                    return Err(Failure {
                        detail: format!("{}; it asks to be left alone for {}", failure.detail, told(wait)),
                        ..failure
                    });
                }
                if self.tried >= TRIES {
                    return Err(failure);
                }
                tokio::time::sleep(wait).await;
                Ok(())
            }
            _ => Err(failure),
        }
    }
}

/// Whether the refusal is about the form, and there is another one that has not been tried.
fn other_form(manner: &mut Manner, auto: bool, failure: &Failure) -> bool {
    if !matches!(failure.status, Some(400 | 404 | 405 | 422 | 501)) || failure.cause != Cause::Lasting {
        return false;
    }
    let words = failure.detail.to_lowercase();
    let says = |word: &str| words.contains(word);
    let before = *manner;
    let absent = failure.status != Some(400) && !says("model_not_found") && !says("deployment");
    match manner.wire {
        Wire::Chat
            if auto && (says("v1/responses") || says("responses api") || (says("reasoning") && says("tool"))) =>
        {
            *manner = Manner::new(Wire::Responses);
        }
        Wire::Chat if says("stream_options") => manner.no_usage = true,
        Wire::Chat if says("max_tokens") || says("max_completion_tokens") => manner.older_limit = true,
        Wire::Responses if says("encrypted") => manner.no_reasoning = true,
        Wire::Responses if auto && (absent || says("chat/completions") || says("responses api")) => {
            *manner = Manner { no_effort: manner.no_effort, ..Manner::new(Wire::Chat) };
        }
        Wire::Messages
            if says("adaptive") || says("output_config") || (says("thinking") && !manner.thinking_budget) =>
        {
            manner.thinking_budget = true;
        }
        Wire::Messages if says("thinking") => manner.no_effort = true,
        Wire::Chat | Wire::Responses if says("reasoning") || says("effort") => manner.no_effort = true,
        _ => {}
    }
    *manner != before
}

/// Leaves out what was said before the last question, and most of long results. False when there was nothing to leave out.
fn shorten(request: &mut Request) -> bool {
    let before = request.said.clone();
    let last = request.said.iter().rposition(|said| matches!(said, Said::User(_))).unwrap_or(0);
    request.said.drain(..last);
    for said in &mut request.said {
        if let Said::Result { content, .. } = said {
            crate::agent::prompt::cut(content, SHORT);
        }
    }
    request.said != before
}

/// 0.4 s, then 1.2 s, each with some luck, so that many clients do not come back together.
fn backoff(tried: u32) -> Duration {
    let [luck] = ids::bytes::<1>();
    let base = 400 * 3_u64.pow(tried.min(4).saturating_sub(1));
    Duration::from_millis(base + base * u64::from(luck) / 1024)
}

/// A wait as people say it.
fn told(wait: Duration) -> String {
    match wait.as_secs() {
        seconds @ 0..90 => format!("{seconds} seconds"),
        seconds @ 90..5400 => format!("{} minutes", seconds.div_ceil(60)),
        seconds => format!("{} hours", seconds.div_ceil(3600)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::providers::errors;
    use serde_json::json;

    fn refused(status: u16, message: &str) -> Failure {
        errors::failure(&json!({"error": {"message": message}}), Some(status))
    }

    #[test]
    fn refusals_about_the_form_change_the_form_once() {
        let mut manner = Manner::new(Wire::Chat);
        let reasons = refused(
            400,
            "Function tools with reasoning_effort are not supported for gpt-9 in /v1/chat/completions. Please use /v1/responses instead.",
        );
        assert!(other_form(&mut manner.clone(), true, &reasons));
        assert!(!other_form(&mut Manner::new(Wire::Chat), false, &refused(400, "Please use /v1/responses instead.")));
        assert!(other_form(&mut manner, true, &reasons) && manner.wire == Wire::Responses);
        let sealed = refused(400, "Encrypted content is not supported with this model.");
        assert!(
            other_form(&mut manner, true, &sealed) && manner.no_reasoning && !other_form(&mut manner, true, &sealed)
        );
        assert!(other_form(&mut manner, true, &refused(404, "Not Found")) && manner.wire == Wire::Chat);
        assert!(
            other_form(&mut manner, true, &refused(400, "Unsupported parameter: 'max_tokens'")) && manner.older_limit
        );
        assert!(!other_form(&mut manner, true, &refused(429, "max_tokens")));
        let mut messages = Manner::new(Wire::Messages);
        assert!(
            other_form(&mut messages, true, &refused(400, "adaptive thinking is not supported"))
                && messages.thinking_budget
        );
    }

    #[test]
    fn waits_grow_and_are_told_in_words() {
        let (first, second) = (backoff(1), backoff(2));
        assert!(first >= Duration::from_millis(400) && first < Duration::from_millis(501), "{first:?}");
        assert!(second >= Duration::from_millis(1200) && second < Duration::from_millis(1501), "{second:?}");
        assert_eq!(
            (told(Duration::from_secs(30)), told(Duration::from_secs(3600))),
            ("30 seconds".into(), "60 minutes".into())
        );
    }

    #[test]
    fn what_is_too_long_is_cut_to_the_last_question() {
        let result =
            |content: String| Said::Result { id: "1".into(), name: "list_tasks".into(), content, failed: false };
        let mut request = Request {
            said: vec![Said::User("old".into()), Said::User("new".into()), result("é".repeat(5_000))],
            ..Request::default()
        };
        assert!(shorten(&mut request));
        assert_eq!((request.said.len(), &request.said[0]), (2, &Said::User("new".into())));
        assert!(matches!(&request.said[1], Said::Result { content, .. } if content.len() < 2_100));
        assert!(!shorten(&mut request));
    }
}
