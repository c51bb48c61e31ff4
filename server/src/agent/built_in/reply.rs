//! What the built-in assistant says: short Markdown, with the number and the title of everything it touched.

use super::{
    intent::Talk,
    scene::{Scene, State, state},
    target::Trouble,
};
use domain::{date::Due, priority::Priority, task::Task};
use jiff::civil::Date;
use serde_json::Value;

/// What works, for help and for when something was not understood.
const EXAMPLES: &str = "- “Add a task to buy groceries tomorrow”\n- “Show me all my tasks”, “What is overdue?”\n- “Mark task #1 as complete”, “Rename task 3 to call mum”\n- “Move everything due today to tomorrow”\n- “Every friday remind me to send the report”\n- “Delete task #2”, “Undo that”";

/// A person's text inside Markdown, shown as it is.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '*' | '_' | '`' | '[' | ']' | '<' | '~') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// In quotes.
pub fn quoted(text: &str) -> String {
    format!("“{}”", plain(text.trim()))
}

/// "**#3** Buy milk".
pub fn name(task: &Task) -> String {
    format!("**#{}** {}", task.id, plain(&task.title))
}

/// "**#3** Buy milk and **#4** Call mum".
pub fn names(ids: &[i64], scene: &Scene) -> String {
    let all: Vec<String> = ids.iter().filter_map(|id| scene.task(*id)).map(name).collect();
    joined(&all)
}

fn joined(all: &[String]) -> String {
    match all {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] if all.len() <= 6 => format!("{} and {last}", first.join(", ")),
        _ => format!("{} and {} more", all[..5].join(", "), all.len() - 5),
    }
}

/// "high priority".
pub fn priority(priority: Priority) -> &'static str {
    match priority {
        Priority::None => "no priority",
        Priority::Low => "low priority",
        Priority::Medium => "medium priority",
        Priority::High => "high priority",
    }
}

/// A day as people say it, seen from today.
pub fn day(day: Date, today: Date) -> String {
    let away = day.since(today).map_or(0, |s| s.get_days());
    let full = if day.year() == today.year() || (0..200).contains(&away) {
        day.strftime("%a %-d %b").to_string()
    } else {
        day.strftime("%a %-d %b %Y").to_string()
    };
    match away {
        0 => "today".into(),
        1 => format!("tomorrow ({full})"),
        -1 => format!("yesterday ({full})"),
        _ => full,
    }
}

/// A date as people say it.
pub fn due(due: &Due, scene: &Scene) -> String {
    let mut out = day(due.date(), scene.today());
    if let Some(time) = due.time() {
        out.push_str(&time.strftime(" at %H:%M").to_string());
    }
    if let Some(zone) = due.zone() {
        out.push_str(&format!(" ({zone})"));
    }
    out
}

/// What is worth knowing about a task, after its title.
pub fn details(task: &Task, scene: &Scene) -> String {
    let mut out = Vec::new();
    if task.deleted_at.is_some() {
        out.push("in the trash".to_owned());
    } else if task.completed {
        out.push("done".to_owned());
    }
    if let Some(when) = &task.due {
        let late = !task.completed && when.date_at(&scene.zone) < scene.today();
        out.push(format!("{} {}", if late { "overdue since" } else { "due" }, due(when, scene)));
    }
    if let Some(deadline) = &task.deadline {
        out.push(format!("deadline {}", due(deadline, scene)));
    }
    if let Some(repeat) = &task.repeat {
        out.push(repeats(repeat));
    }
    if task.priority != Priority::None {
        out.push(priority(task.priority).to_owned());
    }
    if let Some(project) = &task.project {
        out.push(format!("in {}", plain(&project.name)));
    }
    out.extend(task.labels.iter().map(|l| format!("@{}", plain(l))));
    out.join(" · ")
}

fn repeats(repeat: &domain::repeat::Repeat) -> String {
    format!("repeats {}", repeat.rule.describe())
}

/// One line of a list.
pub fn line(task: &Task, scene: &Scene) -> String {
    let details = details(task, scene);
    if details.is_empty() { format!("- {}", name(task)) } else { format!("- {} · {details}", name(task)) }
}

/// Lines of a list.
pub fn lines(tasks: &[Task], scene: &Scene) -> String {
    tasks.iter().map(|t| line(t, scene)).collect::<Vec<_>>().join("\n")
}

/// A task that is not there yet, from the arguments of `add_task`.
pub fn new_task(arguments: &Value, scene: &Scene) -> String {
    let mut out = quoted(arguments["title"].as_str().unwrap_or_default());
    if let Some(when) = arguments["due"].as_str().and_then(|d| d.parse::<Due>().ok()) {
        out.push_str(&format!(", due {}", due(&when, scene)));
    }
    if let Some(repeat) = arguments.get("repeat").and_then(|r| serde_json::from_value(r.clone()).ok()) {
        out.push_str(&format!(", {}", repeats(&repeat)));
    }
    out
}

/// Which one?
pub fn which(said: &str, options: &[i64], sure: bool, scene: &Scene) -> String {
    let tasks: Vec<Task> = options.iter().take(10).filter_map(|id| scene.task(*id)).cloned().collect();
    let head = match (said.is_empty(), sure, tasks.len()) {
        (_, false, 1) => "I am not sure I understood. Did you mean this one? Say its number.".to_owned(),
        (false, false, _) => {
            format!("I found no task called {}. Did you mean one of these? Say its number.", quoted(said))
        }
        (false, true, _) => format!("More than one task fits {}. Which one do you mean?", quoted(said)),
        (true, ..) => "Which one do you mean?".to_owned(),
    };
    format!("{head}\n\n{}", lines(&tasks, scene))
}

/// Why nothing was done.
pub fn trouble(trouble: &Trouble, usual: &[State], scene: &Scene) -> String {
    match trouble {
        Trouble::NoNumber(n) => format!("There is no task #{n}. Say “show my tasks” to see their numbers."),
        Trouble::NoneLike(said) => {
            format!("I found no task like {}. Say “show my tasks” to see what there is.", quoted(said))
        }
        Trouble::Unsure(said, options, sure) => which(said, options, *sure, scene),
        Trouble::EmptySet => match usual {
            [State::Done] => "There are no completed tasks like that.".into(),
            [State::Trashed] => "There is nothing like that in the trash.".into(),
            _ => "There are no tasks like that, so I changed nothing.".into(),
        },
        Trouble::Lost => {
            "I am not sure which task you mean. Say its number, such as “#3”, or words from its title.".into()
        }
        Trouble::NoPlace => "The list I showed is not that long.".into(),
    }
}

/// A date that could not be read.
pub fn no_date(said: &str) -> String {
    format!(
        "I cannot read {} as a date. For example “tomorrow”, “next friday”, “27 jan” or “in 3 days at 9”.",
        quoted(said)
    )
}

/// A repetition that could not be read.
pub fn no_repeat(said: &str) -> String {
    format!("I cannot read {} as a repetition. For example “every friday”, “every 2 weeks” or “daily”.", quoted(said))
}

/// A project that does not exist.
pub fn no_project(name: &str, scene: &Scene) -> String {
    let have: Vec<String> =
        scene.projects.iter().filter(|p| !p.archived && p.deleted_at.is_none()).map(|p| plain(&p.name)).collect();
    if have.is_empty() {
        format!(
            "There is no project {}; you have none yet. Say “create a project called {}” to make it.",
            quoted(name),
            plain(name)
        )
    } else {
        format!("There is no project {}. You have: {}.", quoted(name), have.join(", "))
    }
}

/// Not understood.
pub fn not_understood(said: &str) -> String {
    let said: String = said.chars().take(80).collect();
    let head = if said.trim().is_empty() {
        "I did not understand that.".to_owned()
    } else {
        format!("I did not understand {}.", quoted(&said))
    };
    format!("{head} I am the built-in assistant: I read plain requests about your tasks, such as\n\n{EXAMPLES}")
}

/// Small talk.
pub fn talk(talk: Talk, scene: &Scene) -> String {
    let today = scene.today();
    let due = scene.tasks().filter(|t| state(t) == State::Open && scene.due_day(t).is_some_and(|d| d <= today)).count();
    match talk {
        Talk::Hello if due == 0 => "Hello! Nothing is due today. What can I do for you?".into(),
        Talk::Hello if due == 1 => "Hello! One task is due today. Say “what is due today?” to see it.".into(),
        Talk::Hello => format!("Hello! {due} tasks are due today. Say “what is due today?” to see them."),
        Talk::Thanks => "You’re welcome.".into(),
        Talk::Bye => "Goodbye.".into(),
        Talk::HowAreYou => "All fine, thank you. What can I do for you?".into(),
        Talk::Who => "I am the built-in assistant of this to-do list. I am a program with a fixed set of sentences, not a language model: I add, find, complete, move, rename and delete tasks when you ask me to.".into(),
        Talk::Help => format!("Tell me what to do with your tasks, in your own words. For example:\n\n{EXAMPLES}\n- “Add a note to #3: bring the passport”, “Make #4 high priority”, “Label #5 as home”\n- “What should I do today?”\n\nA task is named by its number or by words of its title. Before I delete something, or change many tasks at once, I show them and ask."),
        Talk::Today => format!("It is {}, {} ({}).", scene.now.strftime("%A %-d %B %Y"), scene.now.strftime("%H:%M"), scene.zone.iana_name().unwrap_or("UTC")),
        Talk::LeftAlone => "All right, I leave it as it is.".into(),
        Talk::Fine => "All right. Say “help” to see what I can do.".into(),
    }
}

/// What a call did, in a sentence or a list.
pub fn told(tool: &str, arguments: &Value, result: &Value, scene: &Scene) -> String {
    let tasks: Vec<Task> = result["tasks"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|t| serde_json::from_value(t.clone()).ok())
        .collect();
    let all: Vec<String> = tasks.iter().map(name).collect();
    let all = joined(&all);
    let with = |task: &Task| match details(task, scene) {
        d if d.is_empty() => String::new(),
        d => format!(" · {d}"),
    };
    match (tool, &tasks[..]) {
        ("add_task", [task]) => match task.parent_id.and_then(|p| scene.task(p.0)) {
            Some(parent) => format!("Added {} under {}{}.", name(task), name(parent), with(task)),
            None => format!("Added {}{}.", name(task), with(task)),
        },
        ("add_task" | "add_tasks" | "quick_add", _) => {
            format!("Added {} tasks:\n\n{}", tasks.len(), lines(&tasks, scene))
        }
        ("complete_task", [task]) if task.repeat.is_some() && !task.completed => {
            let next = task.due.as_ref().map(|d| format!(" The next one is {}.", due(d, scene))).unwrap_or_default();
            format!("Completed {}.{next}", name(task))
        }
        ("complete_task", _) => format!("Completed {all}."),
        ("reopen_task", _) => format!("{all} {} open again.", if tasks.len() == 1 { "is" } else { "are" }),
        ("delete_task", _) => format!(
            "Deleted {all}. {} in the trash for 30 days.",
            if tasks.len() == 1 { "It stays" } else { "They stay" }
        ),
        ("restore_task", _) => format!("Restored {all}."),
        ("update_task", [task]) if arguments.get("title").is_some() => format!("Renamed it: {}.", name(task)),
        ("update_task" | "move_tasks", []) => "Nothing had to change.".into(),
        ("update_task", [task]) => format!("Changed {}: {}.", name(task), changes(arguments, task, scene)),
        ("move_tasks", [task]) => format!("Moved {}: {}.", name(task), changes(arguments, task, scene)),
        ("update_task", [first, ..]) => {
            format!("Changed {} tasks ({}):\n\n{}", tasks.len(), changes(arguments, first, scene), lines(&tasks, scene))
        }
        ("move_tasks", _) => format!("Moved {} tasks:\n\n{}", tasks.len(), lines(&tasks, scene)),
        ("get_task", [task]) => one(task, result, scene),
        ("list_tasks", _) => list(arguments, &tasks, result, scene),
        ("search", []) => format!("I found no task with {}.", quoted(arguments["text"].as_str().unwrap_or_default())),
        ("search", _) => format!("Found {}:\n\n{}", count(tasks.len(), "task"), lines(&tasks, scene)),
        ("plan_day", _) => plan(&tasks, result, scene),
        ("create_project", _) => format!("Made the project {}.", quoted(result["name"].as_str().unwrap_or_default())),
        ("create_label", _) => format!("Made the label {}.", quoted(result["name"].as_str().unwrap_or_default())),
        ("update_project" | "update_label", _) => {
            format!("Changed {}.", quoted(result["name"].as_str().unwrap_or_default()))
        }
        ("delete_project" | "delete_label", _) => {
            format!("Deleted {}.", quoted(result["name"].as_str().unwrap_or_default()))
        }
        ("toggle_complete", _) if result["status"] == "reopened" => format!("Reopened {all}."),
        ("toggle_complete", _) => format!("Completed {all}."),
        ("list_projects", _) => named(
            result,
            "projects",
            "project",
            "You have no projects yet. Say “create a project called Home” to make one.",
        ),
        ("list_labels", _) => {
            named(result, "labels", "label", "You have no labels yet. Say “label #1 as home” to make one.")
        }
        ("undo", _) => {
            format!("Undone: {}.", plain(result["summary"].as_str().unwrap_or("the last change").trim_end_matches('.')))
        }
        _ => "Done.".into(),
    }
}

fn count(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

fn changes(arguments: &Value, task: &Task, scene: &Scene) -> String {
    let mut out = Vec::new();
    let said = |key: &str| arguments.get(key);
    if said("due").is_some() || said("shift").is_some() {
        out.push(task.due.as_ref().map_or("no date".into(), |d| format!("due {}", due(d, scene))));
    }
    if said("deadline").is_some() {
        out.push(task.deadline.as_ref().map_or("no deadline".into(), |d| format!("deadline {}", due(d, scene))));
    }
    if said("repeat").is_some() {
        out.push(task.repeat.as_ref().map_or("does not repeat".into(), repeats));
    }
    if said("priority").is_some() {
        out.push(priority(task.priority).into());
    }
    if said("project").is_some() {
        out.push(task.project.as_ref().map_or("in the inbox".into(), |p| format!("in {}", plain(&p.name))));
    }
    if ["labels", "add_labels", "remove_labels"].iter().any(|k| said(k).is_some()) {
        out.push(if task.labels.is_empty() {
            "no labels".into()
        } else {
            task.labels.iter().map(|l| format!("@{}", plain(l))).collect::<Vec<_>>().join(" ")
        });
    }
    if said("description").is_some() {
        out.push(
            task.description
                .as_ref()
                .map_or("no note".into(), |d| format!("note {}", quoted(&d.chars().take(120).collect::<String>()))),
        );
    }
    out.dedup();
    if out.is_empty() { details(task, scene) } else { out.join(" · ") }
}

fn one(task: &Task, result: &Value, scene: &Scene) -> String {
    let mut out = name(task);
    let details = details(task, scene);
    out.push_str(&if details.is_empty() {
        " · open, no date".to_owned()
    } else if state(task) == State::Open {
        format!(" · open · {details}")
    } else {
        format!(" · {details}")
    });
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

/// How a list was described, for its heading.
fn described(arguments: &Value, scene: &Scene) -> (String, String) {
    let text = |key: &str| arguments[key].as_str();
    let mut before = match text("status") {
        Some("completed") => "completed",
        Some("pending") if arguments.get("view").is_none() => "open",
        _ => "",
    }
    .to_owned();
    if text("view") == Some("overdue") {
        before = "overdue".into();
    }
    if arguments["repeating"] == true {
        before = format!("{before} repeating").trim().to_owned();
    }
    if let Some(word) = text("priority") {
        before = format!("{before} {word}-priority").trim().to_owned();
    }
    let mut after = String::new();
    if text("status") == Some("trash") {
        after.push_str(" in the trash");
    }
    match text("view") {
        Some("today") => after.push_str(" due today"),
        Some("upcoming") => after.push_str(" coming up"),
        Some("inbox") => after.push_str(" in the inbox"),
        _ => {}
    }
    if let Some(project) = text("project") {
        after.push_str(&format!(" in {}", plain(project)));
    }
    for label in arguments["labels"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        after.push_str(&format!(" labelled {}", plain(label)));
    }
    if let Some(words) = text("search") {
        after.push_str(&format!(" with {}", quoted(words)));
    }
    for (verb, prefix) in [(" due", "due"), (" completed", "completed"), (" added", "created")] {
        let date = |end: &str| text(&format!("{prefix}_{end}")).and_then(|d| d.parse::<Date>().ok());
        let (from, to) = (date("from"), date("to"));
        let verb = if verb == " completed" { "" } else { verb };
        match (from, to) {
            (Some(a), Some(b)) if a == b => after.push_str(&format!("{verb} {}", day(a, scene.today()))),
            (Some(a), Some(b)) => {
                after.push_str(&format!("{verb} from {} to {}", day(a, scene.today()), day(b, scene.today())));
            }
            (Some(a), None) => after.push_str(&format!("{verb} from {} on", day(a, scene.today()))),
            (None, Some(b)) => after.push_str(&format!("{verb} until {}", day(b, scene.today()))),
            (None, None) => {}
        }
    }
    if arguments["no_date"] == true {
        after.push_str(" without a date");
    }
    (before, after)
}

fn list(arguments: &Value, tasks: &[Task], result: &Value, scene: &Scene) -> String {
    let (before, after) = described(arguments, scene);
    let space = if before.is_empty() { "" } else { " " };
    let more = result["more"] == true;
    let total = result["count"].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(tasks.len());
    let amount = |n: usize| {
        format!(
            "{}{before}{space}task{}{after}",
            if n == 0 { "no ".to_owned() } else { format!("{n}{} ", if more { "+" } else { "" }) },
            if n == 1 { "" } else { "s" }
        )
    };
    if total == 0 {
        let wide = arguments.as_object().is_some_and(|a| a.keys().all(|k| k == "status" || k == "count_only"))
            && matches!(arguments["status"].as_str(), Some("pending" | "all"));
        let hint = if wide { " Say “add buy milk tomorrow” to make one." } else { "" };
        return format!("You have {}.{hint}", amount(0));
    }
    if arguments["count_only"] == true {
        return format!("You have {}.", amount(total));
    }
    if arguments["status"] == "all" {
        let (done, open): (Vec<Task>, Vec<Task>) = tasks.iter().cloned().partition(|t| t.completed);
        if !done.is_empty() && !open.is_empty() {
            return format!(
                "You have {}: {} open and {} done.\n\n{}\n\nDone:\n\n{}",
                amount(total),
                open.len(),
                done.len(),
                lines(&open, scene),
                lines(&done, scene)
            );
        }
    }
    let tail = if more { "\n\nThere are more; ask for a narrower list, such as “due this week”." } else { "" };
    format!("You have {}:\n\n{}{tail}", amount(total), lines(tasks, scene))
}

fn plan(tasks: &[Task], result: &Value, scene: &Scene) -> String {
    let date = result["date"].as_str().and_then(|d| d.parse::<Date>().ok()).unwrap_or(scene.today());
    let when = day(date, scene.today());
    if tasks.is_empty() {
        return format!("Nothing is due {when}. A good moment to rest, or to say “show my tasks” and pick one.");
    }
    let ahead = result["ahead"] == true;
    if ahead {
        return format!("Nothing is due {when}. If you want to get ahead, these come next:\n\n{}", lines(tasks, scene));
    }
    let late = tasks.iter().filter(|t| scene.due_day(t).is_some_and(|d| d < date)).count();
    let first = name(&tasks[0]);
    let head = match (tasks.len(), late) {
        (1, 0) => format!("One task for {when}:"),
        (n, 0) => format!("{n} tasks for {when}. I would start with {first}:"),
        (1, _) => "One task, and it is overdue:".to_owned(),
        (n, late) => format!("{n} tasks for {when}, {late} of them overdue. I would start with {first}:"),
    };
    format!("{head}\n\n{}", lines(tasks, scene))
}

fn named(result: &Value, key: &str, noun: &str, none: &str) -> String {
    let all: Vec<String> = result[key]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|p| p["name"].as_str())
        .map(|n| format!("- {}", plain(n)))
        .collect();
    if all.is_empty() { none.to_owned() } else { format!("You have {}:\n\n{}", count(all.len(), noun), all.join("\n")) }
}
