//! Phrases mean the same in every place, and can be dismissed in every place.

use crate::{told, wednesday};
use domain::quick_add::{Draft, chips, parse};

#[test]
fn a_backslash_dismisses_a_chip() {
    for text in [
        "call mum tomorrow at 5pm",
        "every! 2 weeks change filter",
        "buy milk #Home @shop p1 {friday}",
        "gym every mon, wed and fri at 9 until dec 31",
        "call (tomorrow) then",
        "essay start monday",
    ] {
        for chip in chips(text, &wednesday()) {
            let at = chip.start as usize;
            let dismissed = format!("{}\\{}", &text[..at], &text[at..]);
            let left = parse(&dismissed, &wednesday()).expect("a task");
            assert!(
                left.chips.iter().all(|c| c.start as usize > at + chip.text.len() || (c.end as usize) <= at),
                "{dismissed}: {left:?}"
            );
            assert!(!left.drafts[0].title.as_str().contains('\\'), "{dismissed}");
            assert!(left.drafts[0].title.as_str().contains(&chip.text), "{dismissed}: {}", left.drafts[0].title);
        }
    }
}

/// What a phrase makes of a task: everything but the title.
fn meaning(text: &str) -> (String, String) {
    let mut drafts = parse(text, &wednesday()).unwrap_or_else(|bad| panic!("{text}: {bad:?}")).drafts;
    let draft = drafts.remove(0);
    let bare = Draft { description: None, priority: None, labels: vec![], project: None, completed: false, ..draft };
    let told = told(&bare);
    let (title, rest) = told.split_once(" | ").unwrap_or((told.as_str(), ""));
    (title.to_owned(), rest.to_owned())
}

#[test]
fn a_phrase_means_the_same_wherever_it_stands() {
    for phrase in [
        "today",
        "tomorrow",
        "tonight",
        "on friday",
        "friday",
        "next friday",
        "this weekend",
        "next week",
        "in 3 days",
        "in 2 hours",
        "jan 27",
        "27 jan 2028",
        "january 27th, 2028",
        "the 27th of january",
        "2026-12-01",
        "12/25/2026",
        "mid january",
        "5pm",
        "17:00",
        "at 5pm",
        "tomorrow at 5pm",
        "5pm tomorrow",
        "sat 3pm",
        "tomorrow morning",
        "in the morning",
        "this evening",
        "fri at 5pm UTC",
        "5pm Europe/Paris",
        "by friday",
        "due friday",
        "a week from friday",
        "every day",
        "every mon, wed and fri at 9",
        "every other week",
        "every 27th at 9am",
        "every 3rd friday",
        "every last day",
        "every jan 27",
        "every morning",
        "every! 2 weeks",
        "every day until dec 31",
        "every day for 6 weeks",
        "every day x10",
        "every day except sat",
        "every 2 weeks on tue",
        "RRULE:FREQ=DAILY",
        "first monday of january",
        "start monday",
        "starting monday",
        "in 3 business days",
        "+3d",
        "end of january",
    ] {
        let (title, rest) = meaning(&format!("call mum {phrase}"));
        assert_eq!(title, "call mum", "{phrase}");
        assert!(!rest.is_empty(), "{phrase}");
        for (typed, left) in [
            (format!("{phrase} call mum"), "call mum"),
            (format!("{phrase}: call mum"), "call mum"),
            (format!("p1 {phrase} call mum @x"), "call mum"),
            (format!("call mum {phrase} p1 #Home"), "call mum"),
            (format!("call mum @x {phrase} //note"), "call mum"),
            (format!("call mum, {phrase}"), "call mum"),
            (format!("call mum {phrase}!"), "call mum!"),
            (format!("call mum {phrase}, please"), "call mum, please"),
            (format!("call mum {phrase} with Bob"), "call mum with Bob"),
            (format!("call mum - {phrase}"), "call mum"),
            (format!("call mum ({phrase})"), "call mum"),
            (format!("- [ ] call mum {phrase}"), "call mum"),
            (format!("call mum\u{a0}{phrase}\r"), "call mum"),
        ] {
            assert_eq!(meaning(&typed), (left.to_owned(), rest.clone()), "{typed:?}");
        }
    }
}

#[test]
fn a_doubtful_phrase_counts_at_an_end_only() {
    for phrase in
        ["27th", "12/25", "sat", "sun", "mon", "may", "march", "3 days", "end of month", "noon", "weekly", "january"]
    {
        let (title, rest) = meaning(&format!("call mum {phrase}"));
        assert!(title == "call mum" && !rest.is_empty(), "{phrase}: {title} {rest}");
        for typed in [
            format!("call mum {phrase} p1 #Home"),
            format!("call mum @x {phrase} //note"),
            format!("call mum ({phrase})"),
        ] {
            assert_eq!(meaning(&typed), ("call mum".to_owned(), rest.clone()), "{typed}");
        }
        let amid = format!("see {phrase} people again");
        assert_eq!(meaning(&amid), (amid.clone(), String::new()), "{amid}");
        let quoted = format!("see \"{phrase}\"");
        assert_eq!(meaning(&quoted), (format!("see {phrase}"), String::new()));
        let escaped = format!("see \\{phrase}");
        assert_eq!(meaning(&escaped), (format!("see {phrase}"), String::new()));
    }
}
