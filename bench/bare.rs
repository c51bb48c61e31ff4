//! The benchmark's reference: the query of a list of tasks and one plain insert, behind bare axum handlers.
//!
//! `bare DATABASE_URL USER_ID PORT`, on a database our server made. No sessions, no checks, no operation log, no layers:
//! what is left is the price of HTTP, JSON and the database. `cargo xtask bench` starts it and compares.

use std::sync::atomic::{AtomicI64, Ordering};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The list of `server/src/store`: the columns of a task, its project's name and its labels, which each engine gathers
/// in its own way.
macro_rules! list {
    ($gather:literal, $end:literal) => {
        concat!(
            "SELECT t.user_id, t.id, t.title, t.description, t.completed_at,
                t.start_kind, t.start_civil, t.start_zone, t.due_kind, t.due_civil, t.due_zone, t.due_at,
                t.deadline_kind, t.deadline_civil, t.deadline_zone,
                t.repeat_rule, t.repeat_from, t.repeat_except, t.priority, t.project_id, p.name AS project_name,
                t.parent_id, t.position, t.created_at, t.updated_at, t.deleted_at, t.version, ",
            $gather,
            " FROM task_labels tl JOIN labels l ON l.user_id = tl.user_id AND l.id = tl.label_id
                WHERE tl.user_id = t.user_id AND tl.task_id = t.id AND l.deleted_at IS NULL)",
            $end,
            " AS labels FROM tasks t LEFT JOIN projects p ON p.user_id = t.user_id AND p.id = t.project_id
                WHERE t.user_id = $1 AND t.deleted_at IS NULL ORDER BY t.position, t.id LIMIT 50"
        )
    };
}
const LIST_SQLITE: &str = list!("(SELECT json_group_array(l.name ORDER BY l.name_key)", "");
const LIST_POSTGRES: &str = list!("coalesce((SELECT json_agg(l.name ORDER BY l.name_key)::text", ", '[]')");

const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS bare_tasks (user_id text NOT NULL, id bigint NOT NULL, title text NOT NULL,
    position text NOT NULL, created_at bigint NOT NULL, PRIMARY KEY (user_id, id))";
const INSERT: &str = "INSERT INTO bare_tasks (user_id, id, title, position, created_at) VALUES ($1, $2, $3, 'a0', 0)";

#[derive(Serialize, sqlx::FromRow)]
struct Row {
    user_id: String,
    id: i64,
    title: String,
    description: Option<String>,
    completed_at: Option<i64>,
    start_kind: Option<String>,
    start_civil: Option<String>,
    start_zone: Option<String>,
    due_kind: Option<String>,
    due_civil: Option<String>,
    due_zone: Option<String>,
    due_at: Option<i64>,
    deadline_kind: Option<String>,
    deadline_civil: Option<String>,
    deadline_zone: Option<String>,
    repeat_rule: Option<String>,
    repeat_from: Option<String>,
    repeat_except: Option<String>,
    priority: i64,
    project_id: Option<i64>,
    project_name: Option<String>,
    parent_id: Option<i64>,
    position: String,
    created_at: i64,
    updated_at: i64,
    deleted_at: Option<i64>,
    version: i64,
    labels: String,
}

#[derive(Deserialize)]
struct New {
    title: String,
}

#[derive(Serialize)]
struct Made {
    id: i64,
    title: String,
}

/// What every request needs.
struct Bare {
    pools: Pools,
    user: String,
    last: AtomicI64,
}

/// The same pools as the server's: on SQLite one writer beside the readers.
enum Pools {
    Sqlite { write: SqlitePool, read: SqlitePool },
    Postgres(PgPool),
}

type Shared = State<&'static Bare>;

async fn list(State(bare): Shared) -> Result<Json<Vec<Row>>, Failed> {
    let rows = match &bare.pools {
        Pools::Sqlite { read, .. } => sqlx::query_as(LIST_SQLITE).bind(&bare.user).fetch_all(read).await?,
        Pools::Postgres(pool) => sqlx::query_as(LIST_POSTGRES).bind(&bare.user).fetch_all(pool).await?,
    };
    Ok(Json(rows))
}

async fn create(State(bare): Shared, Json(New { title }): Json<New>) -> Result<(StatusCode, Json<Made>), Failed> {
    let id = bare.last.fetch_add(1, Ordering::Relaxed) + 1;
    match &bare.pools {
        Pools::Sqlite { write, .. } => {
            sqlx::query(INSERT).bind(&bare.user).bind(id).bind(&title).execute(write).await.map(drop)
        }
        Pools::Postgres(pool) => {
            sqlx::query(INSERT).bind(&bare.user).bind(id).bind(&title).execute(pool).await.map(drop)
        }
    }?;
    Ok((StatusCode::CREATED, Json(Made { id, title })))
}

async fn connect(url: &str) -> Result<Pools, sqlx::Error> {
    let Some(path) = url.strip_prefix("sqlite://") else {
        let pool = PgPoolOptions::new().max_connections(10).connect(url).await?;
        sqlx::query(TABLE).execute(&pool).await?;
        return Ok(Pools::Postgres(pool));
    };
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal);
    let write =
        SqlitePoolOptions::new().max_connections(1).test_before_acquire(false).connect_with(options.clone()).await?;
    sqlx::query(TABLE).execute(&write).await?;
    let read = SqlitePoolOptions::new().max_connections(8).test_before_acquire(false).connect_with(options).await?;
    Ok(Pools::Sqlite { write, read })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(url), Some(user), Some(port)) = (args.next(), args.next(), args.next()) else {
        return Err("bare DATABASE_URL USER_ID PORT".into());
    };
    // Lives as long as the process.
    let bare: &'static Bare = Box::leak(Box::new(Bare { pools: connect(&url).await?, user, last: AtomicI64::new(0) }));
    let router = Router::new().route("/tasks", get(list).post(create)).with_state(bare);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port.parse()?)).await?;
    axum::serve(listener, router).await?;
    Ok(())
}

struct Failed(sqlx::Error);

impl From<sqlx::Error> for Failed {
    fn from(error: sqlx::Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.0.to_string()).into_response()
    }
}
