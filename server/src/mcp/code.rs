//! The code that stands for rows as they were shown: `confirm` of a client that cannot put a question to its person.
//!
//! A keyed hash over the person, the call and the rows, after the time it counts until. So it is short enough for a model
//! to repeat, nothing has to be remembered, and any process of the installation knows its own. It is no secret from the
//! person it was made for, and says nothing to anybody else.

use crate::auth::keyring::Keyring;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

/// How much of the hash is kept, in bytes: it is tried at our door only, and for ten minutes.
const KEPT: usize = 16;

/// The code for `what` until then, in seconds.
pub fn make(ring: &Keyring, what: &str, until: i64) -> String {
    format!("{until:x}.{}", URL_SAFE_NO_PAD.encode(hash(ring.current(), what, until)))
}

/// Whether that is a code for `what`, and still counts.
pub fn fits(ring: &Keyring, said: &str, what: &str, now: i64) -> bool {
    let Some((until, hashed)) = said.trim().split_once('.') else { return false };
    let (Ok(until), Ok(hashed)) = (i64::from_str_radix(until, 16), URL_SAFE_NO_PAD.decode(hashed)) else {
        return false;
    };
    until >= now && ring.all().any(|secret| hash(secret, what, until).ct_eq(&hashed).into())
}

fn hash(secret: &str, what: &str, until: i64) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC accepts keys of every length");
    mac.update(&until.to_be_bytes());
    mac.update(what.as_bytes());
    mac.finalize().into_bytes().into_iter().take(KEPT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Secret, Versioned};

    fn ring(secrets: &[&str]) -> Keyring {
        let versions =
            secrets.iter().zip(1..).map(|(secret, version)| Versioned { version, secret: Secret::new(*secret) });
        Keyring::new(versions.collect(), None).for_purpose("test")
    }

    #[test]
    fn a_code_fits_what_it_was_made_for_until_then() {
        let ours = ring(&["new", "old"]);
        let code = make(&ours, "this", 1000);
        assert!(code.len() < 40, "{code}");
        assert!(fits(&ours, &code, "this", 1000) && fits(&ours, &format!(" {code}\n"), "this", 0));
        assert!(!fits(&ours, &code, "this", 1001) && !fits(&ours, &code, "that", 0));
        // Sealed with a secret that is still known, and with one that never was.
        assert!(fits(&ours, &make(&ring(&["old"]), "this", 1000), "this", 0));
        assert!(!fits(&ours, &make(&ring(&["foreign"]), "this", 1000), "this", 0));
        // The time is part of what is sealed.
        let longer = format!("{:x}{}", 5000, &code[code.find('.').expect("a dot")..]);
        assert!(!fits(&ours, &longer, "this", 0));
        for bad in
            ["", ".", "3e8", "3e8.", "true", "-1.AA", &code[..code.len() - 2], &format!("{code}AA"), &"f".repeat(9999)]
        {
            assert!(!fits(&ours, bad, "this", 0), "{bad}");
        }
    }
}
