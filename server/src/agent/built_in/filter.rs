//! Sets that are described: "my overdue tasks in Work tagged @home", "everything due this week".
//!
//! A description is read word by word, in any order, until nothing is left; what is left over is for the caller to
//! judge. The same description lists tasks (as arguments of `list_tasks`) and picks them (on the [`Scene`]).

use super::{
    lexicon,
    scene::{Scene, State, state},
    when,
    words::{Word, slice},
};
use domain::{
    priority::Priority,
    task::{Task, View},
};
use jiff::civil::Date;
use serde_json::{Map, Value, json};

/// Days from and to, both included.
pub type Days = (Option<Date>, Option<Date>);

/// A description of a set of tasks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Said outright; otherwise the verb decides.
    pub state: Option<State>,
    /// Every state but the trash.
    pub any_state: bool,
    /// A view of the app.
    pub view: Option<View>,
    /// Due in these days; for completed ones: completed in these days.
    pub days: Option<Days>,
    /// Made in these days.
    pub made: Option<Days>,
    /// Without a date.
    pub undated: bool,
    /// Coming back.
    pub repeating: bool,
    /// With this priority.
    pub priority: Option<Priority>,
    /// With all of these labels.
    pub labels: Vec<String>,
    /// In this project, by its name as typed.
    pub project: Option<String>,
    /// With these words in the title or note.
    pub words: Option<String>,
    /// One was asked for, not several.
    pub one: bool,
}

/// A description with what the words looked like.
#[derive(Debug, Default)]
pub struct Described {
    /// The set.
    pub filter: Filter,
    /// Words that mean nothing here.
    pub left: Vec<String>,
    /// "all", "every", "everything" were said.
    pub all: bool,
    /// "tasks", "ones" … were said.
    pub plural: bool,
    /// "task" was said.
    pub singular: bool,
}

impl Filter {
    /// Whether nothing narrows the set (a state does not count).
    pub fn is_wide(&self) -> bool {
        Self { state: None, any_state: false, one: false, ..self.clone() } == Self::default()
    }

    /// Whether a task is in the set; `usual` is the state when none was said.
    pub fn fits(&self, task: &Task, scene: &Scene, usual: &[State]) -> bool {
        let now = state(task);
        let state_fits = match self.state {
            Some(wanted) => now == wanted,
            None if self.any_state => now != State::Trashed,
            None => usual.contains(&now),
        };
        let today = scene.today();
        let due = scene.due_day(task);
        let urgent = due.into_iter().chain(task.deadline.as_ref().map(|d| d.date_at(&scene.zone))).min();
        let view_fits = match self.view {
            None => true,
            Some(View::Inbox) => task.project.is_none(),
            Some(View::Today) => urgent.is_some_and(|d| d <= today),
            Some(View::Upcoming) => due.is_some_and(|d| d > today),
            Some(View::Overdue) => urgent.is_some_and(|d| d < today),
        };
        let day = if self.state == Some(State::Done) { local_day(task.completed_at.as_deref(), scene) } else { due };
        state_fits
            && view_fits
            && self.days.is_none_or(|days| day.is_some_and(|d| within(d, days)))
            && self.made.is_none_or(|days| local_day(Some(&task.created_at), scene).is_some_and(|d| within(d, days)))
            && (!self.undated || task.due.is_none())
            && (!self.repeating || task.repeat.is_some())
            && self.priority.is_none_or(|p| task.priority == p)
            && self.labels.iter().all(|l| task.labels.iter().any(|have| have.to_lowercase() == l.to_lowercase()))
            && self.project.as_ref().is_none_or(|name| {
                let wanted = scene.project(name).map(|p| p.id);
                wanted.is_some() && task.project.as_ref().map(|p| p.id) == wanted
            })
            && self.words.as_ref().is_none_or(|text| scene.like(text, |t| t.id == task.id).all.contains(&task.id.0))
    }

    /// The arguments of `list_tasks` that list the set.
    pub fn arguments(&self) -> Value {
        let mut out = Map::new();
        let status = match self.state {
            Some(State::Open) => "pending",
            Some(State::Done) => "completed",
            Some(State::Trashed) => "trash",
            None if self.any_state => "all",
            None => "pending",
        };
        out.insert("status".into(), json!(status));
        if let Some(view) = self.view {
            let word = match view {
                View::Inbox => "inbox",
                View::Today => "today",
                View::Upcoming => "upcoming",
                View::Overdue => "overdue",
            };
            out.insert("view".into(), json!(word));
        }
        let mut range = |prefix: &str, days: Option<Days>| {
            if let Some((from, to)) = days {
                for (end, day) in [("from", from), ("to", to)] {
                    if let Some(day) = day {
                        out.insert(format!("{prefix}_{end}"), json!(day.to_string()));
                    }
                }
            }
        };
        range(if self.state == Some(State::Done) { "completed" } else { "due" }, self.days);
        range("created", self.made);
        if self.undated {
            out.insert("no_date".into(), json!(true));
        }
        if self.repeating {
            out.insert("repeating".into(), json!(true));
        }
        if let Some(priority) = self.priority {
            out.insert("priority".into(), json!(priority.as_str()));
        }
        if !self.labels.is_empty() {
            out.insert("labels".into(), json!(self.labels));
        }
        if let Some(project) = &self.project {
            out.insert("project".into(), json!(project));
        }
        if let Some(words) = &self.words {
            out.insert("search".into(), json!(words));
        }
        Value::Object(out)
    }
}

fn within(day: Date, (from, to): Days) -> bool {
    from.is_none_or(|f| day >= f) && to.is_none_or(|t| day <= t)
}

fn local_day(instant: Option<&str>, scene: &Scene) -> Option<Date> {
    let instant: jiff::Timestamp = instant?.parse().ok()?;
    Some(scene.zone.to_datetime(instant).date())
}

/// Most words one piece of a description has.
const PIECE_MAX: usize = 7;
const ABOUT: &[&str] = &[
    "about",
    "containing",
    "mentioning",
    "regarding",
    "concerning",
    "named",
    "called",
    "titled",
    "matching",
    "related to",
    "that mention",
    "that contain",
    "with the word",
    "with the words",
    "which mention",
    "that mentions",
    "that contains",
    "including",
    "with the title",
    "having the word",
    "with text",
    "that include",
    "relating to",
    "to do with",
];
const LABELLED: &[&str] = &[
    "labelled",
    "labeled",
    "tagged",
    "with label",
    "with the label",
    "with labels",
    "with tag",
    "with the tag",
    "with tags",
    "label",
    "tag",
    "labelled with",
    "labeled with",
    "tagged with",
    "labelled as",
    "labeled as",
    "tagged as",
    "with a label",
    "that have the label",
    "that have the tag",
    "having the label",
    "under the label",
    "under label",
    "with the labels",
    "with the tags",
];
const PROJECT_BEFORE: &[&str] = &[
    "in project",
    "in the project",
    "from project",
    "from the project",
    "project",
    "under project",
    "under the project",
    "in my project",
    "for project",
    "for the project",
    "of project",
    "of the project",
];
const IN: &[&str] = &[
    "in",
    "from",
    "under",
    "of",
    "inside",
    "for",
    "within",
    "on",
    "in the",
    "in my",
    "from the",
    "from my",
    "under the",
    "of the",
    "for the",
    "on the",
    "on my",
    "to",
];
const PROJECT_AFTER: &[&str] = &["project", "list", "folder"];
const NOUNS: &[&str] = &[
    "tasks",
    "todos",
    "to-dos",
    "items",
    "reminders",
    "things",
    "ones",
    "stuff",
    "entries",
    "list",
    "todo's",
    "chores",
    "jobs",
    "assignments",
];
const NOUN: &[&str] = &["task", "todo", "to-do", "item", "reminder", "thing", "one", "entry"];
const ALL: &[&str] = &["all", "every", "everything", "each", "anything", "whole", "entire", "any"];

/// Reads a description word by word.
pub fn describe(words: &[Word], text: &str, scene: &Scene) -> Described {
    let mut out = Described::default();
    let mut rest = words;
    if !scene.spend(5 * i64::try_from(words.len()).unwrap_or(i64::MAX)) {
        out.left.push(slice(text, words).to_owned());
        return out;
    }
    while let Some((word, after)) = rest.split_first() {
        if word.is_mark() {
            rest = after;
            continue;
        }
        let took = if word.quoted { 0 } else { piece(rest, text, scene, &mut out) };
        if took > 0 {
            rest = &rest[took..];
            continue;
        }
        let low = word.low.as_str();
        if ALL.contains(&low) {
            out.all = true;
        } else if NOUNS.contains(&low) {
            out.plural = true;
        } else if NOUN.contains(&low) {
            out.singular = true;
        } else if word.quoted || !lexicon::FILLER.contains(&low) {
            out.left.push(slice(text, &rest[..1]).to_owned());
        }
        rest = after;
    }
    out
}

fn piece(rest: &[Word], text: &str, scene: &Scene, out: &mut Described) -> usize {
    let longest = rest.iter().take(PIECE_MAX).take_while(|w| !w.quoted).count();
    let joined =
        |n: usize| rest[..n].iter().filter(|w| !w.is_mark()).map(|w| w.low.as_str()).collect::<Vec<_>>().join(" ");
    let phrase = |list: &[&str]| (1..=longest.min(5)).rev().find(|n| list.contains(&joined(*n).as_str()));
    let filter = &mut out.filter;

    if let Some(n) = phrase(ABOUT)
        && n < rest.len()
        && !slice(text, &rest[n..]).is_empty()
    {
        filter.words = Some(slice(text, &rest[n..]).trim_matches(['"', '“', '”', '\'']).to_owned());
        return rest.len();
    }
    if let Some(n) = phrase(LABELLED)
        && let Some((name, m)) = label_name(&rest[n..], text, scene)
    {
        filter.labels.push(name);
        return n + m;
    }
    if rest[0].low.starts_with('@') && rest[0].low.len() > 1 {
        filter.labels.push(slice(text, &rest[..1]).trim_start_matches('@').to_owned());
        return 1;
    }
    if let Some(name) = rest[0].low.strip_prefix('#')
        && !name.is_empty()
        && name.parse::<i64>().is_err()
    {
        filter.project = Some(slice(text, &rest[..1]).trim_start_matches('#').to_owned());
        return 1;
    }
    if let Some(n) = project(rest, text, scene, filter, &phrase) {
        return n;
    }
    for (list, set) in [
        (lexicon::UNDATED_WORDS, 'u'),
        (lexicon::LATE_WORDS, 'l'),
        (lexicon::TRASH_WORDS, 't'),
        (lexicon::OPEN_WORDS, 'o'),
        (lexicon::DONE_WORDS, 'd'),
    ] {
        let Some(n) = phrase(list) else { continue };
        // "the complete list" is not a list of completed tasks, and "to do" after "have" is no state.
        if joined(n) == "complete" && rest.get(n).is_some_and(|w| w.low == "list") {
            continue;
        }
        match set {
            'u' => filter.undated = true,
            'l' => filter.view = Some(View::Overdue),
            't' => filter.state = Some(State::Trashed),
            'o' => filter.state = Some(State::Open),
            _ => filter.state = Some(State::Done),
        }
        return n;
    }
    if let Some((n, rank)) = (1..=longest.min(3)).rev().find_map(|n| {
        let said = joined(n);
        lexicon::PRIORITIES.iter().find(|(p, _)| *p == said).map(|(_, rank)| (n, *rank))
    }) {
        filter.priority = Priority::from_rank(rank);
        return n + usize::from(rest.get(n).is_some_and(|w| matches!(w.low.as_str(), "priority" | "importance")));
    }
    match joined(1).as_str() {
        "inbox" => {
            filter.view = Some(View::Inbox);
            return 1;
        }
        "upcoming" => {
            filter.view = Some(View::Upcoming);
            return 1;
        }
        "soon" => {
            filter.days = when::range("next 7 days", scene);
            return 1;
        }
        "repeating" | "recurring" | "repeated" | "recurrent" => {
            filter.repeating = true;
            return 1;
        }
        "priority" | "prioritised" | "prioritized" => return 1,
        "both" => {
            out.all = true;
            return 1;
        }
        _ => {}
    }
    for (list, made) in [
        (&["added", "created", "made", "added on", "created on"][..], true),
        (
            &[
                "due",
                "due on",
                "for",
                "on",
                "scheduled",
                "scheduled for",
                "planned for",
                "happening",
                "due by",
                "completed",
                "finished",
            ][..],
            false,
        ),
    ] {
        if let Some(n) = phrase(list)
            && let Some((days, m)) = days(&rest[n..], scene)
        {
            if made {
                filter.made = Some(days);
            } else {
                if matches!(rest[0].low.as_str(), "completed" | "finished") {
                    filter.state = Some(State::Done);
                }
                filter.days = Some(days);
            }
            return n + m;
        }
    }
    if let Some((days, n)) = days(rest, scene) {
        filter.days = Some(days);
        return n;
    }
    0
}

/// The longest run of words at the front that names days.
fn days(rest: &[Word], scene: &Scene) -> Option<(Days, usize)> {
    // A number alone is never a day, and filler cannot begin one.
    let first = rest.first().filter(|w| !w.quoted && !w.is_mark())?;
    if first.low.parse::<i64>().is_ok() && rest.len() == 1 {
        return None;
    }
    (1..=rest.len().min(PIECE_MAX)).rev().find_map(|n| {
        let said = rest[..n].iter().map(|w| w.low.as_str()).collect::<Vec<_>>().join(" ");
        when::range(&said, scene).map(|days| (days, n))
    })
}

fn label_name(rest: &[Word], text: &str, scene: &Scene) -> Option<(String, usize)> {
    let skip = usize::from(rest.first().is_some_and(|w| matches!(w.low.as_str(), "as" | "with" | "the" | ":")));
    let rest = &rest[skip..];
    let clean =
        |n: usize| slice(text, &rest[..n]).trim_matches(['"', '\'', '“', '”']).trim_start_matches('@').to_owned();
    let known = (1..=rest.len().min(4)).rev().find(|n| scene.label(&clean(*n)).is_some());
    let n = known.or_else(|| (!rest.is_empty() && !NOUNS.contains(&rest[0].low.as_str())).then_some(1))?;
    Some((scene.label(&clean(n)).map_or_else(|| clean(n), |l| l.name.clone()), skip + n))
}

fn project(
    rest: &[Word],
    text: &str,
    scene: &Scene,
    filter: &mut Filter,
    phrase: &dyn Fn(&[&str]) -> Option<usize>,
) -> Option<usize> {
    let clean =
        |words: &[Word]| slice(text, words).trim_matches(['"', '\'', '“', '”']).trim_start_matches('#').to_owned();
    let known = |rest: &[Word]| {
        (1..=rest.len().min(5)).rev().find(|n| {
            let name = slice(text, &rest[..*n]);
            !name.is_empty()
                && scene
                    .projects
                    .iter()
                    .any(|p| p.deleted_at.is_none() && p.name.to_lowercase() == clean(&rest[..*n]).to_lowercase())
        })
    };
    let noun_after = |at: usize| rest.get(at).filter(|w| PROJECT_AFTER.contains(&w.low.as_str()));
    if let Some(before) = phrase(PROJECT_BEFORE).filter(|n| *n < rest.len()) {
        let n = known(&rest[before..]).unwrap_or(1);
        filter.project = Some(clean(&rest[before..before + n]));
        return Some(before + n);
    }
    if let Some(before) = phrase(IN).filter(|n| *n < rest.len()) {
        if rest[before].low == "inbox" {
            return None;
        }
        if let Some(n) = known(&rest[before..]) {
            filter.project = Some(clean(&rest[before..before + n]));
            return Some(before + n + usize::from(noun_after(before + n).is_some()));
        }
        // "in the Garden project", which does not exist: said so later, not taken for something else.
        if noun_after(before + 1).is_some_and(|w| w.low != "list")
            && rest[before].low != "my"
            && rest[before].low != "the"
        {
            filter.project = Some(clean(&rest[before..before + 1]));
            return Some(before + 2);
        }
    }
    if let Some(n) = known(rest) {
        let follows = rest.get(n).map(|w| w.low.as_str());
        if follows.is_none()
            || follows.is_some_and(|w| PROJECT_AFTER.contains(&w) || NOUNS.contains(&w) || NOUN.contains(&w))
        {
            filter.project = Some(clean(&rest[..n]));
            return Some(n + usize::from(noun_after(n).is_some_and(|w| w.low != "list")));
        }
    }
    let one = clean(&rest[..1]);
    if let Some(label) = scene.label(&one)
        && rest.get(1).is_some_and(|w| NOUNS.contains(&w.low.as_str()) || NOUN.contains(&w.low.as_str()))
    {
        filter.labels.push(label.name.clone());
        return Some(1);
    }
    None
}
