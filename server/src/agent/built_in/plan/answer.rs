//! A message as the answer to what the assistant asked.

use super::{
    super::{
        intent::{Intent, Target},
        lexicon::{List, Say},
        read::{message, strip_polite},
        scene::{Asked, Scene},
        target::{self, Trouble, is_sure, pick},
        when,
        words::trim,
    },
    ANY, OPEN, Step, call, moved, on, plainly, shift, steps,
};

fn all(intents: Vec<Intent>, scene: &Scene) -> Vec<Step> {
    intents.into_iter().flat_map(|i| steps(i, scene)).collect()
}

/// Reads a message as the answer to what was asked. `None` when it is something else.
pub fn answer(text: &str, scene: &Scene) -> Option<Vec<Step>> {
    let asked = scene.memory.asked.as_ref()?;
    let found = scene.language.words(text);
    let read = super::super::read::clause(&found, text.trim(), scene);
    if read == Intent::No {
        return Some(vec![Step::Say(plainly(Say::left_alone, scene))]);
    }
    match asked {
        Asked::Shall { calls } if read == Intent::Yes => Some(
            calls
                .iter()
                .filter_map(|(tool, arguments)| Some(call(crate::tools::find(tool)?.name, arguments.clone())))
                .collect(),
        ),
        Asked::Shall { .. } => None,
        Asked::More { verb } => {
            let again = message(&format!("{verb} {}", text.trim()), scene);
            let sure = again.iter().all(|i| i.target().is_some_and(|t| is_sure(t, scene)));
            (sure && message(text, scene).iter().all(|i| !i.changes())).then(|| all(again, scene))
        }
        Asked::Whom { options, text: before } => {
            let ids = choice(text, options, scene)?;
            let unclear = message(before, scene).into_iter().find(|i| {
                i.target()
                    .is_some_and(|t| pick(t, scene, OPEN).trouble.iter().any(|t| matches!(t, Trouble::Unsure(..))))
            })?;
            Some(steps(unclear.on(Target::Numbers(ids)), scene))
        }
        Asked::When { tasks, described } => {
            let when =
                when::date(text.trim().trim_end_matches(['.', '!']), scene).or_else(
                    || match &message(text, scene)[..] {
                        [Intent::Move(Target::It | Target::Them, to)] => when::date(to, scene),
                        _ => None,
                    },
                );
            match when {
                Some(when) => Some(moved(tasks, *described, &when, scene, vec![])),
                None => when::span(&scene.language.normal(text), scene)
                    .map(|by| shift(&Target::Numbers(tasks.clone()), by, scene)),
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
    let found = scene.language.words(text);
    let mut rest = strip_polite(&found, scene);
    while let Some(n) = scene.language.list(List::CHOICE_BEFORE).begins(rest)
        && n < rest.len()
    {
        rest = trim(&rest[n..]);
    }
    let place = |n: i64| {
        usize::try_from(if n < 0 { i64::try_from(options.len()).ok()? + n } else { n })
            .ok()
            .and_then(|i| options.get(i))
            .copied()
    };
    if scene.language.list(List::CHOICE_ALL).is(rest) {
        return Some(options.to_vec());
    }
    match target::read(rest, text, scene)? {
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
        Target::Set(filter) => {
            let fit = |id: &&i64| scene.task(**id).is_some_and(|t| filter.fits(t, scene, ANY));
            let fit: Vec<i64> = options.iter().filter(fit).copied().collect();
            (!fit.is_empty() && !filter.one || fit.len() == 1).then_some(fit)
        }
        Target::Words(said) => {
            let like = scene.like(&said, |t| options.contains(&t.id.0));
            let best = if like.exact.is_empty() { like.all } else { like.exact };
            (best.len() == 1).then_some(best)
        }
        _ => None,
    }
}
