//! The built-in assistant: understands plain requests about tasks without a language model.
//!
//! A message goes through four pure steps: [`words`] cuts it up, [`read`] finds what it asks for (with the data of a
//! language's [`lexicon`]), [`plan`] turns that into tool calls on the tasks of a [`scene`], and [`reply`] says what became
//! of them.
//! Whoever drives it (`service::chat`, the corpus test) makes the calls and tells the scene. Absent here: IO, the clock,
//! the database; and any guess. What is not surely understood is asked back or said to be not understood.

pub mod clock;
pub mod days;
pub mod filter;
pub mod intent;
pub mod lexicon;
pub mod line;
pub mod memo;
pub mod memory;
pub mod pattern;
pub mod plan;
pub mod read;
pub mod reply;
pub mod scene;
pub mod target;
pub mod when;
pub mod words;
