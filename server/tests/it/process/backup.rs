//! `backup`, `restore`, `copy` and upgrades: what comes out is what went in, also while people write.

use super::{
    kill::assert_consistent,
    users::{refuses, says},
};
use crate::{
    postgres,
    running::{Home, Person},
};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use std::{collections::BTreeMap, path::Path};

/// Every row of every table, as the engine itself writes values.
type Contents = BTreeMap<String, Vec<String>>;

async fn of_file(file: &Path) -> Contents {
    let mut conn = SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.expect("opens");
    let columns: Vec<(String, String)> = sqlx::query_as(
        "SELECT m.name, group_concat('quote(\"' || p.name || '\")', ' || '','' || ') FROM sqlite_master m, pragma_table_info(m.name) p
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'task_search%' AND m.name <> 'schema_migrations'
            AND p.name <> 'row_key' GROUP BY m.name",
    )
    .fetch_all(&mut conn)
    .await
    .expect("columns");
    let mut all = Contents::new();
    for (table, values) in columns {
        let sql = format!("SELECT {values} FROM \"{table}\" ORDER BY 1");
        let rows = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut conn).await.expect("rows");
        all.insert(table, rows);
    }
    conn.close().await.expect("closes");
    all
}

async fn of_server(url: &str) -> Contents {
    let mut conn = PgConnection::connect(url).await.expect("connects");
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public' AND table_name <> 'schema_migrations'",
    )
    .fetch_all(&mut conn)
    .await
    .expect("tables");
    let mut all = Contents::new();
    for table in tables {
        let sql = format!("SELECT (to_jsonb(t) - 'row_key')::text FROM \"{table}\" t ORDER BY 1");
        let rows = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut conn).await.expect("rows");
        all.insert(table, rows);
    }
    // What was put off for the copy is as it was.
    let late: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND condeferrable")
        .fetch_one(&mut conn)
        .await
        .expect("a number");
    assert_eq!(late, 0);
    all
}

/// A person who has used everything.
async fn lived_in(home: &Home) {
    let server = home.start().await;
    let ann = server.person("ann").await;
    server.person("bob").await.post("/api/me/tasks", json!({"title": "Bob’s"})).await.expect(201);
    let odd = "“Ünïcode” 日本語 🎉 'quotes' \"double\" \\back\ttab\nline <b>&amp;";
    ann.patch("/api/me/settings", json!({"time_zone": "Asia/Kathmandu", "theme": "dark"})).await.expect(200);
    ann.post("/api/me/projects", json!({"name": "Häuser"})).await.expect(201);
    for body in [
        json!({"title": "first", "description": odd}),
        json!({"title": "later the parent", "project": "Häuser", "labels": ["diy", "α"], "priority": "high"}),
        json!({"title": "every week", "due": "2026-11-23T09:30", "repeat": "FREQ=WEEKLY"}),
    ] {
        ann.post("/api/me/tasks", body).await.expect(201);
    }
    // Its parent has the higher number.
    ann.patch("/api/me/tasks/1", json!({"parent_id": 2})).await.expect(200);
    ann.post("/api/me/tasks/3/complete", json!({})).await.expect(200);
    ann.post("/api/me/chat", json!({"message": "add milk tomorrow"})).await.expect(200);
    ann.post("/api/me/chat", json!({"conversation_id": 1, "message": "delete #2"})).await.expect(200);
    ann.post("/api/me/undo", json!({})).await.expect(200);
    server.terminate();
    server.exit().await;
}

fn sqlite(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}

fn elsewhere() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("other.db");
    (folder, file)
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_to_postgres_and_back_is_identical() {
    let home = Home::new();
    lived_in(&home).await;
    let (server, (_folder, back)) = (postgres::empty().await, elsewhere());
    assert!(says(&home, &["copy", "--to", &server]).await.contains("2 people"));
    says(&Home::postgres(&server), &["copy", "--to", &sqlite(&back)]).await;
    let (before, after) = (of_file(&home.data().join("todo-chatbot.db")).await, of_file(&back).await);
    assert!(before["operations"].len() > 8 && before["tool_calls"].len() > 1, "{before:#?}");
    assert_eq!(before, after);
    // It is not only the same, it works: the search's index and the numbers go on.
    let copied = Home::postgres(&server).start().await;
    let ann = sign_in(&copied).await;
    let found = ann.get("/api/me/tasks?search=later").await.expect(200).json();
    assert_eq!(found.as_array().map(Vec::len), Some(1), "{found}");
    let next = ann.post("/api/me/tasks", json!({"title": "next"})).await.expect(201).json();
    let highest = ann.tasks().await.iter().filter_map(|t| t["id"].as_i64()).max();
    assert_eq!(next["id"].as_i64(), highest);
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_to_sqlite_and_back_is_identical() {
    let (first, second, (_folder, between)) = (postgres::fresh().await, postgres::empty().await, elsewhere());
    let home = Home::postgres(&first);
    lived_in(&home).await;
    says(&home, &["copy", "--to", &sqlite(&between)]).await;
    says(&Home::new().set("DATABASE_URL", &sqlite(&between)), &["copy", "--to", &second]).await;
    assert_eq!(of_server(&first).await, of_server(&second).await);
    // Again: there are people now.
    let refused = refuses(&home, &["copy", "--to", &second]).await;
    assert!(refused.contains("--replace"), "{refused}");
    says(&home, &["copy", "--to", &second, "--replace"]).await;
    assert_eq!(of_server(&first).await, of_server(&second).await);
}

async fn sign_in(server: &crate::running::Running) -> Person {
    let body = json!({"email": "ann@example.org", "password": crate::app::PASSWORD});
    let answer = server.anybody().ask(reqwest::Method::POST, "/api/auth/sign-in/email", Some(&body)).await;
    let token = answer.expect("an answer").expect(200).json()["token"].as_str().expect("a token").to_owned();
    server.anybody().known_as(&token)
}

/// A backup while people write, restored to the other engine and to the same.
async fn under_load(home: Home) {
    let server = home.start().await;
    let ann = server.person("ann").await;
    let (_folder, file) = elsewhere();
    let name = file.display().to_string();
    let writing = async {
        let mut answered = Vec::new();
        for n in 0..400 {
            ann.post("/api/me/tasks", json!({"title": format!("task {n}")})).await.expect(201);
            answered.push(n);
            if file.exists() {
                break;
            }
        }
        answered.len()
    };
    for n in 0..30 {
        ann.post("/api/me/tasks", json!({"title": format!("early {n}")})).await.expect(201);
    }
    let args = ["backup", name.as_str()];
    let (_, backup) = tokio::join!(writing, says(&home, &args));
    assert!(backup.contains("read back and whole") && backup.contains("1 person"), "{backup}");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).expect("a file").permissions());
    assert_eq!(mode & 0o777, 0o600, "others can read it");
    let refused = refuses(&home, &["backup", &name]).await;
    assert!(refused.contains("is there already"), "{refused}");

    let restored = of_file(&file).await;
    let early = restored["tasks"].iter().filter(|row| row.contains("'early ")).count();
    assert_eq!(early, 30, "what was answered before is missing");
    let (other, same) = (Home::postgres(&postgres::empty().await), Home::new());
    for target in [&other, &same] {
        says(target, &["restore", &name]).await;
        let server = target.start().await;
        let ann = sign_in(&server).await;
        let there = assert_consistent(&ann).await;
        assert_eq!(there.len(), restored["tasks"].len());
        server.terminate();
        server.exit().await;
        let refused = refuses(target, &["restore", &name]).await;
        assert!(refused.contains("--replace"), "{refused}");
        assert!(says(target, &["restore", &name, "--replace"]).await.contains("1 person"));
    }
    // Signing in above made sessions there; a fresh restore is the same to the byte.
    assert_eq!(of_file(&same.data().join("todo-chatbot.db")).await, restored);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_load_is_whole_on_sqlite() {
    under_load(Home::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_load_is_whole_on_postgres() {
    under_load(Home::postgres(&postgres::fresh().await)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_touched_when_something_is_wrong() {
    let home = Home::new();
    let server = home.start().await;
    let ann = server.person("ann").await;
    ann.post("/api/me/tasks", json!({"title": "keep me"})).await.expect(201);
    let (_folder, good) = elsewhere();
    says(&home, &["backup", &good.display().to_string()]).await;

    // The server has it open.
    let refused = refuses(&home, &["restore", &good.display().to_string(), "--replace"]).await;
    assert!(refused.contains("stop the server first"), "{refused}");
    ann.get("/api/me/tasks/1").await.expect(200);
    server.terminate();
    server.exit().await;
    let before = of_file(&home.data().join("todo-chatbot.db")).await;

    let bad = |name: &str, bytes: &[u8]| {
        let file = good.with_file_name(name);
        std::fs::write(&file, bytes).expect("writes");
        file.display().to_string()
    };
    let whole = std::fs::read(&good).expect("reads");
    let mut torn = whole.clone();
    for byte in torn.iter_mut().skip(8 * 4096).take(3 * 4096) {
        *byte = 0xff;
    }
    for (file, why) in [
        (bad("empty.db", b""), "another program"),
        (bad("text.db", b"not a database at all, but long enough to be looked at"), "no backup"),
        (bad("half.db", whole.get(..whole.len() / 2).expect("half")), "no backup"),
        (bad("torn.db", &torn), "no backup"),
        (good.with_file_name("nothing.db").display().to_string(), "no file"),
    ] {
        let refused = refuses(&home, &["restore", &file, "--replace"]).await;
        assert!(refused.contains(why), "{file}: {refused}");
    }
    let newer = bad("newer.db", &whole);
    let mut conn = SqliteConnection::connect(&format!("sqlite://{newer}")).await.expect("opens");
    sqlx::query("INSERT INTO schema_migrations VALUES (999, 'later', 0)").execute(&mut conn).await.expect("writes");
    conn.close().await.expect("closes");
    let refused = refuses(&home, &["restore", &newer, "--replace"]).await;
    assert!(refused.contains("schema 999 is newer"), "{refused}");
    for (to, why) in [
        ("postgres://u:hunter2@127.0.0.1:1/d", "nothing was copied"),
        ("mysql://x", "--to has the scheme"),
        (&sqlite(&home.data().join("todo-chatbot.db")), "the database that is read"),
    ] {
        let refused = refuses(&home, &["copy", "--to", to]).await;
        assert!(refused.contains(why) && !refused.contains("hunter2"), "{refused}");
    }
    assert_eq!(of_file(&home.data().join("todo-chatbot.db")).await, before);
    let left: Vec<_> = std::fs::read_dir(home.data()).expect("a folder").flatten().map(|e| e.file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("restoring")), "{left:?}");
}

/// A database as the release before made it, brought up to date and back.
#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_is_announced_copied_first_and_can_be_taken_back() {
    let home = Home::new();
    let file = home.data().join("todo-chatbot.db");
    std::fs::create_dir_all(home.data()).expect("a folder");
    let mut conn = SqliteConnection::connect(&format!("sqlite://{}?mode=rwc", file.display())).await.expect("opens");
    for text in [
        include_str!("../../../../migrations/sqlite/0001_init.sql"),
        include_str!("../../../../migrations/sqlite/0005_imports.sql"),
        "CREATE TABLE schema_migrations (number bigint NOT NULL PRIMARY KEY, name text NOT NULL, at bigint NOT NULL);
         INSERT INTO schema_migrations VALUES (1, '0001_init', 0), (5, '0005_imports', 0);
         INSERT INTO \"user\" VALUES ('u1', 'Ann', 'ann@example.org', 0, NULL, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z');
         INSERT INTO counters (user_id, conversation, message) VALUES ('u1', 1, 2);
         INSERT INTO conversations (user_id, id, title, created_at, updated_at) VALUES ('u1', 1, 'Milk', 0, 0);
         INSERT INTO messages (user_id, id, conversation_id, role, content, created_at) VALUES ('u1', 1, 1, 'user', 'hi', 0), ('u1', 2, 1, 'assistant', 'hello', 0);",
    ] {
        sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut conn).await.expect("runs");
    }
    conn.close().await.expect("closes");
    let before = of_file(&file).await;

    let plan = says(&home, &["migrate", "--plan"]).await;
    assert!(plan.contains("The schema is 5") && plan.contains("0006_chat"), "{plan}");
    assert_eq!(of_file(&file).await, before);
    let did = says(&home, &["migrate"]).await;
    assert!(did.contains("0006_chat") && !did.contains("0001"), "{did}");
    assert!(says(&home, &["migrate", "--plan"]).await.contains("nothing would be done"));
    let after = of_file(&file).await;
    assert_eq!((after["user"].clone(), after["messages"].len()), (before["user"].clone(), 2));

    // Taken back: the copy is the old database, whole, and the way back up is open.
    let copy = std::fs::read_dir(home.data()).expect("a folder").flatten().map(|e| e.path());
    let copy = copy.into_iter().find(|p| p.display().to_string().contains(".before-")).expect("a copy");
    assert_eq!(of_file(&copy).await, before);
    says(&home, &["restore", &copy.display().to_string(), "--replace"]).await;
    assert_eq!(of_file(&file).await, after);
    home.start().await.anybody().get("/ready").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_keeps_as_many_backups_as_are_asked_for() {
    let home = Home::new();
    lived_in(&home).await;
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    for name in ["todo-chatbot-2025-01-01T000000Z.db", "todo-chatbot-2026-01-02T030405Z.db"] {
        std::fs::write(at(name), b"old").expect("written");
    }
    // What somebody else put there is nobody's surplus.
    let others = ["todo-chatbot-friday.db", "todo-chatbot-2024-01-01T000000Z.db.gz", "notes.txt"];
    for name in others {
        std::fs::write(at(name), b"theirs").expect("written");
    }
    let place = folder.path().display().to_string();
    let said = says(&home, &["backup", &place, "--keep", "2"]).await;
    assert!(said.contains("read back and whole"), "{said}");
    assert!(said.contains("removed: ") && said.contains("2025-01-01T000000Z"), "{said}");
    let mut left: Vec<_> = std::fs::read_dir(&place).expect("a list").flatten().map(|f| f.file_name()).collect();
    left.sort();
    assert_eq!(left.len(), others.len() + 2, "{left:?}");
    assert!(others.iter().all(|name| at(name).exists()) && at("todo-chatbot-2026-01-02T030405Z.db").exists());

    let named = at("named.db").display().to_string();
    for place in ["-", named.as_str()] {
        let refused = refuses(&home, &["backup", place, "--keep", "1"]).await;
        assert!(refused.contains("name a folder"), "{refused}");
    }
    assert!(!at("named.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_goes_through_a_pipe() {
    let home = Home::new();
    lived_in(&home).await;
    let output = home.run(&["backup", "-"]).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let (_folder, file) = elsewhere();
    std::fs::write(&file, &output.stdout).expect("writes");
    assert_eq!(of_file(&file).await, of_file(&home.data().join("todo-chatbot.db")).await);
    let kept = home.data().join("backups");
    assert_eq!(std::fs::read_dir(kept).map(Iterator::count).unwrap_or(0), 0);
    let said = says(&home, &["backup"]).await;
    let default = said.split(": ").next().expect("a name");
    assert!(default.contains("backups") && Path::new(default).is_file(), "{said}");
    let value: Value = json!(said);
    assert!(value.as_str().is_some_and(|s| s.contains("2 people")), "{said}");
}

/// What a database that was moved away or cut off has left beside itself belongs to no other.
#[tokio::test(flavor = "multi_thread")]
async fn what_stands_beside_a_database_is_not_taken_for_a_part_of_another() {
    let home = Home::new();
    let file = home.data().join("todo-chatbot.db");
    lived_in(&home).await;
    let (_folder, good) = elsewhere();
    let name = good.display().to_string();
    says(&home, &["backup", &name]).await;
    // Killed while it writes: a part is only in the -wal file.
    let mut server = home.start().await;
    let ann = sign_in(&server).await;
    ann.post("/api/me/tasks", json!({"title": "only in the log"})).await.expect(201);
    server.kill();
    let wal = home.data().join("todo-chatbot.db-wal");
    assert!(std::fs::metadata(&wal).expect("a log").len() > 0);
    let other = Home::new();
    let refused = refuses(&other, &["restore", &file.display().to_string()]).await;
    assert!(refused.contains("-wal"), "{refused}");
    // The file is moved away by hand, its log is forgotten.
    std::fs::rename(&file, home.data().join("bad.db")).expect("moves");
    says(&home, &["restore", &name]).await;
    assert_eq!(of_file(&file).await, of_file(&good).await);
    // One that is no database any more makes way as it is.
    std::fs::write(&file, "nothing that SQLite knows, but long enough to be looked at").expect("writes");
    refuses(&home, &["restore", &name]).await;
    says(&home, &["restore", &name, "--replace"]).await;
    assert_eq!(of_file(&file).await, of_file(&good).await);
}
