//! The only place that asks what time it is.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use std::{
    fmt::Debug,
    sync::atomic::{AtomicI64, Ordering},
    time::Instant,
};

/// Tells the time; a parameter everywhere, so that tests can hold it still.
pub trait Clock: Debug + Send + Sync {
    /// The current instant.
    fn now(&self) -> Timestamp;

    /// Microseconds since 1970 UTC: what our tables keep.
    fn micros(&self) -> i64 {
        self.now().as_microsecond()
    }

    /// Milliseconds since 1970 UTC: what Better Auth's tables keep.
    fn millis(&self) -> i64 {
        self.now().as_millisecond()
    }

    /// The wall-clock time in a zone, to the second.
    fn civil(&self, zone: &TimeZone) -> DateTime {
        let now = zone.to_datetime(self.now());
        now.with().subsec_nanosecond(0).build().unwrap_or(now)
    }
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where the time comes from")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct FakeClock(AtomicI64);

impl FakeClock {
    /// Stands at that moment.
    pub fn at(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.as_microsecond()))
    }

    /// Moves on by that many seconds.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// Jumps to that moment.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.as_microsecond(), Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::SeqCst)).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// Measures how long something takes; never goes backwards and says nothing about the date.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Milliseconds since the start, with fractions.
    pub fn millis(&self) -> f64 {
        self.0.elapsed().as_secs_f64() * 1000.0
    }
}

/// RFC 3339 UTC, as the wire carries instants.
pub fn rfc3339(micros: i64) -> String {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

/// The inverse of [`rfc3339`]; `None` when the text is not an instant.
pub fn micros_of(rfc3339: &str) -> Option<i64> {
    rfc3339.parse::<Timestamp>().ok().map(Timestamp::as_microsecond)
}
