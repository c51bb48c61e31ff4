//! What an ID token must say besides what every token must ([`crate::auth::jwt`]: signature, issuer, audience, expiry), by
//! OpenID Connect Core, 3.1.3.7; and whom it names.

use serde_json::{Map, Value};

/// How far another machine's clock may be off, in seconds.
const LEEWAY: f64 = 30.0;
/// How long ago a token may have been issued, in seconds.
const AGE_MAX: f64 = 3600.0;
/// Most bytes of an address, by SMTP, and of a provider's name for somebody, by OpenID Connect.
const TEXT_MAX: usize = 255;

/// Checks the rest; `client` is our name at the provider, `now` in seconds.
pub fn check(claims: &Map<String, Value>, client: &str, nonce: Option<&str>, now: i64) -> Result<(), &'static str> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    // Meant for several: then it must have been issued to us.
    let several = claims.get("aud").and_then(Value::as_array).is_some_and(|all| all.len() > 1);
    if several && text("azp") != Some(client) {
        return Err("it was issued to another client");
    }
    let issued = claims.get("iat").and_then(Value::as_f64).ok_or("it does not say when it was issued")?;
    if issued < now as f64 - AGE_MAX - LEEWAY {
        return Err("it was issued too long ago");
    }
    if nonce.is_some() && text("nonce") != nonce {
        return Err("it carries another nonce");
    }
    Ok(())
}

/// Whom a provider vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The provider's name for them, which never changes.
    pub subject: String,
    /// What to call them; may be empty.
    pub name: String,
    /// Their address, in lower case.
    pub email: Option<String>,
    /// Whether the provider says that it is theirs.
    pub email_verified: bool,
    /// A picture's address.
    pub image: Option<String>,
}

impl Identity {
    /// Reads it; `None` when nobody is named.
    pub fn of(claims: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let subject = text("sub").filter(|sub| !sub.trim().is_empty() && sub.len() <= TEXT_MAX)?;
        let email = text("email").and_then(address);
        Some(Self {
            subject: subject.to_owned(),
            name: text("name").unwrap_or_default().to_owned(),
            // Said of an address that was not usable, it says nothing.
            email_verified: email.is_some() && truth(claims.get("email_verified")),
            email,
            image: text("picture").map(str::to_owned),
        })
    }

    /// Adds what is missing from another answer about the same person.
    pub(super) fn complete(&mut self, claims: &Map<String, Value>) {
        let Some(other) = Self::of(claims).filter(|other| other.subject == self.subject) else {
            return;
        };
        if self.email.is_none() {
            (self.email, self.email_verified) = (other.email, other.email_verified);
        }
        if self.name.is_empty() {
            self.name = other.name;
        }
        self.image = self.image.take().or(other.image);
    }
}

/// An address fit to be somebody's here. Plain ASCII: other letters have several spellings, some of which become a
/// stranger's address in lower case. Intranets have addresses without a dot.
fn address(text: &str) -> Option<String> {
    let (local, domain) = text.split_once('@')?;
    let fine = text.len() <= TEXT_MAX
        && text.bytes().all(|c| c.is_ascii_graphic() && !b"<>()[],;:\\\"".contains(&c))
        && !local.is_empty()
        && !domain.is_empty()
        && !domain.contains('@');
    fine.then(|| text.to_ascii_lowercase())
}

/// Some providers send their booleans as text.
fn truth(value: Option<&Value>) -> bool {
    value.is_some_and(|value| value.as_bool().unwrap_or(value.as_str() == Some("true")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: i64 = 1_800_000_000;

    fn claims(changes: Value) -> Map<String, Value> {
        let good = json!({"iss":"https://a","aud":"us","sub":"1","exp":NOW + 60,"iat":NOW,"nonce":"n"});
        let mut map = good.as_object().cloned().expect("an object");
        for (name, value) in changes.as_object().expect("an object") {
            if value.is_null() {
                map.remove(name);
            } else {
                map.insert(name.clone(), value.clone());
            }
        }
        map
    }

    #[test]
    fn every_claim_counts() {
        let checked = |changes| check(&claims(changes), "us", Some("n"), NOW);
        for good in
            [json!({}), json!({"aud":["us"]}), json!({"aud":["us", "them"], "azp":"us"}), json!({"azp":"their-phone"})]
        {
            assert_eq!(checked(good.clone()), Ok(()), "{good}");
        }
        for bad in [
            json!({"aud":["us", "them"]}),
            json!({"aud":["us", "them"], "azp":"them"}),
            json!({"iat":null}),
            json!({"iat":"now"}),
            json!({"iat": NOW - 3631}),
            json!({"nonce": "m"}),
            json!({"nonce": null}),
            json!({"nonce": ["n"]}),
        ] {
            assert!(checked(bad.clone()).is_err(), "{bad}");
        }
        assert_eq!(check(&claims(json!({"nonce":"other"})), "us", None, NOW), Ok(()));
    }

    #[test]
    fn people_are_read_with_care() {
        let of = |changes| Identity::of(&claims(changes));
        let ann = of(json!({"email":"Ann@B.co","email_verified":"true","name":"Ann","picture":"https://p"}));
        let ann = ann.expect("somebody");
        assert_eq!(ann.email.as_deref(), Some("ann@b.co"));
        assert!(ann.email_verified);
        for odd in ["", "ann", "@b.co", "ann@", "a@b@c", "a b@c.co", "a@b.co\r\nBcc: x", "\u{212a}@b.co"] {
            let somebody = of(json!({"email":odd,"email_verified":true})).expect("somebody");
            assert_eq!((somebody.email, somebody.email_verified), (None, false), "{odd}");
        }
        for odd in [json!("yes"), json!(1), json!(null)] {
            assert!(!of(json!({"email":"a@b.co","email_verified":odd})).expect("somebody").email_verified);
        }
        assert_eq!(of(json!({"sub":" "})), None);
        assert_eq!(of(json!({"sub":7})), None);
    }

    #[test]
    fn another_answer_must_be_about_the_same_person() {
        let mut one = Identity::of(&claims(json!({}))).expect("somebody");
        one.complete(&claims(json!({"sub":"2","email":"a@b.co"})));
        assert_eq!(one.email, None);
        one.complete(&claims(json!({"email":"a@b.co","email_verified":true,"name":"A"})));
        assert_eq!((one.email.as_deref(), one.email_verified, one.name.as_str()), (Some("a@b.co"), true, "A"));
    }
}
