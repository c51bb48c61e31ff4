//! "No, I meant #4": what the last message changed is taken back, and done again on what was meant.

use super::{
    super::{
        intent::{Intent, Target},
        lexicon::Say,
        read::message,
        scene::Scene,
        target::pick,
    },
    ANY, Step, call, on, plainly, steps, update,
};
use serde_json::json;

/// The last act on something else.
pub fn instead(target: &Target, scene: &Scene) -> Vec<Step> {
    let before = &scene.memory.before;
    let last = message(&before.text, scene).into_iter().rev().find(|i| i.target().is_some());
    let meant = pick(target, scene, ANY);
    let Some(last) = last.filter(|_| !meant.ids.is_empty()) else {
        return vec![Step::Say(plainly(Say::nothing_instead, scene))];
    };
    let mut out = undone(scene);
    // What is undone first has to be read as it will be then, so the tasks are named by their numbers.
    let again = match last {
        Intent::Complete(_) => vec![on("complete_task", &meant.ids, &json!({}), false)],
        Intent::Reopen(_) => vec![on("reopen_task", &meant.ids, &json!({}), false)],
        other => steps(other.on(Target::Numbers(meant.ids)), scene),
    };
    out.extend(again);
    out
}

/// The last act on something else too.
pub fn again(target: &Target, scene: &Scene) -> Vec<Step> {
    let last =
        message(&scene.memory.before.text, scene).into_iter().rev().find(|i| i.changes() && i.target().is_some());
    match last {
        Some(last) if !matches!(last, Intent::Again(_)) => steps(last.on(target.clone()), scene),
        _ => vec![Step::Say(plainly(Say::nothing_instead, scene))],
    }
}

/// The labels last put on, corrected.
pub fn relabel(right: &[String], wrong: &[String], scene: &Scene) -> Vec<Step> {
    update(&Target::It, &json!({"add_labels": right, "remove_labels": wrong}), scene, |_| Ok(()))
}

/// Takes back what the message before changed, the newest first.
fn undone(scene: &Scene) -> Vec<Step> {
    let known = &scene.memory.operations;
    let made = scene.memory.before.operations.iter().rev().filter(|seq| known.contains(seq));
    made.map(|seq| call("undo", json!({"operation": seq}))).collect()
}
