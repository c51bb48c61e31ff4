//! What a call did, in a sentence or a list.

use super::{
    super::{
        lexicon::Say,
        scene::{Scene, State, state, tasks_of},
    },
    day, details, due, joined, lines, name, plain, priority, quoted, repeats,
};
use domain::task::Task;
use jiff::civil::Date;
use serde_json::Value;

/// What a call did.
pub fn told(tool: &str, arguments: &Value, result: &Value, scene: &Scene) -> String {
    let language = scene.language;
    let tasks = tasks_of(result);
    let all: Vec<String> = tasks.iter().map(name).collect();
    let all = joined(&all, language);
    let n = tasks.len().to_string();
    let listed = || lines(&tasks, scene);
    let with = |task: &Task| match details(task, scene) {
        d if d.is_empty() => String::new(),
        d => format!(" · {d}"),
    };
    let tell = |say, with: &[(&str, &str)]| language.tell(say, with);
    let named = |say| tell(say, &[("names", &all)]);
    let thing = quoted(result["name"].as_str().unwrap_or_default());
    match (tool, &tasks[..]) {
        ("add_task", [task]) => match task.parent_id.and_then(|p| scene.task(p.0)) {
            Some(parent) => {
                tell(Say::added_under, &[("name", &name(task)), ("parent", &name(parent)), ("details", &with(task))])
            }
            None => tell(Say::added, &[("name", &name(task)), ("details", &with(task))]),
        },
        ("add_task" | "add_tasks" | "quick_add", _) => tell(Say::added_many, &[("n", &n), ("list", &listed())]),
        ("complete_task", [task]) if task.repeat.is_some() && !task.completed => {
            let next = task.due.as_ref().map(|d| due(d, scene)).unwrap_or_default();
            tell(Say::completed_next, &[("name", &name(task)), ("date", &next)])
        }
        ("complete_task", _) => named(Say::completed),
        ("reopen_task", [_]) => named(Say::reopened_one),
        ("reopen_task", _) => named(Say::reopened_many),
        ("delete_task", [_]) => named(Say::deleted_one),
        ("delete_task", _) => named(Say::deleted_many),
        ("restore_task", _) => named(Say::restored),
        ("update_task", [task]) if arguments.get("title").is_some() => tell(Say::renamed, &[("name", &name(task))]),
        ("update_task" | "move_tasks", []) => tell(Say::unchanged, &[]),
        ("update_task" | "move_tasks", [task]) => {
            let say = if tool == "move_tasks" { Say::moved } else { Say::changed };
            tell(say, &[("name", &name(task)), ("changes", &changes(arguments, task, scene))])
        }
        ("update_task", [first, ..]) => {
            tell(Say::changed_many, &[("n", &n), ("changes", &changes(arguments, first, scene)), ("list", &listed())])
        }
        ("move_tasks", _) => tell(Say::moved_many, &[("n", &n), ("list", &listed())]),
        ("get_task", [task]) => one(task, result, scene),
        ("list_tasks", _) => list(arguments, &tasks, result, scene),
        ("search", []) => tell(Say::found_none, &[("said", &quoted(arguments["text"].as_str().unwrap_or_default()))]),
        ("search", _) => tell(Say::found, &[("count", &count(tasks.len(), scene)), ("list", &listed())]),
        ("plan_day", _) => plan(&tasks, result, scene),
        ("create_project", _) => tell(Say::made_project, &[("name", &thing)]),
        ("create_label", _) => tell(Say::made_label, &[("name", &thing)]),
        ("update_project" | "update_label", _) => tell(Say::changed_thing, &[("name", &thing)]),
        ("delete_project" | "delete_label", _) => tell(Say::deleted_thing, &[("name", &thing)]),
        ("toggle_complete", _) if result["status"] == "reopened" => named(Say::reopened_many),
        ("toggle_complete", _) => named(Say::completed),
        ("list_projects", _) => kinds(result, "projects", Say::projects, Say::projects_none, scene),
        ("list_labels", _) => kinds(result, "labels", Say::labels, Say::labels_none, scene),
        ("undo", _) => {
            let summary = result["summary"].as_str().unwrap_or_else(|| language.say(Say::last_change));
            tell(Say::undone, &[("what", &plain(summary.trim_end_matches('.'))), ("names", &all)])
        }
        _ => tell(Say::did, &[]),
    }
}

/// What a call that waits for a yes would do, with the exact tasks.
pub fn asks(tool: &str, result: &Value, scene: &Scene) -> String {
    let tasks = tasks_of(result);
    let rows = if tasks.len() > 1 { format!("\n\n{}", lines(&tasks, scene)) } else { String::new() };
    let summary = plain(result["summary"].as_str().unwrap_or_default());
    let names = joined(&tasks.iter().map(name).collect::<Vec<_>>(), scene.language);
    // Another server's tool is about no tasks of ours.
    let names = if tasks.is_empty() { summary.clone() } else { names };
    let say = if tool == "delete_task" { Say::asks_delete } else { Say::asks };
    scene.language.tell(say, &[("what", &summary), ("names", &names), ("list", &rows)])
}

/// That a call was refused.
pub fn denied(scene: &Scene) -> String {
    scene.language.say(Say::denied).to_owned()
}

/// That a call failed, and why.
pub fn went_wrong(result: &Value, scene: &Scene) -> String {
    let why = result["error"].as_str().unwrap_or_else(|| scene.language.say(Say::wrong));
    scene.language.tell(Say::not_worked, &[("why", &plain(why))])
}

fn count(n: usize, scene: &Scene) -> String {
    format!("{n} {}", scene.language.say(if n == 1 { Say::task } else { Say::tasks }))
}

fn changes(arguments: &Value, task: &Task, scene: &Scene) -> String {
    let language = scene.language;
    let mut out: Vec<String> = Vec::new();
    let said = |keys: &[&str]| keys.iter().any(|k| arguments.get(k).is_some());
    let date = |value: &Option<domain::date::Due>, some, none| match value {
        Some(d) => language.tell(some, &[("date", &due(d, scene))]),
        None => language.say(none).to_owned(),
    };
    if said(&["due", "shift"]) {
        out.push(date(&task.due, Say::due, Say::no_date));
    }
    if said(&["deadline"]) {
        out.push(date(&task.deadline, Say::deadline, Say::no_deadline));
    }
    if said(&["start"]) {
        out.push(date(&task.start, Say::start, Say::no_date));
    }
    if said(&["repeat"]) {
        out.push(task.repeat.as_ref().map_or(language.say(Say::no_repeat).into(), |r| repeats(r, scene)));
    }
    if said(&["priority"]) {
        out.push(priority(task.priority, scene).into());
    }
    if said(&["project"]) {
        out.push(match &task.project {
            Some(project) => language.tell(Say::in_project, &[("project", &plain(&project.name))]),
            None => language.say(Say::in_inbox).into(),
        });
    }
    if said(&["labels", "add_labels", "remove_labels"]) {
        let all: Vec<String> = task.labels.iter().map(|l| format!("@{}", plain(l))).collect();
        out.push(if all.is_empty() { language.say(Say::no_labels).into() } else { all.join(" ") });
    }
    if said(&["description"]) {
        out.push(match &task.description {
            Some(note) => language.tell(Say::note, &[("note", &quoted(&note.chars().take(120).collect::<String>()))]),
            None => language.say(Say::no_note).into(),
        });
    }
    out.dedup();
    if out.is_empty() { details(task, scene) } else { out.join(" · ") }
}

fn one(task: &Task, result: &Value, scene: &Scene) -> String {
    let language = scene.language;
    let mut out = name(task);
    let mut facts = Vec::new();
    if state(task) == State::Open {
        facts.push(language.say(Say::open).to_owned());
    }
    match details(task, scene) {
        d if d.is_empty() => facts.push(language.say(Say::no_date).to_owned()),
        d => facts.push(d),
    }
    out.push_str(&format!(" · {}", facts.join(" · ")));
    if let Some(note) = &task.description {
        out.push_str(&format!("\n\n> {}", plain(note).replace('\n', "\n> ")));
    }
    let subtasks: Vec<Task> = result["subtasks"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|t| serde_json::from_value(t.clone()).ok())
        .collect();
    if !subtasks.is_empty() {
        out.push_str(&format!("\n\n{}", lines(&subtasks, scene)));
    }
    out
}

/// How a list was described, for its heading: before the noun, and after it.
fn described(arguments: &Value, scene: &Scene) -> (String, String) {
    let language = scene.language;
    let text = |key: &str| arguments[key].as_str();
    let mut before: Vec<&str> = Vec::new();
    match (text("status"), text("view")) {
        (_, Some("overdue")) => before.push(language.say(Say::s_overdue)),
        (Some("completed"), _) => before.push(language.say(Say::s_completed)),
        (Some("pending"), None) => before.push(language.say(Say::s_open)),
        _ => {}
    }
    if arguments["repeating"] == true {
        before.push(language.say(Say::s_repeating));
    }
    let mut after: Vec<String> = Vec::new();
    if text("status") == Some("trash") {
        after.push(language.say(Say::s_trash).into());
    }
    match text("view") {
        Some("today") => after.push(language.say(Say::s_today).into()),
        Some("upcoming") => after.push(language.say(Say::s_upcoming).into()),
        Some("inbox") => after.push(language.say(Say::s_inbox).into()),
        _ => {}
    }
    if let Some(word) = text("priority").and_then(|p| p.parse().ok()) {
        after.push(format!("({})", priority(word, scene)));
    }
    if let Some(project) = text("project") {
        after.push(language.tell(Say::s_project, &[("project", &plain(project))]));
    }
    for label in arguments["labels"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        after.push(language.tell(Say::s_label, &[("label", &plain(label))]));
    }
    if let Some(words) = text("search") {
        after.push(language.tell(Say::s_words, &[("words", &quoted(words))]));
    }
    for (verb, prefix) in [(Some(Say::s_due), "due"), (None, "completed"), (Some(Say::s_added), "created")] {
        let date = |end: &str| text(&format!("{prefix}_{end}")).and_then(|d| d.parse::<Date>().ok());
        let said = |d: Date| day(d, scene);
        let range = match (date("from"), date("to")) {
            (Some(a), Some(b)) if a == b => language.tell(Say::s_on, &[("day", &said(a))]),
            (Some(a), Some(b)) => language.tell(Say::s_from_to, &[("from", &said(a)), ("to", &said(b))]),
            (Some(a), None) => language.tell(Say::s_from, &[("from", &said(a))]),
            (None, Some(b)) => language.tell(Say::s_until, &[("to", &said(b))]),
            (None, None) => continue,
        };
        let verb = verb.map_or("", |v| language.say(v));
        after.push(format!("{verb} {range}").trim().to_owned());
    }
    if arguments["no_date"] == true {
        after.push(language.say(Say::s_no_date).into());
    }
    (before.join(" "), after.join(" "))
}

fn list(arguments: &Value, tasks: &[Task], result: &Value, scene: &Scene) -> String {
    let language = scene.language;
    let (before, after) = described(arguments, scene);
    let more = result["more"] == true;
    let total = result["count"].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(tasks.len());
    let amount = {
        let number = match total {
            0 => language.say(Say::no_tasks).to_owned(),
            n => format!("{n}{}", if more { "+" } else { "" }),
        };
        let noun = language.say(if total == 1 { Say::task } else { Say::tasks });
        let parts = [number.as_str(), &before, noun, &after];
        parts.iter().filter(|p| !p.is_empty()).copied().collect::<Vec<_>>().join(" ")
    };
    if total == 0 || arguments["count_only"] == true {
        let wide = arguments.as_object().is_some_and(|a| a.keys().all(|k| k == "status" || k == "count_only"))
            && matches!(arguments["status"].as_str(), Some("pending" | "all"));
        let hint = if wide && total == 0 { format!(" {}", language.say(Say::list_hint)) } else { String::new() };
        return format!("{}{hint}", language.tell(Say::you_have, &[("amount", &amount)]));
    }
    if arguments["status"] == "all" {
        let (done, open): (Vec<Task>, Vec<Task>) = tasks.iter().cloned().partition(|t| t.completed);
        if !done.is_empty() && !open.is_empty() {
            return language.tell(
                Say::open_and_done,
                &[
                    ("amount", &amount),
                    ("open", &open.len().to_string()),
                    ("done", &done.len().to_string()),
                    ("open_list", &lines(&open, scene)),
                    ("done_list", &lines(&done, scene)),
                ],
            );
        }
    }
    let tail = if more { format!("\n\n{}", language.say(Say::list_more)) } else { String::new() };
    format!("{}{tail}", language.tell(Say::you_have_list, &[("amount", &amount), ("list", &lines(tasks, scene))]))
}

fn plan(tasks: &[Task], result: &Value, scene: &Scene) -> String {
    let language = scene.language;
    let date = result["date"].as_str().and_then(|d| d.parse::<Date>().ok()).unwrap_or(scene.today());
    let when = day(date, scene);
    let late = tasks.iter().filter(|t| scene.due_day(t).is_some_and(|d| d < date)).count();
    let first = tasks.first().map(name).unwrap_or_default();
    let say = match (tasks.len(), late) {
        (0, _) => Say::plan_none,
        _ if result["ahead"] == true => Say::plan_ahead,
        (1, 0) => Say::plan_one,
        (_, 0) => Say::plan_many,
        (1, _) => Say::plan_one_late,
        _ => Say::plan_many_late,
    };
    language.tell(
        say,
        &[
            ("day", &when),
            ("n", &tasks.len().to_string()),
            ("late", &late.to_string()),
            ("first", &first),
            ("list", &lines(tasks, scene)),
        ],
    )
}

fn kinds(result: &Value, key: &str, some: Say, none: Say, scene: &Scene) -> String {
    let all: Vec<String> = result[key]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|p| p["name"].as_str())
        .map(|n| format!("- {}", plain(n)))
        .collect();
    if all.is_empty() {
        return scene.language.say(none).to_owned();
    }
    scene.language.tell(some, &[("n", &all.len().to_string()), ("list", &all.join("\n"))])
}
