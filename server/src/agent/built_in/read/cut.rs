//! Where one act ends and the next begins, and what the second leaves unsaid ("put milk at 3 and groceries at 7").

use super::{
    super::{
        intent::{Intent, Talk, Target},
        lexicon::List,
        scene::Scene,
        target,
        words::{Word, slice},
    },
    clause, guard, mend, sense,
};

/// How far the next act is looked ahead for, in joints.
const JOINTS_AHEAD: usize = 4;

fn is_joint(word: &Word, scene: &Scene) -> bool {
    !word.quoted && (word.is_mark() || scene.language.list(List::JOINTS).has(&word.low))
}

/// The words after the joints at the front.
pub fn after_joints<'w>(mut rest: &'w [Word], scene: &Scene) -> &'w [Word] {
    while let [first, after @ ..] = rest
        && is_joint(first, scene)
    {
        rest = after;
    }
    rest
}

/// Where the first act of the words ends: at a joint after which another act surely begins.
pub fn next(found: &[Word], text: &str, scene: &Scene) -> usize {
    let language = scene.language;
    let mut at = 1;
    while at < found.len() {
        if language.list(List::MEANT).begins(&found[at..]).is_some() {
            return at;
        }
        if !is_joint(&found[at], scene) {
            at += 1;
            continue;
        }
        let rest = after_joints(&found[at..], scene);
        let next = found.len() - rest.len();
        if rest.is_empty() {
            return found.len();
        }
        if language.list(List::MEANT).begins(rest).is_some() || splits(found, at, next, text, scene) {
            return at;
        }
        at = next.max(at + 1);
    }
    found.len()
}

/// Whether what stands after the joint is an act of its own.
fn splits(found: &[Word], at: usize, next: usize, text: &str, scene: &Scene) -> bool {
    let language = scene.language;
    let first = &found[next];
    if first.quoted {
        return false;
    }
    let joints = &found[at..next];
    // "…, no wait, don't" takes back and belongs to no title.
    if joints.iter().any(Word::is_mark) && guard::is_no(&found[next..], scene) {
        return true;
    }
    let colon = joints.iter().any(|w| w.low == ":");
    let left = clause(&found[..at], text, scene);
    // "tell me one thing: what is due?": a colon parts a story from a request, and a verb from its title.
    if colon && !matches!(left, Intent::Unknown(_) | Intent::Talk(_) | Intent::No) {
        return false;
    }
    let known = language.knows(&first.low) || mend::is_verb_slip(&first.low, scene);
    if language.list(List::RELATIVE).has(&first.low) && matches!(sense::target(&left), Some(Target::Set(_))) {
        // "complete everything, which is due today"
        return false;
    }
    // "delete task 4, not task 5": the other one is only named.
    let named = !matches!(sense::target(&left), None | Some(Target::Set(_) | Target::Except(..) | Target::Them));
    if named
        && language.list(List::NEGATED).has(&first.low)
        && clause::object(&found[(next + 1).min(found.len())..], text, scene).is_some()
    {
        return true;
    }
    let adds = matches!(
        left,
        Intent::Add(_) | Intent::Describe(..) | Intent::Note(..) | Intent::AddUnder(..) | Intent::Rename(..)
    );
    // Where the other act itself goes on does not matter here: enough that it begins with one.
    let ends: Vec<usize> = (next + 1..=found.len())
        .filter(|e| *e == found.len() || is_joint(&found[*e], scene))
        .take(JOINTS_AHEAD)
        .collect();
    if let Intent::Add(line) = &left {
        // "fix the tap tomorrow and paint the door on friday": each has its own date, or the second says "also".
        let also = found[at..next].iter().any(|w| language.list(List::ANEW).has(&w.low));
        let first_end = ends.first().copied().unwrap_or(found.len());
        let dated = |words: &[Word]| super::super::line::has_date(slice(text, words), scene);
        let own = super::super::line::ends_in_date(&line.text, scene) && dated(&found[next..first_end]);
        if (also || own) && !found[at].is_mark() && first_end - next >= 2 {
            return true;
        }
    }
    // "Tasks 1 and 3 are done": what names something and says nothing about it goes on.
    let bare = matches!(left, Intent::Show(_)) && !language.list(List::SHOWS).has(&found[0].low);
    let whole = || {
        ends.iter().any(|end| match clause(&found[..*end], text, scene) {
            Intent::Unknown(_) => false,
            read => {
                !(matches!(left, Intent::Unknown(_)) && matches!(read, Intent::Add(_))) && sense::is_sure(&read, scene)
            }
        })
    };
    if (bare || matches!(left, Intent::Unknown(_))) && whole() {
        return false;
    }
    let mut begins = ends
        .iter()
        .map(|end| clause(&found[next..*end], text, scene))
        .filter(|i| !matches!(i, Intent::Unknown(_) | Intent::Yes | Intent::No));
    // "new task: call Bob and delete the rest": after its colon a title takes all but what adds or shows more.
    let titled = adds
        && found[..at].iter().any(|w| w.low == ":" && !w.quoted)
        && !joints.iter().any(|w| matches!(w.low.as_str(), "." | ";" | "!"));
    let may = |intent: &Intent| !titled || !sense::changes(intent) || matches!(intent, Intent::Add(_));
    if known && begins.any(|intent| may(&intent) && begins_anew(&intent, first, adds, scene)) {
        return true;
    }
    if adds || !sense::is_act(&left, scene) {
        return false;
    }
    let said = ends.iter().any(|end| {
        elided(&found[..at], &left, &found[next..*end], text, scene).is_some()
            && match clause(&found[..*end], text, scene) {
                // A title that swallows the rest of the sentence is the worse reading.
                Intent::Rename(..) => !matches!(left, Intent::Rename(..)),
                read => !sense::is_act(&read, scene),
            }
    });
    // What comes after an act that is sure, and is none itself, is told apart and answered for itself.
    said || !sense::is_act(&clause(found, text, scene), scene) && ends.last() == Some(&found.len()) && !whole()
}

/// What a clause without a verb says after another one: the same act on something else, or more about the same thing.
pub fn elided(before: &[Word], last: &Intent, rest: &[Word], text: &str, scene: &Scene) -> Option<Intent> {
    if !sense::changes(last) || matches!(last, Intent::Undo(_) | Intent::Redo) || rest.is_empty() {
        return None;
    }
    if [List::NO, List::DONT].into_iter().any(|list| scene.language.list(list).begins(rest).is_some()) {
        return None;
    }
    let before = clause::strip_polite(before, scene);
    let verb = before.first().filter(|w| !w.quoted && !w.is_mark())?;
    let mut words = vec![verb.clone()];
    words.extend_from_slice(rest);
    let again = clause(&words, text, scene);
    if std::mem::discriminant(&again) == std::mem::discriminant(last) && sense::is_act(&again, scene) {
        return Some(again);
    }
    scene.language.list(List::CHATTER).iter().find_map(|lead| {
        let mut words: Vec<Word> = lead
            .split(' ')
            .map(|low| Word { low: low.to_owned(), start: rest[0].start, end: rest[0].start, quoted: false })
            .collect();
        words.extend_from_slice(rest);
        let read = clause(&words, text, scene);
        // A title or a new label could be anything.
        let free = match &read {
            Intent::Rename(..) | Intent::Describe(..) | Intent::Note(..) | Intent::AddUnder(..) => true,
            Intent::Label(_, names) => names.iter().any(|n| scene.label(n).is_none()),
            _ => false,
        };
        (!free && sense::is_act(&read, scene) && sense::target(&read) == Some(&Target::It)).then_some(read)
    })
}

/// Whether a word begins a request to see something.
pub fn shows(word: &Word, scene: &Scene) -> bool {
    scene.language.list(List::SHOWS).has(&word.low)
}

/// Whether an intent after a joint is surely an act of its own and not the rest of a title.
fn begins_anew(intent: &Intent, first: &Word, adds: bool, scene: &Scene) -> bool {
    let language = scene.language;
    let shows = language.list(List::SHOWS).has(&first.low);
    match intent {
        // "add milk and add bread", "… and remind me to …"; "buy milk and write to mum" stays one title.
        Intent::Add(_) => {
            language.list(List::ADD_VERBS).has(&first.low) && !(adds && language.list(List::ADD_SOFT).has(&first.low))
        }
        Intent::Show(t) => shows && target::is_sure(t, scene),
        Intent::List(_) | Intent::Count(_) => shows,
        Intent::Undo(_)
        | Intent::Redo
        | Intent::Plan(_)
        | Intent::Projects
        | Intent::Labels
        | Intent::NewProject(_) => !adds || !matches!(intent, Intent::Plan(_)),
        Intent::Talk(Talk::LeftAlone) => true,
        Intent::Talk(Talk::Thanks) => !adds || language.list(List::THANKS).has(&first.low),
        Intent::Find(_) => !adds,
        other => sense::target(other).is_some_and(|t| target::is_sure(t, scene)),
    }
}
