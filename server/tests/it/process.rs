//! The program as its operators meet it: killed, stopped, without its database or with a full disk, wrongly set.

mod backup;
mod balancer;
mod commands;
mod database;
mod disk;
mod drain;
mod kill;
mod log;
mod operator;
mod pods;
mod refused;
mod runs;
mod settings;
mod traces;
mod users;
