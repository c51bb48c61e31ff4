//! Tasks with their labels, repetitions and reminders.

use super::{Fields, Import, Person, Result, people::clipped, repeat};
use crate::{
    clock::rfc3339,
    service::{Error, change::Kind},
    store::{
        imports::Reminder,
        operations::{LoggedRow, Numbers},
        projects::StoredLabel,
        tasks::StoredTask,
    },
};
use domain::{
    date::Due,
    id::{LabelId, Seq, TaskId, UserId},
    label::Label,
    order,
    priority::Priority,
    task::{BULK_MAX, LABELS_MAX, Task},
    text::{DESCRIPTION_MAX, NAME_MAX, Name, TITLE_MAX},
};
use jiff::civil::Time;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

const REMIND: &[&str] = &["reminderat", "remindat", "remindertime", "remindertimeat", "scheduledat", "triggertime"];
const DUE: &[&str] = &["duedate", "due", "dueat", "duedatetime", "deadline", "targetdate"];

/// What belongs to tasks and stands in other tables, by the tasks' old ids.
#[derive(Default)]
struct Beside {
    labels: HashMap<String, Vec<Wanted>>,
    rules: HashMap<String, Fields>,
    /// Templates of series, and the open occurrence that carries the rule from now on.
    templates: HashMap<String, String>,
}

/// A label as the old app has it.
#[derive(Clone)]
struct Wanted {
    name: String,
    colour: Option<String>,
}

impl Wanted {
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::String(name) => Some(Self { name: name.clone(), colour: None }),
            Value::Object(object) => {
                let text = |key: &str| object.get(key).and_then(Value::as_str).map(str::to_owned);
                Some(Self { name: text("name")?, colour: text("color").or(text("colour")) })
            }
            _ => None,
        }
    }
}

impl Import<'_> {
    /// Copies every task, at most [`BULK_MAX`] to an operation, so that each can be undone.
    pub(super) async fn tasks(&mut self, people: &HashMap<String, Person>, say: &dyn Fn(&str)) -> Result<()> {
        let beside = self.beside();
        let mut of: HashMap<UserId, (&Person, Vec<Fields>)> = HashMap::new();
        for row in self.rows("tasks") {
            if self.knows("task", &row.id()).is_some() {
                self.report.there("tasks");
            } else if let Some(person) = self.person(people, "tasks", &row) {
                of.entry(person.actor.user.clone()).or_insert_with(|| (person, vec![])).1.push(row);
            }
        }
        let total: usize = of.values().map(|(_, rows)| rows.len()).sum();
        let mut done = 0;
        for (person, mut rows) in of.into_values() {
            rows.sort_by_key(|row| (self.moment(row, &["createdat"]), row.number(&["id"]), row.id()));
            for rows in rows.chunks(BULK_MAX) {
                self.some_tasks(person, rows, &beside).await?;
                done += rows.len();
                say(&format!("{done} of {total} tasks"));
            }
        }
        self.reminders().await
    }

    fn beside(&mut self) -> Beside {
        let mut beside = Beside::default();
        let tags: HashMap<String, Wanted> = self
            .rows("tags")
            .iter()
            .filter_map(|tag| {
                let wanted = Wanted { name: tag.text(&["name", "title"])?, colour: tag.text(&["color", "colour"]) };
                Some((tag.id(), wanted))
            })
            .collect();
        for link in self.rows("task_tags") {
            match (link.text(&["taskid", "todoid"]), link.text(&["tagid"]).and_then(|id| tags.get(&id).cloned())) {
                (Some(task), Some(tag)) => beside.labels.entry(task).or_default().push(tag),
                (task, _) => self.report.left("task_tags", &task.unwrap_or_default(), "its tag is not there"),
            }
        }
        let tasks = self.rows("tasks");
        for rule in self.rows("rules") {
            let by_task =
                tasks.iter().find(|t| t.text(&["recurrenceruleid", "ruleid"]).is_some_and(|id| id == rule.id()));
            match rule.text(&["taskid", "todoid"]).or_else(|| by_task.map(Fields::id)) {
                Some(task) => {
                    beside.rules.insert(task, rule);
                }
                None => self.report.left("recurrence_rules", &rule.id(), "no task has it"),
            }
        }
        for template in tasks.iter().filter(|task| task.flag(&["ispattern", "istemplate"]) == Some(true)) {
            let id = template.id();
            let occurrences = tasks.iter().filter(|task| {
                task.text(&["parenttaskid", "parentid"]).as_ref() == Some(&id) && !is_done(task) && task.id() != id
            });
            if let Some(next) = occurrences.min_by_key(|task| (task.text(DUE), task.text(&["createdat"]))) {
                beside.rules.insert(next.id(), template.clone());
                beside.templates.insert(id, next.id());
            }
        }
        beside
    }

    async fn some_tasks(&mut self, person: &Person, rows: &[Fields], beside: &Beside) -> Result<()> {
        let actor = &person.actor;
        let user = &actor.user;
        let (templates, rows): (Vec<&Fields>, Vec<&Fields>) =
            rows.iter().partition(|row| beside.templates.contains_key(&row.id()));
        for template in templates {
            let (id, next) = (template.id(), beside.templates.get(&template.id()).cloned().unwrap_or_default());
            self.report.left("tasks", &id, "it is the template of a series, whose next occurrence has the rule now");
            self.remember("task", &id, user, &format!("see {next}")).await?;
        }
        if rows.is_empty() {
            return Ok(());
        }
        let count = rows.len() as i64;
        let taken = self.conn.take_numbers(user, Numbers { tasks: count, ..Numbers::default() }).await?;
        let mut last = self.conn.last_position(user).await?;
        let mut logged = Vec::with_capacity(rows.len());
        for (number, row) in (taken.task - count + 1..).zip(rows) {
            let labels = self.labels(user, row, beside.labels.get(&row.id()), &mut logged).await?;
            let mut stored = self.task(user, row, beside.rules.get(&row.id()), taken.seq);
            let position = order::between(last.as_deref(), None);
            stored.task.id = TaskId(number);
            stored.task.labels = labels;
            stored.task.position.clone_from(&position);
            last = Some(position);
            self.conn.insert_task(&stored, &actor.zone).await?;
            self.remember("task", &row.id(), user, &number.to_string()).await?;
            self.report.copied("tasks");
            if row.get(REMIND).is_some() {
                self.reminder("tasks", row, user, stored.task.id).await?;
            }
            logged.push(row_of("task", number, &stored)?);
        }
        let before: Vec<LoggedRow> = logged.iter().map(|row| LoggedRow { row: None, ..row.clone() }).collect();
        let summary = format!("Imported {count} {}", if count == 1 { "task" } else { "tasks" });
        let (before, after) = (json(&before)?, json(&logged)?);
        self.conn.log(actor, taken.seq, self.now, Kind::Create.as_str(), "task", &summary, &before, &after).await?;
        self.services.live.announce(&mut self.conn, user, Seq(taken.seq)).await?;
        self.grown.push((user.clone(), Seq(taken.seq)));
        Ok(())
    }

    /// The task that a row is, but for its number, place and labels.
    fn task(&mut self, user: &UserId, row: &Fields, rule: Option<&Fields>, seq: i64) -> StoredTask {
        let id = row.id();
        let (title, description) = self.texts(row, &id);
        let completed = is_done(row);
        let (created, updated) = (self.moment(row, &["createdat"]), self.moment(row, &["updatedat", "createdat"]));
        let due = self.due(row, &id);
        let mut repeat = None;
        // A finished task of the older apps has its next occurrence as a task of its own.
        if !completed {
            let read = repeat::read(row, rule, &self.zone);
            read.left.iter().for_each(|why| self.report.left("tasks", &id, why.as_str()));
            repeat = read.repeat;
        }
        let today = self.zone.to_datetime(self.services.clock.now()).date();
        let first =
            |r: &domain::repeat::Repeat| r.rule.next_after(today, today.yesterday().unwrap_or(today), &r.except);
        let due = due.or_else(|| repeat.as_ref().and_then(first).map(Due::Day));
        let deleted = row.flag(&["isdeleted", "deleted"]).unwrap_or(false) || row.get(&["deletedat"]).is_some();
        let priority = row.text(&["priority"]).filter(|p| !p.trim().is_empty()).map_or(Priority::None, |word| {
            word.parse().unwrap_or_else(|_| {
                self.report.left("tasks", &id, "its priority is none of ours: it has none now");
                Priority::None
            })
        });
        StoredTask {
            repeat_start: repeat.as_ref().map(|_| due.as_ref().map_or(today, Due::date)),
            deleted_seq: deleted.then_some(seq),
            task: Task {
                id: TaskId(0),
                user_id: user.clone(),
                title,
                description,
                completed,
                completed_at: completed
                    .then(|| rfc3339(self.moment(row, &["completedat", "completiondate", "updatedat"]))),
                start: None,
                due,
                deadline: None,
                repeat,
                priority,
                labels: vec![],
                project: None,
                parent_id: None,
                position: String::new(),
                created_at: rfc3339(created),
                updated_at: rfc3339(updated),
                deleted_at: deleted.then(|| rfc3339(self.moment(row, &["deletedat"]))),
                version: 1,
            },
        }
    }

    /// Title and notes. What is too long for a title goes on in the notes.
    fn texts(&mut self, row: &Fields, id: &str) -> (String, Option<String>) {
        let raw = row.text(&["title", "name", "task", "content"]).unwrap_or_default();
        let mut notes =
            row.text(&["description", "notes", "note", "details"]).unwrap_or_default().replace("\r\n", "\n");
        let mut title = clipped(&raw, TITLE_MAX);
        if raw.trim().chars().count() > TITLE_MAX {
            self.report.left("tasks", id, "the title is longer than 500 characters: the whole of it begins the notes");
            notes = format!("{}\n\n{notes}", raw.trim());
        }
        if title.is_empty() {
            self.report.left("tasks", id, "it has no title");
            title = "(no title)".into();
        }
        let shown: String = notes.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
        if shown.chars().count() > DESCRIPTION_MAX {
            self.report.left("tasks", id, "the notes are longer than 20000 characters: the rest is missing");
        }
        let shown: String = shown.chars().take(DESCRIPTION_MAX).collect();
        let shown = shown.trim();
        (title, (!shown.is_empty()).then(|| shown.to_owned()))
    }

    fn due(&mut self, row: &Fields, id: &str) -> Option<Due> {
        let due = row.due(DUE, &self.zone, &self.zone_name);
        if due.is_none() && row.get(DUE).is_some_and(|value| value.as_str() != Some("")) {
            self.report.left("tasks", id, "its date cannot be read");
        }
        // Some keep the time of day beside the day.
        match (due, row.text(&["duetime"]).and_then(|time| time.parse::<Time>().ok())) {
            (Some(Due::Day(day)), Some(time)) => {
                Some(Due::Zoned { at: day.to_datetime(time), zone: self.zone_name.clone() })
            }
            (due, _) => due,
        }
    }

    /// The labels of a task, made when missing, as they are spelled here.
    async fn labels(
        &mut self,
        user: &UserId,
        row: &Fields,
        linked: Option<&Vec<Wanted>>,
        logged: &mut Vec<LoggedRow>,
    ) -> Result<Vec<String>> {
        let mut wanted: Vec<Wanted> = row.list(&["tags", "labels"]).iter().filter_map(Wanted::of).collect();
        wanted.extend(linked.into_iter().flatten().cloned());
        wanted.extend(row.text(&["category"]).map(|name| Wanted { name, colour: None }));
        let mut spelled: Vec<String> = Vec::new();
        let mut seen = HashSet::new();
        for label in wanted {
            let Ok(name) = Name::parse(&clipped(&label.name, NAME_MAX)) else { continue };
            if label.name.trim().chars().count() > NAME_MAX {
                self.report.left("tasks", &row.id(), "a tag is longer than 100 characters: it was cut");
            }
            if !seen.insert(name.key()) {
                continue;
            }
            if spelled.len() == LABELS_MAX {
                self.report.left("tasks", &row.id(), "it has more than 50 tags: the others are missing");
                break;
            }
            spelled.push(self.label(user, &name, label.colour.as_deref(), logged).await?);
        }
        spelled.sort_by_key(|label| label.to_lowercase());
        Ok(spelled)
    }

    async fn label(
        &mut self,
        user: &UserId,
        name: &Name,
        colour: Option<&str>,
        logged: &mut Vec<LoggedRow>,
    ) -> Result<String> {
        if let Some(found) = self.conn.label_named(user, &name.key()).await? {
            return Ok(found.label.name);
        }
        let taken = self.conn.take_more(user, Numbers { labels: 1, ..Numbers::default() }).await?;
        let now = rfc3339(self.now);
        let stored = StoredLabel {
            label: Label {
                id: LabelId(taken.label),
                name: name.to_string(),
                colour: colour.map_or("grey", nearest).to_owned(),
                created_at: now.clone(),
                updated_at: now,
                version: 1,
            },
            deleted_at: None,
        };
        self.conn.put_label(user, &stored, true).await?;
        self.report.copied("labels");
        logged.push(row_of("label", taken.label, &stored)?);
        Ok(stored.label.name)
    }

    async fn reminders(&mut self) -> Result<()> {
        for row in self.rows("reminders") {
            let id = row.id();
            if self.knows("reminder", &id).is_some() {
                self.report.there("reminders");
                continue;
            }
            let task = row.text(&["taskid", "todoid"]).and_then(|task| self.knows("task", &task).cloned());
            let Some((user, task)) = task.and_then(|(user, id)| Some((user, TaskId(id.parse().ok()?)))) else {
                self.report.left("reminders", &id, "its task was not copied");
                continue;
            };
            if self.conn.tasks_by_id(&user, &[task]).await?.is_empty() {
                self.report.left("reminders", &id, "its task is gone here");
                continue;
            }
            if self.reminder("reminders", &row, &user, task).await? {
                self.remember("reminder", &id, &user, &id).await?;
            }
        }
        Ok(())
    }

    async fn reminder(&mut self, table: &'static str, row: &Fields, user: &UserId, task: TaskId) -> Result<bool> {
        let Some(at) = row.instant(REMIND, &self.zone) else {
            self.report.left(table, &row.id(), "when to remind cannot be read");
            return Ok(false);
        };
        let over = row.flag(&["remindersent", "issent", "sent"]) == Some(true)
            || row.text(&["status"]).is_some_and(|s| ["sent", "cancelled", "failed", "dismissed"].contains(&&*s.to_lowercase()))
            // Nobody wants to be reminded now of what was to be done then.
            || at.as_microsecond() <= self.now;
        let civil = Due::Zoned { at: self.zone.to_datetime(at), zone: self.zone_name.clone() }.civil();
        let fire_at = at.as_microsecond();
        let zone = self.zone_name.clone();
        let reminder = Reminder { task, civil, zone, fire_at, sent_at: over.then_some(fire_at) };
        self.conn.insert_reminder(user, &reminder).await?;
        self.report.copied("reminders");
        Ok(true)
    }
}

fn is_done(row: &Fields) -> bool {
    row.flag(&["completed", "iscompleted", "done", "isdone", "complete"]).unwrap_or_else(|| {
        row.text(&["status"]).is_some_and(|s| ["completed", "complete", "done"].contains(&&*s.to_lowercase()))
    })
}

fn row_of<T: serde::Serialize>(target: &str, id: i64, row: &T) -> Result<LoggedRow> {
    let row = serde_json::to_value(row).map_err(|e| Error::Internal(format!("a {target} as JSON: {e}")))?;
    Ok(LoggedRow { target: target.into(), id, row: Some(row) })
}

fn json(rows: &[LoggedRow]) -> Result<String> {
    serde_json::to_string(rows).map_err(|e| Error::Internal(format!("an operation as JSON: {e}")))
}

/// The colour of ours that is nearest to a word or to `#rrggbb`.
fn nearest(colour: &str) -> &'static str {
    const OURS: [(&str, [i64; 3]); 10] = [
        ("grey", [128, 128, 128]),
        ("red", [220, 40, 40]),
        ("orange", [245, 130, 30]),
        ("yellow", [235, 200, 30]),
        ("green", [40, 160, 70]),
        ("teal", [20, 160, 160]),
        ("blue", [50, 110, 235]),
        ("indigo", [90, 80, 220]),
        ("purple", [150, 70, 210]),
        ("pink", [235, 80, 155]),
    ];
    let colour = colour.trim().to_lowercase();
    if let Some((name, _)) = OURS.iter().find(|(name, _)| *name == colour) {
        return name;
    }
    let bytes = hex::decode(colour.trim_start_matches('#')).ok().and_then(|bytes| <[u8; 3]>::try_from(bytes).ok());
    let Some([r, g, b]) = bytes else { return "grey" };
    let far = |ours: &[i64; 3]| ours.iter().zip([r, g, b]).map(|(a, b)| (a - i64::from(b)).pow(2)).sum::<i64>();
    OURS.iter().min_by_key(|(_, ours)| far(ours)).map_or("grey", |(name, _)| name)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_colour_becomes_the_nearest_of_ours() {
        for (theirs, ours) in [
            ("#EF4444", "red"),
            ("#10b981", "teal"),
            ("#3B82F6", "blue"),
            ("#808080", "grey"),
            ("green", "green"),
            ("salmon?", "grey"),
            ("", "grey"),
        ] {
            assert_eq!(super::nearest(theirs), ours, "{theirs}");
        }
    }
}
