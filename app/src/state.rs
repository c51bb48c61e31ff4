//! What the signed-in page knows: the frame, every task seen so far by number, and what is going on around them.
//!
//! Tasks are kept once and lists are computed ([`Place::holds`]), so a change made here, in another tab or by the
//! assistant moves a task everywhere at once. One `State` lives as long as the document; it is `Copy` and found with
//! [`State::here`].

pub mod bulk;
pub mod chat;
pub mod live;
pub mod stream;
pub mod toasts;
pub mod writes;

use crate::prelude::*;
use crate::{
    api::{self, TaskPage},
    boot::Boot,
    place::Place,
};
use domain::{
    id::{ConversationId, Seq, TaskId},
    overview::Overview,
    problem::Problem,
    task::Task,
};
use leptos::task::spawn_local;
use std::collections::{BTreeMap, BTreeSet};

/// How far a place's list has come.
#[derive(Clone, Debug, PartialEq)]
pub enum Load {
    /// Asked for.
    Loading,
    /// There, perhaps with more behind it; a search also says what it found, in order.
    Ready {
        /// The address of the next page.
        next: Option<String>,
        /// The numbers a search found.
        found: Vec<i64>,
    },
    /// Refused or unreachable.
    Failed(Problem),
}

/// A dialog over the page. At most one is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dialog {
    /// When these tasks are due.
    Date(Vec<TaskId>),
    /// How much they matter.
    Priority(Vec<TaskId>),
    /// What is stuck on them.
    Labels(Vec<TaskId>),
    /// Which project they are in.
    Move(Vec<TaskId>),
    /// Go anywhere, do anything.
    Palette,
    /// What can be done with a conversation.
    Conversation(ConversationId),
    /// Whether it may really be deleted.
    ForgetConversation(ConversationId),
    /// The sheet of keys.
    Keys,
    /// A new project, or the one with that number.
    Project(Option<i64>),
    /// The label with that number.
    Label(i64),
}

/// See the module.
#[derive(Clone, Copy)]
pub struct State {
    /// The frame: who, which projects and labels, counts, today.
    pub overview: RwSignal<Overview>,
    /// Every task seen so far, by number. Numbers below zero are rows the server has not confirmed.
    pub tasks: RwSignal<BTreeMap<i64, Task>>,
    /// How far each place's list has come.
    pub loads: RwSignal<BTreeMap<Place, Load>>,
    /// Done and subtasks in all, of every task seen as a parent.
    pub parts: Memo<BTreeMap<i64, (u32, u32)>>,
    /// Tasks that stay in their list for a moment after they were completed.
    pub lingering: RwSignal<BTreeSet<i64>>,
    /// Tasks picked for a bulk act.
    pub selected: RwSignal<BTreeSet<i64>>,
    /// The row the keys act on.
    pub cursor: RwSignal<Option<i64>>,
    /// The open dialog.
    pub dialog: RwSignal<Option<Dialog>>,
    /// Messages at the bottom of the page.
    pub toasts: RwSignal<Vec<toasts::Toast>>,
    /// What a screen reader is told besides.
    pub spoken: RwSignal<String>,
    /// Whether the server can be reached, as far as we know.
    pub offline: RwSignal<bool>,
    /// Why single tasks could not be shown.
    pub troubles: RwSignal<BTreeMap<i64, Problem>>,
    /// The assistant.
    pub chat: chat::Chat,
    /// The task the server drew the page with, until somebody has looked at it.
    fresh: StoredValue<Option<i64>>,
    /// How many unanswered writes each task has.
    pending: StoredValue<BTreeMap<i64, u32>>,
    /// What came in about tasks that have unanswered writes.
    held: StoredValue<Vec<Task>>,
    /// The newest operation that is in `tasks`.
    seq: StoredValue<Seq>,
    /// Draws numbers for unconfirmed rows and toasts.
    counter: StoredValue<i64>,
    /// The browser's clock when `overview` came in, in milliseconds.
    clock: StoredValue<f64>,
    /// Counts requests to refresh the frame, so that only the last of a burst is made.
    refreshes: StoredValue<u64>,
}

impl State {
    /// Made from what the server drew the page with; `here` and `open` are the place and the task that were drawn.
    pub fn new(overview: Overview, boot: Boot, here: Option<Place>, open: Option<i64>) -> Self {
        let tasks = RwSignal::new(BTreeMap::<i64, Task>::new());
        let state = Self {
            seq: StoredValue::new(overview.seq),
            overview: RwSignal::new(overview),
            tasks,
            loads: RwSignal::default(),
            parts: Memo::new(move |_| tasks.with(count_parts)),
            lingering: RwSignal::default(),
            selected: RwSignal::default(),
            cursor: RwSignal::new(None),
            dialog: RwSignal::new(None),
            toasts: RwSignal::default(),
            spoken: RwSignal::default(),
            offline: RwSignal::new(false),
            troubles: RwSignal::default(),
            fresh: StoredValue::new(None),
            chat: chat::Chat::new(boot.conversations, boot.thread),
            pending: StoredValue::default(),
            held: StoredValue::default(),
            counter: StoredValue::new(0),
            clock: StoredValue::new(0.0),
            refreshes: StoredValue::new(0),
        };
        if let (Some(place), Some(list)) = (here, boot.list) {
            state.take_page(place, list, false);
        }
        match (boot.task, open) {
            (Some(Ok(tasks)), open) => {
                state.merge(tasks);
                state.fresh.set_value(open);
            }
            (Some(Err(problem)), Some(open)) => {
                state.troubles.update(|t| {
                    t.insert(open, problem);
                });
            }
            _ => {}
        }
        provide_context(state);
        state
    }

    /// The state of the page. Only signed-in pages have one, and only they ask.
    pub fn here() -> Self {
        expect_context()
    }

    /// Whether the server has just drawn that task, so that it need not be asked for. True once.
    pub fn take_fresh(self, id: i64) -> bool {
        let fresh = self.fresh.get_value() == Some(id);
        self.fresh.set_value(None);
        fresh
    }

    /// A task as it is now.
    pub fn task(self, id: TaskId) -> Option<Task> {
        self.tasks.with_untracked(|t| t.get(&id.0).cloned())
    }

    /// The numbers of a place's tasks in its order; tracks what they depend on.
    pub fn ids(self, place: &Place) -> Vec<i64> {
        if let Place::Search(_) = place {
            return match self.loads.with(|l| l.get(place).cloned()) {
                Some(Load::Ready { found, .. }) => self.tasks.with(|tasks| {
                    found.into_iter().filter(|id| tasks.get(id).is_some_and(|t| t.deleted_at.is_none())).collect()
                }),
                _ => Vec::new(),
            };
        }
        let (lingering, overview) = (self.lingering.read(), self.overview.read());
        self.tasks.with(|tasks| {
            let stays = |t: &Task| {
                if lingering.contains(&t.id.0) {
                    let mut open = t.clone();
                    open.completed = false;
                    return place.holds(&open, &overview);
                }
                place.holds(t, &overview)
            };
            let folded = |t: &Task| {
                place.folds_subtasks()
                    && t.parent_id.and_then(|p| tasks.get(&p.0)).is_some_and(|p| place.holds(p, &overview))
            };
            let mut rows: Vec<&Task> = tasks.values().filter(|t| stays(t) && !folded(t)).collect();
            place.sort(&mut rows);
            rows.into_iter().map(|t| t.id.0).collect()
        })
    }

    /// The numbers of a task's parts in their order.
    pub fn part_ids(self, parent: TaskId) -> Vec<i64> {
        self.tasks.with(|tasks| {
            let mut rows: Vec<&Task> =
                tasks.values().filter(|t| t.parent_id == Some(parent) && t.deleted_at.is_none()).collect();
            Place::Inbox.sort(&mut rows);
            rows.into_iter().map(|t| t.id.0).collect()
        })
    }

    /// Makes sure that a place's list is there or on its way. Runs in the browser only.
    pub fn ensure(self, place: Place) {
        let known = self.loads.with_untracked(|l| matches!(l.get(&place), Some(Load::Loading | Load::Ready { .. })));
        if !known {
            self.load(place);
        }
    }

    /// Asks for a place's list, again if need be.
    pub fn load(self, place: Place) {
        let Some(query) = self.overview.with_untracked(|o| place.query(o)) else {
            return;
        };
        self.loads.update(|l| {
            l.insert(place.clone(), Load::Loading);
        });
        spawn_local(async move {
            let page = api::list_tasks(&query).await;
            self.take_page(place, page, false);
        });
    }

    /// Asks for the next page of a place's list.
    pub fn load_more(self, place: Place) {
        let next = self.loads.with_untracked(|l| match l.get(&place) {
            Some(Load::Ready { next, .. }) => next.clone(),
            _ => None,
        });
        if let Some(next) = next {
            spawn_local(async move {
                match api::list_tasks(&next).await {
                    Err(problem) => self.fail("More tasks could not be loaded", &problem),
                    page => self.take_page(place, page, true),
                }
            });
        }
    }

    fn take_page(self, place: Place, page: Result<TaskPage, Problem>, more: bool) {
        let load = match page {
            Ok(page) => {
                let mut found = match self.loads.with_untracked(|l| l.get(&place).cloned()) {
                    Some(Load::Ready { found, .. }) if more => found,
                    _ => Vec::new(),
                };
                found.extend(page.tasks.iter().map(|t| t.id.0));
                self.merge(page.tasks);
                Load::Ready { next: page.next, found }
            }
            Err(problem) => {
                self.notice_network(&problem);
                Load::Failed(problem)
            }
        };
        self.loads.update(|l| {
            l.insert(place, load);
        });
    }

    /// Takes in tasks as the server has them. Ours win while they have unanswered writes; older versions never win.
    pub fn merge(self, rows: Vec<Task>) {
        if rows.is_empty() {
            return;
        }
        let (wait, now): (Vec<_>, Vec<_>) =
            self.pending.with_value(|p| rows.into_iter().partition(|t| p.contains_key(&t.id.0)));
        self.held.update_value(|h| h.extend(wait));
        if now.is_empty() {
            return;
        }
        self.tasks.update(|tasks| {
            for task in now {
                let newer = tasks.get(&task.id.0).is_none_or(|old| old.version <= task.version);
                if newer {
                    tasks.insert(task.id.0, task);
                }
            }
        });
    }

    /// Forgets tasks that are gone for good.
    pub fn forget(self, ids: &[i64]) {
        self.tasks.update(|tasks| tasks.retain(|id, _| !ids.contains(id)));
    }

    /// A number nobody else has.
    fn draw(self) -> i64 {
        self.counter.update_value(|n| *n += 1);
        self.counter.get_value()
    }

    /// Fetches the frame again shortly; a burst of calls makes one request.
    pub fn refresh_soon(self) {
        self.refreshes.update_value(|n| *n += 1);
        let turn = self.refreshes.get_value();
        crate::browser::after(200, move || {
            if self.refreshes.try_get_value() == Some(turn) {
                spawn_local(async move {
                    match api::overview().await {
                        Ok(fresh) => self.take_overview(fresh),
                        Err(problem) => self.notice_network(&problem),
                    }
                });
            }
        });
    }

    /// Takes in a fresh frame.
    pub fn take_overview(self, fresh: Overview) {
        self.clock.set_value(crate::browser::ticks());
        self.overview.set(fresh);
        self.offline.set(false);
    }

    /// The wall-clock time where the person is, by the frame's clock and what has passed since. Browser only.
    pub fn now(self) -> jiff::civil::DateTime {
        let start = self.overview.with_untracked(|o| o.now);
        let began = self.clock.get_value();
        if began == 0.0 {
            return start;
        }
        let passed = (crate::browser::ticks() - began).max(0.0) / 1000.0;
        // A page is not open for more seconds than an i32 holds, and a float is cut off at the ends.
        #[expect(clippy::cast_possible_truncation, reason = "saturating is right here")]
        let seconds = i64::from(passed as i32);
        start.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(start)
    }

    /// Starts the clock; called once when the browser has taken over.
    pub fn start_clock(self) {
        self.clock.set_value(crate::browser::ticks());
    }
}

fn count_parts(tasks: &BTreeMap<i64, Task>) -> BTreeMap<i64, (u32, u32)> {
    let mut parts = BTreeMap::<i64, (u32, u32)>::new();
    for task in tasks.values().filter(|t| t.deleted_at.is_none()) {
        if let Some(parent) = task.parent_id {
            let (done, all) = parts.entry(parent.0).or_default();
            *done += u32::from(task.completed);
            *all += 1;
        }
    }
    parts
}
