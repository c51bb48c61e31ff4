//! Slips of the fingers: words that mean nothing as typed and are close to one that does.
//!
//! Only the word for comparing changes; a title is always stored as it was typed. Words that are common on their own are
//! left alone, and a title's own words are candidates like the verbs, so that "mlik" finds the milk.

use super::super::{
    lexicon::List,
    scene::Scene,
    words::{Word, distance, same_letters, slip},
};

/// Longest and shortest words that are looked at.
const LETTERS: std::ops::RangeInclusive<usize> = 4..=16;

/// The words with the slips mended; `None` when there are none.
pub fn mend(found: &[Word], scene: &Scene) -> Option<Vec<Word>> {
    let mut out = found.to_vec();
    let mut mended = false;
    for (at, word) in out.iter_mut().enumerate() {
        if !word.quoted
            && let Some(meant) = meant(&word.low, scene).or_else(|| short_verb(&word.low, scene).filter(|_| at == 0))
        {
            word.low = meant;
            mended = true;
        }
    }
    mended.then_some(out)
}

/// What a word was probably meant to be.
fn meant(word: &str, scene: &Scene) -> Option<String> {
    let language = scene.language;
    let plain = word.chars().all(|c| c.is_alphabetic() || c == '\'') && LETTERS.contains(&word.chars().count());
    if !plain || language.knows(word) || scene.has_word(word) || language.present(word).next().is_some() {
        return None;
    }
    let letters: Vec<char> = word.chars().collect();
    let titles = scene.title_words();
    language
        .known()
        .chain(language.pasts())
        .map(|w| (w, 0))
        .chain(titles.map(|w| (w, 1)))
        .filter(|(w, _)| w.chars().count() >= *LETTERS.start() && slip(word, w))
        .map(|(w, rank)| {
            let other: Vec<char> = w.chars().collect();
            (distance(&letters, &other), !same_letters(&letters, &other), other.len().abs_diff(letters.len()), rank, w)
        })
        .min()
        .map(|(.., w)| w.to_owned())
}

/// "mov", "delt": a verb of command at the start, too short to be looked for among all words.
fn short_verb(word: &str, scene: &Scene) -> Option<String> {
    let language = scene.language;
    let short = word.chars().count() == 3 && !language.knows(word) && !scene.has_word(word);
    language.list(List::SLIP_VERBS).iter().find(|verb| short && slip(word, verb)).map(str::to_owned)
}

/// Whether a word is probably a verb of command with a slip.
pub fn is_verb_slip(word: &str, scene: &Scene) -> bool {
    !scene.language.knows(word) && scene.language.list(List::SLIP_VERBS).iter().any(|verb| slip(word, verb))
}

/// The text with its slips of date words mended ("decmber"), when there are any.
pub fn dates(text: &str, scene: &Scene) -> Option<String> {
    let language = scene.language;
    let words = language.named("DATE_WORDS")?;
    let mut out = text.to_owned();
    let mut mended = false;
    for word in super::super::words::words(text).iter().rev().filter(|w| !w.quoted && w.low.chars().count() >= 4) {
        if language.knows(&word.low) || !word.low.chars().all(char::is_alphabetic) {
            continue;
        }
        if let Some(meant) = words.iter().find(|w| w.chars().count() >= 4 && slip(&word.low, w)) {
            out.replace_range(word.start..word.end, meant);
            mended = true;
        }
    }
    mended.then_some(out)
}
