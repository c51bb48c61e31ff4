//! Programs of others that act for a person: who is let in at `/mcp`, and how they come by a token.

mod attacks;
mod clients;
mod flow;
mod guard;
mod program;
mod redirects;
