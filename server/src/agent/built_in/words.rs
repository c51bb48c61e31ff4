//! A sentence as words: where each stands in the text, how it compares, and how alike two words are.
//!
//! Marks at a word's end (`,` `.` `:` `?` …) are words of their own, so that "mark #1, please, as done." reads like
//! "mark #1 please as done". The text of a run of words is always a slice of what the person typed.

/// One word, or one mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Lower case, straight apostrophes, without quotes round it.
    pub low: String,
    /// Byte offset of its first byte.
    pub start: usize,
    /// Byte offset after its last byte.
    pub end: usize,
    /// Whether it stands inside quotes, where nothing is a command.
    pub quoted: bool,
}

impl Word {
    /// Whether this is a mark and not a word.
    pub fn is_mark(&self) -> bool {
        self.low.chars().all(|c| MARKS.contains(c))
    }
}

const MARKS: &str = ",;:.!?…";
const OPENING: &str = "\"“„«'‘(";
const CLOSING: &str = "\"”»'’)";

/// Cuts a text into words and marks.
pub fn words(text: &str) -> Vec<Word> {
    let mut out = Vec::new();
    let mut closing: Option<char> = None;
    let mut at = 0;
    for part in text.split_inclusive(char::is_whitespace) {
        let start = at;
        at += part.len();
        let trimmed = part.trim_end();
        if trimmed.is_empty() {
            continue;
        }
        let mut body = trimmed.trim_end_matches(|c| MARKS.contains(c));
        // A word made of marks only ("!", "...") is one mark; "!!1" and "every!" keep theirs.
        if body.is_empty() {
            push(&mut out, trimmed, start, start + trimmed.len(), closing.is_some());
            continue;
        }
        if body.eq_ignore_ascii_case("every") && trimmed.ends_with('!') {
            body = trimmed;
        }
        if closing.is_none() {
            closing = body.chars().next().and_then(partner);
        }
        let quoted = closing.is_some();
        push(&mut out, body, start, start + body.len(), quoted);
        if closing.is_some_and(|c| body.ends_with(c) && body.len() > c.len_utf8()) {
            closing = None;
        }
        if body.len() < trimmed.len() {
            let tail = &trimmed[body.len()..];
            push(&mut out, tail, start + body.len(), start + trimmed.len(), false);
        }
    }
    // A quote that never closes was an apostrophe or a slip: nothing is quoted then.
    if closing.is_some() {
        for word in &mut out {
            word.quoted = false;
        }
    }
    out
}

fn partner(open: char) -> Option<char> {
    Some(match open {
        '"' => '"',
        '“' | '„' => '”',
        '«' => '»',
        '\'' => '\'',
        '‘' => '’',
        _ => return None,
    })
}

/// Lower case, and umlauts as they are typed without a German keyboard.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'ä' => out.push_str("ae"),
            'ö' => out.push_str("oe"),
            'ü' => out.push_str("ue"),
            'ß' => out.push_str("ss"),
            'é' | 'è' => out.push('e'),
            _ => out.push(c),
        }
    }
    out
}

fn push(out: &mut Vec<Word>, body: &str, start: usize, end: usize, quoted: bool) {
    let bare = body.trim_start_matches(|c| OPENING.contains(c)).trim_end_matches(|c| CLOSING.contains(c));
    let low: String =
        if bare.is_empty() { body } else { bare }.chars().map(|c| if c == '’' { '\'' } else { c }).collect();
    let low = fold(&low);
    // "..." and "?!" count as their first mark.
    let low = if low.chars().all(|c| MARKS.contains(c)) { low.chars().take(1).collect() } else { low };
    out.push(Word { low, start, end, quoted });
}

/// What was typed from the first word to the last, without blanks and marks at the ends.
pub fn slice<'t>(text: &'t str, words: &[Word]) -> &'t str {
    let kept = trim(words);
    match (kept.first(), kept.last()) {
        (Some(first), Some(last)) => text.get(first.start..last.end).unwrap_or("").trim(),
        _ => "",
    }
}

/// Without marks at the ends.
pub fn trim(mut words: &[Word]) -> &[Word] {
    while let [first, rest @ ..] = words
        && first.is_mark()
    {
        words = rest;
    }
    while let [rest @ .., last] = words
        && last.is_mark()
    {
        words = rest;
    }
    words
}

/// The words as they compare, marks left out.
pub fn said(words: &[Word]) -> String {
    let plain: Vec<&str> = words.iter().filter(|w| !w.is_mark()).map(|w| w.low.as_str()).collect();
    plain.join(" ")
}

/// The word without the endings that do not change what it names: "groceries" and "grocery" compare equal.
pub fn stem(word: &str) -> String {
    let word = word.strip_suffix("'s").or_else(|| word.strip_suffix("s'")).unwrap_or(word);
    let len = word.chars().count();
    if len > 4
        && let Some(root) = word.strip_suffix("ies")
    {
        return format!("{root}y");
    }
    for ending in ["ing", "ed"] {
        if let Some(root) = word.strip_suffix(ending)
            && root.chars().count() >= 3
            && root.chars().any(|c| "aeiouy".contains(c))
        {
            return undouble(root.strip_suffix('e').unwrap_or(root));
        }
    }
    if len > 4
        && let Some(root) = word.strip_suffix("es")
        && ["sh", "ch", "x", "ss", "z"].iter().any(|e| root.ends_with(e))
    {
        return root.to_owned();
    }
    if len > 3
        && let Some(root) = word.strip_suffix('s')
        && !root.ends_with('s')
        && !root.ends_with('u')
    {
        return root.strip_suffix('e').unwrap_or(root).to_owned();
    }
    if len > 3
        && let Some(root) = word.strip_suffix('e')
    {
        return root.to_owned();
    }
    word.to_owned()
}

fn undouble(root: &str) -> String {
    let mut chars: Vec<char> = root.chars().collect();
    if let [.., a, b] = chars[..]
        && a == b
        && !"aeiouls".contains(a)
    {
        chars.pop();
    }
    chars.into_iter().collect()
}

/// Whether `typed` is probably a slip of the fingers for `meant`: one letter wrong, missing, extra or swapped, two
/// in long words. Short words get no such benefit, and the first letter has to be right (or swapped with the second).
pub fn slip(typed: &str, meant: &str) -> bool {
    // Most pairs are far apart; that is seen without looking at every letter.
    if typed.len().abs_diff(meant.len()) > 2 + typed.len() / 2 || meant.len() < 4 || typed.len() < 3 {
        return false;
    }
    let (head, other) = (typed.as_bytes()[0], meant.as_bytes());
    if head != other[0] && head != other[1] {
        return false;
    }
    let (a, b): (Vec<char>, Vec<char>) = (typed.chars().collect(), meant.chars().collect());
    if a == b {
        return true;
    }
    let allowed = match b.len() {
        0..=3 => return false,
        4..=7 => 1,
        _ => 2,
    };
    if a.len().abs_diff(b.len()) > allowed || a.len() < 3 {
        return false;
    }
    let first = a[0] == b[0] || (a[0] == b[1] && a[1] == b[0]);
    // Of four letters, one other makes another word more often than a slip: "mild" is no milk.
    let short = a.len() == 4 && b.len() == 4 && !same_letters(&a, &b);
    first && !short && distance(&a, &b) <= allowed
}

/// Whether the letters are only in another order, the commonest slip of all.
pub fn same_letters(a: &[char], b: &[char]) -> bool {
    let sorted = |letters: &[char]| {
        let mut out = letters.to_vec();
        out.sort_unstable();
        out
    };
    a.len() == b.len() && sorted(a) == sorted(b)
}

/// Edit distance with swaps of neighbours (optimal string alignment).
pub fn distance(a: &[char], b: &[char]) -> usize {
    let width = b.len() + 1;
    let mut table = vec![0; (a.len() + 1) * width];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i * width + j] = if i == 0 || j == 0 {
                i + j
            } else {
                let change = usize::from(a[i - 1] != b[j - 1]);
                let mut best = (table[(i - 1) * width + j] + 1)
                    .min(table[i * width + j - 1] + 1)
                    .min(table[(i - 1) * width + j - 1] + change);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    best = best.min(table[(i - 2) * width + j - 2] + 1);
                }
                best
            };
        }
    }
    table[a.len() * width + b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_words_of_their_own() {
        let low: Vec<String> =
            words("Mark #1, please, as “all done”. Every! 2 weeks").into_iter().map(|w| w.low).collect();
        assert_eq!(low, ["mark", "#1", ",", "please", ",", "as", "all", "done", ".", "every!", "2", "weeks"]);
    }

    #[test]
    fn alike_words() {
        for (typed, meant) in [("delte", "delete"), ("compelte", "complete"), ("shwo", "show"), ("remid", "remind")] {
            assert!(slip(typed, meant), "{typed} {meant}");
        }
        for (typed, meant) in [("park", "mark"), ("ad", "add"), ("love", "move"), ("reopen", "rename")] {
            assert!(!slip(typed, meant), "{typed} {meant}");
        }
    }

    #[test]
    fn stems() {
        for (a, b) in [
            ("groceries", "grocery"),
            ("reports", "report"),
            ("calling", "call"),
            ("called", "call"),
            ("writing", "write"),
            ("boxes", "box"),
            ("invoices", "invoice"),
            ("cleaned", "clean"),
            ("planned", "plan"),
        ] {
            assert_eq!(stem(a), stem(b), "{a} {b}");
        }
        assert_ne!(stem("bus"), stem("bu"));
    }
}
