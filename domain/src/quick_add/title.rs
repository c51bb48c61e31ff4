//! What is left of a line when everything understood is taken out.

use super::items::{Item, Kind, unquote};
use crate::sorted;

/// Separators that make no sense next to nothing.
const DANGLING: &[char] = &[',', ';', ':', '-', '–', '—', '|'];
/// Punctuation that is not said twice in a row.
const DOUBLING: &[char] = &[',', '.', ';', ':', '!', '?'];
/// Punctuation that moves up to the word before a piece that was taken out.
const CLINGING: &[char] = &[',', '.', ';', ':', '!', '?', ')', '…'];

/// Puts the title together from `text[start..end]`. `taken` are the pieces to leave out, in order.
pub(super) fn title(text: &str, start: usize, end: usize, items: &[Item<'_>], taken: &[(usize, usize)]) -> String {
    let mut edits: Vec<(usize, usize, Option<String>)> = Vec::new();
    let mut edit = |edit| sorted::insert(&mut edits, edit, |(start, ..)| *start);
    for (start, end) in taken {
        edit((*start, *end, None));
    }
    for item in items {
        if let Some(at) = item.escape {
            edit((at, at + 1, Some(String::new())));
        }
        if let Kind::Literal { quoted: true } = item.kind {
            edit((item.start, item.end, Some(unquote(item.text))));
        }
    }

    let mut out = Out::default();
    let mut at = start;
    for (from, to, with) in edits {
        out.push(&text[at..from]);
        match with {
            Some(with) => out.push_literal(&with),
            None => out.gap(),
        }
        at = to;
    }
    out.push(&text[at..end]);
    out.finish()
}

#[derive(Default)]
struct Out {
    text: String,
    /// Something was taken out right before.
    gap: bool,
    /// Something was taken out anywhere.
    cut: bool,
}

impl Out {
    fn gap(&mut self) {
        self.text.truncate(self.text.trim_end().len());
        self.gap = true;
        self.cut = true;
    }

    fn push(&mut self, piece: &str) {
        if !self.gap || piece.is_empty() {
            self.text.push_str(piece);
            return;
        }
        let rest = piece.trim_start();
        if self.text.is_empty() {
            // "Tomorrow: call" and "Tomorrow - call"
            let rest = rest.trim_start_matches(DANGLING).trim_start();
            self.gap = rest.is_empty();
            self.text.push_str(rest);
            return;
        }
        if rest.is_empty() {
            return;
        }
        self.gap = false;
        if rest.starts_with(CLINGING) && !piece.starts_with(char::is_whitespace) {
            // "a, b, c" without b is not "a,, c".
            let rest = if self.text.ends_with(DOUBLING) { rest.trim_start_matches(CLINGING) } else { rest };
            self.text.push_str(rest);
            return;
        }
        self.text.push(' ');
        self.text.push_str(rest);
    }

    fn push_literal(&mut self, piece: &str) {
        if self.gap && !self.text.is_empty() && !piece.is_empty() {
            self.text.push(' ');
        }
        self.gap = self.gap && piece.is_empty();
        self.text.push_str(piece);
    }

    fn finish(mut self) -> String {
        if self.gap {
            // "call mum -" and "Meeting:"
            while let Some(rest) = self.text.trim_end().strip_suffix(DANGLING) {
                self.text.truncate(rest.len());
            }
        }
        let bare =
            self.cut && !self.text.contains(|c: char| c.is_alphanumeric() || !(c.is_ascii() || c.is_whitespace()));
        if bare { String::new() } else { self.text.trim().to_owned() }
    }
}
