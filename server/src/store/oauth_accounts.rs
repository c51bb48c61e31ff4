//! Accounts at other providers, in Better Auth's table `account`: who holds one here, and the tokens kept with it.

use super::{Conn, Result, Sql, account_rows::TokenColumns, accounts::UserRow, better_auth::sql, on};
use domain::{account::User, id::UserId};
use sqlx::FromRow;

const HOLDERS: Sql = sql!(
    r#"SELECT a."id" AS account, a."scope", coalesce(f.disabled, false) AS disabled,
        u."id", u."name", u."email", u."emailVerified" AS email_verified, u."image", "#
        millis(r#"u."createdAt""#) " AS created_at, " millis(r#"u."updatedAt""#) r#" AS updated_at
    FROM "account" a
    JOIN "user" u ON u."id" = a."userId"
    LEFT JOIN user_flags f ON f.user_id = u."id"
    WHERE a."providerId" = $1 AND a."accountId" = $2"#
);
const TOKENS: Sql = sql!(
    r#"SELECT "id", "providerId" AS provider, "accountId" AS account, "accessToken" AS access,
        "refreshToken" AS refresh, "idToken" AS id_token, "scope", "#
        millis(r#""accessTokenExpiresAt""#) " AS access_expires_at, "
        millis(r#""refreshTokenExpiresAt""#) r#" AS refresh_expires_at
    FROM "account" WHERE "userId" = $1 ORDER BY "createdAt", "id""#
);
const UPDATE: Sql = sql!(
    r#"UPDATE "account" SET "accessToken" = coalesce($2, "accessToken"),
        "refreshToken" = coalesce($3, "refreshToken"), "idToken" = coalesce($4, "idToken"),
        "scope" = coalesce($5, "scope"),
        "accessTokenExpiresAt" = coalesce("# at(6) r#", "accessTokenExpiresAt"),
        "refreshTokenExpiresAt" = coalesce("# at(7) r#", "refreshTokenExpiresAt"),
        "updatedAt" = "# at(8) r#" WHERE "id" = $1"#
);

/// Who holds an account at a provider.
#[derive(Clone, Debug)]
pub struct Holder {
    /// The row's id.
    pub account: String,
    /// What was granted, comma-joined.
    pub scope: String,
    /// Whose it is.
    pub user: User,
    /// An admin has locked them out.
    pub disabled: bool,
}

#[derive(FromRow)]
struct HolderRow {
    account: String,
    scope: Option<String>,
    disabled: bool,
    #[sqlx(flatten)]
    user: UserRow,
}

/// An account with its tokens, as they are stored.
#[derive(Clone, FromRow)]
pub struct StoredTokens {
    /// The row's id.
    pub id: String,
    /// The provider's name with us.
    pub provider: String,
    /// The provider's name for the person.
    pub account: String,
    /// To act at the provider.
    pub access: Option<String>,
    /// To get another one.
    pub refresh: Option<String>,
    /// Who they are, signed.
    pub id_token: Option<String>,
    /// What was granted, comma-joined.
    pub scope: Option<String>,
    /// When the access token ends, in milliseconds.
    pub access_expires_at: Option<i64>,
    /// When the refresh token ends.
    pub refresh_expires_at: Option<i64>,
}

impl std::fmt::Debug for StoredTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StoredTokens({} {})", self.provider, self.id)
    }
}

impl Conn {
    /// Everybody who holds that account. More than one should not be, but no index forbids it.
    pub async fn holders(&mut self, provider: &str, account: &str) -> Result<Vec<Holder>> {
        let sql = self.pick(&HOLDERS);
        let rows: Vec<HolderRow> = on!(self, |c| sqlx::query_as(sql).bind(provider).bind(account).fetch_all(c).await)?;
        Ok(rows
            .into_iter()
            .map(|row| Holder {
                account: row.account,
                scope: row.scope.unwrap_or_default(),
                user: row.user.into(),
                disabled: row.disabled,
            })
            .collect())
    }

    /// A person's accounts with their tokens, oldest first.
    pub async fn stored_tokens(&mut self, user: &UserId) -> Result<Vec<StoredTokens>> {
        let sql = self.pick(&TOKENS);
        Ok(on!(self, |c| sqlx::query_as(sql).bind(user.as_str()).fetch_all(c).await)?)
    }

    /// Replaces those tokens of an account that are given.
    pub async fn update_tokens(&mut self, id: &str, tokens: &TokenColumns<'_>, now: i64) -> Result<()> {
        let sql = self.pick(&UPDATE);
        on!(self, |c| sqlx::query(sql)
            .bind(id)
            .bind(tokens.access)
            .bind(tokens.refresh)
            .bind(tokens.id)
            .bind(tokens.scope)
            .bind(tokens.access_expires_at)
            .bind(tokens.refresh_expires_at)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}
