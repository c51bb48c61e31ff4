//! From a message to what it asks for: lines, clauses, and what one clause says about another.
//!
//! The order of decisions is the safety of the assistant: what must not be done ("don't delete #2") and what only asks
//! ("how do I delete a task?") is recognised before any act, and an act that is taken back in the same breath is not
//! done. Slips of the fingers are mended only when the words as typed make less sense.

mod build;
mod clause;
mod cut;
mod guard;
mod listing;
mod mend;
mod sense;
mod statement;

pub use clause::{clause, strip_polite};
pub use mend::dates as mended_dates;
pub use sense::{Destination, changes, destination, priority, target};

use super::{
    intent::{Intent, Talk},
    lexicon::{List, Say},
    line,
    scene::Scene,
    words::{Word, slice, trim},
};

/// Longest sentence that is read, in words; what is longer is a text and no request.
const WORDS_MAX: usize = 80;
/// Most lines of a message that are read as requests of their own.
const LINES_MAX: usize = 60;

/// Everything a message asks for, in its order.
pub fn message(text: &str, scene: &Scene) -> Vec<Intent> {
    scene.refuel();
    let read = all(text, scene);
    if scene.spend(0) {
        return read;
    }
    vec![Intent::Cannot(Say::tangled)]
}

fn all(text: &str, scene: &Scene) -> Vec<Intent> {
    let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
    if lines.len() > 1 {
        return many_lines(&lines, scene);
    }
    let text = text.trim();
    let found = scene.language.words(text);
    let picture = |w: &Word| !w.low.is_empty() && w.low.chars().all(|c| !c.is_alphanumeric() && c as u32 > 0x2600);
    let start = found.iter().take_while(|w| picture(w)).count();
    let end = found.len() - found[start..].iter().rev().take_while(|w| picture(w)).count();
    let plain = sentence(&found[start..end], text, scene);
    // A picture at the end may belong to a title, and a tick says that it is done.
    if end < found.len() && matches!(plain[..], [Intent::Add(_) | Intent::Show(_)]) {
        sentence(&found[start..], text, scene)
    } else {
        plain
    }
}

/// A message of several lines: "Add these:" and a list, or one request a line.
fn many_lines(lines: &[&str], scene: &Scene) -> Vec<Intent> {
    let language = scene.language;
    let plain = |line: &&str| line.trim().trim_start_matches(['-', '*', '•', '–']).trim().to_owned();
    let add = |line: &&str| Intent::Add(line::read(&plain(line), scene));
    if language.list(List::LIST_HEADS).is(&language.words(lines[0].trim())) {
        return lines[1..].iter().map(add).collect();
    }
    if lines.len() > LINES_MAX {
        return vec![Intent::Cannot(Say::too_many_lines)];
    }
    let each: Vec<Vec<Intent>> = lines
        .iter()
        .map(|l| {
            let line = plain(l);
            sentence(&language.words(&line), &line, scene)
        })
        .collect();
    let unknown = |i: &Intent| matches!(i, Intent::Unknown(_));
    // "Add milk" and then more lines: those are tasks too.
    if each[0].iter().all(|i| matches!(i, Intent::Add(_))) && each[1..].iter().all(|l| l.iter().all(unknown)) {
        return each[0].clone().into_iter().chain(lines[1..].iter().map(add)).collect();
    }
    each.concat()
}

/// A sentence, as typed or mended.
fn sentence(found: &[Word], text: &str, scene: &Scene) -> Vec<Intent> {
    let found = trim(found);
    if found.is_empty() {
        return vec![Intent::Unknown(text.to_owned())];
    }
    let found = match found.len() {
        ..=WORDS_MAX => found,
        _ => return vec![Intent::Cannot(Say::too_long)],
    };
    let as_typed = clauses(found, text, scene);
    let bad = badness(&as_typed, scene);
    if let [Intent::Add(typed)] = &as_typed[..]
        && found.iter().take(5).any(|w| w.low == ":")
        && let Some(mended) = mend::mend(found, scene)
        && let [Intent::Add(meant)] = &clauses(&mended, text, scene)[..]
        && meant.text.len() < typed.text.len()
        && typed.text.ends_with(&meant.text)
    {
        // "add taks: …": mended, the slip is no part of the title.
        return vec![Intent::Add(meant.clone())];
    }
    if bad > 0
        && let Some(mended) = mend::mend(found, scene)
    {
        let read = clauses(&mended, text, scene);
        if badness(&read, scene) < bad {
            return read;
        }
    }
    as_typed
}

/// How little sense a reading makes.
fn badness(read: &[Intent], scene: &Scene) -> usize {
    read.iter()
        .map(|intent| match intent {
            Intent::Unknown(_) => 3,
            Intent::List(f) | Intent::Count(f) if f.words.is_some() => 2,
            Intent::Find(_) | Intent::Talk(Talk::Help) => 1,
            Intent::Move(_, to) if destination(to, scene).is_none() => 2,
            other => usize::from(!sense::is_sure(other, scene)) * 2,
        })
        .sum()
}

/// A sentence, cut into acts.
fn clauses(found: &[Word], text: &str, scene: &Scene) -> Vec<Intent> {
    let language = scene.language;
    let mut out: Vec<Intent> = Vec::new();
    let mut rest = found;
    let mut before: &[Word] = &[];
    // Whether the clause before said under which condition, or in whose words, this one holds.
    let mut held = false;
    while !rest.is_empty() {
        if let Some(n) = language.list(List::MEANT).begins(rest)
            && n < rest.len()
            && let at = cut::next(&rest[n..], text, scene) + n
            && let Some(target) = clause::object(&rest[n..at], text, scene)
        {
            // "finish 2, sorry, I mean 1": another object for the same act; alone it is about the last message.
            let last = out.pop();
            out.push(last.map_or(Intent::Instead(target.clone()), |last| last.on(target)));
            rest = cut::after_joints(&rest[at..], scene);
            continue;
        }
        let at = cut::next(rest, text, scene);
        let mut read = clause(&rest[..at], text, scene);
        if let Some(last) = out.last()
            && (!sense::is_act(&read, scene) || !sense::changes(&read) && !cut::shows(&rest[0], scene))
            && let Some(more) = cut::elided(before, last, &rest[..at], text, scene)
        {
            read = more;
        }
        if held && sense::changes(&read) {
            read = Intent::Cannot(Say::conditional);
        }
        held = at < rest.len() && rest[at].low != "." && guard::holds_back(&read, &rest[..at], scene);
        match read {
            // Each half of "hello, add milk" is its own, and the greeting needs no answer beside the act.
            Intent::Talk(Talk::Hello | Talk::Thanks | Talk::Fine) if at < rest.len() || !out.is_empty() => {}
            Intent::Unknown(said) if said.is_empty() => {}
            // "That was wrong, undo it" asks once.
            Intent::Undo(1) if matches!(out.last(), Some(Intent::Undo(_))) => {}
            // "delete 2, no, don't": what was just said is taken back.
            Intent::No | Intent::Talk(Talk::LeftAlone) if out.last().is_some_and(sense::changes) && at <= 4 => {
                out.pop();
                out.push(Intent::Talk(Talk::LeftAlone));
            }
            intent => out.push(intent),
        }
        if let [.., Intent::NewProject(name), Intent::Add(line)] = &mut out[..] {
            line.put_into(name, scene);
        }
        before = &rest[..at];
        rest = cut::after_joints(&rest[at..], scene);
    }
    // People tell stories around what they want: the story needs no answer beside the act.
    if out.iter().any(|i| sense::is_act(i, scene)) {
        out.retain(|i| match i {
            Intent::Unknown(said) => sense::begins_with_verb(said, scene),
            Intent::Talk(Talk::Fine) | Intent::Yes | Intent::No => false,
            _ => true,
        });
    } else if out.len() > 1 && out.iter().all(|i| matches!(i, Intent::Unknown(_))) {
        out.clear();
    }
    if out.is_empty() {
        out.push(Intent::Unknown(slice(text, found).to_owned()));
    }
    out
}
