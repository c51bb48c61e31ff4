//! A client's metadata document: the client's id is the https address where it describes itself.

use super::redirect;
use serde_json::{Map, Value};
use url::{Host, Url};

/// Most redirect addresses of one client.
pub const REDIRECTS_MAX: usize = 20;
/// Longest name shown, in characters.
const NAME_MAX: usize = 80;

/// What there is to know about a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// What it calls itself.
    pub name: String,
    /// Where it may be sent.
    pub redirects: Vec<String>,
}

/// The address a client id is, when it is one that may be fetched: https, with a path, and nothing that could make two
/// ids of one or hide where it leads.
pub fn address(client: &str) -> Option<Url> {
    let plain = client.len() <= redirect::LONGEST && client.bytes().all(|byte| byte.is_ascii_graphic());
    let url = Url::parse(client).ok().filter(|_| plain)?;
    let named = match url.host()? {
        Host::Domain(name) => name.contains('.') && !name.ends_with('.'),
        Host::Ipv4(_) | Host::Ipv6(_) => false,
    };
    let whole = url.scheme() == "https"
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
        && url.query().is_none()
        && url.path() != "/"
        // As it was written: no dot segments, no other spelling.
        && url.as_str() == client;
    (named && whole).then_some(url)
}

/// Reads the document that was found at `client`; what is wrong with it otherwise.
pub fn read(client: &str, body: &[u8]) -> Result<Described, &'static str> {
    let Ok(map) = serde_json::from_slice::<Map<String, Value>>(body) else {
        return Err("the client's metadata document is not a JSON object");
    };
    if map.get("client_id").and_then(Value::as_str) != Some(client) {
        return Err("the client's metadata document is about another client_id");
    }
    if map.contains_key("client_secret") || map.contains_key("client_secret_expires_at") {
        return Err("the client's metadata document must hold no secret");
    }
    if !matches!(map.get("token_endpoint_auth_method").map(Value::as_str), None | Some(Some("none"))) {
        return Err("a client with a metadata document must use token_endpoint_auth_method none here");
    }
    let redirects = redirects(&map)?;
    let host = Url::parse(client).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    Ok(Described { name: name(&map).unwrap_or(host), redirects })
}

/// The redirect addresses of a client's description.
pub fn redirects(map: &Map<String, Value>) -> Result<Vec<String>, &'static str> {
    let Some(list) = map.get("redirect_uris").and_then(Value::as_array).filter(|list| !list.is_empty()) else {
        return Err("redirect_uris must be a list of at least one address");
    };
    if list.len() > REDIRECTS_MAX {
        return Err("redirect_uris holds too many addresses");
    }
    let read = |one: &Value| {
        let uri = one.as_str().ok_or("redirect_uris must hold addresses")?;
        redirect::fault(uri).map_or(Ok(uri.to_owned()), Err)
    };
    list.iter().map(read).collect()
}

/// What a client calls itself, as it can be shown: one line, and nothing that turns the text around it.
pub fn name(map: &Map<String, Value>) -> Option<String> {
    let text = map.get("client_name")?.as_str()?;
    let shown = |c: &char| {
        !c.is_control()
            && !matches!(*c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    };
    let name: String = text.chars().filter(shown).take(NAME_MAX).collect();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const CLIENT: &str = "https://app.example/oauth/client.json";

    #[test]
    fn only_plain_addresses_are_clients() {
        assert!(address(CLIENT).is_some() && address("https://app.example:8443/c").is_some());
        for bad in [
            "app",
            "http://app.example/c",
            "https://app.example",
            "https://app.example/",
            "https://app.example/c#x",
            "https://app.example/c?x=1",
            "https://user@app.example/c",
            "https://app.example/a/../c",
            "https://app.example/./c",
            "HTTPS://app.example/c",
            "https://APP.example/c",
            "https://127.0.0.1/c",
            "https://2130706433/c",
            "https://0x7f.1/c",
            "https://[::1]/c",
            "https://8.8.8.8/c",
            "https://localhost/c",
            "https://app.example./c",
            "https://app.example/c d",
            "ftp://app.example/c",
            "file:///etc/passwd",
        ] {
            assert!(address(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn documents_are_about_their_own_address() {
        let good = json!({ "client_id": CLIENT, "client_name": "App", "redirect_uris": ["http://localhost/cb"],
            "token_endpoint_auth_method": "none" });
        let read = |value: &Value| read(CLIENT, value.to_string().as_bytes());
        assert_eq!(read(&good), Ok(Described { name: "App".into(), redirects: vec!["http://localhost/cb".into()] }));
        for (member, value) in [
            ("client_id", json!("https://app.example/other")),
            ("client_id", json!(format!("{CLIENT}/"))),
            ("client_id", Value::Null),
            ("client_secret", json!("x")),
            ("token_endpoint_auth_method", json!("client_secret_post")),
            ("token_endpoint_auth_method", json!("private_key_jwt")),
            ("token_endpoint_auth_method", json!(7)),
            ("redirect_uris", json!([])),
            ("redirect_uris", json!("https://app.example/cb")),
            ("redirect_uris", json!(["https://app.example/cb", "javascript:alert(1)"])),
            ("redirect_uris", json!(["https://app.example/cb", 7])),
            ("redirect_uris", json!(vec!["https://app.example/cb"; 21])),
        ] {
            let mut bad = good.clone();
            bad[member] = value;
            assert!(read(&bad).is_err(), "{bad}");
        }
        assert!(super::read(CLIENT, b"<html>").is_err() && super::read(CLIENT, b"[]").is_err());
    }

    #[test]
    fn names_cannot_play_with_the_page() {
        let name = |text: &str| super::name(json!({ "client_name": text }).as_object().unwrap());
        assert_eq!(name("  My\n\u{202e}App\u{0} ").as_deref(), Some("MyApp"));
        assert_eq!(name("My  App").as_deref(), Some("My App"));
        assert_eq!(name("\u{200b}\u{2066}"), None);
        assert_eq!(name(&"x".repeat(500)).map(|n| n.len()), Some(80));
    }
}
