//! What the assistant can see while it reads a sentence: the person's tasks, the clock on their wall, and what the
//! conversation spoke of before. Plain data, so that understanding stays a pure function of it.

use super::{
    lexicon::{self, Language, List},
    memo::Memos,
    words::{Word, slip, stem, words},
};
use domain::{id::TaskId, label::Label, project::Project, quick_add, task::Task};
use jiff::{
    civil::{Date, DateTime},
    tz::TimeZone,
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::atomic::{AtomicI64, Ordering},
};

pub use super::memory::{Asked, Heard, Memory, tasks_of};

/// Everything a sentence is read against.
#[derive(Debug)]
pub struct Scene {
    /// By number: open ones, recently completed ones, the trash.
    tasks: BTreeMap<i64, Task>,
    /// The person's projects.
    pub projects: Vec<Project>,
    /// The person's labels.
    pub labels: Vec<Label>,
    /// The clock on the person's wall.
    pub now: DateTime,
    /// The person's zone.
    pub zone: TimeZone,
    /// BCP 47.
    pub locale: String,
    /// Whether weeks start on Sunday.
    pub week_starts_sunday: bool,
    /// What is spoken.
    pub language: &'static Language,
    /// What the conversation spoke of.
    pub memory: Memory,
    /// Stems of titles, and which tasks hold them.
    index: HashMap<String, Vec<i64>>,
    /// Words of titles in lower case.
    words: HashSet<String>,
    /// Whole titles in lower case without marks, and which tasks have them.
    titles: HashMap<String, Vec<i64>>,
    /// How much work is left for reading one message; see [`Scene::spend`].
    fuel: AtomicI64,
    /// What was found out about the message before.
    pub(super) memos: Memos,
}

/// Work for one message; the longest sentence of the corpus takes a small part of it.
const FUEL: i64 = 400_000;
/// Characters of a message that are remembered.
const HEARD_MAX: usize = 1_000;

/// How well words name a task.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Likeness {
    /// The whole title.
    pub exact: Vec<i64>,
    /// Every word is in the title.
    pub all: Vec<i64>,
    /// At least half of the words are in the title: for "did you mean" only.
    pub some: Vec<i64>,
}

impl Scene {
    /// Puts a scene together.
    pub fn new(tasks: Vec<Task>, projects: Vec<Project>, labels: Vec<Label>, now: DateTime, zone: TimeZone) -> Self {
        let mut scene = Self {
            tasks: tasks.into_iter().map(|t| (t.id.0, t)).collect(),
            projects,
            labels,
            now,
            zone,
            locale: "en-GB".into(),
            week_starts_sunday: false,
            language: lexicon::all()[0],
            memory: Memory::default(),
            index: HashMap::new(),
            words: HashSet::new(),
            titles: HashMap::new(),
            fuel: AtomicI64::new(FUEL),
            memos: Memos::default(),
        };
        scene.reindex();
        scene
    }

    /// Hears a message: its language, and that the one before it is the one before.
    pub fn hear(&mut self, text: &str) {
        let spoken = self.memory.language.as_deref().and_then(lexicon::of);
        self.language = lexicon::choose(text, spoken.or_else(|| lexicon::of(&self.locale)), |word| self.has_word(word));
        self.memory.language = Some(self.language.code.to_owned());
        self.refuel();
        if text.is_empty() {
            // A button was pressed: nothing new was said.
            return;
        }
        let now = Heard { text: text.chars().take(HEARD_MAX).collect(), ..Heard::default() };
        self.memory.before = std::mem::replace(&mut self.memory.now, now);
    }

    /// Begins to read another message.
    pub fn refuel(&self) {
        self.fuel.store(FUEL, Ordering::Relaxed);
        self.memos.clear();
    }

    /// Whether a title, a project or a label has the word.
    pub fn has_word(&self, word: &str) -> bool {
        self.index.contains_key(&stem(word)) || self.names().any(|name| words(name).iter().any(|w| w.low == word))
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.projects.iter().map(|p| p.name.as_str()).chain(self.labels.iter().map(|l| l.name.as_str()))
    }

    /// The words of titles, as they compare.
    pub fn title_words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    /// Notes some work; false when the message has taken more than any sensible one does, so that a contrived sentence
    /// cannot keep the server busy.
    pub fn spend(&self, work: i64) -> bool {
        self.fuel.fetch_sub(work, Ordering::Relaxed) > 0
    }

    /// A task by its number.
    pub fn task(&self, id: i64) -> Option<&Task> {
        self.tasks.get(&id)
    }

    /// Every task that is known, by number.
    pub fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.tasks.values()
    }

    /// Takes over what a call changed.
    pub fn learn(&mut self, tasks: impl IntoIterator<Item = Task>) {
        for task in tasks {
            self.tasks.insert(task.id.0, task);
        }
        self.reindex();
    }

    /// Takes over what a call did: the tasks, and what "it", "them" and "undo that" mean from now on.
    pub fn note(&mut self, tool: &str, result: &Value, operation: Option<i64>, first: bool) {
        self.learn(tasks_of(result));
        self.memory.note(tool, result, operation, first);
    }

    /// Today's date where the person is.
    pub fn today(&self) -> Date {
        self.now.date()
    }

    /// The day a task is due, where the person is.
    pub fn due_day(&self, task: &Task) -> Option<Date> {
        task.due.as_ref().map(|d| d.date_at(&self.zone))
    }

    /// What the grammar needs to know.
    pub fn context(&self) -> quick_add::Context<'_> {
        quick_add::Context {
            now: self.now,
            locale: &self.locale,
            week_starts_sunday: self.week_starts_sunday,
            is_zone: |name| TimeZone::get(name).is_ok(),
            elapsed: None,
        }
    }

    /// A project by its name, without regard to case or to the word "project" around it.
    pub fn project(&self, name: &str) -> Option<&Project> {
        let key = self.bare_name(name);
        self.projects
            .iter()
            .filter(|p| p.deleted_at.is_none())
            .find(|p| p.name.to_lowercase() == key || p.name.to_lowercase() == name.to_lowercase())
    }

    /// "the Work project" is "work".
    fn bare_name(&self, name: &str) -> String {
        let name = name.trim().trim_matches(['"', '“', '”', '„']).to_lowercase();
        let mut words: Vec<&str> = name.trim_start_matches('#').split_whitespace().collect();
        let is = |word: &str, list| self.language.list(list).has(&super::words::fold(word));
        while words.len() > 1 && (is(words[0], List::ARTICLES) || is(words[0], List::PROJECT_WORD)) {
            words.remove(0);
        }
        if let [rest @ .., last] = &words[..]
            && !rest.is_empty()
            && is(last, List::PROJECT_AFTER)
        {
            words.truncate(rest.len());
        }
        words.join(" ").trim_matches(['"', '“', '”', '„']).to_owned()
    }

    /// A label by its name, without regard to case.
    pub fn label(&self, name: &str) -> Option<&Label> {
        let key = name.trim_start_matches('@').to_lowercase();
        self.labels.iter().find(|l| l.name.to_lowercase() == key)
    }

    fn reindex(&mut self) {
        self.index.clear();
        self.titles.clear();
        self.words.clear();
        self.memos.forget_tasks();
        for (id, task) in &self.tasks {
            self.titles.entry(plain(&task.title)).or_default().push(*id);
            for word in words(&task.title).iter().filter(|w| !w.is_mark()) {
                self.words.insert(word.low.clone());
                let ids = self.index.entry(stem(&word.low)).or_default();
                if ids.last() != Some(id) {
                    ids.push(*id);
                }
            }
        }
    }

    /// The tasks that words name, among those the filter lets through.
    pub fn like(&self, text: &str, among: impl Fn(&Task) -> bool) -> Likeness {
        let said = words(text);
        let said: Vec<&Word> = said.iter().filter(|w| !w.is_mark()).collect();
        let mut out = Likeness::default();
        if !self.spend(10) {
            return out;
        }
        let keep = |id: &i64| self.tasks.get(id).is_some_and(&among);
        let key = plain(text);
        let article = |word: &str| self.language.list(List::ARTICLES).has(word);
        let undetermined =
            key.split_once(' ').filter(|(first, _)| article(first)).map_or(key.as_str(), |(_, rest)| rest);
        for title in [key.as_str(), undetermined] {
            out.exact.extend(self.titles.get(title).into_iter().flatten().filter(|id| keep(id)));
        }
        out.exact.sort_unstable();
        out.exact.dedup();
        let mut content: Vec<String> = said
            .iter()
            .filter(|w| !self.language.list(List::TITLE_STOP).has(&w.low))
            .map(|w| self.root(&w.low))
            .collect();
        content.sort();
        content.dedup();
        if content.is_empty() {
            return out;
        }
        let mut hits: BTreeMap<i64, usize> = BTreeMap::new();
        for word in &content {
            let holding = self.holding(word);
            if !self.spend(2 + i64::try_from(holding.len()).unwrap_or(0) / 20) {
                break;
            }
            for id in holding.into_iter().filter(keep) {
                *hits.entry(id).or_default() += 1;
            }
        }
        for (id, n) in hits {
            if n == content.len() {
                out.all.push(id);
            } else if n * 2 >= content.len() {
                out.some.push(id);
            }
        }
        out
    }

    /// The word as titles hold it: its stem, or that of the verb it is the past of.
    fn root(&self, word: &str) -> String {
        let root = stem(word);
        let present = || self.language.present(word).map(stem).find(|p| self.index.contains_key(p));
        if self.index.contains_key(&root) { root } else { present().unwrap_or(root) }
    }

    /// The tasks whose titles hold the word: as it is, else as the start of a longer one, else with a slip.
    fn holding(&self, word: &str) -> Vec<i64> {
        if let Some(ids) = self.index.get(word) {
            return ids.clone();
        }
        if let Some(known) = self.memos.words.get(&word.to_owned()) {
            return known;
        }
        let near = |test: &dyn Fn(&str) -> bool| {
            let mut ids: Vec<i64> =
                self.index.iter().filter(|(w, _)| test(w)).flat_map(|(_, ids)| ids.clone()).collect();
            ids.sort_unstable();
            ids.dedup();
            ids
        };
        let longer = if word.chars().count() >= 4 { near(&|w| w.starts_with(word)) } else { Vec::new() };
        let found = if longer.is_empty() { near(&|w| slip(word, w)) } else { longer };
        self.memos.words.keep(word.to_owned(), found)
    }
}

/// A text in lower case, without marks.
fn plain(text: &str) -> String {
    let found = words(text);
    let plain: Vec<&str> = found.iter().filter(|w| !w.is_mark()).map(|w| w.low.as_str()).collect();
    plain.join(" ")
}

/// The day of an instant where the person is.
pub fn local_day(instant: Option<&str>, scene: &Scene) -> Option<Date> {
    let instant: jiff::Timestamp = instant?.parse().ok()?;
    Some(scene.zone.to_datetime(instant).date())
}

/// Where a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Open,
    Done,
    Trashed,
}

/// Where a task stands.
pub fn state(task: &Task) -> State {
    if task.deleted_at.is_some() {
        State::Trashed
    } else if task.completed {
        State::Done
    } else {
        State::Open
    }
}

/// Numbers as the rest of the program wants them.
pub fn ids(numbers: &[i64]) -> Vec<TaskId> {
    numbers.iter().copied().map(TaskId).collect()
}
