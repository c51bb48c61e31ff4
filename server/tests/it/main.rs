//! Everything that is tested through the real surface, in one binary: the router in process, both databases, browsers.
//!
//! Each test has a fresh database; a test wrapped in [`on_both!`] runs once on SQLite and once on PostgreSQL. A missing
//! PostgreSQL is a failure, not a skip.

mod app;
mod browser;
mod export;
mod external;
mod fixtures;
mod postgres;
mod provider;
mod running;

mod accounts;
mod admin;
mod adoption;
mod api_tokens;
mod assistant;
mod audit;
mod chat;
mod chat_model;
mod chat_use;
mod clients;
mod cookies;
mod cors;
mod forge;
mod forms;
mod forms_account;
mod history;
mod housekeeping;
mod idempotency;
mod import;
mod jwt;
mod jwt_keys;
mod live;
mod mcp;
mod metrics;
mod migrations;
mod oauth;
mod outside;
mod parts;
mod peers;
mod people;
mod process;
mod quick_add;
mod runs;
mod safety;
mod social;
mod sweeps;
mod tasks;
mod tools;
mod undo_property;
mod versions;
mod way_back;
