//! Quick add: from a typed text to tasks, by the grammar of `domain::quick_add`.

use super::{Changed, Error, Result, Services};
use crate::actor::Actor;
use domain::{
    id::{ProjectId, TaskId},
    quick_add::{self, Chip, Context, Draft, Elapsed},
    task::{BULK_MAX, NewTask, ParentChoice, ProjectChoice, ProjectRef, Task},
};
use jiff::{SignedDuration, civil::DateTime, tz::TimeZone};

/// What to read and against which clock.
#[derive(Clone, Debug, Default)]
pub struct QuickAdd {
    /// One or many lines.
    pub text: String,
    /// IANA name; the person's own when absent.
    pub timezone: Option<String>,
    /// BCP 47 tag; the person's own when absent.
    pub locale: Option<String>,
    /// Civil time in the zone; the clock when absent.
    pub now: Option<DateTime>,
    /// The project for lines that name none.
    pub project: Option<ProjectChoice>,
}

/// What a text means.
#[derive(Clone, Debug)]
pub struct Read {
    /// The tasks it asks for.
    pub drafts: Vec<Draft>,
    /// What was understood.
    pub chips: Vec<Chip>,
}

/// The person's zone, for `in 3 hours`.
#[derive(Debug)]
struct Zone(TimeZone);

impl Elapsed for Zone {
    fn after(&self, now: DateTime, seconds: i64) -> DateTime {
        let there = self.0.to_ambiguous_zoned(now).compatible();
        let later = there.and_then(|z| z.timestamp().checked_add(SignedDuration::from_secs(seconds)));
        later.map_or_else(|_| now.saturating_add(SignedDuration::from_secs(seconds)), |t| self.0.to_datetime(t))
    }

    fn now_in(&self, now: DateTime, zone: &str) -> Option<DateTime> {
        let there = self.0.to_ambiguous_zoned(now).compatible().ok()?;
        Some(TimeZone::get(zone).ok()?.to_datetime(there.timestamp()))
    }
}

fn is_zone(name: &str) -> bool {
    TimeZone::get(name).is_ok()
}

impl Services {
    /// Says what a text means and stores nothing.
    pub fn read_quick_add(&self, actor: &Actor, add: &QuickAdd) -> Result<Read> {
        let zone = match &add.timezone {
            None => actor.zone.clone(),
            Some(name) => TimeZone::get(name).map_err(|_| {
                Error::field(
                    "timezone",
                    "unknown",
                    format!("timezone {name:?} does not exist: use an IANA name such as Europe/Paris"),
                )
            })?,
        };
        let now = add.now.unwrap_or_else(|| self.clock.civil(&zone));
        let elapsed = Zone(zone);
        let context = Context {
            now,
            locale: add.locale.as_deref().unwrap_or(&actor.settings.locale),
            week_starts_sunday: actor.settings.week_start == "sunday",
            is_zone,
            elapsed: Some(&elapsed),
        };
        let parsed = quick_add::parse(&add.text, &context).map_err(|bad| {
            let field = if bad.line == 0 { "text".to_owned() } else { format!("text line {}", bad.line) };
            let message = format!("{field} {}", bad.message);
            Error::field("text", bad.code, message)
        })?;
        if parsed.drafts.is_empty() {
            return Err(Error::field("text", "empty", "text must hold at least one task"));
        }
        if parsed.drafts.len() > BULK_MAX {
            return Err(Error::field("text", "too_many", format!("text may hold at most {BULK_MAX} tasks")));
        }
        Ok(Read { drafts: parsed.drafts, chips: parsed.chips })
    }

    /// Makes the tasks a text asks for, as one operation.
    pub async fn quick_add(&self, actor: &Actor, add: QuickAdd) -> Result<(Changed<Vec<Task>>, Vec<Chip>)> {
        let read = self.read_quick_add(actor, &add)?;
        let new = read.drafts.into_iter().map(|draft| new_task(draft, add.project.as_ref())).collect();
        let made = self.create_tasks(actor, new).await?;
        Ok((made, read.chips))
    }

    /// The tasks a text asks for, as the wire shows them before anything is stored: their numbers are 0.
    pub fn preview(&self, actor: &Actor, read: &Read) -> Vec<Task> {
        read.drafts.iter().map(|draft| preview(actor, draft)).collect()
    }
}

/// The new task a draft asks for.
pub fn new_task(draft: Draft, project: Option<&ProjectChoice>) -> NewTask {
    // A part goes where its parent goes.
    let preset = if draft.parent.is_some() { None } else { project.cloned() };
    NewTask {
        title: draft.title,
        description: draft.description,
        completed: draft.completed,
        start: draft.start,
        due: draft.due,
        deadline: draft.deadline,
        repeat: draft.repeat,
        priority: draft.priority.unwrap_or_default(),
        labels: draft.labels,
        project: draft.project.map(ProjectChoice::Named).or(preset),
        parent: draft.parent.map(ParentChoice::Earlier),
    }
}

fn preview(actor: &Actor, draft: &Draft) -> Task {
    let project = draft.project.as_ref().map(|name| ProjectRef { id: ProjectId(0), name: name.to_string() });
    draft.preview(TaskId(0), actor.user.clone(), project)
}
