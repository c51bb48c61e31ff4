//! Who asks, and through which door. Every service call takes one.

use domain::{id::UserId, settings::Settings};
use jiff::tz::TimeZone;
use std::fmt;

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

/// A kind of thing an API token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Look.
    Read,
    /// Change.
    Write,
    /// Talk to the assistant, which changes things only with [`Scope::Write`].
    Chat,
    /// What only admins may, for a person who is one.
    Admin,
}

impl Scope {
    /// Every scope, in the order they are shown.
    pub const ALL: [Self; 4] = [Self::Read, Self::Write, Self::Chat, Self::Admin];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Chat => "chat",
            Self::Admin => "admin",
        }
    }

    /// The scope of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }
}

/// A set of scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// None of them.
    pub const NONE: Self = Self(0);
    /// All of them: what a person has who came by a session.
    pub const ALL: Self = Self(0b1111);

    /// Whether it is among them.
    pub fn has(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u8) != 0
    }

    /// The words, in their order.
    pub fn words(self) -> Vec<&'static str> {
        Scope::ALL.into_iter().filter(|scope| self.has(*scope)).map(Scope::as_str).collect()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |all, scope| all | (1 << scope as u8)))
    }
}

/// The person a call is made for, and how it reached us.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Whose data.
    pub user: UserId,
    /// How it came in.
    pub door: Door,
    /// What they may do here; fewer than all when they came by an API token.
    pub scopes: Scopes,
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
        Self { user, door, scopes: Scopes::ALL, settings, zone, request_key: None }
    }

    /// Refuses what they may not do here: the missing scope.
    pub fn require(&self, scope: Scope) -> Result<(), Scope> {
        if self.scopes.has(scope) { Ok(()) } else { Err(scope) }
    }

    /// The same person through another door.
    #[must_use]
    pub fn through(&self, door: Door) -> Self {
        Self { door, ..self.clone() }
    }
}
