//! What answers in the chat: the built-in assistant ([`built_in`]), or the loop around a language model ([`rounds`]).
//!
//! Both act only through [`hands`], which carries out tool calls ([`reach`]), asks before harmful or bulk ones, and notes
//! what was done. [`model`] is what a language model looks like from here, [`providers`] are the ways to reach one.

pub mod built_in;
pub mod events;
pub mod hands;
pub mod listen;
pub mod model;
pub mod prompt;
pub mod providers;
pub mod reach;
pub mod rounds;

pub use events::{Events, Numbered};
