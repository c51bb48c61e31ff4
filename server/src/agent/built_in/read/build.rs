//! From a pattern that fits to the intent it means.

use super::{
    super::{
        filter::{Described, describe},
        intent::{Intent, NewLine, Shift, Talk, Target},
        lexicon::{Act, List, Say},
        line,
        pattern::Fit,
        scene::{Scene, State},
        target, when,
        words::{Word, said, slice},
    },
    sense::{self, Destination, destination},
};
use domain::priority::Priority;

const QUOTES: [char; 8] = ['"', '“', '”', '„', '«', '»', '\'', '‘'];

/// What the act means on what the slots took; `None` when they do not go together.
pub fn build(act: Act, fit: &Fit<'_>, found: &[Word], text: &str, scene: &Scene) -> Option<Intent> {
    let x = || slice(text, fit.slot('x')).to_owned();
    let unquoted = || x().trim_matches(QUOTES).trim().to_owned();
    // Where to: as typed, or with its slips mended when only that is a place.
    let to = || {
        let meant = said(fit.slot('x'));
        if destination(&x(), scene).is_none() && destination(&meant, scene).is_some() { meant } else { x() }
    };
    let t = || target::read(fit.first(&['t', 'T', 'w', '#']), text, scene);
    let d = || said(fit.first(&['d', 'r']));
    let p = || sense::priority(&said(fit.slot('p')), scene);
    let s = || when::span(said(fit.first(&['s', '+', '-'])).trim_start_matches(['+', '-']), scene);
    let labels = || line::names(slice(text, fit.first(&['l', '@'])), scene);
    let new = |text: String| line::read(&text, scene);
    Some(match act {
        // Several titles in quotes are several tasks.
        Act::Add if quoted_titles(fit.slot('x'), scene) => return many(&x(), scene),
        // "I should delete the dentist" may be a task or the wish itself.
        Act::Add if muses(found, fit.slot('x'), text, scene) => return None,
        Act::Add => match listed(&x(), scene) {
            Some(parts) => Intent::Several(parts.iter().map(|p| Intent::Add(new((*p).to_owned()))).collect()),
            None => Intent::Add(new(x())),
        },
        Act::AddRest => Intent::Add(new(format!("{} {}", x(), slice(text, fit.slot('y'))))),
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
        Act::WhichOne => Intent::Which(found.first()?.low.clone()),
        Act::NewTitle => Intent::Cannot(Say::new_title),
        Act::RemindOf => Intent::Cannot(Say::remind_of),
        Act::Reopen => Intent::Reopen(t()?),
        Act::Delete => Intent::Delete(t()?),
        Act::Restore => Intent::Restore(t()?),
        Act::Rename if depends(fit.slot('x').get(..1)?, scene) => return None,
        Act::Rename => Intent::Rename(t()?, unquoted()),
        Act::Become => match destination(&to(), scene) {
            Some(Destination::Span(_)) | None if is_date_like(&x(), scene) => Intent::Move(t()?, x()),
            // "make it 5 if he agrees" is no title.
            Some(Destination::Span(_)) | None if depends(fit.slot('x'), scene) => return None,
            Some(Destination::Span(_)) | None => Intent::Rename(t()?, unquoted()),
            Some(_) => Intent::Move(t()?, to()),
        },
        Act::Move => Intent::Move(t()?, to()),
        Act::MoveSure => Intent::Move(t()?, d()),
        Act::Postpone => Intent::MoveWhen(t()?),
        Act::Later => Intent::Shift(t()?, s()?),
        Act::Earlier => Intent::Shift(t()?, back(s()?)),
        Act::EitherWay => Intent::Cannot(Say::either_way),
        Act::NoDate => Intent::NoDate(t()?),
        Act::Deadline => Intent::Deadline(t()?, d()),
        Act::NoDeadline => Intent::Deadline(t()?, String::new()),
        Act::Start => Intent::Start(t()?, d()),
        Act::Priority => Intent::Priority(t()?, p()?),
        Act::High => Intent::Priority(t()?, Priority::High),
        Act::Low => Intent::Priority(t()?, Priority::Low),
        Act::NoPriority => Intent::Priority(t()?, Priority::None),
        Act::Raise => Intent::Nudge(t()?, true),
        Act::Lower => Intent::Nudge(t()?, false),
        Act::Label => Intent::Label(t()?, labels()),
        Act::Unlabel => Intent::Unlabel(t()?, labels()),
        Act::UnlabelAll => Intent::Unlabel(t()?, vec![]),
        Act::Relabel => {
            let names = |letter| line::names(slice(text, fit.slot(letter)), scene);
            let (right, wrong) = (names('l'), names('y'));
            // Only what was just labelled so can be corrected; "do not forget" looks the same.
            let has = |l: &String| {
                scene
                    .memory
                    .mentioned
                    .iter()
                    .filter_map(|id| scene.task(*id))
                    .any(|t| t.labels.iter().any(|have| have.to_lowercase() == l.to_lowercase()))
            };
            if wrong.is_empty() || !wrong.iter().all(has) {
                return None;
            }
            Intent::Relabel(right, wrong)
        }
        Act::Describe => Intent::Describe(t()?, unquoted()),
        Act::Note => Intent::Note(t()?, unquoted()),
        Act::NoNote => Intent::Describe(t()?, String::new()),
        Act::Repeat => Intent::Repeat(t()?, d()),
        Act::NoRepeat => Intent::NoRepeat(t()?),
        Act::OutOfProject => Intent::Move(t()?, scene.language.list(List::INBOX).iter().next()?.to_owned()),
        Act::Again if scene.memory.before.operations.is_empty() => return None,
        Act::Again => Intent::Again(t()?),
        Act::Instead => Intent::Instead(t()?),
        Act::Show => Intent::Show(t()?),
        Act::Find => {
            let found = fit.first(&['f', 'x']);
            match target::read(found, text, scene) {
                Some(numbers @ Target::Numbers(_)) => Intent::Show(numbers),
                _ => find(found, text, scene),
            }
        }
        Act::List | Act::ListCompleted | Act::ListAll | Act::Count | Act::CountCompleted => {
            return Some(list(act, fit, text, scene));
        }
        Act::CannotHere => Intent::Cannot(Say::cannot_here),
        Act::NewProject => Intent::NewProject(unquoted()),
        Act::DeleteProject => Intent::Cannot(Say::delete_project),
        Act::Projects => Intent::Projects,
        Act::Labels => Intent::Labels,
        Act::Plan => Intent::Plan(None),
        Act::PlanDay => Intent::Plan(Some(d())),
        Act::Undo => Intent::Undo(1),
        Act::UndoMany => Intent::Undo(
            usize::try_from(when::number(&fit.slot('n').first()?.low, scene)?).ok().filter(|n| (1..=20).contains(n))?,
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
        Act::Beyond => Intent::Talk(Talk::Beyond),
        Act::EmptyTrash => Intent::Cannot(Say::empty_trash),
    })
}

/// Whether a person says of themselves that they should do what could be done here at once.
fn muses(found: &[Word], said: &[Word], text: &str, scene: &Scene) -> bool {
    let is = |list| found.first().is_some_and(|w| scene.language.list(list).has(&w.low));
    let wished = is(List::SUBJECTS) || !is(List::ADD_VERBS);
    wished && said.first().is_some_and(|w| scene.language.list(List::SLIP_VERBS).has(&w.low)) && {
        let read = super::clause(said, text, scene);
        sense::changes(&read) && sense::target(&read).is_some_and(|t| target::is_sure(t, scene))
    }
}

fn depends(found: &[Word], scene: &Scene) -> bool {
    (0..found.len()).any(|i| !found[i].quoted && scene.language.list(List::CONDITION).begins(&found[i..]).is_some())
}

fn back(by: Shift) -> Shift {
    Shift { days: -by.days, months: -by.months, minutes: -by.minutes }
}

/// Whether a text begins like a date and is none ("february 30th"): never a new title.
fn is_date_like(text: &str, scene: &Scene) -> bool {
    let language = scene.language;
    let found = language.words(super::mended_dates(text, scene).as_deref().unwrap_or(text));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let time = |w: &Word| w.low.split_once(':').is_some_and(|(h, m)| digits(h) && digits(m));
    let date = |w: &Word| time(w) || language.named("DATE_WORDS").is_some_and(|l| l.has(&w.low));
    found.len() <= 4
        && found.iter().any(date)
        && found.iter().all(|w| date(w) || w.low.starts_with(|c: char| c.is_ascii_digit()) || w.is_mark())
}

fn list(act: Act, fit: &Fit<'_>, text: &str, scene: &Scene) -> Intent {
    let said = fit.slot('f');
    let Described { mut filter, left, .. } = describe(said, text, scene);
    if !left.is_empty() && filter.words.is_none() {
        filter.words = Some(left.join(" "));
    }
    match act {
        Act::ListCompleted | Act::CountCompleted => filter.state = Some(State::Done),
        Act::ListAll => filter.any_state = true,
        Act::Count if said.is_empty() && filter.state.is_none() => filter.state = Some(State::Open),
        _ => {}
    }
    if matches!(act, Act::Count | Act::CountCompleted) { Intent::Count(filter) } else { Intent::List(filter) }
}

/// Whether the words are titles in quotes and joints between them.
fn quoted_titles(found: &[Word], scene: &Scene) -> bool {
    let joint = |w: &Word| w.is_mark() || scene.language.list(List::JOINTS).has(&w.low);
    found.iter().any(|w| !w.quoted)
        && found.iter().all(|w| w.quoted || joint(w))
        && found.first().is_some_and(|w| w.quoted)
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
    match &filter.words {
        Some(words)
            if super::super::filter::Filter { words: None, ..filter.clone() }.is_wide() && filter.state.is_none() =>
        {
            Intent::Find(words.trim_matches(QUOTES).to_owned())
        }
        _ => Intent::List(filter),
    }
}

/// Several titles in one: "1) call Tim 2) email Tina", or parts each with a date of its own.
fn listed<'t>(said: &'t str, scene: &Scene) -> Option<Vec<&'t str>> {
    numbered(said).or_else(|| {
        let joints = scene.language.list(List::JOINTS);
        let found = scene.language.words(said);
        let joint = |w: &Word| !w.quoted && (matches!(w.low.as_str(), "," | ";") || joints.has(&w.low));
        let parts: Vec<&[Word]> = found.split(joint).filter(|p| !p.is_empty()).collect();
        let texts: Vec<&str> = parts.iter().map(|part| slice(said, part)).collect();
        let dated = texts.iter().filter(|t| line::ends_in_date(t, scene)).count();
        let whole = |part: &&[Word]| part.len() >= 2 && when::date(&super::super::words::said(part), scene).is_none();
        (parts.len() > 2 && dated > 1 && parts.iter().all(whole)).then_some(texts)
    })
}

/// The parts of "1) … 2) …".
fn numbered(said: &str) -> Option<Vec<&str>> {
    let mark = |n: usize| [format!("{n}) "), format!("({n}) "), format!("{n}. ")];
    let mut rest = mark(1).iter().find_map(|m| said.strip_prefix(m.as_str()))?;
    let mut out = Vec::new();
    while let Some((at, len)) =
        mark(out.len() + 2).iter().find_map(|m| rest.find(&format!(" {m}")).map(|at| (at, m.len() + 1)))
    {
        out.push(rest[..at].trim().trim_end_matches([',', ';']));
        rest = &rest[at + len..];
    }
    out.push(rest.trim());
    (out.len() > 1 && out.iter().all(|p| !p.is_empty())).then_some(out)
}

/// Many tasks from "milk, eggs and bread".
fn many(said: &str, scene: &Scene) -> Option<Intent> {
    let joints = scene.language.list(List::JOINTS);
    let found = scene.language.words(said);
    let parts: Vec<&str> = found
        .split(|w| !w.quoted && (matches!(w.low.as_str(), "," | ";") || joints.has(&w.low)))
        .map(|part| slice(said, part))
        .filter(|p| !p.is_empty())
        .collect();
    (!parts.is_empty()).then(|| Intent::Several(parts.iter().map(|p| Intent::Add(line::read(p, scene))).collect()))
}
