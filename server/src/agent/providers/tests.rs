//! What goes out in each protocol, and recorded answers of providers with their quirks.

use super::{Manner, Wire, body};
use crate::{
    agent::model::{Call, Cause, Ending, Failure, Part, Piece, Request, Said},
    config::{Config, Model},
    tools,
};
use serde_json::{Value, json};

fn model(pairs: &[(&str, &str)]) -> Model {
    let values = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config::from_values(values, false).expect("settings").model.expect("a model")
}

fn openai() -> Model {
    model(&[
        ("OPENAI_API_KEY", "k"),
        ("LLM_MODEL", "m"),
        ("LLM_MAX_OUTPUT_TOKENS", "900"),
        ("LLM_REASONING_EFFORT", "low"),
    ])
}

fn gemini() -> Model {
    model(&[("GEMINI_API_KEY", "k")])
}

fn anthropic() -> Model {
    model(&[("ANTHROPIC_API_KEY", "k"), ("LLM_REASONING_EFFORT", "medium")])
}

fn call(id: &str, extra: Option<Value>) -> Part {
    Part::Call(Call { id: id.into(), name: "get_task".into(), arguments: json!({"task_id": 1}), extra })
}

fn result(id: &str, failed: bool) -> Said {
    Said::Result { id: id.into(), name: "get_task".into(), content: format!("result of {id}"), failed }
}

/// A question, two calls with their results, a further question.
fn request(thoughts: Option<Value>, extra: Option<Value>) -> Request {
    let mut parts: Vec<Part> = thoughts.map(Part::Opaque).into_iter().collect();
    parts.extend([Part::Text("Looking.".into()), call("a", extra), call("b", None)]);
    Request {
        rules: "rules".into(),
        context: "context".into(),
        said: vec![
            Said::User("first".into()),
            Said::Assistant(parts),
            result("a", false),
            result("b", true),
            Said::Assistant(vec![Part::Text("Found.".into())]),
            Said::User("second".into()),
        ],
        tools: tools::TOOLS
            .iter()
            .filter(|tool| matches!(tool.name, "get_task" | "list_labels"))
            .map(Into::into)
            .collect(),
        words_only: false,
    }
}

/// Reads events to their end; `done` says whether the stream was closed as agreed.
fn hear(wire: Wire, events: &[Value], done: bool) -> Result<Vec<Piece>, Failure> {
    let mut reader = wire.reader();
    let mut out = Vec::new();
    for event in events {
        out.extend(reader.read(event)?);
    }
    out.extend(reader.end(done));
    Ok(out)
}

/// The calls of an answer: id, name, arguments, extra.
fn calls(pieces: &[Piece]) -> Vec<(String, String, String, Option<Value>)> {
    let mut out: Vec<(usize, (String, String, String, Option<Value>))> = Vec::new();
    for piece in pieces {
        let Piece::Call { index, id, name, arguments, extra } = piece else { continue };
        if !out.iter().any(|(known, _)| known == index) {
            out.push((*index, Default::default()));
        }
        let (_, made) = out.iter_mut().find(|(known, _)| known == index).expect("just made");
        made.0.push_str(id.as_deref().unwrap_or_default());
        made.1.push_str(name.as_deref().unwrap_or_default());
        made.2.push_str(arguments);
        made.3 = made.3.take().or(extra.clone());
    }
    out.into_iter().map(|(_, made)| made).collect()
}

fn text(pieces: &[Piece]) -> String {
    pieces.iter().filter_map(|piece| if let Piece::Text(text) = piece { Some(text.as_str()) } else { None }).collect()
}

fn ending(pieces: &[Piece]) -> Option<Ending> {
    pieces.iter().find_map(|piece| if let Piece::End(ending) = piece { Some(*ending) } else { None })
}

fn names(calls: &[(String, String, String, Option<Value>)]) -> Vec<(&str, &str)> {
    calls.iter().map(|(_, name, arguments, _)| (name.as_str(), arguments.as_str())).collect()
}

#[test]
fn chat_sends_calls_with_their_results_behind_them() {
    let body = body(&openai(), Manner::new(Wire::Chat), &request(None, None));
    let roles: Vec<&str> =
        body["messages"].as_array().expect("a list").iter().filter_map(|m| m["role"].as_str()).collect();
    assert_eq!(roles, ["system", "user", "assistant", "tool", "tool", "assistant", "user"]);
    let said = &body["messages"][2];
    assert_eq!((&said["content"], &said["tool_calls"][1]["id"]), (&json!("Looking."), &json!("b")));
    assert_eq!(said["tool_calls"][0]["function"], json!({"name": "get_task", "arguments": "{\"task_id\":1}"}));
    assert_eq!((&body["stream"], &body["stream_options"]["include_usage"]), (&json!(true), &json!(true)));
    assert_eq!((&body["max_completion_tokens"], &body["reasoning_effort"]), (&json!(900), &json!("low")));
    assert!(body.get("parallel_tool_calls").is_none() && said["tool_calls"][0].get("extra_content").is_none());
    let older = super::body(
        &openai(),
        Manner { older_limit: true, no_usage: true, no_effort: true, ..Manner::new(Wire::Chat) },
        &request(None, None),
    );
    assert_eq!(
        (&older["max_tokens"], older.get("stream_options"), older.get("reasoning_effort")),
        (&json!(900), None, None)
    );
}

#[test]
fn the_operators_fields_are_laid_over_and_taken_out() {
    let local = model(&[
        ("LLM_BASE_URL", "http://127.0.0.1:1/v1"),
        ("LLM_EXTRA_BODY", "{\"temperature\": 0, \"stream_options\": null}"),
        ("LLM_MAX_OUTPUT_TOKENS", "50"),
    ]);
    let body = body(&local, Manner::new(Wire::Chat), &request(None, None));
    assert_eq!((&body["temperature"], body.get("stream_options"), &body["max_tokens"]), (&json!(0), None, &json!(50)));
    assert_eq!(body["parallel_tool_calls"], true);
    let words = super::body(&local, Manner::new(Wire::Chat), &Request { words_only: true, ..request(None, None) });
    assert!(words.get("tools").is_none());
}

#[test]
fn gemini_gets_its_signatures_back_and_schemas_it_takes() {
    let signed = json!({"extra_content": {"google": {"thought_signature": "c2ln"}}});
    let body = body(&gemini(), Manner::new(Wire::Chat), &request(None, Some(signed)));
    let calls = &body["messages"][2]["tool_calls"];
    assert_eq!(calls[0]["extra_content"]["google"]["thought_signature"], "c2ln");
    // One that came from elsewhere, or from an older turn.
    assert_eq!(calls[1]["extra_content"]["google"]["thought_signature"], "skip_thought_signature_validator");
    let tools = body["tools"].to_string();
    assert!(!tools.contains("additionalProperties"), "{tools}");
    let labels = body["tools"]
        .as_array()
        .and_then(|list| list.iter().find(|t| t["function"]["name"] == "list_labels"))
        .expect("there");
    assert!(labels["function"].get("parameters").is_none());
    let plain = super::plain_schema(&json!({"$schema": "x", "type": ["string", "null"], "format": "uri", "default": 1,
        "properties": {"default": {"type": "array", "items": {"type": "object", "additionalProperties": true}}}}));
    assert_eq!(
        plain,
        json!({"type": "string", "nullable": true, "properties": {"default": {"type": "array", "items": {"type": "object"}}}})
    );
}

#[test]
fn gemini_sends_whole_calls_without_an_index() {
    let delta = |name: &str, arguments: &str, signature: &str| {
        json!({"choices": [{"delta": {"role": "assistant", "tool_calls": [
        {"extra_content": {"google": {"thought_signature": signature}}, "function": {"arguments": arguments, "name": name}, "id": "", "type": "function"}]},
        "index": 0}], "model": "gemini-3", "object": "chat.completion.chunk"})
    };
    let stop = json!({"choices": [{"delta": {"role": "assistant"}, "finish_reason": "stop", "index": 0}], "usage": {"completion_tokens": 9, "prompt_tokens": 80, "total_tokens": 89}});
    let pieces =
        hear(Wire::Chat, &[delta("get_task", "{\"task_id\":1}", "s1"), delta("list_labels", "", "s2"), stop], true)
            .expect("an answer");
    let made = calls(&pieces);
    assert_eq!(names(&made), [("get_task", "{\"task_id\":1}"), ("list_labels", "")]);
    assert_eq!(made[0].3, Some(json!({"extra_content": {"google": {"thought_signature": "s1"}}})));
    assert_eq!((ending(&pieces), pieces.contains(&Piece::Usage { input: 80, output: 9 })), (Some(Ending::Done), true));
    let failure = hear(
        Wire::Chat,
        &[json!([{"error": {"code": 429, "message": "Resource has been exhausted", "status": "RESOURCE_EXHAUSTED"}}])],
        false,
    )
    .expect_err("limited");
    assert_eq!((failure.status, failure.cause), (Some(429), Cause::Passing));
}

#[test]
fn ollama_sends_a_call_in_one_delta_and_thinks_beside_it() {
    let pieces = hear(Wire::Chat, &[
        json!({"id": "chatcmpl-1", "choices": [{"index": 0, "delta": {"role": "assistant", "content": "", "reasoning": "Hm"}, "finish_reason": null}]}),
        json!({"id": "chatcmpl-1", "choices": [{"index": 0, "delta": {"role": "assistant", "content": "", "tool_calls": [
            {"id": "call_x", "index": 0, "type": "function", "function": {"name": "get_task", "arguments": "{\"task_id\":3}"}},
            {"id": "call_y", "index": 1, "type": "function", "function": {"name": "get_task", "arguments": {"task_id": 4}}}]}, "finish_reason": null}]}),
        json!({"id": "chatcmpl-1", "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": "tool_calls"}]}),
    ], true).expect("an answer");
    assert_eq!(names(&calls(&pieces)), [("get_task", "{\"task_id\":3}"), ("get_task", "{\"task_id\":4}")]);
    assert_eq!(text(&pieces), "");
}

#[test]
fn llama_cpp_begins_with_null_and_loads_first() {
    let pieces = hear(Wire::Chat, &[
        json!({"choices": [{"finish_reason": null, "index": 0, "delta": {"role": "assistant", "content": null}}]}),
        json!({"choices": [{"finish_reason": null, "index": 0, "delta": {"reasoning_content": "secret thoughts"}}]}),
        json!({"choices": [{"finish_reason": null, "index": 0, "delta": {"content": "Hi"}}]}),
        json!({"choices": [{"finish_reason": "stop", "index": 0, "delta": {}}], "timings": {"predicted_n": 3}}),
    ], true).expect("an answer");
    assert_eq!((text(&pieces), ending(&pieces)), ("Hi".into(), Some(Ending::Done)));
    let loading = super::errors::failure(
        &json!({"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}),
        Some(503),
    );
    assert_eq!(loading.cause, Cause::Passing);
}

#[test]
fn azure_begins_with_nothing_and_filters() {
    let first = json!({"choices": [], "created": 0, "id": "", "model": "", "object": "", "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {}}]});
    let pieces = hear(Wire::Chat, &[
        first,
        json!({"choices": [{"content_filter_results": {}, "delta": {"content": "Well", "refusal": null}, "finish_reason": null, "index": 0}]}),
        json!({"choices": [{"delta": {}, "finish_reason": "content_filter", "index": 0}]}),
    ], true).expect("an answer");
    assert_eq!((text(&pieces), ending(&pieces)), ("Well".into(), Some(Ending::Filtered)));
}

#[test]
fn odd_chunks_do_no_harm() {
    let pieces = hear(Wire::Chat, &[
        json!({"type": "ping"}),
        json!({"choices": [{"delta": {"content": [{"type": "text", "text": "A"}, {"type": "text", "text": "B"}]}, "finish_reason": ""}], "usage": {"prompt_tokens": 1, "completion_tokens": 1}}),
        json!({"choices": [{"delta": {"refusal": " no"}}], "usage": {"prompt_tokens": 5, "completion_tokens": 2}}),
    ], true).expect("an answer");
    assert_eq!((text(&pieces), ending(&pieces)), ("AB no".into(), Some(Ending::Done)));
    // Equal ids and one index for all, whole or in parts.
    let one = |name: &str, arguments: &str| json!({"choices": [{"delta": {"tool_calls": [{"index": 0, "id": "same", "function": {"name": name, "arguments": arguments}}]}}]});
    let more = |arguments: &str| json!({"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"arguments": arguments}}]}}]});
    let stop = json!({"choices": [{"delta": {}, "finish_reason": "tool_calls"}]});
    let pieces = hear(Wire::Chat, &[one("a", "{\"x\":"), more("1}"), one("b", "{}"), stop], true).expect("an answer");
    assert_eq!(names(&calls(&pieces)), [("a", "{\"x\":1}"), ("b", "{}")]);
    let whole = json!({"choices": [{"message": {"content": "<think>x</think>Whole."}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 1, "completion_tokens": 1}});
    assert_eq!(text(&hear(Wire::Chat, &[whole], true).expect("an answer")), "Whole.");
}

#[test]
fn a_cut_answer_has_no_end() {
    let chat = [json!({"choices": [{"delta": {"content": "Half"}}]})];
    assert_eq!(ending(&hear(Wire::Chat, &chat, false).expect("pieces")), None);
    let responses = [json!({"type": "response.output_text.delta", "output_index": 0, "delta": "Half"})];
    assert_eq!(ending(&hear(Wire::Responses, &responses, true).expect("pieces")), None);
    let messages = [
        json!({"type": "message_start", "message": {"usage": {"input_tokens": 1}}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Half"}}),
    ];
    assert_eq!(ending(&hear(Wire::Messages, &messages, true).expect("pieces")), None);
}

#[test]
fn responses_keeps_nothing_there_and_sends_reasoning_back() {
    let thoughts = json!({"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAA"});
    let body =
        body(&openai(), Manner::new(Wire::Responses), &request(Some(thoughts.clone()), Some(json!({"id": "fc_1"}))));
    assert_eq!((&body["store"], &body["include"]), (&json!(false), &json!(["reasoning.encrypted_content"])));
    assert_eq!(
        (&body["instructions"], &body["max_output_tokens"], &body["reasoning"]["effort"]),
        (&json!("rules\n\ncontext"), &json!(900), &json!("low"))
    );
    let input = body["input"].as_array().expect("a list");
    assert_eq!(input[1], thoughts);
    assert_eq!(
        input[3],
        json!({"type": "function_call", "call_id": "a", "name": "get_task", "arguments": "{\"task_id\":1}", "id": "fc_1"})
    );
    assert_eq!(input[5], json!({"type": "function_call_output", "call_id": "a", "output": "result of a"}));
    assert_eq!((&body["tools"][0]["type"], &body["tools"][0]["strict"]), (&json!("function"), &json!(false)));
    assert!(body.get("previous_response_id").is_none() && body["tools"][0].get("function").is_none());
    let plain =
        super::body(&openai(), Manner { no_reasoning: true, ..Manner::new(Wire::Responses) }, &request(None, None));
    assert!(plain.get("include").is_none());
}

#[test]
fn responses_are_read_by_their_events() {
    let thoughts = json!({"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAA"});
    let head = json!({"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "get_task", "arguments": ""});
    let pieces = hear(Wire::Responses, &[
        json!({"type": "response.created", "response": {"status": "in_progress"}}),
        json!({"type": "response.output_item.added", "output_index": 0, "item": {"type": "reasoning", "id": "rs_1", "summary": []}}),
        json!({"type": "response.output_item.done", "output_index": 0, "item": thoughts}),
        json!({"type": "response.output_text.delta", "output_index": 1, "delta": "Let me see."}),
        json!({"type": "response.output_item.done", "output_index": 1, "item": {"type": "message", "content": [{"type": "output_text", "text": "Let me see."}]}}),
        json!({"type": "response.output_item.added", "output_index": 2, "item": head}),
        json!({"type": "response.function_call_arguments.delta", "output_index": 2, "delta": "{\"task_id\":"}),
        json!({"type": "response.function_call_arguments.delta", "output_index": 2, "delta": "1}"}),
        json!({"type": "response.function_call_arguments.done", "output_index": 2, "arguments": "{\"task_id\":1}"}),
        json!({"type": "response.output_item.done", "output_index": 2, "item": {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "get_task", "arguments": "{\"task_id\":1}"}}),
        json!({"type": "response.completed", "response": {"status": "completed", "usage": {"input_tokens": 50, "output_tokens": 7}}}),
    ], false).expect("an answer");
    assert_eq!(pieces[0], Piece::Opaque(thoughts));
    assert_eq!(
        calls(&pieces),
        [("call_1".into(), "get_task".into(), "{\"task_id\":1}".into(), Some(json!({"id": "fc_1"})))]
    );
    assert_eq!((text(&pieces), ending(&pieces)), ("Let me see.".into(), Some(Ending::Done)));
    assert!(pieces.contains(&Piece::Usage { input: 50, output: 7 }));
}

#[test]
fn responses_that_fail_or_stay_incomplete_say_so() {
    let incomplete = |reason: &str| json!({"type": "response.incomplete", "response": {"status": "incomplete", "incomplete_details": {"reason": reason}, "output": []}});
    assert_eq!(
        ending(&hear(Wire::Responses, &[incomplete("max_output_tokens")], false).expect("pieces")),
        Some(Ending::Length)
    );
    assert_eq!(
        ending(&hear(Wire::Responses, &[incomplete("content_filter")], false).expect("pieces")),
        Some(Ending::Filtered)
    );
    let failed = json!({"type": "response.failed", "response": {"status": "failed", "error": {"code": "rate_limit_exceeded", "message": "slow down"}}});
    let failure = hear(Wire::Responses, &[failed], false).expect_err("failed");
    assert_eq!((failure.status, failure.cause), (Some(429), Cause::Passing));
    let error = json!({"type": "error", "code": "context_length_exceeded", "message": "too long", "param": null});
    assert_eq!(hear(Wire::Responses, &[error], false).expect_err("failed").cause, Cause::TooLong);
    // Everything at the end, nothing before.
    let late = json!({"type": "response.completed", "response": {"status": "completed", "output": [{"type": "function_call", "call_id": "c", "name": "get_task", "arguments": "{}"},
        {"type": "message", "content": [{"type": "output_text", "text": "Late."}]}]}});
    let pieces = hear(Wire::Responses, &[late], false).expect("an answer");
    assert_eq!((names(&calls(&pieces)), text(&pieces)), (vec![("get_task", "{}")], "Late.".into()));
}

#[test]
fn messages_take_turns_and_results_stand_first_in_one() {
    let thoughts = json!({"type": "thinking", "thinking": "Hm", "signature": "c2ln"});
    let mut asked = request(Some(thoughts.clone()), None);
    // An answer without words, and a question right behind results.
    asked.said.remove(4);
    let body = body(&anthropic(), Manner::new(Wire::Messages), &asked);
    let messages = body["messages"].as_array().expect("a list");
    let roles: Vec<&str> = messages.iter().filter_map(|m| m["role"].as_str()).collect();
    assert_eq!(roles, ["user", "assistant", "user"]);
    assert_eq!(messages[1]["content"][0], thoughts);
    assert_eq!(
        messages[1]["content"][2],
        json!({"type": "tool_use", "id": "a", "name": "get_task", "input": {"task_id": 1}})
    );
    let kinds: Vec<&str> =
        messages[2]["content"].as_array().expect("a list").iter().filter_map(|b| b["type"].as_str()).collect();
    assert_eq!(kinds, ["tool_result", "tool_result", "text"]);
    assert_eq!(messages[2]["content"][1]["is_error"], true);
    assert_eq!((&body["max_tokens"], &body["thinking"]["type"]), (&json!(8192), &json!("adaptive")));
    assert_eq!((&body["system"][0]["text"], &body["system"][1]["text"]), (&json!("rules"), &json!("context")));
    assert!(body["system"][0].get("cache_control").is_some() && body["system"][1].get("cache_control").is_none());
    assert_eq!(body.to_string().matches("cache_control").count(), 2);
    let budget = super::body(&anthropic(), Manner { thinking_budget: true, ..Manner::new(Wire::Messages) }, &asked);
    assert_eq!(budget["thinking"], json!({"type": "enabled", "budget_tokens": 4096}));
    // Calls whose thoughts are gone wait for their results: thinking would be refused.
    let mut bare = request(None, None);
    bare.said.truncate(4);
    let bare = super::body(&anthropic(), Manner::new(Wire::Messages), &Request { words_only: true, ..bare });
    assert!(bare.get("thinking").is_none() && bare["tools"].is_array());
    assert_eq!(bare["tool_choice"], json!({"type": "none"}));
}

#[test]
fn messages_are_read_with_thoughts_pings_and_errors() {
    let pieces = hear(Wire::Messages, &[
        json!({"type": "message_start", "message": {"usage": {"input_tokens": 10, "cache_read_input_tokens": 90, "output_tokens": 1}}}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": "", "signature": ""}}),
        json!({"type": "ping"}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "Let "}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "me."}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "c2ln"}}),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "content_block_start", "index": 1, "content_block": {"type": "redacted_thinking", "data": "ZW5j"}}),
        json!({"type": "content_block_stop", "index": 1}),
        json!({"type": "content_block_start", "index": 2, "content_block": {"type": "text", "text": ""}}),
        json!({"type": "content_block_delta", "index": 2, "delta": {"type": "text_delta", "text": "Looking."}}),
        json!({"type": "content_block_stop", "index": 2}),
        json!({"type": "content_block_start", "index": 3, "content_block": {"type": "tool_use", "id": "toolu_1", "name": "get_task", "input": {}}}),
        json!({"type": "content_block_delta", "index": 3, "delta": {"type": "input_json_delta", "partial_json": ""}}),
        json!({"type": "content_block_delta", "index": 3, "delta": {"type": "input_json_delta", "partial_json": "{\"task_id\": 1}"}}),
        json!({"type": "content_block_stop", "index": 3}),
        json!({"type": "content_block_start", "index": 4, "content_block": {"type": "tool_use", "id": "toolu_2", "name": "list_labels", "input": {}}}),
        json!({"type": "content_block_stop", "index": 4}),
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 42}}),
        json!({"type": "message_stop"}),
    ], false).expect("an answer");
    let opaque: Vec<&Piece> = pieces.iter().filter(|piece| matches!(piece, Piece::Opaque(_))).collect();
    assert_eq!(
        opaque,
        [
            &Piece::Opaque(json!({"type": "thinking", "thinking": "Let me.", "signature": "c2ln"})),
            &Piece::Opaque(json!({"type": "redacted_thinking", "data": "ZW5j"})),
        ]
    );
    let made = calls(&pieces);
    assert_eq!(
        (names(&made), made[1].0.as_str()),
        (vec![("get_task", "{\"task_id\": 1}"), ("list_labels", "{}")], "toolu_2")
    );
    assert_eq!((text(&pieces), ending(&pieces)), ("Looking.".into(), Some(Ending::Done)));
    assert!(pieces.contains(&Piece::Usage { input: 100, output: 42 }));
    let error = json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}});
    let failure = hear(Wire::Messages, &[error], false).expect_err("overloaded");
    assert_eq!((failure.status, failure.cause), (Some(529), Cause::Passing));
    let refused =
        [json!({"type": "message_delta", "delta": {"stop_reason": "refusal"}}), json!({"type": "message_stop"})];
    assert_eq!(ending(&hear(Wire::Messages, &refused, false).expect("pieces")), Some(Ending::Filtered));
}
