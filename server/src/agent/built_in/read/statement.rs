//! What is told rather than asked for: "I bought the milk", "the report has been sent to Anna", a number, a title.

use super::super::{
    intent::{Intent, Target},
    lexicon::List,
    scene::{Scene, State, state},
    target,
    words::{Word, slice, trim},
};

/// Reads a statement.
pub fn statement(found: &[Word], text: &str, scene: &Scene) -> Option<Intent> {
    let language = scene.language;
    let target = target::read(found, text, scene);
    match &target {
        Some(read @ (Target::Numbers(_) | Target::Places(_))) => return Some(Intent::Show(read.clone())),
        Some(read @ Target::Words(said)) if !scene.like(said, |_| true).exact.is_empty() => {
            return Some(Intent::Show(read.clone()));
        }
        _ => {}
    }
    let first = found.first().is_some_and(|w| language.list(List::WH).has(&w.low));
    if first && language.list(List::SUBJECTS).begins(found).is_none()
        || found.iter().any(|w| !w.quoted && language.list(List::NEGATED).has(&w.low))
    {
        return None;
    }
    done_by_me(found, text, scene).or_else(|| done(found, text, scene))
}

/// "I called mum", "bought milk already": the past of a title's first word.
fn done_by_me(found: &[Word], text: &str, scene: &Scene) -> Option<Intent> {
    let language = scene.language;
    let mut rest = found;
    while let Some(n) = language.list(List::SUBJECTS).begins(rest) {
        rest = &rest[n..];
    }
    let (verb, object) = rest.split_first().filter(|(v, _)| !v.quoted)?;
    let mut object = trim(object);
    while let Some(n) = language.list(List::AFTER_PAST).ends(object)
        && n < object.len()
    {
        object = trim(&object[..object.len() - n]);
    }
    if object.is_empty() {
        return None;
    }
    presents(&verb.low, scene).iter().find_map(|verb| one(&format!("{verb} {}", slice(text, object)), scene))
}

/// "the report has been sent to Anna", "die Milch habe ich gekauft": a past form somewhere, and words of one title.
fn done(found: &[Word], text: &str, scene: &Scene) -> Option<Intent> {
    let language = scene.language;
    let mut found = found;
    while let Some(n) = language.list(List::AFTER_PAST).ends(found) {
        found = trim(&found[..found.len() - n]);
    }
    let been = (1..found.len()).find_map(|i| language.list(List::BEEN).begins(&found[i..]).map(|n| (i, n)));
    // "dentist booked": without a "was" the past ends it.
    let (end, from) = been.map_or((found.len().checked_sub(1)?, found.len() - 1), |(i, n)| (i, i + n));
    let at = (from..found.len()).find(|i| !presents(&found[*i].low, scene).is_empty())?;
    let (object, after) = (slice(text, &found[..end]), slice(text, &found[at + 1..]));
    presents(&found[at].low, scene).iter().find_map(|verb| one(&format!("{verb} {object} {after}"), scene))
}

fn one(said: &str, scene: &Scene) -> Option<Intent> {
    let like = scene.like(said, |t| state(t) == State::Open);
    (like.all.len() == 1).then_some(Intent::Complete(Target::Numbers(like.all)))
}

/// The forms a verb may have in titles, from its past: by the list, else what ends like a past.
fn presents(past: &str, scene: &Scene) -> Vec<String> {
    let listed: Vec<String> = scene.language.present(past).map(str::to_owned).collect();
    let regular = || (past.ends_with("ed") && past.len() > 4).then(|| past.to_owned());
    if listed.is_empty() { regular().into_iter().collect() } else { listed }
}
