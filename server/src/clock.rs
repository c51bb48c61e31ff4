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

/// A difference smaller than this is the way to the database and back, in microseconds.
const NOISE: i64 = 1_000_000;

/// The machine's clock, set right by the database's when that is shared: leases, limits and expiries that one process
/// writes are compared by others, so all of them have to mean the same time.
#[derive(Debug, Default)]
pub struct SystemClock {
    /// What to add to the machine's time, in microseconds.
    behind: AtomicI64,
}

impl SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where the time comes from")]
    fn machine() -> Timestamp {
        Timestamp::now()
    }

    /// Follows another clock that says `micros` now. Answers by how many microseconds the machine's is behind it, when that
    /// has changed by more than noise.
    pub fn follow(&self, micros: i64) -> Option<i64> {
        let behind = micros - Self::machine().as_microsecond();
        let behind = if behind.abs() < NOISE { 0 } else { behind };
        let changed = (behind - self.behind.load(Ordering::SeqCst)).abs() >= NOISE;
        changed.then(|| {
            self.behind.store(behind, Ordering::SeqCst);
            behind
        })
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let now = Self::machine().as_microsecond() + self.behind.load(Ordering::SeqCst);
        Timestamp::from_microsecond(now).unwrap_or(Timestamp::UNIX_EPOCH)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_off_follows_the_other_and_comes_back() {
        let (minutes, clock) = (5 * 60_000_000, SystemClock::default());
        let off = |clock: &SystemClock| clock.micros() - SystemClock::machine().as_microsecond();
        let truth = || SystemClock::machine().as_microsecond();
        assert_eq!(clock.follow(truth() + NOISE / 2), None);
        for ahead in [minutes, -minutes] {
            assert!(clock.follow(truth() + ahead).is_some());
            assert!((off(&clock) - ahead).abs() < NOISE, "{}", off(&clock));
            assert_eq!(clock.follow(truth() + ahead), None);
        }
        assert_eq!(clock.follow(truth()), Some(0));
        assert!(off(&clock).abs() < NOISE);
    }
}
