use super::*;
use crate::auth::vectors;
use serde_json::json;

/// Within the life of every vector.
const NOW: i64 = 1_795_232_470;
const ORIGIN: &str = "http://localhost:3000";

fn object_of(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// Better Auth's own key, both halves.
fn pair() -> (SigningKey, Key) {
    let all = vectors::all();
    let public = object_of(&all["jwks"]["keys"][0]);
    let private = serde_json::from_str(all["jwkPrivateKey"]["plaintext"].as_str().unwrap()).unwrap();
    let kid = public["kid"].as_str().unwrap();
    (SigningKey::stored(kid, &private, &public).unwrap(), Key::public(&public, None).unwrap())
}

fn verify(token: &str, key: &Key, now: i64) -> Result<Claims, Refusal> {
    Unverified::parse(token)?.verify(key, now, Expect::OneOf(&[ORIGIN]), Expect::OneOf(&[ORIGIN]))
}

fn forged(header: &Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    raw(&header.to_string(), &claims.to_string(), sign)
}

fn raw(header: &str, claims: &str, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let signed = format!("{}.{}", encode(header), encode(claims));
    let signature = encode(sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

fn hs256(secret: &[u8]) -> impl Fn(&[u8]) -> Vec<u8> {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
    move |message| ring::hmac::sign(&key, message).as_ref().to_vec()
}

fn good() -> Value {
    json!({"iat": NOW, "sub": "ann", "exp": NOW + 900, "iss": ORIGIN, "aud": ORIGIN})
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = good();
    claims[name] = value;
    claims
}

#[test]
fn better_auths_tokens_are_accepted_and_signed_again_to_the_byte() {
    let (signing, key) = pair();
    for vector in vectors::all()["jwts"].as_array().unwrap() {
        let token = vector["token"].as_str().unwrap();
        let parsed = Unverified::parse(token).unwrap();
        assert_eq!((parsed.algorithm, parsed.kid.as_deref()), (Algorithm::EdDsa, Some(signing.kid())));
        let claims = verify(token, &key, NOW).unwrap();
        assert_eq!(signing.sign(&claims.0), token);
    }
}

#[test]
fn a_new_key_signs_what_its_public_half_verifies() {
    let (signing, public, private) = SigningKey::new("k1", [9; 32]).unwrap();
    assert!(public.starts_with(r#"{"crv":"Ed25519","x":"#) && public.ends_with(r#","kty":"OKP"}"#), "{public}");
    assert!(private.starts_with(r#"{"crv":"Ed25519","d":"#) && private.ends_with(r#","kty":"OKP"}"#));
    let token = signing.sign(&object_of(&good()));
    let public: Map<String, Value> = serde_json::from_str(&public).unwrap();
    verify(&token, &Key::public(&public, None).unwrap(), NOW).unwrap();
    let private = serde_json::from_str(&private).unwrap();
    assert_eq!(SigningKey::stored("k1", &private, &public).unwrap().sign(&object_of(&good())), token);
    // The halves of different pairs are no key.
    let (_, other, _) = SigningKey::new("k2", [8; 32]).unwrap();
    assert!(SigningKey::stored("k1", &private, &serde_json::from_str(&other).unwrap()).is_none());
}

#[test]
fn every_algorithm_better_auth_can_be_set_to() {
    let all: Value = serde_json::from_str(include_str!("../../../../tests/fixtures/jwt/algorithms.json")).unwrap();
    let origin = ["http://localhost:8080"];
    for vector in all["keys"].as_array().unwrap() {
        let (alg, jwk) = (vector["alg"].as_str().unwrap(), object_of(&vector["jwk"]));
        let token = vector["token"].as_str().unwrap();
        let shown = published("k", &jwk, Some(alg)).unwrap();
        assert_eq!(shown["alg"], alg);
        let check = |token: &str, key: &Key| {
            Unverified::parse(token)?.verify(key, NOW, Expect::OneOf(&origin), Expect::OneOf(&origin))
        };
        let Some(key) = Key::public(&jwk, Some(alg)) else {
            assert_eq!(alg, "ES512");
            continue;
        };
        assert_eq!(check(token, &key).unwrap().text("sub"), Some("ann"), "{alg}");
        // With another claim, or another algorithm of the same key, the signature is nothing.
        let parts: Vec<&str> = token.split('.').collect();
        let other = encode(String::from_utf8(decode(parts[1]).unwrap()).unwrap().replace("ann", "bob"));
        assert_eq!(check(&format!("{}.{other}.{}", parts[0], parts[2]), &key), Err(Refusal::Signature), "{alg}");
        for name in ["RS256", "PS256", "ES256", "EdDSA", "HS256"].iter().filter(|name| **name != alg) {
            let header = encode(json!({"alg": name, "kid": "k"}).to_string());
            let token = format!("{header}.{}.{}", parts[1], parts[2]);
            assert_eq!(check(&token, &key), Err(Refusal::Algorithm), "{alg} as {name}");
        }
    }
}

#[test]
fn a_public_key_is_not_a_secret() {
    let (_, key) = pair();
    let all = vectors::all();
    let jwk = &all["jwks"]["keys"][0];
    let x = jwk["x"].as_str().unwrap();
    let header = json!({"alg": "HS256", "kid": jwk["kid"]});
    for secret in [x.as_bytes().to_vec(), decode(x).unwrap(), jwk.to_string().into_bytes(), Vec::new()] {
        let token = forged(&header, &good(), hs256(&secret));
        assert_eq!(verify(&token, &key, NOW), Err(Refusal::Algorithm));
        // And the other way round: the real secret's key does not take a token that says it is EdDSA.
        let token = forged(&json!({"alg": "EdDSA"}), &good(), hs256(&secret));
        assert_eq!(verify(&token, &Key::secret(&secret), NOW), Err(Refusal::Algorithm));
    }
    for jwk in [json!({"kty": "oct", "k": "c2VjcmV0"}), json!({"kty": "oct", "k": "c2VjcmV0", "alg": "HS256"})] {
        assert!(Key::public(&object_of(&jwk), None).is_none());
        assert!(Key::public(&object_of(&jwk), Some("RS256")).is_none());
    }
}

#[test]
fn only_algorithms_we_know_by_their_exact_names() {
    let key = Key::secret(b"secret");
    for name in ["none", "None", "NONE", "nOnE", "", "hs256", "HS256 ", "HS512", "RS1", "EdDSA,HS256"] {
        let token = forged(&json!({"alg": name}), &good(), |_| Vec::new());
        assert_eq!(verify(&token, &key, NOW), Err(Refusal::Algorithm), "{name}");
    }
    for alg in [json!(null), json!(["HS256"]), json!({"HS256": 1}), json!(1)] {
        let token = forged(&json!({"alg": alg}), &good(), hs256(b"secret"));
        assert_eq!(verify(&token, &key, NOW), Err(Refusal::Algorithm));
    }
    assert_eq!(verify(&forged(&json!({}), &good(), hs256(b"secret")), &key, NOW), Err(Refusal::Algorithm));
    // Right name, no signature.
    let token = forged(&json!({"alg": "HS256"}), &good(), |_| Vec::new());
    assert_eq!(verify(&token, &key, NOW), Err(Refusal::Signature));
}

#[test]
fn headers_that_bring_their_own_key_or_ask_for_more() {
    let key = Key::secret(b"secret");
    for (name, value) in [
        ("jwk", json!({"kty": "oct", "k": "c2VjcmV0"})),
        ("jku", json!("https://evil.example/jwks")),
        ("x5u", json!("https://evil.example/cert")),
        ("x5c", json!(["MII"])),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("typ", json!("dpop+jwt")),
        ("typ", json!(7)),
        ("kid", json!(7)),
        ("kid", json!(null)),
    ] {
        let token = forged(&json!({"alg": "HS256", name: value}), &good(), hs256(b"secret"));
        assert_eq!(verify(&token, &key, NOW), Err(Refusal::Header), "{name}");
    }
    let token = forged(&json!({"alg": "HS256", "typ": "JWT"}), &good(), hs256(b"secret"));
    verify(&token, &key, NOW).unwrap();
}

#[test]
fn claims_that_do_not_hold() {
    let key = Key::secret(b"secret");
    for (name, value, refusal) in [
        ("exp", json!(NOW), Refusal::Expired),
        ("exp", json!(NOW - 1), Refusal::Expired),
        ("exp", json!(-1), Refusal::Expired),
        ("exp", json!("4070908800"), Refusal::Claim),
        ("exp", json!(null), Refusal::Claim),
        ("exp", json!(true), Refusal::Claim),
        ("exp", json!([4_070_908_800_i64]), Refusal::Claim),
        ("nbf", json!(NOW + 31), Refusal::NotYet),
        ("nbf", json!("now"), Refusal::Claim),
        ("iat", json!(NOW + 31), Refusal::NotYet),
        ("iat", json!(1e300), Refusal::NotYet),
        ("iat", json!("now"), Refusal::Claim),
        ("sub", json!(null), Refusal::Claim),
        ("sub", json!(""), Refusal::Claim),
        ("sub", json!(7), Refusal::Claim),
        ("sub", json!(["ann"]), Refusal::Claim),
        ("iss", json!("http://localhost:3000/"), Refusal::Issuer),
        ("iss", json!("https://evil.example"), Refusal::Issuer),
        ("iss", json!([ORIGIN]), Refusal::Issuer),
        ("iss", json!(null), Refusal::Issuer),
        ("aud", json!("https://evil.example"), Refusal::Audience),
        ("aud", json!([]), Refusal::Audience),
        ("aud", json!([ORIGIN, 7]), Refusal::Audience),
        ("aud", json!({"a": ORIGIN}), Refusal::Audience),
    ] {
        let claims = with(name, value.clone());
        let token = forged(&json!({"alg": "HS256"}), &claims, hs256(b"secret"));
        assert_eq!(verify(&token, &key, NOW), Err(refusal), "{name} {value}");
    }
    for (name, refusal) in
        [("exp", Refusal::Claim), ("sub", Refusal::Claim), ("iss", Refusal::Issuer), ("aud", Refusal::Audience)]
    {
        let mut claims = object_of(&good());
        claims.remove(name);
        let token = forged(&json!({"alg": "HS256"}), &Value::Object(claims), hs256(b"secret"));
        assert_eq!(verify(&token, &key, NOW), Err(refusal), "without {name}");
    }
    for claims in [
        good(),
        with("exp", json!((NOW as f64) + 0.5)),
        with("nbf", json!(NOW + 30)),
        with("iat", json!(NOW + 30)),
        with("aud", json!(["https://other.example", ORIGIN])),
    ] {
        let token = forged(&json!({"alg": "HS256"}), &claims, hs256(b"secret"));
        verify(&token, &key, NOW).unwrap_or_else(|refusal| panic!("{claims}: {refusal}"));
    }
}

#[test]
fn an_issuer_may_be_left_out_only_where_that_is_said() {
    let key = Key::secret(b"secret");
    let check = |claims: &Value| {
        let token = forged(&json!({"alg": "HS256"}), claims, hs256(b"secret"));
        Unverified::parse(&token).unwrap().verify(&key, NOW, Expect::IfThere(ORIGIN), Expect::IfThere(ORIGIN)).map(drop)
    };
    assert_eq!(check(&json!({"sub": "ann", "exp": NOW + 1})), Ok(()));
    assert_eq!(check(&good()), Ok(()));
    assert_eq!(check(&with("iss", json!("https://evil.example"))), Err(Refusal::Issuer));
    assert_eq!(check(&with("aud", json!("https://evil.example"))), Err(Refusal::Audience));
}

#[test]
fn what_is_no_token() {
    let (signing, key) = pair();
    let token = signing.sign(&object_of(&good()));
    verify(&token, &key, NOW).unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else { panic!("three parts") };
    for bad in [
        String::new(),
        ".".into(),
        "..".into(),
        "...".into(),
        format!("{header}.{claims}"),
        format!("{header}.{claims}."),
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.{signature}"),
        format!("{header}..{signature}"),
        format!("{header}.{claims}.{signature}="),
        format!("{header}=.{claims}.{signature}"),
        format!("{header}.{claims}.{}", signature.replace(['-', '_'], "+")),
        format!("{header}.{claims}.{signature}\n"),
        format!(" {token}"),
        token.replace('.', ","),
        // An object twice, a list, a text, nothing that ends.
        raw(r#"["EdDSA"]"#, &good().to_string(), |_| vec![0; 64]),
        raw(r#"{"alg":"EdDSA"}"#, "[]", |_| vec![0; 64]),
        raw(r#"{"alg":"EdDSA"}"#, "7", |_| vec![0; 64]),
        raw(r#"{"alg":"EdDSA"}{}"#, &good().to_string(), |_| vec![0; 64]),
        raw(r#"{"alg":"EdDSA""#, &good().to_string(), |_| vec![0; 64]),
        // Members that are there twice, in either part.
        raw(r#"{"alg":"none","alg":"EdDSA"}"#, &good().to_string(), |_| vec![0; 64]),
        raw(r#"{"alg":"EdDSA"}"#, r#"{"sub":"ann","sub":"bob","exp":4070908800}"#, |_| vec![0; 64]),
        raw(r#"{"alg":"EdDSA"}"#, r#"{"sub":"ann","exp":1e999}"#, |_| vec![0; 64]),
    ] {
        let refused = verify(&bad, &key, NOW).unwrap_err();
        assert!(matches!(refused, Refusal::Malformed | Refusal::Signature), "{bad}: {refused:?}");
    }
    // Another last letter can stand for the same bytes; it is not the same token.
    let last = signature.chars().last().unwrap();
    for letter in ('A'..='Z').chain('a'..='z').chain('0'..='9').filter(|letter| *letter != last) {
        let other = format!("{}{letter}", &token[..token.len() - 1]);
        assert!(verify(&other, &key, NOW).is_err(), "{other}");
    }
    assert_eq!(verify(&"a".repeat(LONGEST + 1), &key, NOW), Err(Refusal::TooLong));
    let huge = with("name", json!("x".repeat(LONGEST)));
    assert_eq!(verify(&signing.sign(&object_of(&huge)), &key, NOW), Err(Refusal::TooLong));
    let deep = format!(r#"{{"sub":"ann","exp":4070908800,"x":{}{}}}"#, "[".repeat(2000), "]".repeat(2000));
    assert_eq!(verify(&raw(r#"{"alg":"EdDSA"}"#, &deep, |_| vec![0; 64]), &key, NOW), Err(Refusal::Malformed));
}

#[test]
fn every_bit_of_a_token_counts() {
    let (signing, key) = pair();
    let token = signing.sign(&object_of(&good()));
    for place in 0..token.len() {
        for bit in 0..7 {
            let mut bytes = token.clone().into_bytes();
            bytes[place] ^= 1 << bit;
            let other = String::from_utf8(bytes).unwrap();
            assert!(verify(&other, &key, NOW).is_err(), "{other}");
        }
    }
}

#[test]
fn nothing_private_is_published() {
    let (_, _, private) = SigningKey::new("k1", [9; 32]).unwrap();
    let jwk: Map<String, Value> = serde_json::from_str(&private).unwrap();
    let shown = published("k1", &jwk, None).unwrap();
    assert_eq!(
        shown.to_string(),
        format!(r#"{{"alg":"EdDSA","crv":"Ed25519","x":{},"kty":"OKP","kid":"k1"}}"#, jwk["x"])
    );
    assert_eq!(published("k1", &object_of(&json!({"kty": "oct", "k": "c2VjcmV0"})), None), None);
    let rsa = json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "d": "AQ", "p": "AQ", "q": "AQ", "dp": "AQ", "dq": "AQ", "qi": "AQ"});
    let shown = published("k1", &object_of(&rsa), Some("PS256")).unwrap();
    assert_eq!(shown.to_string(), r#"{"alg":"PS256","kty":"RSA","n":"AQAB","e":"AQAB","kid":"k1"}"#);
}
