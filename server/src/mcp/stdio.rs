//! `todo-chatbot mcp`: the same server over standard input and output, for a program on this machine that starts it.
//!
//! Nothing but the protocol may reach standard output; the log goes to standard error as always. There is no sign-in: who
//! can start the program with the database's settings is the operator, and says whose tasks these are.

use super::{Mcp, Who};
use crate::{serve::Failed, state::AppState};
use rmcp::{ServiceExt as _, service::ServerInitializeError};

/// Serves until the client goes away or the process is to stop.
pub async fn serve(state: AppState, who: Who) -> Result<(), Failed> {
    let told = state.clone();
    let running = tokio::select! {
        started = Mcp::new(state, who).serve(rmcp::transport::stdio()) => started,
        () = told.stopped() => return Ok(()),
    };
    let running = match running {
        Ok(running) => running,
        // The client went away before it said anything.
        Err(ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
        Err(error) => return Err(Failed(format!("the client did not begin as the protocol says: {error}"))),
    };
    let ended = running.cancellation_token();
    tokio::select! {
        done = running.waiting() => done.map(|_| ()).map_err(|e| Failed(format!("the connection broke: {e}"))),
        () = told.stopped() => { ended.cancel(); Ok(()) }
    }
}
