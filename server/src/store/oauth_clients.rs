//! Programs that may ask people to let them in: those that registered, and the documents of those that describe themselves.

use super::{Conn, Error, Result, on};
use sqlx::FromRow;

const INSERT: &str = "INSERT INTO oauth_clients (id, name, redirect_uris, auth_method, secret_hash, created_at)
    VALUES ($1, $2, $3, $4, $5, $6)";
const READ: &str =
    "SELECT id, name, redirect_uris, auth_method, secret_hash, created_at FROM oauth_clients WHERE id = $1";
const USED: &str = "UPDATE oauth_clients SET used_at = $2 WHERE id = $1";
const PURGE: &str = "DELETE FROM oauth_clients
    WHERE (used_at IS NULL AND created_at < $1 OR used_at < $2)
    AND NOT EXISTS (SELECT 1 FROM oauth_grants g WHERE g.client_id = oauth_clients.id)";
const DOCUMENT: &str = "SELECT name, redirect_uris FROM oauth_documents WHERE client_id = $1 AND expires_at > $2";
const KEEP_DOCUMENT: &str = "INSERT INTO oauth_documents (client_id, name, redirect_uris, expires_at)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (client_id) DO UPDATE SET name = excluded.name, redirect_uris = excluded.redirect_uris,
        expires_at = excluded.expires_at";
const PURGE_DOCUMENTS: &str = "DELETE FROM oauth_documents WHERE expires_at < $1";

/// A program that registered. Instants are microseconds since 1970 UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredClient {
    /// Its `client_id`.
    pub id: String,
    /// What it calls itself.
    pub name: String,
    /// Where it may be sent.
    pub redirects: Vec<String>,
    /// `none`, `client_secret_post` or `client_secret_basic`.
    pub auth_method: String,
    /// Of its secret, when it has one.
    pub secret_hash: Option<String>,
    /// When it registered.
    pub created_at: i64,
}

#[derive(FromRow)]
struct Row {
    id: String,
    name: String,
    redirect_uris: String,
    auth_method: String,
    secret_hash: Option<String>,
    created_at: i64,
}

impl Conn {
    /// Stores a program that registers.
    pub async fn insert_oauth_client(&mut self, client: &StoredClient) -> Result<()> {
        on!(self, |c| sqlx::query(INSERT)
            .bind(&client.id)
            .bind(&client.name)
            .bind(list(&client.redirects))
            .bind(&client.auth_method)
            .bind(client.secret_hash.as_deref())
            .bind(client.created_at)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// A program that registered.
    pub async fn oauth_client(&mut self, id: &str) -> Result<Option<StoredClient>> {
        let row: Option<Row> = on!(self, |c| sqlx::query_as(READ).bind(id).fetch_optional(c).await)?;
        row.map(|row| {
            Ok(StoredClient {
                redirects: unlist("oauth_clients.redirect_uris", &row.id, &row.redirect_uris)?,
                id: row.id,
                name: row.name,
                auth_method: row.auth_method,
                secret_hash: row.secret_hash,
                created_at: row.created_at,
            })
        })
        .transpose()
    }

    /// Notes that somebody let it in.
    pub async fn oauth_client_used(&mut self, id: &str, now: i64) -> Result<()> {
        on!(self, |c| sqlx::query(USED).bind(id).bind(now).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Removes programs nobody lets in any more: never used since `unused`, or not since `forgotten`.
    pub async fn purge_oauth_clients(&mut self, unused: i64, forgotten: i64) -> Result<u64> {
        Ok(on!(self, |c| sqlx::query(PURGE)
            .bind(unused)
            .bind(forgotten)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?)
    }

    /// What a program's document said, while that counts: its name and where it may be sent.
    pub async fn oauth_document(&mut self, client: &str, now: i64) -> Result<Option<(String, Vec<String>)>> {
        let row: Option<(String, String)> =
            on!(self, |c| sqlx::query_as(DOCUMENT).bind(client).bind(now).fetch_optional(c).await)?;
        row.map(|(name, uris)| Ok((name, unlist("oauth_documents.redirect_uris", client, &uris)?))).transpose()
    }

    /// Keeps what a program's document says.
    pub async fn keep_oauth_document(
        &mut self,
        client: &str,
        name: &str,
        redirects: &[String],
        expires_at: i64,
    ) -> Result<()> {
        on!(self, |c| sqlx::query(KEEP_DOCUMENT)
            .bind(client)
            .bind(name)
            .bind(list(redirects))
            .bind(expires_at)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Removes documents that do not count any more.
    pub async fn purge_oauth_documents(&mut self, now: i64) -> Result<u64> {
        Ok(on!(self, |c| sqlx::query(PURGE_DOCUMENTS).bind(now).execute(c).await.map(|done| done.rows_affected()))?)
    }
}

fn list(redirects: &[String]) -> String {
    serde_json::Value::from(redirects).to_string()
}

fn unlist(place: &'static str, row: &str, text: &str) -> Result<Vec<String>> {
    serde_json::from_str(text).map_err(|e| Error::Corrupt { place, row: row.to_owned(), detail: e.to_string() })
}
