//! Moves: to a day, by a span, into a project.

use super::{
    super::{
        intent::{Intent, Shift, Target},
        lexicon::{List, Say},
        read::{Destination, destination, mend},
        reply,
        scene::{Asked, Scene},
        when,
    },
    OPEN, Step, about, each, not_trashed, on, picked, plainly, resolve, steps, tell,
};
use domain::{date::Due, task::Task};
use serde_json::{Map, Value, json};

pub fn movement(target: &Target, to: &str, scene: &Scene) -> Vec<Step> {
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
            let (name, fresh) = project_name(to, scene);
            let (found, mut out) = match picked(target, OPEN, scene) {
                Ok(found) => found,
                Err(steps) => return steps,
            };
            if name.split_whitespace().count() > 4 || name.is_empty() {
                out.push(Step::Say(tell(Say::unknown_place, &[("said", &reply::quoted(to))], scene)));
                return out;
            }
            let arguments = if let [one] = found.ids[..] {
                json!({"task_id": one, "project": name})
            } else {
                json!({"task_ids": found.ids, "project": name})
            };
            if fresh {
                out.insert(0, Step::Call { tool: "move_tasks", arguments, described: found.described });
                return out;
            }
            out.push(Step::Ask(
                tell(
                    Say::make_project,
                    &[
                        ("said", &reply::quoted(to)),
                        ("project", &reply::quoted(&name)),
                        ("names", &reply::names(&found.ids, scene)),
                    ],
                    scene,
                ),
                Asked::Shall { calls: vec![("move_tasks".into(), arguments)] },
            ));
            out
        }
    }
}

/// The name in "a new project called Health", "my Work list", and whether a new one was asked for.
fn project_name(to: &str, scene: &Scene) -> (String, bool) {
    let language = scene.language;
    let found = language.words(to);
    let found = mend(&found, scene).unwrap_or(found);
    let fresh = language.list(List::NEW_PROJECT).begins(&found);
    let mut rest = super::super::words::trim(&found[fresh.unwrap_or(0)..]);
    let is = |w: &super::super::words::Word, list| !w.quoted && language.list(list).has(&w.low);
    while let [first, after @ ..] = rest
        && !after.is_empty()
        && (is(first, List::ARTICLES) || is(first, List::PROJECT_WORD))
    {
        rest = after;
    }
    if let [before @ .., last] = rest
        && !before.is_empty()
        && is(last, List::PROJECT_AFTER)
    {
        rest = before;
    }
    let name = super::super::words::slice(to, rest).trim_matches(['"', '“', '”', '„', '\'', '#']).trim().to_owned();
    (name, fresh.is_some())
}

/// A move of a project: one task is an update, many are one move.
fn update_or_move(target: &Target, more: &Value, scene: &Scene) -> Vec<Step> {
    each("move_tasks", target, more, OPEN, scene, |t| not_trashed(t, scene))
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

pub fn moved(ids: &[i64], described: bool, when: &when::When, scene: &Scene, mut out: Vec<Step>) -> Vec<Step> {
    let mut kept = Vec::new();
    for id in ids {
        match scene.task(*id).map(|t| not_trashed(t, scene)) {
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

pub fn shift(target: &Target, by: Shift, scene: &Scene) -> Vec<Step> {
    let (found, mut out) = match picked(target, OPEN, scene) {
        Ok(found) => found,
        Err(steps) => return steps,
    };
    let mut ids = Vec::new();
    for id in &found.ids {
        let Some(task) = scene.task(*id) else { continue };
        match (not_trashed(task, scene), &task.due) {
            (Err(why), _) => out.push(Step::Say(why)),
            // Without a date there is nothing to count from but today.
            (Ok(()), None) if found.ids.len() == 1 && by.minutes == 0 && by.days >= 0 && by.months >= 0 => {
                if let Some(due) = when::shifted(&Due::Day(scene.today()), by) {
                    return vec![on("update_task", &[*id], &json!({"due": due}), false)];
                }
            }
            (Ok(()), None) => out.push(Step::Say(about(Say::no_date_from, task, scene))),
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
                None => out.push(Step::Say(plainly(Say::too_far, scene))),
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
