//! What our letters say.
//!
//! A letter names the product, one link and what happens without it. It holds nothing that a stranger chose, such as a
//! name given at sign-up: otherwise anybody could have us write to anybody.

const PRODUCT: &str = "Todo Chatbot";

/// A letter to one person.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// The address.
    pub to: String,
    /// What it is about, for the log.
    pub about: &'static str,
    /// The subject.
    pub subject: &'static str,
    /// As plain text.
    pub text: String,
    /// As a small page.
    pub html: String,
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The link is a secret.
        write!(f, "Letter({})", self.about)
    }
}

struct Words {
    about: &'static str,
    subject: &'static str,
    why: &'static str,
    /// What the link does, as its label.
    label: &'static str,
    otherwise: &'static str,
}

/// A link to set a new password.
pub fn reset(to: &str, link: &str) -> Letter {
    let words = Words {
        about: "password reset",
        subject: "Set a new password for Todo Chatbot",
        why: "Somebody, hopefully you, asked for a new password for this address.",
        label: "Set a new password",
        otherwise: "The link works once, within an hour. If it was not you, do nothing: your password stays as it is.",
    };
    compose(to, link, &words)
}

/// A link that proves the address.
pub fn verify(to: &str, link: &str) -> Letter {
    let words = Words {
        about: "address verification",
        subject: "Confirm your address for Todo Chatbot",
        why: "Please confirm that this is your address.",
        label: "Confirm my address",
        otherwise: "The link works within an hour. If you have no account there, do nothing.",
    };
    compose(to, link, &words)
}

/// A link that makes this the person's address.
pub fn change(to: &str, link: &str) -> Letter {
    let words = Words {
        about: "change of address",
        subject: "Confirm your new address for Todo Chatbot",
        why: "Somebody, hopefully you, asked to use this address from now on.",
        label: "Use this address",
        otherwise: "The link works within an hour. Until then everything stays as it is. If it was not you, do nothing.",
    };
    compose(to, link, &words)
}

/// Tells the old address that it is no longer used.
pub fn changed(to: &str, link: &str) -> Letter {
    let words = Words {
        about: "changed address",
        subject: "Your address for Todo Chatbot was changed",
        why: "Your account uses another address from now on, and no longer this one.",
        label: "Open Todo Chatbot",
        otherwise: "If it was not you, ask whoever runs this server for help at once.",
    };
    compose(to, link, &words)
}

/// A link that deletes the account.
pub fn delete(to: &str, link: &str) -> Letter {
    let words = Words {
        about: "account deletion",
        subject: "Delete your Todo Chatbot account?",
        why: "Somebody, hopefully you, asked to delete your account with everything in it. This cannot be undone.",
        label: "Delete my account",
        otherwise: "The link works once, within a day, in a browser where you are signed in. If it was not you, do \
            nothing and change your password.",
    };
    compose(to, link, &words)
}

/// Tells somebody who signs up again that they have an account.
pub fn known(to: &str, link: &str) -> Letter {
    let words = Words {
        about: "account exists",
        subject: "You have a Todo Chatbot account already",
        why: "Somebody, hopefully you, tried to sign up with this address, which has an account already.",
        label: "Sign in",
        otherwise: "If you forgot the password, you can set a new one there. If it was not you, do nothing.",
    };
    compose(to, link, &words)
}

fn compose(to: &str, link: &str, words: &Words) -> Letter {
    let Words { about, subject, why, label, otherwise } = words;
    let text = format!("Hello,\n\n{why}\n\n{label}:\n{link}\n\n{otherwise}\n\n{PRODUCT}\n");
    let href = escaped(link);
    let html = format!(
        "<!doctype html>\n<html lang=\"en\"><body style=\"font-family:system-ui,sans-serif;line-height:1.5;max-width:36em\">\n\
         <p>Hello,</p>\n<p>{why}</p>\n<p><a href=\"{href}\">{label}</a></p>\n<p>{otherwise}</p>\n<p>{PRODUCT}</p>\n\
         </body></html>\n"
    );
    Letter { to: to.to_owned(), about, subject, text, html }
}

pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_whole_and_cannot_break_out() {
        let letter = reset("ada@example.org", "https://todo.example/x?a=1&b=\"><script>");
        assert!(letter.text.contains("\nhttps://todo.example/x?a=1&b=\"><script>\n"));
        assert!(letter.html.contains("href=\"https://todo.example/x?a=1&amp;b=&quot;&gt;&lt;script&gt;\""));
        assert!(!format!("{letter:?}").contains("https"));
    }
}
