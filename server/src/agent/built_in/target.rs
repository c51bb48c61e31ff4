//! Which tasks are meant: from words to a [`Target`], and from a target to numbers.

use super::{
    filter::describe,
    intent::Target,
    lexicon,
    scene::{Scene, State, state},
    when,
    words::{Word, same, slice, trim, words},
};
use domain::task::Task;

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

/// Words that never begin the name of a task.
const NEVER_FIRST: &[&str] = &[
    "a", "an", "another", "new", "some", "what", "what's", "whats", "which", "who", "when", "where", "why", "how",
    "there", "i", "i'm", "i've", "i'll", "you", "me", "he", "she", "we", "if", "is", "are", "was", "were", "do",
    "does", "did", "to", "and", "or", "but", "please", "yes", "no", "ok", "okay", "so", "because", "as", "with", "of",
    "off", "up", "down", "back", "out", "priority", "status", "due", "for", "from", "label", "labels", "tag", "tags",
    "project", "projects", "nothing", "nobody", "someone", "everyone", "they", "in", "on", "at", "by", "has", "have",
    "been",
];

/// Reads words as the name of one or more tasks.
pub fn read(found: &[Word], text: &str, scene: &Scene) -> Option<Target> {
    let found = trim(found);
    let first = found.first()?;
    let said = slice(text, found);
    let unquoted = said.trim_matches(['"', '“', '”', '«', '»', '\'']);
    if found.iter().all(|w| w.quoted || w.is_mark()) {
        return Some(Target::Words(unquoted.to_owned()));
    }
    if let Some(numbers) = numbers(found) {
        return Some(Target::Numbers(numbers));
    }
    let is = |list: &[&str]| list.iter().any(|one| same(found, one));
    if is(lexicon::THEM) {
        return Some(Target::Them);
    }
    if is(lexicon::NEWEST) {
        return Some(Target::Newest);
    }
    if is(lexicon::IT) {
        return Some(Target::It);
    }
    if let Some(places) = places(found) {
        return Some(Target::Places(places));
    }
    if NEVER_FIRST.contains(&first.low.as_str()) {
        return None;
    }
    // A title that is there is meant, whatever else its words could be.
    if !scene.like(unquoted, |_| true).exact.is_empty() {
        return Some(Target::Words(unquoted.to_owned()));
    }
    if let Some(at) = except(found)
        && let (Some(all), Some(but)) = (read(&found[..at.0], text, scene), read(&found[at.1..], text, scene))
    {
        return Some(Target::Except(Box::new(all), Box::new(but)));
    }
    if let Some(set) = set(found, text, scene) {
        return Some(set);
    }
    if let Some(several) = several(found, text, scene) {
        return Some(several);
    }
    let content = found.iter().any(|w| !w.is_mark() && !lexicon::TITLE_STOP.contains(&w.low.as_str()));
    content.then(|| Target::Words(name(found, text).to_owned()))
}

/// The words without "the task called …" before and "task" after.
fn name<'t>(mut found: &[Word], text: &'t str) -> &'t str {
    for lead in [
        "the", "my", "that", "this", "our", "task", "todo", "to-do", "item", "reminder", "called", "named", "titled",
        "about", "to", "for", "with", "title", "number", ":",
    ] {
        if let [first, rest @ ..] = found
            && first.low == lead
            && !rest.is_empty()
        {
            found = rest;
        }
    }
    if let [rest @ .., last] = found
        && ["task", "one", "todo", "to-do", "item", "reminder", "thing"].contains(&last.low.as_str())
        && !rest.is_empty()
    {
        found = rest;
    }
    slice(text, found).trim_matches(['"', '“', '”', '«', '»', '\''])
}

/// "#3", "task 3", "tasks 1, 2 and 4", "1-3", "#1 to #3".
pub fn numbers(found: &[Word]) -> Option<Vec<i64>> {
    let mut out = Vec::new();
    let mut span = false;
    let mut noun = false;
    for word in found.iter().filter(|w| !w.is_mark() || w.low == ":") {
        let low = word.low.as_str();
        let bare = low.strip_suffix("'s").unwrap_or(low);
        if word.quoted {
            return None;
        }
        if let Some(n) = number(bare, noun) {
            match out.last().copied().filter(|_| span) {
                Some(from) if from < n && n - from < 500 => out.extend(from + 1..=n),
                Some(_) => return None,
                None => out.push(n),
            }
            span = false;
        } else if let Some((from, to)) = ["-", "–", ".."].iter().find_map(|d| bare.split_once(d))
            && let (Some(from), Some(to)) = (number(from, true), number(to, true))
            && from < to
            && to - from < 500
        {
            out.extend(from..=to);
        } else if lexicon::NUMBER_NOUNS.contains(&bare) {
            noun = true;
        } else if matches!(low, "to" | "through" | "thru" | "-" | "–" | "until") && !out.is_empty() {
            span = true;
        } else if !matches!(
            low,
            "and" | "&" | "the" | "or" | "," | "my" | "with" | "both" | "plus" | "also" | "of" | "all" | "from" | ":"
        ) {
            return None;
        }
    }
    out.dedup();
    (!out.is_empty() && !span).then_some(out)
}

/// A task's number: digits, with or without `#`, or a word after "task".
fn number(word: &str, noun: bool) -> Option<i64> {
    let digits = word.strip_prefix("no.").unwrap_or(word).trim_start_matches(['#', '№']);
    let digits = digits.strip_prefix("task").unwrap_or(digits).trim_start_matches('#');
    if digits.bytes().all(|b| b.is_ascii_digit()) && (1..=9).contains(&digits.len()) {
        return digits.parse().ok();
    }
    if !noun {
        return None;
    }
    lexicon::CARDINALS.iter().position(|c| *c == word).and_then(|i| i64::try_from(i + 1).ok())
}

/// "the second one", "the last two", "the first and the third".
fn places(found: &[Word]) -> Option<Vec<i64>> {
    let mut out = Vec::new();
    let mut ends = 0_i64;
    let mut tail = false;
    for word in found.iter().filter(|w| !w.is_mark()) {
        let low = word.low.as_str();
        if tail && !matches!(low, "list" | "my" | "the") {
            return None;
        }
        if let Some(place) = ordinal(low) {
            out.push(place);
            ends = 0;
        } else if matches!(low, "last" | "bottom" | "final") {
            ends = -1;
            out.push(-1);
        } else if matches!(low, "first" | "top") {
            ends = 1;
            out.push(0);
        } else if let Some(n) = when::number(low).filter(|n| ends != 0 && (2..=20).contains(n) && low != "one") {
            out.pop();
            let n = i64::from(n);
            out.extend(if ends > 0 { 0..n } else { -n..0 });
            ends = 0;
        } else if matches!(low, "on" | "of" | "in" | "from") && !out.is_empty() {
            tail = true;
        } else if !matches!(
            low,
            "the"
                | "one"
                | "task"
                | "ones"
                | "tasks"
                | "and"
                | "item"
                | "items"
                | "option"
                | "to"
                | "number"
                | "to-do"
                | "todo"
                | "list"
        ) || word.quoted
        {
            return None;
        }
    }
    (!out.is_empty()).then_some(out)
}

fn ordinal(word: &str) -> Option<i64> {
    if let Some(i) = lexicon::ORDINALS.iter().skip(1).position(|o| *o == word) {
        return i64::try_from(i + 1).ok();
    }
    if matches!(word, "second-last" | "penultimate") {
        return Some(-2);
    }
    ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|e| word.strip_suffix(e))
        .and_then(|n| n.parse::<i64>().ok())
        .filter(|n| (1..=200).contains(n))
        .map(|n| n - 1)
}

/// Where "except" stands, and where what follows begins.
fn except(found: &[Word]) -> Option<(usize, usize)> {
    let at = found.iter().position(|w| {
        matches!(w.low.as_str(), "except" | "but" | "besides" | "excluding" | "without" | "minus" | "apart" | "other")
            && !w.quoted
    })?;
    let skip = match (found[at].low.as_str(), found.get(at + 1).map(|w| w.low.as_str())) {
        ("except" | "but", Some("for" | "not")) | ("apart", Some("from")) | ("other", Some("than")) => 2,
        ("apart" | "other", _) => return None,
        _ => 1,
    };
    (at > 0 && at + skip < found.len()).then_some((at, at + skip))
}

fn set(found: &[Word], text: &str, scene: &Scene) -> Option<Target> {
    let described = describe(found, text, scene);
    let mut filter = described.filter;
    let narrowed = !filter.is_wide() || filter.state.is_some();
    let left = described.left.join(" ");
    if left.is_empty() {
        if !(described.all || described.plural || narrowed) {
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

/// "the report and the dentist": only when the whole names nothing and each part something.
fn several(found: &[Word], text: &str, scene: &Scene) -> Option<Target> {
    let joint = |w: &Word| !w.quoted && matches!(w.low.as_str(), "and" | "," | "&" | "plus" | ";" | "or");
    if !found.iter().any(joint) || !scene.like(slice(text, found), |_| true).all.is_empty() {
        return None;
    }
    let parts: Vec<&[Word]> = found.split(joint).filter(|p| !trim(p).is_empty()).collect();
    if parts.len() < 2 {
        return None;
    }
    let mut out = Vec::new();
    for part in parts {
        let part = if part.first().is_some_and(|w| w.low == "also") { &part[1..] } else { part };
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
        _ => 3,
    }
}

/// Finds the tasks. `usual` are the states the verb works on; words and descriptions look only there at first.
pub fn pick(target: &Target, scene: &Scene, usual: &[State]) -> Picked {
    let mut out = Picked::default();
    collect(target, scene, usual, &mut out);
    let mut seen = std::collections::HashSet::new();
    out.ids.retain(|id| seen.insert(*id));
    out
}

fn collect(target: &Target, scene: &Scene, usual: &[State], out: &mut Picked) {
    match target {
        Target::Numbers(numbers) => {
            for n in numbers {
                if scene.task(*n).is_some() {
                    out.ids.push(*n);
                } else {
                    out.trouble.push(Trouble::NoNumber(*n));
                }
            }
        }
        Target::It => match &scene.memory.mentioned[..] {
            [] => out.trouble.push(Trouble::Lost),
            [one] => out.ids.push(*one),
            many => out.trouble.push(Trouble::Unsure(String::new(), many.to_vec(), true)),
        },
        Target::Them => {
            let spoken = if scene.memory.mentioned.is_empty() { &scene.memory.shown } else { &scene.memory.mentioned };
            if spoken.is_empty() {
                out.trouble.push(Trouble::Lost);
            }
            // What has gone to the trash since was not meant, unless it is to come back.
            out.ids.extend(spoken.iter().filter(|id| {
                scene.task(**id).is_some_and(|t| {
                    usual.contains(&state(t)) || !usual.contains(&State::Trashed) && state(t) != State::Trashed
                })
            }));
            out.described |= spoken.len() > 1;
        }
        Target::Places(places) => {
            let shown = if scene.memory.shown.is_empty() { &scene.memory.mentioned } else { &scene.memory.shown };
            if shown.is_empty() && places == &[-1] {
                return collect(&Target::Newest, scene, usual, out);
            }
            if shown.is_empty() {
                return out.trouble.push(Trouble::Lost);
            }
            for place in places {
                let at = if *place < 0 { i64::try_from(shown.len()).unwrap_or(0) + place } else { *place };
                match usize::try_from(at).ok().and_then(|i| shown.get(i)) {
                    Some(id) => out.ids.push(*id),
                    None => out.trouble.push(Trouble::NoPlace),
                }
            }
        }
        Target::Newest => {
            match scene
                .tasks()
                .filter(|t| state(t) != State::Trashed)
                .max_by(|a, b| (&a.created_at, a.id).cmp(&(&b.created_at, b.id)))
            {
                Some(task) => out.ids.push(task.id.0),
                None => out.trouble.push(Trouble::Lost),
            }
        }
        Target::Set(filter) => {
            let mut fit: Vec<&Task> = scene.tasks().filter(|t| filter.fits(t, scene, usual)).collect();
            fit.sort_by(|a, b| a.position.cmp(&b.position).then(a.id.cmp(&b.id)));
            let ids: Vec<i64> = fit.iter().map(|t| t.id.0).collect();
            match ids.len() {
                0 => out.trouble.push(Trouble::EmptySet),
                1 => out.ids.extend(ids),
                _ if filter.one => out.trouble.push(Trouble::Unsure(String::new(), ids, true)),
                _ => {
                    out.described = true;
                    out.ids.extend(ids);
                }
            }
        }
        Target::Words(said) => by_words(said, scene, usual, out),
        Target::Several(parts) => {
            for part in parts {
                collect(part, scene, usual, out);
            }
        }
        Target::Except(all, but) => {
            let but = pick(but, scene, &[State::Open, State::Done, State::Trashed]);
            let mut set = pick(all, scene, usual);
            set.ids.retain(|id| !but.ids.contains(id));
            out.trouble.extend(but.trouble);
            if set.ids.is_empty() && set.trouble.is_empty() {
                set.trouble.push(Trouble::EmptySet);
            }
            out.ids.extend(set.ids);
            out.trouble.extend(set.trouble);
            out.described = true;
        }
    }
}

fn by_words(said: &str, scene: &Scene, usual: &[State], out: &mut Picked) {
    let like = scene.like(said, |t| usual.contains(&state(t)));
    // What was just shown or spoken of is meant rather than something else of a like name.
    let spoken: Vec<i64> = like
        .all
        .iter()
        .copied()
        .filter(|id| scene.memory.shown.contains(id) || scene.memory.mentioned.contains(id))
        .collect();
    let best = if !like.exact.is_empty() {
        &like.exact
    } else if spoken.len() == 1 {
        &spoken
    } else {
        &like.all
    };
    match &best[..] {
        [one] => out.ids.push(*one),
        [_, _, ..] => out.trouble.push(Trouble::Unsure(said.to_owned(), best.clone(), true)),
        [] => {
            // Perhaps it is there, only not in the state the verb works on.
            let elsewhere = scene.like(said, |t| !usual.contains(&state(t)));
            let near = if elsewhere.exact.is_empty() { &elsewhere.all } else { &elsewhere.exact };
            match &near[..] {
                [one] => out.ids.push(*one),
                [] if !like.some.is_empty() && words(said).len() > 1 => {
                    out.trouble.push(Trouble::Unsure(
                        said.to_owned(),
                        like.some.iter().copied().take(8).collect(),
                        false,
                    ));
                }
                [] => out.trouble.push(Trouble::NoneLike(said.to_owned())),
                many => out.trouble.push(Trouble::Unsure(said.to_owned(), many.to_vec(), false)),
            }
        }
    }
}
