//! The rules. Every door (REST, forms, chat, command line) calls these functions, so every door does the same.
//!
//! A change is: open a [`Change`] (a transaction that has taken its place in the operation log), read what is there, say
//! what it should become, finish. Deliberately absent: HTTP, JSON of the wire and SQL.

pub mod accounts;
pub mod change;
pub mod chat;
mod error;
pub mod housekeeping;
pub mod import;
pub mod labels;
pub mod overview;
pub mod projects;
pub mod quick_add;
pub mod settings;
pub mod sign_in_options;
pub mod tasks;
pub mod undo;

pub use error::{Error, Result};

use crate::{
    agent::{model::ChatModel, providers::provider::Provider},
    clock::Clock,
    config::Config,
    external::External,
    live::Live,
    metrics::Metrics,
    store::Store,
    tools::Enabled,
};
use chat::UnderWay;
use domain::id::Seq;
use std::sync::Arc;

/// Everything the doors can ask for. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Services {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) config: Arc<Config>,
    pub(crate) live: Live,
    pub(crate) metrics: Metrics,
    pub(crate) model: Option<Arc<dyn ChatModel>>,
    pub(crate) external: External,
    pub(crate) under_way: UnderWay,
}

/// What a change answers: the new state, and the operation to undo.
#[derive(Clone, Debug)]
pub struct Changed<T> {
    /// The new state.
    pub value: T,
    /// The operation's place in the log; the newest one's when nothing had to change.
    pub seq: Seq,
    /// Whether anything had to change.
    pub acted: bool,
}

impl<T> Changed<T> {
    /// The same operation with another view of the result.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Changed<U> {
        Changed { value: f(self.value), seq: self.seq, acted: self.acted }
    }

    /// The operation to undo, when there is one.
    pub fn operation(&self) -> Option<Seq> {
        self.acted.then_some(self.seq)
    }
}

impl Services {
    /// Puts the services together.
    pub fn new(store: Store, clock: Arc<dyn Clock>, config: Arc<Config>) -> Self {
        let model = config.model.as_ref().and_then(|model| Provider::new(model, clock.clone()));
        let model = model.map(|model| Arc::new(model) as Arc<dyn ChatModel>);
        let metrics = Metrics::new(config.model.as_ref().map(|model| model.vendor.word()), &store);
        let external = External::new(&config.mcp_servers, &config.enabled_tools, &clock);
        Self { store, clock, config, live: Live::default(), metrics, model, external, under_way: UnderWay::default() }
    }

    /// The same services with another language model.
    #[must_use]
    pub fn with_model(self, model: Arc<dyn ChatModel>) -> Self {
        Self { model: Some(model), ..self }
    }

    /// The clock everything goes by.
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// The settings of this process.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The store, for start-up, health and shutdown.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What the assistant, a model and other programs may do here.
    pub fn tools(&self) -> &Enabled {
        &self.config.enabled_tools
    }

    /// Other servers' tools, for a model.
    pub fn external(&self) -> &External {
        &self.external
    }

    /// The turns of this process.
    pub fn under_way(&self) -> &UnderWay {
        &self.under_way
    }

    /// What operators can see.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Who hears of changes.
    pub fn live(&self) -> &Live {
        &self.live
    }
}
