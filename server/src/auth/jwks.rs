//! A set of somebody else's public keys (RFC 7517), and which of them a token names.
//!
//! What a key may verify is [`jwt::Key`]'s to say, and never is a published key a shared secret.

use super::jwt::{Claims, Expect, Key, Refusal, Unverified};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

/// Keys with their names. Those of kinds unknown here are left out.
#[derive(Debug, Default)]
pub struct KeySet(Vec<(Option<String>, Key)>);

impl KeySet {
    /// Reads a document; `None` when it is no key set.
    pub fn read(document: &Value) -> Option<Self> {
        let keys = document.get("keys")?.as_array()?.iter().filter_map(|jwk| {
            let jwk = jwk.as_object()?;
            Some((jwk.get("kid").and_then(Value::as_str).map(str::to_owned), Key::public(jwk, None)?))
        });
        Some(Self(keys.collect()))
    }

    /// The claims of a token that one of these keys signed; `now` in seconds.
    pub fn verify(&self, token: &str, now: i64, issuer: Expect<'_>, audience: Expect<'_>) -> Result<Claims, Refusal> {
        let token = Unverified::parse(token)?;
        let key = self.named(&token)?;
        token.verify(key, now, issuer, audience)
    }

    /// The key a token names. One that names none fits only when a single key could have signed it.
    fn named(&self, token: &Unverified<'_>) -> Result<&Key, Refusal> {
        let may = |key: &&Key| key.algorithm() == token.algorithm;
        match &token.kid {
            Some(kid) => {
                let named: Vec<&Key> =
                    self.0.iter().filter(|(name, _)| name.as_ref() == Some(kid)).map(|(_, key)| key).collect();
                if named.is_empty() {
                    return Err(Refusal::UnknownKey);
                }
                named.into_iter().find(may).ok_or(Refusal::Algorithm)
            }
            None => {
                let mut fitting = self.0.iter().map(|(_, key)| key).filter(may);
                match (fitting.next(), fitting.next()) {
                    (Some(key), None) => Ok(key),
                    _ => Err(Refusal::UnknownKey),
                }
            }
        }
    }
}

/// The claims of a token nobody has checked: only for one that was checked when it was stored.
pub fn claims_unchecked(token: &str) -> Option<Map<String, Value>> {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&claims).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::{
        rand::SystemRandom,
        signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
    };
    use serde_json::json;

    struct Signer {
        ec: EcdsaKeyPair,
        ed: Ed25519KeyPair,
    }

    impl Signer {
        fn new() -> Self {
            let rng = SystemRandom::new();
            let ec = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng).expect("a key");
            let ed = Ed25519KeyPair::generate_pkcs8(&rng).expect("a key");
            Self {
                ec: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, ec.as_ref(), &rng).expect("a key"),
                ed: Ed25519KeyPair::from_pkcs8(ed.as_ref()).expect("a key"),
            }
        }

        fn keys(&self) -> KeySet {
            let point = self.ec.public_key().as_ref();
            let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
            let ec = json!({"kty":"EC","crv":"P-256","kid":"ec","use":"sig","x":x,"y":y});
            let ed = json!({"kty":"OKP","crv":"Ed25519","kid":"ed","x": URL_SAFE_NO_PAD.encode(self.ed.public_key())});
            let secret = json!({"kty":"oct","kid":"secret","k":"AAAA","alg":"HS256"});
            KeySet::read(&json!({"keys":[ec, ed, secret, 7]})).expect("a set")
        }

        fn token(&self, header: &Value, by: &str) -> String {
            let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
            let signed = format!("{}.{}", encode(header), encode(&json!({"sub":"x","exp":100})));
            let signature = match by {
                "ec" => self.ec.sign(&SystemRandom::new(), signed.as_bytes()).expect("signs").as_ref().to_vec(),
                _ => self.ed.sign(signed.as_bytes()).as_ref().to_vec(),
            };
            format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
        }
    }

    #[test]
    fn a_token_is_checked_with_the_key_it_names() {
        let signer = Signer::new();
        let keys = signer.keys();
        let verify = |header: &Value, by: &str| {
            keys.verify(&signer.token(header, by), 1, Expect::Anything, Expect::Anything)
                .map(|claims| claims.0["sub"].clone())
        };
        for (header, by) in [
            (json!({"alg":"ES256","kid":"ec"}), "ec"),
            (json!({"alg":"EdDSA","kid":"ed"}), "ed"),
            (json!({"alg":"EdDSA"}), "ed"),
        ] {
            assert_eq!(verify(&header, by), Ok(json!("x")), "{header}");
        }
        for (header, by, why) in [
            (json!({"alg":"none","kid":"ec"}), "ec", Refusal::Algorithm),
            (json!({"alg":"HS256","kid":"ec"}), "ec", Refusal::Algorithm),
            (json!({"alg":"HS256","kid":"secret"}), "ec", Refusal::UnknownKey),
            (json!({"alg":"EdDSA","kid":"ec"}), "ed", Refusal::Algorithm),
            (json!({"alg":"ES256","kid":"other"}), "ec", Refusal::UnknownKey),
            (json!({"alg":"EdDSA","kid":"ed"}), "ec", Refusal::Signature),
            (json!({"alg":"RS256"}), "ec", Refusal::UnknownKey),
        ] {
            assert_eq!(verify(&header, by), Err(why), "{header}");
        }
        assert!(KeySet::read(&json!([])).is_none());
    }

    #[test]
    fn a_name_that_is_missing_must_leave_no_choice() {
        let (one, other) = (Signer::new(), Signer::new());
        let mut both = one.keys();
        both.0.extend(other.keys().0);
        let token = one.token(&json!({"alg":"EdDSA"}), "ed");
        assert_eq!(both.verify(&token, 1, Expect::Anything, Expect::Anything), Err(Refusal::UnknownKey));
    }
}
