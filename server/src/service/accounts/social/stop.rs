//! Why nobody came in through another provider: Better Auth's code, which travels in `?error=`, and a sentence.

use super::super::Error;
use std::borrow::Cow;

macro_rules! stops {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $sentence:literal;)+) => {
        /// Why nobody came in.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Stop {
            $($(#[$doc])* $name,)+
        }

        impl Stop {
            /// Better Auth's code.
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)+
                }
            }

            /// The same for people.
            pub fn sentence(self) -> &'static str {
                match self {
                    $(Self::$name => $sentence,)+
                }
            }
        }
    };
}

stops! {
    /// They came back without a state.
    NoState = "state_not_found", "That sign-in was not started here. Start again.";
    /// Their state is unknown, used, too old, or another browser's.
    StateMismatch = "state_mismatch",
        "That sign-in took too long, was finished before, or began in another browser. Start again.";
    /// They came back without a code.
    NoCode = "no_code", "The provider sent nothing to sign in with. Start again.";
    /// No such provider is configured.
    NoProvider = "oauth_provider_not_found", "This server does not offer that way to sign in.";
    /// The provider calls itself by another name than the configured one.
    IssuerMismatch = "issuer_mismatch", "The answer came from another provider than the one that was asked.";
    /// The provider should name itself and did not.
    IssuerMissing = "issuer_missing", "The provider did not say who it is.";
    /// The code was not exchanged.
    InvalidCode = "invalid_code", "The provider did not confirm the sign-in. Start again.";
    /// The ID token is missing or cannot be believed.
    NoIdentity = "unable_to_get_user_info", "The provider did not say convincingly who you are.";
    /// The provider told no address.
    NoEmail = "email_not_found", "The provider did not tell your e-mail address, and an account needs one.";
    /// Somebody here has the address, and one of the two is not proven.
    NotLinked = "account_not_linked",
        "There is an account with that e-mail address already. Sign in with its password, then connect the other one in the settings.";
    /// `SIGN_UP` does not allow it.
    SignUpDisabled = "signup_disabled", "Sign-up is closed here. Ask whoever runs this server for an account.";
    /// The session that asked is over, or the provider does not vouch for the address.
    CannotLink = "unable_to_link_account",
        "The account could not be connected: sign in again, and see that the provider has verified your e-mail address.";
    /// The account to connect has another address.
    OtherEmail = "email_does_not_match", "That account has another e-mail address than yours here.";
    /// Somebody else here has it.
    Elsewhere = "account_already_linked_to_different_user", "That account is connected to somebody else here.";
    /// The address must be proven first; a letter is under way.
    Unverified = "email_not_verified", "Confirm your e-mail address first: a letter is on its way.";
    /// An admin has locked them out. Better Auth's own code, in its admin plugin.
    Disabled = "banned", "This account is disabled. Ask whoever runs this server.";
    /// It could not be stored.
    CannotCreate = "unable_to_create_user", "The account could not be made. Try again.";
    /// Something of ours failed.
    Internal = "internal_server_error", "Something failed on our side. Try again in a few seconds.";
}

/// How the way back ended, and where it leads now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// The code.
    pub code: Cow<'static, str>,
    /// What the provider said about it.
    pub description: Option<String>,
    /// The page that wants to know; absent: the one for errors.
    pub target: Option<String>,
    /// The state is used up: its cookie should go.
    pub spent: bool,
}

impl Stopped {
    /// With a code of the provider's.
    pub(super) fn said(code: &str, description: Option<&str>) -> Self {
        let description = description.filter(|text| !text.is_empty()).map(str::to_owned);
        Self { code: Cow::Owned(code.to_owned()), description, target: None, spent: false }
    }
}

impl From<Stop> for Stopped {
    fn from(stop: Stop) -> Self {
        Self { code: Cow::Borrowed(stop.code()), description: None, target: None, spent: false }
    }
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        match error {
            Error::Social(stop) => stop.into(),
            other => {
                tracing::error!(error = %other, "a sign-in through a provider failed here");
                Stop::Internal.into()
            }
        }
    }
}

impl From<Stop> for Error {
    fn from(stop: Stop) -> Self {
        Self::Social(stop)
    }
}
