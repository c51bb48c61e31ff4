//! The pure pieces of signing in: cookies and their signatures, passwords, e-mail syntax, which origins are ours.
//!
//! Everything follows Better Auth's wire contract, so that its unmodified client, its cookies and its tables work
//! here. Functions take what they need (the secret, the header, the salt) as arguments. Deliberately absent: the
//! database, the clock and HTTP handlers; those are `service::accounts`, `store::accounts` and `http::auth`.

pub mod client;
pub mod cookie;
pub mod email;
pub mod fetch;
pub mod guarded;
pub mod jwks;
pub mod jwt;
pub mod keyring;
pub mod mail_token;
pub mod network;
pub mod oauth;
pub mod oidc;
pub mod origin;
pub mod outside;
pub mod password;
pub mod pattern;
pub mod remote_keys;
pub mod target;
#[cfg(test)]
mod vectors;
pub mod workers;
