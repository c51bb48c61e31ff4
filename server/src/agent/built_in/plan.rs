//! From an intent to steps: which tool is called with which arguments, what is said, what is asked.
//!
//! Pure: the same intent in the same [`Scene`] gives the same steps. Nothing is done when it is not sure what is meant:
//! then the step is a question, and what to do with its answer is kept in [`Asked`].

use super::{
    days,
    intent::{Intent, Target},
    lexicon::{List, Say},
    line, reply,
    scene::{Asked, Scene, State, state},
    target::{Picked, Trouble, pick},
    when,
};
use domain::{priority::Priority, task::Task};
use serde_json::{Map, Value, json};

mod add;
mod again;
mod answer;
mod dates;
mod fields;

use add::{add, under};
pub use answer::answer;
use dates::{moved, movement, shift};
use fields::{note, nudge, repeat};

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
            State::Done => Err(about(Say::already_done, t, scene)),
            State::Trashed => Err(about(Say::is_trashed, t, scene)),
        }),
        Intent::Reopen(target) => act("reopen_task", &target, DONE, scene, |t| match state(t) {
            State::Done => Ok(()),
            State::Open => Err(about(Say::still_open, t, scene)),
            State::Trashed => Err(about(Say::is_trashed, t, scene)),
        }),
        Intent::Delete(target) => {
            let wide = matches!(&target, Target::Set(f) if f.is_wide());
            act(
                "delete_task",
                &target,
                if wide || !matches!(target, Target::Set(_)) { KEPT } else { OPEN },
                scene,
                |t| match state(t) {
                    State::Trashed => Err(about(Say::already_trashed, t, scene)),
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
                    tell(Say::to_when, &[("names", &reply::names(&found.ids, scene))], scene),
                    Asked::When { tasks: found.ids, described: found.described },
                ));
                before
            }
            Err(steps) => steps,
        },
        Intent::Shift(target, by) => shift(&target, by, scene),
        Intent::NoDate(target) => update(&target, &json!({"due": null, "repeat": null}), scene, |t| {
            if t.due.is_some() { Ok(()) } else { Err(about(Say::no_due, t, scene)) }
        }),
        Intent::Deadline(target, text) if text.is_empty() => {
            update(&target, &json!({"deadline": null}), scene, |_| Ok(()))
        }
        Intent::Deadline(target, text) => match when::date(&text, scene) {
            Some(when) => update(&target, &json!({"deadline": when.due}), scene, |_| Ok(())),
            None => vec![Step::Say(reply::no_date(&text, scene))],
        },
        Intent::Priority(target, priority) => update(&target, &json!({"priority": priority}), scene, |t| {
            if t.priority == priority { Err(already(t, priority, scene)) } else { Ok(()) }
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
                Err(tell(
                    Say::no_label,
                    &[("name", &reply::name(t)), ("label", &reply::quoted(&labels.join(", ")))],
                    scene,
                ))
            }
        }),
        Intent::Describe(target, text) if text.is_empty() => {
            one("update_task", &target, json!({"description": null}), scene)
        }
        Intent::Describe(target, text) => one("update_task", &target, json!({"description": text}), scene),
        Intent::Note(target, text) => note(&target, &text, scene),
        Intent::Repeat(target, text) => repeat(&target, &text, scene),
        Intent::NoRepeat(target) => update(&target, &json!({"repeat": null}), scene, |t| {
            if t.repeat.is_some() { Ok(()) } else { Err(about(Say::does_not_repeat, t, scene)) }
        }),
        Intent::NewProject(name) => {
            match scene.projects.iter().find(|p| p.name.to_lowercase() == name.to_lowercase()) {
                Some(project) => {
                    vec![Step::Say(tell(Say::project_exists, &[("name", &reply::quoted(&project.name))], scene))]
                }
                None => vec![call("create_project", json!({"name": name}))],
            }
        }
        Intent::Projects => vec![call("list_projects", json!({}))],
        Intent::Labels => vec![call("list_labels", json!({}))],
        Intent::Plan(None) => vec![call("plan_day", json!({}))],
        Intent::Plan(Some(day)) => match days::range(&day, scene).and_then(|d| d.0) {
            Some(day) if day != scene.today() => vec![call("plan_day", json!({"date": day.to_string()}))],
            _ => vec![call("plan_day", json!({}))],
        },
        Intent::Undo(count) => undo(count, scene),
        Intent::Redo => match scene.memory.undone.last() {
            Some(seq) => vec![call("undo", json!({"operation": seq}))],
            None => vec![Step::Say(plainly(Say::nothing_to_redo, scene))],
        },
        Intent::Yes => vec![Step::Decide(true)],
        Intent::No => vec![Step::Decide(false)],
        Intent::Talk(talk) => vec![Step::Say(reply::talk(talk, scene))],
        Intent::Cannot(why) => vec![Step::Say(plainly(why, scene))],
        Intent::Which(verb) => vec![Step::Ask(plainly(Say::which_task, scene), Asked::More { verb })],
        Intent::Again(target) => again::again(&target, scene),
        Intent::Instead(target) => again::instead(&target, scene),
        Intent::Relabel(right, wrong) => again::relabel(&right, &wrong, scene),
        Intent::Start(target, text) => match when::date(&text, scene) {
            Some(when) => update(&target, &json!({"start": when.due}), scene, |_| Ok(())),
            None => vec![Step::Say(reply::no_date(&text, scene))],
        },
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
            (Trouble::Unsure(said, options, sure), None) => Step::Ask(
                reply::which(said, options, *sure, scene),
                Asked::Whom { options: options.clone(), text: scene.memory.now.text.clone() },
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
    each("update_task", target, more, OPEN, scene, |t| not_trashed(t, scene).and_then(|()| check(t)))
}

fn not_trashed(task: &Task, scene: &Scene) -> Result<(), String> {
    if state(task) == State::Trashed {
        return Err(about(Say::is_trashed, task, scene));
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
        [id] => match scene.task(*id).map(|t| not_trashed(t, scene)) {
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

fn show(target: &Target, scene: &Scene) -> Vec<Step> {
    if *target == Target::Other && scene.memory.shown.is_empty() {
        // "show me the rest", and nothing was shown: what is open.
        return vec![call("list_tasks", super::filter::Filter::default().arguments())];
    }
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
        _ => Err(about(Say::not_trashed, t, scene)),
    })
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
        return Step::Say(tell(Say::found_unsure, &[("name", &reply::name(task)), ("id", &id.to_string())], scene));
    }
    let first = scene.language.words(said);
    let question = said.trim_end().ends_with('?')
        || first.first().is_none_or(|w| scene.language.list(List::QUESTION_FIRST).has(&w.low))
        || first.iter().filter(|w| !w.is_mark() && w.low.chars().any(char::is_alphabetic)).count() < 2;
    let new = line::read(said, scene);
    if !question
        && (2..=30).contains(&count)
        && let Ok(draft) = line::draft(&new, scene)
    {
        let arguments = line::arguments(&new, &draft);
        return Step::Ask(
            tell(Say::should_add, &[("task", &reply::new_task(&arguments, scene))], scene),
            Asked::Shall { calls: vec![("add_task".into(), arguments)] },
        );
    }
    Step::Say(reply::not_understood(said, scene))
}

fn plainly(say: Say, scene: &Scene) -> String {
    scene.language.say(say).to_owned()
}

fn tell(say: Say, with: &[(&str, &str)], scene: &Scene) -> String {
    scene.language.tell(say, with)
}

/// Something about one task.
fn about(say: Say, task: &Task, scene: &Scene) -> String {
    tell(say, &[("name", &reply::name(task)), ("id", &task.id.to_string())], scene)
}

fn already(task: &Task, priority: Priority, scene: &Scene) -> String {
    tell(Say::already_priority, &[("name", &reply::name(task)), ("priority", reply::priority(priority, scene))], scene)
}
