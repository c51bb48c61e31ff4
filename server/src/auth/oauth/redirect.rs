//! Where a code may be sent: an https address, this computer over plain http, or a program's own scheme.
//!
//! Addresses are compared letter by letter. The one exception is RFC 8252 7.3: a program on this computer listens where
//! there is room, so of a loopback address the port does not count.

use url::{Host, Url};

/// Longest address taken, in bytes.
pub const LONGEST: usize = 2000;
/// Schemes that run something, read something or lead into the browser itself instead of to a program.
const FORBIDDEN: [&str; 14] = [
    "javascript",
    "data",
    "file",
    "blob",
    "vbscript",
    "about",
    "filesystem",
    "view-source",
    "ws",
    "wss",
    "ftp",
    "mailto",
    "intent",
    "chrome",
];

/// Why an address cannot be redirected to, or nothing.
pub fn fault(uri: &str) -> Option<&'static str> {
    if uri.len() > LONGEST {
        return Some("a redirect URI is too long");
    }
    if !uri.bytes().all(|byte| byte.is_ascii_graphic()) || uri.contains(['\\', '"', '<', '>', '`', '*', '\'']) {
        return Some("a redirect URI must be plain ASCII without blanks, quotes, backslashes or wildcards");
    }
    let Ok(url) = Url::parse(uri) else { return Some("a redirect URI must be an absolute address") };
    if uri.contains('#') {
        return Some("a redirect URI must have no fragment");
    }
    if !url.username().is_empty() || url.password().is_some() || authority(uri).contains('@') {
        return Some("a redirect URI must have no user name or password");
    }
    match url.scheme() {
        "https" if url.host().is_some() && uri.get(..8).is_some_and(|s| s.eq_ignore_ascii_case("https://")) => None,
        "http" if is_loopback(&url) && uri.get(..7).is_some_and(|s| s.eq_ignore_ascii_case("http://")) => None,
        "https" => Some("a redirect URI must be an absolute address"),
        "http" => Some("a redirect URI over plain http must lead to this computer (127.0.0.1, [::1] or localhost)"),
        scheme if FORBIDDEN.contains(&scheme) || scheme.starts_with("chrome") || scheme.starts_with("ms-") => {
            Some("a redirect URI has a scheme that is not taken")
        }
        _ => None,
    }
}

/// Whether `asked` is where this client may be sent, by one of its registered addresses.
pub fn allowed(registered: &[String], asked: &str) -> bool {
    fault(asked).is_none() && registered.iter().any(|one| one == asked || same_but_port(one, asked))
}

/// Whether it leads to a program on the person's own computer by an address every program there can listen on.
pub fn leads_home(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|url| url.scheme() == "http" && is_loopback(&url))
}

/// Whom a person would say it leads to.
pub fn shown(uri: &str) -> String {
    match Url::parse(uri) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => url.host_str().unwrap_or_default().to_owned(),
        Ok(url) => format!("{}://", url.scheme()),
        Err(_) => String::new(),
    }
}

/// The source a Content-Security-Policy knows it by. The policy has no words for IPv6 addresses.
pub fn policy_source(uri: &str) -> String {
    match Url::parse(uri) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && !matches!(url.host(), Some(Host::Ipv6(_))) => {
            url.origin().ascii_serialization()
        }
        Ok(url) => format!("{}:", url.scheme()),
        Err(_) => String::new(),
    }
}

fn same_but_port(registered: &str, asked: &str) -> bool {
    let (Ok(one), Ok(other)) = (Url::parse(registered), Url::parse(asked)) else { return false };
    leads_home(registered)
        && leads_home(asked)
        && one.host_str() == other.host_str()
        && one.path() == other.path()
        && one.query() == other.query()
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// What stands between `//` and the path, as it was written: a parser drops an empty user name.
fn authority(uri: &str) -> &str {
    let rest = uri.split_once("://").map_or("", |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_use_is_taken() {
        for good in [
            "https://claude.ai/api/mcp/auth_callback",
            "https://chatgpt.com/connector/oauth/abc-123",
            "http://127.0.0.1:33418/",
            "http://127.0.0.1",
            "http://[::1]:6276/oauth/callback",
            "http://localhost:51234/callback",
            "https://vscode.dev/redirect",
            "cursor://anysphere.cursor-mcp/oauth/callback",
            "com.example.app:/callback",
        ] {
            assert_eq!(fault(good), None, "{good}");
        }
    }

    #[test]
    fn what_could_harm_is_not() {
        for bad in [
            "",
            "/callback",
            "//evil.example",
            "callback",
            "https://",
            "https:evil.example",
            "http://evil.example/",
            "http://127.0.0.1.evil.example/",
            "http://localhost.evil.example/",
            "http://10.0.0.1/",
            "https://a.example/#x",
            "https://a.example/#",
            "https://user@a.example/",
            "https://user:pw@a.example/",
            "https://@a.example/",
            "http://localhost@evil.example/",
            "https://a.example\\@evil.example/",
            "https://a.example/ b",
            "https://a.example/\r\nx",
            "https://*.example/",
            "https://ä.example/",
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "blob:https://a.example/x",
            "vbscript:x",
            "about:blank",
            "view-source:https://a.example",
            "intent://x",
            "chrome-extension://x/y",
            "ms-settings:x",
            &format!("https://a.example/{}", "x".repeat(2000)),
        ] {
            assert!(fault(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn only_the_port_of_a_loopback_address_is_free() {
        let is = |registered: &str, asked: &str| allowed(&[registered.to_owned()], asked);
        for (registered, asked) in [
            ("https://a.example/cb", "https://a.example/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:51000/cb"),
            ("http://127.0.0.1:33418/", "http://127.0.0.1:5/"),
            ("http://127.0.0.1", "http://127.0.0.1:5/"),
            ("http://localhost/callback", "http://localhost:3118/callback"),
            ("http://[::1]/cb", "http://[::1]:7/cb"),
            ("cursor://a/cb", "cursor://a/cb"),
        ] {
            assert!(is(registered, asked), "{registered} {asked}");
        }
        for (registered, asked) in [
            ("https://a.example/cb", "https://a.example:8443/cb"),
            ("https://a.example/cb", "https://a.example/cb/"),
            ("https://a.example/cb", "https://a.example/CB"),
            ("https://a.example/cb", "https://a.example/cb?x=1"),
            ("https://a.example/cb", "https://a.example/cb/../x"),
            ("https://a.example/cb", "https://a.example.evil/cb"),
            ("https://localhost/cb", "https://localhost:5/cb"),
            ("http://127.0.0.1/cb", "http://localhost:5/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.2:5/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:5/other"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:5/cb?next=x"),
            ("http://127.0.0.1/cb", "https://127.0.0.1:5/cb"),
            ("http://127.0.0.1/cb", "http://x@127.0.0.1:5/cb"),
            ("cursor://a/cb", "cursor://a:5/cb"),
        ] {
            assert!(!is(registered, asked), "{registered} {asked}");
        }
    }

    #[test]
    fn a_policy_can_name_it() {
        for (uri, source) in [
            ("https://claude.ai/api/x", "https://claude.ai"),
            ("http://127.0.0.1:33418/", "http://127.0.0.1:33418"),
            ("http://[::1]:7/cb", "http:"),
            ("cursor://a.b/cb", "cursor:"),
        ] {
            assert_eq!(policy_source(uri), source);
        }
    }
}
