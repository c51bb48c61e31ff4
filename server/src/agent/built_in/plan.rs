//! From an intent to steps: which tool is called with which arguments, what is said, what is asked.
//!
//! Pure: the same intent in the same [`Scene`] gives the same steps. Nothing is done when it is not sure what is meant:
//! then the step is a question, and what to do with its answer is kept in [`Asked`].

use super::{
    intent::{Intent, NewLine, Shift, Talk, Target},
    line,
    read::{Destination, destination},
    reply,
    scene::{Asked, Scene, State, state},
    target::{Picked, Trouble, pick},
    when,
};
use domain::{date::Due, priority::Priority, task::Task};
use serde_json::{Map, Value, json};

/// One thing the assistant does.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Calls a tool.
    Call {
        /// Its name.
        tool: &'static str,
        /// Its arguments.
        arguments: Value,
        /// Whether the tasks were described ("all", "everything due today") and not named.
        described: bool,
    },
    /// Says something.
    Say(String),
    /// Asks, and remembers what for.
    Ask(String, Asked),
    /// Answers the newest call that waits for approval.
    Decide(bool),
}

const OPEN: &[State] = &[State::Open];
const DONE: &[State] = &[State::Done];
const TRASHED: &[State] = &[State::Trashed];
const KEPT: &[State] = &[State::Open, State::Done];
const ANY: &[State] = &[State::Open, State::Done, State::Trashed];

/// What an intent comes to.
pub fn steps(intent: Intent, scene: &Scene) -> Vec<Step> {
    match intent {
        Intent::Several(many) => many.into_iter().flat_map(|i| steps(i, scene)).collect(),
        Intent::Add(line) => vec![add(&line, None, scene)],
        Intent::AddUnder(target, text) => under(&target, &text, scene),
        Intent::List(filter) => match unknown_project(filter.project.as_deref(), scene) {
            Some(step) => vec![step],
            None => vec![call("list_tasks", filter.arguments())],
        },
        Intent::Count(filter) => match unknown_project(filter.project.as_deref(), scene) {
            Some(step) => vec![step],
            None => {
                let mut arguments = filter.arguments();
                arguments["count_only"] = json!(true);
                vec![call("list_tasks", arguments)]
            }
        },
        Intent::Find(words) => vec![call("search", json!({"text": words}))],
        Intent::Show(target) => show(&target, scene),
        Intent::Complete(target) => act("complete_task", &target, OPEN, scene, |t| match state(t) {
            State::Open => Ok(()),
            State::Done => Err(format!("{} is already done.", reply::name(t))),
            State::Trashed => Err(format!("{} is in the trash. Say “restore #{}” first.", reply::name(t), t.id)),
        }),
        Intent::Reopen(target) => act("reopen_task", &target, DONE, scene, |t| match state(t) {
            State::Done => Ok(()),
            State::Open => Err(format!("{} is still open.", reply::name(t))),
            State::Trashed => Err(format!("{} is in the trash. Say “restore #{}” first.", reply::name(t), t.id)),
        }),
        Intent::Delete(target) => {
            let wide = matches!(&target, Target::Set(f) if f.is_wide());
            act(
                "delete_task",
                &target,
                if wide || !matches!(target, Target::Set(_)) { KEPT } else { OPEN },
                scene,
                |t| match state(t) {
                    State::Trashed => Err(format!("{} is already in the trash.", reply::name(t))),
                    _ => Ok(()),
                },
            )
        }
        Intent::Restore(target) => restore(&target, scene),
        Intent::Rename(target, title) => one("update_task", &target, json!({"title": title}), scene),
        Intent::Move(target, to) => movement(&target, &to, scene),
        Intent::MoveWhen(target) => match picked(&target, OPEN, scene) {
            Ok((found, mut before)) => {
                before.push(Step::Ask(
                    format!(
                        "To when should I move {}? For example “tomorrow”, “next friday” or “in 3 days”.",
                        reply::names(&found.ids, scene)
                    ),
                    Asked::When { tasks: found.ids, described: found.described },
                ));
                before
            }
            Err(steps) => steps,
        },
        Intent::Shift(target, by) => shift(&target, by, scene),
        Intent::NoDate(target) => update(&target, &json!({"due": null, "repeat": null}), scene, |t| {
            if t.due.is_some() { Ok(()) } else { Err(format!("{} has no date.", reply::name(t))) }
        }),
        Intent::Deadline(target, text) if text.is_empty() => {
            update(&target, &json!({"deadline": null}), scene, |_| Ok(()))
        }
        Intent::Deadline(target, text) => match when::date(&text, scene) {
            Some(when) => update(&target, &json!({"deadline": when.due}), scene, |_| Ok(())),
            None => vec![Step::Say(reply::no_date(&text))],
        },
        Intent::Priority(target, priority) => update(&target, &json!({"priority": priority}), scene, |t| {
            if t.priority == priority {
                Err(format!("{} already has {}.", reply::name(t), reply::priority(priority)))
            } else {
                Ok(())
            }
        }),
        Intent::Nudge(target, up) => nudge(&target, up, scene),
        Intent::Label(target, labels) => update(&target, &json!({"add_labels": labels}), scene, |_| Ok(())),
        Intent::Unlabel(target, labels) if labels.is_empty() => {
            update(&target, &json!({"labels": []}), scene, |_| Ok(()))
        }
        Intent::Unlabel(target, labels) => update(&target, &json!({"remove_labels": labels}), scene, |t| {
            let has = labels.iter().any(|l| t.labels.iter().any(|have| have.to_lowercase() == l.to_lowercase()));
            if has {
                Ok(())
            } else {
                Err(format!("{} has no label {}.", reply::name(t), reply::quoted(&labels.join(", "))))
            }
        }),
        Intent::Describe(target, text) if text.is_empty() => {
            one("update_task", &target, json!({"description": null}), scene)
        }
        Intent::Describe(target, text) => one("update_task", &target, json!({"description": text}), scene),
        Intent::Note(target, text) => note(&target, &text, scene),
        Intent::Repeat(target, text) => match when::repeat(&text, scene) {
            Some(when::When { due, repeat: Some(repeat), .. }) => {
                update(&target, &json!({"repeat": repeat, "due": due}), scene, |_| Ok(()))
            }
            _ => vec![Step::Say(reply::no_repeat(&text))],
        },
        Intent::NoRepeat(target) => update(&target, &json!({"repeat": null}), scene, |t| {
            if t.repeat.is_some() { Ok(()) } else { Err(format!("{} does not repeat.", reply::name(t))) }
        }),
        Intent::NewProject(name) => {
            match scene.projects.iter().find(|p| p.name.to_lowercase() == name.to_lowercase()) {
                Some(project) => {
                    vec![Step::Say(format!("There is already a project {}.", reply::quoted(&project.name)))]
                }
                None => vec![call("create_project", json!({"name": name}))],
            }
        }
        Intent::Projects => vec![call("list_projects", json!({}))],
        Intent::Labels => vec![call("list_labels", json!({}))],
        Intent::Plan(None) => vec![call("plan_day", json!({}))],
        Intent::Plan(Some(day)) => match when::range(&day, scene).and_then(|d| d.0) {
            Some(day) => vec![call("plan_day", json!({"date": day.to_string()}))],
            None => vec![call("plan_day", json!({}))],
        },
        Intent::Undo(count) => undo(count, scene),
        Intent::Redo => match scene.memory.undone.last() {
            Some(seq) => vec![call("undo", json!({"operation": seq}))],
            None => vec![Step::Say("There is nothing to redo in this conversation.".into())],
        },
        Intent::Yes => vec![Step::Decide(true)],
        Intent::No => vec![Step::Decide(false)],
        Intent::Talk(talk) => vec![Step::Say(reply::talk(talk, scene))],
        Intent::Cannot(why) => vec![Step::Say(why.to_owned())],
        Intent::Unknown(said) => vec![unknown(&said, scene)],
    }
}

fn call(tool: &'static str, arguments: Value) -> Step {
    Step::Call { tool, arguments, described: false }
}

/// The call on these tasks: `task_id` for one, `task_ids` for more.
fn on(tool: &'static str, ids: &[i64], more: &Value, described: bool) -> Step {
    let mut arguments = Map::new();
    match ids {
        [one] => arguments.insert("task_id".into(), json!(one)),
        many => arguments.insert("task_ids".into(), json!(many)),
    };
    if let Some(more) = more.as_object() {
        arguments.extend(more.clone());
    }
    Step::Call { tool, arguments: Value::Object(arguments), described }
}

/// Picks, and turns what could not be picked into steps. `Err` when nothing is left to act on.
fn picked(target: &Target, usual: &[State], scene: &Scene) -> Result<(Picked, Vec<Step>), Vec<Step>> {
    resolve(target, usual, scene, None)
}

fn resolve(
    target: &Target,
    usual: &[State],
    scene: &Scene,
    asking: Option<(&'static str, &Value)>,
) -> Result<(Picked, Vec<Step>), Vec<Step>> {
    let found = pick(target, scene, usual);
    let steps: Vec<Step> = found
        .trouble
        .iter()
        .map(|trouble| match (trouble, asking) {
            (Trouble::Unsure(said, options, sure), Some((tool, more))) => Step::Ask(
                reply::which(said, options, *sure, scene),
                Asked::Which { options: options.clone(), tool: tool.to_owned(), arguments: more.clone() },
            ),
            _ => Step::Say(reply::trouble(trouble, usual, scene)),
        })
        .collect();
    if found.ids.is_empty() { Err(steps) } else { Ok((found, steps)) }
}

/// One call on everything the target means, leaving out what the check says no to.
fn act(
    tool: &'static str,
    target: &Target,
    usual: &[State],
    scene: &Scene,
    check: impl Fn(&Task) -> Result<(), String>,
) -> Vec<Step> {
    each(tool, target, &json!({}), usual, scene, check)
}

fn update(target: &Target, more: &Value, scene: &Scene, check: impl Fn(&Task) -> Result<(), String>) -> Vec<Step> {
    each("update_task", target, more, OPEN, scene, |t| not_trashed(t).and_then(|()| check(t)))
}

fn not_trashed(task: &Task) -> Result<(), String> {
    if state(task) == State::Trashed {
        return Err(format!("{} is in the trash. Say “restore #{}” first.", reply::name(task), task.id));
    }
    Ok(())
}

fn each(
    tool: &'static str,
    target: &Target,
    more: &Value,
    usual: &[State],
    scene: &Scene,
    check: impl Fn(&Task) -> Result<(), String>,
) -> Vec<Step> {
    let (found, mut out) = match resolve(target, usual, scene, Some((tool, more))) {
        Ok(found) => found,
        Err(steps) => return steps,
    };
    let mut ids = Vec::new();
    for id in &found.ids {
        match scene.task(*id).map(&check) {
            Some(Ok(())) => ids.push(*id),
            Some(Err(why)) => out.push(Step::Say(why)),
            None => {}
        }
    }
    if !ids.is_empty() {
        out.insert(0, on(tool, &ids, more, found.described));
    }
    out
}

/// One call on exactly one task: a title or a note is not given to many at once.
fn one(tool: &'static str, target: &Target, more: Value, scene: &Scene) -> Vec<Step> {
    let (found, mut out) = match resolve(target, OPEN, scene, Some((tool, &more))) {
        Ok(found) => found,
        Err(steps) => return steps,
    };
    match &found.ids[..] {
        [id] => match scene.task(*id).map(not_trashed) {
            Some(Err(why)) => out.push(Step::Say(why)),
            _ => out.insert(0, on(tool, &[*id], &more, false)),
        },
        many => out.push(Step::Ask(
            reply::which("", many, true, scene),
            Asked::Which { options: many.to_vec(), tool: tool.to_owned(), arguments: more },
        )),
    }
    out
}

fn add(new: &NewLine, parent: Option<i64>, scene: &Scene) -> Step {
    if new.text.trim().is_empty() {
        return Step::Say("What should the task say? For example “add buy milk tomorrow”.".into());
    }
    match line::draft(new, scene) {
        Ok(draft) => {
            let mut arguments = line::arguments(new, &draft);
            if let Some(parent) = parent {
                arguments["parent_id"] = json!(parent);
            }
            let missing = new.project.as_ref().filter(|p| scene.project(p).is_none());
            match missing {
                Some(project) => Step::Ask(
                    format!(
                        "There is no project {} yet. Should I make it and add {} there?",
                        reply::quoted(project),
                        reply::quoted(draft.title.as_str())
                    ),
                    Asked::Shall { calls: vec![("add_task".into(), arguments)] },
                ),
                None => call("add_task", arguments),
            }
        }
        Err(bad) => Step::Say(format!("I cannot add that: the title {}.", bad.message)),
    }
}

fn under(target: &Target, text: &str, scene: &Scene) -> Vec<Step> {
    let (found, mut out) = match picked(target, OPEN, scene) {
        Ok(found) => found,
        Err(steps) => return steps,
    };
    let [parent] = found.ids[..] else {
        out.push(Step::Say(format!(
            "A subtask goes under one task, and these are {}: {}.",
            found.ids.len(),
            reply::names(&found.ids, scene)
        )));
        return out;
    };
    let parts: Vec<String> =
        if text.contains(',') || text.contains(';') { line::names(text) } else { vec![text.to_owned()] };
    out.extend(parts.iter().map(|part| add(&line::read(part, scene), Some(parent), scene)));
    out
}

fn show(target: &Target, scene: &Scene) -> Vec<Step> {
    let found = pick(target, scene, ANY);
    let mut out: Vec<Step> = found.ids.iter().take(10).map(|id| call("get_task", json!({"task_id": id}))).collect();
    for trouble in &found.trouble {
        out.push(match trouble {
            Trouble::Unsure(_, options, true) if !options.is_empty() => {
                let words = match target {
                    Target::Words(said) => Some(said),
                    _ => None,
                };
                match words {
                    Some(said) => call("search", json!({"text": said})),
                    None => Step::Ask(
                        reply::which("", options, true, scene),
                        Asked::Which { options: options.clone(), tool: "get_task".into(), arguments: json!({}) },
                    ),
                }
            }
            other => Step::Say(reply::trouble(other, ANY, scene)),
        });
    }
    out
}

fn restore(target: &Target, scene: &Scene) -> Vec<Step> {
    // "Bring back the report" of a done task means to open it again.
    let found = pick(target, scene, TRASHED);
    let done = |id: &i64| scene.task(*id).is_some_and(|t| state(t) == State::Done);
    if !found.ids.is_empty() && found.ids.iter().all(done) {
        return vec![on("reopen_task", &found.ids, &json!({}), found.described)];
    }
    act("restore_task", target, TRASHED, scene, |t| match state(t) {
        State::Trashed => Ok(()),
        _ => Err(format!("{} is not in the trash.", reply::name(t))),
    })
}

fn movement(target: &Target, to: &str, scene: &Scene) -> Vec<Step> {
    match destination(to, scene) {
        Some(Destination::Date(when)) => to_date(target, &when, scene),
        Some(Destination::Project(name)) => update_or_move(target, &json!({"project": name}), scene),
        Some(Destination::Inbox) => update_or_move(target, &json!({"project": null}), scene),
        Some(Destination::Trash) => steps(Intent::Delete(target.clone()), scene),
        Some(Destination::Done) => steps(Intent::Complete(target.clone()), scene),
        Some(Destination::Open) => steps(Intent::Reopen(target.clone()), scene),
        Some(Destination::Priority(priority)) => steps(Intent::Priority(target.clone(), priority), scene),
        Some(Destination::NoDate) => steps(Intent::NoDate(target.clone()), scene),
        Some(Destination::Span(by)) => shift(target, by, scene),
        None => {
            let name = to.trim().trim_matches(['"', '“', '”', '#']).trim();
            let low = name.to_lowercase();
            let name = name
                .get(["the ", "my "].iter().find(|p| low.starts_with(**p)).map_or(0, |p| p.len())..)
                .unwrap_or(name);
            const FRESH: &[&str] = &[
                "a new project called ",
                "a new project named ",
                "a new project ",
                "new project called ",
                "new project named ",
                "new project ",
                "a project called ",
                "a project named ",
            ];
            let fresh = FRESH.iter().find(|p| low.starts_with(**p)).map(|p| p.len());
            let name = fresh.and_then(|n| to.trim().get(n..)).map_or(name, |n| n.trim_matches(['"', '“', '”', '\'']));
            let name = ["project ", "Project "].iter().find_map(|p| name.strip_prefix(p)).unwrap_or(name);
            let name =
                [" project", " Project", " list", " folder"].iter().find_map(|s| name.strip_suffix(s)).unwrap_or(name);
            let (found, mut out) = match picked(target, OPEN, scene) {
                Ok(found) => found,
                Err(steps) => return steps,
            };
            if name.split_whitespace().count() > 4 || name.is_empty() {
                out.push(Step::Say(format!(
                    "I don’t know {}: it is neither a date I can read nor a project you have.",
                    reply::quoted(to)
                )));
                return out;
            }
            let arguments = if let [one] = found.ids[..] {
                json!({"task_id": one, "project": name})
            } else {
                json!({"task_ids": found.ids, "project": name})
            };
            if fresh.is_some() {
                out.insert(0, Step::Call { tool: "move_tasks", arguments, described: found.described });
                return out;
            }
            out.push(Step::Ask(
                format!("{} is neither a date I can read nor a project you have. Should I make a project {} and move {} there?", reply::quoted(to), reply::quoted(name), reply::names(&found.ids, scene)),
                Asked::Shall { calls: vec![("move_tasks".into(), arguments)] },
            ));
            out
        }
    }
}

/// A move of a project: one task is an update, many are one move.
fn update_or_move(target: &Target, more: &Value, scene: &Scene) -> Vec<Step> {
    each("move_tasks", target, more, OPEN, scene, not_trashed)
}

/// The date a task gets: the day is new, a time of day it had stays unless another was said.
fn due_for(task: Option<&Task>, when: &when::When) -> Due {
    match (task.and_then(|t| t.due.as_ref()), &when.due) {
        (Some(have), Due::Day(day)) => have.on(*day),
        (Some(have), Due::Floating(at)) if when.time_only => match have {
            Due::Zoned { zone, .. } => Due::Zoned { at: have.date().to_datetime(at.time()), zone: zone.clone() },
            _ => Due::Floating(have.date().to_datetime(at.time())),
        },
        _ => when.due.clone(),
    }
}

fn to_date(target: &Target, when: &when::When, scene: &Scene) -> Vec<Step> {
    let (found, out) = match resolve(target, OPEN, scene, Some(("move_tasks", &json!({"due": when.due})))) {
        Ok(found) => found,
        Err(steps) => return steps,
    };
    moved(&found.ids, found.described, when, scene, out)
}

fn moved(ids: &[i64], described: bool, when: &when::When, scene: &Scene, mut out: Vec<Step>) -> Vec<Step> {
    let mut kept = Vec::new();
    for id in ids {
        match scene.task(*id).map(not_trashed) {
            Some(Ok(())) => kept.push(*id),
            Some(Err(why)) => out.push(Step::Say(why)),
            None => {}
        }
    }
    let step = match &kept[..] {
        [] => return out,
        [id] => {
            let task = scene.task(*id);
            let mut more = json!({"due": due_for(task, when)});
            if let Some(repeat) = &when.repeat {
                more["repeat"] = json!(repeat);
            }
            on("update_task", &[*id], &more, described)
        }
        many => {
            let mut more = json!({"due": when.due});
            if when.repeat.is_some() {
                more["repeat"] = json!(when.repeat);
            }
            on(if when.repeat.is_some() { "update_task" } else { "move_tasks" }, many, &more, described)
        }
    };
    out.insert(0, step);
    out
}

fn shift(target: &Target, by: Shift, scene: &Scene) -> Vec<Step> {
    let (found, mut out) = match picked(target, OPEN, scene) {
        Ok(found) => found,
        Err(steps) => return steps,
    };
    let mut ids = Vec::new();
    for id in &found.ids {
        let Some(task) = scene.task(*id) else { continue };
        match (not_trashed(task), &task.due) {
            (Err(why), _) => out.push(Step::Say(why)),
            // Without a date there is nothing to count from but today.
            (Ok(()), None) if found.ids.len() == 1 && by.minutes == 0 && by.days >= 0 && by.months >= 0 => {
                if let Some(due) = when::shifted(&Due::Day(scene.today()), by) {
                    return vec![on("update_task", &[*id], &json!({"due": due}), false)];
                }
            }
            (Ok(()), None) => out.push(Step::Say(format!("{} has no date to count from.", reply::name(task)))),
            (Ok(()), Some(_)) => ids.push(*id),
        }
    }
    match &ids[..] {
        [] => {}
        [id] => {
            // A day moved by hours becomes a time: counted from now when it is today.
            let due = scene.task(*id).and_then(|t| t.due.as_ref()).map(|due| match due {
                Due::Day(day) if by.minutes != 0 && *day <= scene.today() => Due::Floating(scene.now),
                Due::Day(day) if by.minutes != 0 => Due::Floating(day.to_datetime(jiff::civil::time(9, 0, 0, 0))),
                other => other.clone(),
            });
            match due.and_then(|d| when::shifted(&d, by)) {
                Some(due) => out.insert(0, on("update_task", &[*id], &json!({"due": whole_minutes(due)}), false)),
                None => out.push(Step::Say("That date is too far away.".into())),
            }
        }
        many => {
            let mut more = Map::new();
            for (name, value) in
                [("days", i64::from(by.days)), ("months", i64::from(by.months)), ("minutes", by.minutes)]
            {
                if value != 0 {
                    more.insert(name.into(), json!(value));
                }
            }
            out.insert(0, on("move_tasks", many, &json!({"shift": more}), found.described));
        }
    }
    out
}

fn whole_minutes(due: Due) -> Due {
    match due {
        Due::Floating(at) => Due::Floating(at.with().second(0).subsec_nanosecond(0).build().unwrap_or(at)),
        other => other,
    }
}

fn nudge(target: &Target, up: bool, scene: &Scene) -> Vec<Step> {
    let (found, mut out) = match picked(target, OPEN, scene) {
        Ok(found) => found,
        Err(steps) => return steps,
    };
    for id in &found.ids {
        let Some(task) = scene.task(*id) else { continue };
        match Priority::from_rank(task.priority.rank() + if up { 1 } else { -1 }) {
            Some(priority) => out.push(on("update_task", &[*id], &json!({"priority": priority}), found.described)),
            None => {
                out.push(Step::Say(format!("{} already has {}.", reply::name(task), reply::priority(task.priority))));
            }
        }
    }
    out
}

fn note(target: &Target, text: &str, scene: &Scene) -> Vec<Step> {
    let found = pick(target, scene, OPEN);
    let existing = match &found.ids[..] {
        [id] => scene.task(*id).and_then(|t| t.description.clone()),
        _ => None,
    };
    let whole = existing.map_or_else(|| text.to_owned(), |have| format!("{have}\n{text}"));
    one("update_task", target, json!({"description": whole}), scene)
}

fn undo(count: usize, scene: &Scene) -> Vec<Step> {
    let known = &scene.memory.operations;
    if known.is_empty() {
        return vec![call("undo", json!({}))];
    }
    known.iter().rev().take(count).map(|seq| call("undo", json!({"operation": seq}))).collect()
}

fn unknown_project(name: Option<&str>, scene: &Scene) -> Option<Step> {
    let name = name.filter(|n| scene.project(n).is_none())?;
    Some(Step::Say(reply::no_project(name, scene)))
}

/// Not understood: an offer when it could be a task, else examples.
fn unknown(said: &str, scene: &Scene) -> Step {
    let count = said.split_whitespace().count();
    let like = scene.like(said, |t| state(t) == State::Open);
    if let [id] = like.all[..]
        && let Some(task) = scene.task(id)
        && count <= 8
    {
        return Step::Say(format!(
            "I found {}, and I am not sure what to do with it. You can say “done #{id}”, “move #{id} to tomorrow”, “delete #{id}” or “show #{id}”.",
            reply::name(task)
        ));
    }
    let question = said.trim_end().ends_with('?')
        || [
            "what", "who", "why", "how", "when", "where", "is", "are", "can", "do", "does", "tell", "i'm", "i", "you",
            "it's", "the", "if",
        ]
        .iter()
        .any(|w| said.to_lowercase().split_whitespace().next() == Some(*w));
    let new = line::read(said, scene);
    if !question
        && (2..=30).contains(&count)
        && let Ok(draft) = line::draft(&new, scene)
    {
        let arguments = line::arguments(&new, &draft);
        return Step::Ask(
            format!(
                "I did not find a request in that. Should I add it as a task: {}?",
                reply::new_task(&arguments, scene)
            ),
            Asked::Shall { calls: vec![("add_task".into(), arguments)] },
        );
    }
    Step::Say(reply::not_understood(said))
}

/// Reads a message as the answer to what was asked. `None` when it is something else.
pub fn answer(text: &str, scene: &Scene) -> Option<Vec<Step>> {
    let asked = scene.memory.asked.as_ref()?;
    let found = super::words::words(text);
    let read = super::read::clause(&found, text.trim(), scene);
    if read == Intent::No {
        return Some(vec![Step::Say("All right, I leave it as it is.".into())]);
    }
    match asked {
        Asked::Shall { calls } if read == Intent::Yes => Some(
            calls
                .iter()
                .filter_map(|(tool, arguments)| Some(call(crate::tools::find(tool)?.name, arguments.clone())))
                .collect(),
        ),
        Asked::Shall { .. } => None,
        Asked::When { tasks, described } => {
            let when = when::date(text.trim().trim_end_matches(['.', '!']), scene)
                .or_else(|| when::date(text.trim().to_lowercase().strip_prefix("move it to ")?, scene));
            match when {
                Some(when) => Some(moved(tasks, *described, &when, scene, vec![])),
                None => when::span(text).map(|by| shift(&Target::Numbers(tasks.clone()), by, scene)),
            }
        }
        Asked::Which { options, tool, arguments } => {
            let tool = crate::tools::find(tool)?.name;
            let ids = choice(text, options, scene)?;
            if ids.len() > 1 && arguments.get("title").is_some() {
                return None;
            }
            Some(vec![on(tool, &ids, arguments, false)])
        }
    }
}

/// "the first", "#4", "4", "the one about mum", "both".
fn choice(text: &str, options: &[i64], scene: &Scene) -> Option<Vec<i64>> {
    let found = super::words::words(text);
    let mut rest = super::words::trim(&found);
    for lead in ["i", "meant", "mean", "the", "yes", "it's", "it", "is"] {
        if let [first, after @ ..] = rest
            && first.low == lead
            && lead != "the"
            && !after.is_empty()
        {
            rest = super::words::trim(after);
        }
    }
    let place = |n: i64| {
        usize::try_from(if n < 0 { i64::try_from(options.len()).ok()? + n } else { n })
            .ok()
            .and_then(|i| options.get(i))
            .copied()
    };
    if ["all", "both", "all of them", "every one", "them all", "everything", "all three"]
        .iter()
        .any(|a| super::words::same(rest, a))
    {
        return Some(options.to_vec());
    }
    match super::target::read(rest, text, scene)? {
        Target::Numbers(numbers) => numbers
            .iter()
            .map(|n| {
                if options.contains(n) {
                    Some(*n)
                } else if text.contains('#') {
                    None
                } else {
                    place(n - 1)
                }
            })
            .collect(),
        Target::Places(places) => places.iter().map(|n| place(*n)).collect(),
        Target::Them => Some(options.to_vec()),
        Target::Words(said) => {
            let like = scene.like(&said, |t| options.contains(&t.id.0));
            let best = if like.exact.is_empty() { like.all } else { like.exact };
            (best.len() == 1).then_some(best)
        }
        _ => None,
    }
}

/// Small talk and help need no tool.
pub fn is_talk(intent: &Intent) -> bool {
    matches!(intent, Intent::Talk(Talk::Hello | Talk::Thanks | Talk::Fine))
}
