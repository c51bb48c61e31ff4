//! What is worth remembering about an account: who came in, who tried to, and what changed.
//!
//! Kept for its owner, who sees it among the settings, and for whoever has to find out later. Keeping it never fails the
//! act itself: a full disk must not lock people out.

use super::Accounts;
use crate::{auth::client::Client, ids, store::audit::AuditRow};
use domain::id::UserId;

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)+) => {
        /// A kind of thing that is remembered.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Event {
            $($(#[$doc])* $name,)+
        }

        impl Event {
            /// The word that is stored and on the wire.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }
        }
    };
}

events! {
    /// An account was made.
    SignedUp = "signed_up",
    /// A session began; the detail says how (password, google, …).
    SignedIn = "signed_in",
    /// Somebody tried with a wrong password, or on a disabled account.
    SignInFailed = "sign_in_failed",
    /// A session was ended by its owner.
    SignedOut = "signed_out",
    /// One, several or all sessions were ended from another one.
    SessionsRevoked = "sessions_revoked",
    /// The password was changed by somebody who knew the old one.
    PasswordChanged = "password_changed",
    /// A wrong password was given where the current one is asked for.
    PasswordWrong = "password_wrong",
    /// A link to set a new password was asked for.
    ResetRequested = "reset_requested",
    /// The password was set by such a link, or by an admin on the command line.
    PasswordReset = "password_reset",
    /// The address was proven.
    EmailVerified = "email_verified",
    /// The address was changed.
    EmailChanged = "email_changed",
    /// Another provider's account was connected.
    AccountLinked = "account_linked",
    /// Another provider's account was disconnected.
    AccountUnlinked = "account_unlinked",
    /// An API token was made; the detail is its name.
    TokenCreated = "token_created",
    /// An API token was taken back; the detail is its name.
    TokenRevoked = "token_revoked",
    /// A program of others was let in; the detail is its name.
    AppConnected = "app_connected",
    /// What a program was let in for was taken back; the detail is its name.
    AppRevoked = "app_revoked",
    /// A program's code or token was brought a second time, so the program was shut out; the detail is its name.
    AppShutOut = "app_shut_out",
    /// An admin disabled the account.
    Disabled = "disabled",
    /// An admin enabled the account.
    Enabled = "enabled",
    /// Became an admin, or ceased to be one.
    RightsChanged = "rights_changed",
    /// The account was deleted; whose it was is gone with it.
    Deleted = "deleted",
    /// An admin changed somebody else's rights; the detail says whose and how.
    AdminActed = "admin_acted",
    /// Everything was exported.
    Exported = "exported",
}

impl Accounts {
    /// Remembers that something happened. `user` is whose account, when there is one.
    pub(crate) async fn remember(&self, event: Event, user: Option<&UserId>, client: &Client, detail: &str) {
        let row = AuditRow {
            id: ids::alphanumeric(32),
            user: user.cloned(),
            at: self.clock.micros(),
            kind: event.as_str().to_owned(),
            address: client.address.clone(),
            agent: client.agent.clone(),
            detail: detail.to_owned(),
        };
        let kept = async {
            let mut conn = self.store.write().await?;
            conn.insert_audit(&row).await?;
            conn.commit().await
        };
        if let Err(error) = kept.await {
            tracing::warn!(error = %error, event = event.as_str(), "an audit row could not be kept");
        }
    }
}
