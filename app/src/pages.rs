//! One file per kind of page.

pub mod chat;
pub mod lists;
pub mod not_found;
pub mod settings;
pub mod sign_in;
pub mod task;
