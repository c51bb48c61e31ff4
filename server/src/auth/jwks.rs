//! Public keys of somebody else, and the signatures they check.
//!
//! A key says by its type which algorithms it can be used with, and by its `alg` which one it is meant for; the header of
//! a token only picks among those. So neither `none` nor a secret (`HS256`) can be smuggled in: there is no code for them
//! here. What the claims must say is the caller's business.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Longest token looked at, in bytes.
const TOKEN_MAX: usize = 32 * 1024;

/// Why a token proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadToken {
    /// Not three parts of Base64 with JSON in the first two.
    #[error("it is not a signed token")]
    Form,
    /// No key of that name and kind: it may be a new one.
    #[error("it is signed with a key nobody knows")]
    UnknownKey,
    /// An algorithm the key is not meant for.
    #[error("its algorithm is not one of the key's")]
    Algorithm,
    /// Somebody else signed it.
    #[error("its signature is wrong")]
    Signature,
}

/// A set of public keys (RFC 7517). Keys of kinds unknown here are left out.
#[derive(Clone, Debug, Default)]
pub struct KeySet(Vec<Key>);

#[derive(Clone, Debug)]
struct Key {
    kid: Option<String>,
    alg: Option<String>,
    material: Material,
}

#[derive(Clone, Debug)]
enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
    P384(Vec<u8>),
    Ed25519(Vec<u8>),
}

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

impl KeySet {
    /// Reads a key set; `None` when it is none.
    pub fn parse(json: &[u8]) -> Option<Self> {
        let set: Jwks = serde_json::from_slice(json).ok()?;
        Some(Self(set.keys.into_iter().filter_map(key).collect()))
    }

    /// The claims of a token that one of these keys signed.
    pub fn verify(&self, token: &str) -> Result<Map<String, Value>, BadToken> {
        let (signed, signature) = token.rsplit_once('.').ok_or(BadToken::Form)?;
        let (header, claims) = signed.split_once('.').ok_or(BadToken::Form)?;
        if token.len() > TOKEN_MAX {
            return Err(BadToken::Form);
        }
        let header: Header =
            serde_json::from_slice(&decode(header).ok_or(BadToken::Form)?).map_err(|_| BadToken::Form)?;
        if header.crit.is_some() {
            return Err(BadToken::Form);
        }
        let key = self.find(&header)?;
        let signature = decode(signature).ok_or(BadToken::Form)?;
        key.check(&header.alg, signed.as_bytes(), &signature)?;
        serde_json::from_slice(&decode(claims).ok_or(BadToken::Form)?).map_err(|_| BadToken::Form)
    }

    /// The key a header names. A token without a name fits only when one key alone could have signed it.
    fn find(&self, header: &Header) -> Result<&Key, BadToken> {
        let mut fitting = self.0.iter().filter(|key| match &header.kid {
            Some(kid) => key.kid.as_ref() == Some(kid),
            None => key.may(&header.alg),
        });
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            (Some(first), Some(second)) if header.kid.is_some() => {
                // One name for keys of several kinds.
                [first, second].into_iter().chain(fitting).find(|key| key.may(&header.alg)).ok_or(BadToken::Algorithm)
            }
            _ => Err(BadToken::UnknownKey),
        }
    }
}

impl Key {
    fn may(&self, alg: &str) -> bool {
        self.alg.as_deref().is_none_or(|own| own == alg) && self.algorithm(alg).is_some()
    }

    fn algorithm(&self, alg: &str) -> Option<Algorithm> {
        Some(match (&self.material, alg) {
            (Material::Rsa { .. }, "RS256") => Algorithm::Rsa(&RSA_PKCS1_2048_8192_SHA256),
            (Material::Rsa { .. }, "RS384") => Algorithm::Rsa(&RSA_PKCS1_2048_8192_SHA384),
            (Material::Rsa { .. }, "RS512") => Algorithm::Rsa(&RSA_PKCS1_2048_8192_SHA512),
            (Material::Rsa { .. }, "PS256") => Algorithm::Rsa(&RSA_PSS_2048_8192_SHA256),
            (Material::Rsa { .. }, "PS384") => Algorithm::Rsa(&RSA_PSS_2048_8192_SHA384),
            (Material::Rsa { .. }, "PS512") => Algorithm::Rsa(&RSA_PSS_2048_8192_SHA512),
            (Material::P256(_), "ES256") => Algorithm::Point(&ECDSA_P256_SHA256_FIXED),
            (Material::P384(_), "ES384") => Algorithm::Point(&ECDSA_P384_SHA384_FIXED),
            (Material::Ed25519(_), "EdDSA" | "Ed25519") => Algorithm::Point(&ED25519),
            _ => return None,
        })
    }

    fn check(&self, alg: &str, signed: &[u8], signature: &[u8]) -> Result<(), BadToken> {
        let algorithm = self.algorithm(alg).filter(|_| self.may(alg)).ok_or(BadToken::Algorithm)?;
        let good = match (algorithm, &self.material) {
            (Algorithm::Rsa(how), Material::Rsa { n, e }) => {
                RsaPublicKeyComponents { n, e }.verify(how, signed, signature)
            }
            (Algorithm::Point(how), Material::P256(key) | Material::P384(key) | Material::Ed25519(key)) => {
                UnparsedPublicKey::new(how, key).verify(signed, signature)
            }
            _ => return Err(BadToken::Algorithm),
        };
        good.map_err(|_| BadToken::Signature)
    }
}

enum Algorithm {
    Rsa(&'static RsaParameters),
    Point(&'static dyn VerificationAlgorithm),
}

fn key(value: Value) -> Option<Key> {
    let jwk: Jwk = serde_json::from_value(value).ok()?;
    if jwk.usage.as_deref().is_some_and(|usage| usage != "sig") {
        return None;
    }
    let part = |text: &Option<String>| decode(text.as_deref()?);
    let point = |size: usize| {
        let (x, y) = (part(&jwk.x)?, part(&jwk.y)?);
        (x.len() == size && y.len() == size).then(|| [&[4], &x[..], &y[..]].concat())
    };
    let material = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("RSA", _) => Material::Rsa { n: part(&jwk.n)?, e: part(&jwk.e)? },
        ("EC", Some("P-256")) => Material::P256(point(32)?),
        ("EC", Some("P-384")) => Material::P384(point(48)?),
        ("OKP", Some("Ed25519")) => Material::Ed25519(part(&jwk.x)?),
        _ => return None,
    };
    Some(Key { kid: jwk.kid, alg: jwk.alg, material })
}

/// The claims of a token nobody has checked: only for one that was checked when it was stored.
pub fn claims_unchecked(token: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&decode(token.split('.').nth(1)?)?).ok()
}

fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
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

        fn keys(&self, ec_alg: Option<&str>) -> KeySet {
            let point = self.ec.public_key().as_ref();
            let mut ec = json!({"kty":"EC","crv":"P-256","kid":"ec","use":"sig",
                "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..])});
            if let Some(alg) = ec_alg {
                ec["alg"] = alg.into();
            }
            let ed = json!({"kty":"OKP","crv":"Ed25519","kid":"ed","x": URL_SAFE_NO_PAD.encode(self.ed.public_key())});
            let odd = json!({"kty":"oct","kid":"secret","k":"AAAA"});
            KeySet::parse(json!({"keys":[ec, ed, odd, 7]}).to_string().as_bytes()).expect("a set")
        }

        fn token(&self, header: Value, by: &str) -> String {
            let encode = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
            let signed = format!("{}.{}", encode(header), encode(json!({"sub":"x"})));
            let signature = match by {
                "ec" => self.ec.sign(&SystemRandom::new(), signed.as_bytes()).expect("signs").as_ref().to_vec(),
                _ => self.ed.sign(signed.as_bytes()).as_ref().to_vec(),
            };
            format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
        }
    }

    #[test]
    fn keys_sign_with_their_own_algorithm_only() {
        let signer = Signer::new();
        let keys = signer.keys(None);
        let token = |header, by| signer.token(header, by);
        assert_eq!(keys.verify(&token(json!({"alg":"ES256","kid":"ec"}), "ec")).expect("good")["sub"], "x");
        assert_eq!(keys.verify(&token(json!({"alg":"EdDSA","kid":"ed"}), "ed")).expect("good")["sub"], "x");
        assert!(keys.verify(&token(json!({"alg":"EdDSA"}), "ed")).is_ok(), "one key fits without a name");
        for (header, by, why) in [
            (json!({"alg":"none","kid":"ec"}), "ec", BadToken::Algorithm),
            (json!({"alg":"HS256","kid":"ec"}), "ec", BadToken::Algorithm),
            (json!({"alg":"HS256","kid":"secret"}), "ec", BadToken::UnknownKey),
            (json!({"alg":"EdDSA","kid":"ec"}), "ed", BadToken::Algorithm),
            (json!({"alg":"ES256","kid":"other"}), "ec", BadToken::UnknownKey),
            (json!({"alg":"EdDSA","kid":"ed"}), "ec", BadToken::Signature),
            (json!({"alg":"RS256"}), "ec", BadToken::UnknownKey),
            (json!({"alg":"ES256","kid":"ec","crit":["b64"]}), "ec", BadToken::Form),
            (json!({"kid":"ec"}), "ec", BadToken::Form),
        ] {
            assert_eq!(keys.verify(&token(header.clone(), by)), Err(why), "{header}");
        }
        let meant = signer.keys(Some("ES384"));
        assert_eq!(meant.verify(&token(json!({"alg":"ES256","kid":"ec"}), "ec")), Err(BadToken::Algorithm));
        assert_eq!(keys.verify("a.b.c"), Err(BadToken::Form));
        assert_eq!(keys.verify(""), Err(BadToken::Form));
    }

    #[test]
    fn a_changed_claim_breaks_the_signature() {
        let signer = Signer::new();
        let token = signer.token(json!({"alg":"EdDSA","kid":"ed"}), "ed");
        let mut parts: Vec<&str> = token.split('.').collect();
        let forged = URL_SAFE_NO_PAD.encode(json!({"sub":"y"}).to_string());
        parts[1] = &forged;
        assert_eq!(signer.keys(None).verify(&parts.join(".")), Err(BadToken::Signature));
        assert!(KeySet::parse(b"[]").is_none());
    }
}
