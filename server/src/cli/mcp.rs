//! `mcp`: the tools over standard input and output, for a program on this machine that starts this one.

use super::today;
use crate::{
    clock::SystemClock,
    config::Config,
    mcp::{Who, stdio},
    serve::{self, Failed},
};
use std::sync::Arc;
use tokio::sync::watch;

/// Runs until the client closes its end or the process is told to stop.
pub async fn run(email: Option<String>, config: Config) -> Result<(), Failed> {
    let config = Arc::new(config);
    let trust = serve::trust(&config)?;
    let store = today(&config).await?;
    let token = config.mcp_token.clone();
    let (stop, stopping) = watch::channel(false);
    tokio::spawn(async move {
        serve::signal().await;
        let _ = stop.send(true);
        // Kept until then: a dropped sender counts as a stop.
        drop(stop);
    });
    let state = serve::put_together(config, Arc::new(SystemClock::default()), store.clone(), trust, stopping).await?;
    let served = async {
        let who = match (email, token) {
            (Some(email), _) => Who::Local(state.accounts.find(&email).await.map_err(|e| Failed(e.to_string()))?),
            (None, Some(token)) => Who::Token(token),
            (None, None) => {
                return Err(Failed(
                    "whose tasks? Name a person with --user ADDRESS, or set TODO_CHATBOT_TOKEN to an API token".into(),
                ));
            }
        };
        stdio::serve(state, who).await
    };
    let done = served.await;
    store.close().await;
    done
}
