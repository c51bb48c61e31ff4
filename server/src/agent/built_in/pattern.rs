//! Sentence patterns: a line of the lexicon such as `mark|set {t} as? DONE` and how it fits the words of a sentence.
//!
//! A pattern is a row of pieces. `a|b_c` is any of these (a `_` joins words), `x?` may be missing, `DONE` in capitals is
//! a list of the lexicon, `{t}` is a slot that takes one or more words when the caller's check lets it. Commas between
//! pieces are skipped. There is no repetition and no nesting: what needs more than this is read by code.

use super::{
    lexicon,
    words::{Word, slip},
};

/// One piece of a pattern.
enum Piece {
    /// Any one of these runs of words.
    Any(Vec<Vec<&'static str>>, bool),
    /// A slot by its letter.
    Slot(char),
}

/// A pattern ready to use.
pub struct Pattern {
    pieces: Vec<Piece>,
}

/// How a pattern fitted: what each slot took, in order.
#[derive(Clone, Debug)]
pub struct Fit<'w> {
    slots: Vec<(char, &'w [Word])>,
    /// How many words were taken for slips of the fingers.
    pub slips: usize,
}

impl<'w> Fit<'w> {
    /// What the slot took; empty when the pattern has none of that letter.
    pub fn slot(&self, letter: char) -> &'w [Word] {
        self.slots.iter().find(|(l, _)| *l == letter).map_or(&[], |(_, words)| words)
    }
}

/// Whether a slot may take these words.
pub type Check<'c> = &'c dyn Fn(char, &[Word]) -> bool;

/// Most ways in which one pattern is tried to fit, so that a strange sentence cannot cost much.
const FITS_MAX: usize = 40;

impl Pattern {
    /// Reads a line of the lexicon.
    pub fn compile(line: &'static str) -> Self {
        let pieces = line
            .split(' ')
            .map(|token| {
                if let Some(letter) = token.strip_prefix('{').and_then(|t| t.chars().next()) {
                    return Piece::Slot(letter);
                }
                let (token, optional) = match token.strip_suffix('?') {
                    Some(token) if !token.is_empty() => (token, true),
                    _ => (token, false),
                };
                let alternatives = token
                    .split('|')
                    .flat_map(|one| lexicon::list(one).unwrap_or_else(|| vec![one]))
                    .map(|one| one.split('_').collect())
                    .collect();
                Piece::Any(alternatives, optional)
            })
            .collect();
        Self { pieces }
    }

    /// Every way the pattern fits all of the words; shorter slots first.
    pub fn fits<'w>(&self, words: &'w [Word], slips: bool, check: Check<'_>) -> Vec<Fit<'w>> {
        let mut out = Vec::new();
        let mut slots = Vec::new();
        walk(&self.pieces, words, slips, 0, check, &mut slots, &mut out);
        out
    }
}

fn walk<'w>(
    pieces: &[Piece],
    words: &'w [Word],
    slips: bool,
    slipped: usize,
    check: Check<'_>,
    slots: &mut Vec<(char, &'w [Word])>,
    out: &mut Vec<Fit<'w>>,
) {
    if out.len() >= FITS_MAX {
        return;
    }
    let Some((piece, rest)) = pieces.split_first() else {
        if words.iter().all(Word::is_mark) {
            out.push(Fit { slots: slots.clone(), slips: slipped });
        }
        return;
    };
    match piece {
        Piece::Any(alternatives, optional) => {
            for alternative in alternatives {
                if let Some((taken, n)) = literal(alternative, words, slips) {
                    walk(rest, &words[taken..], slips, slipped + n, check, slots, out);
                }
            }
            if *optional {
                walk(rest, words, slips, slipped, check, slots, out);
            }
        }
        Piece::Slot(letter) => {
            for taken in 1..=words.len() {
                let (slot, after) = words.split_at(taken);
                if slot.iter().all(Word::is_mark) || (rest.is_empty() && !after.is_empty()) {
                    continue;
                }
                if check(*letter, slot) {
                    slots.push((*letter, slot));
                    walk(rest, after, slips, slipped, check, slots, out);
                    slots.pop();
                }
            }
        }
    }
}

/// How many words the literal takes at the front, and how many of them were slips.
fn literal(wanted: &[&str], words: &[Word], slips: bool) -> Option<(usize, usize)> {
    let mut taken = 0;
    let mut slipped = 0;
    for want in wanted {
        while words.get(taken).is_some_and(|w| w.low == "," && *want != ",") {
            taken += 1;
        }
        let word = words.get(taken).filter(|w| !w.quoted)?;
        if word.low != *want {
            if !(slips && slip(&word.low, want) && !lexicon::is_known(&word.low)) {
                return None;
            }
            slipped += 1;
        }
        taken += 1;
    }
    Some((taken, slipped))
}
