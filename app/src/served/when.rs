//! Past and coming instants as people say them, by the frame's own clock.

use crate::dates::{Style, days_between};
use domain::overview::Overview;
use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::Offset};

/// The clock and the habits of the person who reads.
#[derive(Clone, Copy, Debug)]
pub struct When {
    style: Style,
    now: DateTime,
}

impl When {
    /// From what the frame knows.
    pub fn of(overview: &Overview) -> Self {
        Self { style: Style::of(overview), now: overview.now }
    }

    /// `just now`, `5 minutes ago`, `today at 09:00`, `on 12 Nov 2026`.
    pub fn ago(self, instant: &str) -> String {
        let Some(at) = self.local(instant) else { return String::new() };
        let passed = self.now.duration_since(at);
        let minutes = passed.as_secs() / 60;
        if passed < SignedDuration::from_mins(2) {
            "just now".into()
        } else if minutes < 60 {
            format!("{minutes} minutes ago")
        } else {
            match days_between(at.date(), self.now.date()) {
                0 => format!("today at {}", self.style.time(at.time())),
                1 => format!("yesterday at {}", self.style.time(at.time())),
                _ => format!("on {}", self.day(at)),
            }
        }
    }

    /// `27 Jan 2027`.
    pub fn date(self, instant: &str) -> String {
        self.local(instant).map(|at| self.day(at)).unwrap_or_default()
    }

    /// `Today 09:00`, `27 Jan 09:00`: for rows one under the other.
    pub fn stamp(self, instant: &str) -> String {
        let Some(at) = self.local(instant) else { return String::new() };
        format!("{} {}", self.style.day(at.date()), self.style.time(at.time()))
    }

    /// Whether it is over.
    pub fn is_past(self, instant: &str) -> bool {
        self.local(instant).is_some_and(|at| at <= self.now)
    }

    fn day(self, at: DateTime) -> String {
        self.style.date(at.date(), at.year() != self.now.year())
    }

    fn local(self, instant: &str) -> Option<DateTime> {
        let instant: Timestamp = instant.parse().ok()?;
        Some(Offset::from_seconds(self.style.offset).ok()?.to_datetime(instant))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_said_where_the_person_is() {
        let now: DateTime = "2026-11-21T00:30:00".parse().expect("a time");
        let style = Style { today: now.date(), american: false, offset: 3600 };
        let when = When { style, now };
        for (instant, said) in [
            ("2026-11-20T23:29:30Z", "just now"),
            ("2026-11-20T23:31:00Z", "just now"),
            ("2026-11-20T23:20:00Z", "10 minutes ago"),
            ("2026-11-20T22:10:00Z", "yesterday at 23:10"),
            ("2026-11-12T10:00:00Z", "on 12 Nov"),
            ("2025-11-12T10:00:00Z", "on 12 Nov 2025"),
            ("nonsense", ""),
        ] {
            assert_eq!(when.ago(instant), said, "{instant}");
        }
        assert_eq!(when.stamp("2026-11-20T22:10:00Z"), "Yesterday 23:10");
        assert!(when.is_past("2026-11-20T23:30:00Z") && !when.is_past("2026-11-20T23:30:01Z"));
    }
}
