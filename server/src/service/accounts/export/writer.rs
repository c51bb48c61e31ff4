//! A JSON object written field by field into a channel, in pieces of some size.

use crate::service::{Error, Result};
use serde::Serialize;
use tokio::sync::mpsc;

/// Text is sent on when there is so much of it, in bytes.
const PIECE: usize = 64 * 1024;

/// See the module.
pub(super) struct Writer {
    sender: mpsc::Sender<Result<String>>,
    text: String,
    fields: usize,
    items: usize,
}

impl Writer {
    pub(super) fn new(sender: mpsc::Sender<Result<String>>) -> Self {
        Self { sender, text: "{".into(), fields: 0, items: 0 }
    }

    /// A field with its whole value.
    pub(super) async fn field(&mut self, name: &str, value: &(impl Serialize + ?Sized)) -> Result<()> {
        self.name(name);
        self.value(value).await
    }

    /// Begins a field that is a list.
    pub(super) async fn begin(&mut self, name: &str) -> Result<()> {
        self.name(name);
        self.text.push('[');
        self.items = 0;
        Ok(())
    }

    /// One item of the list that was begun.
    pub(super) async fn item(&mut self, value: &impl Serialize) -> Result<()> {
        self.text.push_str(if self.items == 0 { "\n" } else { ",\n" });
        self.items += 1;
        self.value(value).await
    }

    pub(super) fn end_list(&mut self) -> Result<()> {
        self.text.push_str(if self.items == 0 { "]" } else { "\n]" });
        Ok(())
    }

    /// Ends the document.
    pub(super) async fn end(&mut self) -> Result<()> {
        self.text.push_str("\n}\n");
        self.send().await
    }

    /// Says that the rest does not come.
    pub(super) async fn fail(&self, error: Error) {
        // An error only means that nobody reads any more.
        let _ = self.sender.send(Err(error)).await;
    }

    fn name(&mut self, name: &str) {
        self.text.push_str(if self.fields == 0 { "\n\"" } else { ",\n\"" });
        self.fields += 1;
        self.text.push_str(name);
        self.text.push_str("\": ");
    }

    async fn value(&mut self, value: &(impl Serialize + ?Sized)) -> Result<()> {
        let json = serde_json::to_string(value);
        self.text.push_str(&json.map_err(|e| Error::Internal(format!("an export could not be written: {e}")))?);
        if self.text.len() < PIECE { Ok(()) } else { self.send().await }
    }

    async fn send(&mut self) -> Result<()> {
        let piece = std::mem::take(&mut self.text);
        self.sender.send(Ok(piece)).await.map_err(|_| Error::Internal("nobody reads the export any more".into()))
    }
}
