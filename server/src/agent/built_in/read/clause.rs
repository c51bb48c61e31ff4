//! One act: what must not be taken for one, politeness, and the pattern that fits.

use super::{
    super::{
        intent::{Intent, Talk, Target},
        lexicon::{Act, List},
        memo::run,
        pattern::Fit,
        scene::Scene,
        target, when,
        words::{Word, slice, trim},
    },
    build,
    guard::{guarded, is_no},
    listing, sense, statement,
};
use std::{cell::RefCell, collections::HashMap, collections::HashSet};

/// Longest request in words, but for a new task, whose title may be long.
const CLAUSE_MAX: usize = 32;

/// What one clause asks for.
pub fn clause(found: &[Word], text: &str, scene: &Scene) -> Intent {
    let found = trim(found);
    let length = i64::try_from(found.len()).unwrap_or(i64::MAX / 10_000);
    if found.is_empty() {
        return Intent::Unknown(String::new());
    }
    let key = run(found, text);
    // The same words are asked about many times while a sentence is cut.
    if let Some(known) = scene.memos.clauses.get(&key) {
        scene.spend(1);
        return known;
    }
    let adds = || strip_polite(found, scene).first().is_some_and(|w| scene.language.list(List::ADD_VERBS).has(&w.low));
    if !scene.spend(10 * length * length) || found.len() > CLAUSE_MAX && !adds() {
        return Intent::Unknown(slice(text, found).to_owned());
    }
    scene.memos.clauses.keep(key, fresh(found, text, scene))
}

fn fresh(found: &[Word], text: &str, scene: &Scene) -> Intent {
    let language = scene.language;
    if language.list(List::YES).is(found) {
        return Intent::Yes;
    }
    if is_no(found, scene) {
        return Intent::No;
    }
    if let Some(command) = asked_kindly(found, scene) {
        return fresh(&command, text, scene);
    }
    let all = found;
    if let Some(intent) = guarded(found, text, scene) {
        return intent;
    }
    let found = strip_polite(found, scene);
    if found.is_empty() {
        return polite_only(all, scene);
    }
    if found.len() != all.len()
        && let Some(intent) = guarded(found, text, scene)
    {
        return intent;
    }
    let quiet: Vec<Word> =
        found.iter().filter(|w| w.quoted || !language.list(List::NOISE).has(&w.low)).cloned().collect();
    let mut second = None;
    // "Thank you" is all politeness, and "what is due now" means its "now": the whole is tried as well. Words that mean
    // nothing in the middle ("bitte") are left out last.
    for words in [found, all, &quiet] {
        if words.is_empty() || (words.len() == found.len() && !std::ptr::eq(words, found)) {
            continue;
        }
        let Some(intent) = matched(words, text, scene) else { continue };
        let looks = !sense::changes(&intent) || matches!(intent, Intent::Undo(_) | Intent::Again(_));
        if words.len() > found.len() && !looks {
            continue;
        }
        if sense::is_sure(&intent, scene) {
            return intent;
        }
        second.get_or_insert(intent);
    }
    if let Some(intent) = second {
        return intent;
    }
    for words in [found, &quiet] {
        if let Some(intent) = listing::listing(words, text, scene).or_else(|| statement::statement(words, text, scene))
        {
            return intent;
        }
    }
    Intent::Unknown(slice(text, found).to_owned())
}

/// "would you mind marking it as done" is "mark it as done".
fn asked_kindly(found: &[Word], scene: &Scene) -> Option<Vec<Word>> {
    let rest = &found[scene.language.list(List::MIND).begins(found)?..];
    let command = scene.language.command(&rest.first().filter(|w| !w.quoted)?.low)?;
    let mut out = rest.to_vec();
    command.clone_into(&mut out.first_mut()?.low);
    Some(out)
}

/// "first, …" begins a sentence; "first one" names a task.
fn is_place(found: &[Word], scene: &Scene) -> bool {
    let is = |at: usize, list| found.get(at).is_some_and(|w| !w.quoted && scene.language.list(list).has(&w.low));
    (is(0, List::FIRST) || is(0, List::ORDINALS))
        && [List::NOUN_ONE, List::NOUN_MANY, List::CARDINALS, List::BEEN].into_iter().any(|list| is(1, list))
}

/// Takes politeness off both ends, without taking everything.
pub fn strip_polite<'w>(mut found: &'w [Word], scene: &Scene) -> &'w [Word] {
    let language = scene.language;
    loop {
        found = trim(found);
        if let Some(n) = language.list(List::LEAD).begins(found).filter(|_| !is_place(found, scene)) {
            found = &found[n..];
            continue;
        }
        // "every monday for me" may lose its end, "add a task to thank you" may not lose all of it.
        if let Some(n) = language.list(List::TAIL).ends(found)
            && n < found.len()
        {
            found = &found[..found.len() - n];
            continue;
        }
        return found;
    }
}

fn polite_only(found: &[Word], scene: &Scene) -> Intent {
    let any = |list| found.iter().any(|w| scene.language.list(list).has(&w.low));
    Intent::Talk(if any(List::THANKS) {
        Talk::Thanks
    } else if any(List::GREETINGS) {
        Talk::Hello
    } else {
        Talk::Fine
    })
}

/// Reads words that name another object for an act.
pub fn object(found: &[Word], text: &str, scene: &Scene) -> Option<Target> {
    let found = strip_polite(found, scene);
    target::read(found, text, scene).filter(|t| target::is_sure(t, scene))
}

/// The first pattern that fits and means something sure, else the first that fits.
pub fn matched(found: &[Word], text: &str, scene: &Scene) -> Option<Intent> {
    let have: HashSet<&str> = found.iter().filter(|w| !w.quoted).map(|w| w.low.as_str()).collect();
    // Many patterns ask the same of the same words.
    let known: RefCell<HashMap<(char, usize, usize), bool>> = RefCell::default();
    let check = |letter: char, slot: &[Word]| {
        let (Some(first), Some(last)) = (slot.first(), slot.last()) else { return false };
        let key = (letter, std::ptr::from_ref(first) as usize, std::ptr::from_ref(last) as usize);
        if let Some(known) = known.borrow().get(&key) {
            return *known && scene.spend(1);
        }
        if !scene.spend(40) {
            return false;
        }
        let allowed = allowed(letter, slot, text, scene);
        known.borrow_mut().insert(key, allowed);
        allowed
    };
    let mut unsure = None;
    // What is asked is answered and never done.
    let first = |list| found.first().is_some_and(|w| !w.quoted && scene.language.list(list).has(&w.low));
    let (asks, looks) = (first(List::WH), first(List::LOOKS));
    let titled = |i: &Intent| sense::target(i).is_some_and(|t| target::sureness(t, scene) > 3);
    for (pattern, act) in scene.language.candidates(&have) {
        let fits = pattern.fits(found, &check);
        let best = fits
            .iter()
            .enumerate()
            .map(|(i, fit)| (score(fit, *act, text, scene), i))
            .min_by_key(|(score, i)| (std::cmp::Reverse(*score), *i));
        if let Some((_, i)) = best
            && let Some(intent) = build::build(*act, &fits[i], found, text, scene)
            && !(asks && sense::changes(&intent))
            // "list what is due" looks; "List the flat is done" names a title.
            && !(looks && sense::changes(&intent) && !titled(&intent))
        {
            if unsure.is_none() && sense::is_sure(&intent, scene) {
                return Some(intent);
            }
            // A later pattern takes over only with something that is there, and never with a new title.
            match sense::target(&intent) {
                Some(t) if unsure.is_some() && target::sureness(t, scene) >= 2 && sense::is_sure(&intent, scene) => {
                    return Some(intent);
                }
                _ => unsure = unsure.or(Some(intent)),
            }
        }
    }
    unsure
}

/// Whether a slot may take the words. Cheap: what the words come to is decided later.
fn allowed(letter: char, slot: &[Word], text: &str, scene: &Scene) -> bool {
    let said = super::super::words::said(slot);
    let target = || target::read(slot, text, scene);
    match letter {
        't' => target().is_some(),
        'T' => target().is_some_and(|t| target::is_sure(&t, scene)),
        '#' => matches!(
            target(),
            Some(Target::Numbers(_) | Target::It | Target::Them | Target::Places(_) | Target::Newest | Target::Other)
        ),
        '+' | '-' => said.starts_with(letter) && when::span(said.trim_start_matches(letter), scene).is_some(),
        'd' => slot.len() <= 12 && when::date(&said, scene).is_some(),
        'r' => slot.len() <= 14 && when::repeat(&said, scene).is_some(),
        's' => slot.len() <= 4 && when::span(&said, scene).is_some(),
        'p' => slot.len() <= 4 && sense::priority(&said, scene).is_some(),
        'l' => slot.len() <= 6 && !slot[0].is_mark() && target::numbers(slot, scene).is_none(),
        '@' => {
            let joint = |w: &Word| w.is_mark() || scene.language.list(List::JOINTS).has(&w.low);
            slot.iter().all(|w| joint(w) || w.low.starts_with('@')) && slot.iter().any(|w| w.low.starts_with('@'))
        }
        'w' => target().is_some_and(|t| !matches!(t, Target::Set(_)) && target::is_sure(&t, scene)),
        'n' => slot.len() == 1 && when::number(&slot[0].low, scene).is_some(),
        'j' => slot.len() <= 6 && scene.project(slice(text, slot)).is_some(),
        'f' | 'x' | 'y' => true,
        _ => false,
    }
}

/// How well a fit reads, to choose between several of one pattern.
fn score(fit: &Fit<'_>, act: Act, text: &str, scene: &Scene) -> u32 {
    let mut score = 0;
    for letter in ['t', 'T', 'w'] {
        if let slot @ [_, ..] = fit.slot(letter)
            && let Some(target) = target::read(slot, text, scene)
        {
            score += target::sureness(&target, scene);
        }
    }
    if matches!(act, Act::Move | Act::Become) {
        score += 4 * u32::from(sense::destination(slice(text, fit.slot('x')), scene).is_some());
    }
    score
}
