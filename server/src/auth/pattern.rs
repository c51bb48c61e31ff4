//! One entry of the list of trusted origins, and what it matches.

use url::{Host, Url};

/// An entry of the list of trusted origins that means nothing.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not an origin; write it like https://app.example, https://*.example or myapp://")]
pub struct BadEntry(pub String);

/// A trusted origin, or many.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    /// `https://app.example`
    Exact(String),
    /// `https://*.example`: on the whole origin.
    OriginGlob(String),
    /// `*.example:8080`: on the host with its port.
    HostGlob(String),
    /// `myapp://` or `myapp://host/path`, for native apps.
    Custom { scheme: String, rest: String },
}

impl Entry {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let glob = text.contains(['*', '?']);
        let web = |scheme: &str| scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
        match text.split_once("://") {
            Some(("", _)) => None,
            Some((_, rest)) if glob && !rest.is_empty() => {
                Some(Self::OriginGlob(text.trim_end_matches('/').to_ascii_lowercase()))
            }
            Some((scheme, rest)) if !web(scheme) => {
                Some(Self::Custom { scheme: scheme.to_ascii_lowercase(), rest: rest.trim_end_matches('/').to_owned() })
            }
            Some(_) => {
                let url = Url::parse(text).ok()?;
                url.has_host().then(|| Self::Exact(url.origin().ascii_serialization()))
            }
            None if glob => Some(Self::HostGlob(text.to_ascii_lowercase())),
            None => None,
        }
    }

    pub(super) fn matches(&self, url: &Url) -> bool {
        let web = matches!(url.scheme(), "http" | "https");
        match self {
            Self::Exact(origin) => web && *origin == url.origin().ascii_serialization(),
            Self::OriginGlob(pattern) => {
                let host = pattern.split_once("://").map_or("", |(_, host)| host);
                web && may_match(host, url) && glob(pattern.as_bytes(), url.origin().ascii_serialization().as_bytes())
            }
            Self::HostGlob(pattern) => {
                web && may_match(pattern, url) && glob(pattern.as_bytes(), authority(url).as_bytes())
            }
            Self::Custom { scheme, rest } => {
                if url.scheme() != scheme {
                    return false;
                }
                // The parser has resolved dots already; encoded separators it leaves, and they are refused.
                let place = format!("{}{}", authority(url), url.path());
                let lower = place.to_ascii_lowercase();
                if rest.is_empty() {
                    return true;
                }
                !lower.contains("%2f")
                    && !lower.contains("%5c")
                    && !lower.contains("%2e")
                    && place.strip_prefix(rest.as_str()).is_some_and(|below| below.is_empty() || below.starts_with('/'))
            }
        }
    }
}

/// A pattern of digits, dots and wildcards means IPv4 addresses, so `10.0.*` does not trust `10.0.evil.example`.
fn may_match(pattern: &str, url: &Url) -> bool {
    let host = pattern.split(':').next().unwrap_or(pattern);
    let numeric = host.contains(|c: char| c.is_ascii_digit())
        && host.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '*' | '?'));
    !numeric || matches!(url.host(), Some(Host::Ipv4(_)))
}

/// `host[:port]`, without the scheme's own port.
pub(super) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// `*` is any run of characters and `?` any one, except `/` and `\`.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let free = |c: u8| c != b'/' && c != b'\\';
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
                continue;
            }
            Some(b'?') if free(text[t]) => (p, t) = (p + 1, t + 1),
            Some(&c) if c == text[t] => (p, t) = (p + 1, t + 1),
            _ => match star {
                // Let the last star take one character more.
                Some((star_p, star_t)) if free(text[star_t]) => {
                    star = Some((star_p, star_t + 1));
                    (p, t) = (star_p + 1, star_t + 1);
                }
                _ => return false,
            },
        }
    }
    pattern[p..].iter().all(|&c| c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_stop_at_slashes() {
        for (pattern, text, matched) in [
            ("*", "abc", true),
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "ab/c", false),
            ("*.x", "a.b.x", true),
            ("?", "/", false),
            ("a?c", "abc", true),
            ("a*b*c", "a1b2c", true),
            ("a*b", "acd", false),
            ("**", "ab", true),
        ] {
            assert_eq!(glob(pattern.as_bytes(), text.as_bytes()), matched, "{pattern} {text}");
        }
    }
}
