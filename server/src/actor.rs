//! Who asks, and through which door. Every service call takes one.

use domain::{id::UserId, settings::Settings};
use jiff::tz::TimeZone;

/// Where a call came in; kept in the operation log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// The page, by its session cookie.
    Web,
    /// REST, by a bearer token.
    Api,
    /// The assistant.
    Chat,
    /// An MCP client.
    Mcp,
    /// The command line.
    Cli,
    /// An import.
    Import,
    /// The server itself.
    System,
}

impl Door {
    /// The word in the log and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Api => "api",
            Self::Chat => "chat",
            Self::Mcp => "mcp",
            Self::Cli => "cli",
            Self::Import => "import",
            Self::System => "system",
        }
    }
}

/// The person a call is made for, and how it reached us.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Whose data.
    pub user: UserId,
    /// How it came in.
    pub door: Door,
    /// Their choices: zone, locale, first day of the week.
    pub settings: Settings,
    /// `settings.time_zone`, looked up.
    pub zone: TimeZone,
    /// The request's `Idempotency-Key`, kept with the operation.
    pub request_key: Option<String>,
}

impl Actor {
    /// An actor with those settings; a zone that no longer exists is read as UTC.
    pub fn new(user: UserId, door: Door, settings: Settings) -> Self {
        let zone = TimeZone::get(&settings.time_zone).unwrap_or(TimeZone::UTC);
        Self { user, door, settings, zone, request_key: None }
    }

    /// The same person through another door.
    #[must_use]
    pub fn through(&self, door: Door) -> Self {
        Self { door, ..self.clone() }
    }
}
