//! What becomes of the sentences when they are forbidden, made to depend on something, told as another's words, or typed
//! with a slip: never another act than the one they are known to mean.

use super::notation::{Talk, lines};

/// What turns a command into none.
const DISARMED: &[(&str, &str)] = &[
    ("don't ", ""),
    ("please do not ", ""),
    ("if it rains tomorrow, ", ""),
    ("my boss said: ", ""),
    ("what happens if I ", "?"),
    ("should I ", "?"),
    ("", " if Bob agrees"),
    ("", ", unless Bob objects"),
    ("", ", no wait, don't"),
];

/// Verbs that begin the commands looked at.
const COMMANDS: &[&str] = &[
    "complete", "delete", "remove", "move", "rename", "mark", "finish", "reopen", "restore", "postpone", "tag",
    "label", "set", "push", "tick", "clear", "erase",
];

/// Commands in files of English sentences, each of them the first of its conversation.
fn commands(files: &[&'static str]) -> Vec<&'static str> {
    let is = |sentence: &&str| {
        let first = sentence.split(' ').next().unwrap_or_default().to_lowercase();
        COMMANDS.contains(&first.as_str())
            && !sentence.contains(['\n', '"', '\\', '?', '.', '!'])
            && ![" not", "n't", "taks"].iter().any(|word| sentence.contains(word))
    };
    files.iter().flat_map(|text| lines(text)).filter(|l| !l.goes_on).map(|l| l.sentence).filter(is).collect()
}

/// Every disarmed command that changed something all the same.
pub fn armed(files: &[&'static str]) -> Vec<String> {
    let mut wrong = Vec::new();
    for sentence in commands(files) {
        for (before, after) in DISARMED {
            let text = format!("{before}{sentence}{after}");
            let mut talk = Talk::new();
            let turn = talk.turn(&text);
            // A condition may be part of a text.
            let said = turn.steps.iter().any(|s| s.contains(after.trim_start_matches(',').trim()));
            let texts = after.contains("Bob") && said;
            if !texts && !talk.fits(&turn, "nothing") {
                wrong.push(format!("{text}\n   got {}", turn.steps.join(" ;; ")));
            }
        }
    }
    wrong
}

/// Every command that with two letters of a word swapped changed something else than it does without.
pub fn slipped(files: &[&'static str]) -> Vec<String> {
    let mut wrong = Vec::new();
    for sentence in commands(files) {
        let meant = Talk::new().turn(sentence).steps;
        for word in sentence.split(' ') {
            let Some(slip) = slip(word) else { continue };
            let text = sentence.replacen(word, &slip, 1);
            let mut talk = Talk::new();
            let turn = talk.turn(&text);
            // A text may hold the slip as typed, and what was not understood is not done.
            let same = |step: &String| meant.contains(step) || meant.contains(&step.replace(&slip, word));
            let looks = ["say ", "ask ", "get_task", "list_tasks", "search"];
            let acts = |step: &&String| !looks.iter().any(|look| step.starts_with(look));
            if !turn.steps.iter().filter(acts).all(same) && !talk.fits(&turn, "nothing") {
                let (got, meant) = (turn.steps.join(" ;; "), meant.join(" ;; "));
                wrong.push(format!("{text}\n   got   {got}\n   meant {meant}"));
            }
        }
    }
    wrong
}

/// A word with the two letters in its middle swapped.
fn slip(word: &str) -> Option<String> {
    let mut letters: Vec<char> = word.chars().collect();
    let middle = letters.len() / 2;
    let plain = letters.len() >= 4 && letters.iter().all(char::is_ascii_alphabetic);
    plain.then(|| {
        letters.swap(middle - 1, middle);
        letters.into_iter().collect()
    })
}
