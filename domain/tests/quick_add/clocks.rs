//! Elapsed time and other zones.

use crate::context;
use domain::quick_add::{Context, Elapsed, parse};
use jiff::civil::DateTime;

/// A person in New York.
#[derive(Debug)]
struct NewYork;

impl NewYork {
    fn zone() -> jiff::tz::TimeZone {
        jiff::tz::TimeZone::get("America/New_York").expect("a zone")
    }

    fn at(now: DateTime) -> jiff::Zoned {
        Self::zone().to_zoned(now).expect("a moment")
    }
}

impl Elapsed for NewYork {
    fn after(&self, now: DateTime, seconds: i64) -> DateTime {
        (Self::at(now).timestamp() + jiff::SignedDuration::from_secs(seconds)).to_zoned(Self::zone()).datetime()
    }

    fn now_in(&self, now: DateTime, zone: &str) -> Option<DateTime> {
        Some(Self::at(now).in_tz(zone).ok()?.datetime())
    }
}

#[test]
fn the_clock_of_the_zone_counts() {
    let due = |now: &str, text: &str| {
        let elapsed = NewYork;
        let context = Context { elapsed: Some(&elapsed), ..context(now.parse().expect("a time"), "en-US", false) };
        parse(text, &context).expect("a task").drafts[0].due.as_ref().expect("a date").to_string()
    };
    // Clocks go from 02:00 to 03:00 on 8 March 2026, and back on 1 November.
    assert_eq!(due("2026-03-08T01:30", "call in 2 hours"), "2026-03-08T04:30");
    assert_eq!(due("2026-10-31T23:00", "call in 4 hours"), "2026-11-01T02:00");
    assert_eq!(due("2026-03-07T23:00", "call in 1 day"), "2026-03-08");
    // At 01:00 in New York it is 07:00 in Paris.
    assert_eq!(due("2026-11-18T01:00", "call 5am Europe/Paris"), "2026-11-19T05:00[Europe/Paris]");
    assert_eq!(due("2026-11-18T01:00", "call 8am Europe/Paris"), "2026-11-18T08:00[Europe/Paris]");
    assert_eq!(due("2026-11-17T20:00", "call every day 1am Europe/Paris"), "2026-11-19T01:00[Europe/Paris]");
}
