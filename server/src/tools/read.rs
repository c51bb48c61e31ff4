//! Tools that only look.

use super::{Arguments, ToolResult, lean::Listed, lists, subject::named, text};
use crate::{
    actor::Actor,
    service::{Error, Result, Services, tasks::LIMIT_MAX},
};
use domain::{
    id::TaskId,
    task::{Sort, Status, Task, TaskQuery, View},
    text::Name,
};
use jiff::civil::Date;
use serde_json::{Value, json};

/// Tasks a list shows when the caller does not say.
const LIST: usize = 50;
/// Rows that conditions the store does not know are looked for in.
const SCAN_MAX: usize = 2_000;
/// Tasks that `plan_day` suggests when nothing is due.
const AHEAD: usize = 5;

fn day(arguments: &Arguments, name: &str) -> Result<Option<Date>> {
    let Some(said) = text(arguments, name) else { return Ok(None) };
    said.parse().map(Some).map_err(|_| {
        Error::field(name, "invalid_date", format!("{name} must be a day such as 2026-11-21, and this is {said:?}"))
    })
}

type Days = (Option<Date>, Option<Date>);

/// Conditions the store's query does not have.
#[derive(Default)]
struct Further {
    completed: Days,
    created: Days,
    no_date: bool,
    repeating: bool,
}

impl Further {
    fn is_empty(&self) -> bool {
        self.completed == (None, None) && self.created == (None, None) && !self.no_date && !self.repeating
    }

    fn fits(&self, task: &Task, actor: &Actor) -> bool {
        let local = |at: Option<&String>| Some(actor.zone.to_datetime(at?.parse().ok()?).date());
        let within = |at: Option<&String>, (from, to): Days| {
            (from.is_none() && to.is_none())
                || local(at).is_some_and(|d| from.is_none_or(|f| d >= f) && to.is_none_or(|t| d <= t))
        };
        within(task.completed_at.as_ref(), self.completed)
            && within(Some(&task.created_at), self.created)
            && (!self.no_date || task.due.is_none())
            && (!self.repeating || task.repeat.is_some())
    }
}

pub async fn list_tasks(services: &Services, actor: &Actor, arguments: &Arguments) -> Result<Listed> {
    let limit = match arguments.get("limit").and_then(Value::as_i64) {
        None => LIST,
        Some(n @ 1..=200) => usize::try_from(n).unwrap_or(LIST),
        Some(_) => return Err(Error::field("limit", "out_of_range", "limit must be from 1 to 200")),
    };
    let flag = |name: &str| arguments.get(name).and_then(Value::as_bool).unwrap_or(false);
    let further = Further {
        completed: (day(arguments, "completed_from")?, day(arguments, "completed_to")?),
        created: (day(arguments, "created_from")?, day(arguments, "created_to")?),
        no_date: flag("no_date"),
        repeating: flag("repeating"),
    };
    let mut query = TaskQuery {
        status: match text(arguments, "status") {
            Some("pending") => Status::Open,
            Some("completed") => Status::Completed,
            Some("trash") => Status::Trash,
            _ if further.completed != (None, None) => Status::Completed,
            _ => Status::All,
        },
        view: match text(arguments, "view") {
            Some("inbox") => Some(View::Inbox),
            Some("today") => Some(View::Today),
            Some("upcoming") => Some(View::Upcoming),
            Some("overdue") => Some(View::Overdue),
            _ => None,
        },
        search: text(arguments, "search").map(str::to_owned),
        due_from: day(arguments, "due_from")?,
        due_to: day(arguments, "due_to")?,
        deadline: (day(arguments, "deadline_from")?, day(arguments, "deadline_to")?),
        start: (day(arguments, "start_from")?, day(arguments, "start_to")?),
        priority: text(arguments, "priority").and_then(|p| p.parse().ok()),
        parent: arguments.get("parent_id").and_then(Value::as_i64).map(TaskId),
        cursor: text(arguments, "cursor").map(str::to_owned),
        sort: match text(arguments, "sort") {
            Some("due") => Sort::Due,
            Some("priority") => Sort::Priority,
            Some("created") => Sort::Created,
            Some("title") => Sort::Title,
            _ => Sort::Position,
        },
        descending: text(arguments, "order") == Some("desc"),
        ..TaskQuery::default()
    };
    if !arguments.contains_key("sort") && (query.due_from.is_some() || query.due_to.is_some()) {
        query.sort = Sort::Due;
    }
    if arguments.get("project").is_some_and(|p| !p.is_null() && p != "") {
        query.project = Some(lists::project(services, actor, arguments, "project").await?.id);
    }
    if let Some(parent) = query.parent {
        // Nobody's task has no parts, and somebody else's is nobody's.
        services.get_task(actor, parent).await?;
    }
    for label in arguments.get("labels").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        query.labels.push(Name::parse(label).map_err(|e| Error::text("labels", &e))?);
    }
    let count_only = flag("count_only");
    let wanted = if count_only { SCAN_MAX } else { limit };
    let scan = if further.is_empty() && query.search.is_none() && !count_only {
        // The store knows every condition, so that its page is the answer.
        query.limit = u32::try_from(limit).ok();
        let page = services.list_tasks(actor, &query).await?;
        Scan { tasks: page.items, more: page.next.is_some(), cursor: page.next }
    } else {
        scan(services, actor, query, wanted, |t| further.is_empty() || further.fits(t, actor)).await?
    };
    let count = scan.tasks.len();
    if count_only {
        return Ok(Listed { tasks: vec![], count, more: scan.more, cursor: None });
    }
    Ok(Listed { tasks: scan.tasks, count, more: scan.more, cursor: scan.cursor })
}

/// Tasks that fit, and how to go on.
#[derive(Default)]
struct Scan {
    tasks: Vec<Task>,
    more: bool,
    /// Where the next ones begin; a search has no such place.
    cursor: Option<String>,
}

/// At most `wanted` tasks that fit.
async fn scan(
    services: &Services,
    actor: &Actor,
    mut query: TaskQuery,
    wanted: usize,
    fits: impl Fn(&Task) -> bool,
) -> Result<Scan> {
    let mut out = Scan::default();
    let mut seen = 0;
    loop {
        query.limit = Some(LIMIT_MAX);
        let page = services.list_tasks(actor, &query).await?;
        for (i, task) in page.items.into_iter().enumerate() {
            if !fits(&task) {
                continue;
            }
            if out.tasks.len() == wanted {
                // The page up to here says where the next one begins.
                query.limit = u32::try_from(i).ok().filter(|n| *n > 0);
                let cursor = match query.limit {
                    Some(_) => services.list_tasks(actor, &query).await?.next,
                    None => query.cursor,
                };
                return Ok(Scan { more: true, cursor, ..out });
            }
            out.tasks.push(task);
        }
        seen += LIMIT_MAX as usize;
        if page.next.is_none() {
            return Ok(out);
        }
        query.cursor = page.next;
        if seen >= SCAN_MAX {
            return Ok(Scan { more: true, cursor: query.cursor, ..out });
        }
    }
}

fn found(value: Value) -> Result<ToolResult> {
    Ok(ToolResult::looked(value))
}

pub async fn get_task(services: &Services, actor: &Actor, arguments: &Arguments) -> Result<ToolResult> {
    let [id, ..] = named(arguments)?[..] else { return Err(Error::Internal("a named task got lost".into())) };
    let task = services.get_task(actor, id).await?;
    let query = TaskQuery { parent: Some(id), limit: Some(LIMIT_MAX), ..TaskQuery::default() };
    let subtasks = services.list_tasks(actor, &query).await?.items;
    found(json!({"task_id": task.id, "title": task.title, "tasks": [task], "subtasks": subtasks}))
}

pub async fn plan_day(services: &Services, actor: &Actor, arguments: &Arguments) -> Result<ToolResult> {
    let today = services.clock().civil(&actor.zone).date();
    let date = day(arguments, "date")?.unwrap_or(today);
    let due = |task: &Task| task.due.iter().chain(&task.deadline).map(|d| d.date_at(&actor.zone)).min();
    let open = TaskQuery { status: Status::Open, sort: Sort::Due, ..TaskQuery::default() };
    let mut tasks = scan(services, actor, TaskQuery { due_to: None, ..open.clone() }, SCAN_MAX, |t| {
        due(t).is_some_and(|d| if date == today { d <= date } else { d == date })
    })
    .await?
    .tasks;
    tasks.sort_by_key(|t| {
        (std::cmp::Reverse(t.priority), t.due.as_ref().and_then(|d| d.instant(&actor.zone)), t.position.clone())
    });
    let ahead = tasks.is_empty() && date == today;
    if ahead {
        let mut next = scan(services, actor, open, SCAN_MAX, |_| true).await?.tasks;
        next.sort_by_key(|t| (t.due.is_none(), due(t), std::cmp::Reverse(t.priority), t.position.clone()));
        next.truncate(AHEAD);
        tasks = next;
    }
    let more = tasks.len() > LIST;
    tasks.truncate(LIST);
    found(json!({"date": date.to_string(), "tasks": tasks, "ahead": ahead, "more": more}))
}

pub async fn search(services: &Services, actor: &Actor, arguments: &Arguments) -> Result<ToolResult> {
    let Some(words) = text(arguments, "text") else {
        return Err(Error::field("text", "empty", "text must not be empty: words to look for"));
    };
    let query = TaskQuery { search: Some(words.to_owned()), ..TaskQuery::default() };
    let scan = scan(services, actor, query, LIST, |_| true).await?;
    let count = scan.tasks.len();
    found(json!({"tasks": scan.tasks, "count": count, "more": scan.more}))
}
