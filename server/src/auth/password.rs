//! Passwords: what may be one, how it is kept, how it is checked.
//!
//! New hashes are argon2id in the PHC text form. A hash costs about 19 MiB and 20 ms of one core on purpose, so the work
//! runs on threads of its own that stand back behind those that answer requests ([`Workers`]), as many as there are
//! cores: a burst of sign-ins queues instead of taking all memory, and a flood of them is turned away. Texts are hashed in their NFKC form, as Better Auth does,
//! so that a password typed on another keyboard or system is the same password.

use super::workers::{Interrupted, Workers};
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use std::sync::{Arc, OnceLock};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

/// Fewest UTF-16 units in a new password.
pub const MIN: usize = 8;
/// Most UTF-16 units in any password.
pub const MAX: usize = 128;

/// Why a text cannot be a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadPassword {
    /// Fewer than [`MIN`].
    TooShort,
    /// More than [`MAX`].
    TooLong,
}

/// Checks the length of a new password. Counted in UTF-16 units before normalising, because Better Auth's client does.
pub fn check_new(password: &str) -> Result<(), BadPassword> {
    if password.encode_utf16().count() < MIN {
        return Err(BadPassword::TooShort);
    }
    check_given(password)
}

/// Checks the length of a password given to sign in. An old one may be short; none is long.
pub fn check_given(password: &str) -> Result<(), BadPassword> {
    // A character is at most three bytes per UTF-16 unit, so a body of megabytes is refused without counting it.
    if password.len() > MAX * 3 || password.encode_utf16().count() > MAX {
        return Err(BadPassword::TooLong);
    }
    Ok(())
}

/// How many may wait per core: about two seconds' work.
const QUEUE_PER_CORE: usize = 100;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The hash could not be computed.
    #[error("password hashing failed: {0}")]
    Hash(argon2::password_hash::Error),
    /// So many wait already that waiting makes no sense.
    #[error("too many passwords wait to be hashed")]
    Busy,
    /// The thread did not come back.
    #[error("password hashing: {0}")]
    Interrupted(#[from] Interrupted),
}

/// Hashes and verifies, at most as many at once as there are cores.
#[derive(Clone, Debug)]
pub struct Passwords {
    /// Room to wait or run.
    places: Arc<Semaphore>,
    workers: Workers,
    decoy: Arc<OnceLock<String>>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new(std::thread::available_parallelism().map_or(1, usize::from), QUEUE_PER_CORE)
    }
}

impl Passwords {
    fn new(cores: usize, queue_per_core: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(cores * (1 + queue_per_core))),
            workers: Workers::start("passwords", cores),
            decoy: Arc::default(),
        }
    }

    /// The hash to store. `salt` comes from the caller so that randomness has one source.
    pub async fn hash(&self, password: &str, salt: [u8; 16]) -> Result<String, Error> {
        let password = normalised(password);
        self.work(move || argon2id(&password, &salt)).await?
    }

    /// Whether the password belongs to the stored hash. Without one (nobody has that address, or they never set a
    /// password) the answer is no, after the same work, so that time does not tell who is registered.
    pub async fn verify(&self, password: &str, stored: Option<String>) -> Result<bool, Error> {
        let password = normalised(password);
        let decoy = Arc::clone(&self.decoy);
        self.work(move || match stored.as_deref() {
            Some(hash) if hash.starts_with("$argon2") => Ok(Argon2::default().verify_password(&password, hash).is_ok()),
            // Better Auth's own scrypt hashes, and any other form, do not match anything yet.
            Some(_) | None => {
                pretend(&password, &decoy)?;
                Ok(false)
            }
        })
        .await?
    }

    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| Error::Busy)?;
        Ok(self
            .workers
            .run(move || {
                // Given back when the work is done: a client that hangs up must not free a place that is still taken.
                let _held = place;
                work()
            })
            .await?)
    }
}

/// Verifies against a hash of nothing in particular, at the cost of a real one.
fn pretend(password: &[u8], decoy: &OnceLock<String>) -> Result<(), Error> {
    let decoy = match decoy.get() {
        Some(decoy) => decoy,
        // Made once for all; only the very first unknown address waits twice as long.
        None => {
            let made = argon2id(b"nobody", &[0; 16])?;
            decoy.get_or_init(|| made)
        }
    };
    let _never_matches = Argon2::default().verify_password(password, decoy.as_str());
    Ok(())
}

fn argon2id(password: &[u8], salt: &[u8]) -> Result<String, Error> {
    Argon2::default().hash_password_with_salt(password, salt).map(|hash| hash.to_string()).map_err(Error::Hash)
}

fn normalised(password: &str) -> Vec<u8> {
    password.nfkc().collect::<String>().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Stopwatch;

    #[test]
    fn length_is_counted_in_utf16() {
        assert_eq!(check_new("1234567"), Err(BadPassword::TooShort));
        assert_eq!(check_new("12345678"), Ok(()));
        assert_eq!(check_new("🥛🥛🥛🥛"), Ok(()));
        assert_eq!(check_new(&"a".repeat(128)), Ok(()));
        assert_eq!(check_new(&"中".repeat(128)), Ok(()));
        assert_eq!(check_new(&"🥛".repeat(64)), Ok(()));
        assert_eq!(check_new(&"🥛".repeat(65)), Err(BadPassword::TooLong));
        assert_eq!(check_given(&"a".repeat(129)), Err(BadPassword::TooLong));
        assert_eq!(check_given(&"a".repeat(10_000)), Err(BadPassword::TooLong));
        assert_eq!(check_given("short"), Ok(()));
    }

    #[tokio::test]
    async fn a_hash_verifies_its_password_in_every_spelling() {
        let passwords = Passwords::default();
        // "fi" and "IV" as ligatures, a full-width A, a circled 1: the same text to a person.
        let stored = passwords.hash("ﬁancé-Ⅳ-Ａbc①", [7; 16]).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        for (password, same) in [
            ("ﬁancé-Ⅳ-Ａbc①", true),
            ("fiancé-IV-Abc1", true),
            ("fiance\u{301}-IV-Abc1", true),
            ("fiance-IV-Abc1", false),
            ("", false),
        ] {
            assert_eq!(passwords.verify(password, Some(stored.clone())).await.unwrap(), same);
        }
    }

    #[tokio::test]
    async fn nul_and_the_rest_of_unicode_count() {
        let passwords = Passwords::default();
        let stored = passwords.hash("secret\0one", [1; 16]).await.unwrap();
        assert!(passwords.verify("secret\0one", Some(stored.clone())).await.unwrap());
        assert!(!passwords.verify("secret\0two", Some(stored.clone())).await.unwrap());
        assert!(!passwords.verify("secret", Some(stored)).await.unwrap());
    }

    #[tokio::test]
    async fn unusable_hashes_match_nothing() {
        let passwords = Passwords::default();
        for stored in [
            "",
            "password-123",
            "$argon2id$",
            "$argon2id$v=19$m=19456,t=2,p=1$",
            "$2b$10$abcdefghijklmnopqrstuv",
            "fbcf2a7fe607d174e14d79259b3a83b5:c37c24a74ff1e946",
        ] {
            assert!(!passwords.verify("password-123", Some(stored.into())).await.unwrap());
        }
    }

    #[tokio::test]
    async fn a_flood_is_turned_away_and_the_queue_served() {
        let passwords = Passwords::new(1, 2);
        let tries = futures::future::join_all((0..6).map(|_| passwords.verify("password-123", None))).await;
        let served = tries.iter().filter(|done| matches!(done, Ok(false))).count();
        assert_eq!((served, tries.iter().filter(|done| matches!(done, Err(Error::Busy))).count()), (3, 3));
        assert!(!passwords.verify("password-123", None).await.unwrap());
    }

    #[tokio::test]
    async fn nobody_takes_as_long_as_somebody() {
        let passwords = Passwords::default();
        let stored = passwords.hash("password-123", [3; 16]).await.unwrap();
        passwords.verify("warm up", None).await.unwrap();
        let mut times = [Vec::new(), Vec::new()];
        for _ in 0..7 {
            for (times, stored) in times.iter_mut().zip([Some(stored.clone()), None]) {
                let start = Stopwatch::start();
                assert!(!passwords.verify("wrong password", stored).await.unwrap());
                times.push(start.millis());
            }
        }
        // The fastest of each is free of the scheduler's noise.
        let [known, unknown] = times.map(|times| times.into_iter().fold(f64::MAX, f64::min));
        assert!((0.5..2.0).contains(&(unknown / known)), "{known} ms against {unknown} ms");
    }
}
