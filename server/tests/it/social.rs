//! Signing in through others, attacked from every side: by the browser, by a stranger, and by the provider itself.

mod attacks;
mod people;
pub mod provider;
mod tokens;
