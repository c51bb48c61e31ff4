//! Sessions, in Better Auth's table `session`. Ownership: a session is found by its token, which only its owner has.

use super::{Conn, Result, Sql, accounts::UserRow, better_auth::sql, on};
use domain::{account::User, id::UserId, settings::Settings};
use sqlx::FromRow;

const AUTHENTICATE: Sql = sql!(
    r#"SELECT s."id", s."userId" AS user_id, "# millis(r#"s."expiresAt""#) r#" AS expires_at,
        p.time_zone, p.theme, p.locale, p.week_start, coalesce(f.disabled, false) AS disabled
    FROM "session" s
    LEFT JOIN settings p ON p.user_id = s."userId"
    LEFT JOIN user_flags f ON f.user_id = s."userId"
    WHERE s."token" = $1"#
);
const PERSON: &str = r#"SELECT p.time_zone, p.theme, p.locale, p.week_start, coalesce(f.disabled, false) AS disabled
    FROM "user" u
    LEFT JOIN settings p ON p.user_id = u."id"
    LEFT JOIN user_flags f ON f.user_id = u."id"
    WHERE u."id" = $1"#;
const SESSION: Sql = sql!(
    r#"SELECT s."id" AS session_id, "# millis(r#"s."expiresAt""#) " AS expires_at, "
        millis(r#"s."createdAt""#) " AS session_created_at, " millis(r#"s."updatedAt""#) r#" AS session_updated_at,
        s."ipAddress" AS address, s."userAgent" AS agent, coalesce(f.disabled, false) AS disabled,
        u."id", u."name", u."email", u."emailVerified" AS email_verified, u."image", "#
        millis(r#"u."createdAt""#) " AS created_at, " millis(r#"u."updatedAt""#) r#" AS updated_at
    FROM "session" s
    JOIN "user" u ON u."id" = s."userId"
    LEFT JOIN user_flags f ON f.user_id = u."id"
    WHERE s."token" = $1"#
);
const INSERT_SESSION: Sql = sql!(
    r#"INSERT INTO "session" ("id", "token", "userId", "ipAddress", "userAgent", "expiresAt", "createdAt", "updatedAt")
    VALUES ($1, $2, $3, $4, $5, "# at(6) ", " at(7) ", " at(7) ")"
);
const EXTEND: Sql = sql!(
    r#"UPDATE "session" SET "expiresAt" = "# at(2) r#", "updatedAt" = "# at(3) r#" WHERE "token" = $1"#
);
const DELETE_SESSION: &str = r#"DELETE FROM "session" WHERE "token" = $1"#;
const LIST: Sql = sql!(
    r#"SELECT "id", "token", "# millis(r#""expiresAt""#) " AS expires_at, " millis(r#""createdAt""#) " AS created_at, "
        millis(r#""updatedAt""#) r#" AS updated_at, "ipAddress" AS address, "userAgent" AS agent
    FROM "session" WHERE "userId" = $1 AND "expiresAt" > "# at(2) r#" ORDER BY "createdAt" DESC, "id""#
);
const DELETE_SESSION_ROW: &str = r#"DELETE FROM "session" WHERE "userId" = $1 AND "id" = $2"#;
const DELETE_OWN_SESSION: &str = r#"DELETE FROM "session" WHERE "userId" = $1 AND "token" = $2"#;
const DELETE_SESSIONS: &str = r#"DELETE FROM "session" WHERE "userId" = $1"#;
const DELETE_OTHER_SESSIONS: &str = r#"DELETE FROM "session" WHERE "userId" = $1 AND "token" <> $2"#;

/// What a request needs to know about a session.
#[derive(Clone, Debug)]
pub struct SessionActor {
    /// The session's row id.
    pub id: String,
    /// Whose it is.
    pub user: UserId,
    /// Milliseconds since 1970 UTC.
    pub expires_at: i64,
    /// What they chose, when they ever changed anything.
    pub settings: Option<Settings>,
    /// An admin has locked them out.
    pub disabled: bool,
}

#[derive(FromRow)]
struct SessionActorRow {
    id: String,
    user_id: String,
    expires_at: i64,
    #[sqlx(flatten)]
    person: PersonRow,
}

/// What a request needs to know about a person.
#[derive(Clone, Debug)]
pub struct Person {
    /// What they chose, when they ever changed anything.
    pub settings: Option<Settings>,
    /// An admin has locked them out.
    pub disabled: bool,
}

#[derive(FromRow)]
pub(super) struct PersonRow {
    time_zone: Option<String>,
    theme: Option<String>,
    locale: Option<String>,
    week_start: Option<String>,
    disabled: bool,
}

impl From<PersonRow> for Person {
    fn from(row: PersonRow) -> Self {
        let settings = match (row.time_zone, row.theme, row.locale, row.week_start) {
            (Some(time_zone), Some(theme), Some(locale), Some(week_start)) => {
                Some(Settings { time_zone, theme, locale, week_start })
            }
            _ => None,
        };
        Self { settings, disabled: row.disabled }
    }
}

impl From<SessionActorRow> for SessionActor {
    fn from(row: SessionActorRow) -> Self {
        let Person { settings, disabled } = row.person.into();
        Self { id: row.id, user: UserId(row.user_id), expires_at: row.expires_at, settings, disabled }
    }
}

/// A row of `session`; instants are milliseconds since 1970 UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The row's id.
    pub id: String,
    /// What the cookie carries.
    pub token: String,
    /// Whose it is.
    pub user: UserId,
    /// When it ends.
    pub expires_at: i64,
    /// When they signed in.
    pub created_at: i64,
    /// When it was last extended.
    pub updated_at: i64,
    /// Where from, empty when unknown.
    pub address: String,
    /// With which program, empty when unknown.
    pub agent: String,
}

/// A session with its owner.
#[derive(Clone, Debug)]
pub struct SessionOwner {
    /// The session.
    pub session: Session,
    /// The owner.
    pub user: User,
    /// An admin has locked them out.
    pub disabled: bool,
}

#[derive(FromRow)]
struct SessionRow {
    session_id: String,
    expires_at: i64,
    session_created_at: i64,
    session_updated_at: i64,
    address: Option<String>,
    agent: Option<String>,
    disabled: bool,
    #[sqlx(flatten)]
    user: UserRow,
}

#[derive(FromRow)]
struct ListedRow {
    id: String,
    token: String,
    expires_at: i64,
    created_at: i64,
    updated_at: i64,
    address: Option<String>,
    agent: Option<String>,
}

impl Conn {
    /// Who holds that token, in one query: this runs for every request.
    pub async fn session_actor(&mut self, token: &str) -> Result<Option<SessionActor>> {
        let sql = self.pick(&AUTHENTICATE);
        let row: Option<SessionActorRow> = on!(self, |c| sqlx::query_as(sql).bind(token).fetch_optional(c).await)?;
        Ok(row.map(SessionActor::from))
    }

    /// The person with that id, in one query.
    pub async fn person(&mut self, user: &UserId) -> Result<Option<Person>> {
        let row: Option<PersonRow> = on!(self, |c| sqlx::query_as(PERSON).bind(user.as_str()).fetch_optional(c).await)?;
        Ok(row.map(Person::from))
    }

    /// The session of that token with its owner.
    pub async fn session(&mut self, token: &str) -> Result<Option<SessionOwner>> {
        let sql = self.pick(&SESSION);
        let row: Option<SessionRow> = on!(self, |c| sqlx::query_as(sql).bind(token).fetch_optional(c).await)?;
        Ok(row.map(|row| {
            let user = User::from(row.user);
            SessionOwner {
                session: Session {
                    id: row.session_id,
                    token: token.to_owned(),
                    user: user.id.clone(),
                    expires_at: row.expires_at,
                    created_at: row.session_created_at,
                    updated_at: row.session_updated_at,
                    address: row.address.unwrap_or_default(),
                    agent: row.agent.unwrap_or_default(),
                },
                user,
                disabled: row.disabled,
            }
        }))
    }

    /// Stores a new session.
    pub async fn insert_session(&mut self, session: &Session) -> Result<()> {
        let sql = self.pick(&INSERT_SESSION);
        on!(self, |c| sqlx::query(sql)
            .bind(&session.id)
            .bind(&session.token)
            .bind(session.user.as_str())
            .bind(&session.address)
            .bind(&session.agent)
            .bind(session.expires_at)
            .bind(session.created_at)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Moves a session's end.
    pub async fn extend_session(&mut self, token: &str, expires_at: i64, now: i64) -> Result<()> {
        let sql = self.pick(&EXTEND);
        on!(self, |c| sqlx::query(sql).bind(token).bind(expires_at).bind(now).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Ends a session; one that is not there is ended already.
    pub async fn delete_session(&mut self, token: &str) -> Result<()> {
        on!(self, |c| sqlx::query(DELETE_SESSION).bind(token).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// A person's sessions that live at `now`, newest first.
    pub async fn sessions_of(&mut self, user: &UserId, now: i64) -> Result<Vec<Session>> {
        let sql = self.pick(&LIST);
        let rows: Vec<ListedRow> = on!(self, |c| sqlx::query_as(sql).bind(user.as_str()).bind(now).fetch_all(c).await)?;
        Ok(rows
            .into_iter()
            .map(|row| Session {
                id: row.id,
                token: row.token,
                user: user.clone(),
                expires_at: row.expires_at,
                created_at: row.created_at,
                updated_at: row.updated_at,
                address: row.address.unwrap_or_default(),
                agent: row.agent.unwrap_or_default(),
            })
            .collect())
    }

    /// Ends a person's session by its row's id and answers whether there was one.
    pub async fn delete_session_row(&mut self, user: &UserId, id: &str) -> Result<bool> {
        let gone = on!(self, |c| sqlx::query(DELETE_SESSION_ROW)
            .bind(user.as_str())
            .bind(id)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(gone > 0)
    }

    /// Ends the session of that token when it is this person's.
    pub async fn delete_own_session(&mut self, user: &UserId, token: &str) -> Result<bool> {
        let gone = on!(self, |c| sqlx::query(DELETE_OWN_SESSION)
            .bind(user.as_str())
            .bind(token)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(gone > 0)
    }

    /// Ends every session of a person.
    pub async fn delete_sessions(&mut self, user: &UserId) -> Result<()> {
        on!(self, |c| sqlx::query(DELETE_SESSIONS).bind(user.as_str()).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Ends every session of a person but one.
    pub async fn delete_other_sessions(&mut self, user: &UserId, kept: &str) -> Result<()> {
        on!(self, |c| sqlx::query(DELETE_OTHER_SESSIONS).bind(user.as_str()).bind(kept).execute(c).await.map(|_| ()))?;
        Ok(())
    }
}
