//! Every setting there is, as a table: what `config show` lists and `docs/configure.md` is made of. A test holds it to the
//! names that are read.

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The variable.
    pub name: &'static str,
    /// What counts when it is absent, in words.
    pub default: &'static str,
    /// What it is, with its unit and what is allowed.
    pub about: &'static str,
    /// Whether its value must not be shown.
    pub secret: bool,
}

/// Settings that belong together.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// What they are about.
    pub title: &'static str,
    /// The settings.
    pub settings: &'static [Setting],
}

const fn open(name: &'static str, default: &'static str, about: &'static str) -> Setting {
    Setting { name, default, about, secret: false }
}

const fn secret(name: &'static str, default: &'static str, about: &'static str) -> Setting {
    Setting { name, default, about, secret: true }
}

/// All of them.
pub const GROUPS: &[Group] = &[
    Group {
        title: "Where it listens and where the data is",
        settings: &[
            open("PORT", "`8080`", "0 to 65535; 0 takes a free one and says which"),
            open("HOST", "`0.0.0.0`", "an IP address"),
            open(
                "TODO_CHATBOT_CONFIG",
                "none",
                "a file with any of these settings, in TOML; the environment goes before it",
            ),
            open("DATA_DIR", "`./data`", "the folder of the SQLite file and of backups"),
            secret(
                "DATABASE_URL",
                "SQLite in `DATA_DIR`",
                "`postgres://user@host/database` or `sqlite://path/to/file.db`",
            ),
            open("DATABASE_POOL", "`10`", "connections to keep at most, 1 to 200"),
            open("SHUTDOWN_DELAY", "`0`", "seconds between failing `/ready` and closing the listener, 0 to 600"),
        ],
    },
    Group {
        title: "Addresses",
        settings: &[
            open("BETTER_AUTH_URL", "each request’s own", "the address people type; https makes cookies `Secure`"),
            open(
                "BETTER_AUTH_TRUSTED_ORIGINS",
                "none",
                "further origins that may send people and requests, separated by commas",
            ),
            open("CORS_ORIGINS", "none", "the same, by its older name"),
            open("SSL_CERT_FILE", "none", "certificates (PEM) to trust besides Mozilla’s when others are called"),
            open(
                "TRUSTED_PROXIES",
                "the private networks",
                "networks whose `X-Forwarded-For` is believed, such as `10.0.0.0/8`, or `none`",
            ),
        ],
    },
    Group {
        title: "Accounts",
        settings: &[
            open("SIGN_UP", "`open`", "`open`, `closed`, or `first`: only the first person, who becomes the admin"),
            secret("BETTER_AUTH_SECRET", "made once, kept in the database", "signs cookies; at least 16 characters"),
            secret("BETTER_AUTH_SECRETS", "none", "`2:new,1:old`: secrets with versions, the first one in use"),
            open("COOKIE_PREFIX", "`better-auth`", "the first part of cookies’ names"),
            open("PASSWORD_HASH", "`argon2id`", "`argon2id`, or `scrypt` as Better Auth has it"),
            open("REQUIRE_EMAIL_VERIFICATION", "`off`", "`on`: signing in needs a proven address; needs `SMTP_URL`"),
            open("RATE_LIMIT", "`on`", "`off` turns limits of sign-in and the like off"),
            secret("SMTP_URL", "none", "who carries letters: `smtp://` or `smtps://user:password@host:port`"),
            open("SMTP_FROM", "none", "whose letters they are: `Todo <todo@example.org>`; needed with `SMTP_URL`"),
        ],
    },
    Group {
        title: "Signing in elsewhere",
        settings: &[
            open("GOOGLE_CLIENT_ID", "none", "“Continue with Google”; with the secret"),
            secret("GOOGLE_CLIENT_SECRET", "none", "proves to Google who asks"),
            open("GOOGLE_ISSUER", "Google’s", "for stand-ins of Google, as the three below"),
            open("GOOGLE_AUTHORIZATION_URL", "Google’s", "where people are sent"),
            open("GOOGLE_TOKEN_URL", "Google’s", "where codes become tokens"),
            open("GOOGLE_JWKS_URL", "Google’s", "where the public keys are"),
            open("OIDC_ISSUER", "none", "any OpenID Connect provider; with the next two"),
            open("OIDC_CLIENT_ID", "none", "our name there"),
            secret("OIDC_CLIENT_SECRET", "none", "proves who asks"),
            open("OIDC_NAME", "`Single sign-on`", "as it stands on the button, at most 40 characters"),
            open("OIDC_ID", "`oidc`", "as it stands in addresses and rows: small letters, digits, `-` and `_`"),
            open("OIDC_SCOPES", "`openid profile email`", "what is asked for"),
            open("OIDC_AUTHORIZATION_URL", "discovered", "where people are sent"),
            open("OIDC_TOKEN_URL", "discovered", "where codes become tokens"),
            open("OIDC_JWKS_URL", "discovered", "where the public keys are"),
        ],
    },
    Group {
        title: "Tokens",
        settings: &[
            open("JWT_ISSUER", "`BETTER_AUTH_URL`", "who our JWTs say they are from"),
            open("JWT_AUDIENCE", "`BETTER_AUTH_URL`", "whom they say they are for"),
            open("JWT_ROTATION_DAYS", "`off`", "days a key signs, 1 to 3650"),
            open("JWT_GRACE_DAYS", "`30`", "days an older key is still published and accepted, 0 to 3650"),
            open("BETTER_AUTH_JWKS_URL", "none", "the public keys of another Better Auth whose tokens are taken too"),
            open("BETTER_AUTH_ISSUER", "the origin of that address", "who those tokens are from"),
            open("BETTER_AUTH_AUDIENCE", "not compared", "whom those tokens are for"),
            open("OAUTH_REGISTRATION", "`on`", "`off`: programs of others may not register themselves (MCP)"),
            secret("TODO_CHATBOT_TOKEN", "none", "the API token `todo-chatbot mcp` acts with"),
        ],
    },
    Group {
        title: "The assistant",
        settings: &[
            open("ENABLED_TOOLS", "everything", "names of tools, separated by commas or in JSON: [tools.md](tools.md)"),
            secret(
                "MCP_SERVERS",
                "none",
                "servers of tools for the language model, in JSON: [mcp.md](mcp.md#other-servers-tools)",
            ),
            secret("MCP_SERVER_URL", "none", "one such server over HTTP, called `mcp`; its address may hold a key"),
            open(
                "LLM_PROVIDER",
                "the first that has a key",
                "`openai`, `azure`, `anthropic`, `gemini`, `local`, `openrouter`, `groq` or `none`",
            ),
            secret("LLM_API_KEY", "none", "the key, whoever the provider is"),
            open("LLM_BASE_URL", "the provider’s", "where it is, whoever it is"),
            open("LLM_MODEL", "the provider’s", "the model’s name there"),
            open("LLM_API", "`auto`", "`chat`, `responses` or `messages`: the protocol"),
            open(
                "LLM_REASONING_EFFORT",
                "the provider’s",
                "`none`, `minimal`, `low`, `medium`, `high`, `xhigh`, `max`",
            ),
            open("LLM_MAX_OUTPUT_TOKENS", "the provider’s", "of one answer"),
            open("LLM_CONTEXT_TOKENS", "`16000`", "of earlier messages that are sent"),
            open("LLM_DAILY_TOKENS", "`1000000`", "for one person between two midnights UTC; 0 is without limit"),
            open("LLM_TIMEOUT_FIRST", "`90`", "seconds until the first word"),
            open("LLM_TIMEOUT_IDLE", "`60`", "seconds between two signs of life"),
            secret("LLM_EXTRA_HEADERS", "none", "a JSON object, or `Name: value` on each line"),
            open("LLM_EXTRA_BODY", "none", "a JSON object laid over each request; null takes a field out"),
            open("MAX_CONVERSATION_MESSAGES", "`20`", "messages that are sent, 1 to 1000"),
        ],
    },
    Group {
        title: "The assistant, by providers’ own names",
        settings: &[
            open("AGENT_MODEL", "none", "the model, for OpenAI, Azure, Groq, OpenRouter and local ones"),
            secret("OPENAI_API_KEY", "none", "OpenAI"),
            open("OPENAI_BASE_URL", "OpenAI’s", "a stand-in"),
            open("OPENAI_MODEL", "`gpt-4.1-mini`", "the model"),
            open("OPENAI_DEFAULT_MODEL", "none", "the same"),
            secret("AZURE_OPENAI_API_KEY", "none", "Azure"),
            secret("AZURE_OPENAI_KEY", "none", "the same"),
            secret("AZURE_OPENAI_AD_TOKEN", "none", "a token of Entra instead of a key"),
            open("AZURE_OPENAI_ENDPOINT", "none", "`https://NAME.openai.azure.com`"),
            open("AZURE_OPENAI_BASE_URL", "none", "the same"),
            open("AZURE_OPENAI_API_VERSION", "none", "a version such as `2024-10-21` takes the older address"),
            open("AZURE_OPENAI_DEPLOYMENT", "none", "the deployment"),
            open("AZURE_OPENAI_DEPLOYMENT_NAME", "none", "the same"),
            open("AZURE_OPENAI_CHAT_DEPLOYMENT_NAME", "none", "the same"),
            open("AZURE_OPENAI_MODEL", "none", "the same"),
            secret("ANTHROPIC_API_KEY", "none", "Anthropic"),
            open("ANTHROPIC_BASE_URL", "Anthropic’s", "a stand-in"),
            open("ANTHROPIC_MODEL", "`claude-sonnet-4-5`", "the model"),
            open("ANTHROPIC_DEFAULT_MODEL", "none", "the same"),
            secret("GEMINI_API_KEY", "none", "Gemini"),
            open("GEMINI_BASE_URL", "Google’s", "a stand-in"),
            open("GEMINI_MODEL", "`gemini-flash-latest`", "the model"),
            open("GEMINI_DEFAULT_MODEL", "none", "the same"),
            secret("GROQ_API_KEY", "none", "Groq"),
            open("GROQ_BASE_URL", "Groq’s", "a stand-in"),
            open("GROQ_MODEL", "none", "the model; needed"),
            open("GROQ_DEFAULT_MODEL", "none", "the same"),
            secret("OPENROUTER_API_KEY", "none", "OpenRouter"),
            open("OPENROUTER_BASE_URL", "OpenRouter’s", "a stand-in"),
            open("OPENROUTER_MODEL", "none", "the model; needed"),
            open("OPENROUTER_DEFAULT_MODEL", "none", "the same"),
            open("LOCAL_LLM_URL", "none", "Ollama, llama.cpp, …: such as `http://localhost:11434/v1`"),
            open("LOCAL_LLM_MODEL", "`default`", "the model"),
            secret("LOCAL_LLM_API_KEY", "none", "a key, where one is needed"),
        ],
    },
    Group {
        title: "Seeing",
        settings: &[
            open("LOG_LEVEL", "`info`", "`error`, `warn`, `info`, `debug`, `trace`, or a tracing filter"),
            open("LOG_FORMAT", "`pretty` on a terminal, else `json`", "one JSON object a line, or lines for people"),
            open(
                "METRICS_ADDR",
                "none",
                "where `/metrics` is served, such as `0.0.0.0:9090`: [metrics.md](metrics.md)",
            ),
            open("SLOW_QUERY_MS", "`1000`", "milliseconds; statements that take longer are logged; 0 logs none"),
            open("OTEL_EXPORTER_OTLP_ENDPOINT", "none", "where traces go: `http://collector:4318`"),
            open("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "that with `/v1/traces`", "the whole address"),
            open("OTEL_EXPORTER_OTLP_PROTOCOL", "`http/protobuf`", "nothing else"),
            open("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "`http/protobuf`", "nothing else"),
            secret("OTEL_EXPORTER_OTLP_HEADERS", "none", "`name=value`, separated by commas, percent-encoded"),
            open("OTEL_SERVICE_NAME", "`todo-chatbot`", "what traces are from"),
            open("OTEL_RESOURCE_ATTRIBUTES", "none", "`name=value`, separated by commas, percent-encoded"),
            open(
                "OTEL_TRACES_SAMPLER",
                "`parentbased_always_on`",
                "`always_on`, `always_off`, `traceidratio`, each also with `parentbased_`",
            ),
            open("OTEL_TRACES_SAMPLER_ARG", "`1`", "the part that `traceidratio` keeps, 0 to 1"),
            open("OTEL_SDK_DISABLED", "`false`", "`true`: no traces"),
        ],
    },
];

/// The reference, as `docs/configure.md` has it.
pub fn markdown() -> String {
    let mut out = String::from(
        "# Settings\n\n\
         Every setting is an environment variable, and none is needed. Each `NAME` can be given as `NAME_FILE`, a file that holds\n\
         the value, as Docker and Kubernetes mount secrets; empty counts as absent. They can also stand in one\n\
         file, in TOML, that `TODO_CHATBOT_CONFIG` names: `PORT = 8081`, lists as lists, JSON as tables, `true` and `false` for `on`\n\
         and `off`. A value that cannot be used stops the start with one line: which, why, what is allowed.\n\
         `todo-chatbot config show` says what a process would take, and from where.\n\n\
         This page is printed by `todo-chatbot config reference`; a test keeps it so.\n",
    );
    for group in GROUPS {
        out.push_str(&format!("\n## {}\n\n| name | default | |\n| --- | --- | --- |\n", group.title));
        for setting in group.settings {
            out.push_str(&format!("| `{}` | {} | {} |\n", setting.name, setting.default, setting.about));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// What the sources of this module read: their texts that look like names.
    fn named() -> BTreeSet<&'static str> {
        let sources = [
            include_str!("../config.rs"),
            include_str!("cookies.rs"),
            include_str!("given.rs"),
            include_str!("jwt.rs"),
            include_str!("mail.rs"),
            include_str!("mcp_servers.rs"),
            include_str!("metrics.rs"),
            include_str!("model.rs"),
            include_str!("presets.rs"),
            include_str!("providers.rs"),
            include_str!("proxies.rs"),
            include_str!("secrets.rs"),
            include_str!("tools.rs"),
            include_str!("traces.rs"),
        ];
        let code = sources.iter().map(|source| source.split("#[cfg(test)]").next().unwrap_or_default());
        let texts = code.flat_map(|code| code.split('"').skip(1).step_by(2));
        let name = |text: &&str| {
            text.len() > 3
                && !text.starts_with('_')
                && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        };
        // A part of names, to say what was meant, and what is handed on to programs.
        texts.filter(name).filter(|text| !["BETTER_AUTH", "PATH"].contains(text)).collect()
    }

    #[test]
    fn the_table_has_every_setting_once() {
        let listed: Vec<&str> = GROUPS.iter().flat_map(|group| group.settings).map(|setting| setting.name).collect();
        let once: BTreeSet<&str> = listed.iter().copied().collect();
        assert_eq!(listed.len(), once.len(), "a setting stands twice");
        let read = named();
        assert!(read.len() > 80, "too few to be all: {read:?}");
        assert_eq!(read.difference(&once).collect::<Vec<_>>(), Vec::<&&str>::new(), "not in the table");
        assert_eq!(once.difference(&read).collect::<Vec<_>>(), Vec::<&&str>::new(), "nobody reads these");
    }

    #[test]
    fn the_page_is_the_table() {
        let page = include_str!("../../../docs/configure.md");
        assert_eq!(page, markdown(), "run `cargo run -p server -- config reference > docs/configure.md`");
    }
}
