//! The built-in assistant's understanding, against files of sentences: which tools it calls, what it asks and says.
//!
//! Nothing is stored here: calls are carried out on a list in memory. See [`notation`] for how the files are written.

mod mutants;
mod notation;
mod world;

use notation::score;

/// Each file with the fewest sentences it may have.
const FILES: &[(&str, &str, usize)] = &[
    ("corpus.txt", include_str!("assistant/corpus.txt"), 280),
    ("others.txt", include_str!("assistant/others.txt"), 150),
    ("german.txt", include_str!("assistant/german.txt"), 160),
    ("families.txt", include_str!("assistant/families.txt"), 450),
    ("wary.txt", include_str!("assistant/wary.txt"), 160),
];

#[test]
fn every_sentence_of_the_corpus_is_understood() {
    for (name, text, least) in FILES {
        let (sentences, wrong) = score(text);
        assert!(sentences >= *least, "{name} has only {sentences} sentences");
        assert!(wrong.is_empty(), "{} of {sentences} of {name} are misunderstood:\n{}", wrong.len(), wrong.join("\n"));
    }
}

/// The files whose sentences are English.
fn english() -> Vec<&'static str> {
    FILES.iter().filter(|(name, ..)| *name != "german.txt").map(|(_, text, _)| *text).collect()
}

#[test]
fn what_is_forbidden_conditional_or_told_changes_nothing() {
    let wrong = mutants::armed(&english());
    assert!(wrong.is_empty(), "{} acts:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_slip_of_the_fingers_is_no_other_act() {
    let wrong = mutants::slipped(&english());
    assert!(wrong.is_empty(), "{} acts:\n{}", wrong.len(), wrong.join("\n"));
}

/// `EXAM=/path/to/sentences cargo test -p server --test it assistant::exam -- --nocapture` scores a file of somebody
/// else's; without `EXAM` it scores our own.
#[test]
#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "the file is the tester's choice, the score is told"
)]
fn exam() {
    let text = std::env::var("EXAM").map(|path| std::fs::read_to_string(path).expect("the file of EXAM"));
    let (sentences, wrong) = score(text.map_or(FILES[0].1, |text| text.leak()));
    println!("{}\n{} of {sentences} sentences are right", wrong.join("\n"), sentences - wrong.len());
    assert!(sentences > 0, "there are no sentences to score");
}
