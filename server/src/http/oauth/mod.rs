//! The OAuth doors: what MCP clients are told, and who is let in.

pub mod guard;
