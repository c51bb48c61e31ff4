//! Foreign text, made fit for a model, a log line and a person's eyes.

/// One line of at most so many characters, without what is not seen: control characters, marks that turn the direction of
/// writing, and letters of no width, in which words can hide from a person that a model still reads.
pub fn clean(text: &str, most: usize) -> String {
    let mut out = String::new();
    let (mut blank, mut count) = (false, 0);
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            blank = !out.is_empty();
            continue;
        }
        if is_hidden(c) {
            continue;
        }
        if count >= most {
            out.push('…');
            return out;
        }
        if std::mem::take(&mut blank) {
            out.push(' ');
            count += 1;
        }
        out.push(c);
        count += 1;
    }
    out
}

/// Several lines of at most so many bytes; the same is left out.
pub fn clean_lines(text: &str, most: usize) -> String {
    let mut out = String::new();
    for c in text.chars().filter(|c| matches!(c, '\n' | '\t') || !(c.is_control() || is_hidden(*c))) {
        if out.len() + c.len_utf8() > most {
            out.push_str("… (cut)");
            return out;
        }
        out.push(c);
    }
    out
}

fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0e}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_left_out() {
        assert_eq!(clean("  a\u{7}b\r\n\tc\u{200b}d\u{202e} ", 50), "a b cd");
        assert_eq!(clean("\u{e0041}\u{e0042}tags", 50), "tags");
        assert_eq!(clean("äöü", 2), "äö…");
        assert_eq!(clean_lines("a\r\n\u{1b}[1mb\u{feff}", 50), "a\n[1mb");
        assert_eq!(clean_lines("ääää", 5), "ää… (cut)");
    }
}
