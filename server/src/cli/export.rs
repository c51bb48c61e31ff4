//! `export`: everything of one person, as the page's own export writes it.

use super::state;
use crate::{auth::client::Client, config::Config, serve::Failed};
use std::{
    fs::OpenOptions,
    io::{self, Write},
    path::PathBuf,
};

/// Writes the document to `file`, which is not there yet, or to standard output.
pub async fn run(email: &str, file: Option<PathBuf>, config: Config) -> Result<(), Failed> {
    let (state, store) = state(config).await?;
    let done = async {
        let failed = |e: crate::service::Error| Failed(e.to_string());
        let user = state.accounts.find(email).await.map_err(failed)?;
        let actor = state.accounts.local_actor(&user).await.map_err(|e| Failed(e.to_string()))?;
        let actor = actor.ok_or_else(|| Failed(format!("{email} is locked out: `todo-chatbot user enable` first")))?;
        let name = file.as_ref().map_or("standard output".into(), |file| file.display().to_string());
        let cannot = |e: io::Error| Failed(format!("{name} cannot be written: {e}"));
        let mut out: Box<dyn Write> = match &file {
            Some(file) => {
                let mut options = OpenOptions::new();
                options.write(true).create_new(true);
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                Box::new(options.open(file).map_err(cannot)?)
            }
            None => Box::new(io::stdout().lock()),
        };
        let mut pieces = state.accounts.export(&actor, &Client::default());
        while let Some(piece) = pieces.recv().await {
            out.write_all(piece.map_err(failed)?.as_bytes()).map_err(cannot)?;
        }
        out.flush().map_err(cannot)
    };
    let done = done.await;
    store.close().await;
    done
}
