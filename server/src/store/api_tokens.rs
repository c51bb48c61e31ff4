//! Personal API tokens. Only the SHA-256 of a token is kept: it has 238 random bits, so there is nothing to guess from it.

use super::{
    Conn, Result, Sql, on,
    sessions::{Person, PersonRow},
};
use domain::id::UserId;
use sqlx::FromRow;

const ACTOR: &str = "SELECT t.id, t.user_id, t.scopes, t.expires_at, t.last_used_at,
        p.time_zone, p.theme, p.locale, p.week_start, coalesce(f.disabled, false) AS disabled
    FROM api_tokens t
    LEFT JOIN settings p ON p.user_id = t.user_id
    LEFT JOIN user_flags f ON f.user_id = t.user_id
    WHERE t.hash = $1";
const LIST: &str = "SELECT id, name, scopes, created_at, expires_at, last_used_at
    FROM api_tokens WHERE user_id = $1 ORDER BY created_at DESC, id";
const INSERT: &str = "INSERT INTO api_tokens (id, user_id, name, hash, scopes, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const DELETE: &str = "DELETE FROM api_tokens WHERE user_id = $1 AND id = $2 RETURNING name";
const TOUCH: &str = "UPDATE api_tokens SET last_used_at = $2
    WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)";
/// SQLite's write transaction lets one in anyway.
const LOCK: Sql = Sql {
    sqlite: r#"SELECT "id" FROM "user" WHERE "id" = $1"#,
    postgres: r#"SELECT "id" FROM "user" WHERE "id" = $1 FOR NO KEY UPDATE"#,
};

/// A row of `api_tokens`; instants are microseconds since 1970 UTC.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct StoredToken {
    /// The row's id.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// Words with a comma between.
    pub scopes: String,
    /// When it was made.
    pub created_at: i64,
    /// When it ends; never when absent.
    pub expires_at: Option<i64>,
    /// When it was last used.
    pub last_used_at: Option<i64>,
}

/// What a request needs to know about a token.
#[derive(Clone, Debug)]
pub struct TokenActor {
    /// The row's id.
    pub id: String,
    /// Whose it is.
    pub user: UserId,
    /// Words with a comma between.
    pub scopes: String,
    /// When it ends; never when absent.
    pub expires_at: Option<i64>,
    /// When it was last used.
    pub last_used_at: Option<i64>,
    /// Its owner.
    pub person: Person,
}

#[derive(FromRow)]
struct TokenActorRow {
    id: String,
    user_id: String,
    scopes: String,
    expires_at: Option<i64>,
    last_used_at: Option<i64>,
    #[sqlx(flatten)]
    person: PersonRow,
}

impl Conn {
    /// Who holds the token with that hash, in one query.
    pub async fn token_actor(&mut self, hash: &str) -> Result<Option<TokenActor>> {
        let row: Option<TokenActorRow> = on!(self, |c| sqlx::query_as(ACTOR).bind(hash).fetch_optional(c).await)?;
        Ok(row.map(|row| TokenActor {
            id: row.id,
            user: UserId(row.user_id),
            scopes: row.scopes,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
            person: row.person.into(),
        }))
    }

    /// A person's tokens, the newest first.
    pub async fn api_tokens(&mut self, user: &UserId) -> Result<Vec<StoredToken>> {
        Ok(on!(self, |c| sqlx::query_as(LIST).bind(user.as_str()).fetch_all(c).await)?)
    }

    /// Lets one request at a time change a person's tokens, until the transaction ends.
    pub async fn lock_api_tokens(&mut self, user: &UserId) -> Result<()> {
        let sql = self.pick(&LOCK);
        on!(self, |c| sqlx::query(sql).bind(user.as_str()).fetch_optional(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Stores a new token under its hash.
    pub async fn insert_api_token(&mut self, user: &UserId, token: &StoredToken, hash: &str) -> Result<()> {
        on!(self, |c| sqlx::query(INSERT)
            .bind(&token.id)
            .bind(user.as_str())
            .bind(&token.name)
            .bind(hash)
            .bind(&token.scopes)
            .bind(token.created_at)
            .bind(token.expires_at)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Removes a token and answers its name; `None` when the person has no such token.
    pub async fn delete_api_token(&mut self, user: &UserId, id: &str) -> Result<Option<String>> {
        Ok(on!(self, |c| sqlx::query_scalar(DELETE).bind(user.as_str()).bind(id).fetch_optional(c).await)?)
    }

    /// Notes that a token is in use, unless that was noted after `before`.
    pub async fn touch_api_token(&mut self, id: &str, now: i64, before: i64) -> Result<()> {
        on!(self, |c| sqlx::query(TOUCH).bind(id).bind(now).bind(before).execute(c).await.map(|_| ()))?;
        Ok(())
    }
}
