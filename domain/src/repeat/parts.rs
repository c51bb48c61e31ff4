//! A rule taken apart: reading RFC 5545 section 3.3.10 text and writing it back in one canonical form.

use super::BadRule;
use crate::sorted;
use jiff::civil::{Date, DateTime, Time, Weekday};
use std::fmt::{self, Write as _};

/// Longest rule text that is read at all.
const TEXT_MAX: usize = 1_000;
/// Largest `INTERVAL` and `COUNT`.
const NUMBER_MAX: u16 = 9_999;

/// How long one period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Freq {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// The last moment a rule may fall on. The time is kept for the text only: the arithmetic is by day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Until {
    pub day: Date,
    time: Option<Time>,
    utc: bool,
}

/// A weekday, with which one of the month or year when `nth` is not 0 (-1 is the last).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Day {
    pub nth: i8,
    pub weekday: Weekday,
}

/// Lists are sorted and hold nothing twice; an empty list means "not said".
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Parts {
    pub freq: Freq,
    pub interval: u16,
    pub months: Vec<i8>,
    pub month_days: Vec<i8>,
    pub days: Vec<Day>,
    pub positions: Vec<i16>,
    pub count: Option<u16>,
    pub until: Option<Until>,
    pub week_start: Weekday,
}

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Monday),
    ("TU", Weekday::Tuesday),
    ("WE", Weekday::Wednesday),
    ("TH", Weekday::Thursday),
    ("FR", Weekday::Friday),
    ("SA", Weekday::Saturday),
    ("SU", Weekday::Sunday),
];

fn bad<T>(message: impl Into<String>) -> Result<T, BadRule> {
    Err(BadRule(message.into()))
}

impl Parts {
    /// Reads a rule, with or without the `RRULE:` prefix, in any case and with blanks around it.
    pub fn parse(text: &str) -> Result<Self, BadRule> {
        if text.len() > TEXT_MAX {
            return bad(format!("must be at most {TEXT_MAX} characters"));
        }
        let text = text.trim().to_ascii_uppercase();
        let text = text.strip_prefix("RRULE:").unwrap_or(&text);
        let mut freq = None;
        let mut parts = Self {
            freq: Freq::Daily,
            interval: 1,
            months: vec![],
            month_days: vec![],
            days: vec![],
            positions: vec![],
            count: None,
            until: None,
            week_start: Weekday::Monday,
        };
        let mut seen: Vec<&str> = Vec::new();
        for piece in text.split(';').map(str::trim).filter(|p| !p.is_empty()) {
            let Some((name, value)) = piece.split_once('=') else {
                return bad(format!("has “{}” where NAME=VALUE was expected", short(piece)));
            };
            let (name, value) = (name.trim(), value.trim());
            if seen.contains(&name) {
                return bad(format!("must say {} only once", short(name)));
            }
            seen.push(name);
            match name {
                "FREQ" => freq = Some(frequency(value)?),
                "INTERVAL" => parts.interval = number(name, value)?,
                "COUNT" => parts.count = Some(number(name, value)?),
                "UNTIL" => parts.until = Some(until(value)?),
                "BYMONTH" => parts.months = list(name, value, 1, 12, false)?,
                "BYMONTHDAY" => parts.month_days = list(name, value, 1, 31, true)?,
                "BYSETPOS" => parts.positions = list(name, value, 1, 366, true)?,
                "BYDAY" => parts.days = days(value)?,
                "WKST" => parts.week_start = weekday(value)?,
                "BYWEEKNO" | "BYYEARDAY" => {
                    return bad(format!("must not use {name}; say the day with BYMONTH and BYMONTHDAY or BYDAY"));
                }
                "BYHOUR" | "BYMINUTE" | "BYSECOND" => {
                    return bad(format!("must not use {name}; the time of day comes from the due date"));
                }
                _ => return bad(format!("has the unknown part “{}”", short(name))),
            }
        }
        let Some(freq) = freq else {
            return bad("must hold FREQ=DAILY, WEEKLY, MONTHLY or YEARLY");
        };
        parts.freq = freq;
        parts.check()?;
        Ok(parts)
    }

    fn check(&self) -> Result<(), BadRule> {
        if self.count.is_some() && self.until.is_some() {
            return bad("must not use both COUNT and UNTIL");
        }
        if self.freq == Freq::Weekly && !self.month_days.is_empty() {
            return bad("must not use BYMONTHDAY with FREQ=WEEKLY");
        }
        let most = match self.freq {
            Freq::Daily | Freq::Weekly => 0,
            Freq::Monthly => 5,
            Freq::Yearly => 53,
        };
        if let Some(day) = self.days.iter().find(|d| i32::from(d.nth).abs() > most) {
            return bad(if most == 0 {
                "must not number the days in BYDAY unless FREQ is MONTHLY or YEARLY".into()
            } else {
                format!("has {} in BYDAY, and the number must be from -{most} to {most}", day.nth)
            });
        }
        if !self.positions.is_empty() && self.months.is_empty() && self.month_days.is_empty() && self.days.is_empty() {
            return bad("must use BYSETPOS only together with BYDAY, BYMONTHDAY or BYMONTH");
        }
        Ok(())
    }
}

/// Enough of a stranger's text to recognise it in an error.
fn short(text: &str) -> String {
    text.chars().take(20).collect()
}

fn frequency(value: &str) -> Result<Freq, BadRule> {
    Ok(match value {
        "DAILY" => Freq::Daily,
        "WEEKLY" => Freq::Weekly,
        "MONTHLY" => Freq::Monthly,
        "YEARLY" => Freq::Yearly,
        "HOURLY" | "MINUTELY" | "SECONDLY" => {
            return bad(format!("must not repeat more than once a day (FREQ={value}); the shortest is FREQ=DAILY"));
        }
        _ => {
            return bad(format!("has FREQ={}, and it must be DAILY, WEEKLY, MONTHLY or YEARLY", short(value)));
        }
    })
}

fn number(name: &str, value: &str) -> Result<u16, BadRule> {
    digits(value)
        .and_then(|v| v.parse().ok())
        .filter(|n| (1..=NUMBER_MAX).contains(n))
        .map_or_else(|| bad(format!("has {name}={}, and it must be from 1 to {NUMBER_MAX}", short(value))), Ok)
}

fn digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then_some(text)
}

/// A list of whole numbers, sorted. With `negative`, counting from the end is allowed too.
fn list<T>(name: &str, value: &str, least: i32, most: i32, negative: bool) -> Result<Vec<T>, BadRule>
where
    T: TryFrom<i32> + Ord + Copy,
{
    let mut out = Vec::new();
    for item in value.split(',') {
        let n = signed(item)
            .filter(|n| (least..=most).contains(&n.abs()) && (negative || *n > 0))
            .and_then(|n| T::try_from(n).ok());
        match n {
            Some(n) => sorted::insert(&mut out, n, |n| *n),
            None => {
                let or = if negative { format!(" or -{most} to -{least}") } else { String::new() };
                return bad(format!("has “{}” in {name}, and it must be {least} to {most}{or}", short(item)));
            }
        }
    }
    Ok(out)
}

fn signed(text: &str) -> Option<i32> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    // Four digits bound the value before it is parsed.
    let rest = digits(rest).filter(|r| r.len() <= 4)?;
    Some(sign * rest.parse::<i32>().ok()?)
}

fn weekday(value: &str) -> Result<Weekday, BadRule> {
    WEEKDAYS.iter().find(|(code, _)| *code == value).map_or_else(
        || bad(format!("has the day “{}”, and it must be MO, TU, WE, TH, FR, SA or SU", short(value))),
        |(_, day)| Ok(*day),
    )
}

fn days(value: &str) -> Result<Vec<Day>, BadRule> {
    let mut out = Vec::new();
    for item in value.split(',') {
        let split = item.char_indices().nth_back(1).map_or(0, |(i, _)| i);
        let (nth, code) = item.split_at(split);
        let weekday = weekday(code)?;
        let nth = if nth.is_empty() {
            0
        } else {
            match signed(nth).and_then(|n| i8::try_from(n).ok()) {
                Some(n) if n != 0 => n,
                _ => {
                    return bad(format!("has “{}” in BYDAY, and a number before a day must not be 0", short(item)));
                }
            }
        };
        sorted::insert(&mut out, Day { nth, weekday }, |d| (d.nth, d.weekday.to_monday_zero_offset()));
    }
    Ok(out)
}

/// `20271231`, `20271231T235959` or `20271231T235959Z`.
fn until(value: &str) -> Result<Until, BadRule> {
    let read = || {
        let (day, clock) = match value.split_once('T') {
            Some((day, clock)) => (day, Some(clock)),
            None => (value, None),
        };
        let day = digits(day).filter(|d| d.len() == 8)?;
        let n = |text: &str| text.parse::<i16>().ok();
        let small = |text: &str| text.parse::<i8>().ok();
        let day = Date::new(n(&day[..4])?, small(&day[4..6])?, small(&day[6..])?).ok()?;
        let Some(clock) = clock else {
            return Some(Until { day, time: None, utc: false });
        };
        let (clock, utc) = match clock.strip_suffix('Z') {
            Some(clock) => (clock, true),
            None => (clock, false),
        };
        let clock = digits(clock).filter(|c| c.len() == 6)?;
        let time = Time::new(small(&clock[..2])?, small(&clock[2..4])?, small(&clock[4..])?, 0).ok()?;
        Some(Until { day, time: Some(time), utc })
    };
    read().map_or_else(
        || bad(format!("has UNTIL={}, and it must be a day (20271231) or a time (20271231T235959Z)", short(value))),
        Ok,
    )
}

/// `FREQ` first, then how often, which days, and the end: the order people and other programs write.
impl fmt::Display for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FREQ=")?;
        f.write_str(match self.freq {
            Freq::Daily => "DAILY",
            Freq::Weekly => "WEEKLY",
            Freq::Monthly => "MONTHLY",
            Freq::Yearly => "YEARLY",
        })?;
        if self.interval != 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        write_list(f, "BYMONTH", &self.months)?;
        write_list(f, "BYMONTHDAY", &self.month_days)?;
        for (i, day) in self.days.iter().enumerate() {
            f.write_str(if i == 0 { ";BYDAY=" } else { "," })?;
            if day.nth != 0 {
                write!(f, "{}", day.nth)?;
            }
            f.write_str(WEEKDAYS[usize::from(day.weekday.to_monday_zero_offset().unsigned_abs())].0)?;
        }
        write_list(f, "BYSETPOS", &self.positions)?;
        if let Some(count) = self.count {
            write!(f, ";COUNT={count}")?;
        }
        if let Some(until) = self.until {
            let at = DateTime::from_parts(until.day, until.time.unwrap_or(Time::midnight()));
            write!(f, ";UNTIL={:04}{:02}{:02}", at.year(), at.month(), at.day())?;
            if until.time.is_some() {
                write!(f, "T{:02}{:02}{:02}", at.hour(), at.minute(), at.second())?;
            }
            if until.utc {
                f.write_char('Z')?;
            }
        }
        if self.week_start != Weekday::Monday {
            let code = WEEKDAYS[usize::from(self.week_start.to_monday_zero_offset().unsigned_abs())].0;
            write!(f, ";WKST={code}")?;
        }
        Ok(())
    }
}

fn write_list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, name: &str, list: &[T]) -> fmt::Result {
    for (i, item) in list.iter().enumerate() {
        if i == 0 {
            write!(f, ";{name}={item}")?;
        } else {
            write!(f, ",{item}")?;
        }
    }
    Ok(())
}
