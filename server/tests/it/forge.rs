//! Tokens made by hand, right and wrong.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{hmac, signature::Ed25519KeyPair};
use serde_json::Value;

/// A token of these two texts, signed by whatever that is.
pub fn token(header: &str, claims: &str, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// Signs with a shared secret.
pub fn hs256(secret: &[u8]) -> impl Fn(&[u8]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    move |message| hmac::sign(&key, message).as_ref().to_vec()
}

/// Signs with Ed25519.
pub fn ed25519(pair: &Ed25519KeyPair) -> impl Fn(&[u8]) -> Vec<u8> {
    |message| pair.sign(message).as_ref().to_vec()
}

/// Signs nothing.
pub fn nobody(_: &[u8]) -> Vec<u8> {
    Vec::new()
}

/// A part of a token as JSON: 0 is the header, 1 the claims.
pub fn part(token: &str, place: usize) -> Value {
    let part = token.split('.').nth(place).expect("a part");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("Base64url")).expect("JSON")
}
