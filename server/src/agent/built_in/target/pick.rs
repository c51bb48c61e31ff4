//! From a target to the numbers of tasks, or to why there are none.

use super::{
    super::{
        intent::Target,
        scene::{Scene, State, state},
    },
    Picked, Trouble,
};
use domain::task::Task;

/// Finds the tasks. `usual` are the states the verb works on; words and descriptions look only there at first.
pub fn pick(target: &Target, scene: &Scene, usual: &[State]) -> Picked {
    let mut out = Picked::default();
    collect(target, scene, usual, &mut out);
    let mut seen = std::collections::HashSet::new();
    out.ids.retain(|id| seen.insert(*id));
    out
}

fn collect(target: &Target, scene: &Scene, usual: &[State], out: &mut Picked) {
    match target {
        Target::Numbers(numbers) => {
            for n in numbers {
                if scene.task(*n).is_some() {
                    out.ids.push(*n);
                } else {
                    out.trouble.push(Trouble::NoNumber(*n));
                }
            }
        }
        Target::It => match &scene.memory.mentioned[..] {
            [] => out.trouble.push(Trouble::Lost),
            [one] => out.ids.push(*one),
            // Of several acts in one message, "it" is what the last one was on.
            _ if scene.memory.now.tasks.len() == 1 => out.ids.extend(&scene.memory.now.tasks),
            many => out.trouble.push(Trouble::Unsure(String::new(), many.to_vec(), true)),
        },
        Target::Them => {
            let spoken = if scene.memory.mentioned.is_empty() { &scene.memory.shown } else { &scene.memory.mentioned };
            if spoken.is_empty() {
                out.trouble.push(Trouble::Lost);
            }
            // What has gone to the trash since was not meant, unless it is to come back.
            out.ids.extend(spoken.iter().filter(|id| {
                scene.task(**id).is_some_and(|t| {
                    usual.contains(&state(t)) || !usual.contains(&State::Trashed) && state(t) != State::Trashed
                })
            }));
            out.described |= spoken.len() > 1;
        }
        Target::Other => {
            let memory = &scene.memory;
            let other: Vec<i64> = memory.shown.iter().copied().filter(|id| !memory.mentioned.contains(id)).collect();
            match &other[..] {
                [] => out.trouble.push(Trouble::Lost),
                [one] => out.ids.push(*one),
                many => out.trouble.push(Trouble::Unsure(String::new(), many.to_vec(), true)),
            }
        }
        Target::Places(places) => {
            let shown = if scene.memory.shown.is_empty() { &scene.memory.mentioned } else { &scene.memory.shown };
            if shown.is_empty() && places == &[-1] {
                return collect(&Target::Newest, scene, usual, out);
            }
            if shown.is_empty() {
                return out.trouble.push(Trouble::Lost);
            }
            for place in places {
                let at = if *place < 0 { i64::try_from(shown.len()).unwrap_or(0) + place } else { *place };
                match usize::try_from(at).ok().and_then(|i| shown.get(i)) {
                    Some(id) => out.ids.push(*id),
                    None => out.trouble.push(Trouble::NoPlace),
                }
            }
        }
        Target::Newest => {
            match scene
                .tasks()
                .filter(|t| state(t) != State::Trashed)
                .max_by(|a, b| (&a.created_at, a.id).cmp(&(&b.created_at, b.id)))
            {
                Some(task) => out.ids.push(task.id.0),
                None => out.trouble.push(Trouble::Lost),
            }
        }
        Target::Set(filter) => {
            let mut fit: Vec<&Task> = scene.tasks().filter(|t| filter.fits(t, scene, usual)).collect();
            fit.sort_by(|a, b| a.position.cmp(&b.position).then(a.id.cmp(&b.id)));
            let ids: Vec<i64> = fit.iter().map(|t| t.id.0).collect();
            match ids.len() {
                0 => out.trouble.push(Trouble::EmptySet),
                n if filter.count.is_some_and(|count| count != n) => {
                    out.trouble.push(Trouble::Unsure(String::new(), ids, true));
                }
                1 => out.ids.extend(ids),
                _ if filter.one => out.trouble.push(Trouble::Unsure(String::new(), ids, true)),
                _ => {
                    out.described = true;
                    out.ids.extend(ids);
                }
            }
        }
        Target::Words(said) => by_words(said, scene, usual, out),
        Target::OneOf(parts) => {
            let of = pick(parts, scene, usual);
            out.trouble.extend(of.trouble);
            match &of.ids[..] {
                [] => {}
                [one] => out.ids.push(*one),
                many => out.trouble.push(Trouble::Unsure(String::new(), many.to_vec(), true)),
            }
        }
        Target::Several(parts) => {
            for part in parts {
                collect(part, scene, usual, out);
            }
        }
        Target::Except(all, but) => {
            let but = pick(but, scene, &[State::Open, State::Done, State::Trashed]);
            let unknown: Vec<Trouble> = but.trouble.into_iter().filter(|t| *t != Trouble::EmptySet).collect();
            if !unknown.is_empty() {
                // What is to be spared is not known, so nothing is safe.
                return out.trouble.extend(unknown);
            }
            let mut set = pick(all, scene, usual);
            set.ids.retain(|id| !but.ids.contains(id));
            if set.ids.is_empty() && set.trouble.is_empty() {
                set.trouble.push(Trouble::EmptySet);
            }
            out.ids.extend(set.ids);
            out.trouble.extend(set.trouble);
            out.described = true;
        }
    }
}

fn by_words(said: &str, scene: &Scene, usual: &[State], out: &mut Picked) {
    let like = scene.like(said, |t| usual.contains(&state(t)));
    // What was just shown or spoken of is meant rather than something else of a like name.
    let spoken: Vec<i64> = like
        .all
        .iter()
        .copied()
        .filter(|id| scene.memory.shown.contains(id) || scene.memory.mentioned.contains(id))
        .collect();
    let best = if !like.exact.is_empty() {
        &like.exact
    } else if spoken.len() == 1 {
        &spoken
    } else {
        &like.all
    };
    match &best[..] {
        [one] => out.ids.push(*one),
        [_, _, ..] => out.trouble.push(Trouble::Unsure(said.to_owned(), best.clone(), true)),
        [] => {
            // Perhaps it is there, only not in the state the verb works on.
            let elsewhere = scene.like(said, |t| !usual.contains(&state(t)));
            let near = if elsewhere.exact.is_empty() { &elsewhere.all } else { &elsewhere.exact };
            match &near[..] {
                [one] => out.ids.push(*one),
                [] if !like.some.is_empty() && said.contains(' ') => {
                    out.trouble.push(Trouble::Unsure(
                        said.to_owned(),
                        like.some.iter().copied().take(8).collect(),
                        false,
                    ));
                }
                [] => out.trouble.push(Trouble::NoneLike(said.to_owned())),
                many => out.trouble.push(Trouble::Unsure(said.to_owned(), many.to_vec(), false)),
            }
        }
    }
}
