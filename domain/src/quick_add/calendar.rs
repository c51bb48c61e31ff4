//! Days counted from today: the arithmetic behind the words, without any words.

use super::{Context, lexicon::Unit};
use jiff::{
    ToSpan as _,
    civil::{Date, DateTime, Time, Weekday},
};

pub(super) fn today(context: &Context<'_>) -> Date {
    context.now.date()
}

/// What the clock shows in a zone; here, when no zone is named or nobody knows it.
pub(super) fn now_in(context: &Context<'_>, zone: Option<&str>) -> DateTime {
    let there = zone.and_then(|zone| context.elapsed?.now_in(context.now, zone));
    there.unwrap_or(context.now)
}

pub(super) fn plus_days(day: Date, days: i32) -> Option<Date> {
    // Far beyond any calendar, and jiff panics on spans it cannot hold.
    (days.abs() < 4_000_000).then_some(())?;
    day.checked_add(days.days()).ok()
}

/// A whole number of units later. `None` for parts of a day and past the end of the calendar.
pub(super) fn plus(day: Date, n: i32, unit: Unit) -> Option<Date> {
    let n = i64::from(n);
    (n.abs() < 100_000).then_some(())?;
    let later = match unit {
        Unit::Day => day.checked_add(n.days()),
        Unit::Week => day.checked_add(n.weeks()),
        Unit::Month => day.checked_add(n.months()),
        Unit::Year if n < 10_000 => day.checked_add(n.years()),
        Unit::Year | Unit::Hour | Unit::Minute => return None,
    };
    later.ok()
}

/// Days from Monday to Friday only.
pub(super) fn plus_working_days(day: Date, n: i32) -> Option<Date> {
    (0..=10_000).contains(&n).then_some(())?;
    let mut day = day;
    for _ in 0..n {
        day = plus_days(day, 1)?;
        while matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
            day = plus_days(day, 1)?;
        }
    }
    Some(day)
}

/// Minutes from now as the clock on the wall will show them, without seconds.
pub(super) fn plus_minutes(context: &Context<'_>, minutes: i32) -> Option<(Date, Time)> {
    let minutes = i64::from(minutes);
    let at = match context.elapsed {
        Some(zone) => zone.after(context.now, minutes * 60),
        None => context.now.checked_add(minutes.minutes()).ok()?,
    };
    let time = Time::new(at.hour(), at.minute(), 0, 0).ok()?;
    Some((at.date(), time))
}

/// The first such weekday after `day`.
pub(super) fn weekday_after(day: Date, weekday: Weekday) -> Option<Date> {
    plus_days(
        day,
        match i32::from(weekday.since(day.weekday())) {
            0 => 7,
            n => n,
        },
    )
}

/// The first day of the week that holds `day`.
pub(super) fn week_of(context: &Context<'_>, day: Date) -> Option<Date> {
    let first = if context.week_starts_sunday { Weekday::Sunday } else { Weekday::Monday };
    plus_days(day, -i32::from(day.weekday().since(first)))
}

/// The first day of next week.
pub(super) fn next_week(context: &Context<'_>) -> Option<Date> {
    plus_days(week_of(context, today(context))?, 7)
}

/// A weekday of the week that starts at `first`.
pub(super) fn weekday_in(first: Date, weekday: Weekday) -> Option<Date> {
    plus_days(first, i32::from(weekday.since(first.weekday())))
}

/// Saturday, or today when it is the weekend.
pub(super) fn this_weekend(context: &Context<'_>) -> Option<Date> {
    let today = today(context);
    match today.weekday() {
        Weekday::Saturday | Weekday::Sunday => Some(today),
        _ => weekday_after(today, Weekday::Saturday),
    }
}

/// The Saturday after this weekend.
pub(super) fn next_weekend(context: &Context<'_>) -> Option<Date> {
    weekday_after(this_weekend(context)?, Weekday::Saturday)
}

pub(super) fn first_of_next_month(day: Date) -> Option<Date> {
    plus(day.first_of_month(), 1, Unit::Month)
}

pub(super) fn first_of_next_year(day: Date) -> Option<Date> {
    Date::new(day.year().checked_add(1)?, 1, 1).ok()
}

/// The day and month in the year, or, without one, the first time from today on that has that day.
pub(super) fn month_day(context: &Context<'_>, month: i8, day: i32, year: Option<i16>) -> Option<Date> {
    let day = i8::try_from(day).ok()?;
    if let Some(year) = year {
        return Date::new(year, month, day).ok();
    }
    let today = today(context);
    // 29 February comes back after eight years at most.
    (0..=8).filter_map(|n| Date::new(today.year().checked_add(n)?, month, day).ok()).find(|date| *date >= today)
}

/// The first time from today on that a month has the day.
pub(super) fn day_of_month(context: &Context<'_>, day: i32) -> Option<Date> {
    let day = i8::try_from(day).ok()?;
    let today = today(context);
    let first = today.first_of_month();
    (0..12)
        .filter_map(|n| {
            let month = plus(first, n, Unit::Month)?;
            Date::new(month.year(), month.month(), day).ok()
        })
        .find(|date| *date >= today)
}

/// The first of a month, this year or next: "in january".
pub(super) fn first_of_month(context: &Context<'_>, month: i8) -> Option<Date> {
    month_day(context, month, 1, None)
}

/// The `nth` weekday of the month that holds `day`, from its end when negative.
pub(super) fn nth_weekday(day: Date, nth: i32, weekday: Weekday) -> Option<Date> {
    day.nth_weekday_of_month(i8::try_from(nth).ok()?, weekday).ok()
}
