//! The page in a real browser, against the built program: each test has its own server, browser and profile.
//!
//! The page must have been built (`cargo xtask test` does it); a missing browser is a failure, not a skip.

mod account;
mod assistant;
mod barriers;
mod chat;
mod keyboard;
mod people;
mod plain;
mod window;

use crate::running::{Home, Running};
use window::{Kind, Window};

/// A server and a browser that looks at it.
struct Desk {
    window: Window,
    server: Running,
    /// For what the operator does beside the running server.
    home: Home,
}

impl Desk {
    async fn new() -> Self {
        Self::with(Kind::Usual).await
    }

    async fn with(kind: Kind) -> Self {
        Self::at(Home::new(), kind).await
    }

    /// With settings of its own.
    async fn at(home: Home, kind: Kind) -> Self {
        let server = home.start().await;
        let window = Window::open(&server.base, kind).await;
        Self { window, server, home }
    }

    /// Signs up through the page and waits for Today.
    async fn sign_up(&self) {
        let window = &self.window;
        window.go("/sign-up").await;
        window.fill("#name", "Ann").await;
        window.fill("#email", "ann@example.org").await;
        window.fill("#password", "correct horse").await;
        window.click("form button.primary").await;
        window.see(".view[data-place='/today']").await;
    }

    /// Signs in somebody whom the server knows already, and looks at that view once it is alive.
    async fn sign_in_and_go(&self, path: &str) {
        self.window.go("/sign-in").await;
        self.window.fill("#email", "ann@example.org").await;
        self.window.fill("#password", "correct horse").await;
        self.window.click("form button.primary").await;
        self.window.see(".view").await;
        self.window.go(path).await;
        self.window.alive().await;
    }

    /// Signs up, then looks at that view once it is alive.
    async fn sign_up_and_go(&self, path: &str) {
        self.sign_up().await;
        self.window.go(path).await;
        self.window.alive().await;
    }
}
