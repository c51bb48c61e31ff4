//! A run's events on the wire: the event's name is the tag, its data the JSON, its id `RUN.NUMBER`.

use super::super::{
    Error,
    error::Result,
    extract::{Id, Me, Query},
};
use crate::{agent::Numbered, service::chat::Seen, state::AppState};
use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use domain::{chat::RunId, id::ConversationId, problem::Problem};
use futures::{Stream, StreamExt as _, stream};
use std::{convert::Infallible, time::Duration};

/// A proxy closes what is silent for a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// What a browser sends when it comes back to a stream.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// What happens in the answer that is being written, wherever that is: everything after the event you have seen last
/// (`Last-Event-ID`, or `after`), and then what is added until its end. 204 when nobody answers and you have seen all.
#[utoipa::path(get, path = "/api/{user_id}/conversations/{id}/events", tag = "chat",
    params(("user_id" = String, Path, description = "Your id, or `me`"), ("id" = i64, Path, description = "The conversation"),
        ("after" = Option<String>, Query, description = "The id of the last event seen: `RUN.NUMBER`"),
        ("Last-Event-ID" = Option<String>, Header, description = "The same")),
    responses((status = 200, description = "The events started, delta, tool_call, notice, done and failed", content_type = "text/event-stream", body = String),
        (status = 204, description = "Nothing"), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn attach(
    State(state): State<AppState>,
    Me(me): Me,
    Id(id): Id,
    Query(pairs): Query,
    headers: HeaderMap,
) -> Result<Response> {
    let header = headers.get(&LAST_EVENT_ID).map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned());
    let asked = pairs.into_iter().find(|(name, _)| name == "after").map(|(_, value)| value);
    let seen = match header.or(asked).filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => Some(Seen::parse(&text).ok_or_else(|| {
            Error::field("after", "invalid", "after must be the id of an event as the stream has sent it: RUN.NUMBER")
        })?),
    };
    let Some(following) = state.services.attach(&me, ConversationId(id), seen).await? else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let events = stream::unfold(following, |mut following| async {
        let next = following.next().await?;
        Some(((following.run.clone(), next), following))
    });
    Ok(streamed(events))
}

/// The events as a response.
pub(super) fn streamed(events: impl Stream<Item = (RunId, Numbered)> + Send + 'static) -> Response {
    let events = events.flat_map(|(run, numbered)| stream::iter(encode(&run, &numbered)));
    let mut response =
        Sse::new(events.map(Ok::<Event, Infallible>)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    // Proxies that collect answers are told not to.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

fn encode(run: &RunId, numbered: &Numbered) -> Option<Event> {
    let data = serde_json::to_value(&numbered.event).ok()?;
    let name = data["event"].as_str()?.to_owned();
    Some(Event::default().id(format!("{}.{}", run.0, numbered.number)).event(name).data(data.to_string()))
}
