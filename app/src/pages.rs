//! One file per kind of page.

pub mod lists;
pub mod not_found;
pub mod sign_in;
pub mod task;
