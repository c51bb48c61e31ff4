//! `SMTP_URL`, `SMTP_FROM` and `REQUIRE_EMAIL_VERIFICATION`: letters, and whether an address must be proven by one.
//!
//! `smtp://` is encrypted by STARTTLS, which the server must offer; only towards this machine, or with `?tls=off`, it is
//! not. `smtps://` is encrypted from the first byte.

use super::{BadSetting, Secret, Values};
use lettre::message::Mailbox;
use percent_encoding::percent_decode_str;
use url::{Host, Url};

const ALLOWED: &str = "smtp://user:password@host:587 or smtps://user:password@host:465";

/// How the connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte.
    Tls,
    /// TLS after STARTTLS, or no letter.
    StartTls,
    /// None.
    Off,
}

/// Where letters are handed in, and who they are from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The mail server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// A name and a password, when the server asks for them.
    pub login: Option<(String, Secret)>,
    /// The sender, such as `To-do <todo@example.org>`.
    pub from: Mailbox,
}

pub(super) fn read(values: &Values) -> Result<Option<Mail>, BadSetting> {
    match (values.get("SMTP_URL")?, values.get("SMTP_FROM")?) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(BadSetting("SMTP_FROM needs SMTP_URL, the mail server's address".into())),
        (Some(_), None) => {
            Err(BadSetting("SMTP_URL needs SMTP_FROM, the sender's address such as todo@example.org".into()))
        }
        (Some(url), Some(from)) => {
            let from = from.parse().map_err(|_| {
                super::bad("SMTP_FROM", &from, "an address such as todo@example.org or To-do <todo@example.org>")
            })?;
            Ok(Some(server(&url, from)?))
        }
    }
}

pub(super) fn required(values: &Values, mail: Option<&Mail>) -> Result<bool, BadSetting> {
    let required = values.word("REQUIRE_EMAIL_VERIFICATION", &[("on", true), ("off", false)], false)?;
    if required && mail.is_none() {
        return Err(BadSetting(
            "REQUIRE_EMAIL_VERIFICATION=on needs SMTP_URL and SMTP_FROM: addresses are proven by letters".into(),
        ));
    }
    Ok(required)
}

fn server(text: &str, from: Mailbox) -> Result<Mail, BadSetting> {
    // The value may hold a password, so it is not repeated.
    let refused = || BadSetting(format!("SMTP_URL is not a mail server's address: allowed is {ALLOWED}"));
    let url = Url::parse(text).map_err(|_| refused())?;
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(refused)?.to_owned();
    if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
        return Err(refused());
    }
    let plain = match url.query() {
        None | Some("") => false,
        Some("tls=off") => true,
        Some(_) => {
            return Err(BadSetting(
                "SMTP_URL has something behind the question mark: allowed is nothing, or tls=off".into(),
            ));
        }
    };
    let (security, port) = match url.scheme() {
        "smtps" if !plain => (Security::Tls, 465),
        "smtp" if plain || loopback(&host) => (Security::Off, 25),
        "smtp" => (Security::StartTls, 587),
        _ => return Err(refused()),
    };
    let decoded =
        |text: &str| percent_decode_str(text).decode_utf8().map(std::borrow::Cow::into_owned).map_err(|_| refused());
    let login = match url.username() {
        "" => None,
        name => Some((decoded(name)?, Secret::new(decoded(url.password().unwrap_or_default())?))),
    };
    // Brackets belong to the address, not to the host.
    let host = host.trim_matches(['[', ']']).to_owned();
    Ok(Mail { host, port: url.port().unwrap_or(port), security, login, from })
}

/// A host of a scheme the parser does not know is left as it was written.
fn loopback(host: &str) -> bool {
    match Host::parse(host) {
        Ok(Host::Ipv4(ip)) => ip.is_loopback(),
        Ok(Host::Ipv6(ip)) => ip.is_loopback(),
        Ok(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_from(pairs: &[(&str, &str)]) -> Result<Option<Mail>, BadSetting> {
        read(&Values(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()))
    }

    fn mail(url: &str) -> Result<Mail, BadSetting> {
        read_from(&[("SMTP_URL", url), ("SMTP_FROM", "To-do <todo@example.org>")]).map(|mail| mail.expect("mail"))
    }

    #[test]
    fn addresses_of_mail_servers() {
        for (url, host, port, security) in [
            ("smtp://mail.example.org", "mail.example.org", 587, Security::StartTls),
            ("smtp://mail.example.org:2525/", "mail.example.org", 2525, Security::StartTls),
            ("smtp://relay:25?tls=off", "relay", 25, Security::Off),
            ("smtps://mail.example.org", "mail.example.org", 465, Security::Tls),
            ("smtp://localhost:1025", "localhost", 1025, Security::Off),
            ("smtp://127.0.0.1:1025", "127.0.0.1", 1025, Security::Off),
            ("smtp://[::1]:1025", "::1", 1025, Security::Off),
            ("smtp://localhost.example.org", "localhost.example.org", 587, Security::StartTls),
        ] {
            let mail = mail(url).expect(url);
            assert_eq!((mail.host.as_str(), mail.port, mail.security), (host, port, security), "{url}");
            assert_eq!(mail.login, None);
        }
        let mail = mail("smtp://ada%40example.org:p%3Aw%2F@mail.example.org").expect("mail");
        assert_eq!(mail.login, Some(("ada@example.org".into(), Secret::new("p:w/"))));
        assert!(!format!("{mail:?}").contains("p:w/"));
    }

    #[test]
    fn what_is_not_one() {
        for url in [
            "mail.example.org",
            "http://mail.example.org",
            "smtp://",
            "smtp:///x",
            "smtps://u:secret@h?tls=off",
            "smtp://u:secret@h?tls=maybe",
            "smtp://u:secret@h/path",
        ] {
            let error = mail(url).expect_err(url).to_string();
            assert!(error.contains("SMTP_URL") && !error.contains("secret"), "{error}");
        }
        let pairs = |name, value| read_from(&[(name, value)]).expect_err("half of it").to_string();
        assert!(pairs("SMTP_URL", "smtp://localhost").contains("SMTP_FROM"));
        assert!(pairs("SMTP_FROM", "todo@example.org").contains("SMTP_URL"));
        let from = read_from(&[("SMTP_URL", "smtp://localhost"), ("SMTP_FROM", "nobody")]).expect_err("no sender");
        assert!(from.to_string().contains("SMTP_FROM=\"nobody\""), "{from}");
        assert_eq!(read_from(&[]), Ok(None));
    }

    #[test]
    fn proof_needs_letters() {
        let values = Values([("REQUIRE_EMAIL_VERIFICATION".to_owned(), "on".to_owned())].into());
        assert!(required(&values, None).expect_err("refused").to_string().contains("SMTP_URL"));
        assert_eq!(required(&values, mail("smtp://localhost").ok().as_ref()), Ok(true));
    }
}
