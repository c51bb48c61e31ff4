//! Days counted from other days ("a week from monday", "the day before the rent is due"), and the ranges of days that
//! lists are asked for ("this week", "from tomorrow on"). Everything here is in the words of the grammar of dates: the
//! lexicon has put a language's own words into these before.

use super::{
    scene::{Scene, State, state},
    when::{self, When},
};
use domain::date::Due;
use jiff::{
    Span,
    civil::{Date, Weekday},
};

/// "a week from monday", "two weeks from wednesday", "a week today", "the first monday in december", "the day before …".
pub fn counted(text: &str, scene: &Scene) -> Option<When> {
    let day = |day: Date| Some(When { due: Due::Day(day), repeat: None, time_only: false });
    for joint in [" from ", " after "] {
        if let Some((span, from)) = text.split_once(joint)
            && let Some(by) = when::span(span, scene).filter(|s| s.minutes == 0)
        {
            let from = start(from, scene)?;
            return day(from.checked_add(Span::new().days(by.days).months(by.months)).ok()?);
        }
    }
    if let Some((span, from)) = text.split_once(" before ")
        && let Some(by) = when::span(span.strip_prefix("the day").map_or(span, |_| "1 day"), scene)
    {
        return day(start(from, scene)?.checked_sub(Span::new().days(by.days).months(by.months)).ok()?);
    }
    if let Some(from) = text.strip_prefix("day after ") {
        return day(start(from, scene)?.tomorrow().ok()?);
    }
    // "a week today", "a week tomorrow"
    if let Some((span, from)) = text.rsplit_once(' ')
        && matches!(from, "today" | "tomorrow")
        && let Some(by) = when::span(span, scene).filter(|s| s.minutes == 0)
    {
        return day(start(from, scene)?.checked_add(Span::new().days(by.days).months(by.months)).ok()?);
    }
    // "first monday in december", "last friday of january"
    let words: Vec<&str> = text.split_whitespace().filter(|w| *w != "the").collect();
    if let [which, name, "in" | "of", rest @ ..] = &words[..]
        && let Some(wanted) = weekday(name)
        && let Some(n) = ["first", "second", "third", "fourth", "last"].iter().position(|o| o == which)
    {
        let (first, last) =
            range(&rest.join(" "), scene).and_then(|(a, b)| Some((a?, b?))).or_else(|| month(rest, scene))?;
        let all: Vec<Date> = (0..31)
            .filter_map(|n| first.checked_add(Span::new().days(n)).ok())
            .filter(|d| *d <= last && d.weekday() == wanted)
            .collect();
        return day(*if n == 4 { all.last()? } else { all.get(n)? });
    }
    None
}

/// A month by its name: this year's, or the next one's when it is over.
fn month(words: &[&str], scene: &Scene) -> Option<(Date, Date)> {
    let [name, ..] = words else { return None };
    let first = when::parse(&format!("1 {name}"), scene)?.due.date();
    Some((first, first.last_of_month()))
}

/// The day something is counted from: a date, or the date of a task that is named ("the rent is due").
fn start(text: &str, scene: &Scene) -> Option<Date> {
    if let Some(when) = when::date(text, scene) {
        return Some(when.due.date());
    }
    let name = text.strip_suffix(" is due").or_else(|| text.strip_suffix(" is")).unwrap_or(text);
    let like = scene.like(name, |t| state(t) == State::Open && t.due.is_some());
    let [id] = (if like.exact.is_empty() { like.all } else { like.exact })[..] else { return None };
    scene.due_day(scene.task(id)?)
}

/// The first and the last day; either end may be open.
pub type Range = (Option<Date>, Option<Date>);

/// Reads the range of days a list is asked for.
pub fn range(text: &str, scene: &Scene) -> Option<Range> {
    if let Some(known) = scene.memos.ranges.get(&text.to_owned()) {
        return known;
    }
    if !when::may_be_date(text, scene) || !scene.spend(10) {
        return None;
    }
    scene.memos.ranges.keep(text.to_owned(), fresh_range(text, scene))
}

fn fresh_range(text: &str, scene: &Scene) -> Option<Range> {
    let today = scene.today();
    let low = when::ease(text, scene);
    let low = low.trim_end_matches("'s").trim();
    let plus = |days: i32| today.checked_add(Span::new().days(days)).ok();
    let week = |weeks: i32| {
        let start = week_start(today, scene.week_starts_sunday)?.checked_add(Span::new().days(weeks * 7)).ok()?;
        Some((Some(start), start.checked_add(Span::new().days(6)).ok()))
    };
    let month = |months: i32| {
        let first = today.first_of_month().checked_add(Span::new().months(months)).ok()?;
        Some((Some(first), Some(first.last_of_month())))
    };
    match low {
        "today" | "tonight" | "today morning" | "today afternoon" | "today evening" | "todays" => {
            return Some((Some(today), Some(today)));
        }
        "tomorrow" | "tomorrows" => return Some((plus(1), plus(1))),
        "yesterday" | "yesterdays" => return Some((plus(-1), plus(-1))),
        "this week" | "the week" | "week" | "current week" => return week(0),
        "next week" => return week(1),
        "last week" | "previous week" => return week(-1),
        "this month" | "the month" => return month(0),
        "next month" => return month(1),
        "last month" => return month(-1),
        "this year" => return Some((Date::new(today.year(), 1, 1).ok(), Date::new(today.year(), 12, 31).ok())),
        "this weekend" | "the weekend" | "weekend" => {
            let saturday = if today.weekday() == Weekday::Sunday {
                today.yesterday().ok()?
            } else {
                next(today, Weekday::Saturday)?
            };
            return Some((Some(saturday), saturday.tomorrow().ok()));
        }
        "next weekend" => {
            let saturday = week(1)?.0.and_then(|d| next(d, Weekday::Saturday))?;
            return Some((Some(saturday), saturday.tomorrow().ok()));
        }
        _ => {}
    }
    for (prefix, forward) in [
        ("in the next ", true),
        ("the next ", true),
        ("next ", true),
        ("in the coming ", true),
        ("the coming ", true),
        ("coming ", true),
        ("within ", true),
        ("over the next ", true),
        ("within the next ", true),
        ("for the next ", true),
        ("following ", true),
        ("in the last ", false),
        ("the last ", false),
        ("last ", false),
        ("past ", false),
        ("in the past ", false),
        ("the past ", false),
    ] {
        if let Some(shift) = low.strip_prefix(prefix).and_then(|s| when::span(s, scene))
            && shift.minutes == 0
        {
            let days = Span::new().days(shift.days).months(shift.months);
            return if forward {
                Some((Some(today), today.checked_add(days).ok()))
            } else {
                Some((today.checked_sub(days).ok(), Some(today)))
            };
        }
    }
    if let Some(rest) =
        [" onwards", " onward", " on", " and later", " or later"].iter().find_map(|s| low.strip_suffix(s))
    {
        let rest = rest.strip_prefix("from ").unwrap_or(rest);
        return Some((range(rest, scene)?.0, None));
    }
    for (prefix, kind) in [
        ("before ", 0),
        ("until ", 1),
        ("till ", 1),
        ("by ", 1),
        ("after ", 2),
        ("since ", 3),
        ("from ", 4),
        ("starting ", 3),
        ("up to ", 1),
        ("through ", 1),
        ("no later than ", 1),
        ("later than ", 2),
        ("earlier than ", 0),
    ] {
        if let Some(rest) = low.strip_prefix(prefix) {
            let (from, to) = range(rest, scene)?;
            return Some(match kind {
                0 => (None, from.and_then(|d| d.yesterday().ok())),
                1 => (None, to),
                2 => (to.and_then(|d| d.tomorrow().ok()), None),
                // "everything from today" is that of today; "from today on" was read before.
                4 => (from, to),
                _ => (from, None),
            });
        }
    }
    if let Some((left, right)) = low.strip_prefix("between ").and_then(|r| r.split_once(" and ")) {
        return Some((range(left, scene)?.0, range(right, scene)?.1));
    }
    if let Some(day) = low.strip_prefix("this ").and_then(weekday) {
        let day = if today.weekday() == day { today } else { next(today, day)? };
        return Some((Some(day), Some(day)));
    }
    if let Some(day) = low.strip_prefix("last ").and_then(weekday) {
        let day = next(today.checked_sub(Span::new().days(8)).ok()?, day)?;
        return Some((Some(day), Some(day)));
    }
    // A time of day alone ("at 5") is no day to list.
    let when = when::date(low, scene).filter(|w| w.repeat.is_none() && !when::is_time(low))?;
    let day = when.due.date();
    Some((Some(day), Some(day)))
}

fn weekday(name: &str) -> Option<Weekday> {
    Some(match name {
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        _ => return None,
    })
}

fn week_start(day: Date, sunday: bool) -> Option<Date> {
    let back = if sunday { day.weekday().to_sunday_zero_offset() } else { day.weekday().to_monday_zero_offset() };
    day.checked_sub(Span::new().days(back)).ok()
}

/// The day itself when it is that weekday, else the next such day.
fn next(day: Date, wanted: Weekday) -> Option<Date> {
    (0..7).filter_map(|n| day.checked_add(Span::new().days(n)).ok()).find(|d| d.weekday() == wanted)
}
