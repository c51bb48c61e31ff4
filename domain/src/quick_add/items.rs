//! A line cut into items: words with the punctuation around them, markers, and literal text.
//!
//! Every offset is a byte offset into the whole text, on a character boundary. Markers count only at a word's start;
//! a backslash there, or quotes around the text, keep it literal.

use super::{Context, clock, lexicon, moment};
use crate::{
    date::Due,
    priority::Priority,
    text::{NAME_MAX, Name, TITLE_MAX},
};

/// One item of a line.
#[derive(Clone, Debug)]
pub(super) struct Item<'a> {
    /// First byte, without the punctuation before it.
    pub start: usize,
    /// After the last byte, without the punctuation after it.
    pub end: usize,
    pub kind: Kind<'a>,
    /// As typed, between `start` and `end`.
    pub text: &'a str,
    /// `text` in ASCII lower case.
    pub lower: String,
    /// Punctuation right before.
    pub lead: &'a str,
    /// Punctuation right after.
    pub trail: &'a str,
    /// Where the backslash is that keeps the item literal.
    pub escape: Option<usize>,
    /// Whether it stands between brackets or single quotes.
    pub enclosed: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Kind<'a> {
    Word,
    /// Literal text, and whether quotes around it have to go.
    Literal {
        quoted: bool,
    },
    Marker(Marker<'a>),
}

/// What a marker says.
#[derive(Clone, Debug)]
pub(super) enum Marker<'a> {
    Project(Name),
    Label(Name),
    Priority(Priority),
    Deadline(Due),
    Note(&'a str),
}

const LEADING: &[char] = &['(', '[', '{', '<', '"', '\'', '“', '‘', '„', '«', '¿', '¡', '*', '_', '`'];
const TRAILING: &[char] =
    &[',', '.', ';', ':', '!', '?', ')', ']', '}', '>', '"', '\'', '”', '’', '“', '»', '…', '*', '_', '`'];
/// What may stand behind a name without being part of it.
const AFTER_NAME: &[char] = &[',', '.', ';', ':', '!', '?', ')', ']', '}', '"', '\'', '”', '’', '…'];

/// Cuts `text[from..to]`, which is one line, into items.
pub(super) fn cut<'a>(text: &'a str, from: usize, to: usize, context: &Context<'_>) -> Vec<Item<'a>> {
    let mut items = Vec::new();
    let mut at = from;
    while let Some(found) = text[at..to].find(|c: char| !c.is_whitespace()) {
        at += found;
        let (start, escape) = match text[at..to].strip_prefix('\\') {
            Some(rest) if protects(rest, at == from) => (at + 1, Some(at)),
            _ => (at, None),
        };
        let item = item_at(text, start, to, escape, context);
        at = item.end + item.trail.len();
        items.push(item);
        // "due:friday" is two words.
        split_colon(text, &mut items, &mut at);
    }
    enclose(&mut items);
    items
}

/// Words in brackets and single quotes are one piece of text: "[every 1st]" is not half a date. Parentheses are not among
/// them, since people put dates in them.
fn enclose(items: &mut [Item<'_>]) {
    // Far enough for what people put in brackets, and every opening one is a search.
    const FAR: usize = 20;
    for i in 0..items.len() {
        let close = match items[i].lead.chars().next_back() {
            Some('[') => ']',
            Some('\'') => '\'',
            Some('‘') => '’',
            Some('<') => '>',
            Some(c @ ('*' | '_' | '`')) => c,
            _ => continue,
        };
        let inside = &items[i..items.len().min(i + FAR)];
        if let Some(n) = inside.iter().position(|item| item.trail.contains(close)) {
            for item in &mut items[i..=i + n] {
                item.enclosed = true;
            }
        }
    }
}

/// Whether a backslash before `rest` keeps something literal, and so is dropped. Any other backslash is text.
fn protects(rest: &str, line_start: bool) -> bool {
    let mut chars = rest.chars();
    match chars.next() {
        None => false,
        Some('#' | '@' | '*' | '~' | '{' | '"' | '“' | '!' | '+') => true,
        Some('/') => chars.next() == Some('/'),
        Some('(') => protects(&rest[1..], false),
        Some('-' | '[') => line_start,
        Some(c) if c.is_ascii_digit() => true,
        Some(c) if c.is_alphabetic() => {
            let word = word_end(rest);
            let word = rest[..word].trim_end_matches(TRAILING).to_ascii_lowercase();
            lexicon::knows(word.split([':', '-']).next().unwrap_or("")) || priority(&word).is_some()
        }
        Some(_) => false,
    }
}

fn word_end(text: &str) -> usize {
    text.find(char::is_whitespace).unwrap_or(text.len())
}

fn item_at<'a>(text: &'a str, start: usize, to: usize, escape: Option<usize>, context: &Context<'_>) -> Item<'a> {
    let rest = &text[start..to];
    if let Some((length, kind)) = marker(rest, context).or_else(|| quoted(rest)) {
        let kind = match kind {
            // A whole note is not protected by a backslash: only its slashes are.
            Kind::Marker(Marker::Note(_)) if escape.is_some() => {
                return literal(text, start, start + 2, escape);
            }
            Kind::Literal { .. } if escape.is_some() => return word(text, start, to, escape),
            _ if escape.is_some() => Kind::Literal { quoted: false },
            kind => kind,
        };
        let end = start + length;
        let piece = &text[start..end];
        return Item {
            start,
            end,
            kind,
            text: piece,
            lower: String::new(),
            lead: "",
            trail: "",
            escape,
            enclosed: false,
        };
    }
    word(text, start, to, escape)
}

fn literal(text: &str, start: usize, end: usize, escape: Option<usize>) -> Item<'_> {
    let kind = Kind::Literal { quoted: false };
    Item {
        start,
        end,
        kind,
        text: &text[start..end],
        lower: String::new(),
        lead: "",
        trail: "",
        escape,
        enclosed: false,
    }
}

fn word(text: &str, start: usize, to: usize, escape: Option<usize>) -> Item<'_> {
    let end = start + word_end(&text[start..to]);
    let whole = &text[start..end];
    let core = whole.trim_start_matches(LEADING);
    let lead = whole.len() - core.len();
    let core = core.trim_end_matches(TRAILING);
    // All punctuation: there is no word in it.
    let (lead, core) = if core.is_empty() { (0, whole) } else { (lead, core) };
    let core_start = start + lead;
    let core_end = core_start + core.len();
    Item {
        start: core_start,
        end: core_end,
        kind: Kind::Word,
        text: core,
        lower: core.to_ascii_lowercase(),
        lead: &text[start..core_start],
        trail: &text[core_end..end],
        escape,
        enclosed: false,
    }
}

/// Splits the last item if it is "due:friday" or "start:friday".
fn split_colon<'a>(text: &'a str, items: &mut [Item<'a>], at: &mut usize) {
    let Some(item) = items.last_mut() else { return };
    if !matches!(item.kind, Kind::Word) {
        return;
    }
    let Some((name, rest)) = item.text.split_once(':') else {
        return;
    };
    let known = ["due", "start"].iter().any(|w| name.eq_ignore_ascii_case(w));
    if known && !rest.is_empty() {
        item.end = item.start + name.len();
        item.text = &text[item.start..item.end];
        item.lower = name.to_ascii_lowercase();
        item.trail = ":";
        *at = item.end + 1;
    }
}

/// Literal text in quotes. The closing quote must end a word, so that 6" stays what it is.
fn quoted<'a>(rest: &str) -> Option<(usize, Kind<'a>)> {
    quoted_length(rest).map(|length| (length, Kind::Literal { quoted: true }))
}

/// A closing quote further away than this belongs to something else: a title is shorter, and every quote is a search.
const QUOTED_MAX: usize = 2 * TITLE_MAX;

/// The length of a quoted piece that `rest` starts with, quotes included.
fn quoted_length(rest: &str) -> Option<usize> {
    let open = rest.chars().next()?;
    let close: &[char] = match open {
        '"' => &['"'],
        '“' | '„' => &['”', '“', '"'],
        _ => return None,
    };
    let body = open.len_utf8();
    let mut previous = open;
    for (i, c) in rest[body..].char_indices().take(QUOTED_MAX) {
        if close.contains(&c) && previous != '\\' {
            let after = body + i + c.len_utf8();
            let ends_word = rest[after..].chars().next().is_none_or(|n| !n.is_alphanumeric());
            if ends_word && i > 0 {
                return Some(after);
            }
        }
        previous = c;
    }
    None
}

/// What is between the quotes of a piece that [`quoted_length`] measured.
pub(super) fn unquote(piece: &str) -> String {
    let mut chars = piece.chars();
    chars.next();
    chars.next_back();
    chars.as_str().replace("\\\"", "\"")
}

fn marker<'a>(rest: &'a str, context: &Context<'_>) -> Option<(usize, Kind<'a>)> {
    let (length, marker) = match rest.chars().next()? {
        '#' => name(rest, false).map(|(n, name)| (n, Marker::Project(name))),
        '~' => name(rest, true).map(|(n, name)| (n, Marker::Project(name))),
        '@' => name(rest, false).and_then(|(n, name)| label(n, name)),
        '*' if !emphasis(rest) => name(rest, true).and_then(|(n, name)| label(n, name)),
        '/' => note(rest),
        '{' => deadline(rest, context),
        '!' | 'p' | 'P' => {
            let end = word_end(rest);
            let word = rest[..end].trim_end_matches(AFTER_NAME);
            priority(&word.to_ascii_lowercase()).map(|p| (word.len(), Marker::Priority(p)))
        }
        _ => None,
    }?;
    Some((length, Kind::Marker(marker)))
}

fn priority(word: &str) -> Option<Priority> {
    Some(match word {
        "p1" | "!!1" | "!high" => Priority::High,
        "p2" | "!!2" | "!medium" => Priority::Medium,
        "p3" | "!!3" | "!low" => Priority::Low,
        "p4" | "!!4" => Priority::None,
        _ => return None,
    })
}

/// A name behind a one-byte marker. `strict` is for markers that mean other things too (`~5`, `~/file`, `*bold*`).
fn name(rest: &str, strict: bool) -> Option<(usize, Name)> {
    let body = &rest[1..];
    if let Some(length) = quoted_length(body) {
        let name = Name::parse(&unquote(&body[..length])).ok()?;
        return Some((1 + length, name));
    }
    let typed = body[..word_end(body)].trim_end_matches(AFTER_NAME);
    let first = typed.chars().next()?;
    let starts = first.is_alphabetic() || first == '_' || !first.is_ascii() || (!strict && first.is_ascii_digit());
    let clean =
        !typed.contains(['"', '“', '”', '#', '@', '*', '~', '{', '}', '\\', '=', '(', ')']) && !typed.contains("//");
    let numeric = typed.bytes().all(|b| b.is_ascii_digit() || b".,-/:%".contains(&b))
        || lexicon::ordinal_number(&typed.to_ascii_lowercase()).is_some();
    let colour =
        typed.len() == 6 && typed.bytes().all(|b| b.is_ascii_hexdigit()) && typed.bytes().any(|b| b.is_ascii_digit());
    if !starts || !clean || numeric || colour || typed.chars().count() > NAME_MAX {
        return None;
    }
    Some((1 + typed.len(), Name::parse(typed).ok()?))
}

/// A label is a word; `@5pm` is a time, and `@angular/core` a package.
fn label<'a>(length: usize, name: Name) -> Option<(usize, Marker<'a>)> {
    let text = name.as_str();
    let package = text.contains('/');
    let time = clock::written(&text.to_ascii_lowercase()).is_some();
    (!package && !time).then_some((length, Marker::Label(name)))
}

/// Whether a star opens `*some words*` and not a label.
fn emphasis(rest: &str) -> bool {
    let mut before = ' ';
    for c in rest.chars().skip(1).take(200) {
        if c == '*' && !before.is_whitespace() {
            return true;
        }
        before = c;
    }
    false
}

fn note(rest: &str) -> Option<(usize, Marker<'_>)> {
    let body = rest.strip_prefix("//")?.trim();
    // "///" and "//////" are drawings.
    (!body.is_empty() && !body.starts_with('/')).then_some((rest.trim_end().len(), Marker::Note(body)))
}

fn deadline<'a>(rest: &'a str, context: &Context<'_>) -> Option<(usize, Marker<'a>)> {
    // Long enough for any date; braces around a paragraph are not worth reading.
    let close = rest.bytes().take(80).position(|b| b == b'}')?;
    let inside = rest.get(1..close).filter(|inside| !inside.contains('{'))?;
    let due = moment::whole(inside, context)?;
    Some((close + 1, Marker::Deadline(due)))
}
