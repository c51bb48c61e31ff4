//! What a server says by itself. That its list has changed is heard; whatever it asks is refused, because we have nothing to
//! offer it; and one that talks without end is hung up on.

use super::session::LEGACY;
use rmcp::{
    ErrorData, RoleClient, Service,
    model::{
        ClientCapabilities, ClientConfig, ClientResult, ErrorCode, Implementation, ServerNotification, ServerRequest,
    },
    service::{NotificationContext, RequestContext, RunningServiceCancellationToken},
};
use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

/// Most that a server may say by itself in one connection. An honest one is connected anew after it.
const WORDS_MAX: u32 = 10_000;

/// See the module. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Ear(Arc<Heard>);

#[derive(Default)]
struct Heard {
    changed: AtomicBool,
    words: AtomicU32,
    hang_up: Mutex<Option<RunningServiceCancellationToken>>,
}

impl fmt::Debug for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heard").field("changed", &self.changed).field("words", &self.words).finish_non_exhaustive()
    }
}

impl Ear {
    /// Says how to hang up.
    pub fn may_hang_up(&self, by: RunningServiceCancellationToken) {
        *self.0.hang_up.lock().unwrap_or_else(PoisonError::into_inner) = Some(by);
    }

    /// Whether the server's list is another one than when this was last asked for.
    pub fn has_changed(&self) -> bool {
        self.0.changed.load(Ordering::SeqCst)
    }

    /// The list is asked for now.
    pub fn forget(&self) {
        self.0.changed.store(false, Ordering::SeqCst);
    }

    /// The server has said that its list has changed.
    pub fn note(&self) {
        self.0.changed.store(true, Ordering::SeqCst);
        self.count();
    }

    fn count(&self) {
        if self.0.words.fetch_add(1, Ordering::SeqCst) >= WORDS_MAX
            && let Some(hang_up) = self.0.hang_up.lock().unwrap_or_else(PoisonError::into_inner).take()
        {
            hang_up.cancel();
        }
    }
}

impl Service<RoleClient> for Ear {
    async fn handle_request(
        &self,
        request: ServerRequest,
        _: RequestContext<RoleClient>,
    ) -> Result<ClientResult, ErrorData> {
        self.count();
        match request {
            ServerRequest::PingRequest(_) => Ok(ClientResult::empty(())),
            _ => Err(ErrorData::new(ErrorCode::METHOD_NOT_FOUND, "this client offers nothing", None)),
        }
    }

    async fn handle_notification(
        &self,
        notification: ServerNotification,
        _: NotificationContext<RoleClient>,
    ) -> Result<(), ErrorData> {
        match notification {
            ServerNotification::ToolListChangedNotification(_) => self.note(),
            _ => self.count(),
        }
        Ok(())
    }

    fn get_info(&self) -> ClientConfig {
        let client = Implementation::new("todo-chatbot", env!("CARGO_PKG_VERSION"));
        ClientConfig::new(ClientCapabilities::default(), client).with_protocol_version(LEGACY)
    }
}
