//! Settings. The only place that reads the environment, once, at the start, and a file of settings where one is named.
//!
//! Every `NAME` can also be given as `NAME_FILE`, a file that holds the value (as Docker and Kubernetes secrets do). A
//! wrong value stops the start with one line: which, why, what is allowed. Absent here: settings a person changes in the
//! page ([`domain::settings`]).

mod cookies;
mod given;
pub mod jwt;
pub mod mail;
pub mod mcp_servers;
mod metrics;
pub mod model;
mod presets;
pub mod providers;
mod proxies;
pub mod secrets;
pub mod table;
mod tools;
pub mod traces;

pub use given::Given;
pub use jwt::{Jwt, Outside};
pub use mail::Mail;
pub use mcp_servers::McpServer;
pub use model::Model;
pub use providers::Provider;
pub use secrets::Versioned;
pub use traces::Traces;

use crate::{
    auth::{network::Network, password::Wanted},
    tools::Enabled,
};
use std::{collections::BTreeMap, fmt, net::SocketAddr, path::PathBuf, time::Duration};

/// A value that never shows up in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself; only where it is used.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

/// Where the data lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL URL.
    Postgres(Secret),
}

/// Who may make an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignUp {
    /// Anybody.
    Open,
    /// Nobody.
    Closed,
    /// Only the first user, who becomes the admin.
    First,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Pretty,
}

/// Everything that can be set.
#[derive(Clone, Debug)]
pub struct Config {
    /// `HOST` and `PORT`, default `0.0.0.0:8080`.
    pub listen: SocketAddr,
    /// `DATA_DIR`, default `./data`: the SQLite file.
    pub data_dir: PathBuf,
    /// `DATABASE_URL`: `postgres://…`, `postgresql://…` or `sqlite://path`; default `DATA_DIR/todo-chatbot.db`.
    pub database: Database,
    /// `DATABASE_POOL`, connections to keep at most, default 10.
    pub pool_size: u32,
    /// `BETTER_AUTH_SECRET`; made once and kept in the database when absent.
    pub auth_secret: Option<Secret>,
    /// `BETTER_AUTH_SECRETS`, the one in use first; empty when secrets have no versions.
    pub secrets: Vec<Versioned>,
    /// `COOKIE_PREFIX`, default `better-auth`.
    pub cookie_prefix: String,
    /// `BETTER_AUTH_URL`, the address people use, default `http://localhost:PORT`. https makes cookies `Secure`.
    pub public_url: String,
    /// Whether `BETTER_AUTH_URL` was given; otherwise a request's own host is trusted too.
    pub public_url_given: bool,
    /// `BETTER_AUTH_TRUSTED_ORIGINS` and `CORS_ORIGINS`, comma separated.
    pub trusted_origins: Vec<String>,
    /// `SIGN_UP`, default `open`.
    pub sign_up: SignUp,
    /// `TRUSTED_PROXIES`: whose `X-Forwarded-For` is believed; default the private networks.
    pub trusted_proxies: Vec<Network>,
    /// `OAUTH_REGISTRATION`, default `on`: whether programs of others may register themselves to ask people for access.
    pub oauth_registration: bool,
    /// `RATE_LIMIT`, default `on`.
    pub rate_limit: bool,
    /// `JWT_*` and `BETTER_AUTH_JWKS_URL`: our tokens, and whose else are taken.
    pub jwt: Jwt,
    /// `SMTP_URL` and `SMTP_FROM`: who carries our letters.
    pub mail: Option<Mail>,
    /// `REQUIRE_EMAIL_VERIFICATION`, default `off`: whether signing in needs a proven address.
    pub require_verification: bool,
    /// `GOOGLE_*` and `OIDC_*`: who else may vouch for a person.
    pub providers: Vec<Provider>,
    /// `PASSWORD_HASH`, `argon2id` or `scrypt`, default `argon2id`: how new passwords are kept, and how old ones are kept
    /// after the next sign-in. `scrypt` is Better Auth's own form, for going back to it.
    pub password_hash: Wanted,
    /// `LLM_*` and the names of older apps: the language model, if there is one.
    pub model: Option<Model>,
    /// `MAX_CONVERSATION_MESSAGES` sent to a model, default 20.
    pub max_conversation_messages: u32,
    /// `METRICS_ADDR`: where `/metrics` is served; nowhere when absent.
    pub metrics: Option<SocketAddr>,
    /// `OTEL_*`: where traces go; nowhere when absent.
    pub traces: Option<Traces>,
    /// `SLOW_QUERY_MS`: statements that take longer are logged, default 1000; 0 logs none.
    pub slow_query: Duration,
    /// `SSL_CERT_FILE`: certificates that are trusted besides Mozilla's.
    pub certificates: Option<PathBuf>,
    /// `ENABLED_TOOLS`: what the assistant, models and other programs may do; default everything.
    pub enabled_tools: Enabled,
    /// `MCP_SERVERS` and `MCP_SERVER_URL`: servers whose tools a language model may use beside ours.
    pub mcp_servers: Vec<McpServer>,
    /// `LLM_DAILY_TOKENS` read and written for one person between two midnights UTC, default 1000000; 0 is without limit.
    pub llm_daily_tokens: u64,
    /// `TODO_CHATBOT_TOKEN`: the API token `todo-chatbot mcp` acts with.
    pub mcp_token: Option<Secret>,
    /// `SHUTDOWN_DELAY` in seconds between failing `/ready` and closing the listener, default 0.
    pub shutdown_delay: Duration,
    /// `LOG_LEVEL`, a tracing filter, default `info`.
    pub log_level: String,
    /// `LOG_FORMAT`, `json` or `pretty`; default pretty on a terminal, JSON otherwise.
    pub log_format: LogFormat,
}

/// A setting that cannot be used; one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadSetting(pub String);

impl fmt::Display for BadSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadSetting {}

fn bad(name: &str, value: &str, allowed: &str) -> BadSetting {
    BadSetting(format!("{name}={value:?} cannot be used: allowed is {allowed}"))
}

/// The environment's values by name, `NAME_FILE` already read.
struct Values(BTreeMap<String, String>);

impl Values {
    fn get(&self, name: &str) -> Result<Option<String>, BadSetting> {
        if let Some(path) = self.0.get(&format!("{name}_FILE")).filter(|p| !p.is_empty()) {
            if self.0.get(name).is_some_and(|v| !v.is_empty()) {
                return Err(BadSetting(format!("{name} and {name}_FILE are both set: keep one of them")));
            }
            let text = std::fs::read_to_string(path)
                .map_err(|e| BadSetting(format!("{name}_FILE={path:?} cannot be read: {e}")))?;
            return Ok(Some(text.trim_end_matches(['\n', '\r']).to_owned()));
        }
        Ok(self.0.get(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty()))
    }

    fn word<T: Copy>(&self, name: &str, words: &[(&str, T)], default: T) -> Result<T, BadSetting> {
        let Some(value) = self.get(name)? else { return Ok(default) };
        let allowed = || words.iter().map(|(w, _)| *w).collect::<Vec<_>>().join(" or ");
        words
            .iter()
            .find(|(w, _)| w.eq_ignore_ascii_case(&value))
            .map(|(_, v)| *v)
            .ok_or_else(|| bad(name, &value, &allowed()))
    }

    fn number(&self, name: &str, default: u64, range: std::ops::RangeInclusive<u64>) -> Result<u64, BadSetting> {
        let Some(value) = self.get(name)? else { return Ok(default) };
        value
            .parse()
            .ok()
            .filter(|n| range.contains(n))
            .ok_or_else(|| bad(name, &value, &format!("a whole number from {} to {}", range.start(), range.end())))
    }
}

impl Config {
    /// Whether people reach us by https.
    pub fn is_encrypted(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// What was given: the process's environment, and the file it names.
    #[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
    pub fn given() -> Result<Given, BadSetting> {
        Given::read(std::env::vars().collect())
    }

    /// Reads what was given.
    pub fn from_env() -> Result<Self, BadSetting> {
        let terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
        Self::from_values(Self::given()?.values(), terminal)
    }

    /// Reads settings from any source of names and values; `terminal` says whether a person reads the log.
    pub fn from_values(values: BTreeMap<String, String>, terminal: bool) -> Result<Self, BadSetting> {
        let values = Values(values);
        let host = values.get("HOST")?.unwrap_or_else(|| "0.0.0.0".into());
        let port = values.number("PORT", 8080, 0..=65_535)?;
        let ip = host.parse().map_err(|_| bad("HOST", &host, "an IP address such as 0.0.0.0, 127.0.0.1 or ::"))?;
        let data_dir = PathBuf::from(values.get("DATA_DIR")?.unwrap_or_else(|| "./data".into()));
        let database = match values.get("DATABASE_URL")? {
            None => Database::Sqlite(data_dir.join("todo-chatbot.db")),
            Some(url) => Database::parse("DATABASE_URL", &url)?,
        };
        let given = values.get("BETTER_AUTH_URL")?;
        let public_url = match &given {
            Some(url) => origin_of(url)
                .ok_or_else(|| bad("BETTER_AUTH_URL", url, "an address such as https://todo.example.org"))?,
            None => format!("http://localhost:{port}"),
        };
        let mut trusted_origins = Vec::new();
        for name in ["BETTER_AUTH_TRUSTED_ORIGINS", "CORS_ORIGINS"] {
            let list = values.get(name)?.unwrap_or_default();
            trusted_origins.extend(
                list.split(',')
                    .map(|o| o.trim().trim_end_matches('/').to_owned())
                    .filter(|o| !o.is_empty() && o != "*"),
            );
        }
        let auth_secret = values.get("BETTER_AUTH_SECRET")?;
        if auth_secret.as_ref().is_some_and(|s| s.len() < secrets::LEAST) {
            return Err(BadSetting(
                "BETTER_AUTH_SECRET is too short: at least 16 characters, better 32 random ones".into(),
            ));
        }
        let mail = mail::read(&values)?;
        let log_format = values.get("LOG_FORMAT")?;
        Ok(Self {
            listen: SocketAddr::new(ip, u16::try_from(port).unwrap_or(8080)),
            data_dir,
            database,
            pool_size: u32::try_from(values.number("DATABASE_POOL", 10, 1..=200)?).unwrap_or(10),
            auth_secret: auth_secret.map(Secret),
            secrets: secrets::read(&values)?,
            jwt: jwt::read(&values, &public_url)?,
            cookie_prefix: cookies::prefix(&values)?,
            public_url,
            public_url_given: given.is_some(),
            trusted_origins,
            sign_up: values.word(
                "SIGN_UP",
                &[("open", SignUp::Open), ("closed", SignUp::Closed), ("first", SignUp::First)],
                SignUp::Open,
            )?,
            require_verification: mail::required(&values, mail.as_ref())?,
            mail,
            trusted_proxies: proxies::read(&values)?,
            oauth_registration: values.word("OAUTH_REGISTRATION", &[("on", true), ("off", false)], true)?,
            rate_limit: values.word("RATE_LIMIT", &[("on", true), ("off", false)], true)?,
            providers: providers::read(&values)?,
            password_hash: values.word(
                "PASSWORD_HASH",
                &[("argon2id", Wanted::Argon2id), ("scrypt", Wanted::Scrypt)],
                Wanted::Argon2id,
            )?,
            model: model::read(&values)?,
            max_conversation_messages: u32::try_from(values.number("MAX_CONVERSATION_MESSAGES", 20, 1..=1000)?)
                .unwrap_or(20),
            metrics: metrics::read(&values)?,
            traces: traces::read(&values)?,
            slow_query: Duration::from_millis(values.number("SLOW_QUERY_MS", 1000, 0..=3_600_000)?),
            certificates: values.get("SSL_CERT_FILE")?.map(PathBuf::from),
            enabled_tools: tools::read(&values)?,
            mcp_servers: mcp_servers::read(&values)?,
            llm_daily_tokens: values.number("LLM_DAILY_TOKENS", 1_000_000, 0..=1_000_000_000_000)?,
            mcp_token: values.get("TODO_CHATBOT_TOKEN")?.map(Secret),
            shutdown_delay: Duration::from_secs(values.number("SHUTDOWN_DELAY", 0, 0..=600)?),
            log_level: values.get("LOG_LEVEL")?.unwrap_or_else(|| "info".into()).to_lowercase(),
            log_format: match log_format {
                None if terminal => LogFormat::Pretty,
                None => LogFormat::Json,
                Some(_) => values.word(
                    "LOG_FORMAT",
                    &[("json", LogFormat::Json), ("pretty", LogFormat::Pretty)],
                    LogFormat::Json,
                )?,
            },
        })
    }
}

impl Database {
    /// Reads an address; `name` is what the person gave it as.
    pub fn parse(name: &str, url: &str) -> Result<Self, BadSetting> {
        const ALLOWED: &str = "postgres://user@host/database or sqlite://path/to/file.db";
        match url.split_once(':') {
            Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => Ok(Self::Postgres(Secret::new(url))),
            Some(("sqlite", rest)) => {
                let path = rest.strip_prefix("//").unwrap_or(rest);
                let path = path.split('?').next().unwrap_or(path);
                if path.is_empty() || path == ":memory:" {
                    return Err(bad(name, url, ALLOWED));
                }
                Ok(Self::Sqlite(path.into()))
            }
            // The value may hold a password, so only its scheme is repeated.
            Some((scheme, _)) if scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+') => Err(BadSetting(
                format!("{name} has the scheme {scheme:?}, which is not supported: allowed is {ALLOWED}"),
            )),
            _ => Err(BadSetting(format!("{name} is not a database address: allowed is {ALLOWED}"))),
        }
    }
}

/// `scheme://host[:port]` of an http(s) address, in lower case and without the default port.
pub fn origin_of(url: &str) -> Option<String> {
    let uri: http::Uri = url.trim().parse().ok()?;
    let scheme = uri.scheme_str()?.to_ascii_lowercase();
    let default = match scheme.as_str() {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let authority = uri.authority()?;
    if authority.as_str().contains('@') {
        return None;
    }
    let host = authority.host().to_ascii_lowercase();
    match authority.port_u16() {
        Some(port) if port != default => Some(format!("{scheme}://{host}:{port}")),
        _ => Some(format!("{scheme}://{host}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, BadSetting> {
        Config::from_values(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(), false)
    }

    #[test]
    fn nothing_set_is_fine() {
        let config = read(&[]).expect("defaults");
        assert_eq!(config.listen.to_string(), "0.0.0.0:8080");
        assert_eq!(config.database, Database::Sqlite("./data/todo-chatbot.db".into()));
        assert_eq!(config.public_url, "http://localhost:8080");
        assert_eq!(config.model, None);
    }

    #[test]
    fn wrong_values_say_which_why_and_what_is_allowed() {
        for (pairs, part) in [
            (vec![("PORT", "eighty")], "PORT=\"eighty\" cannot be used: allowed is a whole number from 0 to 65535"),
            (vec![("HOST", "here")], "HOST="),
            (vec![("DATABASE_URL", "mysql://u:secret@h/d")], "scheme \"mysql\""),
            (vec![("SIGN_UP", "maybe")], "open or closed or first"),
            (vec![("PASSWORD_HASH", "md5")], "argon2id or scrypt"),
            (vec![("BETTER_AUTH_URL", "todo.local")], "BETTER_AUTH_URL"),
            (vec![("BETTER_AUTH_SECRET", "short")], "at least 16"),
            (vec![("LLM_PROVIDER", "openai")], "needs OPENAI_API_KEY"),
            (vec![("OPENAI_API_KEY_FILE", "/nonexistent/key")], "OPENAI_API_KEY_FILE"),
        ] {
            let error = read(&pairs).expect_err("refused").to_string();
            assert!(error.contains(part), "{error}");
            assert!(!error.contains("secret@"), "{error}");
        }
    }

    #[test]
    fn secrets_do_not_show() {
        let config = read(&[("BETTER_AUTH_SECRET", "0123456789abcdef0123"), ("DATABASE_URL", "postgres://u:pw@h/d")])
            .expect("fine");
        let shown = format!("{config:?}");
        assert!(!shown.contains("0123456789abcdef") && !shown.contains("pw@"), "{shown}");
    }

    #[test]
    fn origins_are_normalised() {
        assert_eq!(origin_of("HTTPS://Todo.Example.org:443/x").as_deref(), Some("https://todo.example.org"));
        assert_eq!(origin_of("http://localhost:8080").as_deref(), Some("http://localhost:8080"));
        assert_eq!(origin_of("ftp://x"), None);
        assert_eq!(origin_of("http://a@b/"), None);
    }
}
