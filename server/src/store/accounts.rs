//! People, in Better Auth's table `user`, and what proves them. An e-mail address is looked up in lower case, which is
//! how it is stored.

use super::{
    Conn, Result, Sql,
    better_auth::{iso, sql},
    on,
};
use domain::{account::User, id::UserId};
use sqlx::FromRow;

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
const REPLACE_PASSWORD: Sql = sql!(
    r#"UPDATE "account" SET "password" = $3, "updatedAt" = "# at(4) r#"
    WHERE "userId" = $1 AND "providerId" = 'credential' AND "password" = $2"#
);
/// Enough of every different form to recognise it; one scrypt hash stands for all, since they begin with their salt.
const PASSWORD_SAMPLES: &str = r#"SELECT min("password") FROM "account"
    WHERE "providerId" = 'credential' AND "password" IS NOT NULL
    GROUP BY CASE WHEN "password" LIKE '$%' THEN substr("password", 1, 7) ELSE '' END"#;
const UPDATE_USER: Sql = sql!(
    r#"UPDATE "user" SET "name" = coalesce($2, "name"), "image" = CASE WHEN $3 THEN $4 ELSE "image" END,
        "updatedAt" = "# at(5) r#" WHERE "id" = $1"#
);
const SET_EMAIL: Sql = sql!(
    r#"UPDATE "user" SET "email" = $2, "emailVerified" = $3, "updatedAt" = "# at(4) r#" WHERE "id" = $1"#
);
const DELETE_ACCOUNTS: &str = r#"DELETE FROM "account" WHERE "userId" = $1"#;
const DELETE_USER: &str = r#"DELETE FROM "user" WHERE "id" = $1"#;
const EMAIL_TAKEN: &str = r#"SELECT count(*) FROM "user" WHERE "email" = $1"#;
const ANY_USER: &str = r#"SELECT count(*) FROM (SELECT 1 FROM "user" LIMIT 1) AS one"#;
const MAKE_ADMIN: &str = "INSERT INTO user_flags (user_id, admin) VALUES ($1, true)
    ON CONFLICT (user_id) DO UPDATE SET admin = true";
const IS_ADMIN: &str = "SELECT admin FROM user_flags WHERE user_id = $1";
/// Any number that nothing else here locks.
const SIGN_UP_LOCK: &str = "SELECT pg_advisory_xact_lock(726901)";

#[derive(FromRow)]
pub(super) struct UserRow {
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

impl Conn {
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

    /// Keeps a password in another form, unless it is no longer the one that was read.
    pub async fn replace_password(&mut self, user: &UserId, old: &str, new: &str, now: i64) -> Result<()> {
        let sql = self.pick(&REPLACE_PASSWORD);
        on!(self, |c| sqlx::query(sql).bind(user.as_str()).bind(old).bind(new).bind(now).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// A stored hash of each form there is.
    pub async fn password_samples(&mut self) -> Result<Vec<String>> {
        Ok(on!(self, |c| sqlx::query_scalar(PASSWORD_SAMPLES).fetch_all(c).await)?)
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

    /// Sets a person's address, and whether it was proven.
    pub async fn set_email(&mut self, id: &UserId, email: &str, verified: bool, now: i64) -> Result<()> {
        let sql = self.pick(&SET_EMAIL);
        on!(self, |c| sqlx::query(sql)
            .bind(id.as_str())
            .bind(email)
            .bind(verified)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Removes a person; what is theirs goes with them by its foreign keys. Sessions and accounts are named, because a
    /// database another program made may lack those keys.
    pub async fn delete_user(&mut self, id: &UserId) -> Result<()> {
        self.delete_sessions(id).await?;
        on!(self, |c| sqlx::query(DELETE_ACCOUNTS).bind(id.as_str()).execute(c).await.map(|_| ()))?;
        on!(self, |c| sqlx::query(DELETE_USER).bind(id.as_str()).execute(c).await.map(|_| ()))?;
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
