//! Servers of the Model Context Protocol whose tools a language model may use here beside ours.
//!
//! The operator names them (`MCP_SERVERS`); nothing happens until a message goes to a model. [`server`] keeps one of them:
//! connected when needed, listed, left alone when it fails. [`session`] is a connection, by HTTP ([`address`] says where to)
//! or to a program ([`child`]); [`ear`] hears what the server says by itself. What comes from there is cut and looked over ([`tool`], [`schema`], [`answer`]) and is data
//! everywhere: it never decides whether a person is asked, except that a tool marked as one that only reads is believed to,
//! unless the operator says otherwise.
//!
//! Deliberately absent: servers that a person adds, keys of a person's own, undo (an operation of ours is a row of ours),
//! and everything of the protocol but tools.

pub mod address;
mod answer;
mod breaker;
mod child;
mod ear;
mod schema;
mod server;
mod session;
mod text;
mod tool;

pub use session::Away;
pub use tool::{Tool, matches};

use crate::{clock::Clock, config::McpServer, metrics::Metrics, tools::Enabled};
use futures::future::join_all;
use serde_json::{Map, Value};
use server::Server;
use session::Called;
use std::{sync::Arc, time::Duration};

/// How long a chat waits for servers that are not there yet, all of them together.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long somebody waits who has asked for one server.
const LONGER: Duration = Duration::from_secs(10);
/// Most tools of all servers: providers take 128 with ours.
const TOOLS_MAX: usize = 100;
/// Longest error that a server may say, in characters.
const ERROR_MAX: usize = 500;

/// Every configured server. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct External {
    servers: Arc<[Arc<Server>]>,
    enabled: Enabled,
}

/// What there is for one turn.
#[derive(Clone, Debug, Default)]
pub struct Offer {
    /// The tools that can be called, by server and in their order.
    pub tools: Vec<Tool>,
    /// The servers that are not there, and why.
    pub away: Vec<(String, Away)>,
}

impl Offer {
    /// The tool of that name.
    pub fn find(&self, name: &str) -> Option<&Tool> {
        self.tools.iter().find(|tool| tool.name == name)
    }
}

/// Whether a tool of that name is another server's: no name of ours looks so.
pub fn is_foreign(name: &str) -> bool {
    name.contains(tool::JOINT)
}

impl External {
    /// These servers; nobody is asked yet.
    pub fn new(servers: &[McpServer], enabled: &Enabled, clock: &Arc<dyn Clock>) -> Self {
        let servers = servers.iter().map(|server| Server::new(server.clone(), Arc::clone(clock))).collect();
        Self { servers, enabled: enabled.clone() }
    }

    /// Ends the programs that were started, before the process itself ends.
    pub fn close(&self) {
        self.servers.iter().for_each(|server| server.close());
    }

    /// What there is now.
    pub async fn offer(&self) -> Offer {
        let looks = self.servers.iter().map(|server| server.look(PATIENCE));
        let mut offer = Offer::default();
        for (server, found) in self.servers.iter().zip(join_all(looks).await) {
            match found {
                Ok(there) => {
                    let wanted = there.tools.iter().filter(|tool| self.enabled.has_foreign(&tool.name));
                    offer.tools.extend(wanted.take(TOOLS_MAX - offer.tools.len()).cloned());
                }
                Err(away) => offer.away.push((server.settings.name.clone(), away)),
            }
        }
        offer
    }

    /// Each server's name, with how many of its tools can be used and how many not, or why it is not there.
    pub async fn states(&self) -> Vec<(String, Result<(usize, usize), Away>)> {
        let looks = self.servers.iter().map(|server| server.look(LONGER));
        let names = self.servers.iter().map(|server| server.settings.name.clone());
        let count = |there: server::There| {
            let usable = there.tools.iter().filter(|tool| self.enabled.has_foreign(&tool.name)).count();
            (usable, there.tools.len() - usable + there.left_out)
        };
        names.zip(join_all(looks).await).map(|(name, found)| (name, found.map(count))).collect()
    }

    /// Finds a tool by its name here: the call may have been offered earlier or by another process.
    async fn reach(&self, name: &str) -> Result<(&Arc<Server>, server::There, Tool), String> {
        let of = name.split_once(tool::JOINT).map_or(name, |(server, _)| server);
        let server = self.servers.iter().find(|server| server.settings.name == of);
        let server = server.ok_or_else(|| "no server of tools has that name here any more".to_owned())?;
        let there = server.look(LONGER).await.map_err(|away| said(of, away))?;
        let found = there.tools.iter().find(|tool| tool.name == name && self.enabled.has_foreign(name)).cloned();
        found.map(|tool| (server, there, tool)).ok_or_else(|| format!("“{of}” has no such tool any more"))
    }

    /// Carries a call out. What went wrong is a sentence for the person and the model.
    pub async fn call(&self, metrics: &Metrics, name: &str, arguments: Map<String, Value>) -> Result<Value, String> {
        let (server, there, tool) = self.reach(name).await?;
        let called = server.call(&there, &tool, arguments).await;
        let failed = |text: &str| format!("“{}” says: {}", tool.server, text::clean(text, ERROR_MAX));
        let result = match called {
            Ok(Called::Answered(result)) => answer::read(&tool, &result).map_err(|text| failed(&text)),
            Ok(Called::Refused(text)) => Err(failed(&text)),
            Ok(Called::Asks) => Err(format!("“{}” asks back, which cannot be answered here", tool.server)),
            Err(away @ Away::Resting(_)) => Err(said(&tool.server, away)),
            Err(away) => Err(format!("{}; it is not known whether this was done", said(&tool.server, away))),
        };
        metrics.external_called(&tool.server, result.is_ok());
        result
    }
}

/// Why a server is not there, as a sentence.
pub fn said(server: &str, away: Away) -> String {
    format!("The server of tools “{server}” cannot be used now: {away}")
}
