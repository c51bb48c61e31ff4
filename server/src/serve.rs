//! `serve`: the listener first, the database behind it, and an orderly end.
//!
//! `/health` answers from the first moment; `/ready` and everything else answer 503 until the database is there and
//! migrated. On SIGTERM (or Ctrl-C) `/ready` fails, `SHUTDOWN_DELAY` passes so that load balancers notice, then the
//! listener closes, requests under way end, answers that are still written are interrupted and stored, and the database is
//! closed.

use crate::{
    auth::{keyring::Keyring, origin::Trust},
    clock::{Clock, Stopwatch, SystemClock},
    config::{BadSetting, Config, Database, Secret},
    files,
    http::{self, health},
    ids,
    listener::{self, Limits},
    mail::Mailer,
    parts::Parts,
    service::{Services, accounts::Accounts},
    state::AppState,
    store::{self, Store},
};
use axum::{
    Router,
    extract::Request,
    response::{IntoResponse, Response},
    routing::get,
};
use std::{
    pin::pin,
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::{net::TcpListener, sync::watch};
use tower::ServiceExt as _;

/// How long requests under way may take to end after the listener closed.
const DRAIN: Duration = Duration::from_secs(20);
/// How long answers under way may take to end; then they are interrupted.
const LAST_ANSWERS: Duration = Duration::from_secs(10);
/// How long letters under way may take after that.
const LAST_LETTERS: Duration = Duration::from_secs(3);
/// How often the clock is compared with the database's.
const AGREE_EVERY: Duration = Duration::from_secs(30);
/// How long to wait before trying an unreachable database again.
const RETRY: Duration = Duration::from_millis(500);

/// Why the server did not start or did not end well; one line.
#[derive(Debug)]
pub struct Failed(pub String);

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failed {}

impl From<BadSetting> for Failed {
    fn from(bad: BadSetting) -> Self {
        Self(bad.0)
    }
}

/// Runs until the process is told to stop.
pub async fn serve(config: Config, parts: Parts) -> Result<(), Failed> {
    let watch = Stopwatch::start();
    // One for all of its life: a signal that comes between two would be heard by neither.
    let mut told_to_stop = pin!(signal());
    let tcp = TcpListener::bind(config.listen).await.map_err(|e| {
        Failed(format!(
            "HOST and PORT name {}, which cannot be listened on: {e}. Is another program using the port?",
            config.listen
        ))
    })?;
    let limits = Limits::usual();
    let address = tcp.local_addr().map_err(|e| Failed(format!("the listener has no address: {e}")))?;
    let (stop, stopping) = watch::channel(false);
    let inner: Arc<OnceLock<Router>> = Arc::default();
    let gate = gate(inner.clone());
    let config = Arc::new(config);

    let operators = operators(&config, limits).await?;

    let start = {
        let (config, stopping) = (config.clone(), stopping.clone());
        async move {
            let clock = Arc::new(SystemClock::default());
            let state = assemble(config, clock.clone(), stopping).await?;
            let (store, mailer) = (state.services.store().clone(), state.accounts.mailer().cloned());
            let (under_way, external) = (state.services.under_way().clone(), state.services.external().clone());
            agree(&clock, &store).await;
            tokio::spawn(keep_time(clock, store.clone()));
            tokio::spawn(state.services.live().clone().listen(store.clone()));
            tokio::spawn(state.services.clone().keep_house());
            // Nobody else sets either.
            let _ = operators.set(http::metrics::router(state.clone()));
            let _ = inner.set(http::router(state, parts));
            let ready_ms = watch.millis();
            tracing::info!(ready_ms, "ready: open http://localhost:{}", address.port());
            Ok::<_, Failed>((store, mailer, under_way, external))
        }
    };
    let mut start = tokio::spawn(start);

    let delay = config.shutdown_delay;
    let mut told = stopping.clone();
    let told_and_waited = async move {
        let _ = told.wait_for(|stop| *stop).await;
        tokio::time::sleep(delay).await;
    };
    let mut server = tokio::spawn(listener::serve(tcp, gate, limits, told_and_waited));

    let started = tokio::select! {
        () = &mut told_to_stop => None,
        started = &mut start => Some(started.map_err(|e| Failed(format!("the start failed: {e}")))??),
        ended = &mut server => return Err(Failed(format!("the listener ended: {ended:?}"))),
    };
    let started = match started {
        Some(started) => {
            tokio::select! {
                () = &mut told_to_stop => {}
                ended = &mut server => return Err(Failed(format!("the listener ended: {ended:?}"))),
            }
            Some(started)
        }
        None => {
            start.abort();
            // It may have come to its end in the same moment, and what it opened has to be closed.
            start.await.ok().and_then(Result::ok)
        }
    };
    tracing::info!("stopping: finishing what is under way");
    let _ = stop.send(true);
    let answers = async {
        if let Some((_, _, under_way, _)) = &started {
            tokio::time::sleep(delay).await;
            under_way.finish(LAST_ANSWERS).await;
        }
    };
    let (ended, ()) = tokio::join!(tokio::time::timeout(delay + DRAIN, &mut server), answers);
    if ended.is_err() {
        tracing::warn!("some requests did not end in time and were cut");
        server.abort();
    }
    if let Some((store, mailer, _, external)) = started {
        external.close();
        if let Some(mailer) = mailer {
            mailer.finish(LAST_LETTERS).await;
        }
        store.close().await;
    }
    tracing::info!("stopped");
    Ok(())
}

/// Begins to listen where operators look (`METRICS_ADDR`) and answers what to put behind it. It goes on to the end of the
/// process, so that the last of it can be seen.
async fn operators(config: &Config, limits: Limits) -> Result<Arc<OnceLock<Router>>, Failed> {
    let inner: Arc<OnceLock<Router>> = Arc::default();
    if let Some(address) = config.metrics {
        let failed = |e| Failed(format!("METRICS_ADDR names {address}, which cannot be listened on: {e}"));
        let tcp = TcpListener::bind(address).await.map_err(failed)?;
        let address = tcp.local_addr().map_err(failed)?;
        tracing::info!("metrics are at http://{address}/metrics");
        let gate = gate(inner.clone());
        tokio::spawn(listener::serve(tcp, gate, limits, std::future::pending()));
    }
    Ok(inner)
}

/// Sets the clock by the database's, when processes share that.
async fn agree(clock: &SystemClock, store: &Store) {
    match store.time().await {
        Ok(None) => {}
        Ok(Some(micros)) => {
            if let Some(behind) = clock.follow(micros) {
                let seconds = behind / 1_000_000;
                tracing::warn!(
                    seconds,
                    "this machine’s clock is behind the database’s by that (negative: ahead); the database’s counts"
                );
            }
        }
        Err(error) => tracing::debug!(%error, "the database was not asked for the time"),
    }
}

async fn keep_time(clock: Arc<SystemClock>, store: Store) {
    loop {
        tokio::time::sleep(AGREE_EVERY).await;
        agree(&clock, &store).await;
    }
}

/// Opens and migrates the database and puts the state together. An unreachable PostgreSQL is waited for; a SQLite file
/// that cannot be used stops the start.
pub async fn assemble(
    config: Arc<Config>,
    clock: Arc<dyn Clock>,
    stopping: watch::Receiver<bool>,
) -> Result<AppState, Failed> {
    if !config.providers.is_empty() && !config.public_url_given {
        tracing::warn!(
            "BETTER_AUTH_URL is not set: sign-in providers send people back to {}, whatever address they came by",
            config.public_url
        );
    }
    // Before the database: a setting that cannot be used must not begin anything.
    let trust = trust(&config)?;
    let store = open(&config, &*clock).await?;
    put_together(config, clock, store, trust, stopping).await
}

/// Which origins are ours, by the settings.
pub fn trust(config: &Config) -> Result<Trust, Failed> {
    let base = config.public_url_given.then_some(config.public_url.as_str());
    Trust::new(base, config.trusted_origins.iter().map(String::as_str)).map_err(|e| {
        Failed(format!(
            "BETTER_AUTH_TRUSTED_ORIGINS or CORS_ORIGINS holds {:?}: allowed are origins such as https://todo.example.org",
            e.0
        ))
    })
}

/// The state over a database that is there and has today's schema.
pub async fn put_together(
    config: Arc<Config>,
    clock: Arc<dyn Clock>,
    store: Store,
    trust: Trust,
    stopping: watch::Receiver<bool>,
) -> Result<AppState, Failed> {
    let keyring = keyring(&config, &store).await?;
    let mailer = config.mail.as_ref().map(Mailer::new).transpose();
    let mailer = mailer.map_err(|e| Failed(format!("SMTP_URL cannot be used: {e}")))?;
    if mailer.is_some() && !config.public_url_given {
        tracing::warn!("BETTER_AUTH_URL is not set: links in letters lead to {}", config.public_url);
    }
    let accounts = Accounts::new(store.clone(), clock.clone(), keyring, trust, mailer, &config);
    accounts.learn_password_forms().await.map_err(|e| Failed(format!("the stored passwords cannot be read: {e}")))?;
    Ok(AppState { services: Services::new(store, clock, config), accounts, stopping })
}

async fn open(config: &Config, clock: &dyn Clock) -> Result<Store, Failed> {
    let patient = matches!(config.database, Database::Postgres(_));
    let mut said = false;
    loop {
        let tried = async {
            let store = Store::open_watched(&config.database, config.pool_size, config.slow_query).await?;
            let did = migrate(&store, &config.database, clock).await?;
            Ok::<_, store::Error>((store, did))
        };
        match tried.await {
            Ok((store, did)) => {
                for name in did {
                    tracing::info!(migration = name, "schema brought up to date");
                }
                return Ok(store);
            }
            Err(store::Error::Unavailable(why)) if patient && !why.contains("newer than this program") => {
                if !said {
                    tracing::warn!(why, "the database does not answer yet; waiting for it");
                    said = true;
                }
                tokio::time::sleep(RETRY).await;
            }
            Err(error) => return Err(Failed(format!("{} cannot be used: {error}", place(&config.database)))),
        }
    }
}

/// Brings the schema up to date. A SQLite file that holds something is copied first, beside itself, so that an upgrade that
/// was a mistake can be taken back.
pub async fn migrate(store: &Store, database: &Database, clock: &dyn Clock) -> store::Result<Vec<&'static str>> {
    if let Database::Sqlite(path) = database
        && let Some(number) = store.behind().await?
    {
        let failed = |why: String| store::Error::Unavailable(format!("the copy before the schema changes: {why}"));
        let partial = files::beside(path, ".copying");
        let copy = files::beside(path, &format!(".before-{}-{}", store::newest_migration(), files::stamp(clock)));
        files::private(&partial).map_err(failed)?;
        store.vacuum_into(&partial).await?;
        files::keep(&partial, &copy).map_err(failed)?;
        tracing::info!(schema = number, copy = %copy.display(), "copied before the schema changes");
    }
    store.migrate(clock.micros()).await
}

/// Which settings name the database, and where it is, without a password.
pub fn place(database: &Database) -> String {
    match database {
        Database::Sqlite(path) => format!("the database {} (set by DATA_DIR or DATABASE_URL)", path.display()),
        Database::Postgres(_) => "the database (DATABASE_URL, such as postgres://user@host/database)".into(),
    }
}

/// The secrets: the given ones, or one made once and kept in the database. One that was made here still opens what it
/// sealed when versioned ones are given later.
async fn keyring(config: &Config, store: &Store) -> Result<Keyring, Failed> {
    const NAME: &str = "auth_secret";
    if config.auth_secret.is_some() {
        return Ok(Keyring::new(config.secrets.clone(), config.auth_secret.clone()));
    }
    let failed = |e: store::Error| Failed(format!("the auth secret cannot be kept: {e}"));
    let mut conn = store.write().await.map_err(failed)?;
    let mut kept = conn.instance_value(NAME).await.map_err(failed)?;
    if kept.is_none() && config.secrets.is_empty() {
        conn.keep_instance_value(NAME, &ids::alphanumeric(48)).await.map_err(failed)?;
        // Read back: of two processes that start together, one's secret was kept.
        kept = conn.instance_value(NAME).await.map_err(failed)?;
        conn.commit().await.map_err(failed)?;
        tracing::info!("BETTER_AUTH_SECRET is not set: made one and kept it in the database");
        if store.read().await.map_err(failed)?.any_user().await.map_err(failed)? {
            tracing::warn!(
                "there are accounts from before: without the secret they were made with, everybody has to sign in again \
                 and signed tokens are refused"
            );
        }
        if kept.is_none() {
            return Err(Failed("the auth secret was not kept".into()));
        }
    }
    Ok(Keyring::new(config.secrets.clone(), kept.map(Secret::new)))
}

/// Answers `/health` at once and the rest as soon as there is a router behind it.
fn gate(inner: Arc<OnceLock<Router>>) -> Router {
    Router::new().route("/health", get(health::health)).fallback(move |request: Request| pass(inner.clone(), request))
}

async fn pass(inner: Arc<OnceLock<Router>>, request: Request) -> Response {
    let Some(router) = inner.get() else {
        const WHY: &str = "the database is not there yet";
        if request.uri().path() == "/ready" {
            return health::not_ready("start", WHY);
        }
        return http::Error::from(store::Error::Unavailable(WHY.into())).into_response();
    };
    match router.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// SIGTERM, SIGINT or Ctrl-C, from this call on: what comes before the first look at it is kept.
pub(crate) fn signal() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let heard = {
        use tokio::signal::unix::{SignalKind, signal};
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    };
    async move {
        #[cfg(unix)]
        match heard {
            (Ok(mut term), Ok(mut int)) => {
                tokio::select! {
                    _ = term.recv() => {}
                    _ = int.recv() => {}
                }
            }
            _ => std::future::pending().await,
        }
        #[cfg(not(unix))]
        {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}
