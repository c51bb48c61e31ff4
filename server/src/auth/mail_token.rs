//! The token in a letter that proves an address: a JWT (HS256 with our secret) that is stored nowhere and lives an hour.
//!
//! Only the exact claims of such a token are read. Another JWT signed with the same secret, such as an older app's, is
//! not one of them; and whoever accepts JWTs elsewhere must not accept these.

use super::keyring::Keyring;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// How long a token lives, in seconds.
pub const LIFETIME: i64 = 3600;
/// `{"alg":"HS256"}`
const HEADER: &str = "eyJhbGciOiJIUzI1NiJ9";
/// The request type of a token that changes the address.
pub const CHANGE: &str = "change-email-verification";

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Claims {
    /// The person's address, in lower case.
    pub email: String,
    /// The person.
    pub user_id: String,
    /// The address it changes to, in lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update_to: Option<String>,
    /// [`CHANGE`] along with `update_to`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_type: Option<String>,
    /// When it was made, in seconds since 1970 UTC.
    pub iat: i64,
    /// When it ends.
    pub exp: i64,
}

/// Why a token proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bad {
    /// Not ours, or not such a token.
    Invalid,
    /// Its hour is over.
    Expired,
}

/// Writes and signs a token.
pub fn sign(keyring: &Keyring, claims: &Claims) -> Result<String, serde_json::Error> {
    let signed = format!("{HEADER}.{}", URL_SAFE_NO_PAD.encode(serde_json::to_vec(claims)?));
    let signature = URL_SAFE_NO_PAD.encode(mac(keyring.current(), &signed).finalize().into_bytes());
    Ok(format!("{signed}.{signature}"))
}

/// Reads a token that one of our secrets signed and that lives at `now`, in seconds since 1970 UTC.
pub fn verify(keyring: &Keyring, token: &str, now: i64) -> Result<Claims, Bad> {
    let claims = read(keyring, token).ok_or(Bad::Invalid)?;
    if claims.exp <= now { Err(Bad::Expired) } else { Ok(claims) }
}

fn read(keyring: &Keyring, token: &str) -> Option<Claims> {
    #[derive(Deserialize)]
    struct Header {
        alg: String,
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    if !keyring.all().any(|secret| mac(secret, signed).verify_slice(&signature).is_ok()) {
        return None;
    }
    let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    let claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    (header.alg == "HS256").then_some(claims)
}

fn mac(secret: &str, text: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC accepts keys of every length");
    mac.update(text.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;

    fn keyring(secret: &str) -> Keyring {
        Keyring::new(Vec::new(), Some(Secret::new(secret)))
    }

    fn ours() -> Keyring {
        keyring("todo-fixture-secret-0123456789abcdefghijklmnop")
    }

    /// As Better Auth 1.7.24 made it.
    const VECTOR: &str = "eyJhbGciOiJIUzI1NiJ9.eyJlbWFpbCI6ImFkYUBleGFtcGxlLmNvbSIsInVzZXJJZCI6IjR0d2hrejc1dk9OUEc2b091Tzc2dDg4Zk1sNnI2VHVOIiwiaWF0IjoxNzk1MjMyNDY0LCJleHAiOjE3OTUyMzYwNjR9.nBGeoIJN9Hq0NsENsn4N4WB1q-AMDXEDrVaNRbNatkE";

    #[test]
    fn tokens_are_better_auths() {
        let claims = Claims {
            email: "ada@example.com".into(),
            user_id: "4twhkz75vONPG6oOuO76t88fMl6r6TuN".into(),
            update_to: None,
            request_type: None,
            iat: 1_795_232_464,
            exp: 1_795_236_064,
        };
        assert_eq!(sign(&ours(), &claims).unwrap(), VECTOR);
        assert_eq!(verify(&ours(), VECTOR, 1_795_236_063), Ok(claims));
        assert_eq!(verify(&ours(), VECTOR, 1_795_236_064), Err(Bad::Expired));
        assert_eq!(verify(&keyring("another"), VECTOR, 0), Err(Bad::Invalid));
    }

    #[test]
    fn nothing_else_is_one() {
        let signed = |header: &str, claims: &str| {
            let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
            let signature = mac(ours().current(), &text).finalize().into_bytes();
            format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
        };
        let good = r#"{"email":"a@b.co","userId":"u","iat":1,"exp":9}"#;
        assert!(verify(&ours(), &signed(r#"{"alg":"HS256"}"#, good), 2).is_ok());
        for (header, claims) in [
            (r#"{"alg":"none"}"#, good),
            (r#"{"alg":"HS512"}"#, good),
            ("{}", good),
            (r#"{"alg":"HS256"}"#, r#"{"email":"a@b.co","iat":1,"exp":9}"#),
            // An older app's session token names a subject.
            (r#"{"alg":"HS256"}"#, r#"{"email":"a@b.co","userId":"u","sub":"u","iat":1,"exp":9}"#),
            (r#"{"alg":"HS256"}"#, r#"{"email":"a@b.co","userId":"u","iat":1}"#),
        ] {
            assert_eq!(verify(&ours(), &signed(header, claims), 2), Err(Bad::Invalid), "{header} {claims}");
        }
        let (unsigned, _) = VECTOR.rsplit_once('.').unwrap();
        for bad in ["", ".", "..", "...", unsigned, &format!("{unsigned}."), &VECTOR[1..], &format!("{VECTOR}x")] {
            assert_eq!(verify(&ours(), bad, 0), Err(Bad::Invalid), "{bad}");
        }
    }
}
