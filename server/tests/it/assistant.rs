//! The built-in assistant's understanding, against a corpus of sentences: which tools it calls, what it asks and says.
//!
//! Nothing is stored here: calls are carried out on a list in memory, just well enough for the next sentence.

use domain::{
    id::{LabelId, ProjectId, TaskId, UserId},
    label::Label,
    priority::Priority,
    project::Project,
    task::{ProjectRef, Task},
};
use jiff::{civil::DateTime, tz::TimeZone};
use serde_json::{Value, json};
use server::agent::built_in::{
    plan::{self, Step},
    read, reply,
    scene::Scene,
};

const CORPUS: &str = include_str!("assistant/corpus.txt");
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

fn project(id: i64, name: &str) -> Project {
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

fn scene() -> Scene {
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

/// Carries out a call on the list in memory.
fn carry_out(scene: &Scene, tool: &str, arguments: &Value) -> Value {
    let ids = server::tools::task_ids(arguments);
    let named = || ids.iter().filter_map(|id| scene.task(*id).cloned());
    let next = scene.tasks().map(|t| t.id.0).max().unwrap_or(0) + 1;
    let tasks: Vec<Task> = match tool {
        "add_task" => vec![task(next, arguments["title"].as_str().unwrap_or_default(), |t| {
            t.due = arguments["due"].as_str().and_then(|d| d.parse().ok());
        })],
        "complete_task" => named().map(|t| Task { completed: true, ..t }).collect(),
        "reopen_task" => named().map(|t| Task { completed: false, ..t }).collect(),
        "delete_task" => named().map(|t| Task { deleted_at: Some("2026-11-21T10:00:00Z".into()), ..t }).collect(),
        "restore_task" => named().map(|t| Task { deleted_at: None, ..t }).collect(),
        "list_tasks" | "search" | "plan_day" => {
            let today = scene.today();
            let words = arguments["search"].as_str().or(arguments["text"].as_str());
            scene
                .tasks()
                .filter(|t| t.deleted_at.is_none() && (!t.completed || arguments["status"] == "all"))
                .filter(|t| arguments["view"] != "overdue" || scene.due_day(t).is_some_and(|d| d < today))
                .filter(|t| arguments["view"] != "today" || scene.due_day(t).is_some_and(|d| d <= today))
                .filter(|t| {
                    arguments["due_to"].is_null()
                        || scene
                            .due_day(t)
                            .is_some_and(|d| d.to_string().as_str() <= arguments["due_to"].as_str().unwrap_or_default())
                })
                .filter(|t| {
                    arguments["due_from"].is_null()
                        || scene.due_day(t).is_some_and(|d| {
                            d.to_string().as_str() >= arguments["due_from"].as_str().unwrap_or_default()
                        })
                })
                .filter(|t| {
                    arguments["project"].is_null()
                        || t.project.as_ref().map(|p| p.name.as_str()) == arguments["project"].as_str()
                })
                .filter(|t| words.is_none_or(|w| scene.like(w, |_| true).all.contains(&t.id.0)))
                .cloned()
                .collect()
        }
        _ => named().collect(),
    };
    json!({"tasks": tasks, "count": tasks.len(), "undone": arguments["operation"], "summary": "Something"})
}

/// One message: what was done and said, in the corpus's notation.
fn turn(text: &str, scene: &mut Scene, seq: &mut i64) -> Vec<String> {
    let mut out = Vec::new();
    let mut first = true;
    let asked = plan::answer(text, scene);
    scene.memory.asked = None;
    let mut run = |steps: Vec<Step>, scene: &mut Scene| {
        for step in steps {
            match step {
                Step::Call { tool, arguments, described } => {
                    out.push(format!("{tool} {arguments}{}", if described { " described" } else { "" }));
                    let result = carry_out(scene, tool, &arguments);
                    let changes = !server::tools::find(tool).expect("a tool").read_only();
                    *seq += 1;
                    scene.note(tool, &result, changes.then_some(*seq), first);
                    first = false;
                    assert!(!reply::told(tool, &arguments, &result, scene).is_empty());
                }
                Step::Say(text) => out.push(format!("say {text}")),
                Step::Ask(text, asked) => {
                    out.push(format!("ask {text}"));
                    scene.memory.asked = Some(asked);
                }
                Step::Decide(yes) => out.push(if yes { "yes" } else { "no" }.into()),
            }
        }
    };
    match asked {
        Some(steps) => run(steps, scene),
        None => {
            for intent in read::message(text, scene) {
                run(plan::steps(intent, scene), scene);
            }
        }
    }
    out
}

/// Whether what happened is what the corpus expects: calls exactly, words in part and without regard to case.
fn fits(expected: &str, got: &str) -> bool {
    let (kind, rest) = expected.split_once(' ').unwrap_or((expected, ""));
    match kind {
        "say" | "ask" => {
            got.split_once(' ').is_some_and(|(k, said)| k == kind && said.to_lowercase().contains(&rest.to_lowercase()))
        }
        "yes" | "no" => got == expected,
        tool => {
            let described = got.ends_with(" described");
            let (body, wanted) = match rest.strip_suffix(" described") {
                Some(body) => (body, true),
                None => (rest, false),
            };
            let (got_tool, got_body) =
                got.strip_suffix(" described").unwrap_or(got).split_once(' ').unwrap_or((got, "{}"));
            let json = |text: &str| {
                serde_json::from_str::<Value>(if text.is_empty() { "{}" } else { text })
                    .unwrap_or_else(|e| panic!("{text}: {e}"))
            };
            got_tool == tool && described == wanted && (body == "_" || json(body) == json(got_body))
        }
    }
}

#[test]
fn every_sentence_of_the_corpus_is_understood() {
    let mut wrong = Vec::new();
    let mut sentences = 0;
    let mut now = scene();
    let mut seq = 0;
    for (number, line) in CORPUS.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with("//") {
            continue;
        }
        let (sentence, expected) = line.split_once(" => ").unwrap_or_else(|| panic!("line {}: no arrow", number + 1));
        let (goes_on, sentence) = sentence.strip_prefix("| ").map_or((false, sentence), |s| (true, s));
        if !goes_on {
            now = scene();
            seq = 0;
        }
        sentences += 1;
        let got = turn(&sentence.replace("\\n", "\n"), &mut now, &mut seq);
        let expected: Vec<&str> = expected.split(" ;; ").map(str::trim).collect();
        if got.len() != expected.len() || !expected.iter().zip(&got).all(|(e, g)| fits(e, g)) {
            wrong.push(format!("line {}: {sentence}\n   expected {expected:?}\n   got      {got:?}", number + 1));
        }
    }
    assert!(sentences >= 150, "only {sentences} sentences");
    assert!(wrong.is_empty(), "{} of {sentences} sentences are misunderstood:\n{}", wrong.len(), wrong.join("\n"));
}
