//! Lists of tasks: conditions, order, pages and full text.

use super::{
    Arg, Builder, Conn, Error, Result, fetch_built, on,
    tasks::{COLUMNS, Row, StoredTask},
};
use domain::{
    id::UserId,
    overview::Counts,
    task::{Sort, Status, TaskQuery, View},
};
use jiff::civil::Date;

/// Rows sort by these keys, then by number; a cursor is the last row's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Position,
    Due,
    Priority,
    Created,
    Title,
    Completed,
    Deleted,
}

const LAST: i64 = i64::MAX;

impl Order {
    fn of(query: &TaskQuery) -> (Self, bool) {
        match (query.status, query.view) {
            (Status::Trash, _) => (Self::Deleted, true),
            (_, Some(View::Today | View::Upcoming | View::Overdue)) => (Self::Due, false),
            (Status::Completed, _) if query.sort == Sort::Position => (Self::Completed, true),
            _ => match query.sort {
                Sort::Position => (Self::Position, query.descending),
                Sort::Due => (Self::Due, query.descending),
                Sort::Priority => (Self::Priority, query.descending),
                Sort::Created => (Self::Created, query.descending),
                Sort::Title => (Self::Title, query.descending),
            },
        }
    }

    fn expressions(self) -> &'static [&'static str] {
        match self {
            Self::Position => &["t.position"],
            Self::Due => &["coalesce(t.due_at, 9223372036854775807)", "t.position"],
            Self::Priority => &["-t.priority", "t.position"],
            Self::Created => &["t.created_at"],
            Self::Title => &["lower(t.title)"],
            Self::Completed => &["t.completed_at"],
            Self::Deleted => &["t.deleted_at"],
        }
    }

    fn keys(self, row: &Row, title_key: &str) -> Vec<Arg> {
        match self {
            Self::Position => vec![Arg::Text(row.position.clone())],
            Self::Due => vec![Arg::Int(row.due_at.unwrap_or(LAST)), Arg::Text(row.position.clone())],
            Self::Priority => vec![Arg::Int(-row.priority), Arg::Text(row.position.clone())],
            Self::Created => vec![Arg::Int(row.created_at)],
            Self::Title => vec![Arg::Text(title_key.to_owned())],
            Self::Completed => vec![Arg::Int(row.completed_at.unwrap_or(0))],
            Self::Deleted => vec![Arg::Int(row.deleted_at.unwrap_or(0))],
        }
    }
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct TaskPage {
    /// The tasks, in order.
    pub items: Vec<StoredTask>,
    /// Where the next page starts.
    pub next: Option<String>,
}

/// The cursor in a query is not one that we gave.
#[derive(Debug)]
pub struct BadCursor;

fn encode(keys: &[Arg], id: i64) -> String {
    use base64::Engine as _;
    let mut list: Vec<serde_json::Value> = keys
        .iter()
        .map(|k| match k {
            Arg::Text(t) => t.clone().into(),
            Arg::Int(n) => (*n).into(),
        })
        .collect();
    list.push(id.into());
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(serde_json::Value::from(list).to_string())
}

fn decode(cursor: &str, order: Order) -> Result<Vec<Arg>, BadCursor> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(cursor).map_err(|_| BadCursor)?;
    let list: Vec<serde_json::Value> = serde_json::from_slice(&bytes).map_err(|_| BadCursor)?;
    if list.len() != order.expressions().len() + 1 {
        return Err(BadCursor);
    }
    list.into_iter()
        .enumerate()
        .map(|(i, v)| match v {
            serde_json::Value::String(t) if order.expressions().get(i).is_some_and(|e| is_text(e)) => {
                if t.contains('\0') { Err(BadCursor) } else { Ok(Arg::Text(t)) }
            }
            serde_json::Value::Number(n) if order.expressions().get(i).is_none_or(|e| !is_text(e)) => {
                n.as_i64().map(Arg::Int).ok_or(BadCursor)
            }
            _ => Err(BadCursor),
        })
        .collect()
}

fn is_text(expression: &str) -> bool {
    expression.ends_with("position") || expression.starts_with("lower")
}

impl Conn {
    /// A page of the tasks that meet every condition. `today` is the day where the person is.
    pub async fn list_tasks(
        &mut self,
        user: &UserId,
        query: &TaskQuery,
        today: Date,
        limit: u32,
    ) -> Result<Result<TaskPage, BadCursor>> {
        let (order, descending) = Order::of(query);
        let words = query.search.as_deref().map(words);
        if words.as_ref().is_some_and(Vec::is_empty) {
            return Ok(Ok(TaskPage { items: vec![], next: None }));
        }
        let mut sql = Builder::default();
        sql.push(self.pick(&COLUMNS));
        let postgres = self.is_postgres();
        if words.is_some() && !postgres {
            sql.push(" JOIN task_search s ON s.rowid = t.row_key");
        }
        sql.push(" WHERE t.user_id = ").bind(Arg::Text(user.0.clone()));
        conditions(&mut sql, query, today);
        let mut ranked = None;
        if let Some(words) = &words {
            if postgres {
                let text = words.iter().map(|w| format!("'{w}':*")).collect::<Vec<_>>().join(" & ");
                sql.push(" AND to_tsvector('simple', t.title || ' ' || coalesce(t.description, '')) @@ to_tsquery('simple', ")
                    .bind(Arg::Text(text.clone()))
                    .push(")");
                ranked = Some(text);
            } else {
                let text = words.iter().map(|w| format!("\"{w}\" *")).collect::<Vec<_>>().join(" AND ");
                sql.push(" AND task_search MATCH ")
                    .bind(Arg::Text(format!("owner : \"{user}\" AND {{title description}} : ({text})")));
                ranked = Some(text);
            }
        } else if let Some(cursor) = &query.cursor {
            let keys = match decode(cursor, order) {
                Ok(keys) => keys,
                Err(bad) => return Ok(Err(bad)),
            };
            sql.push(" AND (");
            for e in order.expressions() {
                sql.push(e).push(", ");
            }
            sql.push("t.id) ").push(if descending { "< " } else { "> " }).list(keys);
        }
        match ranked {
            Some(text) if postgres => {
                sql.push(" ORDER BY (t.completed_at IS NOT NULL), ts_rank(to_tsvector('simple', t.title || ' ' || coalesce(t.description, '')), to_tsquery('simple', ")
                    .bind(Arg::Text(text))
                    .push(")) DESC, t.id DESC");
            }
            // A word in the title counts ten times one in the note; the owner's column does not count.
            Some(_) => {
                sql.push(" ORDER BY (t.completed_at IS NOT NULL), bm25(task_search, 0.0, 10.0, 1.0), t.id DESC");
            }
            None => {
                sql.push(" ORDER BY ");
                for e in order.expressions() {
                    sql.push(e).push(if descending { " DESC, " } else { ", " });
                }
                sql.push(if descending { "t.id DESC" } else { "t.id" });
            }
        }
        // One more than asked for tells whether there is a next page.
        sql.push(" LIMIT ").bind(Arg::Int(i64::from(limit) + 1));
        let mut rows = fetch_built!(self, Row, sql)?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = match rows.last() {
            Some(row) if more && words.is_none() => {
                let title_key = if order == Order::Title { self.title_key(user, row.id).await? } else { String::new() };
                Some(encode(&order.keys(row, &title_key), row.id))
            }
            _ => None,
        };
        let items = rows.into_iter().map(TryInto::try_into).collect::<Result<_, Error>>()?;
        Ok(Ok(TaskPage { items, next }))
    }

    /// The title as the database itself folds it, which need not be as Rust would.
    async fn title_key(&mut self, user: &UserId, id: i64) -> Result<String> {
        const KEY: &str = "SELECT lower(title) FROM tasks WHERE user_id = $1 AND id = $2";
        Ok(on!(self, |c| sqlx::query_scalar(KEY).bind(user.as_str()).bind(id).fetch_one(c).await)?)
    }

    /// How many open tasks each place holds.
    pub async fn counts(&mut self, user: &UserId, today: Date) -> Result<Counts> {
        const PLACES: &str = "SELECT count(*) FILTER (WHERE t.project_id IS NULL),
                count(*) FILTER (WHERE t.due_day <= $2 OR t.deadline_day <= $2), count(*) FILTER (WHERE t.due_day < $2 OR t.deadline_day < $2)
            FROM tasks t LEFT JOIN projects p ON p.user_id = t.user_id AND p.id = t.project_id
            WHERE t.user_id = $1 AND t.deleted_at IS NULL AND t.completed_at IS NULL AND coalesce(p.archived, false) = false";
        const PROJECTS: &str = "SELECT project_id, count(*) FROM tasks
            WHERE user_id = $1 AND deleted_at IS NULL AND completed_at IS NULL AND project_id IS NOT NULL GROUP BY project_id";
        const LABELS: &str = "SELECT tl.label_id, count(*) FROM task_labels tl
            JOIN tasks t ON t.user_id = tl.user_id AND t.id = tl.task_id
            WHERE tl.user_id = $1 AND t.deleted_at IS NULL AND t.completed_at IS NULL GROUP BY tl.label_id";
        let (inbox, due, overdue): (i64, i64, i64) =
            on!(self, |c| sqlx::query_as(PLACES).bind(user.as_str()).bind(today.to_string()).fetch_one(c).await)?;
        let projects: Vec<(i64, i64)> = on!(self, |c| sqlx::query_as(PROJECTS).bind(user.as_str()).fetch_all(c).await)?;
        let labels: Vec<(i64, i64)> = on!(self, |c| sqlx::query_as(LABELS).bind(user.as_str()).fetch_all(c).await)?;
        Ok(Counts {
            inbox,
            today: due,
            overdue,
            projects: projects.into_iter().collect(),
            labels: labels.into_iter().collect(),
        })
    }
}

fn conditions(sql: &mut Builder, query: &TaskQuery, today: Date) {
    let today = || Arg::Text(today.to_string());
    let open = query.view.is_some() && query.status != Status::Trash;
    sql.push(match query.status {
        Status::Trash => " AND t.deleted_at IS NOT NULL",
        Status::All if !open => " AND t.deleted_at IS NULL",
        Status::Completed => " AND t.deleted_at IS NULL AND t.completed_at IS NOT NULL",
        Status::Open | Status::All => " AND t.deleted_at IS NULL AND t.completed_at IS NULL",
    });
    if query.view.is_some() {
        sql.push(" AND coalesce(p.archived, false) = false");
    }
    match query.view {
        None => {}
        Some(View::Inbox) => {
            sql.push(" AND t.project_id IS NULL");
        }
        Some(View::Today) => {
            sql.push(" AND (t.due_day <= ").bind(today()).push(" OR t.deadline_day <= ").bind(today()).push(")");
        }
        Some(View::Upcoming) => {
            sql.push(" AND t.due_day > ").bind(today());
        }
        Some(View::Overdue) => {
            sql.push(" AND (t.due_day < ").bind(today()).push(" OR t.deadline_day < ").bind(today()).push(")");
        }
    }
    if let Some(project) = query.project {
        sql.push(" AND t.project_id = ").bind(Arg::Int(project.0));
    }
    if let Some(priority) = query.priority {
        sql.push(" AND t.priority = ").bind(Arg::Int(priority.rank()));
    }
    if let Some(parent) = query.parent {
        sql.push(" AND t.parent_id = ").bind(Arg::Int(parent.0));
    }
    for (condition, day) in [
        (" AND t.due_day >= ", query.due_from),
        (" AND t.due_day <= ", query.due_to),
        (" AND t.deadline_day >= ", query.deadline.0),
        (" AND t.deadline_day <= ", query.deadline.1),
        (" AND t.start_day >= ", query.start.0),
        (" AND t.start_day <= ", query.start.1),
    ] {
        if let Some(day) = day {
            sql.push(condition).bind(Arg::Text(day.to_string()));
        }
    }
    for label in &query.labels {
        sql.push(
            " AND EXISTS (SELECT 1 FROM task_labels tl JOIN labels l ON l.user_id = tl.user_id AND l.id = tl.label_id
                WHERE tl.user_id = t.user_id AND tl.task_id = t.id AND l.deleted_at IS NULL AND l.name_key = ",
        )
        .bind(Arg::Text(label.key()))
        .push(")");
    }
}

/// The words of a search: runs of letters and digits, at most 16 of them, which can stand in either engine's query
/// language without meaning anything else.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .take(16)
        .map(|w| w.chars().take(64).collect())
        .collect()
}
