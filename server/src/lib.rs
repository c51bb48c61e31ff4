//! The server: doors ([`http`], [`cli`]) call [`service`], which holds the rules and calls [`store`], which alone knows
//! the databases.
//!
//! A request: [`http::router`] → `session::identify` finds the person → a handler decodes → one `Services` function →
//! a `Change` (transaction, operation log) → the store → commit → [`live`] tells other windows → the handler encodes.
//!
//! Deliberately absent: a second way to change a task.

// A page's view is one deep type; drawing it is compiled here.
#![recursion_limit = "512"]

pub mod actor;
pub mod agent;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod external;
mod files;
pub mod http;
pub mod ids;
pub mod listener;
pub mod live;
pub mod mail;
pub mod mcp;
pub mod metrics;
pub mod parts;
pub mod problem;
pub mod serve;
pub mod service;
pub mod state;
pub mod store;
pub mod telemetry;
pub mod tls;
pub mod tools;
