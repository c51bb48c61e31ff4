//! Hides what some models think aloud: a `<think>` block at the beginning of an answer, in whatever pieces it comes.

const OPEN: &[&str] = &["<think>", "<thinking>"];
const CLOSE: &[&str] = &["</think>", "</thinking>"];

/// Text goes in as it comes, what may be shown comes out.
#[derive(Debug, Default)]
pub struct Thinking {
    at: At,
    held: String,
}

#[derive(Debug, Default, PartialEq)]
enum At {
    /// Nothing but blanks, or the beginning of a tag.
    #[default]
    Start,
    /// In the block.
    Hidden,
    /// Behind it; blanks before the first word are dropped.
    Behind,
    /// In the answer.
    Open,
}

impl Thinking {
    /// The part that may be shown.
    pub fn pass(&mut self, text: &str) -> String {
        if self.at == At::Open {
            return text.to_owned();
        }
        self.held.push_str(text);
        loop {
            match self.at {
                At::Start => {
                    let begun = self.held.trim_start();
                    if let Some(tag) = OPEN.iter().find(|tag| begun.starts_with(**tag)) {
                        self.held = begun[tag.len()..].to_owned();
                        self.at = At::Hidden;
                    } else if OPEN.iter().any(|tag| tag.starts_with(begun)) {
                        return String::new();
                    } else {
                        self.at = At::Open;
                    }
                }
                At::Hidden => {
                    let closed = CLOSE.iter().filter_map(|tag| self.held.find(tag).map(|at| at + tag.len())).min();
                    let Some(end) = closed else {
                        // A tag may be cut in two.
                        let keep = self.held.char_indices().rev().nth(CLOSE[1].len()).map_or(0, |(at, _)| at);
                        self.held.drain(..keep);
                        return String::new();
                    };
                    self.held.drain(..end);
                    self.at = At::Behind;
                }
                At::Behind => {
                    let rest = self.held.trim_start();
                    if rest.is_empty() {
                        self.held.clear();
                        return String::new();
                    }
                    self.held = rest.to_owned();
                    self.at = At::Open;
                }
                At::Open => return std::mem::take(&mut self.held),
            }
        }
    }

    /// What was held back and is no tag after all.
    pub fn end(&mut self) -> String {
        let held = std::mem::take(&mut self.held);
        if self.at == At::Start { held } else { String::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::Thinking;

    fn shown(pieces: &[&str]) -> String {
        let mut thinking = Thinking::default();
        let mut out: String = pieces.iter().map(|piece| thinking.pass(piece)).collect();
        out.push_str(&thinking.end());
        out
    }

    #[test]
    fn a_block_at_the_beginning_is_hidden_however_it_is_cut() {
        let text = "\n<think>Hm, “é” </thin king </think>\n\nDone. <think> stays";
        assert_eq!(shown(&[text]), "Done. <think> stays");
        let letters: Vec<String> = text.chars().map(String::from).collect();
        let letters: Vec<&str> = letters.iter().map(String::as_str).collect();
        assert_eq!(shown(&letters), "Done. <think> stays");
        assert_eq!(shown(&["<thinking>a</thinking>b"]), "b");
    }

    #[test]
    fn other_text_goes_through() {
        assert_eq!(shown(&["<", "b>bold</b>"]), "<b>bold</b>");
        assert_eq!(shown(&["  x"]), "  x");
        assert_eq!(shown(&["<thi"]), "<thi");
        assert_eq!(shown(&["<think>only thoughts"]), "");
    }
}
