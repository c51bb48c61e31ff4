//! What the last form had to say: `?done=` a word, or `?error=` a sentence or a code of the sign-in contract, with `at=`
//! the form and `field=` the field it is about.

use super::parts;
use crate::prelude::*;

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Said {
    error: Option<String>,
    done: Option<&'static str>,
    at: String,
    field: String,
}

impl Said {
    /// Reads an address.
    pub fn of(path: &str, parameter: &impl Fn(&str) -> Option<String>) -> Self {
        let given = |name: &str| parameter(name).filter(|text| !text.is_empty());
        Self {
            error: given("error").map(|error| sentence(path, &error)),
            done: given("done").and_then(|word| done(&word)),
            at: given("at").unwrap_or_default(),
            field: given("field").unwrap_or_default(),
        }
    }

    /// What is wrong with a field of a form.
    pub fn about(&self, form: &str, field: &str) -> Option<String> {
        self.error.clone().filter(|_| self.at == form && self.field == field)
    }

    /// Whether something went wrong.
    pub fn has_error(&self) -> bool {
        self.error.is_some()
    }

    /// Whether the form was refused.
    pub fn refused(&self, form: &str) -> bool {
        self.at == form && self.error.is_some()
    }

    /// What is to be said about a form as a whole, beside its fields.
    pub fn note(&self, form: &str, fields: &[&str]) -> AnyView {
        if self.at != form || (self.error.is_some() && fields.contains(&self.field.as_str())) {
            return ().into_any();
        }
        self.draw()
    }

    /// What is to be said and is about none of these forms.
    pub fn rest(&self, forms: &[&str]) -> AnyView {
        if forms.contains(&self.at.as_str()) { ().into_any() } else { self.draw() }
    }

    fn draw(&self) -> AnyView {
        match (&self.error, self.done) {
            (Some(error), _) => parts::refusal(error.clone()),
            (None, Some(done)) => parts::success(done),
            (None, None) => ().into_any(),
        }
    }
}

/// What was done, by the door's word.
fn done(word: &str) -> Option<&'static str> {
    Some(match word {
        "reset" => "Your new password is set. Sign in with it.",
        "deleted" => "Your account and everything in it is deleted.",
        "verify" => "Nearly there: open the link we sent you to confirm your address. Then sign in.",
        "signed-out" => "You are signed out.",
        "verified" => "Your e-mail address is confirmed.",
        "sent" => "If that address has an account here, a link is on its way. It works for one hour.",
        "delete-account" => "We sent you a mail. Open the link in it to delete everything.",
        "settings" | "user" => "Saved.",
        "password" => "Your password is changed.",
        "email" => "Open the link we sent to the new address. Until then the old one stays.",
        "verify-email" => "A mail with a link is on its way.",
        "session" => "That device is signed out.",
        "sessions" => "Every other device is signed out.",
        "token-revoke" => "The token is revoked. Programs that use it are shut out.",
        "app-revoke" => "The app is shut out. What it held opens nothing any more.",
        "link" => "The account is connected.",
        "unlink" => "The account is disconnected.",
        _ => return None,
    })
}

/// What went wrong, as something to act on. The doors send sentences; the sign-in contract sends codes.
fn sentence(path: &str, error: &str) -> String {
    let known = match error {
        "account_not_linked" => {
            "An account with this e-mail address exists already. Sign in with its password, confirm the address, and connect the two under Settings."
        }
        "state_mismatch"
        | "state_not_found"
        | "state_invalid"
        | "please_restart_the_process"
        | "no_code"
        | "invalid_code" => "The sign-in took too long or went on in another window. Start it again.",
        "access_denied" => "You did not allow the sign-in. Start it again, or use your password.",
        "email_not_found" => "That provider did not say your e-mail address, which an account here needs.",
        "email_not_verified" => {
            "That provider has not confirmed your e-mail address. Confirm it there, then start again."
        }
        "signup_disabled" => {
            "There is no account for you here yet, and nobody can sign up alone. Ask whoever runs this server."
        }
        "email_doesn't_match" | "email_does_not_match" => {
            "That account has another e-mail address than yours here. Only accounts with the same address can be connected."
        }
        "account_already_linked_to_different_user" => "That account is connected to somebody else here.",
        "unable_to_link_account" => "The account could not be connected. Sign in again, then try once more.",
        "oauth_provider_not_found" => "This server does not offer that way to sign in.",
        "banned" => "This account is disabled. Ask whoever runs this server.",
        "unable_to_get_user_info" => "That provider did not say who you are. Try again in a moment.",
        "INVALID_TOKEN" | "TOKEN_EXPIRED" if path == "/reset-password" => {
            "This link was used already or is too old. Ask for a new one."
        }
        "INVALID_TOKEN" | "TOKEN_EXPIRED" => {
            "This link was used already or is too old. Sign in, and ask for a new one under Settings."
        }
        "USER_NOT_FOUND" | "INVALID_USER" => "This link belongs to another account.",
        sentence if sentence.contains(' ') => sentence,
        _ => "That did not work. Try again in a moment.",
    };
    known.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_become_sentences_and_unknown_ones_are_not_shown() {
        assert!(sentence("/sign-in", "account_not_linked").contains("Sign in with its password"));
        assert_eq!(sentence("/sign-in", "Too many tries. Wait a minute."), "Too many tries. Wait a minute.");
        assert_eq!(sentence("/sign-in", "some_new_code"), "That did not work. Try again in a moment.");
    }

    #[test]
    fn an_error_is_shown_once() {
        let query = |name: &str| {
            let pairs = [("error", "The password is wrong."), ("at", "password"), ("field", "current")];
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        let said = Said::of("/settings", &query);
        assert_eq!(said.about("password", "current").as_deref(), Some("The password is wrong."));
        assert_eq!(said.about("delete-account", "current"), None);
        assert!(said.refused("password") && !said.refused("email"));
        let shown = |note: AnyView| note.to_html().contains("The password is wrong.");
        assert!(!shown(said.note("password", &["current"])) && shown(said.note("password", &["password"])));
        assert!(!shown(said.rest(&["password"])) && shown(said.rest(&[])));
    }
}
