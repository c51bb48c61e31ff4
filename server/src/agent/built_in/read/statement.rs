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
    let present = present(&verb.low, scene)?;
    let mut object = trim(object);
    while let Some(n) = language.list(List::AFTER_PAST).ends(object)
        && n < object.len()
    {
        object = trim(&object[..object.len() - n]);
    }
    one(&format!("{present} {}", slice(text, object)), scene).filter(|_| !object.is_empty())
}

/// "the report has been sent to Anna", "die Milch habe ich gekauft": a past form somewhere, and words of one title.
fn done(found: &[Word], text: &str, scene: &Scene) -> Option<Intent> {
    let language = scene.language;
    let been = (1..found.len()).find_map(|i| language.list(List::BEEN).begins(&found[i..]).map(|n| (i, n)))?;
    let past = (been.0 + been.1..found.len()).find_map(|i| present(&found[i].low, scene).map(|p| (i, p)));
    let (at, present) = past?;
    let mut after = &found[at + 1..];
    while let Some(n) = language.list(List::AFTER_PAST).ends(after) {
        after = &after[..after.len() - n];
    }
    one(&format!("{present} {} {}", slice(text, &found[..been.0]), slice(text, after)), scene)
}

fn one(said: &str, scene: &Scene) -> Option<Intent> {
    let like = scene.like(said, |t| state(t) == State::Open);
    (like.all.len() == 1).then_some(Intent::Complete(Target::Numbers(like.all)))
}

/// The form a verb has in titles, from its past: by the list, else what ends like a past.
fn present(past: &str, scene: &Scene) -> Option<String> {
    let regular = || (past.ends_with("ed") && past.len() > 4).then(|| past.to_owned());
    scene.language.present(past).map(str::to_owned).or_else(regular)
}
