//! From a sentence to what it asks for: takes off the politeness, cuts it into acts, and finds the pattern of each.
//!
//! The order of decisions is the safety of the assistant: what must not be done ("don't delete #2") and what only asks
//! ("how do I delete a task?") is recognised before any act.

use super::{
    filter::{Described, describe},
    intent::{Intent, NewLine, Shift, Talk, Target},
    lexicon::{self, Act},
    line,
    pattern::{Fit, Pattern},
    scene::{Scene, State},
    target, when,
    words::{self, Word, same, slice, trim},
};
use domain::priority::Priority;
use std::{cell::RefCell, collections::HashMap, sync::OnceLock};

/// Longest sentence that is read, in words; what is longer is a text and no request.
const WORDS_MAX: usize = 80;
/// Most lines of a message that are read as requests of their own.
const LINES_MAX: usize = 60;
/// How far the next act is looked ahead for, in joints.
const JOINTS_AHEAD: usize = 4;

fn patterns() -> &'static [(Pattern, Act)] {
    static PATTERNS: OnceLock<Vec<(Pattern, Act)>> = OnceLock::new();
    PATTERNS.get_or_init(|| lexicon::PATTERNS.iter().map(|(line, act)| (Pattern::compile(line), *act)).collect())
}

/// Everything a message asks for, in its order.
pub fn message(text: &str, scene: &Scene) -> Vec<Intent> {
    scene.refuel();
    let read = all(text, scene);
    if scene.spend(0) {
        return read;
    }
    vec![Intent::Cannot("That sentence is too tangled for me. Ask for one thing at a time, in short sentences.")]
}

fn all(text: &str, scene: &Scene) -> Vec<Intent> {
    let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
    if lines.len() > 1 {
        return many_lines(&lines, scene);
    }
    let text = text.trim();
    let found = words::words(text);
    sentence(&found, text, scene)
}

/// A message of several lines: "Add these:" and a list, or one request a line.
fn many_lines(lines: &[&str], scene: &Scene) -> Vec<Intent> {
    let first = lines[0].trim();
    let found = words::words(first);
    let heads = [
        "add these",
        "add the following",
        "add",
        "add tasks",
        "add these tasks",
        "add the following tasks",
        "create these tasks",
        "create the following tasks",
        "create tasks",
        "new tasks",
        "tasks",
        "todo",
        "add to my list",
        "please add these",
        "please add",
        "please add these tasks",
        "please add the following tasks",
        "can you add these",
        "can you add these tasks",
        "can you add the following",
        "add these to my list",
        "add these items",
        "remind me to",
        "i need to",
        "todos",
        "to do",
        "my tasks",
        "here are my tasks",
        "i have to",
        "create these",
        "create the following",
        "add all of these",
        "add all these",
    ];
    let plain = |line: &&str| line.trim().trim_start_matches(['-', '*', '•', '–']).trim().to_owned();
    if heads.iter().any(|h| same(&found, h)) {
        return lines[1..].iter().map(|l| add_line(&plain(l), scene)).collect();
    }
    if lines.len() > LINES_MAX {
        return vec![Intent::Cannot(
            "That is more than I can read at once. Send me fewer lines; a list of tasks begins with “Add these:”.",
        )];
    }
    let each: Vec<Vec<Intent>> = lines
        .iter()
        .map(|l| {
            let line = plain(l);
            sentence(&words::words(&line), &line, scene)
        })
        .collect();
    let unknown = |i: &Intent| matches!(i, Intent::Unknown(_));
    // "Add milk" and then more lines: those are tasks too.
    if each[0].iter().all(|i| matches!(i, Intent::Add(_))) && each[1..].iter().all(|l| l.iter().all(unknown)) {
        return each[0].clone().into_iter().chain(lines[1..].iter().map(|l| add_line(&plain(l), scene))).collect();
    }
    each.concat()
}

fn add_line(text: &str, scene: &Scene) -> Intent {
    Intent::Add(line::read(text, scene))
}

/// A sentence, cut into acts.
fn sentence(found: &[Word], text: &str, scene: &Scene) -> Vec<Intent> {
    let found = trim(found);
    if found.is_empty() {
        return vec![Intent::Unknown(text.to_owned())];
    }
    if found.len() > WORDS_MAX {
        return vec![Intent::Cannot(
            "That is more than I can read as one request. Send me a shorter sentence, or one task a line.",
        )];
    }
    let mut out = Vec::new();
    let mut rest = found;
    while !rest.is_empty() {
        let at = cut(rest, text, scene);
        match clause(&rest[..at], text, scene) {
            // Each half of "hello, add milk" is its own, and the greeting needs no answer beside the act.
            Intent::Talk(Talk::Hello | Talk::Thanks | Talk::Fine) if at < rest.len() => {}
            Intent::Talk(Talk::Thanks | Talk::Fine) if !out.is_empty() => {}
            Intent::Unknown(said) if said.is_empty() => {}
            intent => out.push(intent),
        }
        rest = after_joint(&rest[at..]);
    }
    if out.is_empty() {
        out.push(Intent::Unknown(slice(text, found).to_owned()));
    }
    out
}

fn is_joint(word: &Word) -> bool {
    !word.quoted
        && (word.is_mark() && word.low != ":"
            || matches!(word.low.as_str(), "and" | "then" | "also" | "plus" | "&" | "but"))
}

fn after_joint(mut rest: &[Word]) -> &[Word] {
    while let [first, after @ ..] = rest
        && is_joint(first)
    {
        rest = after;
    }
    rest
}

/// Where the first act of the words ends: at a joint after which another act surely begins.
fn cut(found: &[Word], text: &str, scene: &Scene) -> usize {
    let mut at = 1;
    while at < found.len() {
        if !is_joint(&found[at]) {
            at += 1;
            continue;
        }
        let rest = after_joint(&found[at..]);
        let next = found.len() - rest.len();
        if rest.is_empty() {
            return found.len();
        }
        let first = &found[next];
        if first.quoted || !(lexicon::is_known(&first.low) || words::maybe_slip(&first.low)) {
            at = next;
            continue;
        }
        // Where the other act itself goes on does not matter here: enough that it begins with one.
        let ends = (next + 1..=found.len()).filter(|e| *e == found.len() || is_joint(&found[*e])).take(JOINTS_AHEAD);
        let left = clause(&found[..at], text, scene);
        let adds = matches!(
            left,
            Intent::Add(_) | Intent::Describe(..) | Intent::Note(..) | Intent::AddUnder(..) | Intent::Rename(..)
        );
        // "Tasks 1 and 3 are done": what names something and says nothing about it goes on.
        let bare = matches!(left, Intent::Show(_)) && !SHOWS.contains(&found[0].low.as_str());
        let whole =
            (bare || matches!(left, Intent::Unknown(_))) && !matches!(clause(found, text, scene), Intent::Unknown(_));
        let mut begins = ends
            .map(|end| clause(&found[next..end], text, scene))
            .filter(|i| !matches!(i, Intent::Unknown(_) | Intent::Yes | Intent::No));
        if !whole && begins.any(|intent| begins_anew(&intent, &found[next], adds, scene)) {
            return at;
        }
        at = next.max(at + 1);
    }
    found.len()
}

/// Words that begin a request to show something.
const SHOWS: &[&str] = &[
    "show", "list", "what", "what's", "whats", "tell", "give", "display", "how", "which", "view", "open", "when",
    "where", "find", "see", "let", "is", "are", "do", "anything", "read", "please", "can", "could", "get",
];

/// Whether an intent after a joint is surely an act of its own and not the rest of a title.
fn begins_anew(intent: &Intent, first: &Word, adds: bool, scene: &Scene) -> bool {
    let sure = |t: &Target| target::is_sure(t, scene);
    match intent {
        // "add milk and add bread", "… and remind me to …"; "buy milk and write to mum" stays one title.
        Intent::Add(_) => {
            let verbs = [
                "add", "create", "remind", "put", "new", "another", "insert", "i", "don't", "schedule", "please",
                "can", "could", "make", "set",
            ];
            verbs.contains(&first.low.as_str())
                && !(adds && matches!(first.low.as_str(), "put" | "make" | "i" | "set" | "schedule" | "create"))
        }
        Intent::Show(t) => SHOWS.contains(&first.low.as_str()) && sure(t),
        Intent::Complete(t)
        | Intent::Reopen(t)
        | Intent::Delete(t)
        | Intent::Restore(t)
        | Intent::MoveWhen(t)
        | Intent::NoDate(t)
        | Intent::NoRepeat(t) => sure(t),
        Intent::Rename(t, _)
        | Intent::Move(t, _)
        | Intent::Deadline(t, _)
        | Intent::Describe(t, _)
        | Intent::Note(t, _)
        | Intent::AddUnder(t, _)
        | Intent::Repeat(t, _) => sure(t),
        Intent::Shift(t, _) => sure(t),
        Intent::Priority(t, _) | Intent::Nudge(t, _) => sure(t),
        Intent::Label(t, _) | Intent::Unlabel(t, _) => sure(t),
        Intent::List(_) | Intent::Count(_) => SHOWS.contains(&first.low.as_str()),
        Intent::Undo(_)
        | Intent::Redo
        | Intent::Plan(_)
        | Intent::Projects
        | Intent::Labels
        | Intent::NewProject(_) => !adds || !matches!(intent, Intent::Plan(_)) || first.low != "plan",
        Intent::Talk(Talk::LeftAlone) => true,
        Intent::Talk(Talk::Thanks) => !adds || first.low.starts_with("thank"),
        Intent::Find(_) => !adds,
        _ => false,
    }
}

/// One act.
pub fn clause(found: &[Word], text: &str, scene: &Scene) -> Intent {
    let found = trim(found);
    let length = i64::try_from(found.len()).unwrap_or(i64::MAX / 10_000);
    if !scene.spend(10 * length * length) {
        return Intent::Unknown(slice(text, found).to_owned());
    }
    let asks = |list: &[&str], found: &[Word]| list.iter().any(|one| begins(found, one));
    if lexicon::YES.iter().any(|one| same(found, one)) {
        return Intent::Yes;
    }
    if lexicon::NO.iter().any(|one| same(found, one)) {
        return Intent::No;
    }
    let all = found;
    if let Some(intent) = guarded(found, text, scene, &asks) {
        return intent;
    }
    let found = strip_polite(found);
    if found.is_empty() {
        return polite_only(all);
    }
    if found.len() != all.len()
        && let Some(intent) = guarded(found, text, scene, &asks)
    {
        return intent;
    }
    for slips in [false, true] {
        // "Thank you" is all politeness, and "what is due now" means its "now": the whole is tried as well.
        for words in [found, all] {
            if let Some(intent) = matched(words, text, scene, slips)
                && (words.len() == found.len() || !changes(&intent))
            {
                return intent;
            }
            if found.len() == all.len() {
                break;
            }
        }
        if let Some(intent) = listing(found, text, scene, slips) {
            return intent;
        }
    }
    if let Some(intent) = bare(found, text, scene) {
        return intent;
    }
    Intent::Unknown(slice(text, found).to_owned())
}

/// Whether an intent would change something.
fn changes(intent: &Intent) -> bool {
    !matches!(
        intent,
        Intent::List(_)
            | Intent::Count(_)
            | Intent::Find(_)
            | Intent::Show(_)
            | Intent::Plan(_)
            | Intent::Projects
            | Intent::Labels
            | Intent::Talk(_)
            | Intent::Cannot(_)
            | Intent::Undo(_)
    )
}

/// What must not be taken for a request to act.
fn guarded(found: &[Word], text: &str, scene: &Scene, asks: &dyn Fn(&[&str], &[Word]) -> bool) -> Option<Intent> {
    let low: Vec<&str> = found.iter().map(|w| w.low.as_str()).collect();
    let forget = low.iter().take(4).any(|w| *w == "forget");
    let need =
        ["don't need", "do not need", "don't want #", "dont need"].iter().any(|p| begins(found, &format!("i {p}")));
    if asks(lexicon::DONT, found) && !forget && !need {
        let stops = begins(found, "stop") || begins(found, "not");
        if !stops
            || matches!(low.get(1), Some(&"deleting" | &"that" | &"it" | &"doing" | &"adding" | &"moving" | &"now"))
        {
            return Some(Intent::Talk(Talk::LeftAlone));
        }
    }
    if asks(lexicon::QUESTION, found) {
        // Questions that are answered by showing something keep their patterns.
        for slips in [false, true] {
            if let Some(
                seen @ (Intent::Show(_)
                | Intent::List(_)
                | Intent::Count(_)
                | Intent::Find(_)
                | Intent::Plan(_)
                | Intent::Talk(_)
                | Intent::Projects
                | Intent::Labels),
            ) = matched(found, text, scene, slips)
            {
                return Some(seen);
            }
            if let Some(seen) = listing(found, text, scene, slips) {
                return Some(seen);
            }
        }
        // "Do the dishes" is no question.
        if ["do", "when i", "when you", "have you"].iter().any(|p| begins(found, p))
            && !matches!(low.get(1), Some(&"i" | &"you" | &"we" | &"not"))
        {
            return None;
        }
        return Some(Intent::Talk(Talk::Help));
    }
    None
}

fn begins(found: &[Word], phrase: &str) -> bool {
    let mut plain = found.iter().filter(|w| !w.is_mark());
    phrase.split(' ').all(|p| plain.next().is_some_and(|w| !w.quoted && w.low == p))
}

fn ends_with(found: &[Word], phrase: &str) -> bool {
    let mut plain = found.iter().rev().filter(|w| !w.is_mark());
    phrase.rsplit(' ').all(|p| plain.next().is_some_and(|w| !w.quoted && w.low == p))
}

/// Takes politeness off both ends, without taking everything.
fn strip_polite(mut found: &[Word]) -> &[Word] {
    static LEAD: OnceLock<Vec<String>> = OnceLock::new();
    static TAIL: OnceLock<Vec<String>> = OnceLock::new();
    let list = |text: &str| {
        let mut list: Vec<String> = text.split_whitespace().map(|p| p.replace('_', " ").trim().to_owned()).collect();
        list.sort_by_key(|p| std::cmp::Reverse(p.len()));
        list
    };
    let lead = LEAD.get_or_init(|| list(lexicon::LEAD));
    let tail = TAIL.get_or_init(|| list(lexicon::TAIL));
    loop {
        found = trim(found);
        if let Some(phrase) = lead.iter().find(|p| begins(found, p)) {
            let mut left = phrase.split(' ').count();
            while left > 0 {
                left -= usize::from(!found[0].is_mark());
                found = &found[1..];
            }
            continue;
        }
        if let Some(phrase) = tail.iter().find(|p| ends_with(found, p)) {
            // "every monday for me" may lose its end, "add a task to thank you" may not lose all of it.
            let count = phrase.split(' ').count();
            if found.len() > count {
                let mut left = count;
                while left > 0 {
                    left -= usize::from(!found[found.len() - 1].is_mark());
                    found = &found[..found.len() - 1];
                }
                continue;
            }
        }
        return found;
    }
}

fn polite_only(found: &[Word]) -> Intent {
    let low: Vec<&str> = found.iter().map(|w| w.low.as_str()).collect();
    if low.iter().any(|w| matches!(*w, "thanks" | "thank" | "thx" | "cheers" | "ty")) {
        Intent::Talk(Talk::Thanks)
    } else if low.iter().any(|w| matches!(*w, "hi" | "hello" | "hey" | "yo")) {
        Intent::Talk(Talk::Hello)
    } else {
        Intent::Talk(Talk::Fine)
    }
}

fn matched(found: &[Word], text: &str, scene: &Scene, slips: bool) -> Option<Intent> {
    // Many patterns ask the same of the same words.
    let known: RefCell<HashMap<(char, usize, usize), bool>> = RefCell::default();
    let check = |letter: char, slot: &[Word]| {
        let (Some(first), Some(last)) = (slot.first(), slot.last()) else { return false };
        let key = (letter, first.start, last.end);
        if let Some(known) = known.borrow().get(&key) {
            return *known && scene.spend(1);
        }
        if !scene.spend(40) {
            return false;
        }
        let allowed = allowed(letter, slot, text, scene);
        known.borrow_mut().insert(key, allowed);
        allowed
    };
    for (pattern, act) in patterns() {
        let fits = pattern.fits(found, slips, &check);
        let best = fits
            .iter()
            .enumerate()
            .map(|(i, fit)| (score(fit, *act, text, scene), fit.slips, i))
            .min_by_key(|(score, slips, i)| (std::cmp::Reverse(*score), *slips, *i));
        if let Some((_, _, i)) = best
            && let Some(intent) = build(*act, &fits[i], text, scene)
        {
            return Some(intent);
        }
    }
    None
}

/// Whether a slot may take the words. Cheap: what the words come to is decided later.
fn allowed(letter: char, slot: &[Word], text: &str, scene: &Scene) -> bool {
    let said = slice(text, slot);
    match letter {
        't' => target::read(slot, text, scene).is_some(),
        'T' => target::read(slot, text, scene).is_some_and(|t| target::is_sure(&t, scene)),
        '#' => matches!(
            target::read(slot, text, scene),
            Some(Target::Numbers(_) | Target::It | Target::Them | Target::Places(_) | Target::Newest)
        ),
        'd' => slot.len() <= 12 && when::date(said, scene).is_some(),
        'r' => slot.len() <= 14 && when::repeat(said, scene).is_some(),
        's' => slot.len() <= 4 && when::span(said).is_some(),
        'p' => slot.len() <= 4 && priority(said).is_some(),
        'l' => slot.len() <= 6 && !slot[0].is_mark() && target::numbers(slot).is_none(),
        '@' => {
            slot.iter().all(|w| w.is_mark() || w.low.starts_with('@') || matches!(w.low.as_str(), "and" | "&"))
                && slot.iter().any(|w| w.low.starts_with('@'))
        }
        'w' => {
            target::read(slot, text, scene).is_some_and(|t| !matches!(t, Target::Set(_)) && target::is_sure(&t, scene))
        }
        'n' => slot.len() == 1 && when::number(&slot[0].low).is_some(),
        'j' => slot.len() <= 6 && scene.project(said).is_some(),
        'f' | 'x' | 'y' => true,
        _ => false,
    }
}

/// "high", "p1", "a very important".
pub fn priority(said: &str) -> Option<Priority> {
    let low = said.trim().to_lowercase();
    let low = ["a ", "the ", "very ", "my ", "of "].iter().find_map(|p| low.strip_prefix(p)).unwrap_or(&low);
    let plain = low.strip_suffix(" priority").unwrap_or(low);
    [low, plain]
        .iter()
        .find_map(|said| lexicon::PRIORITIES.iter().find(|(word, _)| word == said))
        .map(|(_, rank)| *rank)
        .or(match plain {
            "1" | "one" => Some(3),
            "2" | "two" => Some(2),
            "3" | "three" => Some(1),
            "4" | "four" => Some(0),
            _ => None,
        })
        .and_then(Priority::from_rank)
}

/// How well a fit reads, to choose between several of one pattern.
fn score(fit: &Fit<'_>, act: Act, text: &str, scene: &Scene) -> u32 {
    let mut score = 0;
    for letter in ['t', 'T', 'w'] {
        if let slot @ [_, ..] = fit.slot(letter)
            && let Some(target) = target::read(slot, text, scene)
        {
            score += target::sureness(&target, scene);
        }
    }
    if matches!(act, Act::Move | Act::Become) {
        score += 4 * u32::from(destination(slice(text, fit.slot('x')), scene).is_some());
    }
    score
}

/// What a destination is, when it is one.
#[derive(Debug, PartialEq)]
pub enum Destination {
    Date(Box<when::When>),
    Project(String),
    Inbox,
    Trash,
    Done,
    Open,
    Priority(Priority),
    Span(Shift),
    NoDate,
}

/// Reads where something is moved to.
pub fn destination(said: &str, scene: &Scene) -> Option<Destination> {
    let low = said.trim().to_lowercase();
    let bare = ["the ", "my ", "a "].iter().find_map(|p| low.strip_prefix(p)).unwrap_or(&low);
    let is = |list: &str| lexicon::list(list).is_some_and(|l| l.iter().any(|w| w.replace('_', " ") == bare));
    Some(match bare {
        "inbox" | "no project" => Destination::Inbox,
        "someday" | "no date" | "undated" | "no due date" | "later" if bare != "later" => Destination::NoDate,
        _ if is("TRASH") => Destination::Trash,
        _ if is("DONE") => Destination::Done,
        _ if is("OPEN") => Destination::Open,
        _ if scene.project(said).is_some() => Destination::Project(scene.project(said)?.name.clone()),
        _ => {
            if let Some(when) = when::date(said, scene) {
                Destination::Date(Box::new(when))
            } else if let Some(priority) = priority(said) {
                Destination::Priority(priority)
            } else {
                Destination::Span(when::span(said)?)
            }
        }
    })
}

fn build(act: Act, fit: &Fit<'_>, text: &str, scene: &Scene) -> Option<Intent> {
    let x = || slice(text, fit.slot('x')).to_owned();
    let unquoted = || x().trim_matches(['"', '“', '”', '«', '»', '\'']).trim().to_owned();
    let slot = |letters: &[char]| letters.iter().map(|l| fit.slot(*l)).find(|s| !s.is_empty()).unwrap_or(&[]);
    let t = || target::read(slot(&['t', 'T', 'w', '#']), text, scene);
    let d = || slice(text, slot(&['d', 'r'])).to_owned();
    let p = || priority(slice(text, fit.slot('p')));
    let s = || when::span(slice(text, fit.slot('s')));
    let filter = |state: Option<State>| {
        let Described { mut filter, left, .. } = describe(fit.slot('f'), text, scene);
        if state.is_some() {
            filter.state = state;
        }
        if !left.is_empty() && filter.words.is_none() {
            filter.words = Some(left.join(" "));
        }
        filter
    };
    let new = |text: String| line::read(&text, scene);
    Some(match act {
        // Several titles in quotes are several tasks.
        Act::Add if quoted_titles(fit.slot('x')) => return many(&x(), scene),
        Act::Add => Intent::Add(new(x())),
        Act::AddNothing => Intent::Add(NewLine::default()),
        Act::AddMany => return many(&x(), scene),
        Act::AddDated => Intent::Add(NewLine { when: Some(d()), ..new(x()) }),
        Act::AddPriority => Intent::Add(NewLine { priority: p(), ..new(x()) }),
        Act::AddProject => {
            Intent::Add(NewLine { project: Some(scene.project(slice(text, fit.slot('j')))?.name.clone()), ..new(x()) })
        }
        Act::AddUnder => Intent::AddUnder(t()?, unquoted()),
        Act::Complete => Intent::Complete(t()?),
        Act::CompleteIt => Intent::Complete(Target::It),
        Act::WhichOne => Intent::Cannot(
            "Which task? Say its number or words of its title, such as “complete #3” or “delete the milk one”.",
        ),
        Act::NewTitle => Intent::Cannot("What should it be called? Say for example “rename #3 to call mum”."),
        Act::RemindOf => {
            Intent::Cannot("Of what should I remind you? Say for example “remind me to call mum tomorrow at 5pm”.")
        }
        Act::Reopen => Intent::Reopen(t()?),
        Act::Delete => Intent::Delete(t()?),
        Act::Restore => Intent::Restore(t()?),
        Act::Rename => Intent::Rename(t()?, unquoted()),
        Act::Become => match destination(&x(), scene) {
            Some(Destination::Span(_)) | None => Intent::Rename(t()?, unquoted()),
            Some(_) => Intent::Move(t()?, x()),
        },
        Act::Move => Intent::Move(t()?, x()),
        Act::MoveSure => Intent::Move(t()?, d()),
        Act::Postpone => Intent::MoveWhen(t()?),
        Act::Later => Intent::Shift(t()?, s()?),
        Act::Earlier => Intent::Shift(t()?, back(s()?)),
        Act::EitherWay => Intent::Cannot(
            "“Forward” is said for both directions. Say *2 days later* or *2 days earlier* instead, for example “move #3 two days later”.",
        ),
        Act::NoDate => Intent::NoDate(t()?),
        Act::Deadline => Intent::Deadline(t()?, d()),
        Act::NoDeadline => Intent::Deadline(t()?, String::new()),
        Act::Priority => Intent::Priority(t()?, p()?),
        Act::High => Intent::Priority(t()?, Priority::High),
        Act::Low => Intent::Priority(t()?, Priority::Low),
        Act::NoPriority => Intent::Priority(t()?, Priority::None),
        Act::Raise => Intent::Nudge(t()?, true),
        Act::Lower => Intent::Nudge(t()?, false),
        Act::Label => Intent::Label(t()?, line::names(slice(text, slot(&['l', '@'])))),
        Act::Unlabel => Intent::Unlabel(t()?, line::names(slice(text, slot(&['l', '@'])))),
        Act::UnlabelAll => Intent::Unlabel(t()?, vec![]),
        Act::Describe => Intent::Describe(t()?, unquoted()),
        Act::Note => Intent::Note(t()?, unquoted()),
        Act::NoNote => Intent::Describe(t()?, String::new()),
        Act::Repeat => Intent::Repeat(t()?, d()),
        Act::NoRepeat => Intent::NoRepeat(t()?),
        Act::OutOfProject => Intent::Move(t()?, "inbox".into()),
        Act::Show => Intent::Show(t()?),
        Act::Find => {
            let found = slot(&['f', 'x']);
            match target::read(found, text, scene) {
                Some(numbers @ Target::Numbers(_)) => Intent::Show(numbers),
                _ => find(found, text, scene),
            }
        }
        Act::List => Intent::List(filter(None)),
        Act::ListCompleted => Intent::List(filter(Some(State::Done))),
        Act::CountCompleted => Intent::Count(filter(Some(State::Done))),
        Act::CannotHere => Intent::Cannot(
            "I cannot do that here. I add, find, complete, move, rename and delete tasks; say “help” for examples.",
        ),
        Act::Count => {
            let said = fit.slot('f');
            let mut filter = filter(None);
            let low: Vec<&str> = fit.slot('f').iter().map(|w| w.low.as_str()).collect();
            if low.iter().any(|w| matches!(*w, "complete" | "completed" | "finish" | "finished" | "done"))
                && filter.state.is_none()
            {
                filter.state = Some(State::Done);
            }
            if said.is_empty() && filter.state.is_none() {
                filter.state = Some(State::Open);
            }
            Intent::Count(filter)
        }
        Act::NewProject => Intent::NewProject(unquoted()),
        Act::DeleteProject => Intent::Cannot(
            "Projects can be renamed, archived and deleted in the list on the left; here I can make one and move tasks between them.",
        ),
        Act::Projects => Intent::Projects,
        Act::Labels => Intent::Labels,
        Act::Plan => Intent::Plan(None),
        Act::PlanDay => Intent::Plan(Some(d())),
        Act::Undo => Intent::Undo(1),
        Act::UndoMany => Intent::Undo(
            usize::try_from(when::number(&fit.slot('n').first()?.low)?).ok().filter(|n| (1..=20).contains(n))?,
        ),
        Act::Redo => Intent::Redo,
        Act::Hello => Intent::Talk(Talk::Hello),
        Act::Thanks => Intent::Talk(Talk::Thanks),
        Act::Bye => Intent::Talk(Talk::Bye),
        Act::HowAreYou => Intent::Talk(Talk::HowAreYou),
        Act::Who => Intent::Talk(Talk::Who),
        Act::Help => Intent::Talk(Talk::Help),
        Act::Today => Intent::Talk(Talk::Today),
        Act::LeftAlone => Intent::Talk(Talk::LeftAlone),
        Act::EmptyTrash => Intent::Cannot(
            "I don't delete anything for good. What is in the trash goes by itself after 30 days; until then it can be brought back.",
        ),
    })
}

/// Whether the words are titles in quotes and joints between them.
fn quoted_titles(found: &[Word]) -> bool {
    found.iter().any(|w| !w.quoted)
        && found.iter().all(|w| w.quoted || is_joint(w))
        && found.first().is_some_and(|w| w.quoted)
}

fn back(by: Shift) -> Shift {
    Shift { days: -by.days, months: -by.months, minutes: -by.minutes }
}

fn find(found: &[Word], text: &str, scene: &Scene) -> Intent {
    let Described { mut filter, left, .. } = describe(found, text, scene);
    if !left.is_empty() {
        let words = left.join(" ");
        filter.words = Some(match filter.words {
            Some(more) => format!("{words} {more}"),
            None => words,
        });
    }
    match (&filter.words, filter.is_wide()) {
        (Some(words), _)
            if super::filter::Filter { words: None, ..filter.clone() }.is_wide() && filter.state.is_none() =>
        {
            Intent::Find(words.trim_matches(['"', '“', '”', '\'']).to_owned())
        }
        _ => Intent::List(filter),
    }
}

/// Many tasks from "milk, eggs and bread".
fn many(said: &str, scene: &Scene) -> Option<Intent> {
    let found = words::words(said);
    let parts: Vec<&str> = found
        .split(|w| !w.quoted && (matches!(w.low.as_str(), "," | ";" | "and" | "&")))
        .map(|part| slice(said, part))
        .filter(|p| !p.is_empty())
        .collect();
    (!parts.is_empty()).then(|| Intent::Several(parts.iter().map(|p| Intent::Add(line::read(p, scene))).collect()))
}

/// "Show me my open tasks in Work", "what's due this week?", "anything overdue?": read by description.
fn listing(found: &[Word], text: &str, scene: &Scene, slips: bool) -> Option<Intent> {
    const ASK: &[&str] = &[
        "show me",
        "show",
        "list",
        "display",
        "view",
        "see",
        "get",
        "give me",
        "tell me",
        "print",
        "what is",
        "what's",
        "whats",
        "what are",
        "which",
        "what",
        "do i have",
        "have i got",
        "is there",
        "are there",
        "any",
        "anything",
        "let me see",
        "open",
        "pull up",
        "bring up",
        "read",
        "read me",
        "check",
        "am i",
        "have i",
        "who",
        "go to",
        "look at",
        "review",
        "fetch",
        "retrieve",
        "find",
        "see what",
        "i see",
        "what do i have",
        "what have i got",
        "where are",
        "where is",
        "how about",
        "what about",
        "and",
        "now",
    ];
    let asked = ASK
        .iter()
        .filter(|a| {
            begins(found, a)
                || slips && found.first().is_some_and(|w| words::slip(&w.low, a) && !lexicon::is_known(&w.low))
        })
        .max_by_key(|a| a.len());
    let rest = match asked {
        Some(phrase) => &found[phrase.split(' ').count().min(found.len())..],
        None => found,
    };
    // Misspelt nouns: "taks", "taskes".
    let fixed: Vec<Word> = rest
        .iter()
        .map(|w| {
            match ["tasks", "overdue", "completed", "today", "tomorrow", "pending", "finished"]
                .iter()
                .find(|n| slips && !w.quoted && words::slip(&w.low, n) && !lexicon::is_known(&w.low))
            {
                Some(noun) => Word { low: (*noun).to_owned(), ..w.clone() },
                None => w.clone(),
            }
        })
        .collect();
    let Described { mut filter, left, all, plural, singular } = describe(&fixed, text, scene);
    let narrowed = !filter.is_wide() || filter.state.is_some();
    let noun = plural
        || singular
        || all
        || fixed.iter().any(|w| {
            matches!(w.low.as_str(), "list" | "agenda" | "plate" | "schedule" | "calendar" | "todo" | "todos" | "to-do")
        });
    if asked.is_none() {
        // Without a question only a bare description: "overdue tasks", "today", "my list".
        let named = filter.words.is_some() && !noun;
        return (left.is_empty() && found.len() <= 6 && (narrowed || noun) && !named).then_some(Intent::List(filter));
    }
    if left.is_empty() {
        let asks_much = noun
            || narrowed
            || found.iter().any(|w| matches!(w.low.as_str(), "have" | "do" | "left" | "everything" | "due" | "going"));
        if !asks_much
            || (rest.is_empty()
                && asked.is_some_and(|a| !matches!(*a, "show" | "list" | "what do i have" | "show me" | "anything")))
        {
            return None;
        }
        // "all my tasks" means the done ones as well; "my tasks" the open ones.
        filter.any_state = filter.state.is_none() && filter.is_wide() && all;
        return Some(Intent::List(filter));
    }
    if plural || all {
        filter.words = Some(left.join(" "));
        return Some(Intent::List(filter));
    }
    // "show me the dentist one", "what about the report?"
    let target = target::read(rest, text, scene)?;
    target::is_sure(&target, scene).then_some(Intent::Show(target))
}

/// What is left when no pattern fits: a number, a title, "I bought milk".
fn bare(found: &[Word], text: &str, scene: &Scene) -> Option<Intent> {
    if let Some(read) = target::read(found, text, scene) {
        match &read {
            Target::Numbers(_) | Target::Places(_) => return Some(Intent::Show(read)),
            Target::Words(said) if !scene.like(said, |_| true).exact.is_empty() => return Some(Intent::Show(read)),
            _ => {}
        }
    }
    // "I called mum", "bought milk already": the past of a title's first word.
    let mut rest = found;
    for lead in ["i've", "i", "have", "we", "just", "already", "finally", "also"] {
        if let [first, after @ ..] = rest
            && first.low == lead
        {
            rest = after;
        }
    }
    let (verb, object) = rest.split_first()?;
    let present = lexicon::PAST.iter().find(|(past, _)| *past == verb.low).map(|(_, now)| (*now).to_owned());
    let present = present.or_else(|| (verb.low.ends_with("ed") && verb.low.len() > 4).then(|| verb.low.clone()))?;
    let mut object = trim(object);
    while let [before @ .., last] = object
        && matches!(last.low.as_str(), "already" | "now" | "today" | "yesterday" | "it")
        && !before.is_empty()
    {
        object = before;
    }
    let said = format!("{present} {}", slice(text, object));
    let like = scene.like(&said, |t| super::scene::state(t) == State::Open);
    (like.all.len() == 1 && !object.is_empty()).then_some(Intent::Complete(Target::Numbers(like.all)))
}
