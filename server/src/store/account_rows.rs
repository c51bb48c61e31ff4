//! The rows of Better Auth's table `account`: one for each way a person can sign in, be it their password
//! (`credential`) or another provider.
//!
//! Better Auth 1.7.0 to 1.7.2 had a further column, `issuer`, that must not be empty; where it is, it is written.

use super::{
    Conn, Result, Sql,
    better_auth::{iso, sql},
    on,
};
use domain::id::UserId;
use sqlx::FromRow;

/// The provider's name of a password.
pub const CREDENTIAL: &str = "credential";
/// The issuer of a password, where there is a column for it.
pub const LOCAL_ISSUER: &str = "local:credential";

const HAS_ISSUER: Sql = Sql {
    sqlite: "SELECT count(*) FROM pragma_table_info('account') WHERE name = 'issuer'",
    postgres: r#"SELECT count(*) FROM pg_attribute
        WHERE attrelid = '"account"'::regclass AND attname = 'issuer' AND NOT attisdropped"#,
};
const INSERT: Sql = sql!(
    r#"INSERT INTO "account" ("id", "userId", "providerId", "accountId", "password", "accessToken", "refreshToken",
        "idToken", "scope", "accessTokenExpiresAt", "refreshTokenExpiresAt", "createdAt", "updatedAt")
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "# at(10) ", " at(11) ", " at(12) ", " at(12) ")"
);
const INSERT_WITH_ISSUER: Sql = sql!(
    r#"INSERT INTO "account" ("id", "userId", "providerId", "accountId", "password", "accessToken", "refreshToken",
        "idToken", "scope", "accessTokenExpiresAt", "refreshTokenExpiresAt", "createdAt", "updatedAt", "issuer")
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "# at(10) ", " at(11) ", " at(12) ", " at(12) ", $13)"
);
const OF_USER: Sql = sql!(
    r#"SELECT "id", "accountId" AS account, "providerId" AS provider, "scope",
        "# millis(r#""createdAt""#) " AS created_at, " millis(r#""updatedAt""#) r#" AS updated_at
    FROM "account" WHERE "userId" = $1 ORDER BY "createdAt", "id""#
);
const HASH: &str = r#"SELECT "password" FROM "account"
    WHERE "userId" = $1 AND "providerId" = 'credential' AND "accountId" = $1"#;
const SET_HASH: Sql = sql!(
    r#"UPDATE "account" SET "password" = $2, "updatedAt" = "# at(3)
    r#" WHERE "userId" = $1 AND "providerId" = 'credential' AND "accountId" = $1"#
);
const DELETE: &str = r#"DELETE FROM "account" WHERE "userId" = $1 AND "id" = $2"#;
/// Keeps two requests of one person from each seeing the other's account as the one that is left.
const LOCK: &str = r#"SELECT "id" FROM "user" WHERE "id" = $1 FOR UPDATE"#;

/// A row to be stored. Times are milliseconds since 1970 UTC.
#[derive(Clone, Copy, Debug)]
pub struct NewAccountRow<'a> {
    /// The row's id.
    pub id: &'a str,
    /// Whose it is.
    pub user: &'a UserId,
    /// The provider's name with us, such as `google`.
    pub provider: &'a str,
    /// The person's name with the provider: its `sub`, or our own user id for a password.
    pub account: &'a str,
    /// Who vouches, such as `https://accounts.google.com`.
    pub issuer: &'a str,
    /// A password's hash.
    pub password: Option<&'a str>,
    /// The provider's tokens.
    pub tokens: TokenColumns<'a>,
}

/// What a provider handed out.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokenColumns<'a> {
    /// To act at the provider.
    pub access: Option<&'a str>,
    /// To get another one.
    pub refresh: Option<&'a str>,
    /// Who they are, signed.
    pub id: Option<&'a str>,
    /// What was granted, comma-joined.
    pub scope: Option<&'a str>,
    /// When the access token ends.
    pub access_expires_at: Option<i64>,
    /// When the refresh token ends.
    pub refresh_expires_at: Option<i64>,
}

/// A way to sign in, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedAccount {
    /// The row's id.
    pub id: String,
    /// The person's name with the provider.
    pub account: String,
    /// The provider's name with us.
    pub provider: String,
    /// What was granted.
    pub scopes: Vec<String>,
    /// When it was connected, as JavaScript's `toISOString`.
    pub created_at: String,
    /// When it last changed, as JavaScript's `toISOString`.
    pub updated_at: String,
}

#[derive(FromRow)]
struct LinkedRow {
    id: String,
    account: String,
    provider: String,
    scope: Option<String>,
    created_at: i64,
    updated_at: i64,
}

impl From<LinkedRow> for LinkedAccount {
    fn from(row: LinkedRow) -> Self {
        let scope = row.scope.unwrap_or_default();
        Self {
            id: row.id,
            account: row.account,
            provider: row.provider,
            scopes: scope.split(',').map(str::trim).filter(|scope| !scope.is_empty()).map(str::to_owned).collect(),
            created_at: iso(row.created_at),
            updated_at: iso(row.updated_at),
        }
    }
}

impl Conn {
    /// Stores a way to sign in, made at `now`.
    pub async fn insert_account(&mut self, row: &NewAccountRow<'_>, now: i64) -> Result<()> {
        let sql = self.pick(&HAS_ISSUER);
        let issuer: i64 = on!(self, |c| sqlx::query_scalar(sql).fetch_one(c).await)?;
        let sql = self.pick(if issuer > 0 { &INSERT_WITH_ISSUER } else { &INSERT });
        let tokens = row.tokens;
        on!(self, |c| {
            let query = sqlx::query(sql)
                .bind(row.id)
                .bind(row.user.as_str())
                .bind(row.provider)
                .bind(row.account)
                .bind(row.password)
                .bind(tokens.access)
                .bind(tokens.refresh)
                .bind(tokens.id)
                .bind(tokens.scope)
                .bind(tokens.access_expires_at)
                .bind(tokens.refresh_expires_at)
                .bind(now);
            let query = if issuer > 0 { query.bind(row.issuer) } else { query };
            query.execute(c).await.map(|_| ())
        })?;
        Ok(())
    }

    /// Stores a person's password hash as their `credential` account.
    pub async fn insert_credential(&mut self, id: &str, user: &UserId, hash: &str, now: i64) -> Result<()> {
        let row = NewAccountRow {
            id,
            user,
            provider: CREDENTIAL,
            account: user.as_str(),
            issuer: LOCAL_ISSUER,
            password: Some(hash),
            tokens: TokenColumns::default(),
        };
        self.insert_account(&row, now).await
    }

    /// The ways a person can sign in, oldest first.
    pub async fn accounts_of(&mut self, user: &UserId) -> Result<Vec<LinkedAccount>> {
        let sql = self.pick(&OF_USER);
        let rows: Vec<LinkedRow> = on!(self, |c| sqlx::query_as(sql).bind(user.as_str()).fetch_all(c).await)?;
        Ok(rows.into_iter().map(LinkedAccount::from).collect())
    }

    /// A person's password hash, when they have one.
    pub async fn password_hash(&mut self, user: &UserId) -> Result<Option<String>> {
        let hash: Option<Option<String>> =
            on!(self, |c| sqlx::query_scalar(HASH).bind(user.as_str()).fetch_optional(c).await)?;
        Ok(hash.flatten())
    }

    /// Replaces a person's password hash; `false` when they have no `credential` account.
    pub async fn set_password_hash(&mut self, user: &UserId, hash: &str, now: i64) -> Result<bool> {
        let sql = self.pick(&SET_HASH);
        let changed = on!(self, |c| sqlx::query(sql)
            .bind(user.as_str())
            .bind(hash)
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(changed > 0)
    }

    /// Takes one of a person's ways to sign in away.
    pub async fn delete_account(&mut self, user: &UserId, id: &str) -> Result<()> {
        on!(self, |c| sqlx::query(DELETE).bind(user.as_str()).bind(id).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Lets one change of a person's ways to sign in at a time past this point until the transaction ends. SQLite's
    /// write transaction is such a lock already.
    pub async fn lock_user(&mut self, user: &UserId) -> Result<()> {
        if self.is_postgres() {
            on!(self, |c| sqlx::query(LOCK).bind(user.as_str()).execute(c).await.map(|_| ()))?;
        }
        Ok(())
    }
}
