//! New tasks, and tasks under others.

use super::{
    super::{
        intent::{NewLine, Target},
        lexicon::Say,
        line, reply,
        scene::{Asked, Scene},
    },
    OPEN, Step, call, picked, plainly, tell,
};
use serde_json::json;

pub fn add(new: &NewLine, parent: Option<i64>, scene: &Scene) -> Step {
    if new.text.trim().is_empty() {
        return Step::Say(plainly(Say::what_title, scene));
    }
    let made = scene.memory.new_project.as_ref();
    let mut new = new.clone();
    if let Some(whole) = new.within.take() {
        match made {
            Some(project) => new.project = Some(project.clone()),
            None => new.text = whole,
        }
    }
    let new = &new;
    match line::draft(new, scene) {
        Ok(draft) => {
            let mut arguments = line::arguments(new, &draft);
            if let Some(parent) = parent {
                arguments["parent_id"] = json!(parent);
            }
            let missing = new.project.as_ref().filter(|p| scene.project(p).is_none() && made != Some(p));
            match missing {
                Some(project) => Step::Ask(
                    tell(
                        Say::no_project_make,
                        &[("project", &reply::quoted(project)), ("title", &reply::quoted(draft.title.as_str()))],
                        scene,
                    ),
                    Asked::Shall { calls: vec![("add_task".into(), arguments)] },
                ),
                None => call("add_task", arguments),
            }
        }
        Err(bad) => Step::Say(tell(Say::bad_title, &[("why", &bad.message)], scene)),
    }
}

pub fn under(target: &Target, text: &str, scene: &Scene) -> Vec<Step> {
    let (found, mut out) = match picked(target, OPEN, scene) {
        Ok(found) => found,
        Err(steps) => return steps,
    };
    let [parent] = found.ids[..] else {
        out.push(Step::Say(tell(Say::one_parent, &[("names", &reply::names(&found.ids, scene))], scene)));
        return out;
    };
    let parts: Vec<String> =
        if text.contains(',') || text.contains(';') { line::names(text, scene) } else { vec![text.to_owned()] };
    out.extend(parts.iter().map(|part| add(&line::read(part, scene), Some(parent), scene)));
    out
}
