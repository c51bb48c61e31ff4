//! The pieces pages are made of, each small and for one job.

pub mod assistant;
pub mod bulk_bar;
pub mod chat;
pub mod detail;
pub mod dialogs;
pub mod field;
pub mod frame;
pub mod icons;
pub mod keyed;
pub mod keys;
pub mod list;
pub mod markdown;
pub mod quick_add;
pub mod rail;
pub mod row;
pub mod toasts;
