//! What was found out about a message before: while a sentence is cut up, the same runs of words are asked about many
//! times. Forgotten with each message, and what depends on the tasks whenever those change.

use super::{
    days::Range,
    intent::{Intent, Target},
    when::When,
    words::{Word, said, slice},
};
use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
};

/// A run of words: as they compare, as they were typed, and where they stand.
pub type Run = (String, String, usize);

/// The run that these words are.
pub fn run(found: &[Word], text: &str) -> Run {
    (said(found), slice(text, found).to_owned(), found.first().map_or(0, |w| w.start))
}

/// Questions of one kind with their answers.
#[derive(Debug)]
pub struct Memo<K, V>(Mutex<HashMap<K, V>>);

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V: Clone> Memo<K, V> {
    /// The answer, if it is known.
    pub fn get(&self, key: &K) -> Option<V> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// Keeps an answer.
    pub fn keep(&self, key: K, value: V) -> V {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, value.clone());
        value
    }

    fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Everything that is kept while a message is read.
#[derive(Debug, Default)]
pub struct Memos {
    /// Clauses.
    pub clauses: Memo<Run, Intent>,
    /// Names of tasks.
    pub targets: Memo<Run, Option<Target>>,
    /// Dates in the words of the grammar.
    pub grammar: Memo<String, Option<When>>,
    /// Dates as typed.
    pub dates: Memo<String, Option<When>>,
    /// Repetitions as typed.
    pub repeats: Memo<String, Option<When>>,
    /// Ranges of days as typed.
    pub ranges: Memo<String, Option<Range>>,
    /// Which titles hold a word.
    pub words: Memo<String, Vec<i64>>,
}

impl Memos {
    /// Another message is read.
    pub fn clear(&self) {
        self.grammar.clear();
        self.dates.clear();
        self.repeats.clear();
        self.ranges.clear();
        self.forget_tasks();
    }

    /// The tasks are others now.
    pub fn forget_tasks(&self) {
        self.clauses.clear();
        self.targets.clear();
        self.words.clear();
        // A day may be counted from a task ("the day before the rent is due").
        self.dates.clear();
        self.ranges.clear();
    }
}
