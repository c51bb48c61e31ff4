//! The quick-add grammar: golden cases, phrases in all their places, and what must hold for any text.

mod bounds;
mod clocks;
mod golden;
mod phrases;
mod properties;

use domain::quick_add::{Chip, Context, Draft, Parsed};
use jiff::civil::DateTime;
use std::fmt::Write as _;

pub fn is_zone(name: &str) -> bool {
    jiff::tz::TimeZone::get(name).is_ok()
}

pub fn context<'a>(now: DateTime, locale: &'a str, week_starts_sunday: bool) -> Context<'a> {
    Context { now, locale, week_starts_sunday, is_zone, elapsed: None }
}

pub fn wednesday() -> Context<'static> {
    context("2026-11-18T10:00".parse().expect("a time"), "en-US", false)
}

/// A draft in the golden file's words.
pub fn told(draft: &Draft) -> String {
    let mut out = draft.title.to_string();
    let mut field = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            write!(out, " | {name} {value}").expect("a string");
        }
    };
    field("due", draft.due.as_ref().map(ToString::to_string));
    field("start", draft.start.as_ref().map(ToString::to_string));
    field("deadline", draft.deadline.as_ref().map(ToString::to_string));
    if let Some(repeat) = &draft.repeat {
        field("repeat", Some(repeat.rule.to_string()));
        if repeat.from == domain::repeat::RepeatFrom::Completion {
            field("from", Some("completion".into()));
        }
        for day in &repeat.except {
            field("except", Some(day.to_string()));
        }
    }
    field("priority", draft.priority.map(|p| p.to_string()));
    field("project", draft.project.as_ref().map(ToString::to_string));
    for label in &draft.labels {
        field("label", Some(label.to_string()));
    }
    field("note", draft.description.clone());
    if draft.completed {
        out.push_str(" | done");
    }
    if let Some(parent) = draft.parent {
        write!(out, " | parent {parent}").expect("a string");
    }
    out
}

pub fn told_chips(chips: &[Chip]) -> String {
    chips.iter().map(|c| format!("[{}:{}]", c.kind, c.text)).collect()
}

/// What holds for every answer: chips are in order, apart from each other, and say what stands there.
pub fn check_chips(text: &str, parsed: &Parsed) {
    let mut end = 0;
    for chip in &parsed.chips {
        let (from, to) = (chip.start as usize, chip.end as usize);
        assert!(end <= from && from < to, "{text:?}: {chip:?}");
        assert_eq!(text.get(from..to), Some(chip.text.as_str()), "{text:?}");
        end = to;
    }
    for (i, draft) in parsed.drafts.iter().enumerate() {
        assert!(draft.parent.is_none_or(|p| p < i), "{text:?}");
        let title = draft.title.as_str();
        assert!(!title.is_empty() && title.trim() == title, "{text:?}: {title:?}");
    }
}
