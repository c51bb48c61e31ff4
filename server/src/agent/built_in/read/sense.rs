//! What words come to when they are not the name of a task: priorities, destinations; and how sure a reading is.

use super::super::{
    intent::{Intent, Shift, Target},
    lexicon::{Language, List},
    scene::Scene,
    target, when,
};
use domain::priority::Priority;

/// "high", "p1", "a very important".
pub fn priority(said: &str, scene: &Scene) -> Option<Priority> {
    let language = scene.language;
    let low = language.normal(said.trim());
    let low = without_article(&low, language);
    let noun = language.list(List::PRIORITY_NOUN);
    let plain = low.rsplit_once(' ').filter(|(_, last)| noun.has(last)).map_or(low, |(first, _)| first);
    for (list, priority) in [
        (List::HIGH, Priority::High),
        (List::MEDIUM, Priority::Medium),
        (List::LOW, Priority::Low),
        (List::NO_PRIORITY, Priority::None),
    ] {
        if language.list(list).has(low) || language.list(list).has(plain) {
            return Some(priority);
        }
    }
    match when::number(plain, scene) {
        Some(n @ 1..=4) if plain != "a" && plain != "an" => Priority::from_rank(4 - i64::from(n)),
        _ => None,
    }
}

fn without_article<'t>(mut low: &'t str, language: &Language) -> &'t str {
    while let Some((first, rest)) = low.split_once(' ')
        && language.list(List::ARTICLES).has(first)
    {
        low = rest;
    }
    low
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
    let language = scene.language;
    let low = language.normal(said.trim().trim_end_matches(['.', '!']));
    let bare = without_article(&low, language);
    let is = |list| language.list(list).has(bare);
    Some(match () {
        () if is(List::INBOX) => Destination::Inbox,
        () if is(List::UNDATED) => Destination::NoDate,
        () if is(List::TRASH) => Destination::Trash,
        () if is(List::DONE) => Destination::Done,
        () if is(List::OPEN) => Destination::Open,
        () => {
            if let Some(project) = scene.project(said) {
                Destination::Project(project.name.clone())
            } else if let Some(when) = when::date(&low, scene) {
                Destination::Date(Box::new(when))
            } else if let Some(priority) = priority(said, scene) {
                Destination::Priority(priority)
            } else {
                Destination::Span(when::span(&low, scene)?)
            }
        }
    })
}

/// The tasks an intent is about.
pub fn target(intent: &Intent) -> Option<&Target> {
    Some(match intent {
        Intent::Show(t)
        | Intent::Complete(t)
        | Intent::Again(t)
        | Intent::Reopen(t)
        | Intent::Delete(t)
        | Intent::Restore(t)
        | Intent::MoveWhen(t)
        | Intent::NoDate(t)
        | Intent::NoRepeat(t)
        | Intent::Rename(t, _)
        | Intent::Move(t, _)
        | Intent::Deadline(t, _)
        | Intent::Start(t, _)
        | Intent::Describe(t, _)
        | Intent::Note(t, _)
        | Intent::AddUnder(t, _)
        | Intent::Repeat(t, _)
        | Intent::Shift(t, _)
        | Intent::Priority(t, _)
        | Intent::Nudge(t, _)
        | Intent::Label(t, _)
        | Intent::Unlabel(t, _) => t,
        _ => return None,
    })
}

/// Whether the tasks an intent names are there; what names none is sure.
pub fn is_sure(intent: &Intent, scene: &Scene) -> bool {
    match intent {
        Intent::Unknown(_) => false,
        Intent::Several(all) => all.iter().all(|i| is_sure(i, scene)),
        Intent::Move(t, to) => target::is_sure(t, scene) && destination(to, scene).is_some(),
        other => target(other).is_none_or(|t| target::is_sure(t, scene)),
    }
}

/// Whether an intent would change something.
pub fn changes(intent: &Intent) -> bool {
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
            | Intent::Which(_)
            | Intent::Unknown(_)
            | Intent::Yes
            | Intent::No
    )
}

/// Whether an intent does or shows something for sure.
pub fn is_act(intent: &Intent, scene: &Scene) -> bool {
    match intent {
        Intent::List(f) | Intent::Count(f) => f.words.is_none(),
        Intent::Talk(_) | Intent::Cannot(_) | Intent::Yes | Intent::No => false,
        other => is_sure(other, scene),
    }
}

/// Whether a text begins with a verb of command.
pub fn begins_with_verb(said: &str, scene: &Scene) -> bool {
    let language = scene.language;
    let found = language.words(said);
    let found = super::clause::strip_polite(&found, scene);
    found.first().is_some_and(|w| language.list(List::SLIP_VERBS).has(&w.low))
}
