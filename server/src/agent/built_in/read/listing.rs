//! Requests to see tasks, read by description: "my open tasks in Work", "what's due this week?", "anything overdue?".

use super::super::{
    filter::{Described, describe},
    intent::Intent,
    lexicon::List,
    scene::Scene,
    target,
    words::Word,
};

/// Most words of a description without a question before it.
const BARE_MAX: usize = 6;

/// Reads a request to see tasks.
pub fn listing(found: &[Word], text: &str, scene: &Scene) -> Option<Intent> {
    let language = scene.language;
    let asked = language.list(List::ASK).begins(found);
    let rest = asked.map_or(found, |n| &found[n..]);
    let Described { mut filter, left, all, any, plural, singular, .. } = describe(rest, text, scene);
    let narrowed = !filter.is_wide() || filter.state.is_some() || filter.any_state;
    let has = |words: &[Word], list| words.iter().any(|w| !w.quoted && language.list(list).has(&w.low));
    let noun = plural || singular || all || any || has(rest, List::LIST);
    if asked.is_none() {
        // Without a question only a bare description: "overdue tasks", "today", "my list".
        let named = filter.words.is_some() && !noun;
        return (left.is_empty() && found.len() <= BARE_MAX && (narrowed || noun) && !named)
            .then_some(Intent::List(filter));
    }
    if left.is_empty() {
        let alone = rest.is_empty() && !language.list(List::ASK_ALONE).is(found);
        if alone || !(noun || narrowed || has(found, List::ASKS_MUCH)) {
            return None;
        }
        // "all my tasks" means the done ones as well; "my tasks" the open ones.
        filter.any_state |= filter.state.is_none() && filter.is_wide() && all;
        return Some(Intent::List(filter));
    }
    // "show me the dentist one", "what about the report?"
    let named = target::read(rest, text, scene).filter(|t| target::is_sure(t, scene));
    if let Some(target) = named.filter(|_| !(plural || all || any)) {
        return Some(Intent::Show(target));
    }
    if plural || all || any {
        filter.words = Some(left.join(" "));
        return Some(Intent::List(filter));
    }
    None
}
