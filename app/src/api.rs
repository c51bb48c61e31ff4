//! The typed client of the REST API: one function per endpoint, one file per resource.

mod account;
mod chat;
mod lists;
mod tasks;

pub use account::overview;
pub use chat::*;
pub use lists::{ListChange, create_project, delete_label, delete_project, save_label, save_project};
pub use tasks::*;

use crate::transport::{Answer, Call, send};
use domain::problem::Problem;
use serde::{Serialize, de::DeserializeOwned};

pub(crate) async fn get<T: DeserializeOwned>(path: String) -> Result<Answer<T>, Problem> {
    let call = Call { method: "GET", path, ..Call::default() };
    send(call).await?.decode()
}

async fn write<T: DeserializeOwned>(
    method: &'static str,
    path: String,
    body: Option<String>,
) -> Result<Answer<T>, Problem> {
    let call = Call { method, path, body, version: None };
    send(call).await?.decode()
}

/// Our own bodies are plain structs of text and numbers, which always have a JSON form.
fn json(body: &(impl Serialize + ?Sized)) -> Option<String> {
    serde_json::to_string(body).ok()
}

/// Escapes a value for a query or a path segment.
pub fn encode(text: &str) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn encoding_keeps_letters_and_escapes_the_rest() {
        assert_eq!(super::encode("a b&ü"), "a%20b%26%C3%BC");
    }
}
