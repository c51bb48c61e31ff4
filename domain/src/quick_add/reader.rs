//! Reading a line's items: what stands where, and which phrase starts at which item.
//!
//! Phrases are found from the line's end to its start, so that each knows whether anything but phrases and markers follows
//! it: many words are dates only at an end.

use super::{
    Context,
    clause::{self, Clause},
    every::{self, Every},
    items::{Item, Kind},
    lexicon,
    moment::{self, Moment},
};

/// Most items of one phrase. People stay far below it; it keeps the work in proportion to the text, and recursion shallow.
const PHRASE_MAX: usize = 80;

/// Something understood in a line.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// Its first item, and the one after its last.
    pub first: usize,
    pub next: usize,
    /// Bytes of the whole text.
    pub start: usize,
    pub end: usize,
    pub what: What,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    /// A date, a time or both.
    Moment(Moment),
    NoDate,
    Repeat(Box<Every>),
    /// A part of a repetition that stands away from it.
    Clause(Clause),
    /// The item is a marker.
    Marker,
    /// Understood, and text all the same.
    Text,
}

/// The items of one line.
pub(super) struct Reader<'a, 'c> {
    items: &'a [Item<'a>],
    context: &'a Context<'c>,
    /// For each item, whether only phrases and markers stand from there to the end.
    tail: Vec<bool>,
    /// For each item, whether a phrase or a marker starts there.
    starts: Vec<bool>,
}

impl<'a, 'c> Reader<'a, 'c> {
    pub fn new(items: &'a [Item<'a>], context: &'a Context<'c>) -> Self {
        let mut tail = vec![false; items.len()];
        tail.push(true);
        let starts = vec![false; items.len() + 1];
        Self { items, context, tail, starts }
    }

    /// A look at the items from `begin` on.
    pub fn scan(&self, begin: usize) -> Scan<'_, 'a, 'c> {
        Scan { reader: self, begin }
    }

    /// Everything understood, in the order of the text.
    pub fn phrases(mut self) -> Vec<Found> {
        let mut found: Vec<Option<Found>> = Vec::new();
        found.resize_with(self.items.len(), || None);
        for (i, slot) in found.iter_mut().enumerate().rev() {
            let here = self.phrase(i);
            let item = &self.items[i];
            if item.escape.is_none() {
                let dash = matches!(item.text, "-" | "–" | "—" | "!" | "?" | "." | "," | ";");
                self.starts[i] = here.as_ref().is_some_and(|f| !matches!(f.what, What::Text));
                self.tail[i] = match &here {
                    Some(f) => self.tail[f.next] && !matches!(f.what, What::Text),
                    None => dash && self.tail[i + 1],
                };
            }
            *slot = here;
        }
        let mut out = Vec::new();
        let mut i = 0;
        while let Some(slot) = found.get_mut(i) {
            match slot.take() {
                // A backslash keeps all of what would have been understood.
                Some(f) => {
                    i = f.next;
                    if self.items[f.first].escape.is_none() && !matches!(f.what, What::Text) {
                        out.push(f);
                    }
                }
                None => i += 1,
            }
        }
        out
    }

    fn phrase(&self, i: usize) -> Option<Found> {
        let item = &self.items[i];
        if let Kind::Marker(_) = item.kind {
            return Some(Found { first: i, next: i + 1, start: item.start, end: item.end, what: What::Marker });
        }
        let s = self.scan(i);
        s.word(i)?;
        let (next, what) = every::every(s)
            .map(|(next, every)| (next, What::Repeat(Box::new(every))))
            .or_else(|| clause::standing(s).map(|(next, clause)| (next, What::Clause(clause))))
            .or_else(|| moment::no_date(s).map(|next| (next, What::NoDate)))
            .or_else(|| moment::range(s).or_else(|| moment::held(s)).map(|next| (next, What::Text)))
            .or_else(|| moment::moment(s).map(|(next, moment)| (next, What::Moment(moment))))?;
        let last = &self.items[next - 1];
        let (mut start, mut end) = (item.start, last.end);
        if item.lead == "(" {
            // Parentheses belong to a phrase that fills them.
            last.trail.starts_with(')').then_some(())?;
            start -= 1;
            end += 1;
        } else if (matches!(last.lead, "[" | "(") || last.text.contains('[')) && last.trail.starts_with([']', ')']) {
            // So do the brackets of a zone.
            start = start.min(last.start);
            end += 1;
        }
        // "5 p.m." ends with its dot.
        let spelled = last.lower.ends_with("a.m") || last.lower.ends_with("p.m");
        if spelled && end == last.end && last.trail.starts_with('.') {
            end += 1;
        }
        Some(Found { first: i, next, start, end, what })
    }
}

/// A look at the items from `begin` on, as one phrase.
#[derive(Clone, Copy)]
pub(super) struct Scan<'r, 'a, 'c> {
    reader: &'r Reader<'a, 'c>,
    pub begin: usize,
}

impl<'r, 'a, 'c> Scan<'r, 'a, 'c> {
    pub fn context(self) -> &'r Context<'c> {
        self.reader.context
    }

    pub fn item(self, k: usize) -> Option<&'r Item<'a>> {
        self.reader.items.get(k)
    }

    /// The word at `k` in lower case, if a phrase that began at `begin` can go on there.
    pub fn word(self, k: usize) -> Option<&'r str> {
        let item = self
            .item(k)
            .filter(|item| matches!(item.kind, Kind::Word) && !item.enclosed && k < self.begin + PHRASE_MAX)?;
        let goes_on = if k == self.begin {
            matches!(item.lead, "" | "(")
        } else {
            item.lead.is_empty() && item.escape.is_none() && self.joined(k)
        };
        goes_on.then_some(item.lower.as_str())
    }

    /// Whether the punctuation before item `k` lets a phrase go on.
    pub fn joined(self, k: usize) -> bool {
        let Some(before) = k.checked_sub(1).and_then(|b| self.item(b)) else {
            return true;
        };
        let word = before.lower.as_str();
        match before.trail {
            "" | "," => true,
            "." => {
                lexicon::month(word).is_some() && word.len() <= 4
                    || lexicon::weekday(word).is_some() && word.len() <= 5
                    || word.ends_with("am")
                    || word.ends_with("pm")
                    || word.ends_with("a.m")
                    || word.ends_with("p.m")
            }
            ":" => matches!(word, "due" | "start" | "starts" | "starting" | "until"),
            "!" => matches!(word, "every" | "each" | "ev"),
            "'" | "’" => lexicon::unit(word).is_some(),
            _ => false,
        }
    }

    /// The word before the phrase, if nothing but a blank is between them.
    pub fn before(self) -> Option<&'r str> {
        self.before_item(self.begin)
    }

    /// The word before item `k`.
    pub fn before_item(self, k: usize) -> Option<&'r str> {
        let before = k.checked_sub(1).and_then(|b| self.item(b))?;
        (matches!(before.kind, Kind::Word) && before.trail.is_empty()).then_some(before.lower.as_str())
    }

    /// Whether item `k` is followed by a comma.
    pub fn comma(self, k: usize) -> bool {
        self.item(k).is_some_and(|item| item.trail.starts_with(','))
    }

    /// Whether item `k` is followed by any punctuation.
    pub fn punctuated(self, k: usize) -> bool {
        self.item(k).is_some_and(|item| !item.trail.is_empty())
    }

    /// Whether only phrases and markers stand from `k` to the end.
    pub fn tail(self, k: usize) -> bool {
        self.reader.tail.get(k).copied().unwrap_or(true)
    }

    /// Whether a phrase or a marker starts at `k`.
    pub fn starts(self, k: usize) -> bool {
        self.reader.starts.get(k).copied().unwrap_or(false)
    }

    /// Whether the word at `k` was typed in capitals or with a capital letter.
    pub fn capital(self, k: usize) -> bool {
        self.item(k).is_some_and(|item| item.text.starts_with(char::is_uppercase))
    }
}
