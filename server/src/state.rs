//! What every handler can reach.

use crate::service::{Services, accounts::Accounts};
use tokio::sync::watch;

/// The state of the router. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AppState {
    /// The rules.
    pub services: Services,
    /// Who is who.
    pub accounts: Accounts,
    /// Becomes true when the process is to stop: streams end, `/ready` fails.
    pub stopping: watch::Receiver<bool>,
}

impl AppState {
    /// Ends when the process is to stop.
    pub async fn stopped(&self) {
        let mut stopping = self.stopping.clone();
        // An error means that the sender is gone, and so is the process's reason to go on.
        let _ = stopping.wait_for(|stop| *stop).await;
    }
}
