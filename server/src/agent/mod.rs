//! What answers in the chat: the built-in assistant, or the loop around a language model.

pub mod built_in;
