//! What must not be taken for a request to act: what is forbidden, only asked about, made to depend on something, or told
//! as another's words. Looked at before any act, and again at what was read.

use super::{
    super::{
        intent::{Intent, Talk},
        lexicon::List,
        scene::Scene,
        words::{Word, slice},
    },
    clause, listing, sense,
};

/// What must not be taken for a request to act.
pub fn guarded(found: &[Word], text: &str, scene: &Scene) -> Option<Intent> {
    let language = scene.language;
    let begins = |list| language.list(list).begins(found).is_some();
    if begins(List::DONT) && !begins(List::DONT_EXCEPT) {
        // "not done yet" says something; "don't", "leave the milk alone" forbid.
        return Some(Intent::Talk(Talk::LeftAlone));
    }
    // "lösche 2 nicht": a verb of command with a "not" after what it is about.
    if found.iter().skip(1).any(|w| !w.quoted && language.list(List::NEGATED).has(&w.low))
        && sense::begins_with_verb(slice(text, found), scene)
        && !clause::matched(found, text, scene).is_some_and(|i| takes_not(&i))
        && exception(found, scene).is_none()
    {
        return Some(Intent::Talk(Talk::LeftAlone));
    }
    // "would it be possible to" is polite, "would it be wise to" asks.
    let asks = |list| language.list(list).begins(found);
    if asks(List::QUESTION) > asks(List::LEAD) {
        // Questions that are answered by showing something keep their patterns.
        let seen = clause::matched(found, text, scene).filter(|i| !sense::changes(i) && !matches!(i, Intent::Undo(_)));
        if let Some(seen) = seen.or_else(|| listing::listing(found, text, scene)) {
            return Some(seen);
        }
        if begins(List::ASK_ALONE) {
            return None;
        }
        return Some(Intent::Talk(Talk::Help));
    }
    None
}

/// Acts whose text is a person's own, and may say anything.
fn takes_text(intent: &Intent) -> bool {
    match intent {
        Intent::Several(all) => all.iter().all(takes_text),
        other => matches!(
            other,
            Intent::Add(_) | Intent::AddUnder(..) | Intent::Rename(..) | Intent::Describe(..) | Intent::Note(..)
        ),
    }
}

/// Acts that are said with a "not" ("mark it as not done"), or whose text may hold one.
fn takes_not(intent: &Intent) -> bool {
    takes_text(intent) || matches!(intent, Intent::Reopen(_) | Intent::NoRepeat(_) | Intent::Priority(..))
}

/// "all but not the milk": the "not" leaves something out and does not forbid.
fn exception(found: &[Word], scene: &Scene) -> Option<usize> {
    (1..found.len()).find(|i| scene.language.list(List::EXCEPT).begins(&found[*i..]).is_some_and(|n| n > 1))
}

/// "delete it if it rains": whether the clause says after its act what that depends on, unless a title has the word.
pub fn depends(read: &Intent, found: &[Word], scene: &Scene) -> bool {
    let list = |list| scene.language.list(list);
    let found = clause::strip_polite(found, scene);
    let condition = |i: &usize| {
        let rest = &found[*i..];
        list(List::CONDITION).begins(rest).is_some()
            && !rest[0].quoted
            && !scene.has_word(&rest[0].low)
            // "she asked if" only tells.
            && !list(List::KNOWING).has(&found[i - 1].low)
            && list(List::TAIL).begins(rest).is_none()
            && list(List::LEAD).begins(rest).is_none()
    };
    let about = sense::changes(read) || matches!(read, Intent::Unknown(_));
    about && !takes_text(read) && (1..found.len()).any(|i| condition(&i))
}

/// Whether a clause only says under which condition the next one holds.
pub fn conditions(read: &Intent, found: &[Word], scene: &Scene) -> bool {
    let begins = |list| scene.language.list(list).begins(clause::strip_polite(found, scene)).is_some();
    !sense::is_act(read, scene) && (begins(List::CONDITION) || begins(List::CONDITION_FIRST))
}

/// Whether a clause says whose words the next one is.
pub fn reports(read: &Intent, found: &[Word], scene: &Scene) -> bool {
    let looks = sense::is_act(read, scene) && !matches!(read, Intent::Show(_));
    !looks && scene.language.list(List::REPORTED).ends(clause::strip_polite(found, scene)).is_some()
}

/// Whether the words say no, in one phrase or several ("no wait, don't").
pub fn is_no(found: &[Word], scene: &Scene) -> bool {
    let list = scene.language.list(List::NO);
    if list.is(found) {
        return true;
    }
    let mut rest = super::super::words::trim(found);
    while let Some(n) = list.begins(rest) {
        rest = super::super::words::trim(&rest[n..]);
        if rest.is_empty() {
            return true;
        }
    }
    false
}
