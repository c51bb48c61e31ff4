//! What must hold for any text.

use crate::{check_chips, context, wednesday};
use domain::quick_add::{chips, parse};
use proptest::prelude::*;

/// Pieces that mean something, to be thrown together.
const PIECES: &[&str] = &[
    "every",
    "every!",
    "other",
    "mon",
    "sat",
    "friday",
    "2",
    "27th",
    "weeks",
    "days",
    "at",
    "on",
    "5",
    "5pm",
    "17:00",
    "noon",
    "morning",
    "tomorrow",
    "next",
    "this",
    "last",
    "in",
    "the",
    "of",
    "month",
    "jan",
    "may",
    "2027",
    "27/1",
    "2026-11-21",
    "until",
    "starting",
    "start",
    "for",
    "x10",
    "except",
    "and",
    ",",
    "#Home",
    "@shop",
    "p1",
    "{fri}",
    "//note",
    "\"",
    "\\",
    "(",
    ")",
    "[x]",
    "- ",
    "\n",
    "\t",
    "UTC",
    "Europe/Paris",
    "RRULE:FREQ=DAILY",
    "daily",
    "no",
    "date",
    "due",
    "end",
    "mid",
    "3d",
    "+3d",
    "é",
    "🥛",
    "buy",
    "milk",
    "a",
    "day",
    "!",
    ".",
    ":",
    "9999",
    "99999",
];

fn mixture() -> impl Strategy<Value = String> {
    proptest::collection::vec((proptest::sample::select(PIECES), any::<bool>()), 0..14).prop_map(|pieces| {
        pieces.iter().map(|(piece, blank)| format!("{piece}{}", if *blank { " " } else { "" })).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        if let Ok(parsed) = parse(&text, &wednesday()) {
            check_chips(&text, &parsed);
        }
        chips(&text, &wednesday());
    }

    #[test]
    fn any_mixture_is_answered(text in mixture(), day in 0..2_958_000i64, minutes in 0..1440i64) {
        use jiff::ToSpan as _;
        let now = jiff::civil::date(1900, 1, 1).at(0, 0, 0, 0) + day.days() + minutes.minutes();
        let context = context(now, "en-GB", day % 2 == 0);
        let parsed = parse(&text, &context);
        prop_assert_eq!(&parsed, &parse(&text, &context));
        if let Ok(parsed) = parsed {
            check_chips(&text, &parsed);
            for draft in &parsed.drafts {
                if let Some(repeat) = &draft.repeat {
                    let due = draft.due.as_ref().expect("a repetition has a first date").date();
                    prop_assert!(repeat.rule.first(due, &repeat.except).is_some());
                }
            }
        }
    }

    #[test]
    fn a_backslash_dismisses_any_chip(text in mixture()) {
        for chip in chips(&text, &wednesday()).into_iter().filter(|c| c.kind != "done" && c.kind != "note") {
            let (at, end) = (chip.start as usize, chip.end as usize);
            let dismissed = format!("{}\\{}", &text[..at], &text[at..]);
            let left = chips(&dismissed, &wednesday());
            let still = left.iter().any(|c| (c.start as usize) < end + 1 && (c.end as usize) > at + 1);
            prop_assert!(!still, "{dismissed:?}: {left:?}");
        }
    }

    #[test]
    fn quotes_keep_everything_literal(text in mixture()) {
        let text = text.replace(['"', '\\', '\n', '\t'], "");
        let text = text.trim();
        prop_assume!(!text.is_empty());
        let parsed = parse(&format!("\"{text}\""), &wednesday()).expect("a task");
        prop_assert_eq!(parsed.drafts[0].title.as_str(), text);
        prop_assert_eq!(parsed.chips, vec![]);
    }

    #[test]
    fn words_without_a_meaning_are_the_title(words in proptest::collection::vec("[b-z][b-z]{1,7}q|[A-Z][a-z]{2,5}zz|é[a-z]{1,4}ü|🥛", 1..12)) {
        let text = words.join(" ");
        let parsed = parse(&text, &wednesday()).expect("a task");
        prop_assert_eq!(parsed.drafts[0].title.as_str(), text.as_str());
        prop_assert_eq!(parsed.chips, vec![]);
    }
}
