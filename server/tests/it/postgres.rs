//! A private PostgreSQL for this test run: its own folder, its own socket, no network, gone with the process.

use sqlx::{Connection as _, PgConnection};
use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};
use tokio::sync::OnceCell;

/// Holds the server: when the process ends, however it ends, the pipe to its keeper closes and it stops.
#[derive(Debug)]
struct Cluster {
    folder: PathBuf,
    _keeper: Child,
}

static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();
static NEXT: AtomicU32 = AtomicU32::new(1);
const TEMPLATE: &str = "template_migrated";

/// The address of a fresh, migrated database.
pub async fn fresh() -> String {
    let cluster = CLUSTER.get_or_init(start).await;
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::SeqCst));
    admin(&cluster.folder, &format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}")).await;
    url(&cluster.folder, &name)
}

/// The address of a fresh database without any table.
pub async fn empty() -> String {
    let cluster = CLUSTER.get_or_init(start).await;
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::SeqCst));
    admin(&cluster.folder, &format!("CREATE DATABASE {name}")).await;
    url(&cluster.folder, &name)
}

fn url(folder: &Path, name: &str) -> String {
    format!("postgres://postgres@localhost/{name}?host={}", folder.display())
}

async fn admin(folder: &Path, sql: &str) {
    let mut conn = PgConnection::connect(&url(folder, "postgres")).await.expect("the private PostgreSQL answers");
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut conn).await.expect(sql);
}

async fn start() -> Cluster {
    let bin = programs();
    let folder = std::env::temp_dir().join(format!("todo-chatbot-postgres-{}", std::process::id()));
    let keeper = Command::new("sh")
        .args(["-c", SCRIPT, "keeper"])
        .arg(&folder)
        .arg(&bin)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("sh");
    let cluster = Cluster { folder, _keeper: keeper };
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        if let Ok(conn) = PgConnection::connect(&url(&cluster.folder, "postgres")).await {
            drop(conn);
            break;
        }
        assert!(
            std::time::Instant::now() < deadline,
            "the private PostgreSQL in {} did not start; its log is {}/log",
            cluster.folder.display(),
            cluster.folder.display()
        );
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    admin(&cluster.folder, &format!("CREATE DATABASE {TEMPLATE}")).await;
    let template = server::config::Database::Postgres(server::config::Secret::new(url(&cluster.folder, TEMPLATE)));
    let store = server::store::Store::open(&template, 1).await.expect("opens");
    store.migrate(0).await.expect("migrates");
    store.close().await;
    cluster
}

/// Makes the cluster as a user PostgreSQL accepts, runs it until standard input closes, and cleans up.
const SCRIPT: &str = r#"
folder=$1 bin=$2
mkdir -p "$folder" || exit 1
as=
if [ "$(id -u)" = 0 ]; then chown postgres "$folder"; as="runuser -u postgres --"; fi
$as "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$folder/log" 2>&1 || exit 1
$as "$bin/postgres" -D "$folder/data" -k "$folder" -c listen_addresses='' -c fsync=off -c synchronous_commit=off \
  -c full_page_writes=off -c max_connections=400 -c shared_buffers=64MB >>"$folder/log" 2>&1 </dev/null &
pid=$!
cat >/dev/null
kill -INT $pid
wait $pid
rm -rf "$folder"
"#;

fn programs() -> PathBuf {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|e| e.path().join("bin")).filter(|p| p.join("initdb").exists()).collect())
        .unwrap_or_default();
    found.sort();
    found.pop().expect("PostgreSQL's programs are needed: `cargo xtask test` installs them (Debian package postgresql)")
}
