//! Better Auth's tables: people, their sessions, their passwords.
//!
//! Dates stand there in Better Auth's form (text on SQLite, `timestamptz` on PostgreSQL). Every query binds and reads
//! integer milliseconds and lets the database convert, so one chain of binds serves both engines. An address is looked
//! up in lower case, which is how it is stored. Ownership: a session is found by its token, which only its owner has.

use super::{Conn, Result, Sql, on};
use domain::{account::User, id::UserId, settings::Settings};
use jiff::Timestamp;
use sqlx::FromRow;

/// One text for each engine, from literals and two words: `at(n)` is the `n`th parameter, milliseconds, as a stored
/// date; `millis(column)` is a stored date as milliseconds.
macro_rules! sql {
    (@$engine:ident [$($done:expr,)*]) => { concat!($($done),*) };
    (@sqlite [$($done:expr,)*] at($n:literal) $($rest:tt)*) => {
        sql!(@sqlite [$($done,)* "strftime('%Y-%m-%dT%H:%M:%fZ', $", $n, " / 1000.0, 'unixepoch')",] $($rest)*)
    };
    (@postgres [$($done:expr,)*] at($n:literal) $($rest:tt)*) => {
        sql!(@postgres [$($done,)* "to_timestamp($", $n, "::double precision / 1000.0)",] $($rest)*)
    };
    (@sqlite [$($done:expr,)*] millis($column:literal) $($rest:tt)*) => {
        sql!(@sqlite [$($done,)* "cast(round((julianday(", $column, ") - 2440587.5) * 86400000.0) as integer)",] $($rest)*)
    };
    (@postgres [$($done:expr,)*] millis($column:literal) $($rest:tt)*) => {
        sql!(@postgres [$($done,)* "cast(round(extract(epoch from ", $column, ") * 1000) as bigint)",] $($rest)*)
    };
    (@$engine:ident [$($done:expr,)*] $text:literal $($rest:tt)*) => {
        sql!(@$engine [$($done,)* $text,] $($rest)*)
    };
    ($($part:tt)*) => {
        Sql {
            sqlite: sql!(@sqlite [] $($part)*),
            postgres: sql!(@postgres [] $($part)*),
        }
    };
}

const AUTHENTICATE: Sql = sql!(
    r#"SELECT s."id", s."userId" AS user_id, "# millis(r#"s."expiresAt""#) r#" AS expires_at,
        p.time_zone, p.theme, p.locale, p.week_start, coalesce(f.disabled, false) AS disabled
    FROM "session" s
    LEFT JOIN settings p ON p.user_id = s."userId"
    LEFT JOIN user_flags f ON f.user_id = s."userId"
    WHERE s."token" = $1"#
);
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
const CREDENTIALS: Sql = sql!(
    r#"SELECT u."id", u."name", u."email", u."emailVerified" AS email_verified, u."image", "#
        millis(r#"u."createdAt""#) " AS created_at, " millis(r#"u."updatedAt""#) r#" AS updated_at,
        a."password" AS hash, coalesce(f.disabled, false) AS disabled
    FROM "user" u
    LEFT JOIN "account" a ON a."userId" = u."id" AND a."providerId" = 'credential' AND a."accountId" = u."id"
    LEFT JOIN user_flags f ON f.user_id = u."id"
    WHERE u."email" = $1"#
);
const USER: Sql = sql!(
    r#"SELECT "id", "name", "email", "emailVerified" AS email_verified, "image", "#
        millis(r#""createdAt""#) " AS created_at, " millis(r#""updatedAt""#) r#" AS updated_at
    FROM "user" WHERE "id" = $1"#
);
const INSERT_USER: Sql = sql!(
    r#"INSERT INTO "user" ("id", "name", "email", "emailVerified", "image", "createdAt", "updatedAt")
    VALUES ($1, $2, $3, $4, $5, "# at(6) ", " at(6) ")"
);
const INSERT_CREDENTIAL: Sql = sql!(
    r#"INSERT INTO "account" ("id", "accountId", "providerId", "userId", "password", "createdAt", "updatedAt")
    VALUES ($1, $2, 'credential', $2, $3, "# at(4) ", " at(4) ")"
);
const INSERT_SESSION: Sql = sql!(
    r#"INSERT INTO "session" ("id", "token", "userId", "ipAddress", "userAgent", "expiresAt", "createdAt", "updatedAt")
    VALUES ($1, $2, $3, $4, $5, "# at(6) ", " at(7) ", " at(7) ")"
);
const EXTEND: Sql = sql!(
    r#"UPDATE "session" SET "expiresAt" = "# at(2) r#", "updatedAt" = "# at(3) r#" WHERE "token" = $1"#
);
const UPDATE_USER: Sql = sql!(
    r#"UPDATE "user" SET "name" = coalesce($2, "name"), "image" = CASE WHEN $3 THEN $4 ELSE "image" END,
        "updatedAt" = "# at(5) r#" WHERE "id" = $1"#
);
const DELETE_SESSION: &str = r#"DELETE FROM "session" WHERE "token" = $1"#;
const DELETE_OTHER_SESSIONS: &str = r#"DELETE FROM "session" WHERE "userId" = $1 AND "token" <> $2"#;
const EMAIL_TAKEN: &str = r#"SELECT count(*) FROM "user" WHERE "email" = $1"#;
const ANY_USER: &str = r#"SELECT count(*) FROM (SELECT 1 FROM "user" LIMIT 1) AS one"#;
const MAKE_ADMIN: &str = "INSERT INTO user_flags (user_id, admin) VALUES ($1, true)
    ON CONFLICT (user_id) DO UPDATE SET admin = true";
const IS_ADMIN: &str = "SELECT admin FROM user_flags WHERE user_id = $1";
/// Any number that nothing else here locks.
const SIGN_UP_LOCK: &str = "SELECT pg_advisory_xact_lock(726901)";

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
    time_zone: Option<String>,
    theme: Option<String>,
    locale: Option<String>,
    week_start: Option<String>,
    disabled: bool,
}

impl From<SessionActorRow> for SessionActor {
    fn from(row: SessionActorRow) -> Self {
        let settings = match (row.time_zone, row.theme, row.locale, row.week_start) {
            (Some(time_zone), Some(theme), Some(locale), Some(week_start)) => {
                Some(Settings { time_zone, theme, locale, week_start })
            }
            _ => None,
        };
        Self { id: row.id, user: UserId(row.user_id), expires_at: row.expires_at, settings, disabled: row.disabled }
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
struct UserRow {
    id: String,
    name: String,
    email: String,
    email_verified: bool,
    image: Option<String>,
    created_at: i64,
    updated_at: i64,
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        Self {
            name: row.name,
            email: row.email,
            email_verified: row.email_verified,
            image: row.image,
            created_at: iso(row.created_at),
            updated_at: iso(row.updated_at),
            id: UserId(row.id),
        }
    }
}

/// A person with what proves them.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Who.
    pub user: User,
    /// The stored hash; absent for somebody who only ever came through another provider.
    pub hash: Option<String>,
    /// An admin has locked them out.
    pub disabled: bool,
}

#[derive(FromRow)]
struct CredentialsRow {
    #[sqlx(flatten)]
    user: UserRow,
    hash: Option<String>,
    disabled: bool,
}

/// What `update-user` changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserPatch {
    /// The new name.
    pub name: Option<String>,
    /// The new picture; `Some(None)` takes it away.
    pub image: Option<Option<String>>,
}

/// An instant as JavaScript's `toISOString` writes it: what Better Auth's JSON carries.
pub fn iso(millis: i64) -> String {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH).strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

impl Conn {
    /// Who holds that token, in one query: this runs for every request.
    pub async fn session_actor(&mut self, token: &str) -> Result<Option<SessionActor>> {
        let sql = self.pick(&AUTHENTICATE);
        let row: Option<SessionActorRow> = on!(self, |c| sqlx::query_as(sql).bind(token).fetch_optional(c).await)?;
        Ok(row.map(SessionActor::from))
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

    /// Who has that address, with their password's hash.
    pub async fn credentials(&mut self, email: &str) -> Result<Option<Credentials>> {
        let sql = self.pick(&CREDENTIALS);
        let row: Option<CredentialsRow> = on!(self, |c| sqlx::query_as(sql).bind(email).fetch_optional(c).await)?;
        Ok(row.map(|row| Credentials { user: row.user.into(), hash: row.hash, disabled: row.disabled }))
    }

    /// A person by id.
    pub async fn user(&mut self, id: &UserId) -> Result<Option<User>> {
        let sql = self.pick(&USER);
        let row: Option<UserRow> = on!(self, |c| sqlx::query_as(sql).bind(id.as_str()).fetch_optional(c).await)?;
        Ok(row.map(User::from))
    }

    /// Whether somebody has that address.
    pub async fn email_taken(&mut self, email: &str) -> Result<bool> {
        let count: i64 = on!(self, |c| sqlx::query_scalar(EMAIL_TAKEN).bind(email).fetch_one(c).await)?;
        Ok(count > 0)
    }

    /// Whether anybody has signed up yet.
    pub async fn any_user(&mut self) -> Result<bool> {
        let count: i64 = on!(self, |c| sqlx::query_scalar(ANY_USER).fetch_one(c).await)?;
        Ok(count > 0)
    }

    /// Lets one sign-up at a time past this point until the transaction ends, so that only one can be the first. SQLite's
    /// write transaction is such a lock already.
    pub async fn lock_sign_up(&mut self) -> Result<()> {
        if self.is_postgres() {
            on!(self, |c| sqlx::query(SIGN_UP_LOCK).execute(c).await.map(|_| ()))?;
        }
        Ok(())
    }

    /// Stores a new person, made at `now` in milliseconds.
    pub async fn insert_user(&mut self, user: &User, now: i64) -> Result<()> {
        let sql = self.pick(&INSERT_USER);
        on!(self, |c| sqlx::query(sql)
            .bind(user.id.as_str())
            .bind(&user.name)
            .bind(&user.email)
            .bind(user.email_verified)
            .bind(&user.image)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Stores a person's password hash as their `credential` account.
    pub async fn insert_credential(&mut self, id: &str, user: &UserId, hash: &str, now: i64) -> Result<()> {
        let sql = self.pick(&INSERT_CREDENTIAL);
        on!(self, |c| sqlx::query(sql).bind(id).bind(user.as_str()).bind(hash).bind(now).execute(c).await.map(|_| ()))?;
        Ok(())
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

    /// Ends every session of a person but one.
    pub async fn delete_other_sessions(&mut self, user: &UserId, kept: &str) -> Result<()> {
        on!(self, |c| sqlx::query(DELETE_OTHER_SESSIONS).bind(user.as_str()).bind(kept).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Changes what a person is called and looks like.
    pub async fn update_user(&mut self, id: &UserId, patch: &UserPatch, now: i64) -> Result<()> {
        let sql = self.pick(&UPDATE_USER);
        on!(self, |c| sqlx::query(sql)
            .bind(id.as_str())
            .bind(&patch.name)
            .bind(patch.image.is_some())
            .bind(patch.image.as_ref().and_then(Option::as_ref))
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Makes a person an admin.
    pub async fn make_admin(&mut self, user: &UserId) -> Result<()> {
        on!(self, |c| sqlx::query(MAKE_ADMIN).bind(user.as_str()).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Whether a person is an admin.
    pub async fn is_admin(&mut self, user: &UserId) -> Result<bool> {
        let admin: Option<bool> =
            on!(self, |c| sqlx::query_scalar(IS_ADMIN).bind(user.as_str()).fetch_optional(c).await)?;
        Ok(admin.unwrap_or(false))
    }
}
