//! What these pages are drawn with, asked of the API like everything else.

use super::said::Said;
use crate::api::{self, get};
use domain::{
    account::{ApiToken, AuditEntry, ConnectedApp, Person, SessionInfo, SignInOptions},
    chat_use::ChatUse,
    problem::Problem,
};
use serde::Deserialize;

/// What one of these pages is drawn with.
#[derive(Clone, Debug)]
pub enum Served {
    /// Sign-in and its neighbours, by path.
    Entrance(Box<Entrance>),
    /// Settings.
    Settings(Box<Settings>),
    /// The users of this installation.
    Admin(Box<Admin>),
    /// How much the assistant is used.
    Use(Box<Use>),
}

impl Served {
    /// Why the page as a whole is not to be seen.
    pub fn refusal(&self) -> Option<&Problem> {
        match self {
            Self::Admin(found) => found.users.as_ref().err(),
            Self::Use(found) => found.rows.as_ref().err(),
            Self::Entrance(_) | Self::Settings(_) => None,
        }
    }
}

/// Before somebody is signed in.
#[derive(Clone, Debug)]
pub struct Entrance {
    /// Which page.
    pub path: String,
    /// What this installation offers.
    pub options: SignInOptions,
    /// What an earlier try had to say.
    pub said: Said,
    /// What was typed then.
    pub email: String,
    /// What was typed then.
    pub name: String,
    /// Where to go afterwards, when it is a path of ours.
    pub next: Option<String>,
    /// From the link in a mail.
    pub token: String,
}

/// A person's settings. A part that could not be had says why and leaves the others alone.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What an earlier try had to say.
    pub said: Said,
    /// What this installation offers.
    pub options: SignInOptions,
    /// Ways to sign in.
    pub accounts: Result<Vec<Account>, Problem>,
    /// Where they are signed in.
    pub sessions: Result<Vec<SessionInfo>, Problem>,
    /// Programs of others they let in.
    pub apps: Result<Vec<ConnectedApp>, Problem>,
    /// Tokens of their programs.
    pub tokens: Result<Vec<ApiToken>, Problem>,
    /// What happened.
    pub events: Result<Vec<AuditEntry>, Problem>,
    /// The cursor of older events.
    pub older: Option<String>,
    /// Whether these are older events already.
    pub paged: bool,
}

/// Everybody.
#[derive(Clone, Debug)]
pub struct Admin {
    /// What an earlier try had to say.
    pub said: Said,
    /// What was searched for.
    pub search: String,
    /// Who was found.
    pub users: Result<Vec<Person>, Problem>,
    /// The cursor of the next page.
    pub next: Option<String>,
}

/// How much the assistant is used.
#[derive(Clone, Debug)]
pub struct Use {
    /// The last days that were asked for.
    pub days: u32,
    /// By day and person.
    pub rows: Result<Vec<ChatUse>, Problem>,
}

/// One of `GET /api/auth/list-accounts`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// The row's.
    pub id: String,
    /// `credential` is the password.
    pub provider_id: String,
    /// An instant.
    pub created_at: String,
}

/// Gathers what the page at `path` is drawn with besides the frame, when it is one of these.
pub async fn gather(path: &str, parameter: &impl Fn(&str) -> Option<String>) -> Option<Served> {
    let text = |name: &str| parameter(name).unwrap_or_default();
    let said = Said::of(path, parameter);
    Some(match path {
        "/sign-in" | "/sign-up" | "/forgot-password" | "/reset-password" => Served::Entrance(Box::new(Entrance {
            path: path.to_owned(),
            options: options().await,
            said,
            email: text("email"),
            name: text("name"),
            next: parameter("next").filter(|next| super::place::is_ours(next)),
            token: text("token"),
        })),
        "/settings" => {
            let before = parameter("before");
            let events = events(before.as_deref()).await;
            let older = events.as_ref().ok().and_then(|(_, older)| older.clone());
            Served::Settings(Box::new(Settings {
                said,
                options: options().await,
                accounts: list("/api/auth/list-accounts").await,
                sessions: list("/api/me/sessions").await,
                apps: list("/api/me/connected-apps").await,
                tokens: list("/api/me/tokens").await,
                events: events.map(|(events, _)| events),
                older,
                paged: before.is_some(),
            }))
        }
        "/admin" => {
            let (search, cursor) = (text("search"), text("cursor"));
            let mut address = format!("/api/admin/users?limit=50&search={}", api::encode(&search));
            if !cursor.is_empty() {
                address.push_str(&format!("&cursor={}", api::encode(&cursor)));
            }
            let found = get::<Vec<Person>>(address).await;
            let next = found.as_ref().ok().and_then(|a| parameter_of(a.next.as_deref()?, "cursor"));
            Served::Admin(Box::new(Admin { said, search, users: found.map(|a| a.value), next }))
        }
        "/admin/use" => {
            let days = text("days").parse().ok().filter(|days| (1..=366).contains(days)).unwrap_or(30);
            Served::Use(Box::new(Use { days, rows: list(&format!("/api/admin/chat-use?days={days}")).await }))
        }
        _ => return None,
    })
}

/// What this installation offers; the least of it when that cannot be had.
async fn options() -> SignInOptions {
    let asked = get("/api/sign-in-options".into()).await.map(|a| a.value);
    asked.unwrap_or(SignInOptions { sign_up: true, mail: false, providers: Vec::new() })
}

async fn list<T: serde::de::DeserializeOwned>(path: &str) -> Result<Vec<T>, Problem> {
    get(path.into()).await.map(|a| a.value)
}

async fn events(before: Option<&str>) -> Result<(Vec<AuditEntry>, Option<String>), Problem> {
    let before = before.map(|cursor| format!("&before={}", api::encode(cursor))).unwrap_or_default();
    let answer = get(format!("/api/me/audit?limit=20{before}")).await?;
    Ok((answer.value, answer.next.as_deref().and_then(|next| parameter_of(next, "before"))))
}

/// A parameter of an address, still encoded as it stands there.
fn parameter_of(address: &str, name: &str) -> Option<String> {
    let (_, query) = address.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
}
