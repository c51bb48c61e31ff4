//! The pure rules of our own OAuth 2.1 authorization server: what a redirect may be, what may be asked for, and what
//! proves that whoever brings a code asked for it.
//!
//! Deliberately absent: grants, codes and clients, which are rows (`service::accounts::oauth`), and HTTP.

pub mod document;
pub mod redirect;

use crate::actor::{Scope, Scopes};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;
use url::Url;

/// What can be granted: the word on the wire, our scope, and what it means to a person.
pub const GRANTABLE: [(&str, Scope, &str); 2] = [
    ("todo:read", Scope::Read, "See your tasks, projects, labels and settings"),
    ("todo:write", Scope::Write, "Add, change, complete and delete them"),
];

/// The scopes in a space-separated list. Words we do not know are left out, because clients ask for what other servers
/// have; nothing asked for is everything there is, and `None` is a list of which nothing is left.
pub fn scopes(asked: Option<&str>) -> Option<Scopes> {
    let words: Vec<&str> = asked.unwrap_or_default().split_ascii_whitespace().collect();
    let named = |word: &&str| GRANTABLE.iter().find(|(known, ..)| known == word).map(|(_, scope, _)| *scope);
    if words.iter().all(|word| *word == "offline_access") {
        return Some(GRANTABLE.iter().map(|(_, scope, _)| *scope).collect());
    }
    let known: Scopes = words.iter().filter_map(named).collect();
    (known != Scopes::NONE).then_some(known)
}

/// The words of a set, as they are on the wire.
pub fn words(scopes: Scopes) -> String {
    let held = GRANTABLE.iter().filter(|(_, scope, _)| scopes.has(*scope));
    held.map(|(word, ..)| *word).collect::<Vec<_>>().join(" ")
}

/// Whether a code challenge is one that S256 makes.
pub fn is_challenge(text: &str) -> bool {
    URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32)
}

/// Whether the verifier is what the challenge was made from (RFC 7636, S256 only).
pub fn proves(verifier: &str, challenge: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let made = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    (43..=128).contains(&verifier.len())
        && verifier.bytes().all(plain)
        && bool::from(made.as_bytes().ct_eq(challenge.as_bytes()))
}

/// Whether a resource indicator is ours. Clients add a slash at the end, and write scheme and host as they like.
pub fn same_resource(asked: &str, ours: &str) -> bool {
    let (Ok(asked), Ok(ours)) = (Url::parse(asked), Url::parse(ours)) else { return false };
    let path = |url: &Url| url.path().strip_suffix('/').unwrap_or(url.path()).to_owned();
    asked.origin() == ours.origin()
        && asked.username().is_empty()
        && asked.password().is_none()
        && asked.query().is_none()
        && asked.fragment().is_none()
        && path(&asked) == path(&ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_kindly() {
        for (asked, granted) in [
            (None, Some("todo:read todo:write")),
            (Some("  "), Some("todo:read todo:write")),
            (Some("offline_access"), Some("todo:read todo:write")),
            (Some("todo:read"), Some("todo:read")),
            (Some("openid todo:write offline_access"), Some("todo:write")),
            (Some("openid"), None),
            (Some("todo:admin"), None),
            (Some("TODO:READ"), None),
        ] {
            assert_eq!(scopes(asked).map(words).as_deref(), granted, "{asked:?}");
        }
    }

    #[test]
    fn only_the_verifier_proves() {
        // RFC 7636, appendix B.
        let (verifier, challenge) =
            ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(is_challenge(challenge) && proves(verifier, challenge));
        for wrong in ["", challenge, &verifier[..42], &verifier.to_lowercase(), &"a".repeat(129)] {
            assert!(!proves(wrong, challenge), "{wrong}");
        }
        // What would be right for `plain`.
        assert!(!proves(verifier, verifier));
        for wrong in ["", "abc", &format!("{challenge}="), &challenge[..42], &format!("{challenge}A")] {
            assert!(!is_challenge(wrong), "{wrong}");
        }
    }

    #[test]
    fn resources_are_compared_tolerantly() {
        let ours = "https://todo.example.org/mcp";
        for same in
            [ours, "https://todo.example.org/mcp/", "HTTPS://Todo.Example.org/mcp", "https://todo.example.org:443/mcp"]
        {
            assert!(same_resource(same, ours), "{same}");
        }
        for other in [
            "",
            "mcp",
            "http://todo.example.org/mcp",
            "https://todo.example.org",
            "https://todo.example.org/mcp/x",
            "https://todo.example.org/MCP",
            "https://todo.example.org/mcp?x",
            "https://todo.example.org/mcp#x",
            "https://todo.example.org@evil.example/mcp",
            "https://evil@todo.example.org/mcp",
            "https://todo.example.org:8443/mcp",
        ] {
            assert!(!same_resource(other, ours), "{other}");
        }
    }
}
