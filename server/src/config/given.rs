//! What was given, and where: the environment, and beneath it a file of settings in TOML that `TODO_CHATBOT_CONFIG` names.
//!
//! The file's names are the variables' (in any case), its values texts, numbers, `true` and `false` (for `on` and `off`),
//! lists, and tables where a setting takes JSON. What the environment says goes before it.

use super::{BadSetting, table};
use std::collections::BTreeMap;
use toml::{Table, Value};

/// The variable that names the file.
const NAME: &str = "TODO_CHATBOT_CONFIG";

/// Every name that was given, with its value and where it stood.
#[derive(Debug)]
pub struct Given {
    environment: BTreeMap<String, String>,
    file: BTreeMap<String, String>,
    path: String,
}

impl Given {
    /// An environment, and the file it names.
    pub(super) fn read(environment: BTreeMap<String, String>) -> Result<Self, BadSetting> {
        let path = environment.get(NAME).map(|path| path.trim().to_owned()).unwrap_or_default();
        if path.is_empty() {
            return Ok(Self { environment, file: BTreeMap::new(), path });
        }
        let wrong = |why: &dyn std::fmt::Display| BadSetting(format!("{NAME}={path:?} cannot be used: {why}"));
        let text = std::fs::read_to_string(&path).map_err(|e| wrong(&e))?;
        let mut file = settings(&text).map_err(|why| wrong(&why))?;
        file.retain(|name, _| !is_set(&environment, name));
        Ok(Self { environment, file, path })
    }

    /// All of it, by name.
    pub fn values(&self) -> BTreeMap<String, String> {
        // What is empty counts as absent.
        let set = self.environment.iter().filter(|(_, value)| !value.trim().is_empty());
        self.file.iter().chain(set).map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// A setting as it was given, and by what: itself or the file that holds its value.
    pub fn of(&self, name: &str) -> Option<(String, String)> {
        let set = |name: &str| {
            let (values, place) = match self.environment.get(name).filter(|value| !value.trim().is_empty()) {
                Some(_) => (&self.environment, "environment"),
                None => (&self.file, self.path.as_str()),
            };
            values.get(name).map(|value| (value.trim().to_owned(), place.to_owned()))
        };
        let held = format!("{name}_FILE");
        set(name).or_else(|| {
            let (path, _) = set(&held)?;
            Some((std::fs::read_to_string(&path).unwrap_or_default().trim_end().to_owned(), format!("{held} {path}")))
        })
    }
}

/// Whether the environment says it, itself or by a file.
fn is_set(environment: &BTreeMap<String, String>, name: &str) -> bool {
    let itself = name.strip_suffix("_FILE").unwrap_or(name);
    let there = |name: &str| environment.get(name).is_some_and(|value| !value.trim().is_empty());
    there(name) || there(itself) || there(&format!("{itself}_FILE"))
}

/// The settings of a file; what is wrong with it continues a sentence, without a value: it may be a secret.
fn settings(text: &str) -> Result<BTreeMap<String, String>, String> {
    let table: Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| text.get(..span.start).unwrap_or(text).matches('\n').count() + 1);
        format!("line {line} is not TOML: {}", error.message())
    })?;
    let known = |name: &str| {
        let settings = || table::GROUPS.iter().flat_map(|group| group.settings);
        settings().any(|setting| setting.name == name || name.strip_suffix("_FILE") == Some(setting.name))
    };
    table
        .into_iter()
        .map(|(key, value)| {
            let name = key.to_uppercase();
            if !known(&name) || name == NAME {
                return Err(format!("there is no setting {key:?} for it to hold"));
            }
            let text = written(&value).ok_or_else(|| format!("the value of {key} is none a setting can have"))?;
            Ok((name, text))
        })
        .collect()
}

/// A value as a variable would have it.
fn written(value: &Value) -> Option<String> {
    Some(match value {
        Value::String(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(true) => "on".into(),
        Value::Boolean(false) => "off".into(),
        Value::Array(list) if list.iter().all(Value::is_str) => {
            list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")
        }
        Value::Array(_) | Value::Table(_) => serde_json::to_string(value).ok()?,
        Value::Datetime(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_what_variables_would() {
        let file = "
            port = 8081
            RATE_LIMIT = false
            cors_origins = ['https://a.example', 'https://b.example']
            openai_api_key_file = '/run/secrets/key'
            OTEL_TRACES_SAMPLER_ARG = 0.5
            [mcp_servers.weather]
            url = 'https://mcp.example.org/mcp'
            allow = ['get_*']
        ";
        let read = settings(file).expect("fine");
        let value = |name: &str| read.get(name).map(String::as_str);
        assert_eq!((value("PORT"), value("RATE_LIMIT")), (Some("8081"), Some("off")));
        assert_eq!(value("CORS_ORIGINS"), Some("https://a.example,https://b.example"));
        assert_eq!(
            (value("OPENAI_API_KEY_FILE"), value("OTEL_TRACES_SAMPLER_ARG")),
            (Some("/run/secrets/key"), Some("0.5"))
        );
        let servers: serde_json::Value = serde_json::from_str(value("MCP_SERVERS").expect("there")).expect("JSON");
        assert_eq!(servers["weather"]["allow"][0], "get_*");
    }

    #[test]
    fn what_is_wrong_is_named_and_no_secret_with_it() {
        for (file, part) in [
            ("PORT = 1\nsecret = = 2", "line 2 is not TOML"),
            ("prot = 'hunter2'", "no setting \"prot\""),
            ("TODO_CHATBOT_CONFIG = 'hunter2'", "no setting"),
            ("[server]\nport = 1", "no setting \"server\""),
            ("PORT = 2026-11-21", "the value of PORT"),
            ("BETTER_AUTH_SECRET = 'hunter2", "line 1"),
        ] {
            let why = settings(file).expect_err(file);
            assert!(why.contains(part) && !why.contains("hunter2") && !why.contains('\n'), "{why}");
        }
    }

    #[test]
    fn the_environment_goes_first_in_either_form() {
        let set = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        assert!(
            is_set(&set(&[("SMTP_URL_FILE", "/x")]), "SMTP_URL") && is_set(&set(&[("SMTP_URL", "x")]), "SMTP_URL_FILE")
        );
        assert!(!is_set(&set(&[("SMTP_URL", " ")]), "SMTP_URL"));
        let given = Given {
            environment: set(&[("PORT", "1"), ("HOST", "")]),
            file: set(&[("HOST", "::1")]),
            path: "/etc/todo.toml".into(),
        };
        assert_eq!(given.of("PORT"), Some(("1".into(), "environment".into())));
        assert_eq!(given.of("HOST"), Some(("::1".into(), "/etc/todo.toml".into())));
        assert_eq!(given.of("DATA_DIR"), None);
        assert_eq!(given.values(), set(&[("PORT", "1"), ("HOST", "::1")]));
    }
}
