//! A sentence cut into acts, and what its parts say about each other: who tells a story needs no answer to it, what is
//! taken back is not done, and a "don't", an "if" or another's words reach to the end of the sentence.

use super::{
    super::{
        intent::{Intent, Talk, Target},
        lexicon::{List, Say},
        scene::Scene,
        words::{Word, slice},
    },
    clause, cut, destination, guard, sense,
};

/// What a sentence was read as.
pub struct Reading {
    /// In its order; never empty.
    pub acts: Vec<Intent>,
    /// Clauses that were taken for a story round an act.
    passed: usize,
}

/// Why the acts of a sentence are not done.
#[derive(Clone, Copy, PartialEq)]
enum Bar {
    None,
    /// "don't …", "should I …?"
    Forbidden,
    /// "if …", "he said: …"
    Depends,
    /// "he said" may have been the end of it.
    Perhaps,
}

struct Reader<'s> {
    out: Vec<Intent>,
    /// Where the acts of this sentence begin.
    start: usize,
    bar: Bar,
    text: &'s str,
    scene: &'s Scene,
}

/// Reads a sentence.
pub fn reading(found: &[Word], text: &str, scene: &Scene) -> Reading {
    let language = scene.language;
    let mut reader = Reader { out: Vec::new(), start: 0, bar: Bar::None, text, scene };
    let mut rest = found;
    let mut before: &[Word] = &[];
    while !rest.is_empty() {
        if let Some(n) = language.list(List::MEANT).begins(rest)
            && n < rest.len()
            && let at = cut::next(&rest[n..], text, scene) + n
            && let Some(target) = clause::object(&rest[n..at], text, scene)
        {
            // "finish 2, sorry, I mean 1": another object for the same act; alone it is about the last message.
            let last = reader.out.pop();
            reader.out.push(last.map_or(Intent::Instead(target.clone()), |last| last.on(target)));
            rest = cut::after_joints(&rest[at..], scene);
            continue;
        }
        let at = cut::next(rest, text, scene);
        let mut read = super::clause(&rest[..at], text, scene);
        if let Some(last) = reader.out.last()
            && (!sense::is_act(&read, scene) || !sense::changes(&read) && !cut::shows(&rest[0], scene))
            && let Some(more) = cut::elided(before, last, &rest[..at], text, scene)
        {
            read = more;
        }
        let after = cut::after_joints(&rest[at..], scene);
        reader.take(read, &rest[..at], after.is_empty());
        before = &rest[..at];
        reader.pass(&rest[at..rest.len() - after.len()], after);
        rest = after;
    }
    reader.finish(slice(text, found))
}

impl Reader<'_> {
    fn take(&mut self, read: Intent, words: &[Word], last: bool) {
        let acted = self.out.iter().skip(self.start).any(sense::changes);
        if acted && self.spares_another(words) {
            // Of one it is only named; of all it is to be left out, and that is better said in one breath.
            if self.out.iter().skip(self.start).any(is_wide) {
                self.take_back();
                self.out.push(Intent::Talk(Talk::LeftAlone));
            }
            return;
        }
        // "delete 2, if it rains", and "delete 2 if it rains".
        let trails = acted && guard::conditions(&read, words, self.scene);
        let depends = trails || guard::depends(&read, words, self.scene);
        match self.bar {
            // "delete 2 and 3 if it rains" is about both.
            _ if depends => {
                self.take_back();
                self.bar = Bar::Depends;
                self.out.push(Intent::Cannot(Say::conditional));
                return;
            }
            Bar::Depends | Bar::Perhaps if sense::changes(&read) => {
                self.bar = Bar::Depends;
                if self.out.last() != Some(&Intent::Cannot(Say::conditional)) {
                    self.out.push(Intent::Cannot(Say::conditional));
                }
                return;
            }
            Bar::Forbidden if sense::changes(&read) => return,
            Bar::Perhaps => self.bar = Bar::None,
            _ => {}
        }
        if let Some(bar) = self.bar_of(&read, words).filter(|_| !last) {
            self.bar = bar;
        }
        match read {
            // Each half of "hello, add milk" is its own, and the greeting needs no answer beside the act.
            Intent::Talk(Talk::Hello | Talk::Thanks | Talk::Fine) if !last || !self.out.is_empty() => {}
            Intent::Unknown(said) if said.is_empty() => {}
            // "That was wrong, undo it" asks once.
            Intent::Undo(1) if matches!(self.out.last(), Some(Intent::Undo(_))) => {}
            // "delete 2, no, don't": what was just said is taken back.
            Intent::No | Intent::Talk(Talk::LeftAlone) if self.out.iter().any(sense::changes) && words.len() <= 4 => {
                self.start = 0;
                self.take_back();
                self.out.push(Intent::Talk(Talk::LeftAlone));
            }
            // "complete everything but don't touch the rent": what is spared is not sure, so nothing is done.
            Intent::Talk(Talk::LeftAlone) if self.out.iter().skip(self.start).any(is_wide) => {
                self.take_back();
                self.out.push(Intent::Talk(Talk::LeftAlone));
            }
            Intent::No if self.out.last() == Some(&Intent::Talk(Talk::LeftAlone)) => {}
            intent => self.out.push(intent),
        }
        if let [.., Intent::NewProject(name), Intent::Add(line)] = &mut self.out[..] {
            line.put_into(name, self.scene);
        }
    }

    /// "delete 4, not 5": what is only named is not what was to be done.
    fn spares_another(&self, words: &[Word]) -> bool {
        let list = self.scene.language.list(List::NEGATED);
        let Some((_, rest)) = words.split_first().filter(|(first, _)| list.has(&first.low)) else { return false };
        let named = clause::object(rest, self.text, self.scene);
        let last = self.out.iter().rev().find_map(sense::target);
        named.is_some_and(|t| last.is_some_and(|last| *last != t && t != Target::It))
    }

    fn bar_of(&self, read: &Intent, words: &[Word]) -> Option<Bar> {
        match read {
            Intent::Talk(Talk::LeftAlone) => Some(Bar::Forbidden),
            _ if guard::reports(read, words, self.scene) => Some(Bar::Perhaps),
            _ if guard::conditions(read, words, self.scene) => Some(Bar::Depends),
            Intent::Talk(Talk::Help) => Some(Bar::Forbidden),
            _ => None,
        }
    }

    /// Forgets the acts of this sentence.
    fn take_back(&mut self) {
        let mut at = 0;
        self.out.retain(|i| {
            at += 1;
            at <= self.start || !sense::changes(i)
        });
    }

    /// Goes on over the joints to the next clause.
    fn pass(&mut self, joints: &[Word], next: &[Word]) {
        let but = |w: &Word| !w.quoted && self.scene.language.list(List::BUT).has(&w.low);
        if joints.iter().any(|w| matches!(w.low.as_str(), "." | "!" | "?" | ";")) {
            (self.bar, self.start) = (Bar::None, self.out.len());
        } else if self.bar == Bar::Forbidden && (joints.iter().any(but) || next.first().is_some_and(but)) {
            self.bar = Bar::None;
        }
    }

    fn finish(self, said: &str) -> Reading {
        let (mut out, scene) = (self.out, self.scene);
        let all = out.len();
        // People tell stories around what they want: the story needs no answer beside the act.
        if out.iter().any(|i| sense::is_act(i, scene)) {
            out.retain(|i| match i {
                Intent::Unknown(said) => sense::begins_with_verb(said, scene),
                Intent::Talk(Talk::Fine) | Intent::Yes | Intent::No => false,
                _ => true,
            });
        } else if out.len() > 1 && out.iter().all(|i| matches!(i, Intent::Unknown(_))) {
            out.clear();
        }
        let passed = all - out.len();
        if out.is_empty() {
            out.push(Intent::Unknown(said.to_owned()));
        }
        Reading { acts: out, passed }
    }
}

/// Whether an act is on whatever fits a description.
fn is_wide(intent: &Intent) -> bool {
    let wide = matches!(sense::target(intent), Some(Target::Set(_) | Target::Them | Target::Except(..)));
    wide && sense::changes(intent)
}

impl Reading {
    /// Whether this makes more sense than the other: less that means nothing, more acts, fewer words left to a text.
    pub fn beats(&self, other: &Self, scene: &Scene) -> bool {
        self.senselessness(scene) < other.senselessness(scene)
    }

    fn senselessness(&self, scene: &Scene) -> (usize, std::cmp::Reverse<usize>, usize) {
        let bad: usize = self.acts.iter().map(|i| badness(i, scene)).sum();
        let acts = self.acts.iter().filter(|i| sense::is_act(i, scene)).count();
        (bad + self.passed, std::cmp::Reverse(acts), self.acts.iter().map(|i| loose(i, scene)).sum())
    }
}

/// How little sense an intent makes.
fn badness(intent: &Intent, scene: &Scene) -> usize {
    match intent {
        Intent::Unknown(_) => 3,
        Intent::List(f) | Intent::Count(f) if f.words.is_some() => 2,
        Intent::Find(_) | Intent::Talk(Talk::Help) => 1,
        Intent::Move(_, to) if destination(to, scene).is_none() => 2,
        other => usize::from(!sense::is_sure(other, scene)) * 2,
    }
}

/// How many words went into a text where others would mean something. A new task's title is free.
fn loose(intent: &Intent, scene: &Scene) -> usize {
    let words = |text: &str| text.split_whitespace().count();
    match intent {
        Intent::Rename(_, text) | Intent::Unknown(text) => words(text),
        Intent::Label(_, names) | Intent::Unlabel(_, names) => names.iter().map(|n| words(n)).sum(),
        Intent::Move(_, to) if destination(to, scene).is_none() => words(to),
        _ => 0,
    }
}
