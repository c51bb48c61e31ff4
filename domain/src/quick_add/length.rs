//! Lengths of time that lead to a day: "in 3 days", "3 days", `+3d`, "a week from friday".

use super::{
    calendar,
    date::{self, Day, Need},
    lexicon::{self, Unit},
    reader::Scan,
};

/// A number of units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Length {
    pub n: i32,
    pub unit: Unit,
}

/// What the number may be said with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Number {
    /// Digits and words from two on: "a day" and "one day" are not dates by themselves.
    Plain,
    /// "a", "an" and "one" too.
    Any,
}

/// Behind "in": "3 days", "an hour", `2h`, "half an hour", "a couple of weeks".
pub(super) fn later(s: Scan<'_, '_, '_>, k: usize) -> Option<Day> {
    if let Some(day) = from_day(s, k) {
        return Some(day);
    }
    if let Some(day) = working_days(s, k) {
        return Some(day);
    }
    let (mut next, mut length) = half_hour(s, k).or_else(|| read(s, k, Number::Any))?;
    // "in 1 hour 30 minutes"
    if length.unit == Unit::Hour && s.word(next).is_some() {
        let at = if s.word(next) == Some("and") { next + 1 } else { next };
        if at > next && s.word(at) == Some("a") && s.word(at + 1) == Some("half") {
            length = Length { n: length.n.checked_mul(60)?.checked_add(30)?, unit: Unit::Minute };
            next = at + 2;
        }
        if let Some((after, Length { n, unit: Unit::Minute })) = read(s, at, Number::Any) {
            length = Length { n: length.n.checked_mul(60)?.checked_add(n)?, unit: Unit::Minute };
            next = after;
        }
    }
    if s.word(next) == Some("time") {
        next += 1;
    }
    let found = day(s, next, length, Need::Nothing)?;
    // "in two weeks on tuesday"
    if length.unit == Unit::Week
        && s.word(next) == Some("on")
        && let Some(weekday) = s.word(next + 1).and_then(lexicon::weekday)
    {
        let date = calendar::weekday_in(calendar::week_of(s.context(), found.date)?, weekday)?;
        return Some(Day { next: next + 2, date, ..found });
    }
    Some(found)
}

/// "3 business days", "2 weekdays"
fn working_days(s: Scan<'_, '_, '_>, k: usize) -> Option<Day> {
    let n = s.word(k).and_then(|word| lexicon::digits(word).or_else(|| lexicon::number_word(word)))?;
    let next = match (s.word(k + 1)?, s.word(k + 2)) {
        ("business" | "working" | "work", Some("day" | "days")) => k + 3,
        ("weekdays" | "workdays" | "weekday" | "workday", _) => k + 2,
        _ => return None,
    };
    let date = calendar::plus_working_days(calendar::today(s.context()), n)?;
    Some(Day { next, date, need: Need::Nothing, weekday: false, calendar: false, part: None, time: None, zone: None })
}

/// "3 days" by themselves, `+3d`, "3 days later".
pub(super) fn bare(s: Scan<'_, '_, '_>, k: usize) -> Option<Day> {
    if let Some(rest) = s.word(k)?.strip_prefix('+') {
        if let Some(length) = compact(rest) {
            return day(s, k + 1, length, Need::Nothing);
        }
        let (unit, times) = lexicon::unit(s.word(k + 1)?)?;
        let length = Length { n: lexicon::digits(rest)?.checked_mul(times)?, unit };
        return day(s, k + 2, length, Need::Nothing);
    }
    let spelled = s.word(k + 1).and_then(lexicon::unit).is_some();
    let (next, length) = read(s, k, Number::Plain).filter(|_| spelled)?;
    if s.word(next) == Some("later") {
        return day(s, next + 1, length, Need::Nothing);
    }
    // Minutes and hours are how long things take, and years how old they are.
    matches!(length.unit, Unit::Day | Unit::Week | Unit::Month).then_some(())?;
    let held = k == s.begin && s.before().is_some_and(lexicon::holds_length);
    day(s, next, length, Need::Length).filter(|_| !held)
}

/// "a week from friday", "3 days from now", "2 days after tomorrow".
pub(super) fn from_day(s: Scan<'_, '_, '_>, k: usize) -> Option<Day> {
    let half = s.before_item(k) == Some("half");
    let (at, length) = read(s, k, Number::Any).filter(|_| !half)?;
    let before = s.word(at)? == "before";
    (before || matches!(s.word(at)?, "from" | "after")).then_some(())?;
    if s.word(at + 1)? == "now" && !before {
        return day(s, at + 2, length, Need::Nothing);
    }
    (s.word(at + 1)? != "in").then_some(())?;
    let from = date::date(s, at + 1).filter(|d| d.time.is_none() && d.part.is_none())?;
    let date = calendar::plus(from.date, if before { -length.n } else { length.n }, length.unit)?;
    Some(Day { date, need: Need::Nothing, weekday: false, calendar: false, ..from })
}

fn day(s: Scan<'_, '_, '_>, next: usize, length: Length, need: Need) -> Option<Day> {
    let context = s.context();
    let (date, time) = match length.unit {
        Unit::Minute | Unit::Hour => {
            let minutes = if length.unit == Unit::Hour { length.n.checked_mul(60)? } else { length.n };
            (minutes < 10_000_000).then_some(())?;
            let (date, time) = calendar::plus_minutes(context, minutes)?;
            (date, Some(time))
        }
        unit => (calendar::plus(calendar::today(context), length.n, unit)?, None),
    };
    Some(Day { next, date, need, weekday: false, calendar: false, part: None, time, zone: None })
}

/// "3 days", "two weeks", "a couple of days", `3d`.
fn read(s: Scan<'_, '_, '_>, k: usize, number: Number) -> Option<(usize, Length)> {
    let word = s.word(k)?;
    if let Some(length) = compact(word) {
        return Some((k + 1, length));
    }
    if word == "a" && number == Number::Any && s.word(k + 1) == Some("couple") {
        let at = if s.word(k + 2) == Some("of") { k + 3 } else { k + 2 };
        let (unit, times) = lexicon::unit(s.word(at)?)?;
        return Some((at + 1, Length { n: 2 * times, unit }));
    }
    let named = s.word(k + 1)?;
    // "in a month's time"
    let named = match named.strip_suffix("'s").or_else(|| named.strip_suffix("’s")) {
        Some(unit) if s.word(k + 2) == Some("time") => unit,
        _ => named,
    };
    let (unit, times) = lexicon::unit(named)?;
    (!s.comma(k)).then_some(())?;
    if let Some(minutes) = (unit == Unit::Hour).then(|| decimal_hours(word)).flatten() {
        return Some((k + 2, Length { n: minutes, unit: Unit::Minute }));
    }
    let n = match word {
        "a" | "an" => 1,
        _ => lexicon::digits(word).or_else(|| lexicon::number_word(word))?,
    };
    let article = lexicon::digits(word).is_none() && n == 1;
    (n > 0 && (number == Number::Any || !article)).then_some(())?;
    Some((k + 2, Length { n: n.checked_mul(times)?, unit }))
}

/// Reads a length where any way of saying the number will do: "for 6 weeks".
pub(super) fn any(s: Scan<'_, '_, '_>, k: usize) -> Option<(usize, Length)> {
    read(s, k, Number::Any)
}

fn half_hour(s: Scan<'_, '_, '_>, k: usize) -> Option<(usize, Length)> {
    let half = (s.word(k)?, s.word(k + 1)?, s.word(k + 2)?) == ("half", "an", "hour");
    half.then_some((k + 3, Length { n: 30, unit: Unit::Minute }))
}

/// `1.5` hours in minutes.
fn decimal_hours(word: &str) -> Option<i32> {
    let (whole, part) = word.split_once('.')?;
    let tenths = lexicon::digits(part).filter(|_| part.len() == 1)?;
    lexicon::digits(whole)?.checked_mul(60)?.checked_add(tenths * 6)
}

/// `3d`, `2h`, `30min`, `2h30m`.
fn compact(word: &str) -> Option<Length> {
    let (n, rest) = number_before(word)?;
    let split = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
    let (letters, more) = rest.split_at(split);
    let (unit, times) = lexicon::unit_letter(letters).map(|u| (u, 1)).or_else(|| lexicon::unit(letters))?;
    let n = n.checked_mul(times)?;
    (n > 0).then_some(())?;
    if more.is_empty() {
        return Some(Length { n, unit });
    }
    let (minutes, rest) = number_before(more).or_else(|| Some((lexicon::digits(more)?, "")))?;
    let minutes = (unit == Unit::Hour && matches!(rest, "" | "m" | "min" | "mins")).then_some(minutes)?;
    Some(Length { n: n.checked_mul(60)?.checked_add(minutes)?, unit: Unit::Minute })
}

/// The digits a word starts with, and the rest, which is not empty.
fn number_before(word: &str) -> Option<(i32, &str)> {
    let split = word.find(|c: char| !c.is_ascii_digit())?;
    let (number, rest) = word.split_at(split);
    Some((lexicon::digits(number)?, rest))
}
