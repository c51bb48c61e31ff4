//! A private PostgreSQL for this test run: its own folder, its own socket, no network, gone with the process.
//!
//! Nearly every test shares one, made for speed. A test that stops or freezes its database makes its own [`Cluster`].

use sqlx::{Connection as _, PgConnection};
use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::OnceCell;

static SHARED: OnceCell<Cluster> = OnceCell::const_new();
static NEXT: AtomicU32 = AtomicU32::new(1);
const TEMPLATE: &str = "template_migrated";
/// Nothing outlives the run, so nothing needs to be on disk.
const FAST: &[&str] = &["-c", "synchronous_commit=off"];

/// The address of a fresh, migrated database.
pub async fn fresh() -> String {
    database(&format!(" TEMPLATE {TEMPLATE}")).await
}

/// The address of a fresh database without any table.
pub async fn empty() -> String {
    database("").await
}

async fn database(how: &str) -> String {
    let cluster = SHARED.get_or_init(shared).await;
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::SeqCst));
    admin(&cluster.folder, &format!("CREATE DATABASE {name}{how}")).await;
    url(&cluster.folder, &name)
}

async fn shared() -> Cluster {
    let cluster = Cluster::make(FAST);
    cluster.start().await;
    admin(&cluster.folder, &format!("CREATE DATABASE {TEMPLATE}")).await;
    let template = server::config::Database::Postgres(server::config::Secret::new(url(&cluster.folder, TEMPLATE)));
    let store = server::store::Store::open(&template, 1).await.expect("opens");
    store.migrate(0).await.expect("migrates");
    store.close().await;
    cluster
}

fn url(folder: &Path, name: &str) -> String {
    format!("postgres://postgres@localhost/{name}?host={}", folder.display())
}

async fn admin(folder: &Path, sql: &str) {
    let mut conn = PgConnection::connect(&url(folder, "postgres")).await.expect("the private PostgreSQL answers");
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut conn).await.expect(sql);
}

/// A database server. When this process ends, however it ends, the pipe to its keeper closes and it stops.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    keeper: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    _process: Child,
}

impl Cluster {
    /// Makes one that does not run yet. It keeps what it has committed through every way of stopping it.
    pub fn durable() -> Self {
        Self::make(&[])
    }

    fn make(settings: &[&str]) -> Self {
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        let folder = std::env::temp_dir().join(format!("todo-chatbot-postgres-{}-{number}", std::process::id()));
        let mut process = Command::new("sh")
            .args(["-c", SCRIPT, "keeper"])
            .arg(&folder)
            .arg(programs())
            .args(settings)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("sh");
        let input = process.stdin.take().expect("a pipe");
        let output = BufReader::new(process.stdout.take().expect("a pipe"));
        Self { folder, keeper: Mutex::new((input, output)), _process: process }
    }

    /// The address of the database every server has.
    pub fn url(&self) -> String {
        url(&self.folder, "postgres")
    }

    /// Starts it and waits until it answers.
    pub async fn start(&self) {
        self.order("start");
        let deadline = Instant::now() + Duration::from_secs(60);
        while PgConnection::connect(&self.url()).await.is_err() {
            assert!(
                Instant::now() < deadline,
                "the private PostgreSQL did not start; see {}/log",
                self.folder.display()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Stops it as a crash would: without telling anybody and without finishing anything.
    pub fn crash(&self) {
        self.order("crash");
    }

    /// It is there and does nothing: connections stay open, answers do not come.
    pub fn freeze(&self) {
        self.order("freeze");
    }

    /// It goes on where it was frozen.
    pub fn thaw(&self) {
        self.order("thaw");
    }

    /// Tells the keeper and waits until it has obeyed.
    fn order(&self, word: &str) {
        let (input, output) = &mut *self.keeper.lock().expect("no panic while ordering");
        writeln!(input, "{word}").expect("the keeper listens");
        let mut line = String::new();
        output.read_line(&mut line).expect("the keeper answers");
        assert_eq!(line.trim(), word, "the keeper of {} failed; see the file log there", self.folder.display());
    }
}

/// Makes the cluster as a user PostgreSQL accepts, obeys orders until standard input closes, and cleans up. Signals to the
/// whole group, such as Ctrl-C's, end the test and so the input; they do not end the keeper before it has cleaned up.
const SCRIPT: &str = r#"
trap '' INT TERM HUP
folder=$1 bin=$2
shift 2
mkdir -p "$folder" || exit 1
as=
if [ "$(id -u)" = 0 ]; then chown postgres "$folder"; as="setpriv --reuid=postgres --regid=postgres --clear-groups"; fi
$as "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$folder/log" 2>&1 || exit 1
pid=
all() { echo $pid $(cat /proc/$pid/task/$pid/children); }
while read -r order; do
  case $order in
    start)
      $as "$bin/postgres" -D "$folder/data" -k "$folder" -c listen_addresses='' -c fsync=off -c full_page_writes=off \
        -c max_connections=400 -c shared_buffers=64MB "$@" >>"$folder/log" 2>&1 </dev/null &
      pid=$! ;;
    crash) kill -QUIT $pid; wait $pid; pid= ;;
    freeze) kill -STOP $(all) ;;
    thaw) kill -CONT $(all) ;;
  esac
  echo "$order"
done
if [ "$pid" ]; then kill -CONT $(all); kill -INT $pid; wait $pid; fi
rm -rf "$folder"
"#;

fn programs() -> PathBuf {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|e| e.path().join("bin")).filter(|p| p.join("initdb").exists()).collect())
        .unwrap_or_default();
    found.sort();
    found.pop().expect("PostgreSQL's programs are needed: `cargo xtask test` installs them (Debian package postgresql)")
}
