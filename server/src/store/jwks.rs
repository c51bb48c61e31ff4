//! The keys of our tokens, in Better Auth's table `jwks`.

use super::{Conn, Result, Sql, better_auth::sql, on};
use sqlx::FromRow;

const ALL: Sql = sql!(
    r#"SELECT "id", "publicKey" AS public_key, "privateKey" AS private_key, "# millis(r#""createdAt""#) " AS created_at, "
        millis(r#""expiresAt""#) r#" AS expires_at, "alg" AS alg FROM "jwks" ORDER BY "createdAt" DESC, "id""#
);
const INSERT: Sql = sql!(
    r#"INSERT INTO "jwks" ("id", "publicKey", "privateKey", "createdAt", "expiresAt", "alg", "crv")
    VALUES ($1, $2, $3, "# at(4) ", " at(5) ", $6, $7)"
);
const RETIRE: Sql = sql!(
    r#"UPDATE "jwks" SET "expiresAt" = "# at(1) r#" WHERE "expiresAt" IS NULL"#
);
/// Any number that nothing else here locks.
const LOCK: &str = "SELECT pg_advisory_xact_lock(726902)";

/// A row of `jwks`; instants are milliseconds since 1970 UTC.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct StoredKey {
    /// The `kid`.
    pub id: String,
    /// A JWK as JSON.
    pub public_key: String,
    /// A sealed JWK as a JSON text, or a plain one as a JSON object.
    pub private_key: String,
    /// When it was made.
    pub created_at: i64,
    /// When it stops to sign; never when absent.
    pub expires_at: Option<i64>,
    /// What it signs with, where the row says so.
    pub alg: Option<String>,
}

impl Conn {
    /// Every key, the newest first.
    pub async fn jwks(&mut self) -> Result<Vec<StoredKey>> {
        let sql = self.pick(&ALL);
        Ok(on!(self, |c| sqlx::query_as(sql).fetch_all(c).await)?)
    }

    /// Lets one at a time make a key, until the transaction ends. SQLite's write transaction is such a lock already.
    pub async fn lock_jwks(&mut self) -> Result<()> {
        if self.is_postgres() {
            on!(self, |c| sqlx::query(LOCK).execute(c).await.map(|_| ()))?;
        }
        Ok(())
    }

    /// Stores a new key of that curve.
    pub async fn insert_key(&mut self, key: &StoredKey, curve: &str) -> Result<()> {
        let sql = self.pick(&INSERT);
        on!(self, |c| sqlx::query(sql)
            .bind(&key.id)
            .bind(&key.public_key)
            .bind(&key.private_key)
            .bind(key.created_at)
            .bind(key.expires_at)
            .bind(&key.alg)
            .bind(curve)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Ends every key that had no end.
    pub async fn retire_keys(&mut self, now: i64) -> Result<()> {
        let sql = self.pick(&RETIRE);
        on!(self, |c| sqlx::query(sql).bind(now).execute(c).await.map(|_| ()))?;
        Ok(())
    }
}
