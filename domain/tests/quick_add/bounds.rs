//! Limits of size, and work in proportion to it.

use crate::wednesday;
use domain::{quick_add::parse, task::BULK_MAX};

#[test]
fn many_lines_are_quick_and_bounded() {
    let line = "- gym every mon, wed and fri at 9 until dec 31 with Bob #Home @fit p1 //note 27th of may\n";
    let parsed = parse(&line.repeat(BULK_MAX), &wednesday()).expect("tasks");
    assert_eq!(parsed.drafts.len(), BULK_MAX);
    let bad = parse(&line.repeat(BULK_MAX + 1), &wednesday()).expect_err("too many");
    assert_eq!((bad.line, bad.code), (BULK_MAX + 1, "too_many"));
    // A long line costs what its length costs, and no depth of recursion.
    for piece in [
        "every mon and tue ",
        "mondays ",
        "the 1st and ",
        "1 day after ",
        "except sat, ",
        "\"a ",
        "{ ",
        "(",
        "#a ",
        "3pm to ",
        "in a day from ",
        "eod ",
        "\\tomorrow ",
    ] {
        let long = piece.repeat(20_000 / piece.len());
        let bad = parse(&long, &wednesday()).expect_err(piece);
        assert_eq!(bad.line, 1, "{piece}");
    }
}

#[test]
fn titles_have_a_limit_after_the_markers_are_gone() {
    let title = "é".repeat(500);
    assert!(parse(&format!("{title} tomorrow p1"), &wednesday()).is_ok());
    let bad = parse(&format!("fine\n{title}é"), &wednesday()).expect_err("too long");
    assert_eq!((bad.line, bad.code), (2, "too_long"));
    let bad = parse("a\u{0}b", &wednesday()).expect_err("a control character");
    assert_eq!((bad.line, bad.code), (1, "control_character"));
}
