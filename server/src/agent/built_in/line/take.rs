//! What stands at the end of a dictated line and belongs into a field: each function takes it off and keeps it.

use super::super::{
    intent::NewLine,
    lexicon::List,
    read::priority as priority_of,
    scene::Scene,
    when,
    words::{Word, said, slice, trim},
};

const QUOTES: [char; 7] = ['"', '“', '”', '„', '\'', '‘', '’'];

fn is(found: &[Word], i: usize, list: List, scene: &Scene) -> bool {
    found.get(i).is_some_and(|w| !w.quoted && scene.language.list(list).has(&w.low))
}

fn low_at(found: &[Word], i: usize) -> &str {
    found.get(i).filter(|w| !w.quoted).map_or("", |w| w.low.as_str())
}

/// "… with the note bring ID", "… note: bring ID".
pub fn note<'w>(found: &'w [Word], text: &str, scene: &Scene, out: &mut NewLine) -> &'w [Word] {
    for i in 1..found.len() {
        if !is(found, i, List::NOTE_NOUNS, scene) {
            continue;
        }
        let colon = low_at(found, i + 1) == ":";
        let article = usize::from(is(found, i - 1, List::ARTICLES, scene));
        let with = i > article && is(found, i - 1 - article, List::WITH, scene);
        if !(with || colon) || i + 1 >= found.len() {
            continue;
        }
        let mut at = i + 1;
        while low_at(found, at) == ":" || is(found, at, List::NOTE_AFTER, scene) {
            at += 1;
        }
        let note = slice(text, &found[at.min(found.len())..]).trim_matches(QUOTES);
        let mut end = if with { i - 1 - article } else { i - article };
        while end > 0
            && (is(found, end - 1, List::WITH, scene)
                || found[end - 1].is_mark()
                || is(found, end - 1, List::JOINTS, scene))
        {
            end -= 1;
        }
        if !note.is_empty() && end > 0 {
            out.note = Some(note.to_owned());
            return &found[..end];
        }
    }
    found
}

/// "… to my list", "… auf meine Liste".
pub fn list<'w>(found: &'w [Word], _text: &str, scene: &Scene, _out: &mut NewLine) -> &'w [Word] {
    match scene.language.list(List::TO_LIST).ends(found) {
        Some(n) if n < found.len() => &found[..found.len() - n],
        _ => found,
    }
}

/// "… to the Work project", "… in Work", "… to my shopping list".
pub fn project<'w>(found: &'w [Word], text: &str, scene: &Scene, out: &mut NewLine) -> &'w [Word] {
    if out.project.is_some() {
        return found;
    }
    for i in (1..found.len()).rev() {
        if !is(found, i, List::PROJECT_JOINT, scene) {
            continue;
        }
        let rest = &found[i + 1..];
        if rest.is_empty() || rest.len() > 7 || rest.iter().any(Word::is_mark) {
            continue;
        }
        // "make a project Garden and add … to it"
        if scene.language.list(List::IT).is(rest) && out.within.is_none() {
            out.within = Some(slice(text, found).to_owned());
            return &found[..i];
        }
        let loose = is(found, i, List::LOOSE_JOINT, scene);
        let (first, last) = (0, rest.len() - 1);
        let marked = is(rest, first, List::PROJECT_WORD, scene)
            || rest.len() > 1 && is(rest, 1, List::PROJECT_WORD, scene)
            || is(rest, last, List::PROJECT_WORD, scene);
        let names_list =
            is(rest, last, List::LIST, scene) && rest.len() >= 2 && is(rest, first, List::ARTICLES, scene) && !loose;
        if let Some(project) = scene.project(slice(text, rest))
            && (marked || names_list || !loose)
        {
            out.project = Some(project.name.clone());
            return &found[..i];
        }
        let plain = |w: &&Word| {
            let any = [List::ARTICLES, List::PROJECT_WORD, List::PROJECT_AFTER, List::NAME_BEFORE];
            !any.iter().any(|l| scene.language.list(*l).has(&w.low))
        };
        let name: Vec<&Word> = rest.iter().filter(plain).collect();
        if let ([head, ..], [.., tail]) = (&name[..], &name[..])
            && (marked && !loose || names_list)
            && name.len() <= 3
        {
            out.project = text.get(head.start..tail.end).map(|t| t.trim_matches(QUOTES).trim_matches('#').to_owned());
            return &found[..i];
        }
    }
    found
}

/// "… to the Work project for thursday": a date after what belongs into another field is kept apart.
pub fn when<'w>(found: &'w [Word], text: &str, scene: &Scene, out: &mut NewLine) -> &'w [Word] {
    let start = (1..found.len()).find(|i| {
        let tail = &found[*i..];
        tail.len() <= 8 && tail.iter().all(|w| !w.quoted) && when::date(&said(tail), scene).is_some()
    });
    let (Some(start), None) = (start, &out.when) else { return found };
    let before = trim(&found[..start]);
    for take in [project, priority, labels] {
        let rest = take(before, text, scene, out);
        if rest.len() < before.len() {
            out.when = Some(said(&found[start..]));
            return rest;
        }
    }
    found
}

/// "… with high priority", "…, urgent", "… as p1" (plain `p1` is for the grammar).
pub fn priority<'w>(found: &'w [Word], _text: &str, scene: &Scene, out: &mut NewLine) -> &'w [Word] {
    if out.priority.is_some() {
        return found;
    }
    for n in (1..=4).rev() {
        let Some(start) = found.len().checked_sub(n).filter(|s| *s > 0) else { continue };
        let words = &found[start..];
        if words.iter().any(|w| w.quoted) || words.iter().all(|w| when::number(&w.low, scene).is_some()) {
            continue;
        }
        let Some(priority) = priority_of(&said(words), scene) else { continue };
        let named =
            words.iter().any(|w| scene.language.list(List::PRIORITY_NOUN).has(&w.low) || w.low.contains("priorit"));
        let lead = is(found, start - 1, List::PRIORITY_BEFORE, scene) || found[start - 1].is_mark();
        if !(named || lead) {
            continue;
        }
        let mut end = start;
        while end > 1
            && (found[end - 1].is_mark()
                || [List::PRIORITY_BEFORE, List::ARTICLES, List::JOINTS, List::WITH]
                    .iter()
                    .any(|l| is(found, end - 1, *l, scene)))
        {
            end -= 1;
        }
        out.priority = Some(priority);
        return &found[..end];
    }
    found
}

/// "… labelled home", "… tagged errands and shopping", "… with the label home".
pub fn labels<'w>(found: &'w [Word], text: &str, scene: &Scene, out: &mut NewLine) -> &'w [Word] {
    for i in (1..found.len()).rev() {
        let verb = is(found, i, List::LABEL_VERBS, scene);
        if !(verb || is(found, i, List::LABEL_NOUNS, scene)) {
            continue;
        }
        let mut end = i;
        while end > 0
            && (found[end - 1].is_mark()
                || [List::WITH, List::ARTICLES, List::JOINTS].iter().any(|l| is(found, end - 1, *l, scene)))
        {
            end -= 1;
        }
        let mut at = i + 1;
        while low_at(found, at) == ":" || is(found, at, List::LABEL_AFTER, scene) {
            at += 1;
        }
        let rest = &found[at.min(found.len())..];
        if rest.is_empty() || rest.len() > 6 || end == 0 || !(verb || end < i) {
            continue;
        }
        let names = super::names(slice(text, rest), scene);
        if names.iter().any(|n| n.split_whitespace().count() > 2) {
            continue;
        }
        out.labels.extend(names);
        return &found[..end];
    }
    found
}

/// "…, deadline 15 december"
pub fn deadline<'w>(found: &'w [Word], _text: &str, scene: &Scene, out: &mut NewLine) -> &'w [Word] {
    for i in 1..found.len() {
        let Some(n) = scene.language.list(List::DEADLINE).begins(&found[i..]) else { continue };
        let rest = &found[i + n..];
        let mut end = i;
        while end > 1
            && (found[end - 1].is_mark()
                || [List::WITH, List::ARTICLES, List::JOINTS].iter().any(|l| is(found, end - 1, *l, scene)))
        {
            end -= 1;
        }
        if !rest.is_empty() && when::date(&said(rest), scene).is_some() {
            out.deadline = Some(said(rest));
            return &found[..end];
        }
    }
    found
}

/// "… please", "… thanks": said to the assistant and no part of the title.
pub fn politeness<'w>(found: &'w [Word], _text: &str, scene: &Scene, _out: &mut NewLine) -> &'w [Word] {
    match scene.language.list(List::LINE_AFTER).ends(found) {
        Some(n) if n < found.len() => &found[..found.len() - n],
        _ => found,
    }
}
