//! What the assistant leaves behind: conversations ([`conversations`]), what was said in them ([`messages`]), what was done
//! ([`calls`]), who is answering which one right now ([`runs`]) and how much of it there was ([`usage`]).
//!
//! Deliberately absent: what any of it means; `service::chat` knows.

pub mod calls;
pub mod conversations;
pub mod messages;
pub mod runs;
pub mod usage;

pub use calls::StoredCall;
pub use conversations::StoredConversation;
pub use messages::Place;
pub use runs::{Claim, StoredRun};
