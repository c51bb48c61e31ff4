//! Keys as JWKs say them: what verifies, what signs, and what may be shown of either.

use super::{decode, encode};
use ring::{
    hmac,
    signature::{self, Ed25519KeyPair, KeyPair as _, RsaPublicKeyComponents, UnparsedPublicKey},
};
use serde_json::{Map, Value, json};
use std::fmt;

/// How a signature is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519.
    EdDsa,
    /// ECDSA on P-256.
    Es256,
    /// ECDSA on P-384.
    Es384,
    /// ECDSA on P-521: published, not verified.
    Es512,
    /// RSA PKCS #1 v1.5 with SHA-256.
    Rs256,
    /// RSA-PSS with SHA-256.
    Ps256,
    /// HMAC with SHA-256: a shared secret.
    Hs256,
}

impl Algorithm {
    const NAMES: [(&'static str, Self); 7] = [
        ("EdDSA", Self::EdDsa),
        ("ES256", Self::Es256),
        ("ES384", Self::Es384),
        ("ES512", Self::Es512),
        ("RS256", Self::Rs256),
        ("PS256", Self::Ps256),
        ("HS256", Self::Hs256),
    ];

    /// The algorithm of that name, spelled exactly so.
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, algorithm)| algorithm)
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        Self::NAMES.into_iter().find(|(_, algorithm)| *algorithm == self).map_or("", |(name, _)| name)
    }
}

/// A key that verifies, and the one algorithm it does that with.
pub struct Key {
    algorithm: Algorithm,
    material: Material,
}

enum Material {
    Point(UnparsedPublicKey<Vec<u8>>),
    Rsa(RsaPublicKeyComponents<Vec<u8>>),
    Secret(hmac::Key),
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It may be a shared secret.
        write!(f, "Key({})", self.algorithm.as_str())
    }
}

impl Key {
    /// A shared secret's key.
    pub fn secret(secret: &[u8]) -> Self {
        Self { algorithm: Algorithm::Hs256, material: Material::Secret(hmac::Key::new(hmac::HMAC_SHA256, secret)) }
    }

    /// A public key. `algorithm` is what is known from elsewhere; otherwise the JWK's own `alg` counts, and then its type.
    /// `None` when they contradict each other or it is of no use: never is a published key a shared secret.
    pub fn public(jwk: &Map<String, Value>, algorithm: Option<&str>) -> Option<Self> {
        let text = |name: &str| jwk.get(name)?.as_str();
        let bytes = |name: &str| decode(text(name)?).ok();
        // A key that is for encrypting does not sign.
        if text("use").is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let algorithm = algorithm_of(jwk, algorithm)?;
        let point = |curve: &'static dyn signature::VerificationAlgorithm, length: usize| {
            let (x, y) = (bytes("x")?, bytes("y")?);
            let whole = x.len() == length && y.len() == length;
            whole.then(|| Material::Point(UnparsedPublicKey::new(curve, [&[4], x.as_slice(), &y].concat())))
        };
        let material = match (algorithm, text("kty")?, text("crv").unwrap_or_default()) {
            (Algorithm::EdDsa, "OKP", "Ed25519") => {
                let x = bytes("x").filter(|x| x.len() == 32)?;
                Material::Point(UnparsedPublicKey::new(&signature::ED25519, x))
            }
            (Algorithm::Es256, "EC", "P-256") => point(&signature::ECDSA_P256_SHA256_FIXED, 32)?,
            (Algorithm::Es384, "EC", "P-384") => point(&signature::ECDSA_P384_SHA384_FIXED, 48)?,
            (Algorithm::Rs256 | Algorithm::Ps256, "RSA", _) => {
                let number = |name: &str| Some(bytes(name)?.into_iter().skip_while(|byte| *byte == 0).collect());
                Material::Rsa(RsaPublicKeyComponents { n: number("n")?, e: number("e")? })
            }
            _ => return None,
        };
        Some(Self { algorithm, material })
    }

    /// The algorithm it is for.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether it made that signature. Secrets are compared in constant time.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Point(key) => key.verify(message, signature).is_ok(),
            Material::Rsa(key) => {
                let parameters = match self.algorithm {
                    Algorithm::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
                    _ => &signature::RSA_PKCS1_2048_8192_SHA256,
                };
                key.verify(parameters, message, signature).is_ok()
            }
            Material::Secret(key) => hmac::verify(key, message, signature).is_ok(),
        }
    }
}

/// What a JWK signs with: what is known from elsewhere, else what it says itself, else what its type implies.
pub fn algorithm_of(jwk: &Map<String, Value>, known: Option<&str>) -> Option<Algorithm> {
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    if let Some(name) = known.or(text("alg")) {
        return Algorithm::named(name);
    }
    Some(match (text("kty")?, text("crv").unwrap_or_default()) {
        ("OKP", "Ed25519") => Algorithm::EdDsa,
        ("EC", "P-256") => Algorithm::Es256,
        ("EC", "P-384") => Algorithm::Es384,
        ("EC", "P-521") => Algorithm::Es512,
        ("RSA", _) => Algorithm::Rs256,
        _ => return None,
    })
}

/// A stored public key as `/jwks` shows it; nothing private gets through, whatever was stored. `None` for what is no
/// public key.
pub fn published(kid: &str, jwk: &Map<String, Value>, algorithm: Option<&str>) -> Option<Value> {
    const SHOWN: [&str; 6] = ["crv", "x", "y", "n", "e", "kty"];
    if !matches!(jwk.get("kty").and_then(Value::as_str), Some("OKP" | "EC" | "RSA")) {
        return None;
    }
    let mut out = Map::new();
    out.insert("alg".into(), algorithm_of(jwk, algorithm)?.as_str().into());
    out.extend(jwk.iter().filter(|(name, _)| SHOWN.contains(&name.as_str())).map(|(k, v)| (k.clone(), v.clone())));
    out.insert("kid".into(), kid.into());
    Some(Value::Object(out))
}

/// A key that signs, by Ed25519.
pub struct SigningKey {
    kid: String,
    pair: Ed25519KeyPair,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.kid)
    }
}

impl SigningKey {
    /// A key from 32 random bytes, with the JSON texts of its public and its private half as Better Auth stores them.
    pub fn new(kid: &str, seed: [u8; 32]) -> Option<(Self, String, String)> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).ok()?;
        let x = encode(pair.public_key());
        let public = json!({ "crv": "Ed25519", "x": x, "kty": "OKP" }).to_string();
        let private = json!({ "crv": "Ed25519", "d": encode(seed), "x": x, "kty": "OKP" }).to_string();
        Some((Self { kid: kid.to_owned(), pair }, public, private))
    }

    /// A stored private key, when it is an Ed25519 one and belongs to that public half.
    pub fn stored(kid: &str, private: &Map<String, Value>, public: &Map<String, Value>) -> Option<Self> {
        let bytes = |jwk: &Map<String, Value>, name: &str| decode(jwk.get(name)?.as_str()?).ok();
        if private.get("crv").and_then(Value::as_str) != Some("Ed25519") {
            return None;
        }
        let pair = Ed25519KeyPair::from_seed_and_public_key(&bytes(private, "d")?, &bytes(public, "x")?).ok()?;
        Some(Self { kid: kid.to_owned(), pair })
    }

    /// Its id.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The token that carries these claims, in their order.
    pub fn sign(&self, claims: &Map<String, Value>) -> String {
        self.sign_as(None, claims)
    }

    /// The same with the kind of token it is (`typ`).
    pub fn sign_as(&self, kind: Option<&str>, claims: &Map<String, Value>) -> String {
        let mut header = json!({ "alg": Algorithm::EdDsa.as_str(), "kid": self.kid });
        if let Some(kind) = kind {
            header["typ"] = kind.into();
        }
        let claims = serde_json::Value::Object(claims.clone());
        let signed = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let signature = encode(self.pair.sign(signed.as_bytes()));
        format!("{signed}.{signature}")
    }
}
