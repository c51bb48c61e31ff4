//! Moving many tasks at once, each by its own measure: to a day with its time of day kept, by a span of time, to a project.

use crate::{
    actor::Actor,
    service::{Changed, Error, Result, Services, change::Kind},
    store::operations::Numbers,
};
use domain::{
    date::Due,
    id::TaskId,
    task::{ProjectChoice, Task, TaskPatch},
};
use jiff::Span;

/// Where tasks are moved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moves {
    /// To this date. A day leaves a task its time of day; `Some(None)` takes the date away.
    pub due: Option<Option<Due>>,
    /// To this project; `Some(None)` is the inbox.
    pub project: Option<Option<ProjectChoice>>,
    /// The due date by that many days; negative is earlier.
    pub days: i64,
    /// The due date by that many months.
    pub months: i64,
    /// The due date by that many minutes.
    pub minutes: i64,
}

impl Services {
    /// Moves tasks, all or none, as one operation. A task without a date cannot be moved by a span and stays as it is.
    pub async fn move_tasks(&self, actor: &Actor, ids: &[TaskId], moves: Moves) -> Result<Changed<Vec<Task>>> {
        super::check_count(ids.len())?;
        let mut change = self.change(actor, Numbers::default()).await?;
        let mut tasks = Vec::with_capacity(ids.len());
        for id in ids {
            // Read one by one: an earlier one may have taken this one along as its part.
            let before = change.tasks(&[*id]).await?.remove(0);
            let patch = TaskPatch {
                due: moves.due_of(before.task.due.as_ref())?,
                project: moves.project.clone(),
                ..TaskPatch::default()
            };
            let patch = change.resolve(patch).await?;
            let after = change.patched(&before, &patch).await?;
            tasks.push(change.update_task(&before, after).await?.task);
        }
        let summary = format!("Moved {}", super::names(&tasks));
        change.finish(Kind::Update, "task", &summary, tasks).await
    }
}

impl Moves {
    fn due_of(&self, now: Option<&Due>) -> Result<Option<Option<Due>>> {
        if let Some(to) = &self.due {
            return Ok(Some(match (now, to) {
                (Some(now), Some(Due::Day(day))) => Some(now.on(*day)),
                (_, to) => to.clone(),
            }));
        }
        let (Some(now), true) = (now, (self.days, self.months, self.minutes) != (0, 0, 0)) else { return Ok(None) };
        let far = |_| Error::field("shift", "out_of_range", "shift leads to a date outside the calendar");
        let span = Span::new()
            .try_days(self.days)
            .and_then(|s| s.try_months(self.months))
            .and_then(|s| s.try_minutes(self.minutes))
            .map_err(far)?;
        Ok(Some(Some(match now {
            Due::Day(day) => Due::Day(day.checked_add(span).map_err(far)?),
            Due::Floating(at) => Due::Floating(at.checked_add(span).map_err(far)?),
            Due::Zoned { at, zone } => Due::Zoned { at: at.checked_add(span).map_err(far)?, zone: zone.clone() },
        })))
    }
}
