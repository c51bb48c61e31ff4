//! The session cookie: how it is signed, written, read and taken back.
//!
//! A signed value is `value.signature`, the signature being the padded standard Base64 of HMAC-SHA256 over the value;
//! the whole is percent-encoded into the cookie. A signature proves that we issued the value, nothing more: whether a
//! session still lives is for the database to say. Anything malformed reads as "no cookie", never as an error.

use axum::http::{HeaderMap, header};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::Sha256;
use std::{borrow::Cow, fmt};

/// How long a remembered session lives after it was last extended, in seconds: a week.
pub const REMEMBERED_SECONDS: i64 = 604_800;
/// How long a session lives when the person asked not to be remembered, in seconds: a day.
pub const FORGOTTEN_SECONDS: i64 = 86_400;

/// How long the way to a sign-in provider and back may take, in seconds.
const STATE_SECONDS: i64 = 300;

/// What JavaScript's `encodeURIComponent` leaves alone.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// Percent-encodes as JavaScript's `encodeURIComponent` does.
pub fn encode_component(text: &str) -> String {
    utf8_percent_encode(text, COMPONENT).to_string()
}

/// Makes a checked redirect target fit for a `Location` header: what cannot stand there is percent-encoded.
pub fn encode_target(target: &str) -> String {
    const UNFIT: &AsciiSet = &percent_encoding::CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>');
    utf8_percent_encode(target, UNFIT).to_string()
}

/// Writes and reads our cookies.
#[derive(Clone)]
pub struct Cookies {
    /// The first signs, all verify.
    keys: Vec<Hmac<Sha256>>,
    secure: bool,
    session: String,
    dont_remember: String,
    session_data: String,
    state: String,
}

impl fmt::Debug for Cookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the key.
        write!(f, "Cookies({})", self.session)
    }
}

/// What a request's cookies said, signatures already checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Presented {
    /// The session token.
    pub token: Option<String>,
    /// The person asked not to be remembered, so the session must not be extended.
    pub dont_remember: bool,
    /// A cookie cache of an earlier Better Auth deployment came along. It is never trusted, only expired.
    pub stale_cache: bool,
    /// What this browser was sent to a sign-in provider with.
    pub state: Option<String>,
}

impl Cookies {
    /// `secrets` are the auth secrets, the one that signs first; `secure` says whether people reach us by https, which decides the cookies' names
    /// (`__Secure-…`) as well as the attribute; `prefix` is `better-auth` unless an adopted app chose another.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>, secure: bool, prefix: &str) -> Self {
        let name = |name: &str| format!("{}{prefix}.{name}", if secure { "__Secure-" } else { "" });
        Self {
            keys: secrets.into_iter().map(|secret| mac(secret.as_bytes())).collect(),
            secure,
            session: name("session_token"),
            dont_remember: name("dont_remember"),
            session_data: name("session_data"),
            state: name("state"),
        }
    }

    /// `value.signature`, not yet percent-encoded: also the form of the `set-auth-token` header.
    pub fn sign(&self, value: &str) -> String {
        let signature = self.keys.first().map(|key| key.clone().chain_update(value).finalize().into_bytes());
        format!("{value}.{}", STANDARD.encode(signature.unwrap_or_default()))
    }

    /// The value inside a signed text, when we signed it. Compares in constant time.
    pub fn verify<'a>(&self, signed: &'a str) -> Option<&'a str> {
        let (value, signature) = signed.rsplit_once('.')?;
        if signature.len() != 44 || !signature.ends_with('=') {
            return None;
        }
        let signature = STANDARD.decode(signature).ok()?;
        let ours = |key: &Hmac<Sha256>| key.clone().chain_update(value).verify_slice(&signature).is_ok();
        self.keys.iter().any(ours).then_some(value)
    }

    /// The `Set-Cookie` line of a session; one that is not remembered ends with the browser.
    pub fn session(&self, token: &str, remembered: bool) -> String {
        let age = remembered.then_some(REMEMBERED_SECONDS);
        self.line(&self.session, &encode_component(&self.sign(token)), age)
    }

    /// The `Set-Cookie` lines of a fresh sign-in. A remembered one takes an older "do not remember" back.
    pub fn signed_in(&self, token: &str, remembered: bool, before: &Presented) -> Vec<String> {
        let mut lines = vec![self.session(token, remembered)];
        if !remembered {
            let value = encode_component(&self.sign("true"));
            lines.push(self.line(&self.dont_remember, &value, None));
        } else if before.dont_remember {
            lines.push(self.line(&self.dont_remember, "", Some(0)));
        }
        lines
    }

    /// The `Set-Cookie` lines that take everything back.
    pub fn clear(&self) -> Vec<String> {
        [&self.session, &self.session_data, &self.dont_remember].map(|name| self.line(name, "", Some(0))).into()
    }

    /// Whether a `Set-Cookie` line hands a session out or takes it back.
    pub fn is_session(&self, line: &str) -> bool {
        line.strip_prefix(self.session.as_str()).is_some_and(|rest| rest.starts_with('='))
    }

    /// The `Set-Cookie` line that takes an old cookie cache back.
    pub fn clear_cache(&self) -> String {
        self.line(&self.session_data, "", Some(0))
    }

    /// The `Set-Cookie` line that ties the way back from a sign-in provider to this browser.
    pub fn state(&self, state: &str) -> String {
        self.line(&self.state, &encode_component(&self.sign(state)), Some(STATE_SECONDS))
    }

    /// The `Set-Cookie` line that takes it back.
    pub fn clear_state(&self) -> String {
        self.line(&self.state, "", Some(0))
    }

    fn line(&self, name: &str, value: &str, max_age: Option<i64>) -> String {
        let age = max_age.map_or(String::new(), |age| format!(" Max-Age={age};"));
        let secure = if self.secure { " Secure;" } else { "" };
        format!("{name}={value};{age} Path=/; HttpOnly;{secure} SameSite=Lax")
    }

    /// Reads a request's `Cookie` header.
    pub fn read(&self, header: &str) -> Presented {
        Presented {
            token: self.signed(header, &self.session).filter(|token| !token.is_empty()),
            dont_remember: self.signed(header, &self.dont_remember).as_deref() == Some("true"),
            stale_cache: find(header, &self.session_data).is_some(),
            state: self.signed(header, &self.state),
        }
    }

    /// The token of an `Authorization: Bearer …` header: a bare session token, or a signed one as `set-auth-token` gave
    /// it, percent-encoded or not. `None` for another scheme or a bad signature.
    pub fn bearer(&self, authorization: &str) -> Option<String> {
        let (scheme, value) = authorization.trim().split_once(' ')?;
        let value = value.trim();
        if !scheme.eq_ignore_ascii_case("bearer") || value.is_empty() {
            return None;
        }
        if value.contains('.') { self.verify(&decode(value)).map(str::to_owned) } else { Some(value.to_owned()) }
    }

    fn signed(&self, header: &str, name: &str) -> Option<String> {
        self.verify(&decode(find(header, name)?)).map(str::to_owned)
    }
}

/// The request's cookies as one text. Browsers may split them over several headers under HTTP/2, and another app on the
/// same host may have set bytes that are not text; neither may cost anybody their session.
pub fn header(headers: &HeaderMap) -> Option<Cow<'_, str>> {
    let mut values = headers.get_all(header::COOKIE).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    let first = values.next()?;
    Some(values.fold(first, |all, value| Cow::Owned(format!("{all}; {value}"))))
}

/// The first cookie of that name, without surrounding quotes.
fn find<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let value = header.split(';').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        (key.trim() == name).then(|| value.trim())
    })?;
    let inner = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
    Some(inner.unwrap_or(value))
}

/// Percent-decodes; a text that does not decode to UTF-8 stays as it is.
fn decode(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8().unwrap_or(Cow::Borrowed(text))
}

fn mac(secret: &[u8]) -> Hmac<Sha256> {
    Hmac::<Sha256>::new_from_slice(secret).expect("HMAC accepts keys of every length")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "todo-fixture-secret-0123456789abcdefghijklmnop";

    fn cookies() -> Cookies {
        Cookies::new([SECRET], false, "better-auth")
    }

    /// Values and cookies as Better Auth 1.7.24 made them with this secret.
    const VECTORS: [(&str, &str); 3] = [
        (
            "pjuR0ghZBJpCVhN0sw9givRmX3F2OelP",
            "pjuR0ghZBJpCVhN0sw9givRmX3F2OelP.8NDXnJBNFdUekwTF%2BRta%2Fi%2Fb%2F1M41utEM2iLbuRFi%2FM%3D",
        ),
        (
            "nqVthrbEcSUJuzoVUcAwAdELnLvAKyJ5",
            "nqVthrbEcSUJuzoVUcAwAdELnLvAKyJ5.frQZa5i2X924z0055%2FOql3bxOG8wDld1EFv65yrqgHw%3D",
        ),
        ("true", "true.dY4%2FLp4K77Jtj7WIFr%2FgituD4p58OGiMS9cVIh8avAE%3D"),
    ];

    #[test]
    fn signatures_are_better_auths() {
        for (value, cookie) in VECTORS {
            assert_eq!(encode_component(&cookies().sign(value)), cookie);
            assert_eq!(cookies().verify(&decode(cookie)), Some(value));
        }
    }

    #[test]
    fn lines_are_better_auths() {
        let [(token, value), ..] = VECTORS;
        assert_eq!(
            cookies().session(token, true),
            format!("better-auth.session_token={value}; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax")
        );
        let secure = Cookies::new([SECRET], true, "better-auth");
        assert_eq!(
            secure.session(token, false),
            format!("__Secure-better-auth.session_token={value}; Path=/; HttpOnly; Secure; SameSite=Lax")
        );
        assert_eq!(
            cookies().clear(),
            ["session_token", "session_data", "dont_remember"]
                .map(|name| format!("better-auth.{name}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"))
        );
        let mut before = Presented::default();
        assert_eq!(
            cookies().signed_in("a", false, &before)[1],
            format!("better-auth.dont_remember={}; Path=/; HttpOnly; SameSite=Lax", VECTORS[2].1)
        );
        assert_eq!(cookies().signed_in("a", true, &before).len(), 1);
        before.dont_remember = true;
        assert_eq!(
            cookies().signed_in("a", true, &before)[1],
            "better-auth.dont_remember=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"
        );
    }

    fn token(header: &str) -> Option<String> {
        cookies().read(header).token
    }

    #[test]
    fn reads_what_browsers_and_proxies_make_of_a_cookie() {
        let [(value, cookie), ..] = VECTORS;
        let found = Some(value.to_owned());
        assert_eq!(token(&format!("better-auth.session_token={cookie}")), found);
        assert_eq!(token(&format!("a=b;better-auth.session_token={cookie} ; c")), found);
        assert_eq!(token(&format!("better-auth.session_token=\"{cookie}\"")), found);
        assert_eq!(token(&format!("better-auth.session_token={}", decode(cookie))), found);
        // The first one counts, also when it is broken: a cookie planted behind it cannot win.
        assert_eq!(token(&format!("better-auth.session_token=x; better-auth.session_token={cookie}")), None);
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "other=1".parse().unwrap());
        headers.append(header::COOKIE, axum::http::HeaderValue::from_bytes(b"odd=\xff\xfe").unwrap());
        headers.append(header::COOKIE, format!("better-auth.session_token={cookie}").parse().unwrap());
        assert_eq!(token(&super::header(&headers).unwrap()), found);
        assert_eq!(super::header(&HeaderMap::new()), None);
    }

    #[test]
    fn anything_odd_is_no_cookie() {
        let [(value, cookie), ..] = VECTORS;
        for bad in [
            "",
            "=",
            "better-auth.session_token",
            "better-auth.session_token=",
            "better-auth.session_token=%",
            "better-auth.session_token=%ff%fe.%00",
            "better-auth.session_token=..",
            &format!("better-auth.session_token={value}"),
            &format!("better-auth.session_token={value}."),
            &format!("better-auth.session_token=x{cookie}"),
            &format!("better-auth.session_token={cookie}x"),
            &format!("better-auth.session_token={}", cookie.replace("M%3D", "N%3D")),
            &format!("Better-Auth.session_token={cookie}"),
            &format!("__Secure-better-auth.session_token={cookie}"),
            // A signed empty token is signed, and still nobody's.
            &format!("better-auth.session_token={}", cookies().sign("")),
        ] {
            assert_eq!(token(bad), None, "{bad}");
        }
        let other = Cookies::new(["another secret"], false, "better-auth");
        assert_eq!(other.read(&format!("better-auth.session_token={cookie}")).token, None);
    }

    #[test]
    fn older_secrets_are_recognised() {
        let [(value, cookie), ..] = VECTORS;
        let rotated = Cookies::new(["a newer secret", SECRET], false, "better-auth");
        assert_eq!(rotated.verify(&decode(cookie)), Some(value));
        assert_eq!(cookies().verify(&rotated.sign(value)), None);
        assert_eq!(rotated.verify(&rotated.sign(value)), Some(value));
    }

    #[test]
    fn flags_are_read() {
        let [.., (_, remember)] = VECTORS;
        let read = cookies().read(&format!("better-auth.dont_remember={remember}; better-auth.session_data=whatever"));
        assert_eq!(read, Presented { token: None, dont_remember: true, stale_cache: true, state: None });
        assert!(!cookies().read("better-auth.dont_remember=true").dont_remember);
    }

    #[test]
    fn the_state_is_signed_and_short_lived() {
        let line = cookies().state("a_state-1");
        let (pair, rest) = line.split_once(';').unwrap();
        assert_eq!(rest, " Max-Age=300; Path=/; HttpOnly; SameSite=Lax");
        assert_eq!(cookies().read(pair).state.as_deref(), Some("a_state-1"));
        assert_eq!(cookies().read("better-auth.state=a_state-1").state, None);
        // Signed too, but for something else.
        assert_eq!(cookies().read(pair).token, None);
        assert!(cookies().clear_state().starts_with("better-auth.state=; Max-Age=0;"));
    }

    #[test]
    fn bearer_tokens_may_be_signed_or_bare() {
        let [(value, cookie), ..] = VECTORS;
        let bearer = |text: &str| cookies().bearer(text);
        for good in [
            format!("Bearer {value}"),
            format!("bearer  {value} "),
            format!("BEARER {cookie}"),
            format!("Bearer {}", decode(cookie)),
        ] {
            assert_eq!(bearer(&good).as_deref(), Some(value), "{good}");
        }
        for bad in ["", "Bearer", "Bearer ", "Basic abc", "Bearer a.b", &format!("Bearer {value}.AAAA")] {
            assert_eq!(bearer(bad), None, "{bad}");
        }
    }
}
