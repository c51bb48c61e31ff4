//! A new task as people dictate it: what the grammar of quick add does not read because nobody types it there ("with
//! high priority", "to my Work list"), and the way from there to the arguments of `add_task`.

use super::{
    intent::NewLine,
    lexicon,
    read::priority,
    scene::Scene,
    when,
    words::{Word, slice, trim, words},
};
use domain::quick_add::{self, BadLine, Draft};
use serde_json::{Map, Value, json};

/// Takes a dictated line apart.
pub fn read(text: &str, scene: &Scene) -> NewLine {
    let mut out = NewLine::default();
    let found = words(text);
    let mut rest = trim(&found);
    // "to buy milk", ": buy milk", "- buy milk"
    while let [first, after @ ..] = rest
        && !first.quoted
        && matches!(first.low.as_str(), "to" | "-" | "*" | "•" | "that" | ":" | "—")
        && !after.is_empty()
    {
        rest = trim(after);
    }
    loop {
        let before = rest.len();
        rest = trim(rest);
        for take in [take_note, take_list, take_project, take_priority, take_labels, take_politeness] {
            rest = trim(take(rest, text, scene, &mut out));
        }
        if rest.len() == before {
            break;
        }
    }
    // The line's own end keeps its marks ("Ready?"), except a full stop.
    let end = rest.last().map_or(0, |last| {
        found
            .iter()
            .find(|w| w.start >= last.end && w.is_mark() && matches!(w.low.as_str(), "?" | "!"))
            .filter(|w| w.start == last.end)
            .map_or(last.end, |w| w.end)
    });
    let kept = rest.first().map_or("", |first| text.get(first.start..end).unwrap_or("")).trim();
    // The grammar knows double quotes only.
    let single = kept
        .strip_prefix(['\'', '‘'])
        .and_then(|k| k.strip_suffix(['\'', '’']))
        .filter(|k| rest.iter().all(|w| w.quoted) && !k.contains('"'));
    out.text = single.map_or_else(|| kept.to_owned(), |k| format!("\"{k}\""));
    out
}

fn low_at(found: &[Word], i: usize) -> &str {
    found.get(i).filter(|w| !w.quoted).map_or("", |w| w.low.as_str())
}

/// "… with the note bring ID", "… note: bring ID".
fn take_note<'w>(found: &'w [Word], text: &str, _scene: &Scene, out: &mut NewLine) -> &'w [Word] {
    const NOTE: &[&str] = &["note", "notes", "description", "details", "comment"];
    for i in 1..found.len() {
        if !NOTE.contains(&low_at(found, i)) {
            continue;
        }
        let colon = low_at(found, i + 1) == ":";
        let article = usize::from(matches!(low_at(found, i - 1), "a" | "the" | "this"));
        let with = i > article
            && matches!(low_at(found, i - 1 - article), "with" | "and")
            && (colon || low_at(found, i - 1 - article) == "with");
        if !(with || colon) || i + 1 >= found.len() {
            continue;
        }
        let mut at = i + 1;
        while matches!(low_at(found, at), ":" | "that" | "saying" | "says" | "of") {
            at += 1;
        }
        let note = slice(text, &found[at.min(found.len())..]).trim_matches(['"', '“', '”']);
        let mut end = if with { i - 1 - article } else { i - article };
        while end > 0 && matches!(low_at(found, end - 1), "with" | "," | "and" | "-") {
            end -= 1;
        }
        if !note.is_empty() && end > 0 {
            out.note = Some(note.to_owned());
            return &found[..end];
        }
    }
    found
}

/// "… to my list", "… to the to-do list".
fn take_list<'w>(found: &'w [Word], _text: &str, _scene: &Scene, _out: &mut NewLine) -> &'w [Word] {
    let nouns = lexicon::list("LIST").unwrap_or_default();
    for n in 1..=4 {
        let Some(start) = found.len().checked_sub(n).filter(|s| *s > 1) else { continue };
        let phrase = found[start..].iter().map(|w| w.low.as_str()).collect::<Vec<_>>().join("_");
        let article = low_at(found, start - 1);
        if nouns.contains(&phrase.as_str())
            && matches!(article, "my" | "the" | "our" | "this")
            && !matches!(phrase.as_str(), "plate" | "board")
        {
            let joint = matches!(low_at(found, start - 2), "to" | "2" | "on" | "onto" | "in" | "into" | "of" | "for");
            if joint && start > 2 {
                let cut = if low_at(found, start - 2) == "of" && start > 3 { start - 3 } else { start - 2 };
                return &found[..cut];
            }
        }
    }
    found
}

/// "… to the Work project", "… in Work", "… to my shopping list".
fn take_project<'w>(found: &'w [Word], text: &str, scene: &Scene, out: &mut NewLine) -> &'w [Word] {
    if out.project.is_some() {
        return found;
    }
    for i in (1..found.len()).rev() {
        if !matches!(low_at(found, i), "to" | "in" | "into" | "under" | "on" | "for" | "at") {
            continue;
        }
        let rest = &found[i + 1..];
        if rest.is_empty() || rest.len() > 7 || rest.iter().any(Word::is_mark) {
            continue;
        }
        let said = slice(text, rest);
        let joint = low_at(found, i);
        let first = low_at(rest, 0);
        let last = low_at(rest, rest.len() - 1);
        let marked = matches!(first, "project")
            || rest.len() > 1 && matches!(low_at(rest, 1), "project")
            || matches!(last, "project" | "folder");
        if let Some(project) = scene.project(said)
            && (marked || last == "list" || !matches!(joint, "for" | "on" | "at"))
        {
            out.project = Some(project.name.clone());
            return &found[..i];
        }
        let names_list = last == "list"
            && rest.len() >= 2
            && matches!(first, "my" | "the")
            && matches!(joint, "to" | "on" | "onto" | "in");
        let name: Vec<&Word> = rest
            .iter()
            .filter(|w| {
                !matches!(
                    w.low.as_str(),
                    "the" | "my" | "project" | "list" | "folder" | "a" | "called" | "named" | "new"
                )
            })
            .collect();
        if (marked && !matches!(joint, "on" | "at" | "for") || names_list) && !name.is_empty() && name.len() <= 3 {
            let (from, to) = (name[0].start, name[name.len() - 1].end);
            out.project = text.get(from..to).map(|t| t.trim_matches(['"', '“', '”', '\'', '#']).to_owned());
            return &found[..i];
        }
    }
    found
}

/// "… with high priority", "…, urgent", "… as p1" (plain `p1` is for the grammar).
fn take_priority<'w>(found: &'w [Word], text: &str, _scene: &Scene, out: &mut NewLine) -> &'w [Word] {
    if out.priority.is_some() {
        return found;
    }
    for n in (1..=4).rev() {
        let Some(start) = found.len().checked_sub(n).filter(|s| *s > 0) else { continue };
        if found[start..].iter().any(|w| w.quoted) {
            continue;
        }
        let Some(said) =
            priority(slice(text, &found[start..])).filter(|_| slice(text, &found[start..]).parse::<i64>().is_err())
        else {
            continue;
        };
        let before = low_at(found, start - 1);
        let named = found[start..].iter().any(|w| w.low.contains("priority"));
        let lead = matches!(
            before,
            "with" | "as" | "at" | "is" | "it's" | "its" | "," | "marked" | "and" | "set" | "-" | "a" | "of"
        ) || found[start - 1].is_mark();
        if !(named || lead && before != "at" && before != "of" && before != "a" && before != "and") {
            continue;
        }
        let mut end = start;
        while end > 1
            && matches!(
                low_at(found, end - 1),
                "with"
                    | "as"
                    | "at"
                    | "is"
                    | "it's"
                    | "its"
                    | ","
                    | "marked"
                    | "and"
                    | "set"
                    | "-"
                    | "a"
                    | "it"
                    | "this"
                    | "of"
                    | "make"
                    | "mark"
                    | "to"
            )
        {
            end -= 1;
        }
        out.priority = Some(said);
        return &found[..end];
    }
    found
}

/// "… labelled home", "… tagged errands and shopping", "… with the label home".
fn take_labels<'w>(found: &'w [Word], text: &str, _scene: &Scene, out: &mut NewLine) -> &'w [Word] {
    for i in (1..found.len()).rev() {
        if !matches!(low_at(found, i), "labelled" | "labeled" | "tagged" | "label" | "labels" | "tag" | "tags") {
            continue;
        }
        let verb = matches!(low_at(found, i), "labelled" | "labeled" | "tagged");
        let mut end = i;
        while end > 0 && matches!(low_at(found, end - 1), "with" | "the" | "a" | "and" | "," | "under") {
            end -= 1;
        }
        let mut at = i + 1;
        while matches!(low_at(found, at), "as" | "with" | ":" | "called" | "it" | "the") {
            at += 1;
        }
        let rest = &found[at.min(found.len())..];
        if rest.is_empty() || rest.len() > 6 || end == 0 || !(verb || end < i) {
            continue;
        }
        let said = names(slice(text, rest));
        if said.iter().any(|n| n.split_whitespace().count() > 2) {
            continue;
        }
        out.labels.extend(said);
        return &found[..end];
    }
    found
}

fn take_politeness<'w>(found: &'w [Word], _text: &str, _scene: &Scene, _out: &mut NewLine) -> &'w [Word] {
    match found {
        [rest @ .., last]
            if rest.len() > 1
                && !last.quoted
                && matches!(last.low.as_str(), "please" | "pls" | "plz" | "thanks" | "thx") =>
        {
            rest
        }
        [rest @ .., thank, you]
            if rest.len() > 2 && thank.low == "thank" && you.low == "you" && low_at(rest, rest.len() - 1) == "," =>
        {
            rest
        }
        _ => found,
    }
}

/// "home, errands and @work" as names.
pub fn names(said: &str) -> Vec<String> {
    let found = words(said);
    found
        .split(|w| matches!(w.low.as_str(), "," | "and" | "&" | ";") && !w.quoted)
        .map(|part| {
            slice(said, part)
                .trim_matches(['"', '“', '”', '\'', '‘', '’'])
                .trim_start_matches(['@', '#'])
                .trim()
                .to_owned()
        })
        .map(|name| name.strip_prefix("as ").or_else(|| name.strip_prefix("the ")).map(str::to_owned).unwrap_or(name))
        .filter(|n| !n.is_empty())
        .collect()
}

/// The line as the grammar reads it.
pub fn draft(line: &NewLine, scene: &Scene) -> Result<Draft, BadLine> {
    let text = escape_numbers(&line.text);
    let as_typed = tidy(&text, scene)?;
    let mut best = as_typed.clone();
    if as_typed.due.is_none() && as_typed.repeat.is_none() {
        // "each week", "two days from now": only when nothing but the date's words go away.
        if let Ok(eased) = tidy(&when::ease(&text), scene)
            && (eased.due.is_some() || eased.repeat.is_some())
            && is_part(eased.title.as_str(), &line.text)
        {
            best = eased;
        }
    }
    if let Some(said) = &line.when
        && let Some(when) = when::date(said, scene).or_else(|| when::repeat(said, scene))
    {
        best.due = Some(when.due);
        best.repeat = when.repeat.or(best.repeat);
    }
    Ok(best)
}

/// Parses, and takes out the preposition a date leaves behind ("call mum by ‹friday›").
fn tidy(text: &str, scene: &Scene) -> Result<Draft, BadLine> {
    let context = scene.context();
    let parsed = quick_add::parse(text, &context)?;
    let mut shorter = text.to_owned();
    for chip in parsed.chips.iter().rev().filter(|c| matches!(c.kind.as_str(), "due" | "repeat")) {
        let start = usize::try_from(chip.start).unwrap_or(0);
        let Some(before) = shorter.get(..start) else { continue };
        let kept = before.trim_end();
        for word in [
            "by",
            "for",
            "on",
            "due",
            "at",
            "before",
            "until",
            "from",
            "starting",
            "this",
            "to be done",
            "due on",
            "due by",
            "to be done by",
            "that is due",
            "which is due",
            "scheduled for",
            "in the",
            "the",
        ] {
            if let Some(head) = kept.strip_suffix(word)
                && head.ends_with(' ')
                && !head.trim().is_empty()
            {
                let tail = shorter.get(start..).unwrap_or("").to_owned();
                let candidate = format!("{head}{tail}");
                if let Ok(again) = quick_add::parse(&candidate, &context)
                    && again.drafts.first().is_some_and(|d| d.due.is_some() || d.repeat.is_some())
                {
                    shorter = candidate;
                }
                break;
            }
        }
    }
    let mut parsed = if shorter == text { parsed } else { quick_add::parse(&shorter, &context)? };
    parsed.drafts.truncate(1);
    parsed.drafts.pop().ok_or(BadLine { line: 1, code: "empty", message: "must not be empty".into() })
}

/// Whether the words of one text stand in the other in the same order.
fn is_part(part: &str, whole: &str) -> bool {
    let whole = words(whole);
    let mut left = whole.iter();
    words(part).iter().all(|w| left.any(|l| l.low == w.low))
}

/// In the chat "#3" is a task and never a project.
fn escape_numbers(text: &str) -> String {
    let mut out = text.to_owned();
    for word in words(text).iter().rev().filter(|w| !w.quoted) {
        if word.low.strip_prefix('#').is_some_and(|n| n.starts_with(|c: char| c.is_ascii_digit())) {
            out.insert(word.start, '\\');
        }
    }
    out
}

/// The arguments of `add_task`.
pub fn arguments(line: &NewLine, draft: &Draft) -> Value {
    let mut out = Map::new();
    out.insert("title".into(), json!(draft.title.as_str()));
    if let Some(note) = line.note.as_ref().or(draft.description.as_ref()) {
        out.insert("description".into(), json!(note));
    }
    for (name, due) in [("start", &draft.start), ("due", &draft.due), ("deadline", &draft.deadline)] {
        if let Some(due) = due {
            out.insert(name.into(), json!(due));
        }
    }
    if let Some(repeat) = &draft.repeat {
        out.insert("repeat".into(), json!(repeat));
    }
    if let Some(priority) = line.priority.or(draft.priority) {
        out.insert("priority".into(), json!(priority));
    }
    let mut labels: Vec<String> = draft.labels.iter().map(ToString::to_string).collect();
    for label in &line.labels {
        if !labels.iter().any(|l| l.to_lowercase() == label.to_lowercase()) {
            labels.push(label.clone());
        }
    }
    if !labels.is_empty() {
        out.insert("labels".into(), json!(labels));
    }
    if let Some(project) = line.project.clone().or_else(|| draft.project.as_ref().map(ToString::to_string)) {
        out.insert("project".into(), json!(project));
    }
    Value::Object(out)
}
