//! Server-sent events read by fetch: a turn answers a POST, which the browser's own EventSource cannot do, and following a
//! turn is the same stream over GET. The body is read piece by piece.

use crate::transport::{self, Call, Reply};
use domain::{
    chat::{ChatEvent, ChatReply},
    id::{ConversationId, MessageId},
    problem::Problem,
};
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

thread_local! {
    /// Lets go of the stream that is being read; there is one at a time.
    static READING: RefCell<Option<AbortController>> = const { RefCell::new(None) };
}

/// Lets go of the stream that is being read. What it tells about goes on without us.
pub fn let_go() {
    READING.with_borrow_mut(|c| {
        if let Some(controller) = c.take() {
            controller.abort();
        }
    });
}

/// Makes the call and hands out events as they come, each with its id (empty when it has none). Comes back when the stream
/// has ended, whether or not what it tells about has. An ordinary JSON answer counts as the last event, and no content as
/// no event.
pub async fn read(call: &Call, event: &mut dyn FnMut(&str, ChatEvent)) -> Result<(), Problem> {
    let controller = AbortController::new().map_err(|_| transport::offline())?;
    READING.set(Some(controller.clone()));
    follow(call, &controller, event).await.unwrap_or_else(|_| Err(transport::offline()))
}

async fn follow(
    call: &Call,
    controller: &AbortController,
    event: &mut dyn FnMut(&str, ChatEvent),
) -> Result<Result<(), Problem>, JsValue> {
    let response = transport::open(call, "text/event-stream", Some(&controller.signal())).await?;
    let kind = response.headers().get("content-type")?.unwrap_or_default();
    let Some(body) = response.body().filter(|_| kind.starts_with("text/event-stream")) else {
        if response.status() == 204 {
            return Ok(Ok(()));
        }
        let text = JsFuture::from(response.text()?).await?;
        let reply = Reply { status: response.status(), body: text.as_string().unwrap_or_default(), ..Reply::default() };
        return Ok(reply.decode::<ChatReply>().map(|answer| event("", ChatEvent::Done { reply: answer.value })));
    };
    let reader: web_sys::ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let decoder = web_sys::TextDecoder::new()?;
    let more = web_sys::TextDecodeOptions::new();
    more.set_stream(true);
    let mut events = Events::default();
    loop {
        let piece = JsFuture::from(reader.read()).await?;
        if js_sys::Reflect::get(&piece, &"done".into())?.is_truthy() {
            return Ok(Ok(()));
        }
        let bytes: js_sys::Uint8Array = js_sys::Reflect::get(&piece, &"value".into())?.unchecked_into();
        let text = decoder.decode_with_buffer_source_and_options(&bytes, &more)?;
        for (id, data) in events.push(&text) {
            // An event this page does not know is somebody newer's; the known ones around it still count.
            if let Some(known) = chat_event(&data) {
                event(&id, known);
            }
        }
    }
}

/// Reads an event by its tag. Serde's derived form for tagged enums would bring a second copy of every type inside.
fn chat_event(data: &str) -> Option<ChatEvent> {
    let mut value: serde_json::Value = serde_json::from_str(data).ok()?;
    let text = |name: &str| value.get(name)?.as_str().map(str::to_owned);
    let tag = text("event")?;
    Some(match tag.as_str() {
        "delta" => ChatEvent::Delta { text: text("text")? },
        "notice" => ChatEvent::Notice { text: text("text")? },
        "started" => ChatEvent::Started {
            conversation_id: ConversationId(value.get("conversation_id")?.as_i64()?),
            user_message_id: value.get("user_message_id").and_then(serde_json::Value::as_i64).map(MessageId),
            message_id: value.get("message_id").and_then(serde_json::Value::as_i64).map(MessageId),
        },
        "tool_call" => ChatEvent::ToolCall { call: part(&mut value, "call")? },
        "done" => ChatEvent::Done { reply: part(&mut value, "reply")? },
        "failed" => ChatEvent::Failed { problem: part(&mut value, "problem")? },
        _ => return None,
    })
}

fn part<T: DeserializeOwned>(value: &mut serde_json::Value, name: &str) -> Option<T> {
    serde_json::from_str(&value.get_mut(name)?.take().to_string()).ok()
}

/// Takes an event stream apart, however it was cut into pieces. The `data` of an event names it again, so its `event` is
/// not needed.
#[derive(Debug, Default)]
pub struct Events {
    line: String,
    /// The last id that was sent; it stands for the events after it too.
    id: String,
    data: String,
    after_return: bool,
}

impl Events {
    /// Takes in a piece and gives out the events it completes: their ids and data.
    pub fn push(&mut self, piece: &str) -> Vec<(String, String)> {
        let mut complete = Vec::new();
        for c in piece.chars() {
            // Lines end with LF, CR or CRLF, and CRLF may be cut in two.
            let second_half = c == '\n' && self.after_return;
            self.after_return = c == '\r';
            match c {
                _ if second_half => {}
                '\n' | '\r' => {
                    let line = std::mem::take(&mut self.line);
                    complete.extend(self.end_line(&line));
                }
                c => self.line.push(c),
            }
        }
        complete
    }

    fn end_line(&mut self, line: &str) -> Option<(String, String)> {
        if line.is_empty() {
            let data = std::mem::take(&mut self.data);
            return (!data.is_empty()).then(|| (self.id.clone(), data));
        }
        let (field, value) = line.split_once(':')?;
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "id" => value.clone_into(&mut self.id),
            "data" => {
                if !self.data.is_empty() {
                    self.data.push('\n');
                }
                self.data.push_str(value);
            }
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::chat::MessageStatus;

    #[test]
    fn every_event_is_read_as_it_is_written() {
        let events = [
            ChatEvent::Started {
                conversation_id: ConversationId(7),
                user_message_id: Some(MessageId(1)),
                message_id: Some(MessageId(2)),
            },
            ChatEvent::Delta { text: "a \"b\"".into() },
            ChatEvent::Notice { text: "n".into() },
            ChatEvent::Failed { problem: transport::offline() },
            ChatEvent::Done {
                reply: ChatReply {
                    conversation_id: ConversationId(7),
                    response: "r".into(),
                    tool_calls: vec![],
                    message_id: None,
                    status: MessageStatus::Done,
                },
            },
        ];
        for event in events {
            let text = serde_json::to_string(&event).expect("our own type");
            assert_eq!(chat_event(&text), Some(event));
        }
        assert_eq!(chat_event(r#"{"event":"newer"}"#), None);
    }

    #[test]
    fn events_survive_any_cut() {
        let stream = "event: delta\r\nid: r.1\r\ndata: {\"a\":1}\r\n\r\n: keep-alive\n\ndata: one\ndata: two\n\nid: 7\rdata: \u{1f95b}\r\r";
        let expected = [("r.1", "{\"a\":1}"), ("r.1", "one\ntwo"), ("7", "\u{1f95b}")];
        let expected = expected.map(|(id, data)| (id.to_owned(), data.to_owned()));
        for size in 1..stream.chars().count() {
            let mut events = Events::default();
            let chars: Vec<char> = stream.chars().collect();
            let got: Vec<(String, String)> =
                chars.chunks(size).flat_map(|c| events.push(&c.iter().collect::<String>())).collect();
            assert_eq!(got, expected, "cut every {size}");
        }
    }
}
