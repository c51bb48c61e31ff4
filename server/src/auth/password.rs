//! Passwords: what may be one, how it is kept, how it is checked.
//!
//! A hash costs 20 to 200 ms of one core and 4 to 32 MiB on purpose, whatever its form ([`form`] has them all). So the work
//! runs on threads of its own that stand back behind those that answer requests ([`Workers`]), as many as there are cores
//! but at most eight: a burst of sign-ins queues instead of taking all memory, and a flood of them is turned away. Texts
//! are hashed in their NFKC form, as Better Auth does, so that a password typed on another keyboard or system is the same
//! password.
//!
//! A refusal costs one check of every form the installation holds, its own one included. So time tells neither who is
//! registered nor whose hash is still of an old form, also while half of them are.

mod form;

pub use form::{CannotHash, Wanted};

use super::workers::{Interrupted, Workers};
use form::Form;
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, Once, PoisonError},
};
use tokio::sync::Semaphore;

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

/// Most threads that hash, so that their memory has a bound on any machine: 8 times 32 MiB at worst.
const MOST_WORKERS: usize = 8;
/// How many may wait per thread: about two seconds' work.
const QUEUE_PER_CORE: usize = 100;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The hash could not be computed.
    #[error("password hashing failed: {0}")]
    Hash(#[from] CannotHash),
    /// So many wait already that waiting makes no sense.
    #[error("too many passwords wait to be hashed")]
    Busy,
    /// The thread did not come back.
    #[error("password hashing: {0}")]
    Interrupted(#[from] Interrupted),
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Whether the password is the right one.
    pub right: bool,
    /// The same password in the form wanted today, when it is right and stored in another.
    pub replacement: Option<String>,
}

/// Hashes and verifies, at most as many at once as there are cores.
#[derive(Clone, Debug)]
pub struct Passwords {
    wanted: Wanted,
    /// Room to wait or run.
    places: Arc<Semaphore>,
    workers: Workers,
    /// The forms the installation holds, as far as known; what a refusal has to cost.
    held: Arc<Mutex<BTreeSet<Form>>>,
    warned: Arc<Once>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new(Wanted::default())
    }
}

impl Passwords {
    /// Hashes new passwords in that form.
    pub fn new(wanted: Wanted) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::with_room(wanted, cores.min(MOST_WORKERS), QUEUE_PER_CORE)
    }

    fn with_room(wanted: Wanted, cores: usize, queue_per_core: usize) -> Self {
        Self {
            wanted,
            places: Arc::new(Semaphore::new(cores * (1 + queue_per_core))),
            workers: Workers::start("passwords", cores),
            held: Arc::new(Mutex::new(BTreeSet::from([wanted.form()]))),
            warned: Arc::new(Once::new()),
        }
    }

    /// Whether a hash has a form that can be checked here.
    pub fn knows(hash: &str) -> bool {
        Form::of(hash).is_some()
    }

    /// Learns that the installation holds a hash like this one.
    pub fn learn(&self, stored: &str) {
        let _known = self.form_of(stored);
    }

    /// The hash to store. `salt` comes from the caller so that randomness has one source.
    pub async fn hash(&self, password: &str, salt: [u8; 16]) -> Result<String, Error> {
        let (password, wanted) = (password.to_owned(), self.wanted);
        Ok(self.work(move || wanted.hash(&password, &salt)).await??)
    }

    /// Whether the password belongs to the stored hash. Without one (nobody has that address, or they never set a
    /// password) the answer is no, after the same work, so that time does not tell who is registered.
    pub async fn verify(&self, password: &str, stored: Option<String>) -> Result<bool, Error> {
        Ok(self.examine(password, stored, None).await?.right)
    }

    /// [`Self::verify`] for a sign-in: a right password that is stored in another form than the wanted one is hashed anew
    /// with `salt`, in the same go, because a second turn in the queue would keep the person waiting.
    pub async fn check(&self, password: &str, stored: Option<String>, salt: [u8; 16]) -> Result<Checked, Error> {
        self.examine(password, stored, Some(salt)).await
    }

    async fn examine(&self, password: &str, stored: Option<String>, salt: Option<[u8; 16]>) -> Result<Checked, Error> {
        let found = stored.and_then(|stored| Some((self.form_of(&stored)?, stored)));
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (password, wanted) = (password.to_owned(), self.wanted);
        self.work(move || {
            let own = found.as_ref().map(|(form, _)| *form);
            let Some((_, stored)) = found.filter(|(form, stored)| form.verify(&password, stored)) else {
                held.into_iter().filter(|form| Some(*form) != own).for_each(|form| form.pretend(&password));
                return Checked { right: false, replacement: None };
            };
            // A hash that cannot be made is a sign-in with the old one.
            let anew = salt.filter(|_| !wanted.made(&stored)).and_then(|salt| wanted.hash(&password, &salt).ok());
            Checked { right: true, replacement: anew }
        })
        .await
    }

    fn form_of(&self, stored: &str) -> Option<Form> {
        let form = Form::of(stored);
        match form {
            Some(form) => {
                self.held.lock().unwrap_or_else(PoisonError::into_inner).insert(form);
            }
            None => self.warned.call_once(|| {
                tracing::warn!("a stored password hash has a form that is not known here; it matches nothing");
            }),
        }
        form
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
            "$2b$10$",
            "$2b$xx$",
            ":",
            "fbcf2a7fe607d174e14d79259b3a83b5:c37c24a74ff1e946",
        ] {
            assert!(!passwords.verify("password-123", Some(stored.into())).await.unwrap());
        }
    }

    #[tokio::test]
    async fn a_flood_is_turned_away_and_the_queue_served() {
        let passwords = Passwords::with_room(Wanted::Argon2id, 1, 2);
        let tries = futures::future::join_all((0..6).map(|_| passwords.verify("password-123", None))).await;
        let served = tries.iter().filter(|done| matches!(done, Ok(false))).count();
        assert_eq!((served, tries.iter().filter(|done| matches!(done, Err(Error::Busy))).count()), (3, 3));
        assert!(!passwords.verify("password-123", None).await.unwrap());
    }

    #[tokio::test]
    async fn a_right_password_of_an_old_form_comes_back_in_the_wanted_one() {
        let hash = |wanted: Wanted| wanted.hash("password-123", &[5; 16]).unwrap();
        let bcrypt = bcrypt::hash_with_salt("password-123", 4, [7; 16]).unwrap().to_string();
        let weaker = "$argon2id$v=19$m=8192,t=1,p=1$BwcHBwcHBwcHBwcHBwcHBw$";
        for (wanted, stored, replaced) in [
            (Wanted::Argon2id, hash(Wanted::Argon2id), false),
            (Wanted::Argon2id, hash(Wanted::Scrypt), true),
            (Wanted::Argon2id, bcrypt.clone(), true),
            (Wanted::Scrypt, hash(Wanted::Scrypt), false),
            (Wanted::Scrypt, hash(Wanted::Argon2id), true),
            (Wanted::Scrypt, bcrypt, true),
        ] {
            let passwords = Passwords::new(wanted);
            let checked = passwords.check("password-123", Some(stored.clone()), [9; 16]).await.unwrap();
            assert!(checked.right && checked.replacement.is_some() == replaced, "{wanted:?} {stored}");
            if let Some(anew) = checked.replacement {
                assert!(wanted.made(&anew));
                assert!(passwords.verify("password-123", Some(anew)).await.unwrap());
            }
            let wrong = passwords.check("password-124", Some(stored), [9; 16]).await.unwrap();
            assert_eq!(wrong, Checked { right: false, replacement: None });
        }
        assert!(!Wanted::Argon2id.made(weaker));
    }

    #[tokio::test]
    async fn nobody_takes_as_long_as_anybody_whatever_their_form() {
        let passwords = Passwords::new(Wanted::Argon2id);
        let stored = [
            None,
            Some(Wanted::Argon2id.hash("password-123", &[3; 16]).unwrap()),
            Some(Wanted::Scrypt.hash("password-123", &[3; 16]).unwrap()),
            Some(bcrypt::hash_with_salt("password-123", 8, [7; 16]).unwrap().to_string()),
        ];
        stored.iter().flatten().for_each(|stored| passwords.learn(stored));
        let mut fastest = [f64::MAX; 4];
        for _ in 0..5 {
            for (fastest, stored) in fastest.iter_mut().zip(&stored) {
                let start = Stopwatch::start();
                assert!(!passwords.verify("wrong password", stored.clone()).await.unwrap());
                // The fastest of each is free of the scheduler's noise.
                *fastest = fastest.min(start.millis());
            }
        }
        let [nobody, somebody @ ..] = fastest;
        assert!(somebody.iter().all(|known| (0.6..1.6).contains(&(nobody / known))), "{fastest:?}");
    }
}
