//! What may be added to a repetition: its end, its number of times, and what it leaves out.

use super::{
    date,
    length::{self, Length},
    lexicon::{self, Unit},
    moment::{self, Moment, Role},
    month_day,
    reader::Scan,
};
use jiff::civil::{Date, Weekday};

/// One addition.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Clause {
    /// "until dec 31": in a line without a repetition, a due date.
    Until(Moment),
    /// "x10", "10 times".
    Times(u16),
    /// "for 6 weeks".
    Span(Length),
    /// "except sat", "except dec 25".
    Except(Exceptions),
}

/// What a repetition leaves out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Exceptions {
    pub weekdays: Vec<Weekday>,
    pub months: Vec<i8>,
    pub dates: Vec<Date>,
}

impl Exceptions {
    pub fn is_empty(&self) -> bool {
        self.weekdays.is_empty() && self.months.is_empty() && self.dates.is_empty()
    }
}

/// An addition that stands away from its repetition. Amounts and exceptions do so only at an end.
pub(super) fn standing(s: Scan<'_, '_, '_>) -> Option<(usize, Clause)> {
    let k = s.begin;
    until(s, k)
        .or_else(|| times(s, k).or_else(|| span(s, k)).or_else(|| except(s, k)).filter(|(next, _)| s.tail(*next)))
}

/// Any addition at `k`.
pub(super) fn joined(s: Scan<'_, '_, '_>, k: usize) -> Option<(usize, Clause)> {
    until(s, k).or_else(|| times(s, k)).or_else(|| behind(s, k)).or_else(|| span(s, k)).or_else(|| except(s, k))
}

fn until(s: Scan<'_, '_, '_>, k: usize) -> Option<(usize, Clause)> {
    matches!(s.word(k)?, "until" | "till" | "til" | "ending" | "through" | "thru" | "ends").then_some(())?;
    end(s, if matches!(s.word(k + 1)?, "on" | "by") { k + 2 } else { k + 1 })
}

/// The day a repetition ends on.
pub(super) fn end(s: Scan<'_, '_, '_>, at: usize) -> Option<(usize, Clause)> {
    let core = moment::core(s, at, false).filter(moment::Core::has_date)?;
    Some((core.next, Clause::Until(core.moment(Role::Due)?)))
}

fn times(s: Scan<'_, '_, '_>, k: usize) -> Option<(usize, Clause)> {
    let k = if s.word(k)? == "for" { k + 1 } else { k };
    let word = s.word(k)?;
    let count = |n: i32| u16::try_from(n).ok().filter(|n| (1..=9_999).contains(n));
    if let Some(rest) = word.strip_prefix('x').or_else(|| word.strip_prefix('×')) {
        let (next, number) = if rest.is_empty() { (k + 2, s.word(k + 1)?) } else { (k + 1, rest) };
        return Some((next, Clause::Times(count(lexicon::digits(number)?)?)));
    }
    let n = lexicon::digits(word).or_else(|| lexicon::number_word(word))?;
    matches!(s.word(k + 1)?, "times" | "occurrences" | "repetitions").then_some(())?;
    // "3 times a week" says how often, not for how long.
    (!matches!(s.word(k + 2), Some("a" | "per" | "each" | "every"))).then_some(())?;
    Some((k + 2, Clause::Times(count(n)?)))
}

/// `5x`, right behind a repetition only.
fn behind(s: Scan<'_, '_, '_>, k: usize) -> Option<(usize, Clause)> {
    let n = s.word(k)?.strip_suffix('x').and_then(lexicon::digits)?;
    let often = matches!(s.word(k + 1), Some("a" | "per" | "each" | "every" | "daily"));
    let n = u16::try_from(n).ok().filter(|n| (1..=9_999).contains(n) && !often)?;
    Some((k + 1, Clause::Times(n)))
}

fn span(s: Scan<'_, '_, '_>, k: usize) -> Option<(usize, Clause)> {
    (s.word(k)? == "for").then_some(())?;
    let at = if s.word(k + 1)? == "the" && s.word(k + 2)? == "next" { k + 3 } else { k + 1 };
    // "for the next month"
    let one = (at > k + 1).then(|| s.word(at).and_then(lexicon::unit)).flatten();
    let (next, length) = match one {
        Some((unit, n)) => (at + 1, Length { n, unit }),
        None => length::any(s, at)?,
    };
    (!matches!(length.unit, Unit::Minute | Unit::Hour)).then_some((next, Clause::Span(length)))
}

fn except(s: Scan<'_, '_, '_>, k: usize) -> Option<(usize, Clause)> {
    let mut next = match s.word(k)? {
        "except" | "excluding" | "skipping" | "skip" | "without" => k + 1,
        "but" if matches!(s.word(k + 1)?, "not" | "skip") => k + 2,
        _ => return None,
    };
    let mut all = Exceptions::default();
    loop {
        let mut at = next;
        if !all.is_empty() {
            let and = matches!(s.word(at), Some("and" | "or" | "&"));
            if and {
                at += 1;
            } else if !s.comma(at - 1) {
                break;
            }
        }
        while matches!(s.word(at), Some("on" | "in" | "for" | "the")) {
            at += 1;
        }
        match one(s, at, &mut all) {
            Some(after) => next = after,
            None => break,
        }
    }
    (!all.is_empty()).then_some((next, Clause::Except(all)))
}

fn one(s: Scan<'_, '_, '_>, k: usize, all: &mut Exceptions) -> Option<usize> {
    let word = s.word(k)?;
    if let Some(day) = lexicon::weekday(word).or_else(|| lexicon::weekdays(word)) {
        all.weekdays.push(day);
        return Some(k + 1);
    }
    match word {
        "weekend" | "weekends" => {
            all.weekdays.extend([Weekday::Saturday, Weekday::Sunday]);
            return Some(k + 1);
        }
        "weekday" | "weekdays" => {
            all.weekdays.extend(WORKING_WEEK);
            return Some(k + 1);
        }
        _ => {}
    }
    // "dec 9, 16 and 23"
    if let (Some(last), Some(n)) = (all.dates.last(), month_day::day_number(word))
        && s.word(k + 1).and_then(lexicon::month).is_none()
    {
        all.dates.push(Date::new(last.year(), last.month(), i8::try_from(n).ok()?).ok()?);
        return Some(k + 1);
    }
    let day = date::date(s, k)?;
    if let Some(month) = lexicon::month(word).filter(|_| day.next == k + 1) {
        all.months.push(month);
    } else {
        all.dates.push(day.date);
    }
    Some(day.next)
}

pub(super) const WORKING_WEEK: [Weekday; 5] =
    [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];
