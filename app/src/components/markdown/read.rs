//! Reads Markdown into a tree. Anything that is not understood stays text; the time is linear in the text's length
//! for every input but nested emphasis, whose depth is bounded.

/// Deeper emphasis is text.
const DEPTH: u8 = 6;

/// A piece of a text that stands by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    Paragraph(Vec<Inline>),
    Heading(Vec<Inline>),
    Quote(Vec<Inline>),
    /// Items with how deep they are indented.
    List {
        ordered: bool,
        start: u32,
        items: Vec<(u8, Vec<Inline>)>,
    },
    Code(String),
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    Text(String),
    Break,
    Code(String),
    Strong(Vec<Inline>),
    Emphasis(Vec<Inline>),
    Struck(Vec<Inline>),
    Link {
        to: String,
        inner: Vec<Inline>,
    },
    /// A task by its number, `#12`.
    Task(u32),
}

/// Reads a whole text.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut paragraph = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let bare = line.trim_start();
        if let Some(fence) = fence(bare) {
            flush(&mut blocks, &mut paragraph);
            let mut code: Vec<&str> = Vec::new();
            // A fence that is not closed yet, as while an answer streams in, runs to the end.
            for line in lines.by_ref().take_while(|l| !l.trim().starts_with(fence)) {
                code.push(line);
            }
            blocks.push(Block::Code(code.join("\n")));
        } else if bare.is_empty() {
            flush(&mut blocks, &mut paragraph);
        } else if let Some(title) = heading(bare) {
            flush(&mut blocks, &mut paragraph);
            blocks.push(Block::Heading(inlines(title)));
        } else if let Some(quote) = bare.strip_prefix('>') {
            flush(&mut blocks, &mut paragraph);
            let mut quoted = quote.trim().to_owned();
            while let Some(more) = lines.peek().and_then(|l| l.trim_start().strip_prefix('>')) {
                quoted.push('\n');
                quoted.push_str(more.trim());
                lines.next();
            }
            blocks.push(Block::Quote(inlines(&quoted)));
        } else if let Some((number, first)) = item(bare) {
            flush(&mut blocks, &mut paragraph);
            let mut items = vec![(depth(line), first.to_owned())];
            while let Some(next) = lines.peek() {
                let bare = next.trim_start();
                if let Some((_, text)) = item(bare) {
                    items.push((depth(next), text.to_owned()));
                } else if !bare.is_empty() && next.starts_with("  ") && fence(bare).is_none() {
                    // Goes on with the item above.
                    if let Some((_, text)) = items.last_mut() {
                        text.push('\n');
                        text.push_str(bare);
                    }
                } else {
                    break;
                }
                lines.next();
            }
            blocks.push(Block::List {
                ordered: number.is_some(),
                start: number.unwrap_or(1),
                items: items.into_iter().map(|(depth, text)| (depth, inlines(&text))).collect(),
            });
        } else {
            if !paragraph.is_empty() {
                paragraph.push('\n');
            }
            paragraph.push_str(line.trim());
        }
    }
    flush(&mut blocks, &mut paragraph);
    blocks
}

fn flush(blocks: &mut Vec<Block>, paragraph: &mut String) {
    if !paragraph.is_empty() {
        blocks.push(Block::Paragraph(inlines(paragraph)));
        paragraph.clear();
    }
}

fn fence(line: &str) -> Option<&'static str> {
    ["```", "~~~"].into_iter().find(|f| line.starts_with(f))
}

fn heading(line: &str) -> Option<&str> {
    let title = line.trim_start_matches('#');
    let level = line.len() - title.len();
    ((1..=6).contains(&level) && title.starts_with(' ')).then(|| title.trim())
}

fn item(line: &str) -> Option<(Option<u32>, &str)> {
    if let Some(text) = ["- ", "* ", "+ ", "• "].into_iter().find_map(|m| line.strip_prefix(m)) {
        return Some((None, text.trim()));
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let text = line.get(digits..)?.strip_prefix(". ").or_else(|| line.get(digits..)?.strip_prefix(") "))?;
    let number = line.get(..digits)?.parse().ok()?;
    Some((Some(number), text.trim()))
}

/// Two blanks of indentation are one level.
fn depth(line: &str) -> u8 {
    let blanks = line.len() - line.trim_start().len();
    u8::try_from(blanks / 2).unwrap_or(3).min(3)
}

/// Reads what stands inside a block.
pub fn inlines(text: &str) -> Vec<Inline> {
    read(text, DEPTH)
}

fn read(text: &str, depth: u8) -> Vec<Inline> {
    let mut out = Vec::new();
    let mut plain = String::new();
    let mut at = 0;
    let mut before = ' ';
    // A mark without a partner has none for later openers either; remembering that keeps the time linear.
    let mut hopeless: Vec<&str> = Vec::new();
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        if let Some((inline, used)) = special(rest, before, depth, &mut hopeless) {
            if !plain.is_empty() {
                out.push(Inline::Text(std::mem::take(&mut plain)));
            }
            out.push(inline);
            before = rest[..used].chars().next_back().unwrap_or(' ');
            at += used;
            continue;
        }
        let escaped = rest.strip_prefix('\\').and_then(|r| r.chars().next()).filter(char::is_ascii_punctuation);
        if let Some(literal) = escaped {
            plain.push(literal);
            before = literal;
            at += 1 + literal.len_utf8();
        } else {
            plain.push(c);
            before = c;
            at += c.len_utf8();
        }
    }
    if !plain.is_empty() {
        out.push(Inline::Text(plain));
    }
    out
}

/// What begins at the start of `rest`, and how many bytes it takes.
fn special(rest: &str, before: char, depth: u8, hopeless: &mut Vec<&'static str>) -> Option<(Inline, usize)> {
    match rest.as_bytes().first()? {
        b'\n' => Some((Inline::Break, 1)),
        b'`' => {
            let inner = enclosed(rest, "`", hopeless)?;
            Some((Inline::Code(inner.trim().to_owned()), inner.len() + 2))
        }
        b'*' | b'_' | b'~' if depth > 0 => {
            let (mark, wrap): (&'static str, fn(Vec<Inline>) -> Inline) = if rest.starts_with("**") {
                ("**", Inline::Strong)
            } else if rest.starts_with("__") {
                ("__", Inline::Strong)
            } else if rest.starts_with("~~") {
                ("~~", Inline::Struck)
            } else if rest.starts_with('*') {
                ("*", Inline::Emphasis)
            } else if rest.starts_with('_') {
                ("_", Inline::Emphasis)
            } else {
                return None;
            };
            // "snake_case" and "2 * 3" are words.
            if mark.starts_with('_') && before.is_alphanumeric() {
                return None;
            }
            let inner = enclosed(rest, mark, hopeless)?;
            if inner.starts_with(char::is_whitespace) || inner.ends_with(char::is_whitespace) {
                return None;
            }
            Some((wrap(read(inner, depth - 1)), inner.len() + 2 * mark.len()))
        }
        b'[' if depth > 0 => {
            let middle = rest.find("](").filter(|m| *m < 500)?;
            let after = &rest[middle + 2..];
            let to = &after[..after.find(')').filter(|e| *e < 2_000)?];
            let inner = read(&rest[1..middle], 0);
            let to_len = to.len();
            let to = safe(to.trim())?;
            Some((Inline::Link { to, inner }, middle + 3 + to_len))
        }
        b'#' if depth > 0 && !before.is_alphanumeric() => {
            let digits = rest[1..].bytes().take_while(u8::is_ascii_digit).count();
            let ends = rest[1 + digits..].chars().next().is_none_or(|c| !c.is_alphanumeric() && c != '_');
            let number = rest[1..=digits].parse().ok().filter(|n| *n > 0 && ends)?;
            Some((Inline::Task(number), 1 + digits))
        }
        b'h' if depth > 0 && !before.is_alphanumeric() => {
            let end =
                rest.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | ')')).unwrap_or(rest.len());
            let to = rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '_']);
            let link = Inline::Link { to: safe(to)?, inner: vec![Inline::Text(to.to_owned())] };
            Some((link, to.len()))
        }
        _ => None,
    }
}

/// What stands between a mark and its next occurrence.
fn enclosed<'a>(rest: &'a str, mark: &'static str, hopeless: &mut Vec<&'static str>) -> Option<&'a str> {
    if hopeless.contains(&mark) {
        return None;
    }
    let inner = &rest[mark.len()..];
    let Some(end) = inner.find(mark) else {
        hopeless.push(mark);
        return None;
    };
    (end > 0).then(|| &inner[..end])
}

/// An address that may be followed from a chat.
fn safe(to: &str) -> Option<String> {
    let scheme = to.get(..8).unwrap_or(to).to_ascii_lowercase();
    let web = scheme.starts_with("https://") || scheme.starts_with("http://");
    (web && to.len() > 8 && !to.contains(char::is_whitespace)).then(|| to.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(t: &str) -> Inline {
        Inline::Text(t.into())
    }

    #[test]
    fn emphasis_and_code() {
        assert_eq!(
            inlines("a **b** *c* `d*` _e_ ~~f~~"),
            vec![
                text("a "),
                Inline::Strong(vec![text("b")]),
                text(" "),
                Inline::Emphasis(vec![text("c")]),
                text(" "),
                Inline::Code("d*".into()),
                text(" "),
                Inline::Emphasis(vec![text("e")]),
                text(" "),
                Inline::Struck(vec![text("f")]),
            ]
        );
        for plain in ["snake_case_name", "2 * 3 * 4", "**open", "a ` b", "<b>x</b>"] {
            assert_eq!(inlines(plain), vec![text(plain)], "{plain}");
        }
        assert_eq!(inlines("\\*not\\*"), vec![text("*not*")]);
    }

    #[test]
    fn links_go_to_the_web_only() {
        let link = |to: &str, t: &str| Inline::Link { to: to.into(), inner: vec![text(t)] };
        assert_eq!(inlines("[a](https://b.example/c)"), vec![link("https://b.example/c", "a")]);
        assert_eq!(
            inlines("see https://b.example."),
            vec![text("see "), link("https://b.example", "https://b.example"), text(".")]
        );
        for bad in ["[a](javascript:alert(1))", "[a](data:text/html,x)", "[a](/task/1)"] {
            assert!(inlines(bad).iter().all(|i| matches!(i, Inline::Text(_))), "{bad}");
        }
    }

    #[test]
    fn tasks_are_named_by_number() {
        assert_eq!(
            inlines("did #12, **#3**"),
            [text("did "), Inline::Task(12), text(", "), Inline::Strong(vec![Inline::Task(3)]),]
        );
        for plain in ["a#1", "#1st", "#0", "#", "#99999999999"] {
            assert_eq!(inlines(plain), vec![text(plain)], "{plain}");
        }
        // No link within a link.
        let link = Inline::Link { to: "https://b.example".into(), inner: vec![text("#1 https://c.example")] };
        assert_eq!(inlines("[#1 https://c.example](https://b.example)"), vec![link]);
    }

    #[test]
    fn blocks_of_all_kinds() {
        let read = blocks(
            "# Plan\n\nFirst\nsecond\n\n1. one\n2. two\n   more\n\n- a\n  - b\n\n> said\n\n```rust\nlet x;\n\n```\nend",
        );
        assert_eq!(
            read,
            vec![
                Block::Heading(vec![text("Plan")]),
                Block::Paragraph(vec![text("First"), Inline::Break, text("second")]),
                Block::List {
                    ordered: true,
                    start: 1,
                    items: vec![(0, vec![text("one")]), (0, vec![text("two"), Inline::Break, text("more")])]
                },
                Block::List { ordered: false, start: 1, items: vec![(0, vec![text("a")]), (1, vec![text("b")])] },
                Block::Quote(vec![text("said")]),
                Block::Code("let x;\n".into()),
                Block::Paragraph(vec![text("end")]),
            ]
        );
    }

    #[test]
    fn any_text_is_read_quickly() {
        for evil in
            ["*".repeat(20_000), "[".repeat(20_000), "**a ".repeat(5_000), "`".repeat(20_001), "[](".repeat(7_000)]
        {
            let _ = blocks(&evil);
        }
    }
}
