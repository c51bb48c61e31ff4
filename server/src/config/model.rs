//! `LLM_*`, and the names older apps gave the same things: which language model answers, and within which limits.
//!
//! Without any of them there is no model. `LLM_PROVIDER` picks one when several have keys; otherwise the first in the
//! order of `presets.rs` that has what it needs. `LLM_BASE_URL`, `LLM_API_KEY` and `LLM_MODEL` go before a provider's own
//! names. Absent here: prices, and settings a person could change in the page.

use super::{
    BadSetting, Secret, Values, bad, origin_of,
    presets::{PRESETS, Preset},
};
use serde_json::{Map, Value};
use std::time::Duration;

/// Who serves the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vendor {
    /// OpenAI itself, or something that stands in for it.
    OpenAi,
    /// Azure, with the address that needs no version.
    Azure,
    /// Azure, with the deployment in the path and a version behind the question mark.
    AzureDeployment,
    /// Anthropic.
    Anthropic,
    /// Gemini's OpenAI-compatible layer.
    Gemini,
    /// Ollama, llama.cpp and whatever else speaks Chat Completions.
    Local,
}

impl Vendor {
    /// What it is called where operators look.
    pub fn word(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Azure | Self::AzureDeployment => "azure",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Local => "local",
        }
    }
}

/// Which protocol is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    /// Whatever suits the provider, and another one when it says that this is not it.
    Auto,
    /// OpenAI's Chat Completions.
    Chat,
    /// OpenAI's Responses, without state at the provider.
    Responses,
    /// Anthropic's Messages.
    Messages,
}

/// A language model: where it is and how it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// `LLM_PROVIDER`: `openai`, `azure`, `anthropic`, `gemini`, `local` or `none`.
    pub vendor: Vendor,
    /// `LLM_BASE_URL`, without a trailing slash.
    pub base_url: String,
    /// `AZURE_OPENAI_API_VERSION`, for the older address.
    pub api_version: Option<String>,
    /// `LLM_API_KEY`.
    pub key: Option<Secret>,
    /// `LLM_MODEL`: its name at the provider; for Azure the deployment's.
    pub name: String,
    /// `LLM_API`: `auto`, `chat`, `responses` or `messages`.
    pub api: Api,
    /// `LLM_REASONING_EFFORT`: `none`, `minimal`, `low`, `medium`, `high` or `xhigh`; absent leaves it to the provider.
    pub effort: Option<String>,
    /// `LLM_MAX_OUTPUT_TOKENS` of one answer, reasoning included; absent leaves it to the provider where it can be.
    pub max_output: Option<u32>,
    /// `LLM_EXTRA_HEADERS`: a JSON object of texts, or `Name: value` on each line.
    pub extra_headers: Vec<(String, Secret)>,
    /// `LLM_EXTRA_BODY`: a JSON object laid over each request's body; null takes a field out.
    pub extra_body: Map<String, Value>,
    /// `LLM_TIMEOUT_FIRST` in seconds until the first word, default 90: a local model may have to be loaded.
    pub first: Duration,
    /// `LLM_TIMEOUT_IDLE` in seconds between two words, default 60.
    pub idle: Duration,
    /// `LLM_CONTEXT_TOKENS` of a conversation's earlier messages, default 16000.
    pub context: u64,
}

/// The model the settings describe, if any.
pub(super) fn read(values: &Values) -> Result<Option<Model>, BadSetting> {
    let word = values.get("LLM_PROVIDER")?.map(|word| word.to_lowercase());
    let preset = match word.as_deref() {
        Some("none" | "built-in" | "builtin") => return Ok(None),
        Some(word) => Some(PRESETS.iter().find(|preset| preset.word == word).ok_or_else(|| {
            bad("LLM_PROVIDER", word, "openai, azure, anthropic, gemini, local, openrouter, groq or none")
        })?),
        None => guessed(values)?,
    };
    preset.map(|preset| model(values, preset, word.is_some())).transpose()
}

/// Whom the keys and addresses that are set belong to.
fn guessed(values: &Values) -> Result<Option<&'static Preset>, BadSetting> {
    for preset in PRESETS {
        let decisive = if preset.base.is_some() { preset.keys } else { preset.urls };
        if first(values, decisive)?.is_some() {
            return Ok(Some(preset));
        }
    }
    let word = match (values.get("LLM_BASE_URL")?, values.get("LLM_API_KEY")?) {
        (Some(_), _) => "local",
        (None, Some(_)) => "openai",
        (None, None) => return Ok(None),
    };
    Ok(PRESETS.iter().find(|preset| preset.word == word))
}

fn model(values: &Values, preset: &Preset, chosen: bool) -> Result<Model, BadSetting> {
    let said = if chosen {
        format!("LLM_PROVIDER={}", preset.word)
    } else {
        format!("the model’s provider ({})", preset.word)
    };
    let needs = |what: &[&str], general: &str| {
        BadSetting(format!("{said} needs {} (or {general})", what.first().unwrap_or(&general)))
    };

    let mut vendor = preset.vendor;
    let token = if vendor == Vendor::Azure { values.get("AZURE_OPENAI_AD_TOKEN")? } else { None };
    let key = match (first(values, &["LLM_API_KEY"])?, first(values, preset.keys)?, token) {
        (Some(named), ..) | (None, Some(named), _) => Some(key(named)?),
        (None, None, Some(token)) => Some(key(("AZURE_OPENAI_AD_TOKEN", token))?),
        (None, None, None) if vendor == Vendor::Local && preset.base.is_none() => None,
        (None, None, None) => return Err(needs(preset.keys, "LLM_API_KEY")),
    };
    let base_url = match first(values, &["LLM_BASE_URL"])?.or(first(values, preset.urls)?) {
        Some((name, text)) => address(name, &text)?,
        None => preset.base.map(str::to_owned).ok_or_else(|| needs(preset.urls, "LLM_BASE_URL"))?,
    };
    let name = match first(values, &["LLM_MODEL"])?.or(first(values, preset.models)?) {
        Some((_, name)) => name,
        None => preset.model.map(str::to_owned).ok_or_else(|| needs(preset.models, "LLM_MODEL"))?,
    };
    let mut api_version = None;
    let base_url = match vendor {
        Vendor::Azure => {
            api_version =
                values.get("AZURE_OPENAI_API_VERSION")?.filter(|v| !matches!(v.as_str(), "v1" | "preview" | "latest"));
            if api_version.is_some() && !base_url.ends_with("/openai/v1") {
                vendor = Vendor::AzureDeployment;
            } else {
                api_version = None;
            }
            azure(&base_url, vendor, &name)
        }
        // The vendor's own programs leave the version out of this setting.
        Vendor::Anthropic if !base_url.ends_with("/v1") => format!("{base_url}/v1"),
        _ => base_url,
    };
    let api = values.word(
        "LLM_API",
        &[("auto", Api::Auto), ("chat", Api::Chat), ("responses", Api::Responses), ("messages", Api::Messages)],
        Api::Auto,
    )?;
    if vendor == Vendor::AzureDeployment && !matches!(api, Api::Auto | Api::Chat) {
        return Err(BadSetting("LLM_API must be auto or chat with AZURE_OPENAI_API_VERSION: leave the version out to use Azure’s newer address".into()));
    }
    let seconds = |name, default| values.number(name, default, 1..=3600).map(Duration::from_secs);
    Ok(Model {
        vendor,
        base_url,
        api_version,
        key,
        name: one_line("LLM_MODEL", name)?,
        api,
        effort: effort(values)?,
        max_output: match values.number("LLM_MAX_OUTPUT_TOKENS", 0, 0..=1_000_000)? {
            0 => None,
            most => u32::try_from(most).ok(),
        },
        extra_headers: headers(values)?,
        extra_body: body(values)?,
        first: seconds("LLM_TIMEOUT_FIRST", 90)?,
        idle: seconds("LLM_TIMEOUT_IDLE", 60)?,
        context: values.number("LLM_CONTEXT_TOKENS", 16_000, 500..=10_000_000)?,
    })
}

/// The first of the names that is set, with its value.
fn first(values: &Values, names: &[&'static str]) -> Result<Option<(&'static str, String)>, BadSetting> {
    for name in names {
        if let Some(value) = values.get(name)? {
            return Ok(Some((name, value)));
        }
    }
    Ok(None)
}

/// A key as it can stand in a header. It is never repeated.
fn key((name, value): (&str, String)) -> Result<Secret, BadSetting> {
    if value.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(Secret(value));
    }
    Err(BadSetting(format!("{name} holds blanks or characters that cannot stand in a header")))
}

fn address(name: &str, text: &str) -> Result<String, BadSetting> {
    let clean = text.trim_end_matches('/');
    if origin_of(clean).is_none() || clean.contains(['?', '#']) {
        // It may hold a password.
        let text = if text.contains('@') { "…" } else { text };
        return Err(bad(name, text, "an address such as http://localhost:11434/v1"));
    }
    Ok(clean.to_owned())
}

/// Where Azure serves a deployment, from the resource's address as the portal shows it.
fn azure(endpoint: &str, vendor: Vendor, deployment: &str) -> String {
    let root = endpoint.strip_suffix("/openai/v1").or_else(|| endpoint.strip_suffix("/openai")).unwrap_or(endpoint);
    match vendor {
        Vendor::AzureDeployment if root.contains("/deployments/") => root.to_owned(),
        Vendor::AzureDeployment => {
            let name =
                percent_encoding::utf8_percent_encode(deployment, percent_encoding::NON_ALPHANUMERIC).to_string();
            format!("{root}/openai/deployments/{}", name.replace("%2D", "-").replace("%2E", ".").replace("%5F", "_"))
        }
        _ => format!("{root}/openai/v1"),
    }
}

fn one_line(name: &str, value: String) -> Result<String, BadSetting> {
    if value.chars().any(char::is_control) || value.len() > 200 {
        return Err(bad(name, &value, "one line of at most 200 bytes"));
    }
    Ok(value)
}

fn effort(values: &Values) -> Result<Option<String>, BadSetting> {
    let Some(word) = values.get("LLM_REASONING_EFFORT")? else { return Ok(None) };
    let low = word.to_lowercase();
    if ["none", "minimal", "low", "medium", "high", "xhigh", "max"].contains(&low.as_str()) {
        return Ok(Some(low));
    }
    Err(bad("LLM_REASONING_EFFORT", &word, "none, minimal, low, medium, high, xhigh or max"))
}

fn headers(values: &Values) -> Result<Vec<(String, Secret)>, BadSetting> {
    // They may hold keys, so they are never repeated.
    let wrong = || {
        BadSetting(
            "LLM_EXTRA_HEADERS cannot be used: allowed is a JSON object of texts, or one “Name: value” on each line"
                .into(),
        )
    };
    let Some(text) = values.get("LLM_EXTRA_HEADERS")? else { return Ok(vec![]) };
    let pairs: Vec<(String, String)> = if text.starts_with('{') {
        let map: Map<String, Value> = serde_json::from_str(&text).map_err(|_| wrong())?;
        let pair = |(name, value): (String, Value)| value.as_str().map(|value| (name, value.to_owned()));
        map.into_iter().map(|entry| pair(entry).ok_or_else(wrong)).collect::<Result<_, _>>()?
    } else {
        let pair =
            |line: &str| line.split_once(':').map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()));
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        lines.map(|line| pair(line).ok_or_else(wrong)).collect::<Result<_, _>>()?
    };
    pairs
        .into_iter()
        .map(|(name, value)| {
            let fits = http::HeaderName::try_from(name.as_str()).is_ok()
                && http::HeaderValue::try_from(value.as_str()).is_ok();
            if fits { Ok((name, Secret(value))) } else { Err(wrong()) }
        })
        .collect()
}

fn body(values: &Values) -> Result<Map<String, Value>, BadSetting> {
    let Some(text) = values.get("LLM_EXTRA_BODY")? else { return Ok(Map::new()) };
    serde_json::from_str(&text).map_err(|_| {
        BadSetting("LLM_EXTRA_BODY cannot be used: allowed is a JSON object such as {\"temperature\": 0.2}".into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Result<Option<Model>, BadSetting> {
        read(&Values(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()))
    }

    fn one(pairs: &[(&str, &str)]) -> Model {
        of(pairs).expect("can be used").expect("a model")
    }

    #[test]
    fn nothing_set_is_no_model_and_none_wins_over_keys() {
        assert_eq!(of(&[]), Ok(None));
        assert_eq!(of(&[("LLM_PROVIDER", "none"), ("OPENAI_API_KEY", "k")]), Ok(None));
        assert_eq!(of(&[("LLM_MODEL", "some")]), Ok(None));
    }

    #[test]
    fn the_names_of_older_apps_are_understood() {
        let openai =
            one(&[("OPENAI_API_KEY", " k "), ("OPENAI_BASE_URL", "http://127.0.0.1:1/v1/"), ("AGENT_MODEL", "m")]);
        assert_eq!(
            (openai.vendor, openai.base_url.as_str(), openai.name.as_str()),
            (Vendor::OpenAi, "http://127.0.0.1:1/v1", "m")
        );
        assert_eq!(openai.key, Some(Secret::new("k")));
        let anthropic =
            one(&[("ANTHROPIC_API_KEY", "k"), ("ANTHROPIC_MODEL", "m"), ("ANTHROPIC_BASE_URL", "http://a.b")]);
        assert_eq!((anthropic.vendor, anthropic.base_url.as_str()), (Vendor::Anthropic, "http://a.b/v1"));
        let gemini = one(&[("GEMINI_API_KEY", "k")]);
        assert_eq!(gemini.base_url, "https://generativelanguage.googleapis.com/v1beta/openai");
        let local = one(&[("LOCAL_LLM_URL", "http://localhost:11434/v1"), ("LOCAL_LLM_MODEL", "m")]);
        assert_eq!((local.vendor, local.key, local.name.as_str()), (Vendor::Local, None, "m"));
        let groq = one(&[("LLM_PROVIDER", "groq"), ("GROQ_API_KEY", "k"), ("LLM_MODEL", "m")]);
        assert_eq!((groq.vendor, groq.base_url.as_str()), (Vendor::Local, "https://api.groq.com/openai/v1"));
    }

    #[test]
    fn azure_has_two_addresses() {
        let settings = [
            ("AZURE_OPENAI_API_KEY", "k"),
            ("AZURE_OPENAI_ENDPOINT", "https://res.openai.azure.com/"),
            ("AZURE_OPENAI_DEPLOYMENT", "my-gpt.4"),
        ];
        let new = one(&settings);
        assert_eq!((new.vendor, new.base_url.as_str()), (Vendor::Azure, "https://res.openai.azure.com/openai/v1"));
        let old = one(&[&settings[..], &[("AZURE_OPENAI_API_VERSION", "2024-10-21")]].concat());
        assert_eq!(old.base_url, "https://res.openai.azure.com/openai/deployments/my-gpt.4");
        assert_eq!((old.vendor, old.api_version.as_deref()), (Vendor::AzureDeployment, Some("2024-10-21")));
    }

    #[test]
    fn the_general_names_go_first() {
        let model = one(&[
            ("LLM_PROVIDER", "Anthropic"),
            ("LLM_API_KEY", "general"),
            ("ANTHROPIC_API_KEY", "special"),
            ("LLM_BASE_URL", "http://127.0.0.1:9/v1"),
            ("LLM_MODEL", "m"),
            ("LLM_API", "chat"),
            ("LLM_EXTRA_HEADERS", "{\"x-team\": \"todo\"}"),
            ("LLM_EXTRA_BODY", "{\"temperature\": 0}"),
            ("LLM_TIMEOUT_IDLE", "5"),
            ("LLM_REASONING_EFFORT", "Low"),
        ]);
        assert_eq!(
            (model.key, model.api, model.idle),
            (Some(Secret::new("general")), Api::Chat, Duration::from_secs(5))
        );
        assert_eq!((model.effort.as_deref(), model.extra_headers.len(), model.extra_body.len()), (Some("low"), 1, 1));
        assert_eq!(one(&[("LLM_BASE_URL", "http://127.0.0.1:9/v1")]).vendor, Vendor::Local);
        assert_eq!(one(&[("LLM_API_KEY", "k")]).vendor, Vendor::OpenAi);
    }

    #[test]
    fn what_is_wrong_is_said_in_one_line_without_secrets() {
        let key = ("OPENAI_API_KEY", "sk-secret");
        for (pairs, part) in [
            (vec![("LLM_PROVIDER", "openai")], "LLM_PROVIDER=openai needs OPENAI_API_KEY (or LLM_API_KEY)"),
            (vec![("LLM_PROVIDER", "local")], "needs LOCAL_LLM_URL (or LLM_BASE_URL)"),
            (vec![("LLM_PROVIDER", "cohere")], "allowed is openai, azure"),
            (vec![("LLM_PROVIDER", "azure"), ("AZURE_OPENAI_API_KEY", "k")], "needs AZURE_OPENAI_ENDPOINT"),
            (vec![("OPENAI_API_KEY", "sk-secret\nX: y")], "OPENAI_API_KEY holds blanks"),
            (vec![key, ("OPENAI_BASE_URL", "localhost")], "OPENAI_BASE_URL="),
            (vec![key, ("LLM_API", "grpc")], "auto or chat or responses or messages"),
            (vec![key, ("LLM_REASONING_EFFORT", "hard")], "LLM_REASONING_EFFORT="),
            (vec![key, ("LLM_EXTRA_HEADERS", "sk-secret")], "LLM_EXTRA_HEADERS"),
            (vec![key, ("LLM_EXTRA_BODY", "[1]")], "LLM_EXTRA_BODY"),
            (vec![key, ("LLM_TIMEOUT_FIRST", "0")], "LLM_TIMEOUT_FIRST="),
            (vec![key, ("LLM_CONTEXT_TOKENS", "10")], "LLM_CONTEXT_TOKENS="),
        ] {
            let error = of(&pairs).expect_err("refused").to_string();
            assert!(error.contains(part) && !error.contains("sk-secret") && !error.contains('\n'), "{error}");
        }
    }
}
