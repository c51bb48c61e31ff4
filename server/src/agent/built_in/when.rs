//! Dates in conversation. The grammar of quick add reads them; this file only knows how people wrap them in a sentence
//! ("by the end of the month", "two days later") and the ranges that lists are asked for ("this week").

use super::{intent::Shift, lexicon::List, scene::Scene, words::fold};
use domain::{date::Due, quick_add, repeat::Repeat};
use jiff::Span;

/// A date that was said.
#[derive(Clone, Debug, PartialEq)]
pub struct When {
    /// The date.
    pub due: Due,
    /// When it comes back.
    pub repeat: Option<Repeat>,
    /// Only a time of day was said.
    pub time_only: bool,
}

/// The same words in the language of the grammar, where every date ends up.
const CANONICAL_BEFORE: &[&str] = &["on", "at", "by", "for", "until", "the", "from", "of", "in", "starting"];

/// Reads a text that is nothing but a date.
pub fn date(text: &str, scene: &Scene) -> Option<When> {
    if let Some(known) = scene.memos.dates.get(&text.to_owned()) {
        return known;
    }
    if !may_be_date(text, scene) || !scene.spend(10) {
        return None;
    }
    scene.memos.dates.keep(text.to_owned(), fresh_date(text, scene))
}

fn fresh_date(text: &str, scene: &Scene) -> Option<When> {
    let text = ease(text, scene);
    let mut rest = text.as_str();
    loop {
        if let Some(when) = parse(rest, scene) {
            return Some(When { time_only: is_time(rest), ..when });
        }
        if let Some(when) = super::days::counted(rest, scene) {
            return Some(when);
        }
        // The longest of the words that stand before a date and are no part of it.
        let before = scene.language.list(List::DATE_BEFORE).iter().chain(CANONICAL_BEFORE.iter().copied());
        rest = before.filter_map(|b| strip(rest, b)).min_by_key(|rest| rest.len())?;
    }
}

/// Reads a text that is nothing but a repetition; the date is its first occurrence.
pub fn repeat(text: &str, scene: &Scene) -> Option<When> {
    if let Some(known) = scene.memos.repeats.get(&text.to_owned()) {
        return known;
    }
    if !may_be_date(text, scene) || !scene.spend(10) {
        return None;
    }
    scene.memos.repeats.keep(text.to_owned(), fresh_repeat(text, scene))
}

fn fresh_repeat(text: &str, scene: &Scene) -> Option<When> {
    let text = ease(text, scene);
    let text = text.trim();
    let plain = ["on a ", "a ", "once ", "as a "].iter().find_map(|p| text.strip_prefix(p)).unwrap_or(text);
    let plain = plain.strip_suffix(" basis").unwrap_or(plain);
    let bare: &[String] = &[
        plain.to_owned(),
        format!("every {}", plain.trim_start_matches("each ").trim_start_matches("on ").trim_end_matches('s')),
    ];
    let wanted = [
        "every",
        "each",
        "daily",
        "weekly",
        "monthly",
        "yearly",
        "annually",
        "hourly",
        "bi",
        "quarterly",
        "on ",
        "workday",
        "weekday",
    ];
    if !wanted.iter().any(|w| plain.starts_with(w)) && !plain.contains("every") {
        return None;
    }
    bare.iter().find_map(|t| parse(t, scene)).filter(|w| w.repeat.is_some())
}

pub(super) fn parse(text: &str, scene: &Scene) -> Option<When> {
    let text = text.trim();
    if text.is_empty() || text.contains('\n') || text.len() > 120 {
        return None;
    }
    if let Some(known) = scene.memos.grammar.get(&text.to_owned()) {
        return known;
    }
    if !scene.spend(40) {
        return None;
    }
    scene.memos.grammar.keep(text.to_owned(), by_grammar(text, scene))
}

fn by_grammar(text: &str, scene: &Scene) -> Option<When> {
    let line = format!("thing {text}");
    let parsed = quick_add::parse(&line, &scene.context()).ok()?;
    let [draft] = &parsed.drafts[..] else { return None };
    let bare =
        draft.priority.is_none() && draft.labels.is_empty() && draft.project.is_none() && draft.description.is_none();
    (draft.title.as_str() == "thing" && bare && draft.start.is_none() && draft.deadline.is_none())
        .then(|| draft.due.clone())
        .flatten()
        .map(|due| When { due, repeat: draft.repeat.clone(), time_only: false })
}

/// Whether the text names a time of day and no day.
pub(super) fn is_time(text: &str) -> bool {
    let text = text.trim().trim_start_matches("at ").trim();
    if ["noon", "midday", "midnight", "morning", "afternoon", "evening", "the morning", "the afternoon", "the evening"]
        .contains(&text)
    {
        return true;
    }
    let digits = text
        .trim_end_matches("o'clock")
        .trim()
        .trim_end_matches("am")
        .trim_end_matches("pm")
        .trim_end_matches("a.m.")
        .trim_end_matches("p.m.")
        .trim();
    !digits.is_empty()
        && digits.chars().all(|c| c.is_ascii_digit() || c == ':' || c == '.')
        && digits.chars().filter(char::is_ascii_digit).count() <= 4
}

fn strip<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    text.get(..word.len())
        .filter(|head| head.eq_ignore_ascii_case(word))
        .and_then(|_| text[word.len()..].strip_prefix(' '))
        .map(str::trim_start)
}

/// Says in the grammar's words what people say in theirs: number words, "a week from now", "übermorgen um halb acht".
pub fn ease(text: &str, scene: &Scene) -> String {
    let language = scene.language;
    let out = language.dates().apply(&fold(text.trim()).replace(',', " , ").replace(" , ", " "));
    // "two days", "in three weeks": only before a unit, since a title may hold numbers as words.
    const UNITS: &[&str] =
        &["day", "days", "week", "weeks", "month", "months", "year", "years", "hour", "hours", "minute", "minutes"];
    let dotted = language.named("DOTTED_DATES").is_some();
    let words: Vec<String> =
        out.split_whitespace().map(|w| dot_date(w).filter(|_| dotted).unwrap_or_else(|| w.to_owned())).collect();
    let cardinals = language.list(List::CARDINALS);
    let mended: Vec<String> = words
        .iter()
        .enumerate()
        .map(|(i, word)| match (cardinals.place(word), words.get(i + 1)) {
            (Some(n), Some(unit)) if UNITS.contains(&unit.as_str()) => (n + 1).to_string(),
            _ => word.clone(),
        })
        .collect();
    let out = super::clock::read(&mended, scene).join(" ");
    if out.contains(" from ") { from_now(format!(" {out} ")).trim().to_owned() } else { out }
}

/// "24.12." is the 24th of December.
fn dot_date(word: &str) -> Option<String> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let parts: Vec<u16> = word.trim_end_matches('.').split('.').map(|p| p.parse().ok()).collect::<Option<_>>()?;
    match parts[..] {
        [day @ 1..=31, month @ 1..=12] => Some(format!("{day} {}", MONTHS.get(usize::from(month) - 1)?)),
        [day @ 1..=31, month @ 1..=12, year @ 1970..=9999] => Some(format!("{year}-{month:02}-{day:02}")),
        _ => None,
    }
}

/// "2 days from now" is "in 2 days".
fn from_now(mut out: String) -> String {
    for unit in ["days", "weeks", "months", "day", "week", "month", "hours", "hour", "minutes"] {
        for tail in ["from now", "from today"] {
            if let Some(at) = find(&out, &format!(" {unit} {tail} ")) {
                let (head, rest) = out.split_at(at);
                if let Some((before, number)) = head.rsplit_once(' ')
                    && number.parse::<u32>().is_ok()
                {
                    let rest = rest[unit.len() + tail.len() + 3..].trim();
                    out = format!("{before} in {number} {unit} {rest} ");
                }
            }
        }
    }
    out
}

fn find(text: &str, needle: &str) -> Option<usize> {
    text.to_ascii_lowercase().find(needle)
}

/// Reads a span of time: "2 days", "a week", "one hour".
pub fn span(text: &str, scene: &Scene) -> Option<Shift> {
    let eased = ease(text.trim().trim_end_matches('.'), scene);
    let low = eased.strip_prefix("in ").unwrap_or(&eased);
    let low = low.strip_prefix("another ").map_or_else(
        || low.to_owned(),
        |r| if r.starts_with(|c: char| c.is_ascii_digit()) { r.to_owned() } else { format!("a {r}") },
    );
    let mut words = low.split_whitespace();
    let (count, unit) = match (words.next()?, words.next()) {
        (one, None) => {
            // "2d", "3h"
            let digits = one.find(|c: char| !c.is_ascii_digit())?;
            (one[..digits].parse::<i32>().ok()?, one[digits..].to_owned())
        }
        (count, Some(unit)) => (number(count, scene)?, unit.to_owned()),
    };
    if words.next().is_some() || !(0..=10_000).contains(&count) {
        return None;
    }
    Some(match unit.as_str() {
        "day" | "days" | "d" => Shift { days: count, ..Shift::default() },
        "week" | "weeks" | "w" | "wk" | "wks" => Shift { days: count * 7, ..Shift::default() },
        "month" | "months" | "mo" => Shift { months: count, ..Shift::default() },
        "year" | "years" | "y" => Shift { months: count * 12, ..Shift::default() },
        "hour" | "hours" | "h" | "hr" | "hrs" => Shift { minutes: i64::from(count) * 60, ..Shift::default() },
        "minute" | "minutes" | "min" | "mins" | "m" => Shift { minutes: i64::from(count), ..Shift::default() },
        _ => return None,
    })
}

/// A number in digits or words.
pub fn number(word: &str, scene: &Scene) -> Option<i32> {
    if matches!(word, "a" | "an" | "another") {
        return Some(1);
    }
    if let Some(i) = scene.language.list(List::CARDINALS).place(word) {
        return i32::try_from(i + 1).ok();
    }
    word.trim_start_matches('+').parse().ok()
}

/// Whether a text can be a date at all: it has a digit, or one of its words begins like a word of dates. Saves the
/// grammar from being asked about every run of words.
pub(super) fn may_be_date(text: &str, scene: &Scene) -> bool {
    let beginnings = scene.language.list(List::DATE_BEGINNINGS);
    text.split_whitespace().any(|word| {
        let low = fold(word);
        let low = low.trim_start_matches(|c: char| !c.is_alphanumeric());
        low.starts_with(|c: char| c.is_ascii_digit()) || beginnings.iter().any(|b| low.starts_with(b))
    })
}

/// The date moved by a span; a day stays a day unless hours are added.
pub fn shifted(due: &Due, by: Shift) -> Option<Due> {
    let span = Span::new().try_days(by.days).ok()?.try_months(by.months).ok()?.try_minutes(by.minutes).ok()?;
    Some(match due {
        Due::Day(day) => Due::Day(day.checked_add(span).ok()?),
        Due::Floating(at) => Due::Floating(at.checked_add(span).ok()?),
        Due::Zoned { at, zone } => Due::Zoned { at: at.checked_add(span).ok()?, zone: zone.clone() },
    })
}
