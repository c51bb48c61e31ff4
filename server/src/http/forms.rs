//! Plain forms, for pages without script: decode, call the service the API calls, and send the browser on with 303.
//!
//! A browser goes to `next` when that is a path of ours, else back to where it came from. What went wrong travels as a
//! sentence in `?error=`, which the page shows; what was typed to sign in travels with it, the password excepted. Every
//! form is checked for where it was sent from, like any other request with a cookie.

use super::{Error, auth::client, error::Result, extract, task_input};
use crate::{
    actor::Actor,
    auth::{cookie, origin, target},
    service::{
        accounts::{self, NewAccount, SignedIn, SignedUp, Visitor},
        chat::ChatFailed,
        quick_add::QuickAdd,
        settings::SettingsPatch,
    },
    state::AppState,
    store::accounts::UserPatch,
};
use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use domain::{
    chat::{Approval, ChatRequest, Decision},
    id::{ConversationId, ProjectId, Seq, TaskId},
    task::ProjectChoice,
    text::Name,
};
use serde_json::{Map, Value};
use url::{Url, form_urlencoded};

/// Where a signed-in browser goes that has nowhere else to go.
const HOME: &str = "/today";
/// Longest sentence carried in an address, in characters.
const SENTENCE_MAX: usize = 300;

/// The routes.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/sign-in", post(sign_in))
        .route("/sign-up", post(sign_up))
        .route("/sign-out", post(sign_out))
        .route("/do/{act}", post(act))
        .layer(DefaultBodyLimit::max(extract::BODY_MAX))
}

/// A form that was sent.
struct Form {
    fields: Vec<(String, String)>,
    headers: HeaderMap,
    client: crate::auth::client::Client,
}

impl FromRequest<AppState> for Form {
    type Rejection = Error;
    async fn from_request(request: Request, state: &AppState) -> Result<Self> {
        let headers = request.headers().clone();
        state.accounts.trust.check(request.method(), &headers).map_err(foreign)?;
        let client = client(&headers, request.extensions());
        let kind = headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
        if !kind.is_empty() && !kind.starts_with(b"application/x-www-form-urlencoded") {
            let detail = "Send a form as application/x-www-form-urlencoded.".into();
            return Err(Error::Door(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|e| extract::too_large_or(&e))?;
        Ok(Self { fields: form_urlencoded::parse(&bytes).into_owned().collect(), headers, client })
    }
}

impl Form {
    /// The field's text; absent is empty.
    fn text(&self, name: &str) -> &str {
        self.given(name).unwrap_or_default()
    }

    /// The field's text, when the form has the field.
    fn given(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(key, _)| key == name).map(|(_, text)| text.as_str())
    }

    fn number(&self, name: &str) -> Result<i64> {
        let wrong = || Error::field(name, "invalid", format!("{name} must be a number"));
        self.text(name).trim().parse().map_err(|_| wrong())
    }

    fn task(&self) -> Result<TaskId> {
        self.number("id").map(TaskId)
    }

    /// Where the form asks to go, when that is a place of ours.
    fn next(&self) -> Option<&str> {
        self.given("next").filter(|next| origin::local(next))
    }

    /// The page the form stood on, without what an earlier try had to say.
    fn back(&self) -> Option<String> {
        let referer = Url::parse(self.headers.get(header::REFERER)?.to_str().ok()?).ok()?;
        let kept: Vec<_> = referer.query_pairs().filter(|(name, _)| name != "error").collect();
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
        let mut back = referer.path().to_owned();
        if !query.is_empty() {
            back = format!("{back}?{query}");
        }
        Some(back).filter(|back| origin::local(back))
    }
}

fn foreign(refusal: origin::Refusal) -> Error {
    let detail = format!("{}: this form was sent from another site.", refusal.message());
    Error::Door(StatusCode::FORBIDDEN, "foreign_origin", detail)
}

async fn sign_in(State(state): State<AppState>, form: Form) -> Result<Response> {
    state.accounts.trust.check_sign_in(&form.headers).map_err(foreign)?;
    let tried = async {
        state.accounts.count_try("/sign-in/email", &form.client).await?;
        state.accounts.sign_in(form.text("email").trim(), form.text("password"), true, None, &form.client).await
    };
    Ok(entered(&state, &form, "/sign-in", tried.await))
}

async fn sign_up(State(state): State<AppState>, form: Form) -> Result<Response> {
    state.accounts.trust.check_sign_in(&form.headers).map_err(foreign)?;
    let new = NewAccount {
        name: form.text("name"),
        email: form.text("email").trim(),
        password: form.text("password"),
        image: None,
        remember: true,
    };
    let tried = async {
        state.accounts.count_try("/sign-up/email", &form.client).await?;
        state.accounts.sign_up(&new, form.next(), &form.client).await
    };
    Ok(match tried.await {
        Ok(SignedUp::In(done)) => entered(&state, &form, "/sign-up", Ok(done)),
        Ok(SignedUp::Unproven(_)) => see_other("/sign-in?done=verify", []),
        Err(error) => entered(&state, &form, "/sign-up", Err(error)),
    })
}

fn entered(
    state: &AppState,
    form: &Form,
    door: &str,
    tried: std::result::Result<SignedIn, accounts::Error>,
) -> Response {
    match tried {
        Ok(done) => {
            let (before, _) = state.accounts.presented(cookie::header(&form.headers).as_deref(), None);
            let lines = state.accounts.cookies.signed_in(&done.token, done.remembered, &before);
            see_other(form.next().unwrap_or(HOME), lines)
        }
        Err(error) => {
            let mut kept = vec![("error", sentence(&Error::from(error)))];
            kept.extend(["email", "name"].map(|name| (name, cut(form.text(name), accounts::NAME_MAX))));
            kept.extend(form.next().map(|next| ("next", next.to_owned())));
            kept.retain(|(_, text)| !text.is_empty());
            see_other(&with_query(door, &kept), [])
        }
    }
}

async fn sign_out(State(state): State<AppState>, form: Form) -> Result<Response> {
    let (presented, _) = state.accounts.presented(cookie::header(&form.headers).as_deref(), None);
    state.accounts.sign_out(&presented, &form.client).await?;
    Ok(see_other("/sign-in", state.accounts.cookies.clear()))
}

/// `/do/…`: what a signed-in person can do without script.
async fn act(State(state): State<AppState>, Path(name): Path<String>, form: Form) -> Result<Response> {
    let cookies = cookie::header(&form.headers);
    let Some(visitor) = state.accounts.authenticate(cookies.as_deref(), None).await? else {
        let next = form.next().map(str::to_owned).or_else(|| form.back()).unwrap_or_else(|| HOME.into());
        return Ok(see_other(&with_query("/sign-in", &[("next", next)]), []));
    };
    let actor = &visitor.actor;
    let stay = |()| None;
    let done = match name.as_str() {
        "add" => add(&state, actor, &form).await.map(stay),
        "complete" => complete(&state, actor, &form).await.map(stay),
        "delete" => delete(&state, actor, &form).await.map(stay),
        "restore" => restore(&state, actor, &form).await.map(stay),
        "undo" => undo(&state, actor, &form).await.map(stay),
        "update" => update(&state, actor, &form).await.map(stay),
        "settings" => settings(&state, actor, &form).await.map(stay),
        "chat" => chat(&state, actor, &form).await.map(conversation),
        "approve" => approve(&state, actor, &form).await.map(conversation),
        _ => return Err(Error::not_found()),
    };
    let back = || form.back().unwrap_or_else(|| HOME.to_owned());
    Ok(match done {
        Ok(place) => {
            let place = form.next().map(str::to_owned).or(place).unwrap_or_else(back);
            see_other(&place, extended(&state, &visitor))
        }
        Err(error) => {
            let back = with_query(&back(), &[("error", sentence(&error))]);
            see_other(&back, extended(&state, &visitor))
        }
    })
}

async fn add(state: &AppState, actor: &Actor, form: &Form) -> Result<()> {
    let add = QuickAdd {
        text: form.text("text").to_owned(),
        timezone: None,
        locale: None,
        now: None,
        project: project(form.text("project"))?,
    };
    state.services.quick_add(actor, add).await?;
    Ok(())
}

async fn complete(state: &AppState, actor: &Actor, form: &Form) -> Result<()> {
    state.services.toggle_task(actor, form.task()?, None).await?;
    Ok(())
}

async fn delete(state: &AppState, actor: &Actor, form: &Form) -> Result<()> {
    state.services.delete_tasks(actor, &[form.task()?], None).await?;
    Ok(())
}

async fn restore(state: &AppState, actor: &Actor, form: &Form) -> Result<()> {
    state.services.restore_tasks(actor, &[form.task()?]).await?;
    Ok(())
}

async fn undo(state: &AppState, actor: &Actor, form: &Form) -> Result<()> {
    let seq = match form.text("seq") {
        "" => None,
        _ => Some(Seq(form.number("seq")?)),
    };
    state.services.undo(actor, seq).await?;
    Ok(())
}

/// The task's form: the fields it has are changed, an emptied one is cleared.
async fn update(state: &AppState, actor: &Actor, form: &Form) -> Result<()> {
    let version = match form.text("version") {
        "" => None,
        _ => Some(form.number("version")?),
    };
    let mut map = Map::new();
    for (name, text) in &form.fields {
        // A note may begin with blanks that mean something, as in a list.
        let text = if name == "description" { text.as_str() } else { text.trim() };
        let value = match name.as_str() {
            "id" | "version" | "next" => continue,
            "labels" => text.split(',').map(str::trim).filter(|label| !label.is_empty()).collect(),
            "project" | "parent_id" => match text.parse::<i64>() {
                Ok(id) => id.into(),
                Err(_) if text.is_empty() => Value::Null,
                Err(_) => text.into(),
            },
            "description" | "priority" if text.is_empty() => Value::Null,
            _ => text.into(),
        };
        map.insert(name.clone(), value);
    }
    state.services.update_tasks(actor, &[form.task()?], task_input::patch(map)?, version).await?;
    Ok(())
}

async fn settings(state: &AppState, actor: &Actor, form: &Form) -> Result<()> {
    let owned = |name: &str| form.given(name).map(|text| text.trim().to_owned());
    let patch = SettingsPatch {
        time_zone: owned("time_zone"),
        theme: owned("theme"),
        locale: owned("locale"),
        week_start: owned("week_start"),
    };
    if let Some(name) = owned("name") {
        let patch = UserPatch { name: Some(name), ..UserPatch::default() };
        state.accounts.update_user(&actor.user, patch).await?;
    }
    state.services.update_settings(actor, patch).await?;
    Ok(())
}

/// One whole turn: without script there is nothing to stream to.
async fn chat(state: &AppState, actor: &Actor, form: &Form) -> Result<ConversationId> {
    let conversation_id = match form.text("conversation_id") {
        "" => None,
        _ => Some(ConversationId(form.number("conversation_id")?)),
    };
    let request = ChatRequest { conversation_id, message: form.text("message").to_owned() };
    Ok(state.services.chat(actor, request).await.map_err(failed)?.conversation_id)
}

async fn approve(state: &AppState, actor: &Actor, form: &Form) -> Result<ConversationId> {
    let conversation = ConversationId(form.number("conversation_id")?);
    let decision = match form.text("decision") {
        "allow" => Decision::Allow,
        "always" => Decision::Always,
        "deny" => Decision::Deny,
        _ => return Err(Error::field("decision", "unknown", "decision must be allow, always or deny")),
    };
    let approval = Approval { decision, arguments: None, reason: None };
    let reply = state.services.approve(actor, conversation, form.text("id"), approval).await.map_err(failed)?;
    Ok(reply.conversation_id)
}

fn failed(failed: ChatFailed) -> Error {
    match failed {
        ChatFailed::Refused(error) => Error::Service(error),
        ChatFailed::Problem(problem) => Error::Told(Box::new(problem)),
    }
}

fn conversation(id: ConversationId) -> Option<String> {
    Some(format!("/chat/{id}"))
}

/// A project by number or by name; nothing is the inbox.
fn project(text: &str) -> Result<Option<ProjectChoice>> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if let Ok(id) = text.parse() {
        return Ok(Some(ProjectChoice::Id(ProjectId(id))));
    }
    let name = Name::parse(text).map_err(|e| Error::field("project", e.code(), format!("project {e}")))?;
    Ok(Some(ProjectChoice::Named(name)))
}

fn extended(state: &AppState, visitor: &Visitor) -> Option<String> {
    visitor.extended.then(|| state.accounts.cookies.session(&visitor.token, true))
}

/// What went wrong, for a person; our own failures go to the log.
fn sentence(error: &Error) -> String {
    error.log();
    cut(&error.problem().detail, SENTENCE_MAX)
}

fn cut(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
}

fn with_query(path: &str, pairs: &[(&str, String)]) -> String {
    target::with_query(path, pairs.iter().map(|(name, value)| (*name, value.as_str())))
}

/// Sends the browser on to a path of ours.
fn see_other(path: &str, cookies: impl IntoIterator<Item = String>) -> Response {
    let location = HeaderValue::try_from(cookie::encode_target(path)).unwrap_or(HeaderValue::from_static(HOME));
    let store = HeaderValue::from_static("no-store");
    let mut response =
        (StatusCode::SEE_OTHER, [(header::LOCATION, location), (header::CACHE_CONTROL, store)]).into_response();
    for line in cookies {
        if let Ok(line) = HeaderValue::try_from(line) {
            response.headers_mut().append(header::SET_COOKIE, line);
        }
    }
    response
}
