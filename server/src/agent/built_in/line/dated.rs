//! Dates inside a dictated line. The grammar of quick add finds those in its own words; what a language says otherwise
//! is looked for as a run of words that is nothing but a date.

use super::super::{
    lexicon::List,
    read::mended_dates,
    scene::Scene,
    when::{self, When},
    words::{self, Word, said},
};
use domain::quick_add::{self, BadLine, Draft};

/// Most words of a date.
const DATE_MAX: usize = 10;

/// The line with its dates read.
pub fn draft(text: &str, scene: &Scene) -> Result<Draft, BadLine> {
    let english = scene.language.code == "en";
    let as_typed = tidy(text, scene)?;
    let mended = mended_dates(text, scene);
    // "on decmber 3rd": a slip belongs to the date when the title is without it once it is mended.
    if let Some(Ok(read)) = mended.as_deref().map(|m| tidy(m, scene))
        && read.title.as_str().len() < as_typed.title.as_str().len()
        && as_typed.title.as_str().starts_with(read.title.as_str())
    {
        return Ok(read);
    }
    if english && (as_typed.due.is_some() || as_typed.repeat.is_some()) && run(text, scene).is_none_or(|r| !r.more) {
        return Ok(as_typed);
    }
    for text in [Some(text), mended.as_deref()].into_iter().flatten() {
        let Some(found) = run(text, scene) else { continue };
        let title = format!("{} {}", text[..found.start].trim_end(), text[found.end..].trim_start());
        let title = title.trim().trim_end_matches([',', '-', ';']).trim();
        let Ok(mut draft) = plain(title, scene) else { continue };
        match found.kind {
            Kind::Due => (draft.due, draft.repeat) = (Some(found.when.due), found.when.repeat),
            Kind::Deadline => draft.deadline = Some(found.when.due),
            Kind::Start => draft.start = Some(found.when.due),
        }
        return Ok(draft);
    }
    Ok(as_typed)
}

/// Whether some words name a date.
pub fn has_date(text: &str, scene: &Scene) -> bool {
    draft(text, scene).is_ok_and(|d| d.due.is_some() || d.repeat.is_some())
}

/// Whether the line ends in a date.
pub fn ends_in_date(text: &str, scene: &Scene) -> bool {
    let found = scene.language.words(text);
    (1..found.len()).any(|i| found.len() - i <= DATE_MAX && when::date(&said(&found[i..]), scene).is_some())
}

#[derive(Clone, Copy)]
enum Kind {
    Due,
    Deadline,
    Start,
}

/// A run of words that is a date: what to cut out, and what it says.
struct Run {
    start: usize,
    end: usize,
    when: When,
    kind: Kind,
    /// Whether it says more than the grammar found in its own words.
    more: bool,
}

/// The longest run of words that is nothing but a date; the last of several.
fn run(text: &str, scene: &Scene) -> Option<Run> {
    let language = scene.language;
    let english = language.code == "en";
    let found = language.words(text);
    let mut best: Option<(usize, usize, When)> = None;
    for start in 0..found.len() {
        for end in (start + 1..=found.len().min(start + DATE_MAX)).rev() {
            let words = &found[start..end];
            // In a title only the end is surely a date in English; other word orders put it anywhere.
            if words.len() == found.len()
                || words.iter().any(|w| w.quoted)
                || english && end != found.len() && start != 0
            {
                continue;
            }
            if best.as_ref().is_some_and(|(s, e, _)| e - s >= words.len() && (start < *e || english))
                || !is_date_run(words, scene)
            {
                continue;
            }
            let said = said(words);
            if let Some(when) = when::repeat(&said, scene).or_else(|| when::date(&said, scene)) {
                best = Some((start, end, when));
                break;
            }
        }
    }
    let (mut from, to, when) = best?;
    let mut kind = Kind::Due;
    let is = |w: &Word, list| language.list(list).has(&w.low);
    while from > 0 {
        let word = &found[from - 1];
        if is(word, List::DEADLINE) {
            kind = Kind::Deadline;
        } else if is(word, List::START) {
            kind = Kind::Start;
        } else if !(word.is_mark() || is(word, List::DATE_JOINTS)) || from == 1 {
            break;
        }
        from -= 1;
    }
    let more = said(&found[from..to]) != when::ease(&said(&found[from..to]), scene);
    Some(Run { start: found[from].start, end: found[to - 1].end, when, kind, more })
}

/// Whether a run of words may be a date: it has a word of dates, and not only a number.
fn is_date_run(words: &[Word], scene: &Scene) -> bool {
    let dates = scene.language.named("DATE_WORDS");
    words.iter().any(|w| {
        dates.is_some_and(|l| l.has(&w.low))
            || w.low.contains(':')
            || w.low.contains('.') && w.low.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    }) && !words[0].is_mark()
}

/// The title as the grammar reads it, its dates left as text.
fn plain(title: &str, scene: &Scene) -> Result<Draft, BadLine> {
    let context = scene.context();
    let first = one(quick_add::parse(title, &context)?)?;
    if first.due.is_none() && first.repeat.is_none() {
        return Ok(first);
    }
    one(quick_add::parse(&format!("\"{}\"", title.replace('"', "")), &context)?)
}

fn one(mut parsed: quick_add::Parsed) -> Result<Draft, BadLine> {
    parsed.drafts.truncate(1);
    parsed.drafts.pop().ok_or(BadLine { line: 1, code: "empty", message: "must not be empty".into() })
}

/// Parses, and takes out the preposition a date leaves behind ("call mum by ‹friday›").
fn tidy(text: &str, scene: &Scene) -> Result<Draft, BadLine> {
    let context = scene.context();
    let parsed = quick_add::parse(text, &context)?;
    let mut shorter = text.to_owned();
    for chip in parsed.chips.iter().rev().filter(|c| matches!(c.kind.as_str(), "due" | "repeat")) {
        let start = usize::try_from(chip.start).unwrap_or(0);
        let Some(before) = shorter.get(..start) else { continue };
        let found = words::words(before);
        let mut cut = found.len();
        while cut > 1 && !found[cut - 1].quoted && scene.language.list(List::DATE_JOINTS).has(&found[cut - 1].low) {
            cut -= 1;
        }
        if cut < found.len() && cut > 0 {
            let tail = shorter.get(start..).unwrap_or("").to_owned();
            let candidate = format!("{} {tail}", &before[..found[cut - 1].end]);
            if let Ok(again) = quick_add::parse(&candidate, &context)
                && again.drafts.first().is_some_and(|d| d.due.is_some() || d.repeat.is_some())
            {
                shorter = candidate;
            }
        }
    }
    one(if shorter == text { parsed } else { quick_add::parse(&shorter, &context)? })
}
