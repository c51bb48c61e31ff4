//! Letters go out behind the back of whoever's request caused them, and not too many to one address.

use super::Accounts;
use crate::mail::{Letter, Mailer};

impl Accounts {
    /// Who carries our letters.
    pub fn mailer(&self) -> Option<&Mailer> {
        self.mailer.as_ref()
    }

    /// Where people reach us, without a trailing slash.
    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    /// The address of one of our endpoints.
    pub(super) fn endpoint(&self, path: &str) -> String {
        format!("{}/api/auth{path}", self.public_url)
    }

    /// Sends a letter some time soon, unless its address has had enough of them lately. Answers at once.
    pub(super) fn post(&self, letter: Letter) {
        let Some(mailer) = self.mailer.clone() else {
            return;
        };
        let accounts = self.clone();
        tokio::spawn(async move {
            match accounts.may_write_to(&letter.to).await {
                Ok(true) => mailer.send(letter),
                Ok(false) => tracing::info!(about = letter.about, "an address has had enough letters for now"),
                Err(error) => tracing::warn!(about = letter.about, error = %error, "a letter was not sent"),
            }
        });
    }
}
