//! The places that are lists of tasks: their addresses, what they ask the API for, and which task belongs where.
//!
//! Membership is decided here as well as on the server, so that a task that was changed, here or elsewhere, leaves and
//! enters lists at once. The server's answer stays the truth; this only has to agree with it for loaded tasks.

use domain::{overview::Overview, task::Task};
use jiff::civil::Date;

/// A list of tasks somebody can go to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Due today or earlier.
    Today,
    /// Due later, by day.
    Upcoming,
    /// Without a project.
    Inbox,
    /// One project.
    Project(i64),
    /// One label.
    Label(i64),
    /// Done, by day.
    Completed,
    /// Deleted, to be restored.
    Trash,
    /// What a search finds.
    Search(String),
}

impl Place {
    /// Reads an address, without the query but for the search's text.
    pub fn of(path: &str, q: Option<&str>) -> Option<Self> {
        let mut parts = path.trim_matches('/').split('/');
        let place = match (parts.next()?, parts.next()) {
            ("today", None) => Self::Today,
            ("upcoming", None) => Self::Upcoming,
            ("inbox", None) => Self::Inbox,
            ("completed", None) => Self::Completed,
            ("trash", None) => Self::Trash,
            ("search", None) => Self::Search(q.unwrap_or_default().trim().to_owned()),
            ("project", Some(id)) => Self::Project(id.parse().ok()?),
            ("label", Some(id)) => Self::Label(id.parse().ok()?),
            _ => return None,
        };
        parts.next().is_none().then_some(place)
    }

    /// Its address.
    pub fn path(&self) -> String {
        match self {
            Self::Today => "/today".into(),
            Self::Upcoming => "/upcoming".into(),
            Self::Inbox => "/inbox".into(),
            Self::Project(id) => format!("/project/{id}"),
            Self::Label(id) => format!("/label/{id}"),
            Self::Completed => "/completed".into(),
            Self::Trash => "/trash".into(),
            Self::Search(q) => format!("/search?q={}", crate::api::encode(q)),
        }
    }

    /// Its name; `None` for a project or a label that does not exist.
    pub fn name(&self, overview: &Overview) -> Option<String> {
        Some(match self {
            Self::Today => "Today".into(),
            Self::Upcoming => "Upcoming".into(),
            Self::Inbox => "Inbox".into(),
            Self::Completed => "Completed".into(),
            Self::Trash => "Trash".into(),
            Self::Search(q) if q.is_empty() => "Search".into(),
            Self::Search(q) => format!("“{q}”"),
            Self::Project(id) => project(overview, *id)?.name.clone(),
            Self::Label(id) => label(overview, *id)?.name.clone(),
        })
    }

    /// What to ask the API for; `None` when nothing needs to be asked.
    pub fn query(&self, overview: &Overview) -> Option<String> {
        Some(match self {
            Self::Today => "view=today&limit=200".into(),
            Self::Upcoming => "view=upcoming&limit=200".into(),
            Self::Inbox => "view=inbox&limit=200".into(),
            Self::Project(id) => {
                project(overview, *id)?;
                format!("status=open&project={id}&limit=200")
            }
            Self::Label(id) => {
                let name = crate::api::encode(&label(overview, *id)?.name);
                format!("status=open&label={name}&limit=200")
            }
            Self::Completed => "status=completed&limit=100".into(),
            Self::Trash => "status=trash&limit=100".into(),
            Self::Search(q) if q.is_empty() => return None,
            Self::Search(q) => crate::api::search_query(q),
        })
    }

    /// Whether a task belongs here. A search's finds are the server's to say and are not asked for here.
    pub fn holds(&self, task: &Task, overview: &Overview) -> bool {
        if task.deleted_at.is_some() {
            return *self == Self::Trash;
        }
        let open = !task.completed;
        let today = overview.today;
        match self {
            Self::Trash | Self::Search(_) => false,
            Self::Completed => task.completed,
            Self::Today => open && day(task).is_some_and(|d| d <= today),
            Self::Upcoming => open && day(task).is_some_and(|d| d > today),
            Self::Inbox => open && task.project.is_none(),
            Self::Project(id) => open && task.project.as_ref().is_some_and(|p| p.id.0 == *id),
            Self::Label(id) => open && label(overview, *id).is_some_and(|l| task.labels.contains(&l.name)),
        }
    }

    /// Puts the tasks of this place in its order.
    pub fn sort(&self, tasks: &mut [&Task]) {
        match self {
            Self::Today | Self::Upcoming => {
                tasks.sort_by_key(|t| (day(t), time(t), t.position.clone(), t.id));
            }
            Self::Completed => {
                tasks.sort_by(|a, b| (&b.completed_at, b.id).cmp(&(&a.completed_at, a.id)));
            }
            Self::Trash => tasks.sort_by(|a, b| (&b.deleted_at, b.id).cmp(&(&a.deleted_at, a.id))),
            _ => tasks.sort_by(|a, b| (&a.position, a.id).cmp(&(&b.position, b.id))),
        }
    }

    /// Whether the order is the person's own, so that tasks can be moved up and down.
    pub fn is_arranged(&self) -> bool {
        matches!(self, Self::Inbox | Self::Project(_) | Self::Label(_))
    }

    /// Whether subtasks are shown under their parents only, and not as rows.
    pub fn folds_subtasks(&self) -> bool {
        matches!(self, Self::Inbox | Self::Project(_))
    }

    /// What a new task gets here when its text does not say otherwise, in the grammar's own words.
    pub fn preset(&self, overview: &Overview) -> Option<Preset> {
        // A name with a quote in it cannot be quoted; the task then goes to the inbox, as the chips show.
        let quoted = |name: &str| (!name.contains('"')).then(|| format!("\"{name}\""));
        match self {
            Self::Today => Some(Preset { kind: "due", text: "today".into() }),
            Self::Project(id) => {
                Some(Preset { kind: "project", text: format!("#{}", quoted(&project(overview, *id)?.name)?) })
            }
            Self::Label(id) => {
                Some(Preset { kind: "label", text: format!("@{}", quoted(&label(overview, *id)?.name)?) })
            }
            _ => None,
        }
    }
}

/// Words a place adds to a typed line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preset {
    /// The kind of chip it makes; a line that has such a chip keeps its own.
    pub kind: &'static str,
    /// What is added at the line's end.
    pub text: String,
}

/// The project with that number, when there is one and it is not deleted.
pub fn project(overview: &Overview, id: i64) -> Option<&domain::project::Project> {
    overview.projects.iter().find(|p| p.id.0 == id && p.deleted_at.is_none())
}

/// The label with that number.
pub fn label(overview: &Overview, id: i64) -> Option<&domain::label::Label> {
    overview.labels.iter().find(|l| l.id.0 == id)
}

/// The day that puts a task into Today or Upcoming: the earlier of when it is planned for and when it must be done.
pub fn day(task: &Task) -> Option<Date> {
    let due = task.due.as_ref().map(domain::date::Due::date);
    let deadline = task.deadline.as_ref().map(domain::date::Due::date);
    match (due, deadline) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

fn time(task: &Task) -> Option<jiff::civil::Time> {
    task.due.as_ref().and_then(domain::date::Due::time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_survive_the_round_trip() {
        for place in [
            Place::Today,
            Place::Upcoming,
            Place::Inbox,
            Place::Completed,
            Place::Trash,
            Place::Project(3),
            Place::Label(4),
        ] {
            assert_eq!(Place::of(&place.path(), None), Some(place));
        }
        assert_eq!(Place::of("/search", Some(" milk ")), Some(Place::Search("milk".into())));
        for path in ["/", "/project/x", "/today/more", "/settings"] {
            assert_eq!(Place::of(path, None), None, "{path}");
        }
    }
}
