//! Pages that are forms: sign-in and its neighbours, settings and administration. Only the server draws them.
//!
//! Each is made of plain forms that work by themselves. Where scripts run, [`crate::pages::served`] sends the same forms
//! to the same doors and puts what comes back in place of what was there, so there is one way through each form and it
//! is the tested one. None of these views is compiled for the browser, which keeps the first visit small.
//!
//! Deliberately absent: signals and event handlers. Nobody would run them.

mod activity;
mod admin;
mod agent;
mod apps;
mod chat_use;
mod connections;
pub mod data;
pub mod entrance;
mod leaving;
mod parts;
mod password;
mod place;
mod profile;
mod said;
mod sessions;
mod settings;
mod tokens;
mod when;

use crate::{boot::Boot, prelude::*};
use data::Served;

/// The middle of a signed-in page.
pub fn middle(boot: &Boot) -> AnyView {
    let Some(overview) = &boot.overview else { return ().into_any() };
    match &boot.served {
        Some(Served::Settings(found)) => settings::page(overview, found),
        Some(Served::Admin(found)) => admin::page(overview, found),
        Some(Served::Use(found)) => chat_use::page(overview, found),
        _ => ().into_any(),
    }
}
