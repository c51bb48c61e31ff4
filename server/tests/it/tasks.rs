//! `/api/{user_id}/tasks…` through every layer, on both databases.

use crate::app::{Answer, on_both, titles};
use axum::{body::Body, http::Method};
use serde_json::{Value, json};

/// The single field error of a 422.
#[track_caller]
fn field(answer: Answer) -> (String, String) {
    let problem = answer.expect(422).json();
    assert_eq!(problem["code"], "validation_failed");
    let error = &problem["errors"][0];
    (error["field"].as_str().unwrap_or_default().into(), error["code"].as_str().unwrap_or_default().into())
}

on_both! {
    async fn a_task_is_made_read_and_shown_whole(app) {
        let ann = app.user("ann").await;
        let made = ann.post("/api/me/tasks", json!({
            "title": "  Buy milk ", "description": "two\r\nlitres", "due": "2026-11-22T09:00[Europe/Paris]",
            "start": "2026-11-21", "deadline": "2026-11-30", "priority": "HIGH", "labels": ["shop", "Home", "SHOP"],
            "project": "Errands", "repeat": {"rule": "freq=weekly;byday=su"},
        })).await.expect(201);
        assert_eq!(made.header("etag"), Some("\"1\""));
        assert_eq!(made.header("location"), Some(format!("/api/{}/tasks/1", ann.user).as_str()));
        let task = made.json();
        assert_eq!(task, ann.get("/api/me/tasks/1").await.expect(200).json());
        assert_eq!(task, json!({
            "id": 1, "user_id": ann.user, "title": "Buy milk", "description": "two\nlitres", "completed": false,
            "completed_at": null, "start": "2026-11-21", "due": "2026-11-22T09:00[Europe/Paris]", "deadline": "2026-11-30",
            "repeat": {"rule": "FREQ=WEEKLY;BYDAY=SU", "from": "due", "except": []}, "priority": "high",
            "labels": ["Home", "shop"], "project": {"id": 1, "name": "Errands"}, "parent_id": null,
            "position": task["position"], "created_at": "2026-11-21T10:00:00Z", "updated_at": "2026-11-21T10:00:00Z",
            "deleted_at": null, "version": 1,
        }));
        let again = ann.get(&format!("/api/{}/tasks", ann.user)).await.expect(200).json();
        assert_eq!(again, json!([task]));
    }

    async fn a_broken_task_names_the_field_and_what_is_allowed(app) {
        let ann = app.user("ann").await;
        for (body, expected) in [
            (json!({}), ("title", "missing")),
            (json!({"title": ""}), ("title", "empty")),
            (json!({"title": "   "}), ("title", "empty")),
            (json!({"title": null}), ("title", "empty")),
            (json!({"title": 7}), ("title", "invalid_type")),
            (json!({"title": "x".repeat(501)}), ("title", "too_long")),
            (json!({"title": "a\u{0}b"}), ("title", "control_character")),
            (json!({"title": "a", "description": "y".repeat(20_001)}), ("description", "too_long")),
            (json!({"title": "a", "priority": "urgentest"}), ("priority", "unknown")),
            (json!({"title": "a", "due": "2026-02-30"}), ("due", "invalid_date")),
            (json!({"title": "a", "due": "2026-02-01T10:00[Mars/Base]"}), ("due", "unknown_zone")),
            (json!({"title": "a", "repeat": {"rule": "FREQ=HOURLY"}}), ("repeat.rule", "invalid")),
            (json!({"title": "a", "labels": "home"}), ("labels", "invalid_type")),
            (json!({"title": "a", "labels": ["ok", ""]}), ("labels[1]", "empty")),
            (json!({"title": "a", "parent_id": 99}), ("parent_id", "unknown")),
            (json!({"title": "a", "project": 99}), ("project", "unknown")),
            (json!({"title": "a", "completed": "perhaps"}), ("completed", "invalid_type")),
        ] {
            let answer = ann.post("/api/me/tasks", body.clone()).await;
            assert_eq!(field(answer), (expected.0.to_owned(), expected.1.to_owned()), "{body}");
        }
        assert_eq!(ann.titles("").await, Vec::<String>::new(), "nothing was half-done");
        assert_eq!(ann.get("/api/me/overview").await.expect(200).json()["seq"], 0);
        let unknown = ann.post("/api/me/tasks", json!({"title": "a", "priority": "urgentest"})).await.json();
        assert_eq!(unknown["errors"][0]["message"], "priority must be none, low, medium or high, and this is \"urgentest\"");
    }

    async fn broken_requests_are_told_apart(app) {
        let ann = app.user("ann").await;
        let send = |text: &'static str| ann.send(Method::POST, "/api/me/tasks", Body::from(text));
        assert_eq!(send("{\"title\":").await.expect(400).json()["code"], "invalid_json");
        assert_eq!(send("[1]").await.expect(400).json()["code"], "invalid_json");
        assert_eq!(send("\u{0}").await.expect(400).json()["code"], "invalid_json");
        let plain = ann.with("content-type", "text/plain");
        plain.send(Method::POST, "/api/me/tasks", Body::from("hello")).await.expect(415);
        let big = "x".repeat(10 << 20);
        assert_eq!(ann.post("/api/me/tasks", json!({"title": big})).await.expect(413).json()["code"], "too_large");
        ann.get("/api/me/tasks/0").await.expect(404);
        ann.get("/api/me/tasks/99").await.expect(404);
        ann.get("/api/me/tasks/abc").await.expect(404);
        ann.get("/api/me/tasks/99999999999999999999").await.expect(404);
        ann.send(Method::POST, "/api/me/tasks/1", Body::empty()).await.expect(405);
        ann.get("/api/me/tasks?limit=0").await.expect(422);
        ann.get("/api/me/tasks?limit=201").await.expect(422);
        ann.get("/api/me/tasks?status=maybe").await.expect(422);
        ann.get("/api/me/tasks?cursor=bm9uc2Vuc2U").await.expect(422);
    }

    async fn any_script_and_emoji_survive(app) {
        let ann = app.user("ann").await;
        for title in ["شراء الحليب", "買牛奶 🥛", "e\u{301}te\u{301}", "👩‍👩‍👧‍👦 family", "\u{202e}evil", "<script>alert(1)</script>", "'; DROP TABLE tasks; --"] {
            assert_eq!(ann.task(title).await["title"], title);
        }
        assert_eq!(ann.titles("").await.len(), 7);
    }

    async fn older_names_and_spellings_are_taken(app) {
        let ann = app.user("ann").await;
        let task = ann.post("/api/me/tasks", json!({
            "title": "a", "is_completed": true, "dueDate": "2026-11-25T10:00:00.000Z", "priority": "normal",
            "tags": [{"name": "x"}], "recurrence_pattern": null, "category": "work",
        })).await.expect(201).json();
        assert_eq!(task["completed"], true);
        assert_eq!(task["due"], "2026-11-25T10:00[UTC]");
        assert_eq!(task["priority"], "medium");
        assert_eq!(task["labels"], json!(["x"]));
    }

    async fn put_replaces_and_patch_merges(app) {
        let ann = app.user("ann").await;
        ann.post("/api/me/tasks", json!({"title": "a", "description": "d", "due": "2026-11-22", "labels": ["x"], "priority": "low"})).await.expect(201);
        let merged = ann.patch("/api/me/tasks/1", json!({"title": "b", "add_labels": ["y"], "due": null})).await.expect(200).json();
        assert_eq!((&merged["title"], &merged["description"], &merged["due"]), (&json!("b"), &json!("d"), &Value::Null));
        assert_eq!(merged["labels"], json!(["x", "y"]));
        assert_eq!(merged["version"], 2);
        let replaced = ann.put("/api/me/tasks/1", json!({"title": "c"})).await.expect(200).json();
        assert_eq!((&replaced["title"], &replaced["description"], &replaced["labels"], &replaced["priority"]),
            (&json!("c"), &Value::Null, &json!([]), &json!("none")));
        ann.put("/api/me/tasks/1", json!({"description": "no title"})).await.expect(422);
        let same = ann.patch("/api/me/tasks/1", json!({"title": "c"})).await.expect(200).json();
        assert_eq!(same["version"], 3, "nothing differs, so nothing is written");
    }

    async fn a_lost_race_is_seen(app) {
        let ann = app.user("ann").await;
        ann.task("a").await;
        let first = ann.with("if-match", "\"1\"");
        first.patch("/api/me/tasks/1", json!({"title": "b"})).await.expect(200);
        let late = first.patch("/api/me/tasks/1", json!({"title": "c"})).await.expect(412).json();
        assert_eq!(late["code"], "version_conflict");
        first.delete("/api/me/tasks/1").await.expect(412);
        ann.with("if-match", "soon").patch("/api/me/tasks/1", json!({"title": "c"})).await.expect(422);
        assert_eq!(ann.titles("").await, ["b"]);
    }

    async fn of_many_who_change_the_same_version_one_wins(app) {
        let ann = app.user("ann").await;
        ann.task("a").await;
        let first = ann.with("if-match", "\"1\"");
        let titles = ["b", "c", "d", "e", "f", "g"];
        let many = futures::future::join_all(titles.map(|title| {
            let first = first.clone();
            async move { first.patch("/api/me/tasks/1", json!({"title": title})).await.status.as_u16() }
        }))
        .await;
        assert_eq!(many.iter().filter(|s| **s == 200).count(), 1, "{many:?}");
        assert_eq!(many.iter().filter(|s| **s == 412).count(), 5, "{many:?}");
        let made = futures::future::join_all((0..20).map(|_| ann.task("x"))).await;
        let mut ids: Vec<i64> = made.iter().filter_map(|t| t["id"].as_i64()).collect();
        ids.sort_unstable();
        assert_eq!(ids, (2..22).collect::<Vec<i64>>(), "numbers are counted without gap or repeat");
        let positions: std::collections::BTreeSet<_> = made.iter().map(|t| t["position"].to_string()).collect();
        assert_eq!(positions.len(), 20);
    }

    async fn complete_toggles(app) {
        let ann = app.user("ann").await;
        ann.task("a").await;
        let done = ann.patch("/api/me/tasks/1/complete", json!({})).await.expect(200).json();
        assert_eq!((&done["completed"], &done["completed_at"]), (&json!(true), &json!("2026-11-21T10:00:00Z")));
        assert_eq!(ann.titles("?status=open").await.len(), 0);
        assert_eq!(ann.titles("?status=completed").await, ["a"]);
        let open = ann.send(Method::PATCH, "/api/me/tasks/1/complete", Body::empty()).await.expect(200).json();
        assert_eq!((&open["completed"], &open["completed_at"]), (&json!(false), &Value::Null));
        ann.post("/api/me/tasks/1/complete", json!({})).await.expect(200);
        let twice = ann.post("/api/me/tasks/1/complete", json!({})).await.expect(200).json();
        assert_eq!(twice["completed"], true, "POST completes, it does not toggle");
    }

    async fn a_repeating_task_moves_on_and_keeps_a_record(app) {
        let ann = app.user("ann").await;
        ann.post("/api/me/tasks", json!({"title": "report", "due": "2026-11-20T09:00", "repeat": {"rule": "FREQ=WEEKLY;BYDAY=FR;COUNT=3"}})).await.expect(201);
        ann.post("/api/me/tasks", json!({"title": "part", "parent_id": 1, "completed": true})).await.expect(201);
        let moved = ann.patch("/api/me/tasks/1/complete", json!({})).await.expect(200).json();
        assert_eq!((&moved["completed"], &moved["due"]), (&json!(false), &json!("2026-11-27T09:00")));
        assert_eq!(ann.get("/api/me/tasks/2").await.json()["completed"], false, "parts start anew");
        let done = ann.get("/api/me/tasks?status=completed").await.expect(200).json();
        assert_eq!(titles(&done), ["report"]);
        assert_eq!((&done[0]["due"], &done[0]["repeat"]), (&json!("2026-11-20T09:00"), &Value::Null));
        ann.patch("/api/me/tasks/1/complete", json!({})).await.expect(200);
        let last = ann.patch("/api/me/tasks/1/complete", json!({})).await.expect(200).json();
        assert_eq!(last["completed"], true, "the third was the last");
        assert_eq!(ann.titles("?status=completed").await.iter().filter(|t| *t == "report").count(), 3);
    }

    async fn an_overdue_daily_task_does_not_pile_up(app) {
        let ann = app.user("ann").await;
        ann.post("/api/me/tasks", json!({"title": "walk", "due": "2026-11-10", "repeat": "daily"})).await.expect(201);
        let moved = ann.patch("/api/me/tasks/1/complete", json!({})).await.expect(200).json();
        assert_eq!(moved["due"], "2026-11-22");
        ann.post("/api/me/tasks", json!({"title": "water", "due": "2026-11-10", "repeat": {"rule": "FREQ=DAILY;INTERVAL=5", "from": "completion"}})).await.expect(201);
        let moved = ann.patch("/api/me/tasks/3/complete", json!({})).await.expect(200).json();
        assert_eq!(moved["due"], "2026-11-26");
    }

    async fn subtasks_nest_to_a_limit_and_never_in_a_circle(app) {
        let ann = app.user("ann").await;
        ann.post("/api/me/tasks", json!({"title": "1", "project": "P"})).await.expect(201);
        for level in 2..=8 {
            let part = ann.post("/api/me/tasks", json!({"title": level.to_string(), "parent_id": level - 1})).await.expect(201).json();
            assert_eq!(part["project"]["name"], "P", "parts are where their parent is");
        }
        let deep = ann.post("/api/me/tasks", json!({"title": "9", "parent_id": 8})).await;
        assert_eq!(field(deep), ("parent_id".into(), "too_deep".into()));
        assert_eq!(field(ann.patch("/api/me/tasks/1", json!({"parent_id": 8})).await), ("parent_id".into(), "cycle".into()));
        assert_eq!(field(ann.patch("/api/me/tasks/1", json!({"parent_id": 1})).await), ("parent_id".into(), "cycle".into()));
        assert_eq!(titles(&ann.get("/api/me/tasks/1/subtasks").await.expect(200).json()), ["2"]);
        ann.post("/api/me/tasks/1/complete", json!({})).await.expect(200);
        assert_eq!(ann.titles("?status=open").await.len(), 0, "parts are completed with their parent");
    }

    async fn the_trash_takes_parts_along_and_gives_them_back(app) {
        let ann = app.user("ann").await;
        ann.task("a").await;
        ann.post("/api/me/tasks", json!({"title": "part", "parent_id": 1})).await.expect(201);
        let gone = ann.delete("/api/me/tasks/1").await.expect(200).json();
        assert_eq!(gone["deleted_at"], "2026-11-21T10:00:00Z");
        assert_eq!(ann.titles("").await.len(), 0);
        assert_eq!(ann.titles("?status=trash").await.len(), 2);
        ann.delete("/api/me/tasks/1").await.expect(200);
        ann.post("/api/me/tasks/1/restore", json!({})).await.expect(200);
        assert_eq!(ann.titles("").await, ["a", "part"]);
        assert_eq!(ann.delete("/api/me/tasks/1?permanent=true").await.expect(409).json()["code"], "not_in_trash");
        ann.delete("/api/me/tasks/1").await.expect(200);
        ann.delete("/api/me/tasks/1?permanent=true").await.expect(204);
        ann.get("/api/me/tasks/1").await.expect(404);
        assert_eq!(ann.titles("?status=trash").await.len(), 0);
    }

    async fn tasks_are_reordered_by_their_neighbours(app) {
        let ann = app.user("ann").await;
        for title in ["a", "b", "c"] {
            ann.task(title).await;
        }
        ann.patch("/api/me/tasks/3", json!({"before": 1})).await.expect(200);
        assert_eq!(ann.titles("").await, ["c", "a", "b"]);
        ann.patch("/api/me/tasks/3", json!({"after": 1})).await.expect(200);
        assert_eq!(ann.titles("").await, ["a", "c", "b"]);
        ann.patch("/api/me/tasks/2", json!({"position": "first"})).await.expect(200);
        ann.patch("/api/me/tasks/1", json!({"position": "last"})).await.expect(200);
        assert_eq!(ann.titles("").await, ["b", "c", "a"]);
        assert_eq!(field(ann.patch("/api/me/tasks/1", json!({"before": 99})).await), ("before".into(), "unknown".into()));
    }

    async fn lists_are_filtered(app) {
        let ann = app.user("ann").await;
        for (title, due, priority, project, label) in [
            ("late", Some("2026-11-19"), "low", None, None),
            ("now", Some("2026-11-21T18:00"), "high", Some("Work"), Some("home")),
            ("tonight in Tokyo", Some("2026-11-22T03:00[Asia/Tokyo]"), "none", None, None),
            ("soon", Some("2026-11-25"), "none", Some("Work"), None),
            ("some day", None, "none", None, Some("Home")),
        ] {
            ann.post("/api/me/tasks", json!({"title": title, "due": due, "priority": priority, "project": project, "labels": label.map_or(json!([]), |l| json!([l]))})).await.expect(201);
        }
        assert_eq!(ann.titles("?view=today").await, ["late", "now", "tonight in Tokyo"]);
        assert_eq!(ann.titles("?view=overdue").await, ["late"]);
        assert_eq!(ann.titles("?view=upcoming").await, ["soon"]);
        assert_eq!(ann.titles("?view=inbox").await, ["late", "tonight in Tokyo", "some day"]);
        assert_eq!(ann.titles("?project=1").await, ["now", "soon"]);
        assert_eq!(ann.titles("?project=work").await, ["now", "soon"]);
        assert_eq!(ann.titles("?label=HOME").await, ["now", "some day"]);
        assert_eq!(ann.titles("?label=home&label=shop").await.len(), 0);
        assert_eq!(ann.titles("?priority=high").await, ["now"]);
        assert_eq!(ann.titles("?due_from=2026-11-20&due_to=2026-11-21").await, ["now", "tonight in Tokyo"]);
        assert_eq!(ann.titles("?sort_by=title&order=desc").await[0], "tonight in Tokyo");
        assert_eq!(ann.titles("?sort_by=priority").await[..2], ["now", "late"]);
        assert_eq!(ann.titles("?sort_by=due").await.last().map(String::as_str), Some("some day"));
        let overview = ann.get("/api/me/overview").await.expect(200).json();
        assert_eq!(overview["counts"], json!({"inbox": 3, "today": 3, "overdue": 1, "projects": {"1": 2}, "labels": {"1": 2}}));
    }

    async fn the_day_follows_the_persons_zone(app) {
        let ann = app.user("ann").await;
        ann.post("/api/me/tasks", json!({"title": "call", "due": "2026-11-22T03:00[Asia/Tokyo]"})).await.expect(201);
        assert_eq!(ann.titles("?view=today").await, ["call"]);
        ann.patch("/api/me/settings", json!({"time_zone": "Pacific/Auckland"})).await.expect(200);
        assert_eq!(ann.get("/api/me/overview").await.json()["today"], "2026-11-21");
        assert_eq!(ann.titles("?view=upcoming").await, ["call"], "there it is the 22nd");
        assert_eq!(field(ann.patch("/api/me/settings", json!({"time_zone": "Mars/Base"})).await), ("time_zone".into(), "unknown".into()));
    }

    async fn pages_follow_each_other_without_gap_or_repeat(app) {
        let ann = app.user("ann").await;
        for n in 0..25 {
            ann.post("/api/me/tasks", json!({"title": format!("{:02}", 24 - n), "priority": (["none", "low", "high"][n % 3]), "due": if n % 4 == 0 { Value::Null } else { json!(format!("2026-12-{:02}", 1 + n % 7)) }})).await.expect(201);
        }
        for sort in ["position", "due", "priority", "created", "title"] {
            for order in ["asc", "desc"] {
                let whole = ann.titles(&format!("?sort_by={sort}&order={order}&limit=200")).await;
                let mut paged = Vec::new();
                let mut next = Some(format!("/api/me/tasks?sort_by={sort}&order={order}&limit=7"));
                while let Some(path) = next {
                    let answer = ann.get(&path).await.expect(200);
                    paged.extend(titles(&answer.json()));
                    next = answer.header("link").map(|l| l.trim_start_matches('<').split('>').next().unwrap_or_default().to_owned());
                }
                assert_eq!(paged, whole, "{sort} {order}");
                assert_eq!(paged.len(), 25);
            }
        }
    }

    async fn search_finds_words_and_their_beginnings(app) {
        let (ann, bob) = (app.user("ann").await, app.user("bob").await);
        ann.post("/api/me/tasks", json!({"title": "Call the plumber", "description": "kitchen sink"})).await.expect(201);
        ann.post("/api/me/tasks", json!({"title": "Kitchen paint"})).await.expect(201);
        bob.task("Kitchen of Bob").await;
        let mut found = ann.titles("?search=kitch").await;
        found.sort();
        assert_eq!(found, ["Call the plumber", "Kitchen paint"]);
        assert_eq!(ann.titles("?search=sink%20PLUMB").await, ["Call the plumber"]);
        ann.patch("/api/me/tasks/1", json!({"description": null})).await.expect(200);
        assert_eq!(ann.titles("?search=sink").await.len(), 0);
        for odd in ["%22", "*", "%27%3B--", "NEAR(", "AND", "%00", "a%3A*%20%26", "\u{1F95B}".escape_default().to_string().as_str()] {
            ann.get(&format!("/api/me/tasks?search={odd}")).await.expect(200);
        }
    }

    async fn many_change_as_one(app) {
        let ann = app.user("ann").await;
        for title in ["a", "b", "c"] {
            ann.task(title).await;
        }
        let moved = ann.post("/api/me/tasks/bulk", json!({"ids": [1, 2, 3], "patch": {"due": "2026-11-23", "add_labels": ["x"]}})).await.expect(200);
        let seq = moved.seq();
        assert_eq!(moved.json()["tasks"].as_array().map(Vec::len), Some(3));
        ann.post("/api/me/tasks/bulk", json!({"ids": [1, 99], "action": "delete"})).await.expect(404);
        assert_eq!(ann.titles("").await.len(), 3, "all or none");
        ann.post("/api/me/undo", json!({"seq": seq})).await.expect(200);
        let tasks = ann.get("/api/me/tasks").await.json();
        assert!(tasks.as_array().is_some_and(|l| l.iter().all(|t| t["due"].is_null() && t["labels"] == json!([]))), "{tasks}");
        ann.post("/api/me/tasks/bulk", json!({"ids": [1, 2, 3], "action": "delete"})).await.expect(200);
        ann.post("/api/me/undo", json!({})).await.expect(200);
        assert_eq!(ann.titles("").await.len(), 3);
        ann.post("/api/me/tasks/bulk", json!({"ids": []})).await.expect(422);
        ann.post("/api/me/tasks/bulk", json!({"ids": [1], "action": "explode"})).await.expect(422);
    }

    async fn projects_and_labels_have_their_rules(app) {
        let ann = app.user("ann").await;
        let work = ann.post("/api/me/projects", json!({"name": "Work"})).await.expect(201).json();
        assert_eq!(work["id"], 1);
        assert_eq!(ann.post("/api/me/projects", json!({"name": "wORK"})).await.expect(409).json()["code"], "name_taken");
        assert_eq!(field(ann.post("/api/me/projects", json!({"name": " "})).await).0, "name");
        assert_eq!(field(ann.post("/api/me/projects", json!({"name": "x", "colour": "beige"})).await).0, "colour");
        ann.post("/api/me/projects", json!({"name": "Inner", "parent_id": 1})).await.expect(201);
        assert_eq!(field(ann.post("/api/me/projects", json!({"name": "Third", "parent_id": 2})).await).0, "parent_id");
        ann.post("/api/me/tasks", json!({"title": "a", "project": 1})).await.expect(201);
        ann.patch("/api/me/projects/1", json!({"name": "Office"})).await.expect(200);
        assert_eq!(ann.get("/api/me/tasks/1").await.json()["project"]["name"], "Office");
        let gone = ann.delete("/api/me/projects/1").await.expect(200);
        assert_eq!(ann.titles("").await.len(), 0);
        ann.get("/api/me/projects/1").await.expect(404);
        ann.post("/api/me/undo", json!({"seq": gone.seq()})).await.expect(200);
        assert_eq!(ann.titles("?project=1").await, ["a"]);
        ann.patch("/api/me/tasks/1", json!({"labels": ["Red"]})).await.expect(200);
        ann.patch("/api/me/labels/1", json!({"name": "Blue"})).await.expect(200);
        assert_eq!(ann.get("/api/me/tasks/1").await.json()["labels"], json!(["Blue"]));
        let gone = ann.delete("/api/me/labels/1").await.expect(200);
        assert_eq!(ann.get("/api/me/tasks/1").await.json()["labels"], json!([]));
        ann.post("/api/me/undo", json!({"seq": gone.seq()})).await.expect(200);
        assert_eq!(ann.get("/api/me/tasks/1").await.json()["labels"], json!(["Blue"]));
    }
}
