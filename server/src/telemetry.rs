//! The log: pretty for people, JSON for machines, to standard error. What users write never gets in above debug level.
//! Beside it, where an endpoint is set, [`traces`].

pub mod traces;

use crate::config::{BadSetting, Config, LogFormat};
use tracing_subscriber::{EnvFilter, Layer as _, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// These say at error level what a user has written, so only their silence is safe.
/// Of statements only slow ones are reported, as warnings, and their values never.
const QUIET: &str = "async_openai=off,rmcp=off,sqlx::query=warn,sqlx::postgres::notice=warn,hyper=warn,reqwest=warn,rustls=warn,h2=warn,tower=warn,otel=off";

/// What was started and has to be brought to its end.
#[derive(Debug)]
#[must_use]
pub struct Telemetry(Option<traces::Exporter>);

impl Telemetry {
    /// Sends what is not sent yet.
    pub async fn finish(self) {
        if let Some(exporter) = self.0 {
            exporter.finish().await;
        }
    }
}

/// Starts the log and, where an endpoint is set, the traces; the latter need the runtime to be entered.
pub fn start(config: &Config) -> Result<Telemetry, BadSetting> {
    let filter = filter(&config.log_level)?;
    let (exporter, layer) = config.traces.as_ref().map(traces::Exporter::start).transpose()?.unzip();
    let registry = tracing_subscriber::registry().with(layer);
    let log = fmt::layer().with_writer(std::io::stderr);
    let started = match config.log_format {
        LogFormat::Json => registry.with(log.json().flatten_event(true).with_filter(filter)).try_init(),
        LogFormat::Pretty => registry.with(log.compact().with_target(false).with_filter(filter)).try_init(),
    };
    started.map_err(|e| BadSetting(format!("the log cannot start: {e}")))?;
    Ok(Telemetry(exporter))
}

fn filter(level: &str) -> Result<EnvFilter, BadSetting> {
    let wrong = |e: &dyn std::fmt::Display| {
        BadSetting(format!(
            "LOG_LEVEL={level:?} cannot be used ({e}): allowed is error, warn, info, debug, trace or a tracing filter"
        ))
    };
    // A filter takes any word alone for the name of a module, of which it then logs everything, and of others nothing.
    let lone = level.split(',').map(str::trim).find(|part| {
        part.bytes().all(|b| b.is_ascii_alphanumeric())
            && part.parse::<tracing_subscriber::filter::LevelFilter>().is_err()
    });
    if let Some(word) = lone {
        return Err(wrong(&format_args!("{word:?} is no level")));
    }
    EnvFilter::try_new(format!("{QUIET},{level}")).map_err(|e| wrong(&e))
}
