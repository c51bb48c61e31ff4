//! How far a copy is, on a terminal; elsewhere nothing is shown.

use crate::store::transfer::Progress;
use indicatif::{ProgressBar, ProgressStyle};

/// One line that is drawn over and over.
#[derive(Debug)]
pub struct Bar(ProgressBar);

impl Bar {
    /// Empty.
    pub fn new() -> Self {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template("{msg:32} {wide_bar} {pos}/{len}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// Draws it.
    pub fn show(&self, progress: Progress<'_>) {
        let what = if progress.comparing { "comparing" } else { "copying" };
        self.0.set_length(progress.of);
        self.0.set_position(progress.done);
        self.0.set_message(format!("{what} {}", progress.table));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
