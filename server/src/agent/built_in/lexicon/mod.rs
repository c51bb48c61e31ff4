//! What the built-in assistant knows of a language, as data: a folder of three files for each.
//!
//! `words.txt` holds lists of words and phrases, `sentences.txt` the patterns of sentences with the act each one means,
//! `answers.txt` what is said. Another language is another folder and a line in [`all`]; the tests below say what a folder
//! lacks. Deliberately absent: any grammar in code that only one language has. Dates are the exception by design: there is
//! one grammar of dates in the program, in English, and `words.txt` says how a language's dates are put into its words.

mod names;
mod phrases;
mod rewrites;

use super::{
    pattern::Pattern,
    words::{self, Word, fold},
};
pub use names::{Act, List, Say};
pub use phrases::Phrases;
pub use rewrites::Rewrites;
use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

/// A language the assistant speaks.
pub struct Language {
    /// The first part of its BCP 47 tag.
    pub code: &'static str,
    lists: HashMap<&'static str, Phrases>,
    patterns: Vec<(Pattern, Act)>,
    /// Of a word, the patterns that cannot do without a piece beginning with it, and which of their pieces that is. Most
    /// patterns are ruled out by looking here.
    needed: HashMap<String, Vec<(usize, u32)>>,
    said: HashMap<Say, String>,
    /// Words written as one, and what they stand for: "what's", "what is".
    contractions: HashMap<String, Vec<String>>,
    /// Verbs as they follow "would you mind", and as they command.
    gerunds: HashMap<String, String>,
    /// Past forms of verbs, and the form a title has.
    past: HashMap<String, String>,
    dates: Rewrites,
    /// Words of the patterns and lists: none of them is ever a slip of another.
    known: HashSet<String>,
    /// Those of them that speak for this language.
    spoken: HashSet<String>,
}

impl std::fmt::Debug for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code)
    }
}

/// Every language; the first is used when nothing speaks for another.
pub fn all() -> [&'static Language; 2] {
    static ENGLISH: LazyLock<Language> = LazyLock::new(|| {
        Language::read(
            "en",
            include_str!("en/words.txt"),
            include_str!("en/sentences.txt"),
            include_str!("en/answers.txt"),
        )
    });
    static GERMAN: LazyLock<Language> = LazyLock::new(|| {
        Language::read(
            "de",
            include_str!("de/words.txt"),
            include_str!("de/sentences.txt"),
            include_str!("de/answers.txt"),
        )
    });
    [&ENGLISH, &GERMAN]
}

/// The language of a tag such as "de-AT".
pub fn of(tag: &str) -> Option<&'static Language> {
    let code = tag.split(['-', '_']).next().unwrap_or_default().to_lowercase();
    all().into_iter().find(|l| l.code == code)
}

/// The language of a message: that of most of its words; when that does not decide, the one spoken before.
///
/// Words that `ignored` knows (those of the person's own titles) speak for none.
pub fn choose(text: &str, before: Option<&'static Language>, ignored: impl Fn(&str) -> bool) -> &'static Language {
    let found = words::words(text);
    let found: Vec<&Word> = found.iter().filter(|w| !w.quoted && !w.is_mark() && !ignored(&w.low)).collect();
    let score = |l: &Language| {
        found.iter().filter(|w| l.spoken.contains(&w.low) || l.contractions.contains_key(&w.low)).count()
    };
    let usual = before.unwrap_or(all()[0]);
    let best = all().into_iter().max_by_key(|l| (score(l), l.code == usual.code));
    best.unwrap_or(usual)
}

/// Whether a message is nothing but a yes or a no, in any language.
pub fn yes_or_no(text: &str) -> Option<bool> {
    if text.len() > 80 {
        return None;
    }
    all().into_iter().find_map(|language| {
        let found = language.words(text);
        let is = |list| language.list(list).is(&found);
        if is(List::YES) { Some(true) } else { is(List::NO).then_some(false) }
    })
}

impl Language {
    fn read(code: &'static str, lists: &'static str, sentences: &'static str, answers: &'static str) -> Self {
        let mut out = Self {
            code,
            lists: HashMap::new(),
            patterns: Vec::new(),
            needed: HashMap::new(),
            said: HashMap::new(),
            contractions: HashMap::new(),
            gerunds: HashMap::new(),
            past: HashMap::new(),
            dates: Rewrites::default(),
            known: HashSet::new(),
            spoken: HashSet::new(),
        };
        // "[contractions]", "[past]" and "[dates]" are tables of pairs; before them stand the lists.
        let mut section = "";
        let mut raw: Vec<(&'static str, &'static str)> = Vec::new();
        for line in lines(lists) {
            if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                section = name;
            } else if section.is_empty() {
                raw.extend(line.split_once(": "));
            } else if let Some((from, to)) = line.split_once('=') {
                let (from, to) = (fold(from.trim()), fold(to.trim()));
                match section {
                    "contractions" => {
                        out.contractions.insert(from, to.split(' ').map(str::to_owned).collect());
                    }
                    "gerunds" => {
                        out.gerunds.insert(from, to);
                    }
                    "past" => {
                        out.past.insert(from, to);
                    }
                    _ => out.dates.push(from, to),
                }
            }
        }
        for (name, items) in raw {
            let items = items.split(", ").flat_map(phrases::expand);
            let items = items.map(|i| out.normal(&i)).filter(|i| !i.is_empty()).collect();
            out.lists.insert(name, Phrases::new(items));
        }
        let mut act = None;
        for line in lines(sentences) {
            match line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                Some(name) => act = Act::find(name),
                None => out.patterns.extend(act.map(|act| (Pattern::compile(line, &out), act))),
            }
        }
        for (number, (pattern, _)) in out.patterns.iter().enumerate() {
            for (need, words) in (0..u64::BITS).zip(pattern.needs()) {
                for word in words {
                    out.needed.entry(word.clone()).or_default().push((number, need));
                }
            }
        }
        for (name, text) in lines(answers).filter_map(|line| line.split_once(" = ")) {
            out.said
                .extend(Say::find(name.trim()).map(|say| (say, text.trim().replace("\\n", "\n").replace("\\s", " "))));
        }
        // A word that is only listed as real ("post" is no slip of "postpone") speaks for no language.
        let mut spoken: HashSet<String> = out.patterns.iter().flat_map(|(p, _)| p.words()).collect();
        let lists = out.lists.iter().filter(|(name, _)| **name != List::REAL_WORDS.name());
        spoken.extend(lists.flat_map(|(_, list)| list.iter()).flat_map(|p| p.split(' ').map(str::to_owned)));
        spoken.extend(out.dates.phrases().flat_map(|p| p.split(' ').map(str::to_owned)));
        let real = out.list(List::REAL_WORDS).iter().map(str::to_owned);
        let known = spoken.iter().cloned().chain(real).collect();
        out.spoken = spoken;
        out.known = known;
        out
    }

    /// A list by its name.
    pub fn list(&self, list: List) -> &Phrases {
        static NONE: LazyLock<Phrases> = LazyLock::new(Phrases::default);
        self.lists.get(list.name()).unwrap_or(&NONE)
    }

    /// A list that only patterns use.
    pub fn named(&self, name: &str) -> Option<&Phrases> {
        self.lists.get(name)
    }

    /// The patterns that may fit words, in their order: what fits first wins.
    pub fn candidates(&self, have: &HashSet<&str>) -> Vec<&(Pattern, Act)> {
        let mut met = vec![0_u64; self.patterns.len()];
        for (number, need) in have.iter().filter_map(|word| self.needed.get(*word)).flatten() {
            if let Some(met) = met.get_mut(*number) {
                *met |= 1 << need;
            }
        }
        let whole = |pattern: &Pattern, met: u64| met.count_ones() as usize == pattern.needs().len();
        self.patterns.iter().zip(met).filter(|((pattern, _), met)| whole(pattern, *met)).map(|(both, _)| both).collect()
    }

    /// How dates are put into the words of the grammar.
    pub fn dates(&self) -> &Rewrites {
        &self.dates
    }

    /// The verb of a command, from the form it has after "would you mind".
    pub fn command(&self, gerund: &str) -> Option<&str> {
        self.gerunds.get(gerund).map(String::as_str)
    }

    /// The form of a verb in titles, from its past.
    pub fn present(&self, past: &str) -> impl Iterator<Item = &str> {
        self.past.get(past).into_iter().flat_map(|all| all.split('|'))
    }

    /// Something to say.
    pub fn say(&self, say: Say) -> &str {
        self.said.get(&say).map_or("", String::as_str)
    }

    /// Something to say, with what belongs into it.
    pub fn tell(&self, say: Say, with: &[(&str, &str)]) -> String {
        // Filled from left to right, so that a title with braces in it stays a title.
        let mut rest = self.say(say);
        let mut out = String::with_capacity(rest.len() + 40);
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((name, tail)) = after.split_once('}') else {
                out.push('{');
                rest = after;
                continue;
            };
            out.push_str(with.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| value));
            rest = tail;
        }
        out.push_str(rest);
        out
    }

    /// Whether a pattern or list uses the word.
    pub fn knows(&self, word: &str) -> bool {
        self.known.contains(word)
    }

    /// The past forms of verbs.
    pub fn pasts(&self) -> impl Iterator<Item = &str> {
        self.past.keys().map(String::as_str)
    }

    /// Words of the patterns and lists.
    pub fn known(&self) -> impl Iterator<Item = &str> {
        self.known.iter().map(String::as_str)
    }

    /// The words of a text, contractions taken apart.
    pub fn words(&self, text: &str) -> Vec<Word> {
        let mut out = Vec::new();
        for word in self.compounds(words::words(text), text) {
            match self.contractions.get(&word.low).filter(|_| !word.quoted) {
                None => out.push(word),
                Some(parts) => {
                    for (i, part) in parts.iter().enumerate() {
                        let start = if i == 0 { word.start } else { word.end };
                        out.push(Word { low: part.clone(), start, end: word.end, quoted: false });
                    }
                }
            }
        }
        out
    }

    /// "Work-Aufgaben" is two words where a language writes such things as one.
    fn compounds(&self, found: Vec<Word>, text: &str) -> Vec<Word> {
        let noun = |w: &str| self.list(List::NOUN_MANY).has(w) || self.list(List::NOUN_ONE).has(w);
        found
            .into_iter()
            .flat_map(|word| {
                let typed = text.get(word.start..word.end).unwrap_or_default();
                match typed.rsplit_once('-') {
                    Some((head, tail)) if !word.quoted && !head.is_empty() && !noun(&word.low) && noun(&fold(tail)) => {
                        let at = word.start + head.len();
                        vec![
                            Word { low: fold(head), start: word.start, end: at, quoted: false },
                            Word { low: fold(tail), start: at + 1, end: word.end, quoted: false },
                        ]
                    }
                    _ => vec![word],
                }
            })
            .collect()
    }

    /// A phrase of the lexicon as the words of a sentence compare.
    pub fn normal(&self, phrase: &str) -> String {
        let mut out: Vec<String> = Vec::new();
        for word in fold(phrase).split_whitespace() {
            match self.contractions.get(word) {
                Some(parts) => out.extend(parts.iter().cloned()),
                None => out.push(word.to_owned()),
            }
        }
        out.join(" ")
    }
}

/// The lines that say something.
fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("# "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts of a language's files, to look for what reading skips.
    const FILES: &[(&str, &str, &str)] = &[
        (include_str!("en/words.txt"), include_str!("en/sentences.txt"), include_str!("en/answers.txt")),
        (include_str!("de/words.txt"), include_str!("de/sentences.txt"), include_str!("de/answers.txt")),
    ];

    #[test]
    fn every_language_is_complete() {
        let mut lacks = Vec::new();
        for language in all() {
            let code = language.code;
            lacks.extend(
                List::EVERY
                    .iter()
                    .filter(|l| !language.lists.contains_key(l.name()))
                    .map(|l| format!("{code}: list {l:?}")),
            );
            lacks.extend(
                Say::EVERY.iter().filter(|s| language.say(**s).is_empty()).map(|s| format!("{code}: answer {s:?}")),
            );
        }
        assert!(lacks.is_empty(), "{}", lacks.join("\n"));
    }

    #[test]
    fn every_name_in_the_files_is_known() {
        for (words, sentences, answers) in FILES {
            for name in lines(sentences).filter_map(|l| l.strip_prefix('[')?.strip_suffix(']')) {
                assert!(Act::find(name).is_some(), "[{name}] is no act");
            }
            for line in lines(answers) {
                let (name, _) = line.split_once(" = ").unwrap_or_else(|| panic!("{line}: no text"));
                assert!(Say::find(name).is_some(), "{name} is nothing that is said");
            }
            for line in lines(words).take_while(|l| !l.starts_with('[')) {
                assert!(line.contains(": "), "{line}: no list");
            }
        }
    }

    #[test]
    fn languages_tell_themselves_apart() {
        for (text, code) in [
            ("Lösche Aufgabe 2", "de"),
            ("delete task 2", "en"),
            ("Buy milk auf morgen", "de"),
            ("was ist überfällig?", "de"),
            ("what is overdue?", "en"),
        ] {
            assert_eq!(choose(text, None, |_| false).code, code, "{text}");
        }
        assert_eq!(choose("Xyz", of("de-AT"), |_| false).code, "de");
    }

    #[test]
    fn braces_of_a_title_stay() {
        let english = all()[0];
        assert!(english.tell(Say::none_like, &[("said", "{said}")]).contains("{said}"));
    }
}
