//! Repetitions as people write them: "every 2 weeks on tue", "daily at 9", "every 3rd friday", `RRULE:…`.

use super::{
    clause::{self, Clause, Exceptions},
    clock::{self, TimeOfDay},
    days,
    length::{self, Length},
    lexicon::{self, DayPart, Unit},
    moment::{self, Role},
    month_day::day_number,
    reader::Scan,
};
use crate::repeat::Rule;
use jiff::civil::{Date, Time, Weekday};

/// A repetition as typed; [`super::settle`] makes a rule of it.
#[derive(Clone, Debug)]
pub(super) struct Every {
    pub unit: Unit,
    pub interval: i32,
    pub months: Vec<i8>,
    /// Days of the month; -1 is the last.
    pub month_days: Vec<i32>,
    /// Weekdays, numbered within the month when not 0.
    pub days: Vec<(i32, Weekday)>,
    /// Which of the days of a month.
    pub positions: Vec<i32>,
    /// From `RRULE:…`; then the fields above say nothing.
    pub raw: Option<Rule>,
    /// From `every!`.
    pub from_completion: bool,
    /// From "Daily standup": a repetition only while the line names no date of its own.
    pub adjective: bool,
    pub time: Option<TimeOfDay>,
    /// The part of the day that `time` stands for, until a time is said: "every morning at 7".
    pub part: Option<DayPart>,
    pub zone: Option<String>,
    pub start: Option<Date>,
    pub until: Option<Date>,
    pub times: Option<u16>,
    pub span: Option<Length>,
    pub except: Exceptions,
}

impl Every {
    pub fn new(unit: Unit, interval: i32) -> Self {
        Self {
            unit,
            interval,
            months: vec![],
            month_days: vec![],
            days: vec![],
            positions: vec![],
            raw: None,
            from_completion: false,
            adjective: false,
            time: None,
            part: None,
            zone: None,
            start: None,
            until: None,
            times: None,
            span: None,
            except: Exceptions::default(),
        }
    }

    pub fn weekly(interval: i32, days: &[Weekday]) -> Self {
        Self { days: days.iter().map(|d| (0, *d)).collect(), ..Self::new(Unit::Week, interval) }
    }

    fn in_the(self, part: DayPart) -> Self {
        let time = Time::new(part.hour(), 0, 0, 0).ok();
        Self { time: time.map(|time| TimeOfDay { time, next_day: false }), part: Some(part), ..self }
    }

    /// Whether the days are still open.
    fn open(&self) -> bool {
        self.days.is_empty() && self.month_days.is_empty() && self.months.is_empty() && self.raw.is_none()
    }

    /// Adds a clause, if there is none of its kind yet.
    pub fn add(&mut self, clause: &Clause) -> bool {
        let ends = self.until.is_some() || self.times.is_some() || self.span.is_some() || self.raw.is_some();
        match clause {
            Clause::Until(moment) if !ends => self.until = moment.date,
            Clause::Times(n) if !ends => self.times = Some(*n),
            Clause::Span(length) if !ends => self.span = Some(*length),
            Clause::Except(except) if self.except.is_empty() && self.can_except(except) => {
                self.except = except.clone();
            }
            _ => return false,
        }
        true
    }

    /// Leaving out weekdays or months means naming all the others, which only some rules can.
    fn can_except(&self, except: &Exceptions) -> bool {
        let by_day =
            self.raw.is_none() && (self.unit == Unit::Day || !self.days.is_empty() || !self.month_days.is_empty());
        let numbered = self.days.iter().any(|(nth, _)| *nth != 0);
        (except.weekdays.is_empty() || (by_day && !numbered && self.positions.is_empty()))
            && (except.months.is_empty() || self.raw.is_none())
    }
}

/// Reads a repetition at the scan's beginning.
pub(super) fn every(s: Scan<'_, '_, '_>) -> Option<(usize, Every)> {
    let k = s.begin;
    let word = s.word(k)?;
    if let Some(rule) = word.strip_prefix("rrule:") {
        let raw = Some(rule.parse::<Rule>().ok()?);
        return Some(additions(s, k + 1, Every { raw, ..Every::new(Unit::Day, 1) }));
    }
    if matches!(word, "every" | "each" | "ev") {
        let from_completion = s.item(k)?.trail == "!";
        let (next, every) = body(s, k + 1)?;
        return Some(additions(s, next, Every { from_completion, ..every }));
    }
    if let Some((unit, interval)) = lexicon::adverb(word) {
        return adverb(s, k, Every::new(unit, i32::from(interval)));
    }
    plural(s, k).or_else(|| of_every_month(s, k))
}

/// "daily": at an end, first in the line, or with something added. Elsewhere it describes a thing ("the weekly report").
fn adverb(s: Scan<'_, '_, '_>, k: usize, every: Every) -> Option<(usize, Every)> {
    let every = if s.word(k) == Some("nightly") { every.in_the(DayPart::Night) } else { every };
    let (next, every) = additions(s, k + 1, every);
    let held = s.before().is_some_and(|w| lexicon::holds_short(w) && w != "and");
    let alone = next == k + 1;
    // "twice daily", "3x daily"
    if s.before().is_some_and(|w| matches!(w, "twice" | "thrice" | "times") || w.ends_with('x')) {
        return None;
    }
    let placed = s.tail(next) || s.punctuated(k) || !alone;
    let adjective = !placed && k == 0;
    ((placed || adjective) && !(held && alone)).then_some((next, Every { adjective, ..every }))
}

/// "on mondays", "on weekdays", "weekends" at an end.
fn plural(s: Scan<'_, '_, '_>, k: usize) -> Option<(usize, Every)> {
    let on = matches!(s.word(k)?, "on" | "at");
    let the = on && s.word(k + 1) == Some("the");
    let at = k + usize::from(on) + usize::from(the);
    let (next, every) = match days::weekdays(s, at, true) {
        Some((next, days)) => (next, Every::weekly(1, &days)),
        // "friday nights"
        None => {
            let (next, days) = days::weekdays(s, at, false)?;
            let part = lexicon::day_parts(s.word(next)?)?;
            (next + 1, Every::weekly(1, &days).in_the(part))
        }
    };
    let (next, every) = additions(s, next, every);
    (on || s.tail(next)).then_some((next, every))
}

/// "first monday of every month", "the 15th of each month", "last day of every month".
fn of_every_month(s: Scan<'_, '_, '_>, k: usize) -> Option<(usize, Every)> {
    let mut at = k;
    if matches!(s.word(at)?, "on" | "at" | "by") {
        at += 1;
    }
    if s.word(at)? == "the" {
        at += 1;
    }
    let (next, every) = match days::edge_of_month(s, at) {
        Some((next, day)) => (next, Every { month_days: vec![day], ..Every::new(Unit::Month, 1) }),
        None => days::numbered(s, at)?,
    };
    // Without the "every" it is a single day.
    let said = (at..next).any(|i| matches!(s.word(i), Some("every" | "each")));
    said.then(|| additions(s, next, every))
}

/// What stands behind "every".
fn body(s: Scan<'_, '_, '_>, k: usize) -> Option<(usize, Every)> {
    let word = s.word(k)?;
    if let Some((next, day)) = days::edge_of_month(s, k) {
        return Some((next, Every { month_days: vec![day], ..Every::new(Unit::Month, 1) }));
    }
    match word {
        "other" | "alternate" => return unit_or_days(s, k + 1, 2),
        "single" => return body(s, k + 1),
        "weekend" => return Some((k + 1, Every::weekly(1, &[Weekday::Saturday]))),
        _ => {}
    }
    if let Some(found) = unit_or_days(s, k, 1) {
        return Some(found);
    }
    if let Some(part) = lexicon::day_part(word) {
        return Some((k + 1, Every::new(Unit::Day, 1).in_the(part)));
    }
    if let Some(found) = days::month_and_day(s, k) {
        return Some(found);
    }
    if let Some((next, Length { n, unit })) = length::any(s, k) {
        let fits =
            !matches!(unit, Unit::Minute | Unit::Hour) && (1..=9_999).contains(&n) && !matches!(word, "a" | "an");
        return fits.then(|| (next, Every::new(unit, n)));
    }
    if let Some(n) = lexicon::digits(word).or_else(|| lexicon::number_word(word))
        && let Some(found) = unit_or_days(s, k + 1, n)
    {
        return (1..=9_999).contains(&n).then_some(found);
    }
    days::numbered(s, k)
}

/// "day", "week", "weekday", "monday", "mon, wed and fri", every `interval`th.
fn unit_or_days(s: Scan<'_, '_, '_>, k: usize, interval: i32) -> Option<(usize, Every)> {
    let word = s.word(k)?;
    if let Some((next, days)) = days::weekdays(s, k, false) {
        return Some((next, Every::weekly(interval, &days)));
    }
    if let Some(part) = lexicon::day_part(word).filter(|_| interval > 1) {
        return Some((k + 1, Every::new(Unit::Day, interval).in_the(part)));
    }
    let (unit, times) = lexicon::unit(word)?;
    (!matches!(unit, Unit::Minute | Unit::Hour)).then_some(())?;
    if word == "day" && (s.word(k + 1), s.word(k + 2), s.word(k + 3)) == (Some("of"), Some("the"), Some("week")) {
        return Some((k + 4, Every::new(unit, interval)));
    }
    Some((k + 1, Every::new(unit, interval.checked_mul(times).filter(|n| *n <= 9_999)?)))
}

/// Times, days and clauses behind a repetition, in any order.
pub(super) fn additions(s: Scan<'_, '_, '_>, k: usize, mut every: Every) -> (usize, Every) {
    let mut next = k;
    while let Some(after) = addition(s, next, &mut every) {
        next = after;
    }
    (next, every)
}

fn addition(s: Scan<'_, '_, '_>, k: usize, every: &mut Every) -> Option<usize> {
    let word = s.word(k)?;
    if every.time.is_none()
        && let Some((next, part)) = clock::day_part(s, k, true)
    {
        *every = every.clone().in_the(part);
        return Some(next);
    }
    let at = matches!(word, "at" | "@" | "around");
    let behind = if at { k + 1 } else { k };
    if clock::range(s, behind).is_some() {
        return None;
    }
    if let Some((next, clock, _)) = clock::clock(s, behind, at).filter(|_| every.time.is_none() || every.part.is_some())
    {
        // A part of the day right behind, or said before, tells which 7 o'clock.
        let (next, part) = match clock::day_part(s, next, false) {
            Some((next, part)) => (next, Some(part)),
            None => (next, every.part),
        };
        every.time = Some(TimeOfDay { next_day: false, ..clock.resolve(part)? });
        every.part = None;
        let Some((next, zone)) = clock::zone(s, next) else { return Some(next) };
        every.zone = Some(zone);
        return Some(next);
    }
    if let Some(next) = on_days(s, k, every) {
        return Some(next);
    }
    if every.start.is_none() && matches!(word, "starting" | "starts" | "start" | "beginning" | "from") {
        let at = if matches!(s.word(k + 1), Some("on" | "from" | "at")) { k + 2 } else { k + 1 };
        let core = moment::core(s, at, s.word(at - 1) == Some("at"))?;
        let moment = core.moment(Role::Starting)?;
        if every.time.is_some() && moment.time.is_some() {
            return None;
        }
        every.start = moment.date;
        every.time = every.time.or(moment.time);
        every.zone = every.zone.take().or(moment.zone);
        return Some(core.next);
    }
    let (next, clause) =
        if word == "to" && every.start.is_some() { clause::end(s, k + 1)? } else { clause::joined(s, k)? };
    every.add(&clause).then_some(next)
}

/// "on tue and thu", "on the 27th", "on jan 27" behind a unit that leaves its days open.
fn on_days(s: Scan<'_, '_, '_>, k: usize, every: &mut Every) -> Option<usize> {
    every.open().then_some(())?;
    let on = matches!(s.word(k)?, "on" | "in");
    let the = if on { k + 1 } else { k };
    let at = if s.word(the)? == "the" { the + 1 } else { the };
    let day = if on && s.word(at)? == "day" { at + 1 } else { at };
    let (next, found) = match every.unit {
        Unit::Week => days::weekdays(s, at, false).map(|(next, days)| (next, Every::weekly(1, &days)))?,
        // "every month on day 5", "on 31"
        Unit::Month if on && s.word(day).and_then(lexicon::digits).is_some() && !s.comma(day) => {
            let n = s.word(day).and_then(day_number)?;
            (day + 1, Every { month_days: vec![n], ..Every::new(Unit::Month, 1) })
        }
        Unit::Month => days::numbered(s, at).filter(|(_, e)| e.unit == Unit::Month && e.interval == 1)?,
        Unit::Year => {
            days::month_and_day(s, at).or_else(|| days::numbered(s, at)).filter(|(_, e)| e.unit == Unit::Year)?
        }
        _ => return None,
    };
    (on || every.unit == Unit::Week || s.tail(next)).then_some(())?;
    every.days = found.days;
    every.month_days = found.month_days;
    every.months = found.months;
    every.positions = found.positions;
    Some(next)
}
