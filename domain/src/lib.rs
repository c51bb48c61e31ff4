//! The to-do list's types and rules, shared by the server and the page.
//!
//! What a task is ([`task`]), the three kinds of date ([`date`]), what is repeated ([`repeat`]), how a typed line is
//! understood ([`quick_add`]), how lists are ordered ([`order`]), and the words of the wire ([`problem`], [`operation`],
//! [`chat`], [`account`]).
//!
//! Deliberately absent: IO, the clock, SQL, HTTP and user interface. Everything here compiles for wasm, and the same
//! input always gives the same result.

pub mod account;
pub mod chat;
pub mod chat_use;
pub mod date;
pub mod id;
pub mod label;
pub mod operation;
pub mod order;
pub mod overview;
pub mod priority;
pub mod problem;
pub mod project;
pub mod quick_add;
pub mod repeat;
pub mod settings;
mod sorted;
pub mod task;
pub mod text;
