//! The page: Leptos views that the server renders to HTML and the browser then brings to life.
//!
//! A request, read in order: [`boot`] gathers what the address needs, [`shell`] writes the document, [`routes`] picks
//! the page, [`pages`] and [`components`] draw it from [`state`]. A click goes [`state`] (shown at once) -> [`api`]
//! (one function per endpoint) -> [`transport`] -> the REST API.
//!
//! Deliberately absent: SQL, the web framework, and any way to the data besides the REST API. Nothing here reads the
//! clock while it draws; the day and the time come with [`domain::overview::Overview`], so that server and browser draw
//! the same page.
#![recursion_limit = "256"]

pub mod api;
pub mod boot;
pub mod browser;
pub mod components;
pub mod dates;
pub mod pages;
pub mod place;
pub mod prelude;
pub mod routes;
#[cfg(feature = "ssr")]
pub mod served;
#[cfg(feature = "ssr")]
pub mod shell;
pub mod state;
pub mod transport;

/// Called by the document's start script once the wasm is there.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(routes::App);
}
