//! The arithmetic: walking a rule period by period (RFC 5545 section 3.3.10).
//!
//! Every period (a day, a week, a month or a year, `INTERVAL` apart) gives a sorted set of days: all its days that fit the
//! `BY…` parts, with what the rule leaves open taken from the start. `BYSETPOS` then picks from the set.
//!
//! It always ends. The Gregorian calendar repeats after 400 years, which is a whole number of days, weeks, months and
//! years; so when as many periods in a row as those hold are all empty, whatever the interval, every later one is too.

use super::parts::{Freq, Parts};
use jiff::{
    ToSpan as _,
    civil::{Date, Weekday},
};

const DAYS_IN_A_CYCLE: u32 = 146_097;

/// The first day the rule falls on, after `after` if that is given, leaving out `except`.
pub(super) fn next(parts: &Parts, start: Date, after: Option<Date>, except: &[Date]) -> Option<Date> {
    let empty_max = match parts.freq {
        Freq::Daily => DAYS_IN_A_CYCLE,
        Freq::Weekly => DAYS_IN_A_CYCLE / 7,
        Freq::Monthly => 4_800,
        Freq::Yearly => 400,
    };
    // Counting needs every occurrence from the first; otherwise the walk starts in the period of `after`.
    let mut n = match after {
        Some(after) if parts.count.is_none() => period_of(parts, start, after),
        _ => 0,
    };
    let mut left = parts.count;
    let mut empty = 0;
    while empty < empty_max {
        let days = period(parts, start, n)?;
        n += 1;
        if days.is_empty() {
            empty += 1;
            continue;
        }
        empty = 0;
        for day in days.into_iter().filter(|d| *d >= start) {
            if parts.until.is_some_and(|u| day > u.day) {
                return None;
            }
            if let Some(left) = &mut left {
                *left = left.checked_sub(1)?;
            }
            if after.is_none_or(|a| day > a) && !except.contains(&day) {
                return Some(day);
            }
        }
    }
    None
}

/// The number of the period that holds `day`, or of the last one before it; 0 is the one that holds `start`.
fn period_of(parts: &Parts, start: Date, day: Date) -> i64 {
    let apart = match parts.freq {
        Freq::Daily => days_between(start, day),
        Freq::Weekly => {
            // Both in full days since the start of the first week.
            let into_week = i64::from(start.weekday().since(parts.week_start));
            (days_between(start, day) + into_week) / 7
        }
        Freq::Monthly => month_index(day) - month_index(start),
        Freq::Yearly => i64::from(day.year()) - i64::from(start.year()),
    };
    apart.max(0) / i64::from(parts.interval)
}

fn days_between(from: Date, to: Date) -> i64 {
    // Both are civil days, so the span holds days only.
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

fn month_index(day: Date) -> i64 {
    i64::from(day.year()) * 12 + i64::from(day.month()) - 1
}

/// The days of the `n`th period, in order. `None` past the end of the calendar.
fn period(parts: &Parts, start: Date, n: i64) -> Option<Vec<Date>> {
    let steps = n.checked_mul(i64::from(parts.interval))?;
    let days = match parts.freq {
        Freq::Daily => {
            let day = plus_days(start, steps)?;
            if fits_day(parts, day) { vec![day] } else { vec![] }
        }
        Freq::Weekly => {
            let into_week = i64::from(start.weekday().since(parts.week_start));
            let first = plus_days(start, steps.checked_mul(7)? - into_week)?;
            (0..7)
                .filter_map(|i| plus_days(first, i))
                .filter(|day| fits_weekday_of_week(parts, start.weekday(), *day))
                .collect()
        }
        Freq::Monthly => {
            let index = month_index(start) + steps;
            let year = i16::try_from(index.div_euclid(12)).ok()?;
            let month = i8::try_from(index.rem_euclid(12) + 1).ok()?;
            let open = parts.month_days.is_empty() && parts.days.is_empty();
            month_of(parts, year, month, open.then_some(start.day()), false)?
        }
        Freq::Yearly => {
            let year = i16::try_from(i64::from(start.year()) + steps).ok()?;
            let open = parts.month_days.is_empty() && parts.days.is_empty();
            // Numbered weekdays count within the month when months are named, and within the year otherwise.
            let by_year = parts.months.is_empty();
            let mut all = Vec::new();
            for month in 1..=12 {
                if open && by_year && month != start.month() {
                    continue;
                }
                all.extend(month_of(parts, year, month, open.then_some(start.day()), by_year)?);
            }
            all
        }
    };
    Some(pick(parts, days))
}

fn plus_days(day: Date, days: i64) -> Option<Date> {
    // jiff panics on spans beyond its limits, which i32 days keep clear of.
    let days = i32::try_from(days).ok().filter(|d| d.abs() < 7_000_000)?;
    day.checked_add(days.days()).ok()
}

/// The fitting days of one month. `only` is the day of the month taken from the start.
fn month_of(parts: &Parts, year: i16, month: i8, only: Option<i8>, by_year: bool) -> Option<Vec<Date>> {
    if !parts.months.is_empty() && !parts.months.contains(&month) {
        return Some(Vec::new());
    }
    let first = Date::new(year, month, 1).ok()?;
    let length = first.days_in_month();
    Some(
        (1..=length)
            .filter(|d| only.is_none_or(|only| only == *d))
            .filter(|d| fits_month_day(parts, *d, length))
            .filter_map(|d| Date::new(year, month, d).ok())
            .filter(|day| {
                let (at, of) = if by_year {
                    (day.day_of_year(), day.days_in_year())
                } else {
                    (i16::from(day.day()), i16::from(length))
                };
                fits_nth_weekday(parts, day.weekday(), at, of)
            })
            .collect(),
    )
}

fn fits_month_day(parts: &Parts, day: i8, length: i8) -> bool {
    parts.month_days.is_empty() || parts.month_days.contains(&day) || parts.month_days.contains(&(day - length - 1))
}

/// `at` is the day's number in a month or year of `of` days.
fn fits_nth_weekday(parts: &Parts, weekday: Weekday, at: i16, of: i16) -> bool {
    parts.days.is_empty()
        || parts.days.iter().any(|d| {
            d.weekday == weekday
                && match i16::from(d.nth) {
                    0 => true,
                    n if n > 0 => (at - 1) / 7 + 1 == n,
                    n => (of - at) / 7 + 1 == -n,
                }
        })
}

fn fits_day(parts: &Parts, day: Date) -> bool {
    (parts.months.is_empty() || parts.months.contains(&day.month()))
        && fits_month_day(parts, day.day(), day.days_in_month())
        && (parts.days.is_empty() || parts.days.iter().any(|d| d.weekday == day.weekday()))
}

fn fits_weekday_of_week(parts: &Parts, of_start: Weekday, day: Date) -> bool {
    (parts.months.is_empty() || parts.months.contains(&day.month()))
        && if parts.days.is_empty() {
            day.weekday() == of_start
        } else {
            parts.days.iter().any(|d| d.weekday == day.weekday())
        }
}

/// Applies `BYSETPOS`.
fn pick(parts: &Parts, days: Vec<Date>) -> Vec<Date> {
    if parts.positions.is_empty() {
        return days;
    }
    let length = i16::try_from(days.len()).unwrap_or(i16::MAX);
    days.iter()
        .zip(1_i16..)
        .filter(|(_, at)| parts.positions.contains(at) || parts.positions.contains(&(at - length - 1)))
        .map(|(day, _)| *day)
        .collect()
}
