//! Which programs a person let in, with the codes and refresh tokens that came of it. Of both only the SHA-256 is kept:
//! they are random texts, so there is nothing to guess from it.

use super::{
    Conn, Result, Sql, on,
    sessions::{Person, PersonRow},
};
use domain::id::UserId;
use sqlx::FromRow;

const INSERT_CODE: &str = "INSERT INTO oauth_codes
    (hash, request, user_id, client_id, client_name, scopes, redirect_uri, challenge, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
// Whoever comes second waits for the first, and then sees what it left. SQLite's write transaction lets one in anyway.
const CODE: Sql = Sql {
    sqlite: "SELECT user_id, client_id, client_name, scopes, redirect_uri, challenge, expires_at, used_at, grant_id
        FROM oauth_codes WHERE hash = $1",
    postgres: "SELECT user_id, client_id, client_name, scopes, redirect_uri, challenge, expires_at, used_at, grant_id
        FROM oauth_codes WHERE hash = $1 FOR UPDATE",
};
const USE_CODE: &str = "UPDATE oauth_codes SET used_at = $2, grant_id = $3 WHERE hash = $1";
const INSERT_GRANT: &str = "INSERT INTO oauth_grants
    (id, user_id, client_id, client_name, scopes, created_at, expires_at, last_used_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $6)";
const INSERT_REFRESH: &str = "INSERT INTO oauth_refresh_tokens (hash, grant_id, created_at, expires_at)
    VALUES ($1, $2, $3, $4)";
// A grant's tokens are used one after the other; whoever ends the grant takes its row first, too.
const LOCK_REFRESH: Sql = Sql {
    sqlite: "SELECT grant_id FROM oauth_refresh_tokens WHERE hash = $1",
    postgres: "SELECT g.id FROM oauth_grants g JOIN oauth_refresh_tokens t ON t.grant_id = g.id WHERE t.hash = $1
        FOR UPDATE OF g",
};
const REFRESH: &str = "SELECT t.grant_id, t.expires_at, t.used_at, g.user_id, g.client_id, g.client_name, g.scopes
    FROM oauth_refresh_tokens t JOIN oauth_grants g ON g.id = t.grant_id WHERE t.hash = $1";
const GRANT_OF: &str = "SELECT grant_id FROM oauth_refresh_tokens WHERE hash = $1";
const USE_REFRESH: &str = "UPDATE oauth_refresh_tokens SET used_at = $2 WHERE hash = $1";
const EXTEND: &str = "UPDATE oauth_grants SET expires_at = $2, last_used_at = $3 WHERE id = $1";
const HOLDER: &str = "SELECT g.scopes, g.client_id, g.last_used_at,
        p.time_zone, p.theme, p.locale, p.week_start, coalesce(f.disabled, false) AS disabled
    FROM oauth_grants g
    LEFT JOIN settings p ON p.user_id = g.user_id
    LEFT JOIN user_flags f ON f.user_id = g.user_id
    WHERE g.id = $1 AND g.user_id = $2 AND g.expires_at > $3";
const TOUCH: &str = "UPDATE oauth_grants SET last_used_at = $2
    WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)";
const LIST: &str = "SELECT id, client_id, client_name, scopes, created_at, expires_at, last_used_at
    FROM oauth_grants WHERE user_id = $1 AND expires_at > $2 ORDER BY created_at DESC, id";
const DELETE: &str = "DELETE FROM oauth_grants WHERE user_id = $1 AND id = $2 RETURNING client_name";
const DELETE_OF: &str = "DELETE FROM oauth_grants WHERE id = $1 AND client_id = $2 RETURNING user_id, client_name";
const PURGE_GRANTS: &str = "DELETE FROM oauth_grants WHERE expires_at < $1";
const PURGE_CODES: &str = "DELETE FROM oauth_codes WHERE expires_at < $1";
const PURGE_REFRESH: &str = "DELETE FROM oauth_refresh_tokens WHERE expires_at < $1";

/// A code to be kept until it is brought back. Instants here are microseconds since 1970 UTC.
#[derive(Clone, Debug)]
pub struct NewCode<'a> {
    /// Of the code.
    pub hash: &'a str,
    /// The consent it comes from.
    pub request: &'a str,
    /// Who consented.
    pub user: &'a UserId,
    /// To whom.
    pub client: &'a str,
    /// What the program calls itself.
    pub client_name: &'a str,
    /// Words with a blank between.
    pub scopes: &'a str,
    /// Where the code is sent.
    pub redirect: &'a str,
    /// What the verifier must prove.
    pub challenge: &'a str,
    /// When it ends.
    pub expires_at: i64,
}

/// A code that was brought back.
#[derive(Clone, Debug, FromRow)]
pub struct Code {
    /// Who consented.
    pub user_id: String,
    /// To whom.
    pub client_id: String,
    /// What the program calls itself.
    pub client_name: String,
    /// Words with a blank between.
    pub scopes: String,
    /// Where it was sent.
    pub redirect_uri: String,
    /// What the verifier must prove.
    pub challenge: String,
    /// When it ends.
    pub expires_at: i64,
    /// When it was brought before.
    pub used_at: Option<i64>,
    /// What it was exchanged for then.
    pub grant_id: Option<String>,
}

/// A refresh token that was brought back, with its grant.
#[derive(Clone, Debug, FromRow)]
pub struct Refresh {
    /// The grant.
    pub grant_id: String,
    /// When the token ends.
    pub expires_at: i64,
    /// When it was used before.
    pub used_at: Option<i64>,
    /// Whose grant.
    pub user_id: String,
    /// For whom.
    pub client_id: String,
    /// What the program calls itself.
    pub client_name: String,
    /// Words with a blank between.
    pub scopes: String,
}

/// What was granted to a program.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Grant {
    /// The row's id.
    pub id: String,
    /// To whom.
    pub client_id: String,
    /// What the program calls itself.
    pub client_name: String,
    /// Words with a blank between.
    pub scopes: String,
    /// When it was granted.
    pub created_at: i64,
    /// When it ends unless it is used.
    pub expires_at: i64,
    /// When it was last used.
    pub last_used_at: Option<i64>,
}

/// What a request needs to know about a grant that lives.
#[derive(Clone, Debug)]
pub struct Holder {
    /// Words with a blank between.
    pub scopes: String,
    /// The program.
    pub client: String,
    /// When it was last used.
    pub last_used_at: Option<i64>,
    /// The person it acts for.
    pub person: Person,
}

#[derive(FromRow)]
struct HolderRow {
    scopes: String,
    client_id: String,
    last_used_at: Option<i64>,
    #[sqlx(flatten)]
    person: PersonRow,
}

impl Conn {
    /// Keeps a code; a conflict when its consent has made one already.
    pub async fn insert_oauth_code(&mut self, code: &NewCode<'_>) -> Result<()> {
        on!(self, |c| sqlx::query(INSERT_CODE)
            .bind(code.hash)
            .bind(code.request)
            .bind(code.user.as_str())
            .bind(code.client)
            .bind(code.client_name)
            .bind(code.scopes)
            .bind(code.redirect)
            .bind(code.challenge)
            .bind(code.expires_at)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// A code, locked until the transaction ends.
    pub async fn oauth_code(&mut self, hash: &str) -> Result<Option<Code>> {
        let sql = self.pick(&CODE);
        Ok(on!(self, |c| sqlx::query_as(sql).bind(hash).fetch_optional(c).await)?)
    }

    /// Uses a code up: for a grant, or for nothing.
    pub async fn use_oauth_code(&mut self, hash: &str, now: i64, grant: Option<&str>) -> Result<()> {
        on!(self, |c| sqlx::query(USE_CODE).bind(hash).bind(now).bind(grant).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Stores a grant.
    pub async fn insert_oauth_grant(&mut self, user: &str, grant: &Grant) -> Result<()> {
        on!(self, |c| sqlx::query(INSERT_GRANT)
            .bind(&grant.id)
            .bind(user)
            .bind(&grant.client_id)
            .bind(&grant.client_name)
            .bind(&grant.scopes)
            .bind(grant.created_at)
            .bind(grant.expires_at)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Stores a refresh token under its hash.
    pub async fn insert_oauth_refresh(&mut self, hash: &str, grant: &str, now: i64, expires_at: i64) -> Result<()> {
        on!(self, |c| sqlx::query(INSERT_REFRESH)
            .bind(hash)
            .bind(grant)
            .bind(now)
            .bind(expires_at)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// A refresh token with its grant, which is locked until the transaction ends.
    pub async fn oauth_refresh(&mut self, hash: &str) -> Result<Option<Refresh>> {
        let lock = self.pick(&LOCK_REFRESH);
        let found: Option<String> = on!(self, |c| sqlx::query_scalar(lock).bind(hash).fetch_optional(c).await)?;
        if found.is_none() {
            return Ok(None);
        }
        // Read only now: while waiting, somebody else may have used it.
        Ok(on!(self, |c| sqlx::query_as(REFRESH).bind(hash).fetch_optional(c).await)?)
    }

    /// The grant a refresh token belongs to.
    pub async fn oauth_refresh_grant(&mut self, hash: &str) -> Result<Option<String>> {
        Ok(on!(self, |c| sqlx::query_scalar(GRANT_OF).bind(hash).fetch_optional(c).await)?)
    }

    /// Uses a refresh token up and lets its grant live until `expires_at`.
    pub async fn use_oauth_refresh(&mut self, hash: &str, grant: &str, now: i64, expires_at: i64) -> Result<()> {
        on!(self, |c| sqlx::query(USE_REFRESH).bind(hash).bind(now).execute(c).await.map(|_| ()))?;
        on!(self, |c| sqlx::query(EXTEND).bind(grant).bind(expires_at).bind(now).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Who is behind a grant of that person that lives, in one query.
    pub async fn oauth_holder(&mut self, grant: &str, user: &UserId, now: i64) -> Result<Option<Holder>> {
        let row: Option<HolderRow> =
            on!(self, |c| sqlx::query_as(HOLDER).bind(grant).bind(user.as_str()).bind(now).fetch_optional(c).await)?;
        Ok(row.map(|row| Holder {
            scopes: row.scopes,
            client: row.client_id,
            last_used_at: row.last_used_at,
            person: row.person.into(),
        }))
    }

    /// Notes that a grant is in use, unless that was noted after `before`.
    pub async fn touch_oauth_grant(&mut self, id: &str, now: i64, before: i64) -> Result<()> {
        on!(self, |c| sqlx::query(TOUCH).bind(id).bind(now).bind(before).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// A person's grants that live, the newest first.
    pub async fn oauth_grants(&mut self, user: &UserId, now: i64) -> Result<Vec<Grant>> {
        Ok(on!(self, |c| sqlx::query_as(LIST).bind(user.as_str()).bind(now).fetch_all(c).await)?)
    }

    /// Takes a person's grant back and answers the program's name; `None` when there is no such grant.
    pub async fn delete_oauth_grant(&mut self, user: &UserId, id: &str) -> Result<Option<String>> {
        Ok(on!(self, |c| sqlx::query_scalar(DELETE).bind(user.as_str()).bind(id).fetch_optional(c).await)?)
    }

    /// Ends a grant of that program, with every token: whose it was, and the program's name.
    pub async fn end_oauth_grant(&mut self, id: &str, client: &str) -> Result<Option<(String, String)>> {
        Ok(on!(self, |c| sqlx::query_as(DELETE_OF).bind(id).bind(client).fetch_optional(c).await)?)
    }

    /// Removes grants, codes and tokens that ended before that moment.
    pub async fn purge_oauth_grants(&mut self, before: i64) -> Result<u64> {
        let mut gone = 0;
        for sql in [PURGE_GRANTS, PURGE_CODES, PURGE_REFRESH] {
            gone += on!(self, |c| sqlx::query(sql).bind(before).execute(c).await.map(|done| done.rows_affected()))?;
        }
        Ok(gone)
    }
}
