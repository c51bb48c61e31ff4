//! A list of words and phrases, and how it is looked up in the words of a sentence.

use super::super::words::Word;
use std::collections::HashSet;

/// A list of the lexicon.
#[derive(Debug, Default)]
pub struct Phrases {
    /// In the order of the file.
    texts: Vec<String>,
    known: HashSet<String>,
    /// Words of the longest phrase.
    longest: usize,
}

/// "(to|on) my list" is "to my list" and "on my list"; groups may stand side by side, not in each other.
pub fn expand(phrase: &str) -> Vec<String> {
    let Some((before, group, after)) = phrase
        .split_once('(')
        .and_then(|(before, rest)| rest.split_once(')').map(|(group, after)| (before, group, after)))
    else {
        return vec![phrase.split_whitespace().collect::<Vec<_>>().join(" ")];
    };
    group.split('|').flat_map(|one| expand(&format!("{before}{one}{after}"))).collect()
}

impl Phrases {
    /// Reads "a, two words, c".
    pub fn new(texts: Vec<String>) -> Self {
        let longest = texts.iter().map(|t| t.split(' ').count()).max().unwrap_or(0);
        Self { known: texts.iter().cloned().collect(), texts, longest }
    }

    /// Every phrase, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(String::as_str)
    }

    /// Whether this is one of them.
    pub fn has(&self, text: &str) -> bool {
        self.known.contains(text)
    }

    /// Where a phrase stands in the list.
    pub fn place(&self, text: &str) -> Option<usize> {
        self.texts.iter().position(|t| t == text)
    }

    /// Whether the words are exactly one of them, marks aside.
    pub fn is(&self, words: &[Word]) -> bool {
        let plain: Vec<&str> = words.iter().filter(|w| !w.is_mark()).map(|w| w.low.as_str()).collect();
        plain.len() <= self.longest && self.known.contains(&plain.join(" "))
    }

    /// How many words, marks among them counted, the longest phrase at the front takes.
    pub fn begins(&self, words: &[Word]) -> Option<usize> {
        self.longest_of(words.iter().enumerate().map(|(i, w)| (i + 1, w)), |said, word| {
            if !said.is_empty() {
                said.push(' ');
            }
            said.push_str(word);
        })
    }

    /// How many words the longest phrase at the end takes.
    pub fn ends(&self, words: &[Word]) -> Option<usize> {
        self.longest_of(words.iter().rev().enumerate().map(|(i, w)| (i + 1, w)), |said, word| {
            *said = if said.is_empty() { word.to_owned() } else { format!("{word} {said}") };
        })
    }

    fn longest_of<'w>(
        &self,
        words: impl Iterator<Item = (usize, &'w Word)>,
        add: impl Fn(&mut String, &str),
    ) -> Option<usize> {
        let mut said = String::new();
        let mut best = None;
        let mut taken = 0;
        for (count, word) in words {
            if word.is_mark() {
                continue;
            }
            if word.quoted || taken == self.longest {
                break;
            }
            add(&mut said, &word.low);
            taken += 1;
            if self.known.contains(&said) {
                best = Some(count);
            }
        }
        best
    }
}
