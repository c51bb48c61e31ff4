//! The log: pretty for people, JSON for machines, to standard error. What users write never gets in above debug level.

use crate::config::{BadSetting, Config, LogFormat};
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// These say at error level what a user has written, so only their silence is safe.
const QUIET: &str = "async_openai=off,rmcp=off,sqlx::query=off,sqlx::postgres::notice=warn,hyper=warn,reqwest=warn,rustls=warn,h2=warn,tower=warn";

/// Starts the log.
pub fn start(config: &Config) -> Result<(), BadSetting> {
    let wrong = |e: &dyn std::fmt::Display| {
        BadSetting(format!(
            "LOG_LEVEL={:?} cannot be used ({e}): allowed is error, warn, info, debug, trace or a tracing filter",
            config.log_level
        ))
    };
    // A filter takes any word alone for the name of a module, of which it then logs everything, and of others nothing.
    let lone = config.log_level.split(',').map(str::trim).find(|part| {
        part.bytes().all(|b| b.is_ascii_alphanumeric())
            && part.parse::<tracing_subscriber::filter::LevelFilter>().is_err()
    });
    if let Some(word) = lone {
        return Err(wrong(&format_args!("{word:?} is no level")));
    }
    let filter = EnvFilter::try_new(format!("{QUIET},{}", config.log_level)).map_err(|e| wrong(&e))?;
    let registry = tracing_subscriber::registry().with(filter);
    let started = match config.log_format {
        LogFormat::Json => {
            registry.with(fmt::layer().json().flatten_event(true).with_writer(std::io::stderr)).try_init()
        }
        LogFormat::Pretty => {
            registry.with(fmt::layer().compact().with_target(false).with_writer(std::io::stderr)).try_init()
        }
    };
    started.map_err(|e| BadSetting(format!("the log cannot start: {e}")))
}
