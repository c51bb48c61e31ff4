//! The list in memory that the sentences are read against, and what calls do to it: just well enough for the next sentence.

use domain::{
    date::Due,
    id::{LabelId, ProjectId, TaskId, UserId},
    label::Label,
    priority::Priority,
    project::Project,
    task::{ProjectRef, Task},
};
use jiff::{
    Span,
    civil::{Date, DateTime},
    tz::TimeZone,
};
use serde_json::{Value, json};
use server::agent::built_in::scene::{Scene, State, state};

/// Saturday.
const NOW: &str = "2026-11-21T10:00:00";

fn task(id: i64, title: &str, change: impl FnOnce(&mut Task)) -> Task {
    let mut task = Task {
        id: TaskId(id),
        user_id: UserId("u".into()),
        title: title.into(),
        description: None,
        completed: false,
        completed_at: None,
        start: None,
        due: None,
        deadline: None,
        repeat: None,
        priority: Priority::None,
        labels: vec![],
        project: None,
        parent_id: None,
        position: format!("a{id:03}"),
        created_at: format!("2026-11-{:02}T08:00:00Z", id.min(20)),
        updated_at: "2026-11-20T08:00:00Z".into(),
        deleted_at: None,
        version: 1,
    };
    change(&mut task);
    task
}

fn due(text: &str) -> Option<domain::date::Due> {
    Some(text.parse().expect("a date"))
}

pub fn project(id: i64, name: &str) -> Project {
    Project {
        id: ProjectId(id),
        name: name.into(),
        colour: "grey".into(),
        parent_id: None,
        position: format!("a{id}"),
        archived: false,
        created_at: String::new(),
        updated_at: String::new(),
        deleted_at: None,
        version: 1,
    }
}

fn label(id: i64, name: &str) -> Label {
    Label {
        id: LabelId(id),
        name: name.into(),
        colour: "grey".into(),
        created_at: String::new(),
        updated_at: String::new(),
        version: 1,
    }
}

pub fn scene() -> Scene {
    let work = || Some(ProjectRef { id: ProjectId(1), name: "Work".into() });
    let tasks = vec![
        task(1, "Buy milk", |t| {
            t.due = due("2026-11-21");
            t.labels = vec!["errands".into()];
        }),
        task(2, "Call mum", |t| t.due = due("2026-11-22T17:00")),
        task(3, "Write report", |t| {
            t.due = due("2026-11-19");
            t.project = work();
            t.priority = Priority::High;
        }),
        task(4, "Send report to Anna", |t| {
            t.due = due("2026-11-23");
            t.project = work();
        }),
        task(5, "Book dentist", |_| {}),
        task(6, "Pay rent", |t| {
            t.due = due("2026-12-01");
            t.repeat = serde_json::from_value(json!({"rule": "FREQ=MONTHLY"})).ok();
        }),
        task(7, "Water the plants", |t| {
            t.completed = true;
            t.completed_at = Some("2026-11-20T09:00:00Z".into());
        }),
        task(8, "Buy groceries", |t| t.due = due("2026-11-21T18:00")),
        task(9, "Old newspaper", |t| t.deleted_at = Some("2026-11-20T09:00:00Z".into())),
    ];
    let now: DateTime = NOW.parse().expect("a time");
    Scene::new(
        tasks,
        vec![project(1, "Work"), project(2, "Home Renovation")],
        vec![label(1, "errands"), label(2, "home")],
        now,
        TimeZone::UTC,
    )
}

/// Changes that can be undone: their numbers, and the tasks as they were before (`None`: not there yet).
#[derive(Default)]
pub struct Log {
    changes: Vec<(i64, Vec<(i64, Option<Task>)>)>,
    last: i64,
}

impl Log {
    /// Carries out a call; answers its result, and the number of the change when something changed.
    pub fn carry_out(&mut self, scene: &Scene, tool: &str, arguments: &Value) -> (Value, Option<i64>) {
        if server::tools::find(tool).expect("a tool").read_only() {
            let tasks = look(scene, tool, arguments);
            let count = tasks.len();
            let shown = if arguments["count_only"] == true { vec![] } else { tasks };
            let (projects, labels) = (&scene.projects, &scene.labels);
            return (json!({"tasks": shown, "count": count, "projects": projects, "labels": labels}), None);
        }
        let (tasks, undone) =
            if tool == "undo" { self.back(scene, arguments) } else { (change(scene, tool, arguments), None) };
        self.last += 1;
        let before = tasks.iter().map(|t| (t.id.0, scene.task(t.id.0).cloned())).collect();
        self.changes.push((self.last, before));
        let result = json!({
            "tasks": tasks, "count": tasks.len(), "undone": undone.or(arguments["operation"].as_i64()),
            "summary": "Something", "name": arguments["name"],
        });
        (result, Some(self.last))
    }

    /// What an undo brings back; a task that was not there goes to the trash.
    fn back(&self, scene: &Scene, arguments: &Value) -> (Vec<Task>, Option<i64>) {
        let wanted = arguments["operation"].as_i64();
        let Some((seq, before)) = self.changes.iter().rev().find(|(n, _)| wanted.is_none_or(|w| w == *n)) else {
            return (vec![], None);
        };
        let was = |(id, task): &(i64, Option<Task>)| match task {
            Some(task) => Some(task.clone()),
            None => scene.task(*id).map(|t| Task { deleted_at: Some(NOW.into()), ..t.clone() }),
        };
        (before.iter().filter_map(was).collect(), Some(*seq))
    }
}

fn change(scene: &Scene, tool: &str, arguments: &Value) -> Vec<Task> {
    let ids = server::tools::task_ids(arguments);
    let named = || ids.iter().filter_map(|id| scene.task(*id).cloned());
    match tool {
        "create_project" => vec![],
        "add_task" => {
            let next = scene.tasks().map(|t| t.id.0).max().unwrap_or(0) + 1;
            vec![task(next, arguments["title"].as_str().unwrap_or_default(), |t| {
                t.created_at = "2026-11-21T10:00:00Z".into();
                t.parent_id = arguments["parent_id"].as_i64().map(TaskId);
                patch(t, arguments, scene);
            })]
        }
        "complete_task" => named().map(|t| Task { completed: true, completed_at: Some(NOW.into()), ..t }).collect(),
        "reopen_task" => named().map(|t| Task { completed: false, completed_at: None, ..t }).collect(),
        "delete_task" => named().map(|t| Task { deleted_at: Some("2026-11-21T10:00:00Z".into()), ..t }).collect(),
        "restore_task" => named().map(|t| Task { deleted_at: None, ..t }).collect(),
        _ => named()
            .map(|mut t| {
                let had = t.due.clone();
                patch(&mut t, arguments, scene);
                if tool == "move_tasks"
                    && let (Some(had), Some(Due::Day(day))) = (had, &t.due)
                {
                    t.due = Some(had.on(*day));
                }
                t
            })
            .collect(),
    }
}

/// Sets the fields that the arguments name.
fn patch(task: &mut Task, arguments: &Value, scene: &Scene) {
    let said = |name: &str| arguments.get(name);
    let text = |name: &str| said(name).and_then(Value::as_str).filter(|t| !t.is_empty());
    for (name, field) in [("due", &mut task.due), ("start", &mut task.start), ("deadline", &mut task.deadline)] {
        if said(name).is_some() {
            *field = text(name).map(|d| d.parse().expect("a date"));
        }
    }
    if said("repeat").is_some() {
        task.repeat = serde_json::from_value(arguments["repeat"].clone()).ok();
    }
    if let Some(title) = text("title") {
        task.title = title.into();
    }
    if said("description").is_some() {
        task.description = text("description").map(str::to_owned);
    }
    if let Some(priority) = text("priority") {
        task.priority = priority.parse().expect("a priority");
    }
    if said("project").is_some() {
        task.project = text("project").map(|name| {
            let known = scene.project(name);
            ProjectRef {
                id: known.map_or(ProjectId(99), |p| p.id),
                name: known.map_or(name.into(), |p| p.name.clone()),
            }
        });
    }
    let list = |name: &str| -> Option<Vec<String>> {
        Some(said(name)?.as_array()?.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    };
    if let Some(labels) = list("labels") {
        task.labels = labels;
    }
    for label in list("add_labels").into_iter().flatten() {
        if !task.labels.contains(&label) {
            task.labels.push(label);
        }
    }
    if let Some(gone) = list("remove_labels") {
        task.labels.retain(|l| !gone.contains(l));
    }
    if let Some(shift) = said("shift") {
        let number = |name: &str| shift[name].as_i64().unwrap_or(0);
        let span = Span::new().days(number("days")).months(number("months")).minutes(number("minutes"));
        task.due = task.due.as_ref().map(|due| match due {
            Due::Day(day) => Due::Day(day.checked_add(span).expect("in range")),
            Due::Floating(at) => Due::Floating(at.checked_add(span).expect("in range")),
            Due::Zoned { at, zone } => Due::Zoned { at: at.checked_add(span).expect("in range"), zone: zone.clone() },
        });
    }
}

/// The tasks that a look shows, in the order of the real tools.
fn look(scene: &Scene, tool: &str, arguments: &Value) -> Vec<Task> {
    let today = scene.today();
    let due = |t: &Task| scene.due_day(t);
    let text = |name: &str| arguments[name].as_str();
    let day = |name: &str| text(name).and_then(|d| d.parse::<Date>().ok());
    let ids = server::tools::task_ids(arguments);
    let done_on = |t: &Task| t.completed_at.as_deref().and_then(|at| at.get(..10)).and_then(|d| d.parse::<Date>().ok());
    let made_on = |t: &Task| t.created_at.get(..10).and_then(|d| d.parse::<Date>().ok());
    let between = |have: Option<Date>, name: &str| {
        let (from, to) = (day(&format!("{name}_from")), day(&format!("{name}_to")));
        from.is_none_or(|f| have.is_some_and(|h| h >= f)) && to.is_none_or(|t| have.is_some_and(|h| h <= t))
    };
    let wanted = |t: &Task| match (tool, text("status")) {
        ("get_task", _) => ids.contains(&t.id.0),
        ("plan_day", _) => {
            let date = day("date").unwrap_or(today);
            state(t) == State::Open && due(t).is_some_and(|d| d == date || date == today && d < date)
        }
        ("search", _) => state(t) != State::Trashed,
        (_, Some("pending")) => state(t) == State::Open,
        (_, Some("completed")) => state(t) == State::Done,
        (_, Some("trash")) => state(t) == State::Trashed,
        _ => state(t) != State::Trashed,
    };
    let viewed = |t: &Task| match text("view") {
        Some("overdue") => due(t).is_some_and(|d| d < today),
        Some("today") => due(t).is_some_and(|d| d <= today),
        Some("upcoming") => due(t).is_some_and(|d| d > today),
        Some("inbox") => t.project.is_none(),
        _ => true,
    };
    let labelled =
        |t: &Task| arguments["labels"].as_array().into_iter().flatten().all(|l| t.labels.iter().any(|have| have == l));
    let mut out: Vec<Task> = scene
        .tasks()
        .filter(|t| wanted(t) && viewed(t) && labelled(t))
        .filter(|t| between(due(t), "due") && between(done_on(t), "completed") && between(made_on(t), "created"))
        .filter(|t| arguments["no_date"] != true || t.due.is_none())
        .filter(|t| arguments["repeating"] != true || t.repeat.is_some())
        .filter(|t| text("priority").is_none_or(|p| t.priority.as_str() == p))
        .filter(|t| text("project").is_none_or(|p| scene.project(p).map(|p| p.id) == t.project.as_ref().map(|p| p.id)))
        .filter(|t| text("search").or(text("text")).is_none_or(|w| scene.like(w, |_| true).all.contains(&t.id.0)))
        .cloned()
        .collect();
    if tool == "plan_day" {
        out.sort_by_key(|t| std::cmp::Reverse(t.priority));
    } else if !arguments["due_from"].is_null() || !arguments["due_to"].is_null() {
        out.sort_by_key(|t| due(t));
    }
    out
}
