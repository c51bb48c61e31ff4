//! Fields whose new value depends on the old one: a priority one step up, a note that is added to, a repetition.

use super::{
    super::{intent::Target, reply, scene::Scene, target::pick, when},
    OPEN, Step, already, on, one, picked, update,
};
use domain::{priority::Priority, task::Task};
use serde_json::json;

pub fn nudge(target: &Target, up: bool, scene: &Scene) -> Vec<Step> {
    let (found, mut out) = match picked(target, OPEN, scene) {
        Ok(found) => found,
        Err(steps) => return steps,
    };
    for id in &found.ids {
        let Some(task) = scene.task(*id) else { continue };
        match Priority::from_rank(task.priority.rank() + if up { 1 } else { -1 }) {
            Some(priority) => out.push(on("update_task", &[*id], &json!({"priority": priority}), found.described)),
            None => {
                out.push(Step::Say(already(task, task.priority, scene)));
            }
        }
    }
    out
}

/// A repetition; the date stays when it is a day the repetition falls on.
pub fn repeat(target: &Target, text: &str, scene: &Scene) -> Vec<Step> {
    let Some(when::When { due, repeat: Some(repeat), .. }) = when::repeat(text, scene) else {
        return vec![Step::Say(reply::no_repeat(text, scene))];
    };
    let found = pick(target, scene, OPEN);
    let fits = |t: &Task| {
        scene.due_day(t).is_some_and(|day| repeat.rule.first(day, &repeat.except) == Some(day)) && due.time().is_none()
    };
    let kept = !found.ids.is_empty() && found.ids.iter().filter_map(|id| scene.task(*id)).all(fits);
    let more = if kept { json!({"repeat": repeat}) } else { json!({"repeat": repeat, "due": due}) };
    update(target, &more, scene, |_| Ok(()))
}

pub fn note(target: &Target, text: &str, scene: &Scene) -> Vec<Step> {
    let found = pick(target, scene, OPEN);
    let existing = match &found.ids[..] {
        [id] => scene.task(*id).and_then(|t| t.description.clone()),
        _ => None,
    };
    let whole = existing.map_or_else(|| text.to_owned(), |have| format!("{have}\n{text}"));
    one("update_task", target, json!({"description": whole}), scene)
}
