//! Which origins may act with a person's cookie, and where an answer may send a browser.
//!
//! Browsers attach cookies to requests that other sites start, so a request that changes something and carries a cookie
//! must say it comes from one of ours. A request without a cookie (a program with a bearer token) has nothing a foreign
//! page could borrow and is not asked.

use super::pattern::{BadEntry, Entry, authority};
use axum::http::{HeaderMap, Method, header};
use url::{Host, Url};

/// Ends of names that are given out in a home or a cluster and nowhere else.
const HOME_NETWORKS: [&str; 4] = [".local", ".internal", ".home.arpa", ".lan"];

/// The origins we trust.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    entries: Vec<Entry>,
    /// No public address is configured, so the address the request itself was sent to counts as ours.
    same_host: bool,
}

/// Why a request was refused, in Better Auth's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Neither `Origin` nor `Referer` says where the request comes from.
    Missing,
    /// It comes from elsewhere.
    Foreign,
    /// A form on another site tried to sign somebody in.
    CrossSiteNavigation,
}

impl Refusal {
    /// Better Auth's code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "MISSING_OR_NULL_ORIGIN",
            Self::Foreign => "INVALID_ORIGIN",
            Self::CrossSiteNavigation => "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED",
        }
    }

    /// Better Auth's message.
    pub fn message(self) -> &'static str {
        match self {
            Self::Missing => "Missing or null Origin",
            Self::Foreign => "Invalid origin",
            Self::CrossSiteNavigation => {
                "Cross-site navigation login blocked. This request appears to be a CSRF attack."
            }
        }
    }
}

impl Trust {
    /// `base` is the public address when one is configured. Without one, whatever host a request was sent to is taken
    /// to be us: a foreign page cannot choose that header, and a fresh install works under every name it has.
    pub fn new<'a>(base: Option<&'a str>, more: impl IntoIterator<Item = &'a str>) -> Result<Self, BadEntry> {
        let mut entries = Vec::new();
        for text in base.into_iter().chain(more) {
            let text = text.trim();
            if !text.is_empty() {
                entries.push(Entry::parse(text).ok_or_else(|| BadEntry(text.to_owned()))?);
            }
        }
        Ok(Self { entries, same_host: base.is_none() })
    }

    /// The rule for every request: safe methods pass, and so does one without any cookie. Opening a WebSocket is a GET,
    /// but no browser guards it by its same-origin rules, so it counts as unsafe.
    pub fn check(&self, method: &Method, headers: &HeaderMap) -> Result<(), Refusal> {
        let socket = headers.get(header::UPGRADE).is_some_and(|to| to.as_bytes().eq_ignore_ascii_case(b"websocket"));
        let safe = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) && !socket;
        if safe || !headers.contains_key(header::COOKIE) {
            return Ok(());
        }
        self.check_source(headers)
    }

    /// The stricter rule for signing in and up, where no cookie is needed to do harm: a foreign form could sign a person
    /// in to the attacker's account. A request with a cookie has passed [`Trust::check`], which asks for more.
    pub fn check_sign_in(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        if headers.contains_key(header::COOKIE) {
            return Ok(());
        }
        let fetch = |name: &str| headers.get(name).map(axum::http::HeaderValue::as_bytes);
        let browser =
            ["sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest"].iter().any(|name| headers.contains_key(*name));
        if fetch("sec-fetch-site") == Some(b"cross-site") && fetch("sec-fetch-mode") == Some(b"navigate") {
            return Err(Refusal::CrossSiteNavigation);
        }
        if browser || headers.contains_key(header::ORIGIN) || headers.contains_key(header::REFERER) {
            return self.check_source(headers);
        }
        Ok(())
    }

    fn check_source(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let text = |name| headers.get(name).map(|v| v.to_str().unwrap_or("\u{fffd}"));
        let host = text(header::HOST);
        let source = match text(header::ORIGIN) {
            // A page with `Referrer-Policy: no-referrer` posts a form as `null`, even to itself.
            Some("null") if text_is(headers, "sec-fetch-site", "same-origin") => return Ok(()),
            Some("" | "null") => return Err(Refusal::Missing),
            Some(origin) => origin,
            None => match text(header::REFERER) {
                None | Some("" | "null") => return Err(Refusal::Missing),
                Some(referer) => referer,
            },
        };
        let url = Url::parse(source).map_err(|_| Refusal::Foreign)?;
        if self.trusts(&url) || (self.same_host && host.is_some_and(|host| is_host(&url, host))) {
            Ok(())
        } else {
            Err(Refusal::Foreign)
        }
    }

    /// Whether an answer may send a browser there: a local path, or an address on a trusted origin. An absent target is
    /// for the caller to handle.
    pub fn allows_target(&self, target: &str, headers: &HeaderMap) -> bool {
        if target.starts_with('/') {
            return local(target);
        }
        // The browser's parser drops these inside an address, so what we checked would not be where it goes.
        if target.chars().any(char::is_control) || target.contains('\\') {
            return false;
        }
        let Ok(url) = Url::parse(target) else {
            return false;
        };
        let host = headers.get(header::HOST).and_then(|v| v.to_str().ok());
        self.trusts(&url) || (self.same_host && host.is_some_and(|host| is_host(&url, host)))
    }

    /// Whether the request was sent to a name of ours. Loopback always is. Without a configured address so is every name
    /// that no stranger's name server can answer for: an address in digits, a name without dots, a name of a home network.
    pub fn is_our_host(&self, headers: &HeaderMap) -> bool {
        let Some(host) = headers.get(header::HOST).and_then(|v| v.to_str().ok()) else { return false };
        let Ok(url) = Url::parse(&format!("http://{host}/")) else { return false };
        // A name only: no path, no user.
        if host.contains(['/', '\\', '@', '?', '#']) {
            return false;
        }
        let home = match url.host() {
            Some(Host::Domain(name)) => {
                let name = name.trim_end_matches('.');
                if name == "localhost" || name.ends_with(".localhost") {
                    return true;
                }
                !name.contains('.') || HOME_NETWORKS.iter().any(|end| name.ends_with(end))
            }
            Some(Host::Ipv4(address)) if address.is_loopback() => return true,
            Some(Host::Ipv6(address)) if address.is_loopback() => return true,
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
            None => false,
        };
        let secure = Url::parse(&format!("https://{host}/"));
        (self.same_host && home) || self.trusts(&url) || secure.is_ok_and(|url| self.trusts(&url))
    }

    /// Whether the page a request names as its origin may use what is not guarded by cookies: one we trust, or one of the
    /// very host it was sent to, which [`Trust::is_our_host`] has been asked about.
    pub fn allows_page(&self, headers: &HeaderMap) -> bool {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let url = text(header::ORIGIN).and_then(|origin| Url::parse(origin).ok());
        url.is_some_and(|url| self.trusts(&url) || text(header::HOST).is_some_and(|host| is_host(&url, host)))
    }

    /// Whether the request comes from a page of another origin that we trust, which may then read what we answer.
    pub fn shares_with(&self, headers: &HeaderMap) -> bool {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let url = text(header::ORIGIN).and_then(|origin| Url::parse(origin).ok());
        url.is_some_and(|url| self.trusts(&url) && !text(header::HOST).is_some_and(|host| is_host(&url, host)))
    }

    fn trusts(&self, url: &Url) -> bool {
        self.entries.iter().any(|entry| entry.matches(url))
    }
}

/// Whether the address is on the host the request was sent to. Either scheme: a proxy may have taken the TLS off.
fn is_host(url: &Url, host: &str) -> bool {
    let Ok(own) = Url::parse(&format!("{}://{host}", url.scheme())) else {
        return false;
    };
    matches!(url.scheme(), "http" | "https") && authority(&own) == authority(url)
}

fn text_is(headers: &HeaderMap, name: &str, value: &str) -> bool {
    headers.get(name).is_some_and(|v| v.as_bytes() == value.as_bytes())
}

/// Whether this is a path on our own site and stays one however a browser reads it.
pub fn local(target: &str) -> bool {
    let path = target.split(['?', '#']).next().unwrap_or(target);
    let lower = path.to_ascii_lowercase();
    target.starts_with('/')
        && !target.starts_with("//")
        && !target.contains('\\')
        && !target.chars().any(char::is_control)
        && !lower.contains("%2f")
        && !lower.contains("%5c")
        && Url::parse("http://local.invalid")
            .and_then(|base| base.join(target))
            .is_ok_and(|url| url.host_str() == Some("local.invalid") && !url.path().starts_with("//"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse::<header::HeaderName>().unwrap(), value.parse().unwrap()))
            .collect()
    }

    fn ours() -> Trust {
        Trust::new(Some("http://localhost:3111/api/auth"), []).unwrap()
    }

    #[test]
    fn a_request_with_a_cookie_must_come_from_us() {
        let check = |pairs: &[(&str, &str)]| ours().check(&Method::POST, &headers(pairs));
        let cookie = ("cookie", "a=b");
        assert_eq!(check(&[]), Ok(()));
        assert_eq!(check(&[("origin", "https://evil.example")]), Ok(()));
        assert_eq!(check(&[cookie]), Err(Refusal::Missing));
        assert_eq!(check(&[cookie, ("origin", "null")]), Err(Refusal::Missing));
        assert_eq!(check(&[cookie, ("origin", "null"), ("sec-fetch-site", "same-origin")]), Ok(()));
        assert_eq!(check(&[cookie, ("origin", "null"), ("sec-fetch-site", "cross-site")]), Err(Refusal::Missing));
        for good in ["http://localhost:3111", "http://LOCALHOST:3111"] {
            assert_eq!(check(&[cookie, ("origin", good)]), Ok(()), "{good}");
        }
        assert_eq!(check(&[cookie, ("referer", "http://localhost:3111/a?b")]), Ok(()));
        for bad in [
            "http://localhost",
            "https://localhost:3111",
            "http://localhost:3111.evil.example",
            "http://localhost:3111@evil.example",
            "http://evil.example/http://localhost:3111",
            "localhost:3111",
            "garbage",
        ] {
            assert_eq!(check(&[cookie, ("origin", bad)]), Err(Refusal::Foreign), "{bad}");
        }
        // A trusted referrer does not help an untrusted origin.
        assert_eq!(
            check(&[cookie, ("origin", "https://evil.example"), ("referer", "http://localhost:3111/")]),
            Err(Refusal::Foreign)
        );
        assert_eq!(ours().check(&Method::GET, &headers(&[cookie])), Ok(()));
        let socket = [cookie, ("upgrade", "WebSocket"), ("origin", "https://evil.example")];
        assert_eq!(ours().check(&Method::GET, &headers(&socket)), Err(Refusal::Foreign));
        assert_eq!(ours().check(&Method::GET, &headers(&socket[1..])), Ok(()));
        assert_eq!(ours().check(&Method::DELETE, &headers(&[cookie])), Err(Refusal::Missing));
    }

    #[test]
    fn signing_in_is_checked_without_a_cookie_too() {
        let check = |pairs: &[(&str, &str)]| ours().check_sign_in(&headers(pairs));
        assert_eq!(check(&[]), Ok(()));
        assert_eq!(check(&[("origin", "http://localhost:3111")]), Ok(()));
        assert_eq!(check(&[("origin", "https://evil.example")]), Err(Refusal::Foreign));
        assert_eq!(check(&[("referer", "https://evil.example/")]), Err(Refusal::Foreign));
        assert_eq!(check(&[("sec-fetch-mode", "cors")]), Err(Refusal::Missing));
        let form =
            [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("origin", "http://localhost:3111")];
        assert_eq!(check(&form), Err(Refusal::CrossSiteNavigation));
        assert_eq!(check(&form[1..]), Ok(()));
    }

    #[test]
    fn without_an_address_the_requests_own_host_is_ours() {
        let trust = Trust::new(None, []).unwrap();
        let check = |origin: &str, host: &str| {
            trust.check(&Method::POST, &headers(&[("cookie", "a=b"), ("origin", origin), ("host", host)]))
        };
        assert_eq!(check("http://127.0.0.1:8080", "127.0.0.1:8080"), Ok(()));
        assert_eq!(check("https://todo.example", "todo.example"), Ok(()));
        assert_eq!(check("https://todo.example", "todo.example:443"), Ok(()));
        assert_eq!(check("http://[::1]:8080", "[::1]:8080"), Ok(()));
        for (origin, host) in [
            ("http://evil.example", "127.0.0.1:8080"),
            ("http://127.0.0.1:8081", "127.0.0.1:8080"),
            ("http://evil.example", "evil.example@127.0.0.1"),
            ("http://evil.example", ""),
            ("foo://x", "x"),
        ] {
            assert_eq!(check(origin, host), Err(Refusal::Foreign), "{origin} {host}");
        }
        // With an address the host header proves nothing.
        assert_eq!(
            ours().check(&Method::POST, &headers(&[("cookie", "a=b"), ("origin", "http://a.b"), ("host", "a.b")])),
            Err(Refusal::Foreign)
        );
    }

    #[test]
    fn more_origins_can_be_trusted() {
        let trust = Trust::new(
            Some("https://todo.example"),
            [
                "https://other.example:8443",
                "https://*.apps.example",
                "*.any.example:9000",
                "http://10.0.*",
                "myapp://",
                "deep://host/in",
                "",
            ],
        )
        .unwrap();
        let none = HeaderMap::new();
        for good in [
            "https://todo.example/x",
            "https://todo.example:443/",
            "https://other.example:8443/",
            "https://a.b.apps.example/",
            "http://x.any.example:9000/",
            "http://10.0.1.2/",
            "myapp://callback",
            "deep://host/in/side?x",
            "deep://host/in",
        ] {
            assert!(trust.allows_target(good, &none), "{good}");
        }
        for bad in [
            "http://todo.example/",
            "https://other.example/",
            "https://apps.example/",
            "https://evil.example/.apps.example",
            "https://apps.example.evil.example/",
            "http://x.any.example/",
            "http://10.0.evil.example/",
            "deep://host/inside",
            "deep://host/in/../out",
            "deep://other/in",
            "deep://host/in%2f..%2f..",
            "javascript:alert(1)",
            "",
        ] {
            assert!(!trust.allows_target(bad, &none), "{bad}");
        }
        for bad in ["app.example", "://x", "https://", "http://a b"] {
            assert_eq!(Trust::new(None, [bad]).unwrap_err(), BadEntry(bad.to_owned()));
        }
    }

    #[test]
    fn targets_are_local_or_trusted() {
        let none = HeaderMap::new();
        for good in ["/a/../b", "/ok?x=1#h", "/a b", "/%2e%2e/x", "/", "/?next=%2Fx", "http://LOCALHOST:3111/x"] {
            assert!(ours().allows_target(good, &none), "{good}");
        }
        for bad in [
            "//evil.com",
            "/\\evil.com",
            "javascript:alert(1)",
            "/%2Fevil.com",
            "/ok%5Cx",
            "relative",
            "http://localhost:3111@evil.com/",
            "/\t/evil.com",
            "/\r\nSet-Cookie: a=b",
            "/\u{85}x",
            "http:\\\\localhost:3111",
            "http://localhost:3111\\@evil.com/",
            "/..//evil.com",
            "/.//evil.com",
        ] {
            assert!(!ours().allows_target(bad, &none), "{bad:?}");
        }
    }

    proptest::proptest! {
        /// Whatever is taken for local, no browser is led away by it, as it stands or as it is written into a header.
        #[test]
        fn local_targets_stay(target in "[/\\\\.%@?#: a2fFcC5\t\r\n\u{0}\u{85}é]{0,12}") {
            if local(&target) {
                let page = Url::parse("https://ours.invalid/deep/page?x").expect("an address");
                for written in [target.clone(), super::super::cookie::encode_target(&target)] {
                    let there = page.join(&written).expect("a target");
                    proptest::prop_assert_eq!(there.origin(), page.origin());
                    proptest::prop_assert!(!there.path().starts_with("//"));
                }
            }
        }
    }
}
