//! The forms in which a password can be stored: what each looks like, and the work of making and checking it.
//!
//! Ours is argon2id in the PHC text form. Better Auth's is scrypt (`salt:key`, both hex), the older apps' bcrypt. Nothing
//! here knows about threads or users. The parameters of ours are [`argon2`]'s defaults, which are OWASP's first choice:
//! 19 MiB, two passes, one lane.

use argon2::{Argon2, Params, PasswordHasher, PasswordVerifier};
use subtle::ConstantTimeEq as _;
use unicode_normalization::UnicodeNormalization;

/// The form new passwords are stored in; `PASSWORD_HASH`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wanted {
    /// The best there is.
    #[default]
    Argon2id,
    /// Better Auth's own, for operators who want to be able to go back to it.
    Scrypt,
}

/// How a stored hash was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    Argon2,
    Scrypt,
    Bcrypt { cost: u32 },
}

/// Why a hash could not be made: the parameters or the salt are out of range.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct CannotHash(String);

/// A bcrypt hash beyond this (about three seconds) is not checked: it would be a way to keep all cores busy.
const MOST_COST: u32 = 15;
/// Where bcrypt stops reading.
const BCRYPT_BYTES: usize = 72;
const SCRYPT_KEY: usize = 64;

impl Wanted {
    /// Whether a stored hash already is what would be made today.
    pub(super) fn made(self, stored: &str) -> bool {
        match self {
            Self::Argon2id => stored.starts_with(&argon2id_prefix()),
            Self::Scrypt => Form::of(stored) == Some(Form::Scrypt),
        }
    }

    pub(super) fn form(self) -> Form {
        match self {
            Self::Argon2id => Form::Argon2,
            Self::Scrypt => Form::Scrypt,
        }
    }

    pub(super) fn hash(self, password: &str, salt: &[u8]) -> Result<String, CannotHash> {
        let password = nfkc(password);
        match self {
            Self::Argon2id => Argon2::default()
                .hash_password_with_salt(password.as_bytes(), salt)
                .map(|hash| hash.to_string())
                .map_err(|e| CannotHash(e.to_string())),
            Self::Scrypt => {
                let salt = hex::encode(salt);
                let key = scrypt_key(&password, &salt)?;
                Ok(format!("{salt}:{}", hex::encode(key)))
            }
        }
    }
}

impl Form {
    /// The form of a stored hash, or nothing when it is none of ours.
    pub(super) fn of(stored: &str) -> Option<Self> {
        if stored.starts_with("$argon2") {
            return Some(Self::Argon2);
        }
        if let Some(rest) = ["$2a$", "$2b$", "$2y$"].iter().find_map(|start| stored.strip_prefix(start)) {
            let cost = rest.split('$').next()?.parse().ok()?;
            return (cost <= MOST_COST).then_some(Self::Bcrypt { cost });
        }
        let (salt, key) = stored.split_once(':')?;
        (!salt.is_empty() && key.len() == 2 * SCRYPT_KEY && key.bytes().all(|b| b.is_ascii_hexdigit()))
            .then_some(Self::Scrypt)
    }

    /// Whether the password made that hash. A damaged hash matches nothing.
    pub(super) fn verify(self, password: &str, stored: &str) -> bool {
        match self {
            Self::Argon2 => Argon2::default().verify_password(nfkc(password).as_bytes(), stored).is_ok(),
            Self::Scrypt => scrypt(&nfkc(password), stored).unwrap_or(false),
            Self::Bcrypt { .. } => {
                // The older apps hashed what was typed; a person may have changed keyboards since.
                let other = nfkc(password);
                bcrypt(password, stored) || (other != password && bcrypt(&other, stored))
            }
        }
    }

    /// Does the work of [`Self::verify`] on a hash that belongs to nobody.
    pub(super) fn pretend(self, password: &str) {
        let decoy = match self {
            Self::Argon2 => format!("{}{}${}", argon2id_prefix(), "A".repeat(22), "A".repeat(43)),
            Self::Scrypt => format!("{}:{}", "0".repeat(32), "0".repeat(2 * SCRYPT_KEY)),
            Self::Bcrypt { cost } => format!("$2b${cost:02}${}", ".".repeat(53)),
        };
        let _nobodys = std::hint::black_box(self.verify(password, &decoy));
    }
}

fn nfkc(password: &str) -> String {
    password.nfkc().collect()
}

fn argon2id_prefix() -> String {
    format!("$argon2id$v=19$m={},t={},p={}$", Params::DEFAULT_M_COST, Params::DEFAULT_T_COST, Params::DEFAULT_P_COST)
}

/// Better Auth's parameters; the salt is the hex text itself, not what it stands for.
fn scrypt_key(password: &str, salt: &str) -> Result<[u8; SCRYPT_KEY], CannotHash> {
    let failed = |e: &dyn std::fmt::Display| CannotHash(e.to_string());
    let params = scrypt::Params::new(14, 16, 1).map_err(|e| failed(&e))?;
    let mut key = [0; SCRYPT_KEY];
    scrypt::scrypt(password.as_bytes(), salt.as_bytes(), &params, &mut key).map_err(|e| failed(&e))?;
    Ok(key)
}

fn scrypt(password: &str, stored: &str) -> Option<bool> {
    let (salt, key) = stored.split_once(':')?;
    let key = hex::decode(key).ok()?;
    Some(scrypt_key(password, salt).ok()?.ct_eq(&key).into())
}

/// As bcrypt does: the first 72 bytes count. A NUL would end the text in C, and so no hash was ever made from one.
fn bcrypt(password: &str, stored: &str) -> bool {
    let bytes = password.as_bytes();
    let bytes = bytes.get(..BCRYPT_BYTES).unwrap_or(bytes);
    let same = bcrypt::verify(bytes, stored).unwrap_or(false);
    same && !bytes.contains(&0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn vectors() -> Value {
        serde_json::from_str(include_str!("../../../../tests/fixtures/better-auth/vectors.json")).unwrap()
    }

    fn verify(password: &str, stored: &str) -> bool {
        Form::of(stored).is_some_and(|form| form.verify(password, stored))
    }

    #[test]
    fn what_better_auth_stored_verifies() {
        let vectors = vectors();
        let list = vectors["password"].as_array().unwrap();
        assert!(list.len() >= 4);
        for vector in list {
            let (password, hash) = (vector["password"].as_str().unwrap(), vector["hash"].as_str().unwrap());
            assert_eq!(verify(password, hash), vector["ok"].as_bool().unwrap(), "{password}");
        }
    }

    #[test]
    fn scrypt_is_made_byte_for_byte_as_better_auth_makes_it() {
        for vector in vectors()["password"].as_array().unwrap().iter().filter(|v| v["ok"] == true) {
            let hash = vector["hash"].as_str().unwrap();
            let salt = hex::decode(hash.split_once(':').unwrap().0).unwrap();
            assert_eq!(Wanted::Scrypt.hash(vector["password"].as_str().unwrap(), &salt).unwrap(), hash);
        }
    }

    #[test]
    fn bcrypt_verifies_whatever_its_letter() {
        // From the suites of crypt_blowfish and of Python's bcrypt.
        for (password, hash) in [
            ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
            ("U*U", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
            ("", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"),
            ("Kk4DQuMMfZL9o", "$2b$04$cVWp4XaNU8a4v1uMRum2SO026BWLIoQMD/TXg5uZV.0P.uO8m3YEm"),
        ] {
            assert!(verify(password, hash), "{password}");
            assert!(!verify("another", hash));
        }
    }

    #[test]
    fn bcrypt_takes_72_bytes_the_typed_text_and_its_other_spelling() {
        let made = |text: &str| bcrypt::hash_with_salt(text, 4, [7; 16]).unwrap().to_string();
        let long = "é".repeat(36);
        let hash = made(&long);
        assert!(verify(&format!("{long} and more"), &hash));
        assert!(!verify(&"é".repeat(35), &hash));
        assert!(verify("ﬁancé", &made("ﬁancé")));
        assert!(verify("ﬁancé", &made("fiancé")));
        assert!(!verify("fiancé", &made("ﬁancé")));
        // Repeating a key after a NUL gives bcrypt the same key schedule.
        assert!(!verify("password\0password", &made("password")));
    }

    #[test]
    fn a_decoy_is_checked_in_full() {
        for form in [Form::Argon2, Form::Scrypt, Form::Bcrypt { cost: 8 }] {
            let start = crate::clock::Stopwatch::start();
            form.pretend("wrong password");
            assert!(start.millis() > 2.0, "{form:?} took {} ms", start.millis());
        }
    }

    #[test]
    fn a_bcrypt_hash_that_would_take_hours_is_not_tried() {
        assert_eq!(Form::of(&format!("$2b$31${}", ".".repeat(53))), None);
        assert_eq!(Form::of("$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"), None);
    }
}
