//! What a person chose, and what the installation knows about itself.

use super::{Conn, Result, on};
use domain::{id::UserId, settings::Settings};

const GET: &str = "SELECT time_zone, theme, locale, week_start FROM settings WHERE user_id = $1";
const PUT: &str = "INSERT INTO settings (user_id, time_zone, theme, locale, week_start) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (user_id) DO UPDATE SET time_zone = $2, theme = $3, locale = $4, week_start = $5";
const INSTANCE_GET: &str = "SELECT value FROM instance WHERE name = $1";
const INSTANCE_PUT: &str = "INSERT INTO instance (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";

impl Conn {
    /// A person's settings, when they ever changed one.
    pub async fn settings(&mut self, user: &UserId) -> Result<Option<Settings>> {
        let row: Option<(String, String, String, String)> =
            on!(self, |c| sqlx::query_as(GET).bind(user.as_str()).fetch_optional(c).await)?;
        Ok(row.map(|(time_zone, theme, locale, week_start)| Settings { time_zone, theme, locale, week_start }))
    }

    /// Stores a person's settings.
    pub async fn put_settings(&mut self, user: &UserId, settings: &Settings) -> Result<()> {
        on!(self, |c| sqlx::query(PUT)
            .bind(user.as_str())
            .bind(&settings.time_zone)
            .bind(&settings.theme)
            .bind(&settings.locale)
            .bind(&settings.week_start)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// A value the installation keeps about itself.
    pub async fn instance_value(&mut self, name: &str) -> Result<Option<String>> {
        Ok(on!(self, |c| sqlx::query_scalar(INSTANCE_GET).bind(name).fetch_optional(c).await)?)
    }

    /// Keeps a value unless there is one already: of two processes that start together, one wins.
    pub async fn keep_instance_value(&mut self, name: &str, value: &str) -> Result<()> {
        on!(self, |c| sqlx::query(INSTANCE_PUT).bind(name).bind(value).execute(c).await.map(|_| ()))?;
        Ok(())
    }
}
