//! How a language's words for dates are put into the words of the grammar: a table of phrases, applied in its order, so
//! that what one line makes the next one may read.

use std::collections::{BTreeSet, HashMap};

/// A table of phrases and what stands for them.
#[derive(Debug, Default)]
pub struct Rewrites {
    pairs: Vec<(String, String)>,
    /// The lines whose phrase begins with a word; all others need not be looked at.
    starts: HashMap<String, Vec<usize>>,
}

impl Rewrites {
    /// Adds a line.
    pub fn push(&mut self, from: String, to: String) {
        let start = first(&from).to_owned();
        self.starts.entry(start).or_default().push(self.pairs.len());
        self.pairs.push((from, to));
    }

    /// The phrases that are replaced.
    pub fn phrases(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|(from, _)| from.as_str())
    }

    /// The text, with blanks round it, in the words of the grammar.
    pub fn apply(&self, text: &str) -> String {
        let mut out = format!(" {text} ");
        let mut due: BTreeSet<usize> = self.lines_for(text).collect();
        while let Some(line) = due.pop_first() {
            let Some((from, to)) = self.pairs.get(line) else { continue };
            if replace(&mut out, from, to) {
                // New words may begin a later phrase.
                due.extend(self.lines_for(&out).filter(|n| *n > line));
            }
        }
        out
    }

    fn lines_for<'t>(&'t self, text: &'t str) -> impl Iterator<Item = usize> + 't {
        text.split(' ').filter_map(|word| self.starts.get(word)).flatten().copied()
    }
}

fn first(phrase: &str) -> &str {
    phrase.split(' ').next().unwrap_or(phrase)
}

/// Replaces a phrase wherever it stands as whole words; whether it did.
fn replace(out: &mut String, from: &str, to: &str) -> bool {
    let mut at = 0;
    let mut any = false;
    while let Some(found) = out.get(at..).and_then(|tail| tail.find(from)) {
        let (start, end) = (at + found, at + found + from.len());
        at = end;
        if out[..start].ends_with(' ') && out[end..].starts_with(' ') {
            out.replace_range(start..end, to);
            at = start + to.len();
            any = true;
        }
    }
    any
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_lines_read_what_earlier_ones_made() {
        let mut rewrites = Rewrites::default();
        for (from, to) in [("a fortnight", "two weeks"), ("two", "2"), ("week", "w")] {
            rewrites.push(from.into(), to.into());
        }
        assert_eq!(rewrites.apply("in a fortnight").trim(), "in 2 weeks");
        assert_eq!(rewrites.apply("weekly").trim(), "weekly");
    }
}
