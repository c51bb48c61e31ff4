//! One file per kind of page.

pub mod chat;
pub mod lists;
pub mod not_found;
pub mod served;
pub mod task;
