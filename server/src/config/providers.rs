//! Who else may vouch for a person: Google (`GOOGLE_*`) and one OpenID Connect provider of the operator's choice
//! (`OIDC_*`).
//!
//! A provider is there when its client id and secret are; half of it stops the start. Where its endpoints are not given,
//! they are discovered from the issuer at first use, so that a provider that is down keeps nobody from starting. Absent
//! here: OAuth without OpenID Connect, because only an ID token proves an address.

use super::{BadSetting, Secret, Values, bad, origin_of};

/// Google's issuer. Its ID tokens may also leave out the scheme.
pub const GOOGLE_ISSUER: &str = "https://accounts.google.com";
const GOOGLE_AUTHORIZATION: &str = "https://accounts.google.com/o/oauth2/v2/auth";
const GOOGLE_TOKEN: &str = "https://oauth2.googleapis.com/token";
const GOOGLE_KEYS: &str = "https://www.googleapis.com/oauth2/v3/certs";
/// The provider id under which Better Auth keeps Google's accounts.
pub const GOOGLE: &str = "google";
/// Most characters in a button's name.
const NAME_MAX: usize = 40;

/// Somebody who vouches for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// As it stands in addresses and in `account.providerId`: `google`, `oidc`, …
    pub id: String,
    /// As it stands on the button.
    pub name: String,
    /// Who signs its ID tokens; the address of discovery is below it.
    pub issuer: String,
    /// Our name there.
    pub client_id: String,
    /// What proves that it is us.
    pub client_secret: Secret,
    /// What we ask for, in the order it is sent.
    pub scopes: Vec<String>,
    /// Where people are sent; discovered when absent.
    pub authorization_url: Option<String>,
    /// Where codes become tokens; discovered when absent.
    pub token_url: Option<String>,
    /// Where its public keys are; discovered when absent.
    pub jwks_url: Option<String>,
}

impl Provider {
    /// Whether this is Google as Better Auth knows it, wherever its endpoints are.
    pub fn is_google(&self) -> bool {
        self.id == GOOGLE
    }
}

/// The providers the settings describe, in the order of their buttons.
pub(super) fn read(values: &Values) -> Result<Vec<Provider>, BadSetting> {
    let mut providers = Vec::new();
    providers.extend(google(values)?);
    providers.extend(oidc(values)?);
    Ok(providers)
}

fn google(values: &Values) -> Result<Option<Provider>, BadSetting> {
    let needed = ["GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"];
    let others = ["GOOGLE_ISSUER", "GOOGLE_AUTHORIZATION_URL", "GOOGLE_TOKEN_URL", "GOOGLE_JWKS_URL"];
    let Some([client_id, client_secret]) = whole(values, needed, &others)? else {
        return Ok(None);
    };
    let issuer = address(values, "GOOGLE_ISSUER")?.unwrap_or_else(|| GOOGLE_ISSUER.to_owned());
    let known = |url: &str| (issuer == GOOGLE_ISSUER).then(|| url.to_owned());
    Ok(Some(Provider {
        id: GOOGLE.to_owned(),
        name: "Google".to_owned(),
        client_id,
        client_secret: Secret(client_secret),
        scopes: ["email", "profile", "openid"].map(str::to_owned).to_vec(),
        authorization_url: address(values, "GOOGLE_AUTHORIZATION_URL")?.or(known(GOOGLE_AUTHORIZATION)),
        token_url: address(values, "GOOGLE_TOKEN_URL")?.or(known(GOOGLE_TOKEN)),
        jwks_url: address(values, "GOOGLE_JWKS_URL")?.or(known(GOOGLE_KEYS)),
        issuer,
    }))
}

fn oidc(values: &Values) -> Result<Option<Provider>, BadSetting> {
    let needed = ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"];
    let others = ["OIDC_ID", "OIDC_NAME", "OIDC_SCOPES", "OIDC_AUTHORIZATION_URL", "OIDC_TOKEN_URL", "OIDC_JWKS_URL"];
    let Some([_, client_id, client_secret]) = whole(values, needed, &others)? else {
        return Ok(None);
    };
    let id = values.get("OIDC_ID")?.unwrap_or_else(|| "oidc".to_owned());
    let letters = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-' || c == b'_';
    if !id.bytes().all(letters) || id.len() > NAME_MAX || matches!(id.as_str(), GOOGLE | "credential") {
        let allowed = "small letters, digits, - and _, at most 40; google and credential are taken";
        return Err(bad("OIDC_ID", &id, allowed));
    }
    let name = values.get("OIDC_NAME")?.unwrap_or_else(|| "Single sign-on".to_owned());
    if name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(bad("OIDC_NAME", &name, "one line of at most 40 characters"));
    }
    Ok(Some(Provider {
        id,
        name,
        issuer: address(values, "OIDC_ISSUER")?.unwrap_or_default(),
        client_id,
        client_secret: Secret(client_secret),
        scopes: scopes(values)?,
        authorization_url: address(values, "OIDC_AUTHORIZATION_URL")?,
        token_url: address(values, "OIDC_TOKEN_URL")?,
        jwks_url: address(values, "OIDC_JWKS_URL")?,
    }))
}

/// The needed values, all of them; `None` when nothing of this provider is set.
fn whole<const N: usize>(
    values: &Values,
    needed: [&str; N],
    others: &[&str],
) -> Result<Option<[String; N]>, BadSetting> {
    let mut given = Vec::new();
    for name in needed.iter().chain(others) {
        if values.get(name)?.is_some() {
            given.push(*name);
        }
    }
    let Some(first) = given.first() else {
        return Ok(None);
    };
    let missing: Vec<&str> = needed.into_iter().filter(|name| !given.contains(name)).collect();
    if !missing.is_empty() {
        let missing = missing.join(" and ");
        return Err(BadSetting(format!("{first} is set, but not {missing}: set it too, or take {first} away")));
    }
    let mut found = needed.map(|_| String::new());
    for (place, name) in found.iter_mut().zip(needed) {
        *place = values.get(name)?.unwrap_or_default();
    }
    Ok(Some(found))
}

fn scopes(values: &Values) -> Result<Vec<String>, BadSetting> {
    let text = values.get("OIDC_SCOPES")?.unwrap_or_else(|| "openid email profile".to_owned());
    let letters = |c: u8| c.is_ascii_graphic() && c != b'"' && c != b'\\';
    let mut scopes: Vec<String> = text.split([' ', ',']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
    if !scopes.iter().all(|scope| scope.bytes().all(letters)) {
        return Err(bad("OIDC_SCOPES", &text, "names with a space between, such as openid email profile"));
    }
    // Without it there is no ID token.
    if !scopes.iter().any(|scope| scope == "openid") {
        scopes.insert(0, "openid".to_owned());
    }
    Ok(scopes)
}

/// An http(s) address as it was written: an issuer is compared letter by letter.
fn address(values: &Values, name: &str) -> Result<Option<String>, BadSetting> {
    let Some(text) = values.get(name)? else {
        return Ok(None);
    };
    if origin_of(&text).is_none() || url::Url::parse(&text).is_err() || text.contains('#') {
        return Err(bad(name, &text, "an address such as https://login.example.org"));
    }
    Ok(Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn providers(pairs: &[(&str, &str)]) -> Result<Vec<Provider>, BadSetting> {
        read(&Values(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()))
    }

    #[test]
    fn nothing_set_is_nobody() {
        assert_eq!(providers(&[("GOOGLE_CLIENT_ID", "")]), Ok(vec![]));
    }

    #[test]
    fn google_needs_two_values_only() {
        let found = providers(&[("GOOGLE_CLIENT_ID", "me"), ("GOOGLE_CLIENT_SECRET", "pw")]).expect("whole");
        let google = found.first().expect("one");
        assert_eq!((google.id.as_str(), google.name.as_str()), ("google", "Google"));
        assert_eq!(google.issuer, GOOGLE_ISSUER);
        assert_eq!(google.token_url.as_deref(), Some("https://oauth2.googleapis.com/token"));
        assert!(!format!("{google:?}").contains("pw"));
    }

    #[test]
    fn another_issuer_is_discovered() {
        let found = providers(&[
            ("GOOGLE_CLIENT_ID", "me"),
            ("GOOGLE_CLIENT_SECRET", "pw"),
            ("GOOGLE_ISSUER", "http://127.0.0.1:4000"),
            ("GOOGLE_TOKEN_URL", "http://127.0.0.1:4000/t"),
        ])
        .expect("whole");
        let google = found.first().expect("one");
        assert_eq!(google.authorization_url, None);
        assert_eq!(google.token_url.as_deref(), Some("http://127.0.0.1:4000/t"));
    }

    #[test]
    fn both_stand_beside_each_other() {
        let found = providers(&[
            ("GOOGLE_CLIENT_ID", "me"),
            ("GOOGLE_CLIENT_SECRET", "pw"),
            ("OIDC_ISSUER", "https://login.example.org/realms/a"),
            ("OIDC_CLIENT_ID", "todo"),
            ("OIDC_CLIENT_SECRET", "pw"),
            ("OIDC_NAME", "Acme"),
            ("OIDC_SCOPES", "email,groups"),
        ])
        .expect("whole");
        assert_eq!(found.iter().map(|p| p.id.as_str()).collect::<Vec<_>>(), ["google", "oidc"]);
        let oidc = found.last().expect("two");
        assert_eq!(oidc.issuer, "https://login.example.org/realms/a");
        assert_eq!(oidc.scopes, ["openid", "email", "groups"]);
    }

    #[test]
    fn half_of_a_provider_stops_the_start() {
        let whole = [("OIDC_ISSUER", "https://a.example"), ("OIDC_CLIENT_ID", "c"), ("OIDC_CLIENT_SECRET", "s")];
        for (pairs, part) in [
            (vec![("GOOGLE_CLIENT_ID", "me")], "GOOGLE_CLIENT_ID is set, but not GOOGLE_CLIENT_SECRET"),
            (vec![("GOOGLE_CLIENT_SECRET", "pw")], "GOOGLE_CLIENT_SECRET is set, but not GOOGLE_CLIENT_ID"),
            (vec![("GOOGLE_ISSUER", "https://a.b")], "not GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET"),
            (vec![("OIDC_ISSUER", "https://a.b")], "OIDC_ISSUER is set, but not OIDC_CLIENT_ID and OIDC_CLIENT_SECRET"),
            (vec![("OIDC_NAME", "Acme")], "not OIDC_ISSUER and"),
            ([&whole[..], &[("OIDC_ID", "google")]].concat(), "google and credential are taken"),
            ([&whole[..], &[("OIDC_ID", "a/b")]].concat(), "small letters"),
            ([&whole[..], &[("OIDC_NAME", "a\nb")]].concat(), "one line"),
            ([&whole[..], &[("OIDC_TOKEN_URL", "login.example")]].concat(), "OIDC_TOKEN_URL"),
            ([&whole[1..], &[("OIDC_ISSUER", "ftp://a")]].concat(), "OIDC_ISSUER"),
        ] {
            let error = providers(&pairs).expect_err("refused").to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
