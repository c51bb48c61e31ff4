//! `/error`: where a sign-in that went wrong at another provider ends when nobody said where else.

use super::{Call, reply::Reply};
use crate::auth::target;

impl Call<'_> {
    /// On to our own page, which shows it; a code that is none does not get that far.
    pub(super) fn error_page(&self) -> Reply {
        let code = self
            .query("error")
            .filter(|code| !code.is_empty() && code.bytes().all(|c| c.is_ascii_alphanumeric() || b"'_-".contains(&c)));
        let description = self.query("error_description").filter(|text| !text.is_empty());
        let pairs = [("error", Some(code.unwrap_or("UNKNOWN"))), ("error_description", description)];
        let pairs = pairs.into_iter().filter_map(|(name, value)| Some((name, value?)));
        Reply::redirect(&target::with_query("/", pairs))
    }
}
