//! Which tasks are meant: from words to a [`Target`], and from a target to numbers.

use super::{
    filter::describe,
    intent::Target,
    lexicon::List,
    memo::run,
    scene::Scene,
    when,
    words::{Word, slice, trim},
};

mod pick;
pub use pick::pick;

const QUOTES: [char; 7] = ['"', '“', '”', '„', '«', '»', '\''];

/// What a target came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picked {
    /// The tasks, each once, in the order named.
    pub ids: Vec<i64>,
    /// Whether a set was described, and not each task named.
    pub described: bool,
    /// Why something that was named could not be picked.
    pub trouble: Vec<Trouble>,
}

/// Why something cannot be picked.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    /// There is no task with that number.
    NoNumber(i64),
    /// Nothing is called like that.
    NoneLike(String),
    /// More than one fits; the flag says whether they fit well or only a little.
    Unsure(String, Vec<i64>, bool),
    /// Nothing fits the description.
    EmptySet,
    /// "it", and nothing was spoken of.
    Lost,
    /// "the fifth one" of a shorter list.
    NoPlace,
}

/// Reads words as the name of one or more tasks.
pub fn read(found: &[Word], text: &str, scene: &Scene) -> Option<Target> {
    let found = trim(found);
    let key = run(found, text);
    if let Some(known) = scene.memos.targets.get(&key) {
        scene.spend(1);
        return known;
    }
    scene.memos.targets.keep(key, fresh(found, text, scene))
}

fn fresh(found: &[Word], text: &str, scene: &Scene) -> Option<Target> {
    let first = found.first()?;
    let said = slice(text, found);
    let language = scene.language;
    let unquoted = said.trim_matches(QUOTES);
    if found.iter().all(|w| w.quoted || w.is_mark()) {
        return Some(Target::Words(unquoted.to_owned()));
    }
    if let Some(numbers) = numbers(found, scene) {
        return Some(Target::Numbers(numbers));
    }
    let is = |list| language.list(list).is(found);
    for (list, target) in [
        (List::THEM, Target::Them),
        (List::NEWEST, Target::Newest),
        (List::OTHER, Target::Other),
        (List::IT, Target::It),
    ] {
        if is(list) {
            return Some(target);
        }
    }
    if let Some(places) = places(found, scene) {
        return Some(Target::Places(places));
    }
    if !first.quoted && language.list(List::NEVER_FIRST).has(&first.low) {
        return None;
    }
    // "the milk, not the groceries": what says "not" names nothing, unless a title has the word.
    let negated =
        found.iter().any(|w| !w.quoted && language.list(List::NEGATED).has(&w.low) && !scene.has_word(&w.low));
    // A title that is there is meant, whatever else its words could be.
    if !negated && !scene.like(unquoted, |_| true).exact.is_empty() {
        return Some(Target::Words(unquoted.to_owned()));
    }
    if let Some(set) = set(found, text, scene) {
        return Some(set);
    }
    if let Some(at) = except(found, scene)
        && let (Some(all), Some(but)) = (read(&found[..at.0], text, scene), read(&found[at.1..], text, scene))
    {
        return Some(Target::Except(Box::new(all), Box::new(but)));
    }
    if let Some(several) = several(found, text, scene) {
        let either = |w: &Word| !w.quoted && language.list(List::OR).has(&w.low);
        return Some(if found.iter().any(either) { Target::OneOf(Box::new(several)) } else { several });
    }
    if negated {
        return None;
    }
    let content = found.iter().any(|w| !w.is_mark() && !language.list(List::TITLE_STOP).has(&w.low));
    let name = name(found, text, scene);
    // A word that was mended compares as it was meant.
    let typed = scene.like(name, |_| true);
    let meant = super::words::said(found);
    let name =
        if typed.all.is_empty() && !found.iter().any(|w| w.quoted) && !scene.like(&meant, |_| true).all.is_empty() {
            meant
        } else {
            name.to_owned()
        };
    content.then_some(Target::Words(name))
}

/// The words without "the task called …" before and "task" after.
fn name<'t>(mut found: &[Word], text: &'t str, scene: &Scene) -> &'t str {
    let language = scene.language;
    while let [first, rest @ ..] = found
        && !first.quoted
        && language.list(List::NAME_BEFORE).has(&first.low)
        && !rest.is_empty()
    {
        found = rest;
    }
    if let [rest @ .., last] = found
        && !last.quoted
        && language.list(List::NAME_AFTER).has(&last.low)
        && !rest.is_empty()
    {
        found = rest;
    }
    slice(text, found).trim_matches(QUOTES)
}

/// "#3", "task 3", "tasks 1, 2 and 4", "1-3", "#1 to #3".
pub fn numbers(found: &[Word], scene: &Scene) -> Option<Vec<i64>> {
    let language = scene.language;
    let mut out = Vec::new();
    let mut span = false;
    let mut noun = false;
    for word in found.iter().filter(|w| !w.is_mark() || w.low == ":") {
        let low = word.low.as_str();
        let bare = low.strip_suffix("'s").unwrap_or(low);
        if word.quoted {
            return None;
        }
        let is = |list| language.list(list).has(bare);
        if let Some(n) = number(bare, noun, scene) {
            match out.last().copied().filter(|_| span) {
                Some(from) if from < n && n - from < 500 => out.extend(from + 1..=n),
                Some(_) => return None,
                None => out.push(n),
            }
            span = false;
        } else if let Some((from, to)) = ["-", "–", ".."].iter().find_map(|d| bare.split_once(d))
            && let (Some(from), Some(to)) = (number(from, true, scene), number(to, true, scene))
            && from < to
            && to - from < 500
        {
            out.extend(from..=to);
        } else if is(List::NUMBER_NOUNS) {
            // "3 tasks" is how many, and not which.
            if out.len() == 1 && !noun && is(List::NOUN_MANY) && !found.iter().any(|w| w.low.starts_with('#')) {
                return None;
            }
            noun = true;
        } else if is(List::NUMBER_TO) && !out.is_empty() {
            span = true;
        } else if !(is(List::NUMBER_JOINTS) || low == ":") {
            return None;
        }
    }
    out.dedup();
    (!out.is_empty() && !span).then_some(out)
}

/// A task's number: digits, with or without `#`, or a word after "task".
fn number(word: &str, noun: bool, scene: &Scene) -> Option<i64> {
    let digits = word.strip_prefix("no.").unwrap_or(word).trim_start_matches(['#', '№']);
    let digits = scene
        .language
        .list(List::NUMBER_NOUNS)
        .iter()
        .filter(|n| n.len() > 2)
        .find_map(|noun| digits.strip_prefix(noun).filter(|d| !d.is_empty()))
        .unwrap_or(digits)
        .trim_start_matches('#');
    if digits.bytes().all(|b| b.is_ascii_digit()) && (1..=9).contains(&digits.len()) {
        return digits.parse().ok();
    }
    if !noun {
        return None;
    }
    scene.language.list(List::CARDINALS).place(word).and_then(|i| i64::try_from(i + 1).ok())
}

/// "the second one", "the last two", "the first and the third".
fn places(found: &[Word], scene: &Scene) -> Option<Vec<i64>> {
    let language = scene.language;
    let mut out = Vec::new();
    let mut ends = 0_i64;
    let mut tail = false;
    for word in found.iter().filter(|w| !w.is_mark()) {
        let low = word.low.as_str();
        let is = |list| language.list(list).has(low);
        if word.quoted || tail && !(is(List::LIST) || is(List::ARTICLES)) {
            return None;
        }
        if is(List::LAST) {
            ends = -1;
            out.push(-1);
        } else if is(List::FIRST) {
            ends = 1;
            out.push(0);
        } else if let Some(place) = ordinal(low, scene) {
            out.push(place);
            ends = 0;
        } else if let Some(n) = when::number(low, scene).filter(|n| ends != 0 && (2..=20).contains(n)) {
            out.pop();
            let n = i64::from(n);
            out.extend(if ends > 0 { 0..n } else { -n..0 });
            ends = 0;
        } else if is(List::PLACE_TAIL) && !out.is_empty() {
            tail = true;
        } else if !is(List::PLACE_NOUNS) {
            return None;
        }
    }
    (!out.is_empty()).then_some(out)
}

fn ordinal(word: &str, scene: &Scene) -> Option<i64> {
    if let Some(i) = scene.language.list(List::ORDINALS).place(word) {
        // The lists go on with the same words in other forms, ten at a time.
        return i64::try_from(i % 10).ok();
    }
    ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|e| word.strip_suffix(e))
        .and_then(|n| n.parse::<i64>().ok())
        .filter(|n| (1..=200).contains(n))
        .map(|n| n - 1)
}

/// Where "except" stands, and where what follows begins.
fn except(found: &[Word], scene: &Scene) -> Option<(usize, usize)> {
    let list = scene.language.list(List::EXCEPT);
    (1..found.len()).find_map(|at| Some((at, at + list.begins(&found[at..])?)).filter(|(_, end)| *end < found.len()))
}

fn set(found: &[Word], text: &str, scene: &Scene) -> Option<Target> {
    let language = scene.language;
    let described = describe(found, text, scene);
    let mut filter = described.filter.clone();
    let narrowed = !filter.is_wide() || filter.state.is_some() || filter.any_state;
    // "that urgent" is a task and what to make of it, no set.
    let pointed = found.first().is_some_and(|w| language.list(List::IT).has(&w.low));
    if pointed && filter.days.is_none() && !(described.plural || described.singular || described.all) {
        return None;
    }
    let mut left = &described.left[..];
    // "the two report tasks"
    if let [first, rest @ ..] = left
        && (described.plural || described.all)
        && let Some(n) = if language.list(List::BOTH).has(&first.to_lowercase()) {
            Some(2)
        } else {
            when::number(&first.to_lowercase(), scene).filter(|n| *n > 1)
        }
    {
        filter.count = usize::try_from(n).ok();
        left = rest;
    }
    let left = left.join(" ");
    if left.is_empty() {
        if !(described.all || described.plural || narrowed)
            || described.any && !narrowed
            || wide(&described, found, narrowed, scene)
            || described.all && !(described.whole || described.plural || described.singular || narrowed)
        {
            return None;
        }
        filter.one = described.singular && !described.all && !described.plural;
        return Some(Target::Set(Box::new(filter)));
    }
    // "all grocery tasks", "the milk tasks": words that titles hold.
    let several = described.plural || (described.all && found.len() > 1);
    if several && filter.words.is_none() && !left.contains(" and ") && !scene.like(&left, |_| true).all.is_empty() {
        filter.words = Some(left);
        return Some(Target::Set(Box::new(filter)));
    }
    None
}

/// "tasks" alone is too little to mean all of them; "all tasks", "my tasks" do.
fn wide(described: &super::filter::Described, found: &[Word], narrowed: bool, scene: &Scene) -> bool {
    !narrowed && !described.all && !found.iter().any(|w| scene.language.list(List::ARTICLES).has(&w.low))
}

/// "the report and the dentist": only when the whole names nothing and each part something.
fn several(found: &[Word], text: &str, scene: &Scene) -> Option<Target> {
    let language = scene.language;
    let joint = |w: &Word| {
        let is = |list| language.list(list).has(&w.low);
        !w.quoted && (matches!(w.low.as_str(), "," | ";") || is(List::JOINTS) || is(List::OR))
    };
    if !found.iter().any(joint) || !scene.like(slice(text, found), |_| true).all.is_empty() {
        return None;
    }
    // "either the milk or the rent"
    let found = language.list(List::OR).begins(found).map_or(found, |n| &found[n..]);
    let parts: Vec<&[Word]> = found.split(joint).filter(|p| !trim(p).is_empty()).collect();
    if parts.len() < 2 {
        return None;
    }
    let mut out = Vec::new();
    for part in parts {
        let target = read(part, text, scene)?;
        if let Target::Words(said) = &target
            && scene.like(said, |_| true).all.is_empty()
        {
            return None;
        }
        out.push(target);
    }
    Some(Target::Several(out))
}

/// Whether the target surely means something: a number, a pronoun, or words that some title holds.
pub fn is_sure(target: &Target, scene: &Scene) -> bool {
    match target {
        Target::Words(said) => {
            let like = scene.like(said, |_| true);
            !like.exact.is_empty() || !like.all.is_empty()
        }
        Target::Several(parts) => parts.iter().all(|p| is_sure(p, scene)),
        Target::OneOf(parts) => is_sure(parts, scene),
        Target::Set(filter) => filter.words.as_ref().is_none_or(|w| !scene.like(w, |_| true).all.is_empty()),
        _ => true,
    }
}

/// How surely the target means something, to choose between readings.
pub fn sureness(target: &Target, scene: &Scene) -> u32 {
    match target {
        Target::Words(said) => {
            let like = scene.like(said, |_| true);
            match (like.exact.len(), like.all.len()) {
                (1.., _) => 4,
                (_, 1..) => 2,
                _ => 0,
            }
        }
        Target::Several(parts) => parts.iter().map(|p| sureness(p, scene)).min().unwrap_or(0),
        Target::OneOf(parts) => sureness(parts, scene),
        // What a set leaves unsaid ("everything", and then "for today") may have been cut off.
        Target::Set(filter) if filter.is_wide() && filter.state.is_none() => 2,
        _ => 3,
    }
}
