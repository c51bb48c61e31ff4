//! One server of tools: connected when it is first needed, listed anew when its list has changed or is old, left alone
//! when it has failed too often.
//!
//! A chat waits a moment for it and no longer; connecting goes on without it, so that a program that starts slowly is there
//! for the next message.

use super::{
    breaker::Breaker,
    child::Kennel,
    session::{Away, Called, Listed, Session},
    tool::{self, Tool},
};
use crate::{clock::Clock, config::mcp_servers::McpServer, telemetry::traces};
use serde_json::{Map, Value};
use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tracing::Instrument as _;

/// How long connecting and listing may take together.
const LOOK: Duration = Duration::from_secs(15);
/// How long a list is kept when the server does not say, and at most, in microseconds.
const KEPT: i64 = 300 * 1_000_000;
const KEPT_MAX: i64 = 3_600 * 1_000_000;

/// See the module.
#[derive(Debug)]
pub struct Server {
    /// What was configured.
    pub settings: McpServer,
    clock: Arc<dyn Clock>,
    /// Held while the server is connected or listed, so that this happens once at a time.
    line: tokio::sync::Mutex<Line>,
    /// How often that has come to an end.
    looks: AtomicU64,
    /// Somebody has waited long enough for the look that is under way.
    slow: AtomicBool,
    /// Connecting and listing fail apart from calls: a server may list well and never answer.
    door: Mutex<Breaker>,
    calls: Mutex<Breaker>,
    kennel: Kennel,
}

#[derive(Debug, Default)]
struct Line {
    there: Option<There>,
    /// Until when the list is good, in microseconds.
    until: i64,
    /// Why there is none.
    why_not: Option<Away>,
}

/// A server that is there.
#[derive(Clone, Debug)]
pub struct There {
    session: Arc<Session>,
    /// Its tools.
    pub tools: Arc<[Tool]>,
    /// How many of its tools cannot be used.
    pub left_out: usize,
}

impl Server {
    /// A server that nobody has asked yet.
    pub fn new(settings: McpServer, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            settings,
            clock,
            line: tokio::sync::Mutex::default(),
            looks: AtomicU64::new(0),
            slow: AtomicBool::new(false),
            door: Mutex::default(),
            calls: Mutex::default(),
            kennel: Kennel::default(),
        })
    }

    /// The server with its tools; waits for them no longer than that.
    pub async fn look(self: &Arc<Self>, patience: Duration) -> Result<There, Away> {
        if self.slow.load(Ordering::SeqCst) && self.line.try_lock().is_err() {
            return Err(Away::Slow);
        }
        let own = Arc::clone(self);
        let looking = tokio::spawn(async move { own.look_whole().await });
        match tokio::time::timeout(patience, looking).await {
            Ok(Ok(found)) => found,
            Ok(Err(_)) => Err(Away::Garbled),
            Err(_) => {
                self.slow.store(true, Ordering::SeqCst);
                Err(Away::Slow)
            }
        }
    }

    async fn look_whole(&self) -> Result<There, Away> {
        let looks = self.looks.load(Ordering::SeqCst);
        let mut line = self.line.lock().await;
        let now = self.clock.micros();
        if let Some(there) = line.there.as_ref().filter(|there| there.session.is_open()) {
            if now < line.until && !there.session.has_changed() {
                return Ok(there.clone());
            }
        } else {
            line.there = None;
        }
        if let Some(why_not) = line.why_not.filter(|_| self.looks.load(Ordering::SeqCst) != looks) {
            // Somebody has just asked while this one waited.
            return Err(why_not);
        }
        lock(&self.door).admit(now).map_err(Away::Resting)?;
        let session = line.there.as_ref().map(|there| there.session.clone());
        let asked = tokio::time::timeout(LOOK, self.ask(session)).await.unwrap_or(Err(Away::Slow));
        let found = match asked {
            Ok((session, listed)) => {
                lock(&self.door).worked();
                let ttl = listed.ttl.map_or(KEPT, |ms| i64::try_from(ms).unwrap_or(KEPT_MAX).saturating_mul(1_000));
                let (tools, left_out) = tool::offered(&self.settings, listed.tools);
                let there = There { session, tools: tools.into(), left_out };
                *line = Line { there: Some(there.clone()), until: now + ttl.min(KEPT_MAX), why_not: None };
                Ok(there)
            }
            Err(away) => {
                lock(&self.door).failed(self.clock.micros());
                tracing::warn!(server = self.settings.name, why = %away, "a server of tools is not there");
                *line = Line { why_not: Some(away), ..Line::default() };
                Err(away)
            }
        };
        self.looks.fetch_add(1, Ordering::SeqCst);
        self.slow.store(false, Ordering::SeqCst);
        found
    }

    async fn ask(&self, session: Option<Arc<Session>>) -> Result<(Arc<Session>, Listed), Away> {
        if let Some(session) = session
            && let Ok(listed) = session.list().await
        {
            return Ok((session, listed));
        }
        let session = Arc::new(Session::open(&self.settings, &self.kennel).await?);
        let listed = session.list().await?;
        Ok((session, listed))
    }

    /// Ends the program, if it is one.
    pub fn close(&self) {
        self.kennel.end_all();
    }

    /// Calls a tool of a server that is there.
    pub async fn call(&self, there: &There, tool: &Tool, arguments: Map<String, Value>) -> Result<Called, Away> {
        lock(&self.calls).admit(self.clock.micros()).map_err(Away::Resting)?;
        let trace = tracing::info_span!(
            target: traces::TARGET,
            "tool",
            otel.kind = "client",
            otel.name = format!("execute_tool {}", tool.name),
            gen_ai.operation.name = "execute_tool",
            gen_ai.tool.name = tool.name,
        );
        let calling = there.session.call(&tool.own_name, arguments).instrument(trace);
        let called = tokio::time::timeout(self.settings.timeout, calling).await.unwrap_or(Err(Away::Slow));
        match &called {
            Ok(_) => lock(&self.calls).worked(),
            Err(away) => {
                lock(&self.calls).failed(self.clock.micros());
                there.session.give_up();
                tracing::warn!(server = self.settings.name, why = %away, "a server of tools did not answer a call");
            }
        }
        called
    }
}

fn lock(breaker: &Mutex<Breaker>) -> MutexGuard<'_, Breaker> {
    breaker.lock().unwrap_or_else(PoisonError::into_inner)
}
