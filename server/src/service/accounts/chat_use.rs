//! How much the assistant is used, for admins.

use super::{Accounts, Authority};
use crate::service::Result;
use domain::chat_use::ChatUse;
use jiff::{ToSpan as _, tz::TimeZone};

/// Days that can be asked for at most.
pub const USE_DAYS_MAX: u32 = 366;
/// Rows of one answer at most; a large installation asks for fewer days.
const ROWS_MAX: i64 = 20_000;

impl Accounts {
    /// Everybody's use on the last `days` days, today included, by days of UTC.
    pub async fn chat_use(&self, by: Authority<'_>, days: u32) -> Result<Vec<ChatUse>> {
        let mut conn = self.store.read().await?;
        by.check(&mut conn).await?;
        let today = self.clock.civil(&TimeZone::UTC).date();
        let first = today.checked_sub((i64::from(days.clamp(1, USE_DAYS_MAX)) - 1).days()).unwrap_or(today);
        Ok(conn.chat_use_since(first, ROWS_MAX).await?)
    }
}
