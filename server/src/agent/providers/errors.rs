//! What providers say when they do not answer, in the shapes they say it.
//!
//! OpenAI's `{"error": {…}}` with a code that is a text, a number or null; the same in a list (Gemini); Anthropic's
//! `{"type": "error", "error": {…}}`; the bare error object; or no JSON at all.

use crate::agent::model::{Cause, Failure};
use serde_json::Value;

/// Most characters of a provider's own words that are passed on.
const WORDS: usize = 200;

/// Whether a status is one that may pass.
fn passes(status: u16) -> bool {
    matches!(status, 408 | 409 | 425 | 429 | 500 | 502..=504 | 529)
}

/// The failure an error stands for.
pub fn failure(error: &Value, status: Option<u16>) -> Failure {
    let error = error.as_array().and_then(|list| list.first()).unwrap_or(error);
    let error = error.get("error").filter(|inner| !inner.is_null()).unwrap_or(error);
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_lowercase();
    let (code, kind, state) = (text("code"), text("type"), text("status"));
    let message = error["message"].as_str().or_else(|| error.as_str()).unwrap_or_default();
    let low = message.to_lowercase();
    let named =
        |names: &[&str]| names.iter().any(|name| [&code, &kind, &state].iter().any(|word| word.as_str() == *name));
    let number =
        error["code"].as_u64().and_then(|code| u16::try_from(code).ok()).filter(|code| (400..600).contains(code));
    let status = status.or(number).or_else(|| {
        let known: &[(u16, &[&str])] = &[
            (529, &["overloaded_error"]),
            (429, &["rate_limit_error", "rate_limit_exceeded", "resource_exhausted", "too_many_requests"]),
            (401, &["authentication_error", "invalid_api_key", "unauthenticated"]),
            (403, &["permission_error", "permission_denied"]),
            (404, &["not_found_error", "not_found", "model_not_found"]),
            (400, &["invalid_request_error", "invalid_argument", "invalid_prompt"]),
            (503, &["unavailable", "unavailable_error", "service_unavailable"]),
            (500, &["api_error", "server_error", "internal"]),
        ];
        known.iter().find(|(_, names)| named(names)).map(|(status, _)| *status)
    });

    let policy = named(&["content_filter", "content_policy_violation", "responsibleaipolicyviolation", "safety"])
        || error["innererror"]["code"]
            .as_str()
            .is_some_and(|code| code.eq_ignore_ascii_case("ResponsibleAIPolicyViolation"));
    let long = named(&["context_length_exceeded", "exceed_context_size_error", "string_above_max_length"])
        || [
            "context length",
            "maximum context",
            "context window",
            "prompt is too long",
            "context size",
            "too many tokens",
        ]
        .iter()
        .any(|words| low.contains(words));
    // Gemini speaks of billing in each of its limits, so the words of a message say nothing here.
    let unpaid = status == Some(402)
        || named(&[
            "insufficient_quota",
            "billing_hard_limit_reached",
            "billing_not_active",
            "billing_error",
            "credits_exhausted",
        ])
        || (status == Some(400) && low.contains("credit balance"));

    let words: String = message.chars().map(|c| if c.is_control() { ' ' } else { c }).take(WORDS).collect();
    let words = if words.trim().is_empty() { "no reason given" } else { words.trim() };
    let (cause, detail) = if policy {
        (Cause::Policy, "the model’s provider does not answer this for reasons of its content rules".to_owned())
    } else if unpaid {
        (Cause::Lasting, "the account at the model’s provider has no credit left".to_owned())
    } else if long && !matches!(status, Some(401 | 403 | 429)) {
        (Cause::TooLong, "the conversation is longer than the model can read; a new one helps".to_owned())
    } else {
        match status {
            // Its words may repeat a part of the key.
            Some(401 | 403) => (
                Cause::Key,
                "the model’s provider does not let this server in; who runs it can see that in the log".to_owned(),
            ),
            Some(404) => {
                (Cause::Lasting, format!("the model’s provider does not know the model or the address: {words}"))
            }
            Some(429) => (Cause::Passing, "the model’s provider is limiting us at the moment".to_owned()),
            Some(503) => (Cause::Passing, "the model is not ready yet or its provider is overloaded".to_owned()),
            Some(529) => (Cause::Passing, "the model’s provider is overloaded".to_owned()),
            Some(status) if passes(status) || status >= 500 => {
                let cause = if passes(status) { Cause::Passing } else { Cause::Lasting };
                (cause, format!("the model’s provider answered {status}: {words}"))
            }
            Some(status) => (Cause::Lasting, format!("the model’s provider answered {status}: {words}")),
            None => (Cause::Passing, format!("the model’s provider failed: {words}")),
        }
    };
    Failure { detail, status, cause, wait: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_shape_is_understood() {
        for (error, status, expected, cause) in [
            (
                json!({"error": {"message": "slow", "type": "rate_limit_error", "code": null}}),
                Some(429),
                Some(429),
                Cause::Passing,
            ),
            (
                json!([{"error": {"code": 429, "message": "Check your plan and billing details", "status": "RESOURCE_EXHAUSTED"}}]),
                None,
                Some(429),
                Cause::Passing,
            ),
            (
                json!({"error": {"code": "insufficient_quota", "message": "x", "type": "insufficient_quota"}}),
                Some(429),
                Some(429),
                Cause::Lasting,
            ),
            (
                json!({"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}),
                Some(503),
                Some(503),
                Cause::Passing,
            ),
            (
                json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
                None,
                Some(529),
                Cause::Passing,
            ),
            (
                json!({"type": "error", "error": {"type": "invalid_request_error", "message": "prompt is too long: 250000 tokens > 200000 maximum"}}),
                Some(400),
                Some(400),
                Cause::TooLong,
            ),
            (
                json!({"error": {"code": "context_length_exceeded", "message": "x"}}),
                Some(400),
                Some(400),
                Cause::TooLong,
            ),
            (
                json!({"error": {"code": 400, "message": "request (9000 tokens) exceeds the available context size (4096 tokens)", "type": "exceed_context_size_error"}}),
                Some(400),
                Some(400),
                Cause::TooLong,
            ),
            (
                json!({"error": {"code": "content_filter", "message": "x", "innererror": {"code": "ResponsibleAIPolicyViolation"}}}),
                Some(400),
                Some(400),
                Cause::Policy,
            ),
            (
                json!({"error": {"message": "Incorrect API key provided: sk-abc", "code": "invalid_api_key"}}),
                Some(401),
                Some(401),
                Cause::Key,
            ),
            (json!({"error": "model 'x' not found"}), Some(404), Some(404), Cause::Lasting),
            (
                json!({"error": {"message": "Your credit balance is too low", "type": "invalid_request_error"}}),
                Some(400),
                Some(400),
                Cause::Lasting,
            ),
            (Value::Null, Some(502), Some(502), Cause::Passing),
            (json!("<html>"), Some(400), Some(400), Cause::Lasting),
        ] {
            let failure = failure(&error, status);
            assert_eq!((failure.status, failure.cause), (expected, cause), "{error}");
            assert!(!failure.detail.contains("sk-abc"), "{failure}");
        }
    }

    #[test]
    fn a_providers_words_are_kept_short_and_plain() {
        let failure =
            failure(&json!({"error": {"message": format!("bad\r\n\u{1b}[31m{}", "x".repeat(5_000))}}), Some(400));
        assert!(failure.detail.len() < 300 && !failure.detail.chars().any(char::is_control), "{failure}");
    }
}
