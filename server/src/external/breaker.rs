//! Leaves what has failed several times alone for a while, and then lets one try through.

/// Failures in a row after which it is left alone.
const FAILURES: u32 = 3;
/// For how long first and at most, in microseconds; in between it doubles.
const FIRST: i64 = 30 * 1_000_000;
const LONGEST: i64 = 300 * 1_000_000;

/// See the module. Times are in microseconds.
#[derive(Debug, Default)]
pub struct Breaker {
    failures: u32,
    until: i64,
}

impl Breaker {
    /// Whether it may be tried now; otherwise for how many more seconds not.
    pub fn admit(&mut self, now: i64) -> Result<(), i64> {
        if self.failures < FAILURES {
            return Ok(());
        }
        if now < self.until {
            return Err((self.until - now + 999_999) / 1_000_000);
        }
        // Whoever comes while this one try lasts waits for what it comes to.
        self.until = now + FIRST;
        Ok(())
    }

    /// It worked.
    pub fn worked(&mut self) {
        *self = Self::default();
    }

    /// It failed.
    pub fn failed(&mut self, now: i64) {
        self.failures = self.failures.saturating_add(1);
        let doubled = FIRST.saturating_mul(1 << self.failures.saturating_sub(FAILURES).min(8));
        self.until = now + doubled.min(LONGEST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;

    #[test]
    fn three_failures_shut_it_and_one_success_opens_it() {
        let mut breaker = Breaker::default();
        for _ in 0..3 {
            assert_eq!(breaker.admit(0), Ok(()));
            breaker.failed(0);
        }
        assert_eq!(breaker.admit(0), Err(30));
        assert_eq!(breaker.admit(30 * SECOND), Ok(()));
        assert!(breaker.admit(30 * SECOND).is_err(), "one try at a time");
        breaker.failed(30 * SECOND);
        assert!(breaker.admit(89 * SECOND).is_err() && breaker.admit(90 * SECOND).is_ok());
        for _ in 0..100 {
            breaker.failed(0);
        }
        assert!(breaker.admit(299 * SECOND).is_err() && breaker.admit(300 * SECOND).is_ok());
        breaker.worked();
        breaker.failed(0);
        assert_eq!(breaker.admit(0), Ok(()));
    }
}
