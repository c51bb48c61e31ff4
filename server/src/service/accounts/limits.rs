//! How often somebody may knock.
//!
//! Better Auth's rules: a hundred requests in ten seconds for every path, three for what can be guessed at, three a
//! minute for what sends letters. The window begins anew with every request that is let in.
//!
//! Tries at guessing are counted in the database, so that all pods share one count and none can be played against the
//! other. The general rule only keeps a flood out, and most of what it counts is `get-session` on every page: a write for
//! each would put all readers of a SQLite file in one line. It is counted in memory, a pod for itself.
//!
//! Signing in is counted by address and not by account: whoever could use up another's tries could lock them out. Behind
//! a session it is the other way round, see [`Accounts::count_proof`].

use super::{Accounts, Error};
use crate::auth::client::Client;
use domain::id::UserId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// So many in so many milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rule {
    max: i64,
    window: i64,
}

const GENERAL: Rule = Rule { max: 100, window: 10_000 };
const GUESSING: Rule = Rule { max: 3, window: 10_000 };
const LETTERS: Rule = Rule { max: 3, window: 60_000 };
/// Passwords tried within one account's sessions, wherever they come from.
const PROOFS: Rule = Rule { max: 10, window: 60_000 };
/// Programs that register or are asked about themselves.
const REGISTRATIONS: Rule = Rule { max: 10, window: 60_000 };
/// Letters to one address, whoever asks for them.
const MAILBOX: Rule = Rule { max: 5, window: 3_600_000 };

const GUESSED: [&str; 4] = ["/sign-in", "/sign-up", "/change-password", "/change-email"];
const LETTERED: [&str; 2] = ["/request-password-reset", "/send-verification-email"];
const FORGET: &str = "/forget-password";
/// What stands for every path that is not there.
const UNKNOWN: &str = "*";
/// Most addresses and paths remembered in memory.
const REMEMBERED: usize = 50_000;

/// What is counted in memory, and whether anything is.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    on: bool,
    floods: Arc<Mutex<HashMap<String, Count>>>,
}

#[derive(Clone, Copy, Debug)]
struct Count {
    count: i64,
    last: i64,
}

impl Limits {
    pub(super) fn new(on: bool) -> Self {
        Self { on, floods: Arc::default() }
    }

    /// Counts in memory and answers how long to wait when it is one too many.
    fn count(&self, key: String, rule: Rule, now: i64) -> Option<i64> {
        let mut floods = self.floods.lock().unwrap_or_else(PoisonError::into_inner);
        if floods.len() >= REMEMBERED {
            floods.retain(|_, seen| now - seen.last < rule.window);
            // So many at once are no longer one flood that a count could stop.
            if floods.len() >= REMEMBERED {
                floods.clear();
            }
        }
        let seen = floods.entry(key).or_insert(Count { count: 0, last: now });
        if now - seen.last >= rule.window {
            seen.count = 0;
        } else if seen.count >= rule.max {
            return Some(seen.last + rule.window - now);
        }
        *seen = Count { count: seen.count + 1, last: now };
        None
    }
}

impl Accounts {
    /// Counts a request below the auth base path; `known` is its path when there is such an endpoint. Paths that are made
    /// up share a count, so that they can fill neither the table nor the memory.
    pub async fn count_request(&self, known: Option<&str>, path: &str, client: &Client) -> Result<(), Error> {
        if let Some(begin) = GUESSED.iter().find(|begin| path.starts_with(**begin)) {
            return self.count_try(known.unwrap_or(begin), client).await;
        }
        if LETTERED.contains(&path) || path.starts_with(FORGET) {
            return self.count_try(known.unwrap_or(FORGET), client).await;
        }
        if !self.limits.on {
            return Ok(());
        }
        // The rest of such a path is a token or a provider, which anybody can make up.
        let parent = known.and_then(|path| path.match_indices('/').nth(1)).map(|(at, _)| at);
        let bucket = known.map_or(UNKNOWN, |path| path.get(..parent.unwrap_or(path.len())).unwrap_or(path));
        refuse(self.limits.count(key(client, bucket), GENERAL, self.clock.millis()))
    }

    /// Counts a try at something that can be guessed at or that sends letters. `path` is below the auth base path, and
    /// two doors to the same thing share it.
    pub async fn count_try(&self, path: &str, client: &Client) -> Result<(), Error> {
        let rule = if LETTERED.contains(&path) || path.starts_with(FORGET) { LETTERS } else { GUESSING };
        refuse(self.count_in_table(&key(client, path), rule).await?)
    }

    /// Counts a password tried within a session, by account: only somebody who holds a session can use these tries up,
    /// and a thief of one shall not find the password out from many addresses.
    pub(super) async fn count_proof(&self, user: &UserId) -> Result<(), Error> {
        refuse(self.count_in_table(&format!("user {user}|password"), PROOFS).await?)
    }

    /// Counts a program that registers, or that is asked about itself.
    pub(super) async fn count_registration(&self, client: &Client) -> Result<(), Error> {
        refuse(self.count_in_table(&key(client, "/oauth/register"), REGISTRATIONS).await?)
    }

    /// Counts a letter to an address and answers whether it may go out.
    pub(super) async fn may_write_to(&self, address: &str) -> Result<bool, Error> {
        Ok(self.count_in_table(&format!("letter|{address}"), MAILBOX).await?.is_none())
    }

    async fn count_in_table(&self, key: &str, rule: Rule) -> Result<Option<i64>, Error> {
        if !self.limits.on {
            return Ok(None);
        }
        let mut conn = self.store.write().await?;
        let wait = conn.count_try(key, rule.max, rule.window, self.clock.millis()).await?;
        conn.commit().await?;
        Ok(wait)
    }
}

fn key(client: &Client, path: &str) -> String {
    let from = if client.address.is_empty() { "no-trusted-ip" } else { &client.address };
    format!("{from}|{path}")
}

fn refuse(wait: Option<i64>) -> Result<(), Error> {
    match wait {
        // Rounded up: a client that comes back after this many seconds is let in.
        Some(wait) => Err(Error::TooMany((wait + 999).div_euclid(1000).max(1))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_begins_anew_with_every_request_let_in() {
        let limits = Limits::new(true);
        let rule = Rule { max: 3, window: 100 };
        let count = |now| limits.count("a".into(), rule, now);
        assert_eq!([count(0), count(50), count(90)], [None; 3]);
        assert_eq!((count(91), count(189)), (Some(99), Some(1)));
        assert_eq!([count(190), count(191)], [None; 2]);
        assert_eq!(limits.count("b".into(), rule, 191), None);
    }

    #[test]
    fn memory_is_bounded() {
        let limits = Limits::new(true);
        for i in 0..(REMEMBERED + 10) {
            limits.count(i.to_string(), GENERAL, 0);
        }
        assert!(limits.floods.lock().expect("the counts").len() <= REMEMBERED);
    }
}
