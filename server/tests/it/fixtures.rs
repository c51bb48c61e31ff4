//! Databases that Better Auth made, from `tests/fixtures/better-auth`, each a fresh copy.

use crate::{
    app::{Client, Engine, TestApp},
    postgres,
};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _, SqliteConnection, sqlite::SqliteConnectOptions};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/better-auth");
/// Where the fixtures' people went.
pub const ORIGIN: &str = "http://localhost:3000";

/// A database with what is known about it.
pub struct Fixture {
    pub manifest: Value,
    pub url: String,
    _folder: tempfile::TempDir,
}

/// A row, every value as text.
pub type Row = Vec<Option<String>>;

impl Fixture {
    pub async fn sqlite(version: &str) -> Self {
        Self::load(&format!("{version}.sqlite"), None).await
    }

    pub async fn postgres(version: &str) -> Self {
        Self::load(&format!("{version}.postgres"), Some(postgres::empty().await)).await
    }

    /// A database without any table.
    pub async fn empty(engine: Engine) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = match engine {
            Engine::Sqlite => format!("sqlite://{}", folder.path().join("app.db").display()),
            Engine::Postgres => postgres::empty().await,
        };
        Self { manifest: Value::Null, url, _folder: folder }
    }

    async fn load(name: &str, url: Option<String>) -> Self {
        let read = |end: &str| std::fs::read_to_string(format!("{FOLDER}/{name}.{end}")).expect("a fixture");
        let engine = if url.is_some() { Engine::Postgres } else { Engine::Sqlite };
        let mut fixture = Self::empty(engine).await;
        fixture.manifest = serde_json::from_str(&read("json")).expect("JSON");
        fixture.run(&read("sql")).await;
        fixture
    }

    pub fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres")
    }

    /// The file of a SQLite database.
    pub fn file(&self) -> &str {
        self.url.strip_prefix("sqlite://").expect("SQLite")
    }

    async fn lite(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(self.file()).create_if_missing(true).foreign_keys(false);
        SqliteConnection::connect_with(&options).await.expect("opens")
    }

    /// Runs statements, as the program that owned it before would.
    pub async fn run(&self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        if self.is_postgres() {
            let mut conn = PgConnection::connect(&self.url).await.expect("connects");
            sqlx::raw_sql(sql).execute(&mut conn).await.expect("runs");
        } else {
            let mut conn = self.lite().await;
            sqlx::raw_sql(sql).execute(&mut conn).await.expect("runs");
            conn.close().await.expect("closes");
        }
    }

    /// What a query of texts finds.
    pub async fn rows(&self, sql: &str) -> Vec<Row> {
        let sql = AssertSqlSafe(sql.to_owned());
        if self.is_postgres() {
            let mut conn = PgConnection::connect(&self.url).await.expect("connects");
            let rows = sqlx::query(sql).fetch_all(&mut conn).await.expect("rows");
            rows.iter().map(|row| (0..row.len()).map(|i| row.get(i)).collect()).collect()
        } else {
            let mut conn = self.lite().await;
            let rows = sqlx::query(sql).fetch_all(&mut conn).await.expect("rows");
            rows.iter().map(|row| (0..row.len()).map(|i| row.get(i)).collect()).collect()
        }
    }

    /// One text.
    pub async fn text(&self, sql: &str) -> String {
        self.rows(sql).await.remove(0).remove(0).expect("a value")
    }

    /// Everything in Better Auth's tables, columns by name.
    pub async fn everything(&self) -> Vec<(&'static str, Vec<Row>)> {
        let mut all = Vec::new();
        for (table, columns) in TABLES {
            let columns: Vec<String> = columns.split(' ').map(|column| format!("cast(\"{column}\" AS text)")).collect();
            let sql = format!("SELECT {} FROM \"{table}\" ORDER BY 1", columns.join(", "));
            all.push((*table, self.rows(&sql).await));
        }
        all
    }

    /// Our program on it.
    pub async fn app(&self, settings: &[(&str, &str)]) -> TestApp {
        let secret = self.manifest["secret"].as_str().unwrap_or("a-secret-for-tests-0123456789abcdef");
        let mut all = vec![("DATABASE_URL", &*self.url), ("BETTER_AUTH_SECRET", secret), ("BETTER_AUTH_URL", ORIGIN)];
        all.extend(settings);
        TestApp::with(Engine::Sqlite, &all).await
    }

    /// A person of the manifest.
    pub fn person(&self, who: &str) -> &Value {
        let people = self.manifest["users"].as_array().expect("people");
        people.iter().find(|person| person["who"] == who).expect("somebody")
    }

    /// A stored hash.
    pub async fn hash_of(&self, email: &str) -> String {
        self.text(&format!(
            "SELECT a.\"password\" FROM \"account\" a JOIN \"user\" u ON u.\"id\" = a.\"userId\"
             WHERE u.\"email\" = '{email}' AND a.\"providerId\" = 'credential'"
        ))
        .await
    }
}

/// A browser on the fixtures' origin, with a cookie.
pub fn browser(app: &TestApp, cookie: &str) -> Client {
    app.anonymous().with("origin", ORIGIN).with("host", "localhost:3000").with("cookie", cookie)
}

/// The tables of 1.3, which every later version has too.
const TABLES: &[(&str, &str)] = &[
    ("user", "id name email emailVerified image createdAt updatedAt"),
    ("session", "id expiresAt token createdAt updatedAt ipAddress userAgent userId"),
    (
        "account",
        "id accountId providerId userId accessToken refreshToken idToken accessTokenExpiresAt refreshTokenExpiresAt \
         scope password createdAt updatedAt",
    ),
    ("verification", "id identifier value expiresAt createdAt updatedAt"),
    ("jwks", "id publicKey privateKey createdAt"),
];
