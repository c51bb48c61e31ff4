//! `import --from`: the four older layouts on both engines, with odd rows; twice; into an installation in use.

use crate::{
    app::{Client, Engine, TestApp},
    fixtures::Fixture,
    running::Home,
};
use serde_json::{Value, json};
use server::{
    service::import::{Options, Report},
    store::source::Source,
};

const SCRYPT_PASSWORD: &str = "correct horse battery staple";
const BCRYPT_PASSWORD: &str = "Kk4DQuMMfZL9o";

/// An old database of that layout. The text names types that the engines spell differently.
async fn old(engine: Engine, layout: &str) -> Fixture {
    let fixture = Fixture::empty(engine).await;
    let kinds = [
        ("UUID", "text", "uuid"),
        ("BOOL", "integer", "boolean"),
        ("JSON", "text", "jsonb"),
        ("ARRAY", "text", "text[]"),
        ("ZONED", "date", "timestamptz"),
        ("TIME", "datetime", "timestamp"),
        ("DATE", "date", "date"),
    ];
    let mut sql = layout.replace("LONG", &"x".repeat(600));
    for (name, lite, postgres) in kinds {
        let kind = if engine == Engine::Sqlite { lite } else { postgres };
        sql = sql.replace(&format!(" {name}"), &format!(" {kind}"));
    }
    fixture.run(&sql).await;
    fixture
}

async fn import(app: &TestApp, old: &Fixture, zone: &str, dry_run: bool) -> Report {
    let mut source = Source::open(&old.url).await.expect("opens");
    let options = Options { zone: zone.into(), dry_run };
    app.state.services.import(&mut source, &options, &|_| {}).await.expect("imports")
}

fn count(report: &Report, what: &str) -> usize {
    report.copied.get(what).copied().unwrap_or(0)
}

/// Asserts that the report names exactly these: the beginning of the reason, and the old id.
#[track_caller]
fn assert_left(report: &Report, expected: &[(&str, &str, &str)]) {
    let left: usize = report.left.values().map(Vec::len).sum();
    for (table, why, id) in expected {
        let found =
            report.left.iter().any(|((t, w), ids)| t == table && w.starts_with(why) && ids.iter().any(|i| i == id));
        assert!(found, "{table} {id}: {why} in\n{report}");
    }
    assert_eq!(left, expected.len(), "{report}");
}

async fn signed_in(app: &TestApp, email: &str, password: &str) -> Client {
    let body = json!({ "email": email, "password": password });
    let answer = app.anonymous().post("/api/auth/sign-in/email", body).await.expect(200);
    let token = answer.json()["token"].as_str().expect("a token").to_owned();
    app.anonymous().with("authorization", &format!("Bearer {token}"))
}

async fn tasks(client: &Client) -> Vec<Value> {
    let list = client.get("/api/me/tasks?status=all&sort=position&limit=200").await.expect(200).json();
    list.as_array().expect("a list").clone()
}

async fn said(client: &Client) -> Vec<String> {
    let list = client.get("/api/me/conversations").await.expect(200).json();
    let mut said = Vec::new();
    for conversation in list.as_array().expect("a list") {
        let path = format!("/api/me/conversations/{}", conversation["id"]);
        for message in client.get(&path).await.expect(200).json()["messages"].as_array().expect("a list") {
            said.push(format!("{}: {}", message["role"].as_str().unwrap(), message["content"].as_str().unwrap()));
        }
    }
    said
}

/// Runs a test on both databases, old and new of the same engine.
macro_rules! on_both_old {
    ($(async fn $name:ident($engine:ident, $app:ident) $body:block)+) => {
        $(async fn $name($engine: Engine, $app: TestApp) $body
        mod $name {
            use super::*;
            #[tokio::test]
            async fn sqlite() {
                super::$name(Engine::Sqlite, TestApp::new(Engine::Sqlite).await).await;
            }
            #[tokio::test]
            async fn postgres() {
                super::$name(Engine::Postgres, TestApp::new(Engine::Postgres).await).await;
            }
        })+
    };
}

on_both_old! {
    async fn series_with_templates_and_tables_of_tags(engine, app) {
        let old = old(engine, include_str!("import/drizzle.sql")).await;
        let report = import(&app, &old, "UTC", false).await;
        assert_eq!((count(&report, "people"), count(&report, "tasks"), count(&report, "messages")), (1, 3, 2), "{report}");
        assert_eq!((count(&report, "passwords"), count(&report, "connections to other providers")), (1, 1), "{report}");
        assert!(report.no_admin);
        assert_eq!(report.unread, ["analytics_cache"]);
        assert_left(&report, &[
            ("tasks", "it is the template of a series", "00000000-0000-0000-0000-000000000002"),
            ("tasks", "it belongs to nobody", "00000000-0000-0000-0000-000000000005"),
            ("task_tags", "its tag is not there", "00000000-0000-0000-0000-000000000003"),
            ("conversations", "nothing was said", "00000000-0000-0000-0000-0000000000c2"),
            ("messages", "neither the person", "00000000-0000-0000-0000-0000000000d3"),
        ]);
        let ada = signed_in(&app, "ada@old.example", SCRYPT_PASSWORD).await;
        let [rent, gym, done] = tasks(&ada).await.try_into().expect("three");
        assert_eq!(rent["user_id"], "aaaaaaaabbbbbbbbccccccccdddddddd");
        assert_eq!((&rent["title"], &rent["description"], &rent["priority"]), (&json!("Pay rent"), &json!("by transfer"), &json!("high")));
        assert_eq!((&rent["due"], &rent["labels"]), (&json!("2026-12-01"), &json!(["home"])));
        assert_eq!(rent["repeat"]["rule"], "FREQ=MONTHLY;BYMONTHDAY=1;UNTIL=20271231");
        assert_eq!(rent["created_at"], "2026-01-03T08:00:00Z");
        assert_eq!((&gym["due"], &gym["repeat"]["rule"]), (&json!("2026-11-23"), &json!("FREQ=WEEKLY;BYDAY=MO,TH;COUNT=6")));
        assert_eq!((&done["completed"], &done["completed_at"], &done["repeat"]), (&json!(true), &json!("2026-11-19T18:00:00Z"), &Value::Null));
        assert_eq!(said(&ada).await, ["user: Add the rent", "assistant: Done: Pay rent."]);

        // Numbers go on after the last one, the import can be taken back, and the next run does not bring it again.
        assert_eq!(ada.task("Next").await["id"], 4);
        ada.delete("/api/me/tasks/4").await.expect(200);
        ada.post("/api/me/undo", json!({})).await.expect(200);
        ada.post("/api/me/undo", json!({})).await.expect(200);
        ada.post("/api/me/undo", json!({})).await.expect(200);
        assert_eq!(tasks(&ada).await, Vec::<Value>::new());
        let again = import(&app, &old, "UTC", false).await;
        assert_eq!(again.copied.len(), 0, "{again}");
        assert_eq!((again.there["tasks"], again.there["messages"], again.there["people"]), (4, 2, 1), "{again}");
        assert_eq!((tasks(&ada).await.len(), said(&ada).await.len()), (0, 2));
    }

    async fn a_word_for_a_rule_and_an_array_of_tags(engine, app) {
        let old = old(engine, include_str!("import/camel.sql")).await;
        let dry = import(&app, &old, "Europe/Paris", true).await;
        assert!(dry.to_string().contains("Would copy") && dry.to_string().contains("dry run"), "{dry}");
        let report = import(&app, &old, "Europe/Paris", false).await;
        assert_eq!(Report { dry_run: false, ..dry }, report);
        assert_left(&report, &[
            ("users", "the address is not an e-mail address", "bob"),
            ("tasks", "its priority is none of ours", "00000000-0000-0000-0000-000000000002"),
            ("tasks", "it belongs to nobody", "00000000-0000-0000-0000-000000000003"),
        ]);
        let ada = signed_in(&app, "ada@old.example", SCRYPT_PASSWORD).await;
        assert_eq!(ada.get("/api/me/settings").await.expect(200).json()["time_zone"], "Europe/Paris");
        let [report, day] = tasks(&ada).await.try_into().expect("two");
        assert_eq!((&report["due"], &report["priority"]), (&json!("2026-12-01T14:30[Europe/Paris]"), &json!("medium")));
        assert_eq!((&report["labels"], &report["repeat"]["rule"]), (&json!(["big boss", "urgent", "work"]), &json!("FREQ=WEEKLY;UNTIL=20270131")));
        assert_eq!((&day["due"], &day["completed"], &day["labels"]), (&json!("2026-12-02"), &json!(true), &json!(["home"])));
        let mut target = Fixture::empty(Engine::Sqlite).await;
        target.url.clone_from(&app.url);
        let reminders = target.rows("SELECT at_civil, at_zone, cast(sent_at AS text) FROM reminders").await;
        assert_eq!(reminders, [[Some("2026-12-01T14:00".into()), Some("Europe/Paris".into()), None]]);
    }

    async fn bcrypt_numbers_and_coloured_tags(engine, app) {
        // Somebody has the address here already, with another password and a task.
        let here = app.user("Ada").await;
        here.task("Mine").await;
        let layout = include_str!("import/bcrypt.sql").replace("ada@old.example", "Ada@Example.org");
        let old = old(engine, &layout).await;
        let report = import(&app, &old, "UTC", false).await;
        assert_eq!((count(&report, "people"), count(&report, "people who have an account here already")), (1, 1), "{report}");
        assert!(!report.no_admin, "{report}");
        assert_left(&report, &[
            ("users", "the password is kept in a form", "2"),
            ("tasks", "the title is longer than 500", "8"),
            ("tasks", "how it repeats was not copied", "8"),
            ("reminders", "its task was not copied", "2"),
            ("messages", "it is empty", "3"),
        ]);
        let [mine, plain, long] = tasks(&here).await.try_into().expect("three");
        assert_eq!((&mine["id"], &plain["id"], &long["id"]), (&json!(1), &json!(2), &json!(3)));
        assert_eq!((&plain["due"], &plain["repeat"]["rule"]), (&json!("2026-12-01T09:00[UTC]"), &json!("FREQ=DAILY")));
        assert_eq!((long["title"].as_str().unwrap().len(), long["description"].as_str().unwrap().len()), (500, 600 + 2 + 9));
        let labels = here.get("/api/me/labels").await.expect(200).json();
        assert_eq!((&labels[0]["name"], &labels[0]["colour"]), (&json!("Errand"), &json!("red")));
        assert_eq!(said(&here).await, ["user: hello", "assistant: Hi Ada."]);
        // The old password opens nothing that was here before.
        let wrong = json!({ "email": "ada@example.org", "password": BCRYPT_PASSWORD });
        app.anonymous().post("/api/auth/sign-in/email", wrong).await.expect(401);

        // What has been added there since comes with the next run.
        old.run("INSERT INTO tasks VALUES (10, 1, 'Since then', NULL, false, 'low', NULL, NULL, NULL, '2026-03-01 08:00:00', '2026-03-01 08:00:00');
            INSERT INTO messages VALUES (4, 1, 1, 'user', 'again', '2026-03-01 08:00:00');").await;
        let again = import(&app, &old, "UTC", false).await;
        assert_eq!((count(&again, "tasks"), count(&again, "messages"), again.copied.len()), (1, 1, 2), "{again}");
        assert_eq!(here.titles("?search=since").await, ["Since then"]);
        assert_eq!(said(&here).await, ["user: hello", "assistant: Hi Ada.", "user: again"]);
    }

    async fn rules_and_reminders_in_tables_of_their_own(engine, app) {
        let old = old(engine, include_str!("import/rules.sql")).await;
        let report = import(&app, &old, "UTC", false).await;
        assert_left(&report, &[
            ("recurrence_rules", "no task has it", "00000000-0000-0000-0000-0000000000e2"),
            ("messages", "its conversation is not there", "00000000-0000-0000-0000-0000000000d2"),
        ]);
        let ada = signed_in(&app, "ada@old.example", SCRYPT_PASSWORD).await;
        assert_eq!(report.unread, ["todos"]);
        let [plants, _second] = tasks(&ada).await.try_into().expect("two");
        assert_eq!((&plants["due"], &plants["priority"]), (&json!("2026-12-01T18:00[UTC]"), &json!("medium")));
        assert_eq!((&plants["labels"], &plants["repeat"]["rule"]), (&json!(["garden", "home"]), &json!("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,FR")));
        // It is a task like any other: done, it comes back.
        ada.patch("/api/me/tasks/1/complete", json!({})).await.expect(200);
        assert_eq!(ada.get("/api/me/tasks/1").await.expect(200).json()["due"], "2026-12-04T18:00[UTC]");
    }
}

#[tokio::test]
async fn the_command_copies_reports_and_only_reads() {
    let old = old(Engine::Sqlite, include_str!("import/bcrypt.sql")).await;
    let bytes = std::fs::read(old.file()).expect("the file");
    let home = Home::new();
    for (args, part) in [
        (&["--dry-run"][..], "Would copy: "),
        (&["--zone", "Europe/Paris"], "2 people"),
        (&[], "Already here from an earlier import: 1 conversations, 2 messages, 2 people, 1 reminders, 3 tasks."),
    ] {
        let output = home.run(&[&["import", "--from", old.file()], args].concat()).await;
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && out.contains(part), "{out}\n{err}");
        assert!(err.contains("3 of 3 tasks") || part.starts_with("Already"), "{err}");
        assert!(!out.contains("Plain") && !err.contains("Plain"), "contents are nobody's business");
    }
    assert!(bytes == std::fs::read(old.file()).expect("the file"), "the old file changed");
    let own = home.data().join("todo-chatbot.db");
    for (from, part) in [
        (&*own.display().to_string(), "todo-chatbot's own database"),
        ("/nonexistent/file.db", "there is no file /nonexistent/file.db"),
        ("mysql://u:hunter2@h/d", "the scheme \"mysql\" is not supported"),
        ("postgresql+asyncpg://u:hunter2@127.0.0.1:1/d", "cannot be read"),
    ] {
        let output = home.run(&["import", "--from", from]).await;
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(1) && err.contains(part) && !err.contains("hunter2"), "{err}");
    }
}
