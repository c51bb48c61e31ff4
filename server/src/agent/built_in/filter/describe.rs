//! Reading a description piece by piece, the longest first.

use super::{
    super::{
        days as spans,
        lexicon::List,
        read::priority,
        scene::{Scene, State},
        when,
        words::{Word, said, slice},
    },
    Days, Described, Filter,
};
use domain::task::View;

/// Most words one piece of a description has.
const PIECE_MAX: usize = 7;
const QUOTES: [char; 5] = ['"', '\'', '“', '”', '„'];

/// Reads a description word by word.
pub fn describe(words: &[Word], text: &str, scene: &Scene) -> Described {
    let mut out = Described::default();
    let language = scene.language;
    let mut rest = words;
    if !scene.spend(5 * i64::try_from(words.len()).unwrap_or(i64::MAX)) {
        out.left.push(slice(text, words).to_owned());
        return out;
    }
    while let Some((word, after)) = rest.split_first() {
        if word.is_mark() {
            rest = after;
            continue;
        }
        let took = if word.quoted { 0 } else { piece(rest, text, scene, &mut out) };
        if took > 0 {
            rest = &rest[took..];
            continue;
        }
        let is = |list| !word.quoted && language.list(list).has(&word.low);
        if is(List::ANY) {
            out.any = true;
        } else if is(List::ALL) {
            out.all = true;
            out.whole |= !is(List::EACH);
        } else if is(List::NOUN_MANY) {
            out.plural = true;
        } else if is(List::NOUN_ONE) {
            out.singular = true;
        } else if !is(List::FILLER) {
            out.left.push(slice(text, &rest[..1]).to_owned());
        }
        rest = after;
    }
    // "coming up this week": the days say it better.
    if out.filter.view == Some(View::Upcoming) && out.filter.days.is_some() {
        out.filter.view = None;
    }
    out
}

/// Reads one piece at the front and answers how many words it has.
fn piece(rest: &[Word], text: &str, scene: &Scene, out: &mut Described) -> usize {
    let language = scene.language;
    let phrase = |list| language.list(list).begins(rest);
    let follows = |at: usize, list| rest.get(at).is_some_and(|w| !w.quoted && language.list(list).has(&w.low));
    let filter = &mut out.filter;

    if let Some(n) = phrase(List::ANY_STATE) {
        filter.any_state = true;
        return n;
    }
    if let Some(n) = phrase(List::ABOUT)
        && !slice(text, &rest[n.min(rest.len())..]).is_empty()
    {
        filter.words = Some(slice(text, &rest[n..]).trim_matches(QUOTES).to_owned());
        return rest.len();
    }
    if let Some(n) = phrase(List::LABELLED)
        && let Some((name, m)) = label_name(&rest[n..], text, scene)
    {
        filter.labels.push(name);
        return n + m;
    }
    if rest[0].low.starts_with('@') && rest[0].low.len() > 1 {
        filter.labels.push(slice(text, &rest[..1]).trim_start_matches('@').to_owned());
        return 1;
    }
    if let Some(name) = rest[0].low.strip_prefix('#')
        && !name.is_empty()
        && name.parse::<i64>().is_err()
    {
        filter.project = Some(slice(text, &rest[..1]).trim_start_matches('#').to_owned());
        return 1;
    }
    if let Some(n) = project(rest, text, scene, filter) {
        return n;
    }
    if let Some(n) = phrase(List::WHOLE_LIST) {
        (out.all, out.whole) = (true, true);
        return n;
    }
    for (list, set) in [
        (List::UNDATED_WORDS, 'u'),
        (List::LATE_WORDS, 'l'),
        (List::TRASH_WORDS, 't'),
        (List::OPEN_WORDS, 'o'),
        (List::DONE_WORDS, 'd'),
        (List::REPEATING, 'r'),
        (List::UPCOMING, 'c'),
        (List::INBOX, 'i'),
        (List::SOON, 's'),
    ] {
        let Some(n) = phrase(list) else { continue };
        // "completed yesterday" is a state with a day, read below.
        if set == 'd' && phrase(List::DONE_BEFORE).is_some_and(|n| days(&rest[n..], scene).is_some()) {
            continue;
        }
        match set {
            'u' => filter.undated = true,
            'l' => filter.view = Some(View::Overdue),
            't' => filter.state = Some(State::Trashed),
            'o' => filter.state = Some(State::Open),
            'd' => filter.state = Some(State::Done),
            'r' => filter.repeating = true,
            'c' => filter.view = Some(View::Upcoming),
            'i' => filter.view = Some(View::Inbox),
            _ => filter.days = spans::range("next 7 days", scene),
        }
        return n;
    }
    for n in (1..=rest.len().min(3)).rev() {
        let words = &rest[..n];
        let only_number = words.iter().all(|w| when::number(&w.low, scene).is_some());
        if words.iter().any(|w| w.quoted || w.is_mark())
            || only_number
            || language.list(List::ARTICLES).has(&words[0].low)
        {
            continue;
        }
        if let Some(priority) = priority(&said(words), scene) {
            filter.priority = Some(priority);
            return n + usize::from(follows(n, List::PRIORITY_NOUN));
        }
    }
    for (list, kind) in [(List::MADE, 'm'), (List::DUE_BEFORE, 'd'), (List::DONE_BEFORE, 'c')] {
        if let Some(n) = phrase(list)
            && let Some((days, m)) = days(&rest[n..], scene)
        {
            match kind {
                'm' => filter.made = Some(days),
                'c' => (filter.state, filter.days) = (Some(State::Done), Some(days)),
                _ => filter.days = Some(days),
            }
            return n + m;
        }
    }
    if let Some((days, n)) = days(rest, scene) {
        filter.days = Some(days);
        return n;
    }
    0
}

/// The longest run of words at the front that names days.
fn days(rest: &[Word], scene: &Scene) -> Option<(Days, usize)> {
    // A number alone is never a day, and filler cannot begin one.
    let first = rest.first().filter(|w| !w.quoted && !w.is_mark())?;
    if first.low.parse::<i64>().is_ok() && rest.len() == 1 {
        return None;
    }
    (1..=rest.len().min(PIECE_MAX)).rev().find_map(|n| spans::range(&said(&rest[..n]), scene).map(|days| (days, n)))
}

fn label_name(rest: &[Word], text: &str, scene: &Scene) -> Option<(String, usize)> {
    let language = scene.language;
    let skip = rest.iter().take_while(|w| language.list(List::LABEL_AFTER).has(&w.low)).count();
    let rest = &rest[skip..];
    let clean = |n: usize| slice(text, &rest[..n]).trim_matches(QUOTES).trim_start_matches('@').to_owned();
    let known = (1..=rest.len().min(4)).rev().find(|n| scene.label(&clean(*n)).is_some());
    let noun = |w: &Word| language.list(List::NOUN_MANY).has(&w.low);
    let n = known.or_else(|| rest.first().is_some_and(|w| !noun(w)).then_some(1))?;
    Some((scene.label(&clean(n)).map_or_else(|| clean(n), |l| l.name.clone()), skip + n))
}

/// "in Work", "Work tasks", "the Garden project".
fn project(rest: &[Word], text: &str, scene: &Scene, filter: &mut Filter) -> Option<usize> {
    let language = scene.language;
    let clean = |words: &[Word]| slice(text, words).trim_matches(QUOTES).trim_start_matches('#').to_owned();
    let known = |rest: &[Word]| {
        (1..=rest.len().min(5)).rev().find(|n| {
            let name = clean(&rest[..*n]).to_lowercase();
            !name.is_empty() && scene.projects.iter().any(|p| p.deleted_at.is_none() && p.name.to_lowercase() == name)
        })
    };
    let is = |at: usize, list| rest.get(at).is_some_and(|w| language.list(list).has(&w.low));
    if let Some(before) = language.list(List::PROJECT_BEFORE).begins(rest).filter(|n| *n < rest.len()) {
        let n = known(&rest[before..]).unwrap_or(1);
        filter.project = Some(clean(&rest[before..before + n]));
        return Some(before + n);
    }
    if let Some(before) = language.list(List::IN).begins(rest).filter(|n| *n < rest.len()) {
        if is(before, List::INBOX) {
            return None;
        }
        if let Some(n) = known(&rest[before..]) {
            filter.project = Some(clean(&rest[before..before + n]));
            return Some(before + n + usize::from(is(before + n, List::PROJECT_AFTER)));
        }
        // "in the Garden project", which does not exist: said so later, not taken for something else.
        if is(before + 1, List::PROJECT_WORD) && !is(before, List::ARTICLES) {
            filter.project = Some(clean(&rest[before..=before]));
            return Some(before + 2);
        }
    }
    if let Some(n) = known(rest) {
        let noun = is(n, List::NOUN_MANY) || is(n, List::NOUN_ONE);
        if n == rest.len() || is(n, List::PROJECT_AFTER) || noun {
            filter.project = Some(clean(&rest[..n]));
            return Some(n + usize::from(is(n, List::PROJECT_WORD)));
        }
    }
    let label = scene.label(&clean(&rest[..1]))?;
    (is(1, List::NOUN_MANY) || is(1, List::NOUN_ONE)).then(|| {
        filter.labels.push(label.name.clone());
        1
    })
}
