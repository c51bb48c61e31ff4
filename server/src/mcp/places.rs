//! How much one person may have under way at once, so that a client gone wild takes nothing from the others.

use domain::id::UserId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Requests of one person at once. Counted per process: it guards this process's own time.
const MOST: usize = 16;

/// Who has how many under way. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Places(Arc<Mutex<HashMap<UserId, usize>>>);

/// One request under way; given back when dropped.
#[derive(Debug)]
pub struct Place {
    all: Places,
    user: UserId,
}

impl Places {
    /// A place, when there is one left.
    pub fn take(&self, user: &UserId) -> Option<Place> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = all.entry(user.clone()).or_default();
        if *count >= MOST {
            return None;
        }
        *count += 1;
        Some(Place { all: self.clone(), user: user.clone() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut all = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = all.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_a_persons_own_and_come_back() {
        let places = Places::default();
        let (ada, bob) = (UserId("ada".into()), UserId("bob".into()));
        let mut taken: Vec<_> = (0..MOST).map(|_| places.take(&ada).expect("a place")).collect();
        assert!(places.take(&ada).is_none());
        assert!(places.take(&bob).is_some());
        taken.pop();
        assert!(places.take(&ada).is_some());
        taken.clear();
        assert!(places.0.lock().expect("no panic").is_empty());
    }
}
