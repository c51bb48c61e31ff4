//! From a message to what it asks for: lines, clauses, and what one clause says about another.
//!
//! The order of decisions is the safety of the assistant: what must not be done ("don't delete #2") and what only asks
//! ("how do I delete a task?") is recognised before any act, and an act that is taken back in the same breath is not
//! done. Slips of the fingers are mended only when the words as typed make less sense.

mod acts;
mod build;
mod clause;
mod cut;
mod guard;
mod listing;
mod mend;
mod sense;
mod statement;

pub use clause::{clause, strip_polite};
pub use mend::{dates as mended_dates, mend};
pub use sense::{Destination, changes, destination, priority, target};

use super::{
    intent::Intent,
    lexicon::{List, Say},
    line,
    scene::Scene,
    words::{Word, trim},
};
use acts::reading;

/// Longest sentence that is read, in words; what is longer is a text and no request.
const WORDS_MAX: usize = 80;
/// Longest sentence whose slips are looked for although it was understood.
const MENDED_MAX: usize = 24;
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
    if found.len() > WORDS_MAX {
        return vec![Intent::Cannot(Say::too_long)];
    }
    let typed = reading(found, text, scene);
    // A long text that was understood as typed is left at that.
    if found.len() > MENDED_MAX && typed.acts.iter().any(|i| sense::is_act(i, scene)) {
        return typed.acts;
    }
    let Some(mended) = mend(found, scene) else { return typed.acts };
    let meant = reading(&mended, text, scene);
    let better = match (&typed.acts[..], &meant.acts[..]) {
        // "add taks: …": mended, the slip before the colon is no part of the title.
        ([Intent::Add(typed)], [Intent::Add(meant)]) => {
            found.iter().take(5).any(|w| w.low == ":")
                && meant.text.len() < typed.text.len()
                && typed.text.ends_with(&meant.text)
        }
        _ => meant.beats(&typed, scene),
    };
    if better { meant.acts } else { typed.acts }
}
