//! The secrets of this installation, and what is sealed with them.
//!
//! Better Auth's form: XChaCha20-Poly1305 under SHA-256 of the secret, written as lower-case hex of nonce, ciphertext and
//! tag. With versioned secrets the text is `$ba$<version>$<hex>`; hex alone was sealed with `BETTER_AUTH_SECRET`. Absent:
//! the signatures of cookies ([`super::cookie`]) and of tokens ([`super::jwt`]).

use crate::config::{Secret, Versioned};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{Aead, Nonce},
};
use ring::hkdf;
use sha2::{Digest, Sha256};

/// Length of a nonce in bytes.
pub const NONCE: usize = 24;

/// Every secret that is known here.
#[derive(Clone, Debug)]
pub struct Keyring {
    versions: Vec<Versioned>,
    /// `BETTER_AUTH_SECRET`, or the one the installation made for itself.
    unversioned: Option<Secret>,
}

impl Keyring {
    /// `versions` with the one in use first.
    pub fn new(versions: Vec<Versioned>, unversioned: Option<Secret>) -> Self {
        Self { versions, unversioned }
    }

    /// The secret in use: it signs cookies and seals what is new.
    pub fn current(&self) -> &str {
        self.versions.first().map(|v| &v.secret).or(self.unversioned.as_ref()).map_or("", Secret::expose)
    }

    /// Every secret, the one in use first: all of them recognise what they signed.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.versions.iter().map(|v| &v.secret).chain(&self.unversioned).map(Secret::expose)
    }

    /// A ring for one purpose: what it seals, no other opens. Each secret becomes the hex text of what HKDF-SHA256 makes
    /// of it, as in Better Auth.
    pub fn for_purpose(&self, purpose: &str) -> Self {
        let derived = |secret: &Secret| Secret::new(derive(secret.expose(), purpose));
        let versions = self.versions.iter().map(|v| Versioned { version: v.version, secret: derived(&v.secret) });
        Self { versions: versions.collect(), unversioned: self.unversioned.as_ref().map(derived) }
    }

    /// Seals a text with the secret in use. The nonce must never be used again.
    pub fn seal(&self, text: &str, nonce: [u8; NONCE]) -> Option<String> {
        let sealed = seal(self.current(), text, nonce)?;
        Some(match self.versions.first() {
            Some(first) => format!("$ba${}${sealed}", first.version),
            None => sealed,
        })
    }

    /// Opens what one of our secrets sealed.
    pub fn open(&self, sealed: &str) -> Option<String> {
        let Some(rest) = sealed.strip_prefix("$ba$") else {
            // From before there were versions: the secret of then may be one of the versions now.
            let secrets = self.unversioned.iter().chain(self.versions.iter().map(|v| &v.secret));
            return secrets.into_iter().find_map(|secret| open(secret.expose(), sealed));
        };
        let (version, sealed) = rest.split_once('$')?;
        let version: u32 = version.parse().ok()?;
        let found = self.versions.iter().find(|v| v.version == version)?;
        open(found.secret.expose(), sealed)
    }
}

/// Seals a text with that secret, without a version.
pub fn seal(secret: &str, text: &str, nonce: [u8; NONCE]) -> Option<String> {
    let nonce: Nonce<XChaCha20Poly1305> = nonce.into();
    let sealed = cipher(secret).encrypt(&nonce, text.as_bytes()).ok()?;
    Some(hex::encode([nonce.as_slice(), &sealed].concat()))
}

/// Opens what that secret sealed.
pub fn open(secret: &str, sealed: &str) -> Option<String> {
    let bytes = hex::decode(sealed).ok()?;
    let (nonce, sealed) = bytes.split_at_checked(NONCE)?;
    let nonce: Nonce<XChaCha20Poly1305> = nonce.try_into().ok()?;
    String::from_utf8(cipher(secret).decrypt(&nonce, sealed).ok()?).ok()
}

fn derive(secret: &str, purpose: &str) -> String {
    const SALT: &[u8] = b"better-auth:oauth-encryption:v1";
    let info = format!("better-auth:{purpose}:v1");
    let mut key = [0; 32];
    let made = hkdf::Salt::new(hkdf::HKDF_SHA256, SALT)
        .extract(secret.as_bytes())
        .expand(&[info.as_bytes()], hkdf::HKDF_SHA256)
        .and_then(|output| output.fill(&mut key));
    debug_assert!(made.is_ok(), "32 bytes are what HKDF-SHA256 makes in one step");
    hex::encode(key)
}

fn cipher(secret: &str) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Sha256::digest(secret.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::vectors;

    fn ring(versions: &[(u32, &str)], unversioned: Option<&str>) -> Keyring {
        let versions = versions.iter().map(|(version, s)| Versioned { version: *version, secret: Secret::new(*s) });
        Keyring::new(versions.collect(), unversioned.map(Secret::new))
    }

    #[test]
    fn better_auths_envelopes_open_and_ours_are_the_same() {
        let all = vectors::all();
        let secret = all["secret"].as_str().unwrap();
        let column: String = serde_json::from_str(all["jwkPrivateKey"]["column"].as_str().unwrap()).unwrap();
        let plain = all["jwkPrivateKey"]["plaintext"].as_str().unwrap();
        let ours = ring(&[], Some(secret));
        assert_eq!(ours.open(&column).as_deref(), Some(plain));
        // With the same nonce the same bytes come out.
        let nonce: [u8; NONCE] = hex::decode(&column).unwrap()[..NONCE].try_into().unwrap();
        assert_eq!(ours.seal(plain, nonce), Some(column));
    }

    #[test]
    fn versioned_envelopes_name_their_secret() {
        let all = vectors::all();
        let vector = &all["versionedEnvelope"];
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let (new, old) = (text(&vector["secrets"][0]["value"]), text(&vector["secrets"][1]["value"]));
        let ours = ring(&[(2, &new), (1, &old)], Some(&old));
        let sealed = text(&vector["ciphertext"]);
        assert_eq!(ours.current(), new);
        assert_eq!(ours.open(&sealed), Some(text(&vector["plaintext"])));
        assert!(ours.seal("hello", [7; NONCE]).unwrap().starts_with("$ba$2$"));
        // Hex alone is the older secret's, also when that has a version now.
        let bare = seal(&old, "hello", [7; NONCE]).unwrap();
        assert_eq!(ours.open(&bare).as_deref(), Some("hello"));
        assert_eq!(ring(&[(2, &new), (1, &old)], None).open(&bare).as_deref(), Some("hello"));
        assert_eq!(ring(&[(2, &new)], None).open(&bare), None);
        assert_eq!(ring(&[(3, &new)], None).open(&sealed), None);
    }

    #[test]
    fn a_purpose_has_keys_of_its_own() {
        let all = vectors::all();
        let vector = &all["purposeKey"];
        let ours = ring(&[], all["secret"].as_str());
        let linked = ours.for_purpose(vector["purpose"].as_str().unwrap());
        assert_eq!(linked.current(), vector["derived"].as_str().unwrap());
        let sealed = linked.seal("a token", [3; NONCE]).unwrap();
        assert_eq!(linked.open(&sealed).as_deref(), Some("a token"));
        assert_eq!(ours.open(&sealed), None);
    }

    #[test]
    fn what_was_touched_does_not_open() {
        let ours = ring(&[], Some("a secret of this test"));
        let sealed = ours.seal("hello", [1; NONCE]).unwrap();
        for place in 0..sealed.len() {
            let mut other = sealed.clone().into_bytes();
            other[place] = if other[place] == b'0' { b'1' } else { b'0' };
            assert_eq!(ours.open(std::str::from_utf8(&other).unwrap()), None, "{place}");
        }
        for bad in ["", "00", "$ba$", "$ba$1", "$ba$x$00", "zz", &sealed[2..], &"00".repeat(NONCE)] {
            assert_eq!(ours.open(bad), None, "{bad}");
        }
    }
}
