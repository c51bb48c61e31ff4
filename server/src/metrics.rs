//! What an operator can see from outside: counts and times in OpenMetrics' text, for Prometheus.
//!
//! Every label's values are known beforehand (routes, tools, outcomes), so that no request can make the number of series
//! grow. Deliberately absent: anything about a person, and anything that somebody wrote.

mod http;
mod process;

pub use http::layer;

use crate::{
    external,
    service::{Error, Result},
    store::Store,
    tools,
};
use domain::chat::{MessageStatus, ToolCall, ToolStatus};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};
use std::sync::Arc;

/// Seconds in which answers of the assistant fall: the built-in one needs milliseconds, a model up to minutes.
const ANSWERS: [f64; 13] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0];

/// Who answers when no model does, as a label.
const BUILT_IN: &str = "built_in";

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Turn {
    assistant: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Assistant {
    assistant: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Called {
    tool: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct CalledOutside {
    server: String,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Tokens {
    assistant: &'static str,
    direction: &'static str,
}

type Times<L> = Family<L, Histogram, fn() -> Histogram>;

/// The process's counters. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Arc<Registry>,
    /// The kind of provider that is configured.
    provider: Option<&'static str>,
    messages: Family<Turn, Counter>,
    latency: Times<Assistant>,
    tool_calls: Family<Called, Counter>,
    external_calls: Family<CalledOutside, Counter>,
    active: Gauge,
    tokens: Family<Tokens, Counter>,
    http: http::Http,
}

/// A turn that is being answered; it counts as active until this is dropped.
#[derive(Debug)]
pub struct Active(Gauge);

impl Drop for Active {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Metrics {
    /// New counters. `provider` is the kind of model that may answer here; what can be counted is there from the start, at
    /// zero.
    pub fn new(provider: Option<&'static str>, store: &Store) -> Self {
        let mut registry = Registry::default();
        let (messages, tool_calls, tokens) = (Family::default(), Family::default(), Family::default());
        let latency: Times<Assistant> = Family::new_with_constructor(|| Histogram::new(ANSWERS));
        let active = Gauge::default();
        registry.register("chatbot_messages", "Messages answered by the assistant", messages.clone());
        registry.register(
            "chatbot_response_latency_seconds",
            "From a message to the end of its answer",
            latency.clone(),
        );
        registry.register("chatbot_tool_calls", "Tool calls of the assistant", tool_calls.clone());
        registry.register(
            "chatbot_active_conversations",
            "Conversations being answered by this process",
            active.clone(),
        );
        registry.register("chatbot_tokens_used", "Tokens read and written by language models", tokens.clone());
        let external_calls = Family::default();
        registry.register(
            "chatbot_external_tool_calls",
            "Calls of tools of other servers that were carried out",
            external_calls.clone(),
        );
        let http = http::Http::new(&mut registry);
        registry.register_collector(Box::new(process::Process(store.clone())));
        for assistant in provider.into_iter().chain([BUILT_IN]) {
            for outcome in [MessageStatus::Done, MessageStatus::Failed] {
                drop(messages.get_or_create(&Turn { assistant, outcome: word(outcome) }));
            }
            drop(latency.get_or_create(&Assistant { assistant }));
            for direction in ["input", "output"] {
                drop(tokens.get_or_create(&Tokens { assistant, direction }));
            }
        }
        for tool in tools::TOOLS {
            drop(tool_calls.get_or_create(&Called { tool: tool.name, outcome: "done" }));
        }
        Self {
            registry: Arc::new(registry),
            provider,
            messages,
            latency,
            tool_calls,
            external_calls,
            active,
            tokens,
            http,
        }
    }

    /// A turn begins.
    pub fn turn_begins(&self) -> Active {
        self.active.inc();
        Active(self.active.clone())
    }

    /// A turn has ended so, after that many seconds, with those calls and tokens (read, written).
    pub fn turn_ended(&self, status: MessageStatus, seconds: f64, calls: &[ToolCall], (read, written): (i64, i64)) {
        // What a model said or began to say cost tokens; a failure where there is a model is the model's.
        let by_model = read + written > 0 || status == MessageStatus::Failed;
        let assistant = self.provider.filter(|_| by_model).unwrap_or(BUILT_IN);
        self.messages.get_or_create(&Turn { assistant, outcome: word(status) }).inc();
        self.latency.get_or_create(&Assistant { assistant }).observe(seconds);
        for call in calls {
            self.tool_called(&call.tool, call.status);
        }
        for (direction, tokens) in [("input", read), ("output", written)] {
            if let Ok(tokens @ 1..) = u64::try_from(tokens) {
                self.tokens.get_or_create(&Tokens { assistant, direction }).inc_by(tokens);
            }
        }
    }

    /// A tool was called, or the call was decided about. Other servers' tools count as one, and so do unknown names.
    pub fn tool_called(&self, name: &str, status: ToolStatus) {
        let outcome = match status {
            ToolStatus::Running => return,
            ToolStatus::Done => "done",
            ToolStatus::Pending => "pending",
            ToolStatus::Denied => "denied",
            ToolStatus::Failed => "failed",
        };
        let other = if external::is_foreign(name) { "external" } else { "unknown" };
        let tool = tools::find(name).map_or(other, |tool| tool.name);
        self.tool_calls.get_or_create(&Called { tool, outcome }).inc();
    }

    /// A tool of a configured server was called. The operator names the servers, so the series are as many as these.
    pub fn external_called(&self, server: &str, done: bool) {
        let outcome = if done { "done" } else { "failed" };
        self.external_calls.get_or_create(&CalledOutside { server: server.to_owned(), outcome }).inc();
    }

    /// Everything as OpenMetrics' text.
    pub fn text(&self) -> Result<String> {
        let mut out = String::with_capacity(16 * 1024);
        encode(&mut out, &self.registry).map_err(|e| Error::Internal(format!("metrics as text: {e}")))?;
        Ok(out)
    }
}

fn word(status: MessageStatus) -> &'static str {
    match status {
        MessageStatus::Running | MessageStatus::Done => "done",
        MessageStatus::Stopped => "stopped",
        MessageStatus::Interrupted => "interrupted",
        MessageStatus::Failed => "failed",
    }
}
