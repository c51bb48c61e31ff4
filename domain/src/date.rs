//! The three kinds of date a task can carry. A day never turns into midnight somewhere.

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// When something starts, is due or must be done: a day, a floating time or a time in a zone.
///
/// The text form is the wire form: `2026-11-21`, `2026-11-21T09:00` or `2026-11-21T09:00[Europe/Paris]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Due {
    /// A whole day, wherever the person is.
    Day(Date),
    /// A wall-clock time wherever the person is.
    Floating(DateTime),
    /// A wall-clock time in one zone.
    Zoned {
        /// The wall-clock time in `zone`.
        at: DateTime,
        /// An IANA name such as `Europe/Paris`. Checked for shape here; the server checks that it exists.
        zone: String,
    },
}

impl Due {
    /// The calendar day, in the date's own zone.
    pub fn date(&self) -> Date {
        match self {
            Self::Day(date) => *date,
            Self::Floating(at) | Self::Zoned { at, .. } => at.date(),
        }
    }

    /// The wall-clock time, if there is one.
    pub fn time(&self) -> Option<Time> {
        match self {
            Self::Day(_) => None,
            Self::Floating(at) | Self::Zoned { at, .. } => Some(at.time()),
        }
    }

    /// The zone's name, if the date has one.
    pub fn zone(&self) -> Option<&str> {
        match self {
            Self::Zoned { zone, .. } => Some(zone),
            _ => None,
        }
    }

    /// The same kind of date on another day; the wall-clock time and the zone stay.
    #[must_use]
    pub fn on(&self, date: Date) -> Self {
        match self {
            Self::Day(_) => Self::Day(date),
            Self::Floating(at) => Self::Floating(date.to_datetime(at.time())),
            Self::Zoned { at, zone } => Self::Zoned { at: date.to_datetime(at.time()), zone: zone.clone() },
        }
    }

    /// The word the store keeps for the kind: `day`, `floating` or `zoned`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Day(_) => "day",
            Self::Floating(_) => "floating",
            Self::Zoned { .. } => "zoned",
        }
    }

    /// The civil part of the text form, without the zone.
    pub fn civil(&self) -> String {
        match self {
            Self::Day(date) => date.to_string(),
            Self::Floating(at) | Self::Zoned { at, .. } => minutes(*at),
        }
    }

    /// Puts together what [`Due::kind`], [`Due::civil`] and [`Due::zone`] took apart.
    pub fn from_parts(kind: &str, civil: &str, zone: Option<&str>) -> Result<Self, BadDate> {
        match (kind, zone) {
            ("day", None) => civil.parse().map(Self::Day).map_err(|_| BadDate),
            ("floating", None) => civil.parse().map(Self::Floating).map_err(|_| BadDate),
            ("zoned", Some(zone)) => Ok(Self::Zoned { at: civil.parse().map_err(|_| BadDate)?, zone: zone.to_owned() }),
            _ => Err(BadDate),
        }
    }

    /// The moment the date stands for, for sorting and reminders: a day counts as its start, a floating time is read in
    /// `home`. Inside a clock-change gap the time moves forward (RFC 5545 section 3.3.5). `None` when the zone is unknown.
    pub fn instant(&self, home: &TimeZone) -> Option<Timestamp> {
        let (at, zone) = match self {
            Self::Day(date) => (date.to_datetime(Time::midnight()), home.clone()),
            Self::Floating(at) => (*at, home.clone()),
            Self::Zoned { at, zone } => (*at, TimeZone::get(zone).ok()?),
        };
        zone.to_ambiguous_zoned(at).compatible().ok().map(|z| z.timestamp())
    }

    /// The calendar day on which the person at `home` meets this date.
    pub fn date_at(&self, home: &TimeZone) -> Date {
        match self {
            Self::Day(_) | Self::Floating(_) => self.date(),
            Self::Zoned { .. } => self.instant(home).map_or(self.date(), |t| home.to_datetime(t).date()),
        }
    }
}

/// `2026-11-21T09:00`; seconds appear only when they are not zero.
fn minutes(at: DateTime) -> String {
    let t = at.time();
    if t.second() == 0 {
        format!("{}T{:02}:{:02}", at.date(), t.hour(), t.minute())
    } else {
        format!("{}T{:02}:{:02}:{:02}", at.date(), t.hour(), t.minute(), t.second())
    }
}

/// The text is not one of the three forms of date, or names a day that does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadDate;

impl BadDate {
    /// What a date may look like, for error messages.
    pub const ALLOWED: &'static str =
        "a day (2026-11-21), a time (2026-11-21T09:00) or a time in a zone (2026-11-21T09:00[Europe/Paris])";
}

impl fmt::Display for BadDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}", Self::ALLOWED)
    }
}

impl std::error::Error for BadDate {}

impl fmt::Display for Due {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.civil())?;
        match self {
            Self::Zoned { zone, .. } => write!(f, "[{zone}]"),
            _ => Ok(()),
        }
    }
}

impl FromStr for Due {
    type Err = BadDate;

    fn from_str(text: &str) -> Result<Self, BadDate> {
        let text = text.trim();
        if let Some(rest) = text.strip_suffix(']') {
            let (civil, zone) = rest.split_once('[').ok_or(BadDate)?;
            if !is_zone_shaped(zone) || !has_time(civil) {
                return Err(BadDate);
            }
            return Ok(Self::Zoned { at: civil_time(civil)?, zone: zone.to_owned() });
        }
        if has_time(text) { civil_time(text).map(Self::Floating) } else { day(text).map(Self::Day) }
    }
}

fn has_time(text: &str) -> bool {
    text.len() > 10 && matches!(text.as_bytes().get(10), Some(b'T' | b't' | b' '))
}

/// Exactly `YYYY-MM-DD`: jiff alone would also take basic and signed forms.
fn day(text: &str) -> Result<Date, BadDate> {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10
        && bytes.iter().enumerate().all(|(i, b)| if i == 4 || i == 7 { *b == b'-' } else { b.is_ascii_digit() });
    if shaped { text.parse().map_err(|_| BadDate) } else { Err(BadDate) }
}

/// `YYYY-MM-DDTHH:MM` with optional seconds; parts of a second and offsets are refused rather than dropped.
fn civil_time(text: &str) -> Result<DateTime, BadDate> {
    let date = day(text.get(..10).ok_or(BadDate)?)?;
    let clock = text.get(11..).ok_or(BadDate)?;
    let parts: Vec<&str> = clock.split(':').collect();
    if !matches!(parts.len(), 2 | 3) || parts.iter().any(|p| p.len() != 2 || !p.bytes().all(|b| b.is_ascii_digit())) {
        return Err(BadDate);
    }
    let number = |i: usize| parts.get(i).map_or(Ok(0), |p| p.parse::<i8>().map_err(|_| BadDate));
    let time = Time::new(number(0)?, number(1)?, number(2)?, 0).map_err(|_| BadDate)?;
    Ok(date.to_datetime(time))
}

/// Whether the text could be an IANA zone name; whether the zone exists is for the server to say.
pub fn is_zone_shaped(zone: &str) -> bool {
    (1..=64).contains(&zone.len())
        && zone.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-' | b'+'))
        && zone.as_bytes()[0].is_ascii_alphabetic()
}

impl Serialize for Due {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Due {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_forms_survive_the_round_trip() {
        for text in ["2026-11-21", "2026-11-21T09:00", "2026-11-21T09:00:30", "2026-11-21T09:00[Europe/Paris]"] {
            assert_eq!(text.parse::<Due>().expect(text).to_string(), text);
        }
    }

    #[test]
    fn impossible_dates_are_refused() {
        for text in [
            "",
            "2026-02-30",
            "2026-13-01",
            "2026-11-21T25:00",
            "20261121",
            "2026-11-21T09:00Z",
            "2026-11-21T9:00",
            "2026-11-21[Europe/Paris]",
            "2026-11-21T09:00[]",
            "2026-11-21T09:00[../etc]",
            "2026-11-21T09:00:60",
            "tomorrow",
        ] {
            assert_eq!(text.parse::<Due>(), Err(BadDate), "{text}");
        }
    }

    #[test]
    fn a_time_in_the_gap_moves_forward() {
        let due: Due = "2026-03-29T02:30[Europe/Paris]".parse().expect("a date");
        assert_eq!(due.instant(&TimeZone::UTC).expect("known zone").to_string(), "2026-03-29T01:30:00Z");
    }
}
