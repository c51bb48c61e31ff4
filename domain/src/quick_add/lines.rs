//! A text cut into lines: indentation, bullets and done boxes.

use super::{BadLine, Chip};
use crate::task::{BULK_MAX, DEPTH_MAX};

/// One line that is not blank.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// Counted from 1, blank lines too.
    pub number: usize,
    /// Bytes of the whole text, without indentation, bullet and box.
    pub start: usize,
    pub end: usize,
    /// What the box says, and where it is.
    pub done: Option<(bool, usize, usize)>,
    /// Index of the line it is indented under.
    pub parent: Option<usize>,
}

impl Line {
    /// What was understood of the box.
    pub fn done_chip(&self, text: &str) -> Option<Chip> {
        let (done, start, end) = self.done?;
        Some(Chip::new(text, "done", start, end, done.to_string()))
    }
}

/// A tab reaches the next multiple of this.
const TAB: usize = 4;

/// Cuts a text into its lines, and finds what is indented under what.
pub(super) fn lines(text: &str) -> Result<Vec<Line>, BadLine> {
    let mut lines: Vec<Line> = Vec::new();
    // Width and index of the lines the next one may be under.
    let mut above: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    for (i, piece) in (1..).zip(text.split_inclusive('\n')) {
        let (start, end) = (at, at + piece.trim_end_matches(['\n', '\r']).len());
        at += piece.len();
        let Some((width, start)) = indentation(text, start, end) else {
            continue;
        };
        if lines.len() == BULK_MAX {
            return Err(BadLine {
                line: i,
                code: "too_many",
                message: format!("is one more than the {BULK_MAX} tasks that one text may hold"),
            });
        }
        while above.last().is_some_and(|(w, _)| *w >= width) {
            above.pop();
        }
        let parent = above.last().map(|(_, index)| *index);
        if above.len() >= DEPTH_MAX {
            return Err(BadLine {
                line: i,
                code: "too_deep",
                message: format!("must not be indented under more than {} others", DEPTH_MAX - 1),
            });
        }
        above.push((width, lines.len()));
        let (start, done) = after_bullet(text, start, end);
        lines.push(Line { number: i, start, end, done, parent });
    }
    Ok(lines)
}

/// How far a line is indented, and its first byte that is not blank. `None` for a blank line.
fn indentation(text: &str, start: usize, end: usize) -> Option<(usize, usize)> {
    let mut width = 0;
    for (i, c) in text[start..end].char_indices() {
        match c {
            '\t' => width = (width / TAB + 1) * TAB,
            c if c.is_whitespace() => width += 1,
            _ => return Some((width, start + i)),
        }
    }
    None
}

/// Drops a bullet, and takes a done box off.
fn after_bullet(text: &str, start: usize, end: usize) -> (usize, Option<(bool, usize, usize)>) {
    let skip = |from: usize| {
        let rest = &text[from..end];
        from + (rest.len() - rest.trim_start().len())
    };
    let mut at = start;
    for bullet in ["-", "*", "•"] {
        if let Some(rest) = text[at..end].strip_prefix(bullet)
            && (rest.is_empty() || rest.starts_with(char::is_whitespace))
        {
            at = skip(at + bullet.len());
            break;
        }
    }
    for (mark, done) in [("[ ]", false), ("[x]", true), ("[X]", true)] {
        if let Some(rest) = text[at..end].strip_prefix(mark)
            && (rest.is_empty() || rest.starts_with(char::is_whitespace))
        {
            let after = at + mark.len();
            return (skip(after), Some((done, at, after)));
        }
    }
    (at, None)
}
