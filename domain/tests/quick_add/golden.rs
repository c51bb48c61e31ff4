//! `cases.txt`, case by case.

use crate::{check_chips, context, told, told_chips};
use domain::quick_add::parse;
use std::fmt::Write as _;

/// The expected draft with its fields in the order of [`told`], and the chips if the case lists them.
fn expected(text: &str) -> (String, Option<String>) {
    const ORDER: [&str; 13] = [
        "due", "start", "deadline", "repeat", "from", "except", "priority", "project", "label", "note", "done",
        "parent", "chips",
    ];
    let mut pieces = text.split(" | ");
    let title = pieces.next().unwrap_or("").trim();
    let mut fields: Vec<&str> = pieces.map(str::trim).collect();
    fields.sort_by_key(|f| {
        let name = f.split(' ').next().unwrap_or("");
        ORDER.iter().position(|o| *o == name).unwrap_or_else(|| panic!("unknown field {f}"))
    });
    let chips = fields.last().and_then(|f| f.strip_prefix("chips ")).map(str::to_owned);
    if chips.is_some() {
        fields.pop();
    }
    let mut out = title.to_owned();
    for field in fields {
        out.push_str(" | ");
        out.push_str(field);
    }
    (out, chips)
}

#[test]
fn golden() {
    let file = include_str!("cases.txt");
    let mut now = String::new();
    let (mut locale, mut sunday) = (String::new(), false);
    let (mut cases, mut wrong) = (0, String::new());
    for (number, line) in (1..).zip(file.lines()) {
        let Some((typed, expects)) = line.split_once("=> ").filter(|_| !line.starts_with("# ")) else {
            if let Some(clock) = line.strip_prefix("@ ") {
                let mut words = clock.split_whitespace();
                now = words.next().expect("a clock").to_owned();
                locale = words.next().expect("a locale").to_owned();
                sunday = words.next() == Some("sunday");
            } else {
                assert!(line.is_empty() || line.starts_with('#'), "line {number}: {line}");
            }
            continue;
        };
        cases += 1;
        let typed = typed.strip_suffix(' ').unwrap_or(typed).replace('⏎', "\n").replace('⇥', "\t");
        let context = context(now.parse().expect("a clock"), &locale, sunday);
        let got = parse(&typed, &context);
        let (want, want_chips) = match expects.strip_prefix("! ") {
            Some(refusal) => (refusal.to_owned(), None),
            None => {
                let all: Vec<_> = expects.split(" ⏎ ").map(expected).collect();
                let chips = all.iter().find_map(|(_, chips)| chips.clone());
                (all.into_iter().map(|(draft, _)| draft).collect::<Vec<_>>().join(" ⏎ "), chips)
            }
        };
        let (told, chips) = match &got {
            Ok(parsed) => {
                check_chips(&typed, parsed);
                (parsed.drafts.iter().map(told).collect::<Vec<_>>().join(" ⏎ "), told_chips(&parsed.chips))
            }
            Err(bad) => (format!("{} {}", bad.line, bad.code), String::new()),
        };
        if told != want {
            write!(wrong, "\nline {number}: {typed:?}\n   want {want}\n   got  {told}   {chips}").expect("a string");
        } else if want_chips.as_ref().is_some_and(|want| *want != chips) {
            write!(wrong, "\nline {number}: {typed:?}\n   want {want_chips:?}\n   got  {chips}").expect("a string");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(cases >= 300, "only {cases} cases");
}
