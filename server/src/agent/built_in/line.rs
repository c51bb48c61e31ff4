//! A new task as people dictate it: what the grammar of quick add does not read because nobody types it there ("with
//! high priority", "to my Work list"), and the way from there to the arguments of `add_task`.

use super::{
    intent::NewLine,
    lexicon::List,
    scene::Scene,
    when,
    words::{Word, slice, trim},
};
use domain::quick_add::{BadLine, Draft};
use serde_json::{Map, Value, json};

mod dated;
mod take;

pub use dated::{ends_in_date, has_date};

const QUOTES: [char; 8] = ['"', '“', '”', '„', '\'', '‘', '’', '«'];

/// Takes a dictated line apart.
pub fn read(text: &str, scene: &Scene) -> NewLine {
    let language = scene.language;
    let mut out = NewLine::default();
    let found = language.words(text);
    let mut rest = trim(&found);
    // "to buy milk", ": buy milk", "- buy milk"
    while let [first, after @ ..] = rest
        && !first.quoted
        && language.list(List::LINE_BEFORE).has(&first.low)
        && !after.is_empty()
    {
        rest = trim(after);
    }
    loop {
        let before = rest.len();
        rest = trim(rest);
        for take in [
            take::note,
            take::list,
            take::project,
            take::priority,
            take::labels,
            take::politeness,
            take::deadline,
            take::when,
        ] {
            rest = trim(take(rest, text, scene, &mut out));
        }
        if rest.len() == before {
            break;
        }
    }
    // The line's own end keeps its marks ("Ready?"), except a full stop.
    let end = rest.last().map_or(0, |last| {
        found
            .iter()
            .find(|w| w.start == last.end && w.is_mark() && matches!(w.low.as_str(), "?" | "!"))
            .map_or(last.end, |w| w.end)
    });
    let kept = rest.first().map_or("", |first| text.get(first.start..end).unwrap_or("")).trim();
    // The grammar knows double quotes only.
    let inner = kept
        .strip_prefix(['\'', '‘', '„', '“', '«'])
        .and_then(|k| k.strip_suffix(['\'', '’', '“', '”', '»']))
        .filter(|k| rest.iter().all(|w| w.quoted) && !k.contains('"'));
    out.text = inner.map_or_else(|| quoted_start(kept, rest), |k| format!("\"{k}\""));
    out
}

/// A title in other quotes than the grammar's at the start of the line gets those.
fn quoted_start(kept: &str, words: &[Word]) -> String {
    let run = words.iter().take_while(|w| w.quoted).last().filter(|_| !kept.contains('"'));
    let inner = run.zip(words.first()).and_then(|(last, first)| {
        let (head, tail) = kept.split_at_checked(last.end - first.start)?;
        let inner = head.strip_prefix(['\'', '‘', '„', '“', '«'])?.strip_suffix(['\'', '’', '“', '”', '»'])?;
        Some(format!("\"{inner}\"{tail}"))
    });
    inner.unwrap_or_else(|| kept.to_owned())
}

/// "home, errands and @work" as names.
pub fn names(said: &str, scene: &Scene) -> Vec<String> {
    let language = scene.language;
    let found = language.words(said);
    found
        .split(|w| !w.quoted && (matches!(w.low.as_str(), "," | ";") || language.list(List::JOINTS).has(&w.low)))
        .map(|part| {
            let mut part = part;
            while let [first, rest @ ..] = part
                && !rest.is_empty()
                && (language.list(List::ARTICLES).has(&first.low) || language.list(List::LABEL_AFTER).has(&first.low))
            {
                part = rest;
            }
            slice(said, part).trim_matches(QUOTES).trim_start_matches(['@', '#']).trim().to_owned()
        })
        .filter(|n| !n.is_empty())
        .collect()
}

/// The line as the grammar reads it.
pub fn draft(line: &NewLine, scene: &Scene) -> Result<Draft, BadLine> {
    let text = escape_numbers(&line.text);
    let mut best = dated::draft(&text, scene)?;
    if let Some(said) = &line.when
        && let Some(when) = when::repeat(said, scene).or_else(|| when::date(said, scene))
    {
        best.due = Some(when.due);
        best.repeat = when.repeat.or(best.repeat);
    }
    if let Some(said) = &line.deadline
        && let Some(when) = when::date(said, scene)
    {
        best.deadline = Some(when.due);
    }
    Ok(best)
}

/// In the chat "#3" is a task and never a project.
fn escape_numbers(text: &str) -> String {
    let mut out = text.to_owned();
    for word in super::words::words(text).iter().rev().filter(|w| !w.quoted) {
        if word.low.strip_prefix('#').is_some_and(|n| n.starts_with(|c: char| c.is_ascii_digit())) {
            out.insert(word.start, '\\');
        }
    }
    out
}

/// The arguments of `add_task`.
pub fn arguments(line: &NewLine, draft: &Draft) -> Value {
    let mut out = Map::new();
    out.insert("title".into(), json!(draft.title.as_str()));
    if let Some(note) = line.note.as_ref().or(draft.description.as_ref()) {
        out.insert("description".into(), json!(note));
    }
    for (name, due) in [("start", &draft.start), ("due", &draft.due), ("deadline", &draft.deadline)] {
        if let Some(due) = due {
            out.insert(name.into(), json!(due));
        }
    }
    if let Some(repeat) = &draft.repeat {
        out.insert("repeat".into(), json!(repeat));
    }
    if let Some(priority) = line.priority.or(draft.priority) {
        out.insert("priority".into(), json!(priority));
    }
    let mut labels: Vec<String> = draft.labels.iter().map(ToString::to_string).collect();
    for label in &line.labels {
        if !labels.iter().any(|l| l.to_lowercase() == label.to_lowercase()) {
            labels.push(label.clone());
        }
    }
    if !labels.is_empty() {
        out.insert("labels".into(), json!(labels));
    }
    if let Some(project) = line.project.clone().or_else(|| draft.project.as_ref().map(ToString::to_string)) {
        out.insert("project".into(), json!(project));
    }
    Value::Object(out)
}
