//! The providers of language models that are known by a word: what each takes, by its own names and those of older apps.

use super::model::Vendor;

/// What a provider needs, by the names it may be given.
pub(super) struct Preset {
    /// `LLM_PROVIDER`’s word for it.
    pub(super) word: &'static str,
    /// Which kind it is.
    pub(super) vendor: Vendor,
    /// Where its key may be.
    pub(super) keys: &'static [&'static str],
    /// Where its address may be.
    pub(super) urls: &'static [&'static str],
    /// Where the model’s name may be.
    pub(super) models: &'static [&'static str],
    /// Its address when none is given; without one, one is needed.
    pub(super) base: Option<&'static str>,
    /// Asked when none is named. Names age: a provider that has forgotten it says so in its answer.
    pub(super) model: Option<&'static str>,
}

/// In the order in which they are looked for when none is named.
pub(super) const PRESETS: &[Preset] = &[
    Preset {
        word: "openai",
        vendor: Vendor::OpenAi,
        keys: &["OPENAI_API_KEY"],
        urls: &["OPENAI_BASE_URL"],
        models: &["AGENT_MODEL", "OPENAI_MODEL", "OPENAI_DEFAULT_MODEL"],
        base: Some("https://api.openai.com/v1"),
        model: Some("gpt-4.1-mini"),
    },
    Preset {
        word: "azure",
        vendor: Vendor::Azure,
        keys: &["AZURE_OPENAI_API_KEY", "AZURE_OPENAI_KEY"],
        urls: &["AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_BASE_URL"],
        models: &[
            "AZURE_OPENAI_DEPLOYMENT",
            "AZURE_OPENAI_DEPLOYMENT_NAME",
            "AZURE_OPENAI_CHAT_DEPLOYMENT_NAME",
            "AZURE_OPENAI_MODEL",
            "AGENT_MODEL",
        ],
        base: None,
        model: None,
    },
    Preset {
        word: "anthropic",
        vendor: Vendor::Anthropic,
        keys: &["ANTHROPIC_API_KEY"],
        urls: &["ANTHROPIC_BASE_URL"],
        models: &["ANTHROPIC_MODEL", "ANTHROPIC_DEFAULT_MODEL"],
        base: Some("https://api.anthropic.com/v1"),
        model: Some("claude-sonnet-4-5"),
    },
    Preset {
        word: "gemini",
        vendor: Vendor::Gemini,
        keys: &["GEMINI_API_KEY"],
        urls: &["GEMINI_BASE_URL"],
        models: &["GEMINI_MODEL", "GEMINI_DEFAULT_MODEL"],
        base: Some("https://generativelanguage.googleapis.com/v1beta/openai"),
        model: Some("gemini-flash-latest"),
    },
    Preset {
        word: "groq",
        vendor: Vendor::Local,
        keys: &["GROQ_API_KEY"],
        urls: &["GROQ_BASE_URL"],
        models: &["GROQ_MODEL", "GROQ_DEFAULT_MODEL", "AGENT_MODEL"],
        base: Some("https://api.groq.com/openai/v1"),
        model: None,
    },
    Preset {
        word: "openrouter",
        vendor: Vendor::Local,
        keys: &["OPENROUTER_API_KEY"],
        urls: &["OPENROUTER_BASE_URL"],
        models: &["OPENROUTER_MODEL", "OPENROUTER_DEFAULT_MODEL", "AGENT_MODEL"],
        base: Some("https://openrouter.ai/api/v1"),
        model: None,
    },
    Preset {
        word: "local",
        vendor: Vendor::Local,
        keys: &["LOCAL_LLM_API_KEY"],
        urls: &["LOCAL_LLM_URL"],
        models: &["LOCAL_LLM_MODEL", "AGENT_MODEL"],
        base: None,
        model: Some("default"),
    },
];
