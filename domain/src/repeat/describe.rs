//! A rule in English, for the page and the chat.
//!
//! Common rules read like what a person would type; rare combinations are still told in full, only less smoothly.

use super::parts::{Day, Freq, Parts};
use jiff::civil::{Date, Weekday};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

pub(super) fn sentence(parts: &Parts) -> String {
    let mut out = how_often(parts);
    if let Some(on) = on(parts) {
        out.push_str(" on ");
        out.push_str(&on);
    } else if !parts.months.is_empty() {
        out.push_str(" in ");
        out.push_str(&months(&parts.months));
    }
    match (parts.count, parts.until) {
        (Some(1), _) => out.push_str(", once"),
        (Some(n), _) => out.push_str(&format!(", {n} times")),
        (None, Some(until)) => out.push_str(&format!(" until {}", date(until.day))),
        (None, None) => {}
    }
    out
}

fn how_often(parts: &Parts) -> String {
    if every_weekday(parts) {
        return "every weekday".into();
    }
    let unit = match parts.freq {
        Freq::Daily => "day",
        Freq::Weekly => "week",
        Freq::Monthly => "month",
        Freq::Yearly => "year",
    };
    match parts.interval {
        1 => format!("every {unit}"),
        n => format!("every {n} {unit}s"),
    }
}

/// The days, with their months; `None` when the rule leaves them to its start.
fn on(parts: &Parts) -> Option<String> {
    let weekly = matches!(parts.freq, Freq::Daily | Freq::Weekly);
    let mut pieces = Vec::new();
    if !parts.month_days.is_empty() {
        if let [month] = parts.months[..]
            && let Some(text) = day_and_month(parts, month)
        {
            return Some(text);
        }
        pieces.push(match end_of_month(parts) {
            Some(31) => "the 31st or the last day".into(),
            Some(day) => format!("the {} or the last day", ordinal(i16::from(day))),
            None => month_days(&parts.month_days),
        });
    }
    if !parts.days.is_empty() && !every_weekday(parts) {
        pieces.push(if is_working_week(&parts.days) && !weekly {
            if parts.positions.is_empty() { "weekdays".into() } else { "weekday".into() }
        } else {
            join(parts.days.iter().map(|d| nth_weekday(*d)).collect())
        });
    }
    if pieces.is_empty() {
        return None;
    }
    let mut text = pieces.join(" if it is ");
    if !parts.positions.is_empty() && end_of_month(parts).is_none() {
        let which = join(parts.positions.iter().map(|n| from_either_end(*n)).collect());
        text = format!("the {which} {text}");
    }
    if !parts.months.is_empty() {
        text = format!("{text} of {}", months(&parts.months));
    }
    Some(text)
}

fn day_and_month(parts: &Parts, month: i8) -> Option<String> {
    let name = month_name(month);
    if end_of_month(parts) == Some(29) && month == 2 {
        return Some(format!("29 {name} or the day before"));
    }
    match parts.month_days[..] {
        [day] if day > 0 && parts.positions.is_empty() && parts.days.is_empty() => Some(format!("{day} {name}")),
        _ => None,
    }
}

/// The day that a run such as `BYMONTHDAY=28,29,30,31;BYSETPOS=-1` stands for: 31 here.
fn end_of_month(parts: &Parts) -> Option<i8> {
    let last = *parts.month_days.last()?;
    (parts.positions == [-1]
        && parts.days.is_empty()
        && (29..=31).contains(&last)
        && parts.month_days.iter().copied().eq(28..=last))
    .then_some(last)
}

fn every_weekday(parts: &Parts) -> bool {
    parts.freq == Freq::Weekly && parts.interval == 1 && is_working_week(&parts.days)
}

fn is_working_week(days: &[Day]) -> bool {
    days.len() == 5 && days.iter().all(|d| d.nth == 0 && !matches!(d.weekday, Weekday::Saturday | Weekday::Sunday))
}

fn month_days(days: &[i8]) -> String {
    let (from_end, from_start): (Vec<i8>, Vec<i8>) = days.iter().partition(|d| **d < 0);
    let mut words: Vec<String> = from_start.iter().map(|d| ordinal(i16::from(*d))).collect();
    words.extend(from_end.iter().rev().map(|d| format!("{} day", from_either_end(i16::from(*d)))));
    format!("the {}", join(words))
}

fn nth_weekday(day: Day) -> String {
    let name = WEEKDAYS[usize::from(day.weekday.to_monday_zero_offset().unsigned_abs())];
    match day.nth {
        0 => name.into(),
        n => format!("the {} {name}", from_either_end(i16::from(n))),
    }
}

fn from_either_end(n: i16) -> String {
    match n {
        -1 => "last".into(),
        n if n < 0 => format!("{} to last", ordinal(-n)),
        n => ordinal(n),
    }
}

/// `1st`, `22nd`, `13th`.
pub(crate) fn ordinal(n: i16) -> String {
    let ending = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{ending}")
}

fn months(months: &[i8]) -> String {
    join(months.iter().map(|m| month_name(*m).to_owned()).collect())
}

fn month_name(month: i8) -> &'static str {
    usize::try_from(month - 1).ok().and_then(|i| MONTHS.get(i)).copied().unwrap_or("")
}

fn date(day: Date) -> String {
    format!("{} {} {}", day.day(), month_name(day.month()), day.year())
}

/// "a", "a and b", "a, b and c".
fn join(mut words: Vec<String>) -> String {
    match words.pop() {
        None => String::new(),
        Some(last) if words.is_empty() => last,
        Some(last) => format!("{} and {last}", words.join(", ")),
    }
}
