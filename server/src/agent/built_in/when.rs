//! Dates in conversation. The grammar of quick add reads them; this file only knows how people wrap them in a sentence
//! ("by the end of the month", "two days later") and the ranges that lists are asked for ("this week").

use super::{intent::Shift, lexicon, scene::Scene};
use domain::{date::Due, quick_add, repeat::Repeat};
use jiff::{
    Span,
    civil::{Date, Weekday},
};

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

/// Words that stand before a date and are no part of it.
const BEFORE: &[&str] = &[
    "on",
    "at",
    "by",
    "for",
    "due",
    "to",
    "until",
    "till",
    "before",
    "the",
    "from",
    "of",
    "starting",
    "around",
    "about",
    "due on",
    "due by",
    "this coming",
    "any time",
    "sometime",
];

/// Reads a text that is nothing but a date.
pub fn date(text: &str, scene: &Scene) -> Option<When> {
    if !lexicon::may_be_date(text) || !scene.spend(10) {
        return None;
    }
    let text = ease(text);
    let mut rest = text.as_str();
    loop {
        if let Some(when) = parse(rest, scene) {
            return Some(When { time_only: is_time(rest), ..when });
        }
        rest = BEFORE.iter().find_map(|b| strip(rest, b))?;
    }
}

/// Reads a text that is nothing but a repetition; the date is its first occurrence.
pub fn repeat(text: &str, scene: &Scene) -> Option<When> {
    if !lexicon::may_be_date(text) || !scene.spend(10) {
        return None;
    }
    let text = ease(text);
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

fn parse(text: &str, scene: &Scene) -> Option<When> {
    let text = text.trim();
    if text.is_empty() || text.contains('\n') || text.len() > 120 || !lexicon::may_be_date(text) {
        return None;
    }
    if let Some(known) = scene.dates.lock().ok().and_then(|dates| dates.get(text).cloned()) {
        scene.spend(1);
        return known;
    }
    if !scene.spend(40) {
        return None;
    }
    let read = by_grammar(text, scene);
    if let Ok(mut dates) = scene.dates.lock() {
        dates.insert(text.to_owned(), read.clone());
    }
    read
}

fn by_grammar(text: &str, scene: &Scene) -> Option<When> {
    let line = format!("x {text}");
    let parsed = quick_add::parse(&line, &scene.context()).ok()?;
    let [draft] = &parsed.drafts[..] else { return None };
    let bare =
        draft.priority.is_none() && draft.labels.is_empty() && draft.project.is_none() && draft.description.is_none();
    (draft.title.as_str() == "x" && bare && draft.start.is_none() && draft.deadline.is_none())
        .then(|| draft.due.clone())
        .flatten()
        .map(|due| When { due, repeat: draft.repeat.clone(), time_only: false })
}

/// Whether the text names a time of day and no day.
fn is_time(text: &str) -> bool {
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

/// Says in the grammar's words what people say in theirs: number words, "a week from now", "the day after tomorrow".
pub fn ease(text: &str) -> String {
    const WAYS: &[(&str, &str)] = &[
        (" the day after tomorrow ", " in 2 days "),
        (" day after tomorrow ", " in 2 days "),
        (" a couple of ", " 2 "),
        (" a couple ", " 2 "),
        (" a few ", " 3 "),
        (" a fortnight ", " 2 weeks "),
        (" in an hour ", " in 1 hour "),
        (" half an hour ", " 30 minutes "),
        (" in a day ", " in 1 day "),
        (" in a week ", " in 1 week "),
        (" in a month ", " in 1 month "),
        (" in a year ", " in 1 year "),
        (" in a minute ", " in 1 minute "),
        (" one week from now ", " in 1 week "),
        (" a week from now ", " in 1 week "),
        (" a week from today ", " in 1 week "),
        (" a month from now ", " in 1 month "),
        (" week's time ", " week "),
        (" weeks' time ", " weeks "),
        (" days' time ", " days "),
        (" weeks time ", " weeks "),
        (" days time ", " days "),
        (" o'clock ", " oclock "),
        (" end of the month ", " end of month "),
        (" end of this month ", " end of month "),
        (" month end ", " end of month "),
        (" end of day ", " today "),
        (" end of the day ", " today "),
        (" eod ", " today "),
        (" later today ", " today "),
        (" sometime today ", " today "),
        (" this morning ", " today morning "),
        (" this afternoon ", " today afternoon "),
        (" this evening ", " today evening "),
        (" in the morning ", " morning "),
        (" in the afternoon ", " afternoon "),
        (" in the evening ", " evening "),
        (" at night ", " night "),
        (" first thing tomorrow ", " tomorrow morning "),
        (" on a daily basis ", " daily "),
        (" on a weekly basis ", " weekly "),
        (" on a monthly basis ", " monthly "),
        (" each ", " every "),
        (" every single ", " every "),
        (" once a day ", " daily "),
        (" once a week ", " weekly "),
        (" once a month ", " monthly "),
        (" once a year ", " yearly "),
        (" every two ", " every 2 "),
        (" every three ", " every 3 "),
        (" every second ", " every other "),
        (" annually ", " yearly "),
        (" tmrw ", " tomorrow "),
        (" tmr ", " tomorrow "),
        (" tmw ", " tomorrow "),
        (" tommorow ", " tomorrow "),
        (" tommorrow ", " tomorrow "),
        (" tomorow ", " tomorrow "),
        (" tomorrrow ", " tomorrow "),
        (" 2morrow ", " tomorrow "),
        (" 2day ", " today "),
        (" tonite ", " tonight "),
    ];
    let mut out = format!(" {} ", text.trim());
    let mut low = out.to_ascii_lowercase();
    for (from, to) in WAYS {
        if low.contains(from) {
            out = replace(&out, from, to);
            low = out.to_ascii_lowercase();
        }
    }
    // "two days", "in three weeks": only before a unit, since a title may hold numbers as words.
    const UNITS: &[&str] =
        &["day", "days", "week", "weeks", "month", "months", "year", "years", "hour", "hours", "minute", "minutes"];
    if low.split(' ').any(|word| lexicon::CARDINALS.contains(&word)) {
        for (i, word) in lexicon::CARDINALS.iter().enumerate() {
            for unit in UNITS {
                out = replace(&out, &format!(" {word} {unit} "), &format!(" {} {unit} ", i + 1));
            }
        }
        low = out.to_ascii_lowercase();
    }
    if low.contains(" from ") {
        out = from_now(out);
    }
    out.trim().to_owned()
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

fn replace(text: &str, from: &str, to: &str) -> String {
    match find(text, from) {
        Some(at) => format!("{}{to}{}", &text[..at], &text[at + from.len()..]),
        None => text.to_owned(),
    }
}

/// Reads a span of time: "2 days", "a week", "one hour".
pub fn span(text: &str) -> Option<Shift> {
    let low = text.trim().trim_end_matches('.').to_lowercase();
    let low = low.strip_prefix("another ").map_or_else(
        || low.clone(),
        |r| if r.starts_with(|c: char| c.is_ascii_digit()) { r.to_owned() } else { format!("a {r}") },
    );
    let low = low
        .replace("a couple of", "2")
        .replace("a couple", "2")
        .replace("half an hour", "30 minutes")
        .replace("a fortnight", "2 weeks")
        .replace("a few", "3");
    let mut words = low.split_whitespace();
    let (count, unit) = match (words.next()?, words.next()) {
        (one, None) => {
            // "2d", "3h"
            let digits = one.find(|c: char| !c.is_ascii_digit())?;
            (one[..digits].parse::<i32>().ok()?, one[digits..].to_owned())
        }
        (count, Some(unit)) => (number(count)?, unit.to_owned()),
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
pub fn number(word: &str) -> Option<i32> {
    if matches!(word, "a" | "an" | "another") {
        return Some(1);
    }
    if let Some(i) = lexicon::CARDINALS.iter().position(|c| *c == word) {
        return i32::try_from(i + 1).ok();
    }
    word.parse().ok()
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

/// Reads the range of days a list is asked for.
pub fn range(text: &str, scene: &Scene) -> Option<(Option<Date>, Option<Date>)> {
    if !lexicon::may_be_date(text) || !scene.spend(10) {
        return None;
    }
    let today = scene.today();
    let low = ease(&text.trim().to_lowercase());
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
        "this week" | "the week" | "current week" => return week(0),
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
        if let Some(shift) = low.strip_prefix(prefix).and_then(span)
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
    for (prefix, kind) in [
        ("before ", 0),
        ("until ", 1),
        ("till ", 1),
        ("by ", 1),
        ("after ", 2),
        ("since ", 3),
        ("from ", 3),
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
    let when = parse(low, scene).filter(|w| w.repeat.is_none() && !is_time(low))?;
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
