//! `MCP_SERVERS` and `MCP_SERVER_URL`: servers of the Model Context Protocol whose tools a language model may use here.
//!
//! Only the operator names them, never a person. The JSON is read by hand, so that a wrong part is named without its
//! value: values are keys and tokens.

use super::{BadSetting, Secret, Values};
use crate::external::address;
use http::{HeaderName, HeaderValue};
use serde_json::{Map, Value};
use std::time::Duration;

/// Most servers.
const SERVERS_MAX: usize = 16;
/// Longest name: the tools' names begin with it.
const NAME_MAX: usize = 24;
/// What `MCP_SERVER_URL` is called.
const ONLY: &str = "mcp";
/// Seconds a call may take when nothing is said.
const TIMEOUT: u64 = 30;
const FIELDS: &[&str] =
    &["type", "url", "headers", "private", "command", "args", "env", "allow", "deny", "confirm", "timeout"];

/// A server of tools.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct McpServer {
    /// What its tools' names begin with: small letters, digits and `-`.
    pub name: String,
    /// How it is reached.
    pub way: Way,
    /// Names of its tools that are used, with `*` for any text; everything when empty.
    pub allow: Vec<String>,
    /// Names of its tools that are not used, after that.
    pub deny: Vec<String>,
    /// Which calls the person is asked about.
    pub confirm: Confirm,
    /// How long a call may take, 1 to 300 seconds, default 30.
    pub timeout: Duration,
}

/// How a server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Streamable HTTP.
    Http {
        /// Checked by [`address::check`]; it may hold a key.
        url: Secret,
        /// Sent with every request.
        headers: Vec<(String, Secret)>,
        /// Whether its name may lead into our own network.
        private: bool,
    },
    /// A program that is started here and spoken to over its standard input and output.
    Stdio {
        /// The program.
        command: String,
        /// Its arguments, which may hold keys.
        args: Vec<Secret>,
        /// All of its environment.
        env: Vec<(String, Secret)>,
    },
}

/// Which calls a person is asked about first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirm {
    /// Every call.
    Always,
    /// Every call of a tool that is not marked as one that only reads.
    Destructive,
    /// None: the operator answers for the server.
    Never,
}

/// The servers in the order of their names.
pub(super) fn read(values: &Values) -> Result<Vec<McpServer>, BadSetting> {
    let mut servers = Vec::new();
    if let Some(text) = values.get("MCP_SERVERS")? {
        let wrong = |why: &str| BadSetting(format!("MCP_SERVERS cannot be used: {why}"));
        let value: Value = serde_json::from_str(&text)
            .map_err(|e| wrong(&format!("it is not JSON (line {}, column {})", e.line(), e.column())))?;
        // As the files of other programs have it.
        let inner = value.get("mcpServers").unwrap_or(&value);
        let all = inner.as_object().ok_or_else(|| wrong("it must be an object of names and servers"))?;
        for (name, value) in all {
            servers.push(server(name, value, values).map_err(|why| wrong(&why))?);
        }
        if servers.len() > SERVERS_MAX {
            return Err(wrong(&format!("it names {} servers, and {SERVERS_MAX} are allowed", servers.len())));
        }
    }
    if let Some(url) = values.get("MCP_SERVER_URL")? {
        let wrong = |why: &str| BadSetting(format!("MCP_SERVER_URL cannot be used: {why}"));
        if servers.iter().any(|server| server.name == ONLY) {
            return Err(wrong(&format!("MCP_SERVERS has a server {ONLY:?} too: keep one of them")));
        }
        let url = address::check(&url, false).map_err(|why| wrong(&format!("it {why}")))?;
        let way = Way::Http { url: Secret::new(url), headers: vec![], private: false };
        let (confirm, timeout) = (Confirm::Destructive, Duration::from_secs(TIMEOUT));
        servers.push(McpServer { name: ONLY.to_owned(), way, allow: vec![], deny: vec![], confirm, timeout });
    }
    servers.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(servers)
}

fn server(name: &str, value: &Value, values: &Values) -> Result<McpServer, String> {
    let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if name.len() > NAME_MAX || !name.bytes().all(letters) || !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        let name: String = name.chars().take(40).collect();
        return Err(format!(
            "the name {name:?} must be 1 to {NAME_MAX} small letters, digits and \"-\", beginning with a letter"
        ));
    }
    let fields = value.as_object().ok_or_else(|| format!("{name} must be an object with a url or a command"))?;
    if let Some(other) = fields.keys().find(|key| !FIELDS.contains(&key.as_str())) {
        let other: String = other.chars().take(40).collect();
        return Err(format!("{name}.{other} is not known: allowed are {}", FIELDS.join(", ")));
    }
    let one = Fields { name, fields };
    let (url, command) = (one.text("url")?, one.text("command")?);
    let kind = one.text("type")?;
    let fits = match kind.as_deref() {
        None => true,
        Some("http" | "streamable-http") => url.is_some(),
        Some("stdio") => command.is_some(),
        Some(_) => return Err(format!("{name}.type must be \"http\" (Streamable HTTP) or \"stdio\"")),
    };
    if !fits {
        return Err(format!("{name}.type does not fit: \"http\" needs a url, \"stdio\" a command"));
    }
    let way = match (url, command) {
        (Some(url), None) => {
            one.without(&["args", "env"], "url")?;
            let private = one.flag("private")?;
            let url = address::check(&url, private).map_err(|why| format!("{name}.url {why}"))?;
            Way::Http { url: Secret::new(url), headers: one.headers()?, private }
        }
        (None, Some(command)) => {
            one.without(&["headers", "private"], "command")?;
            let args = one.list("args")?.into_iter().map(Secret::new).collect();
            let mut env = one.pairs("env")?;
            // Programs find others by it; everything else is the operator's to give.
            if let (Some(path), false) = (values.0.get("PATH"), env.iter().any(|(name, _)| name == "PATH")) {
                env.push(("PATH".to_owned(), Secret::new(path)));
            }
            Way::Stdio { command, args, env }
        }
        _ => return Err(format!("{name} must have either a url or a command")),
    };
    let confirm = match one.text("confirm")?.as_deref() {
        None | Some("destructive") => Confirm::Destructive,
        Some("always") => Confirm::Always,
        Some("never") => Confirm::Never,
        Some(_) => return Err(format!("{name}.confirm must be \"always\", \"destructive\" or \"never\"")),
    };
    let timeout = match fields.get("timeout") {
        None => TIMEOUT,
        Some(value) => value
            .as_u64()
            .filter(|seconds| (1..=300).contains(seconds))
            .ok_or_else(|| format!("{name}.timeout must be a whole number of seconds from 1 to 300"))?,
    };
    Ok(McpServer {
        name: name.to_owned(),
        way,
        allow: one.list("allow")?,
        deny: one.list("deny")?,
        confirm,
        timeout: Duration::from_secs(timeout),
    })
}

/// The fields of one server; what is wrong is said with its place and without its value.
struct Fields<'a> {
    name: &'a str,
    fields: &'a Map<String, Value>,
}

impl Fields<'_> {
    fn text(&self, key: &str) -> Result<Option<String>, String> {
        match self.fields.get(key) {
            None => Ok(None),
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text.trim().to_owned())),
            Some(_) => Err(format!("{}.{key} must be a text", self.name)),
        }
    }

    fn flag(&self, key: &str) -> Result<bool, String> {
        let value = self.fields.get(key).map_or(Some(false), Value::as_bool);
        value.ok_or_else(|| format!("{}.{key} must be true or false", self.name))
    }

    fn list(&self, key: &str) -> Result<Vec<String>, String> {
        let Some(value) = self.fields.get(key) else { return Ok(vec![]) };
        let texts = value.as_array().and_then(|list| list.iter().map(|one| one.as_str().map(str::to_owned)).collect());
        texts.ok_or_else(|| format!("{}.{key} must be a list of texts", self.name))
    }

    fn pairs(&self, key: &str) -> Result<Vec<(String, Secret)>, String> {
        let Some(value) = self.fields.get(key) else { return Ok(vec![]) };
        let pair = |(name, value): (&String, &Value)| Some((name.clone(), Secret::new(value.as_str()?)));
        let pairs = value.as_object().and_then(|map| map.iter().map(pair).collect::<Option<Vec<_>>>());
        let usable = |(name, value): &(String, Secret)| {
            !name.is_empty() && !name.contains(['=', '\0']) && !value.expose().contains('\0')
        };
        pairs
            .filter(|pairs| pairs.iter().all(usable))
            .ok_or_else(|| format!("{}.{key} must be an object of names and texts", self.name))
    }

    fn headers(&self) -> Result<Vec<(String, Secret)>, String> {
        let headers = self.pairs("headers")?;
        for (name, value) in &headers {
            let place = || format!("{}.headers.{}", self.name, name.chars().take(40).collect::<String>());
            let header = HeaderName::try_from(name.as_str()).map_err(|_| format!("{} is no header’s name", place()))?;
            if address::is_reserved(&header) {
                return Err(format!("{} is set by the protocol and cannot be given", place()));
            }
            HeaderValue::try_from(value.expose()).map_err(|_| format!("{} has a value no header can have", place()))?;
        }
        Ok(headers)
    }

    fn without(&self, keys: &[&str], way: &str) -> Result<(), String> {
        match keys.iter().find(|key| self.fields.contains_key(**key)) {
            None => Ok(()),
            Some(key) => Err(format!("{}.{key} means nothing beside a {way}", self.name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Result<Vec<McpServer>, BadSetting> {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        read(&Values(pairs.chain([("PATH".to_owned(), "/bin".to_owned())]).collect()))
    }

    #[test]
    fn one_address_or_a_list_of_servers() {
        assert_eq!(of(&[]).expect("none"), []);
        let one = of(&[("MCP_SERVER_URL", "http://localhost:8001/mcp")]).expect("one");
        assert_eq!((one[0].name.as_str(), one[0].confirm, one[0].timeout.as_secs()), ("mcp", Confirm::Destructive, 30));
        let list = r#"{"mcpServers": {
            "weather": {"url": "https://mcp.example.org/mcp", "headers": {"Authorization": "Bearer k"}, "allow": ["get_*"], "confirm": "never"},
            "files": {"type": "stdio", "command": "npx", "args": ["-y", "server"], "env": {"ROOT": "/tmp"}, "timeout": 5}}}"#;
        let servers = of(&[("MCP_SERVERS", list), ("MCP_SERVER_URL", "http://10.0.0.7/mcp")]).expect("three");
        let names: Vec<&str> = servers.iter().map(|server| server.name.as_str()).collect();
        assert_eq!(names, ["files", "mcp", "weather"]);
        let Way::Stdio { env, .. } = &servers[0].way else { panic!("a program") };
        let env: Vec<(&str, &str)> = env.iter().map(|(name, value)| (name.as_str(), value.expose())).collect();
        assert_eq!(env, [("ROOT", "/tmp"), ("PATH", "/bin")]);
        assert!(!format!("{servers:?}").contains("Bearer"));
    }

    #[test]
    fn what_is_wrong_is_named_without_its_value() {
        for (servers, part) in [
            ("[]", "object of names"),
            ("{\"a\": {\"url\": \"sk-hidden", "not JSON (line 1"),
            (r#"{"A": {}}"#, "the name \"A\" must be"),
            (r#"{"a_b": {}}"#, "small letters"),
            (r#"{"a": {}}"#, "a must have either"),
            (r#"{"a": {"url": "http://localhost/", "command": "x"}}"#, "a must have either"),
            (r#"{"a": {"uri": "sk-hidden"}}"#, "a.uri is not known: allowed are type, url"),
            (r#"{"a": {"type": "sse", "url": "http://localhost/"}}"#, "a.type must be"),
            (r#"{"a": {"type": "stdio", "url": "http://localhost/"}}"#, "a.type does not fit"),
            (r#"{"a": {"url": "http://mcp.example.org/sk-hidden"}}"#, "a.url must begin with https://"),
            (r#"{"a": {"url": "http://localhost/", "env": {}}}"#, "a.env means nothing beside a url"),
            (r#"{"a": {"url": "http://localhost/", "headers": {"X": 7}}}"#, "a.headers must be an object"),
            (
                r#"{"a": {"url": "http://localhost/", "headers": {"Mcp-Session-Id": "sk-hidden"}}}"#,
                "set by the protocol",
            ),
            (r#"{"a": {"url": "http://localhost/", "headers": {"X": "sk-hidden\n"}}}"#, "no header can have"),
            (r#"{"a": {"url": "http://localhost/", "timeout": 0}}"#, "a.timeout must be"),
            (r#"{"a": {"url": "http://localhost/", "confirm": "sk-hidden"}}"#, "a.confirm must be"),
            (r#"{"a": {"url": "http://localhost/", "allow": "x"}}"#, "a.allow must be a list"),
            (r#"{"a": {"command": "x", "headers": {}}}"#, "a.headers means nothing"),
        ] {
            let said = of(&[("MCP_SERVERS", servers)]).expect_err(servers).to_string();
            assert!(said.starts_with("MCP_SERVERS cannot be used: ") && said.contains(part), "{servers}: {said}");
            assert!(!said.contains("sk-hidden") && !said.contains('\n'), "{said}");
        }
        let said = of(&[("MCP_SERVER_URL", "http://169.254.169.254/")]).expect_err("metadata").to_string();
        assert!(said.starts_with("MCP_SERVER_URL cannot be used: it leads to"), "{said}");
    }
}
