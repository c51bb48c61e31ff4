//! The command line. Without a command it serves.

mod backup;
mod doctor;
mod export;
mod mcp;
mod password;
mod settings;
mod token;
mod user;

use crate::{
    clock::SystemClock,
    config::{Config, Database},
    parts::Parts,
    serve::{self, Failed},
    service::{Services, import::Options},
    state::AppState,
    store::{self, Store, newest_migration, source::Source},
    telemetry,
};
use clap::{CommandFactory as _, Parser, Subcommand};
use std::{path::PathBuf, sync::Arc, time::Duration};

/// A to-do list with an assistant, in one program.
///
/// Settings come from the environment; `DATABASE_URL`, `DATA_DIR`, `PORT` and `BETTER_AUTH_URL` are the ones most people need.
#[derive(Debug, Parser)]
#[command(name = "todo-chatbot", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves the page, the API, the assistant and MCP (the default).
    Serve {
        /// Only these parts, to run them apart: web, api, mcp, or several with commas between.
        #[arg(long, value_name = "PARTS", default_value = "web,api,mcp")]
        only: Parts,
    },
    /// Brings the database's schema up to date and ends. A SQLite file is copied first, beside itself.
    Migrate {
        /// Only says what would be done; ends with 0 also when there is something to do.
        #[arg(long)]
        plan: bool,
    },
    /// Writes everything into one file, while the server runs, and reads it back. The file is a SQLite database, whichever
    /// engine the data came from, and holds secrets: keep it like the data itself.
    Backup {
        /// A file that is not there yet, or - for standard output. A folder gets a file named by the time; by default that is
        /// DATA_DIR/backups.
        file: Option<PathBuf>,
        /// How many of the folder's files named by the time stay: afterwards older ones are removed.
        #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
        keep: Option<u32>,
    },
    /// Puts a backup where the settings say that the data lives. Stop the server first. An older schema is brought up to
    /// date on the way.
    Restore {
        /// What `backup` wrote.
        file: PathBuf,
        /// Also when there are people in the database: a SQLite file is put aside, PostgreSQL's tables are emptied.
        #[arg(long)]
        replace: bool,
    },
    /// Copies everything into another database, also from SQLite to PostgreSQL and back, and compares every row.
    Copy {
        /// The other database: postgres://user@host/database or sqlite://path/to/file.db. It is made up to date first.
        #[arg(long)]
        to: String,
        /// Also when there are people in it: they make way.
        #[arg(long)]
        replace: bool,
    },
    /// Copies people, tasks and conversations out of an older to-do chatbot's database. Can be run again: it copies what is
    /// new. Prints what was copied and what could not be.
    Import {
        /// The old database: a PostgreSQL address, or a SQLite file. It is only read.
        #[arg(long)]
        from: String,
        /// The time zone in which times without one are meant, such as Europe/Paris.
        #[arg(long, default_value = "UTC")]
        zone: String,
        /// Only says what would happen.
        #[arg(long)]
        dry_run: bool,
    },
    /// Asks a running server whether it is ready; ends with 0 when it is, otherwise with 1. For container health checks.
    Healthcheck {
        /// The server's address; by default the configured PORT on this machine.
        #[arg(long)]
        url: Option<String>,
    },
    /// Says what can be set, and what is.
    #[command(subcommand)]
    Config(settings::Command),
    /// Looks at what this installation needs, and says what is well and what is wrong. Changes nothing.
    Doctor,
    /// Writes everything of one person as a JSON document.
    Export {
        /// Their address.
        email: String,
        /// A file that is not there yet; by default standard output.
        file: Option<PathBuf>,
    },
    /// Prints what a shell needs to complete our commands: `source <(todo-chatbot completions bash)`.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Makes, lists and ends API tokens for somebody, also while the server runs.
    #[command(subcommand)]
    Token(token::Command),
    /// Looks after people's accounts, also while the server runs.
    #[command(subcommand)]
    User(user::Command),
    /// Serves a person's tasks over standard input and output, for AI programs that start it themselves (MCP).
    Mcp {
        /// Whose tasks: their address. Without it TODO_CHATBOT_TOKEN names the person.
        #[arg(long)]
        user: Option<String>,
    },
    /// Prints the OpenAPI document.
    Openapi,
}

/// Runs the command and answers the process's exit code.
pub fn run() -> i32 {
    let cli = Cli::parse();
    match cli.command.unwrap_or(Command::Serve { only: Parts::ALL }).run() {
        Ok(()) => 0,
        Err(failed) => {
            complain(&failed.0);
            1
        }
    }
}

impl Command {
    fn run(self) -> Result<(), Failed> {
        if matches!(self, Self::Openapi) {
            let text = serde_json::to_string_pretty(&crate::http::openapi()).map_err(|e| Failed(e.to_string()))?;
            say(&text);
            return Ok(());
        }
        if let Self::Completions { shell } = self {
            clap_complete::generate(shell, &mut Cli::command(), "todo-chatbot", &mut std::io::stdout());
            return Ok(());
        }
        if let Self::Config(command) = &self {
            return settings::run(command);
        }
        let config = Config::from_env()?;
        if let Some(file) = &config.certificates {
            crate::tls::trust(file)?;
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|e| Failed(format!("the runtime cannot start: {e}")))?;
        let telemetry = {
            let _entered = runtime.enter();
            self.logs().then(|| telemetry::start(&config)).transpose()?
        };
        let done = match self {
            Self::Serve { only } => runtime.block_on(serve::serve(config, only)),
            Self::Migrate { plan: true } => runtime.block_on(plan(&config)),
            Self::Migrate { plan: false } => runtime.block_on(migrate(&config)),
            Self::Backup { file, keep } => runtime.block_on(backup::backup(&config, file, keep)),
            Self::Restore { file, replace } => runtime.block_on(backup::restore(&config, &file, replace)),
            Self::Copy { to, replace } => runtime.block_on(backup::copy(&config, &to, replace)),
            Self::Import { from, zone, dry_run } => runtime.block_on(import(config, &from, &Options { zone, dry_run })),
            Self::Healthcheck { url } => {
                let url = url.unwrap_or_else(|| format!("http://127.0.0.1:{}", config.listen.port()));
                runtime.block_on(healthcheck(&url))
            }
            Self::Mcp { user } => runtime.block_on(mcp::run(user, config)),
            Self::Doctor => runtime.block_on(doctor::run(&config)),
            Self::Export { email, file } => runtime.block_on(export::run(&email, file, config)),
            Self::Token(command) => runtime.block_on(token::run(command, config)),
            Self::User(command) => runtime.block_on(user::run(command, config)),
            Self::Openapi | Self::Completions { .. } | Self::Config(_) => Ok(()),
        };
        if let Some(telemetry) = telemetry {
            runtime.block_on(telemetry.finish());
        }
        // A read of standard input cannot be called back.
        runtime.shutdown_background();
        done
    }

    /// Whether it keeps a log; the others say what they have to say.
    fn logs(&self) -> bool {
        matches!(self, Self::Serve { .. } | Self::Migrate { plan: false } | Self::Import { .. } | Self::Mcp { .. })
    }
}

async fn migrate(config: &Config) -> Result<(), Failed> {
    let failed = |e: store::Error| Failed(format!("{} cannot be migrated: {e}", serve::place(&config.database)));
    let store = Store::open(&config.database, config.pool_size).await.map_err(failed)?;
    let did = serve::migrate(&store, &config.database, &SystemClock::default()).await;
    store.close().await;
    let did = did.map_err(failed)?;
    if did.is_empty() {
        say("The schema is up to date.");
    } else {
        say(&format!("Carried out: {}.", did.join(", ")));
    }
    Ok(())
}

/// What `migrate` would do.
async fn plan(config: &Config) -> Result<(), Failed> {
    let store = there(config).await?;
    let number = schema(config, &store).await;
    store.close().await;
    let number = number?;
    if number > newest_migration() {
        let (place, ours) = (serve::place(&config.database), newest_migration());
        return Err(Failed(format!(
            "{place} has schema {number}, newer than this program's {ours}: run the newer program"
        )));
    }
    let steps: Vec<&str> = store::migrations_after(number).map(|step| step.name).collect();
    say(&match steps.as_slice() {
        [] => format!("The schema is up to date ({number}): nothing would be done."),
        steps => format!("The schema is {number}. Would be carried out: {}.", steps.join(", ")),
    });
    Ok(())
}

/// The database as it stands: neither made nor changed.
async fn there(config: &Config) -> Result<Store, Failed> {
    let place = serve::place(&config.database);
    if let Database::Sqlite(path) = &config.database
        && !path.exists()
    {
        return Err(Failed(format!("{place} does not exist: name the one the server uses")));
    }
    let failed = |e: store::Error| Failed(format!("{place} cannot be used: {e}"));
    Store::open(&config.database, config.pool_size).await.map_err(failed)
}

/// Its schema's number; 0 when nothing was ever carried out there.
async fn schema(config: &Config, store: &Store) -> Result<i64, Failed> {
    match store.schema_number().await {
        Err(store::Error::Internal(_)) => Ok(0),
        other => other.map_err(|e| Failed(format!("{} cannot be used: {e}", serve::place(&config.database)))),
    }
}

/// The database as it stands, which has to have today's schema: a command about what is in it does not change that.
async fn today(config: &Config) -> Result<Store, Failed> {
    let store = there(config).await?;
    let (number, needed) = (schema(config, &store).await?, newest_migration());
    if number != needed {
        let place = serve::place(&config.database);
        return Err(Failed(format!(
            "{place} has schema {number}, and this program needs {needed}: run `todo-chatbot migrate` with the program the server runs"
        )));
    }
    Ok(store)
}

/// Everything the doors have, over the database as it stands.
async fn state(config: Config) -> Result<(AppState, Store), Failed> {
    let config = Arc::new(config);
    let trust = serve::trust(&config)?;
    let store = today(&config).await?;
    let (clock, (_, stopping)) = (Arc::new(SystemClock::default()), tokio::sync::watch::channel(false));
    let state = serve::put_together(config, clock, store.clone(), trust, stopping).await?;
    Ok((state, store))
}

async fn import(config: Config, from: &str, options: &Options) -> Result<(), Failed> {
    let place = serve::place(&config.database);
    let mut source =
        Source::open(from).await.map_err(|e| Failed(format!("the old database (--from) cannot be read: {e}")))?;
    let here = |e: store::Error| Failed(format!("{place} cannot be used: {e}"));
    let store = Store::open(&config.database, config.pool_size).await.map_err(here)?;
    serve::migrate(&store, &config.database, &SystemClock::default()).await.map_err(here)?;
    let services = Services::new(store.clone(), Arc::new(SystemClock::default()), Arc::new(config));
    let report = services.import(&mut source, options, &|line| complain(line)).await;
    store.close().await;
    let report = report.map_err(|e| Failed(format!("nothing was copied: {e}")))?;
    say(report.to_string().trim_end());
    Ok(())
}

async fn healthcheck(url: &str) -> Result<(), Failed> {
    let failed = |why: String| Failed(format!("{url}/ready: {why}"));
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(4))
        .tls_backend_preconfigured(crate::tls::client())
        .build()
        .map_err(|e| failed(e.to_string()))?;
    let answer =
        client.get(format!("{}/ready", url.trim_end_matches('/'))).send().await.map_err(|e| failed(e.to_string()))?;
    if answer.status().is_success() { Ok(()) } else { Err(failed(format!("answered {}", answer.status()))) }
}

#[expect(clippy::print_stdout, reason = "a command's answer goes to standard output")]
fn say(text: &str) {
    println!("{text}");
}

/// Asks without ending the line, beside the answer's stream.
fn ask(text: &str) {
    eprint!("{text}");
}

fn complain(text: &str) {
    eprintln!("todo-chatbot: {text}");
}
