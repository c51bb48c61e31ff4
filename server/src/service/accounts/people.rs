//! Looking after other people's accounts: who is there, who may come in, who may look after others.
//!
//! Deliberately absent: reading anybody's tasks, and signing in as somebody else. An admin can lock people out and in;
//! what they wrote stays theirs. One admin who can sign in always stays, or nobody could undo the last change.

use super::{Accounts, Event};
use crate::{
    actor::{Actor, Door},
    auth::client::Client,
    clock::rfc3339,
    service::{Error, Result},
    store::{self, Conn, people::PersonRow},
};
use domain::{account::Person, id::UserId, settings::Settings};

/// Most people in one answer.
pub const PEOPLE_MAX: u32 = 200;

/// Which people are asked for.
#[derive(Clone, Debug, Default)]
pub struct PeopleQuery {
    /// A piece of a name or an address; empty is everybody.
    pub search: String,
    /// At most so many, up to [`PEOPLE_MAX`].
    pub limit: u32,
    /// The address after which the page begins.
    pub after: String,
}

/// What should change about a person.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rights {
    /// Whether they look after others.
    pub admin: Option<bool>,
    /// Whether they are locked out.
    pub disabled: Option<bool>,
}

/// On whose word rights change.
#[derive(Clone, Copy, Debug)]
pub enum Authority<'a> {
    /// A signed-in person, who has to be an admin, at the other end of that line.
    Admin(&'a Actor, &'a Client),
    /// Whoever can run this program beside its database.
    Operator,
}

impl Authority<'_> {
    pub(super) async fn check(self, conn: &mut Conn) -> Result<()> {
        match self {
            Self::Operator => Ok(()),
            Self::Admin(actor, _) if conn.is_admin(&actor.user).await? => Ok(()),
            Self::Admin(..) => {
                Err(Error::Forbidden("Only an admin may do this. Ask whoever runs this server to make you one.".into()))
            }
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Admin(..) => "by an admin",
            Self::Operator => "by the operator",
        }
    }
}

impl Accounts {
    /// People by address, and the address after which the next page begins when there is one.
    pub async fn people(&self, by: Authority<'_>, query: &PeopleQuery) -> Result<(Vec<Person>, Option<String>)> {
        let limit = query.limit.clamp(1, PEOPLE_MAX);
        let mut conn = self.store.read().await?;
        by.check(&mut conn).await?;
        let mut rows = conn.people(query.search.trim(), &query.after, limit + 1).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| more).map(|row| row.email.clone());
        Ok((rows.into_iter().map(person).collect(), next))
    }

    /// Whose address that is.
    pub async fn find(&self, email: &str) -> Result<UserId> {
        let email = email.trim().to_lowercase();
        let found = self.store.read().await?.user_id_of(&email).await?;
        found.ok_or_else(|| Error::NotFound { what: format!("account with the address {email}") })
    }

    /// Somebody as the operator's own programs act for them; nobody when they are gone or locked out.
    pub async fn local_actor(&self, user: &UserId) -> Result<Option<Actor>, store::Error> {
        let found = self.store.read().await?.person(user).await?.filter(|found| !found.disabled);
        Ok(found.map(|found| Actor::new(user.clone(), Door::Mcp, found.settings.unwrap_or_else(Settings::default))))
    }

    /// Changes what a person may do here. Whoever is locked out is signed out everywhere.
    pub async fn set_rights(&self, by: Authority<'_>, id: &UserId, rights: Rights) -> Result<Person> {
        let mut conn = self.store.write().await?;
        by.check(&mut conn).await?;
        conn.lock_rights().await?;
        let missing = || Error::NotFound { what: "such account".into() };
        let before = conn.someone(id).await?.ok_or_else(missing)?;
        let (was_admin, was_disabled) = (before.admin, before.disabled);
        let admin = rights.admin.unwrap_or(was_admin);
        let disabled = rights.disabled.unwrap_or(was_disabled);
        let leaves = was_admin && !was_disabled && (!admin || disabled);
        if leaves && !conn.other_admins(id).await? {
            let detail = "This is the last admin who can sign in: make somebody else an admin first.";
            return Err(Error::conflict("last_admin", detail));
        }
        if (admin, disabled) == (was_admin, was_disabled) {
            return Ok(person(before));
        }
        conn.set_rights(id, admin, disabled).await?;
        if disabled {
            conn.delete_sessions(id).await?;
        }
        let after = conn.someone(id).await?.ok_or_else(missing)?;
        conn.commit().await?;
        let mut acts = Vec::new();
        if disabled != was_disabled {
            acts.push(if disabled { (Event::Disabled, "disabled") } else { (Event::Enabled, "enabled") });
        }
        if admin != was_admin {
            acts.push((Event::RightsChanged, if admin { "became an admin" } else { "is no longer an admin" }));
        }
        for (event, words) in acts {
            self.remember_act(by, event, id, words).await;
        }
        Ok(person(after))
    }

    /// Keeps an act twice: with whom it touched, who is not told where an admin sits, and with the admin who did it.
    async fn remember_act(&self, by: Authority<'_>, event: Event, id: &UserId, words: &str) {
        let detail = if event == Event::RightsChanged { format!("{words}, {}", by.words()) } else { by.words().into() };
        self.remember(event, Some(id), &Client::default(), &detail).await;
        if let Authority::Admin(actor, client) = by {
            self.remember(Event::AdminActed, Some(&actor.user), client, &format!("{id} {words}")).await;
        }
    }
}

fn person(row: PersonRow) -> Person {
    let last_seen_at = row.last_seen().map(rfc3339);
    Person {
        id: UserId(row.id),
        name: row.name,
        email: row.email,
        email_verified: row.email_verified,
        created_at: rfc3339(row.created_at.saturating_mul(1000)),
        admin: row.admin,
        disabled: row.disabled,
        last_seen_at,
        tasks: row.tasks,
    }
}
