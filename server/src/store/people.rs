//! Everybody, as those see them who look after the installation. The only queries that have no owner in them.

use super::{Conn, Result, Sql, better_auth::sql, on};
use domain::id::UserId;
use sqlx::FromRow;

/// One select with different ends. `last_seen` takes what is kept anyway: sessions are extended once a day, tokens and
/// sign-ins note when they were.
macro_rules! select {
    ($end:literal) => {
        sql!(
            r#"SELECT u."id", u."name", u."email", u."emailVerified" AS email_verified, "#
            millis(r#"u."createdAt""#) r#" AS created_at,
                coalesce(f.admin, false) AS admin, coalesce(f.disabled, false) AS disabled,
                (SELECT count(*) FROM tasks t WHERE t.user_id = u."id" AND t.deleted_at IS NULL) AS tasks,
                (SELECT max("# millis(r#"s."updatedAt""#) r#") FROM "session" s WHERE s."userId" = u."id") AS session_at,
                (SELECT max(k.last_used_at) FROM api_tokens k WHERE k.user_id = u."id") AS token_at,
                (SELECT max(a.at) FROM audit a
                    WHERE a.user_id = u."id" AND a.kind IN ('signed_up', 'signed_in')) AS sign_in_at
            FROM "user" u LEFT JOIN user_flags f ON f.user_id = u."id" "# $end
        )
    };
}

const LIST: Sql = select!(
    r#"WHERE (lower(u."name") LIKE lower($1) ESCAPE '!' OR u."email" LIKE lower($1) ESCAPE '!') AND u."email" > $2
    ORDER BY u."email" LIMIT $3"#
);
const ONE: Sql = select!(r#"WHERE u."id" = $1"#);
const BY_EMAIL: &str = r#"SELECT "id" FROM "user" WHERE "email" = $1"#;
const OTHER_ADMINS: &str = "SELECT count(*) FROM user_flags WHERE admin AND NOT disabled AND user_id <> $1";
const SET_RIGHTS: &str = "INSERT INTO user_flags (user_id, admin, disabled) VALUES ($1, $2, $3)
    ON CONFLICT (user_id) DO UPDATE SET admin = $2, disabled = $3";
/// Any number that nothing else here locks.
const RIGHTS_LOCK: &str = "SELECT pg_advisory_xact_lock(726902)";

/// A person from outside.
#[derive(Clone, Debug, FromRow)]
pub struct PersonRow {
    /// The id.
    pub id: String,
    /// What to call them; may be empty.
    pub name: String,
    /// Lower case.
    pub email: String,
    /// Whether the address was proven.
    pub email_verified: bool,
    /// Milliseconds since 1970 UTC.
    pub created_at: i64,
    /// Whether they look after others.
    pub admin: bool,
    /// Whether they are locked out.
    pub disabled: bool,
    /// How many tasks they have, the trash excepted.
    pub tasks: i64,
    session_at: Option<i64>,
    token_at: Option<i64>,
    sign_in_at: Option<i64>,
}

impl PersonRow {
    /// When they were last seen, in microseconds since 1970 UTC.
    pub fn last_seen(&self) -> Option<i64> {
        let session = self.session_at.map(|millis| millis.saturating_mul(1000));
        [session, self.token_at, self.sign_in_at].into_iter().flatten().max()
    }
}

impl Conn {
    /// People by address, those whose address comes after `after`; `search` is a piece of name or address.
    pub async fn people(&mut self, search: &str, after: &str, limit: u32) -> Result<Vec<PersonRow>> {
        let sql = self.pick(&LIST);
        let escaped = search.replace('!', "!!").replace('%', "!%").replace('_', "!_");
        Ok(on!(self, |c| sqlx::query_as(sql)
            .bind(format!("%{escaped}%"))
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)?)
    }

    /// One person.
    pub async fn someone(&mut self, id: &UserId) -> Result<Option<PersonRow>> {
        let sql = self.pick(&ONE);
        Ok(on!(self, |c| sqlx::query_as(sql).bind(id.as_str()).fetch_optional(c).await)?)
    }

    /// Whose address that is.
    pub async fn user_id_of(&mut self, email: &str) -> Result<Option<UserId>> {
        let id: Option<String> = on!(self, |c| sqlx::query_scalar(BY_EMAIL).bind(email).fetch_optional(c).await)?;
        Ok(id.map(UserId))
    }

    /// Lets one change of rights at a time past this point until the transaction ends, so that two admins cannot take
    /// each other's rights away. SQLite's write transaction is such a lock already.
    pub async fn lock_rights(&mut self) -> Result<()> {
        if self.is_postgres() {
            on!(self, |c| sqlx::query(RIGHTS_LOCK).execute(c).await.map(|_| ()))?;
        }
        Ok(())
    }

    /// Whether somebody else is an admin and may sign in.
    pub async fn other_admins(&mut self, user: &UserId) -> Result<bool> {
        let count: i64 = on!(self, |c| sqlx::query_scalar(OTHER_ADMINS).bind(user.as_str()).fetch_one(c).await)?;
        Ok(count > 0)
    }

    /// Sets what a person may do here.
    pub async fn set_rights(&mut self, user: &UserId, admin: bool, disabled: bool) -> Result<()> {
        on!(self, |c| sqlx::query(SET_RIGHTS)
            .bind(user.as_str())
            .bind(admin)
            .bind(disabled)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}
