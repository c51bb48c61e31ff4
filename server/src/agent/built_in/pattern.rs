//! Sentence patterns: a line such as `mark|set {t} as? DONE` and how it fits the words of a sentence.
//!
//! A pattern is a row of pieces. `a|b_c` is any of these (a `_` joins words), `x?` may be missing, `DONE` in capitals is
//! a list of the lexicon, `{t}` is a slot that takes one or more words when the caller's check lets it. Commas between
//! pieces are skipped. There is no repetition and no nesting: what needs more than this is read by code.

use super::{lexicon::Language, words::Word};
use std::collections::HashSet;

/// One piece of a pattern.
enum Piece {
    /// Any one of these runs of words; perhaps none.
    Any(Vec<Vec<String>>, bool),
    /// A slot by its letter.
    Slot(char),
}

/// A pattern ready to use.
pub struct Pattern {
    pieces: Vec<Piece>,
    /// Of each piece that must be there, the words it may begin with.
    needs: Vec<HashSet<String>>,
}

/// How a pattern fitted: what each slot took, in order.
#[derive(Clone, Debug)]
pub struct Fit<'w> {
    slots: Vec<(char, &'w [Word])>,
}

impl<'w> Fit<'w> {
    /// What the slot took; empty when the pattern has none of that letter.
    pub fn slot(&self, letter: char) -> &'w [Word] {
        self.slots.iter().find(|(l, _)| *l == letter).map_or(&[], |(_, words)| words)
    }

    /// What the first of these slots that is there took.
    pub fn first(&self, letters: &[char]) -> &'w [Word] {
        letters.iter().map(|l| self.slot(*l)).find(|s| !s.is_empty()).unwrap_or(&[])
    }
}

/// Whether a slot may take these words.
pub type Check<'c> = &'c dyn Fn(char, &[Word]) -> bool;

/// Most ways in which one pattern is tried to fit, so that a strange sentence cannot cost much.
const FITS_MAX: usize = 40;

impl Pattern {
    /// Reads a line of the lexicon.
    pub fn compile(line: &str, language: &Language) -> Self {
        let pieces: Vec<Piece> = line
            .split_whitespace()
            .map(|token| {
                if let Some(letter) = token.strip_prefix('{').and_then(|t| t.chars().next()) {
                    return Piece::Slot(letter);
                }
                let (token, optional) = match token.strip_suffix('?') {
                    Some(token) if !token.is_empty() => (token, true),
                    _ => (token, false),
                };
                let mut any = Vec::new();
                for one in token.split('|') {
                    match language.named(one) {
                        Some(list) => any.extend(list.iter().map(split)),
                        None => any.push(split(&language.normal(&one.replace('_', " ")))),
                    }
                }
                Piece::Any(any, optional)
            })
            .collect();
        let firsts = |any: &[Vec<String>]| any.iter().filter_map(|a| a.first().cloned()).collect();
        let needs = pieces
            .iter()
            .filter_map(|p| match p {
                Piece::Any(any, false) => Some(firsts(any)),
                _ => None,
            })
            .collect();
        Self { pieces, needs }
    }

    /// Every word the pattern says outright.
    pub fn words(&self) -> impl Iterator<Item = String> {
        self.pieces
            .iter()
            .filter_map(|p| match p {
                Piece::Any(any, _) => Some(any),
                Piece::Slot(_) => None,
            })
            .flatten()
            .flatten()
            .cloned()
    }

    /// Of each piece that must be there, the words it may begin with.
    pub fn needs(&self) -> &[HashSet<String>] {
        &self.needs
    }

    /// Every way the pattern fits all of the words; shorter slots first.
    pub fn fits<'w>(&self, words: &'w [Word], check: Check<'_>) -> Vec<Fit<'w>> {
        let mut out = Vec::new();
        walk(&self.pieces, words, check, &mut Vec::new(), &mut out);
        out
    }
}

fn split(phrase: &str) -> Vec<String> {
    phrase.split(' ').map(str::to_owned).collect()
}

fn walk<'w>(
    pieces: &[Piece],
    words: &'w [Word],
    check: Check<'_>,
    slots: &mut Vec<(char, &'w [Word])>,
    out: &mut Vec<Fit<'w>>,
) {
    if out.len() >= FITS_MAX {
        return;
    }
    let Some((piece, rest)) = pieces.split_first() else {
        if words.iter().all(Word::is_mark) {
            out.push(Fit { slots: slots.clone() });
        }
        return;
    };
    match piece {
        Piece::Any(alternatives, optional) => {
            for alternative in alternatives {
                if let Some(taken) = literal(alternative, words) {
                    walk(rest, &words[taken..], check, slots, out);
                }
            }
            if *optional {
                walk(rest, words, check, slots, out);
            }
        }
        Piece::Slot(letter) => {
            for taken in 1..=words.len() {
                let (slot, after) = words.split_at(taken);
                if slot.iter().all(Word::is_mark) || (rest.is_empty() && !after.is_empty()) || !may_start(rest, after) {
                    continue;
                }
                if check(*letter, slot) {
                    slots.push((*letter, slot));
                    walk(rest, after, check, slots, out);
                    slots.pop();
                }
            }
        }
    }
}

/// Whether the next piece, when it must be there, can begin at these words: cheaper to ask than what a slot may take.
fn may_start(rest: &[Piece], words: &[Word]) -> bool {
    match rest.first() {
        Some(Piece::Any(alternatives, false)) => alternatives.iter().any(|a| literal(a, words).is_some()),
        _ => true,
    }
}

/// How many words the literal takes at the front.
fn literal(wanted: &[String], words: &[Word]) -> Option<usize> {
    let mut taken = 0;
    for want in wanted {
        while words.get(taken).is_some_and(|w| w.low == "," && want != ",") {
            taken += 1;
        }
        words.get(taken).filter(|w| !w.quoted && w.low == *want)?;
        taken += 1;
    }
    Some(taken)
}
