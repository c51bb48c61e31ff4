//! Hears one answer of a model: its text goes out as it comes, its calls are put together.
//!
//! An answer that breaks off in its middle is asked for once more, and the person is told so; what comes again is not
//! shown twice.

use super::{
    Events,
    model::{Cause, ChatModel, Ending, Failure, Part, Piece, Request},
    prompt,
    rounds::Told,
};
use crate::telemetry::traces;
use domain::chat::ChatEvent;
use futures::StreamExt as _;
use serde_json::Value;
use std::time::Duration;
use tracing::{Instrument as _, field::Empty};

/// Most text of one turn, in bytes.
const TEXT_MAX: usize = 60_000;
/// Most arguments of one call, in bytes.
const ARGUMENTS_MAX: usize = 200_000;
/// Most parts of one answer.
const PARTS_MAX: usize = 200;
/// Answers of one turn that are asked for once more.
const AGAIN: usize = 2;
/// How long after it broke off: what has just failed is given a moment.
const PAUSE: Duration = Duration::from_millis(500);

/// A call as its pieces have arrived.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Made {
    index: usize,
    /// The provider's name for it.
    pub id: Option<String>,
    /// The tool.
    pub name: String,
    /// JSON, or what is to be.
    pub arguments: String,
    /// To be sent back with it.
    pub extra: Option<Value>,
}

/// A whole answer.
#[derive(Debug, Default)]
pub struct Heard {
    /// In the order they began.
    pub parts: Vec<Part<Made>>,
    /// Why it ended.
    pub ending: Ending,
}

impl Heard {
    /// Whether it holds a call.
    pub fn calls(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Call(_)))
    }
}

/// Listens to a model for one turn.
pub struct Listener<'a> {
    model: &'a dyn ChatModel,
    events: &'a Events,
    again: usize,
}

impl<'a> Listener<'a> {
    /// Nothing heard yet.
    pub fn new(model: &'a dyn ChatModel, events: &'a Events) -> Self {
        Self { model, events, again: 0 }
    }

    /// Hears one answer; its text is added to what was told.
    pub async fn listen(&mut self, request: &Request, told: &mut Told) -> Result<Heard, Failure> {
        let start = told.text.len();
        let mut echo = Echo::default();
        match self.traced(request, told, &mut echo).await {
            Err(failure) if failure.cause == Cause::Passing && echo.begun && self.again < AGAIN => {
                self.again += 1;
                let text = "The connection to the model broke off in the middle of its answer, so it is asked again.";
                self.events.send(ChatEvent::Notice { text: text.into() });
                tokio::time::sleep(PAUSE).await;
                let before = told.text.split_off(start);
                let mut echo = Echo { before: before.clone(), ..Echo::default() };
                let heard = self.traced(request, told, &mut echo).await;
                if heard.is_err() && told.text.len() - start < before.len() {
                    told.text.truncate(start);
                    told.text.push_str(&before);
                }
                heard
            }
            heard => heard,
        }
    }

    /// The same as [`Listener::once`], seen in a trace by OpenTelemetry's names for generative AI; nothing that was said.
    async fn traced(&self, request: &Request, told: &mut Told, echo: &mut Echo) -> Result<Heard, Failure> {
        let before = told.tokens;
        let trace = tracing::info_span!(
            target: traces::TARGET,
            "model",
            otel.kind = "client",
            otel.name = "chat",
            otel.status_code = Empty,
            gen_ai.operation.name = "chat",
            gen_ai.usage.input_tokens = Empty,
            gen_ai.usage.output_tokens = Empty,
        );
        let heard = self.once(request, told, echo).instrument(trace.clone()).await;
        trace.record("gen_ai.usage.input_tokens", told.tokens.0 - before.0);
        trace.record("gen_ai.usage.output_tokens", told.tokens.1 - before.1);
        if heard.is_err() {
            trace.record("otel.status_code", "ERROR");
        }
        heard
    }

    async fn once(&self, request: &Request, told: &mut Told, echo: &mut Echo) -> Result<Heard, Failure> {
        let (mut heard, mut written, mut used) = (Heard::default(), 0, None);
        let mut pieces = self.model.answer(request.clone());
        let result = loop {
            let Some(piece) = pieces.next().await else {
                break Err(Failure::passing("the model’s answer broke off"));
            };
            match piece {
                Err(failure) => break Err(failure),
                Ok(Piece::End(ending)) => {
                    heard.ending = ending;
                    break Ok(());
                }
                Ok(Piece::Usage { input, output }) => used = Some((input, output)),
                Ok(Piece::Text(more)) => {
                    echo.begun = true;
                    written += more.len();
                    if told.text.len() + more.len() > TEXT_MAX {
                        break Err(Failure::lasting("the model’s answer is too long"));
                    }
                    told.text.push_str(&more);
                    let shown = echo.shown(&more);
                    if !shown.is_empty() {
                        self.events.delta(shown);
                    }
                    heard.text(more);
                }
                Ok(Piece::Opaque(item)) => {
                    echo.begun = true;
                    heard.parts.push(Part::Opaque(item));
                }
                Ok(Piece::Call { index, id, name, arguments, extra }) => {
                    echo.begun = true;
                    written += arguments.len();
                    if !heard.call(index, id, name, &arguments, extra) {
                        break Err(Failure::lasting("the model’s call is too long"));
                    }
                }
            }
            if heard.parts.len() > PARTS_MAX {
                break Err(Failure::lasting("the model’s answer has too many parts"));
            }
        };
        // Who does not say is taken to need a token for each four bytes.
        let (input, output) = used.unwrap_or_default();
        let read = || prompt::tokens(&request.said) + i64::try_from(request.rules.len() / 4).unwrap_or_default();
        let wrote = || i64::try_from(written.div_ceil(4)).unwrap_or_default();
        let input = if input > 0 || (written == 0 && used.is_none()) { input } else { read() };
        let output = if output > 0 { output } else { wrote() };
        told.tokens = (told.tokens.0 + input, told.tokens.1 + output);
        self.events.spent(input, output);
        result?;
        heard.parts.retain(|part| !matches!(part, Part::Call(made) if made.name.is_empty()));
        Ok(heard)
    }
}

impl Heard {
    fn text(&mut self, more: String) {
        match self.parts.last_mut() {
            Some(Part::Text(text)) => text.push_str(&more),
            _ => self.parts.push(Part::Text(more)),
        }
    }

    /// False when it is too long.
    fn call(
        &mut self,
        index: usize,
        id: Option<String>,
        name: Option<String>,
        arguments: &str,
        extra: Option<Value>,
    ) -> bool {
        let known = self.parts.iter().rposition(|part| matches!(part, Part::Call(made) if made.index == index));
        let at = known.unwrap_or_else(|| {
            self.parts.push(Part::Call(Made { index, ..Made::default() }));
            self.parts.len() - 1
        });
        let Some(Part::Call(made)) = self.parts.get_mut(at) else { return false };
        made.id = made.id.take().or(id);
        made.extra = made.extra.take().or(extra);
        if made.name.is_empty() {
            made.name = name.unwrap_or_default();
        }
        made.arguments.push_str(arguments);
        made.arguments.len() <= ARGUMENTS_MAX
    }
}

/// What of an answer's text has to be shown when a part of it may have been shown before.
#[derive(Debug, Default)]
struct Echo {
    before: String,
    now: String,
    parted: bool,
    /// Whether anything of the answer was heard.
    begun: bool,
}

impl Echo {
    fn shown(&mut self, more: &str) -> String {
        if self.parted || self.before.is_empty() {
            return more.to_owned();
        }
        self.now.push_str(more);
        if self.before.starts_with(&self.now) {
            return String::new();
        }
        self.parted = true;
        match self.now.strip_prefix(&self.before) {
            Some(new) => new.to_owned(),
            None => format!("\n\n{}", self.now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Echo;

    #[test]
    fn what_comes_again_is_not_shown_twice() {
        let shown = |before: &str, pieces: &[&str]| {
            let mut echo = Echo { before: before.into(), ..Echo::default() };
            pieces.iter().map(|piece| echo.shown(piece)).collect::<String>()
        };
        assert_eq!(shown("Half an ans", &["Half", " an answer", " more"]), "wer more");
        assert_eq!(shown("Half an ans", &["Hal", "ve it"]), "\n\nHalve it");
        assert_eq!(shown("", &["a", "b"]), "ab");
        assert_eq!(shown("abc", &["a"]), "");
    }
}
