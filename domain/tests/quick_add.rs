//! The quick-add grammar: golden cases, and what must hold for any text.

use domain::{
    quick_add::{Chip, Context, Draft, Elapsed, Parsed, chips, parse},
    task::BULK_MAX,
};
use jiff::civil::DateTime;
use proptest::prelude::*;
use std::fmt::Write as _;

fn is_zone(name: &str) -> bool {
    jiff::tz::TimeZone::get(name).is_ok()
}

fn context<'a>(now: DateTime, locale: &'a str, week_starts_sunday: bool) -> Context<'a> {
    Context { now, locale, week_starts_sunday, is_zone, elapsed: None }
}

fn wednesday() -> Context<'static> {
    context("2026-11-18T10:00".parse().expect("a time"), "en-US", false)
}

/// A draft in the golden file's words.
fn told(draft: &Draft) -> String {
    let mut out = draft.title.to_string();
    let mut field = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            write!(out, " | {name} {value}").expect("a string");
        }
    };
    field("due", draft.due.as_ref().map(ToString::to_string));
    field("start", draft.start.as_ref().map(ToString::to_string));
    field("deadline", draft.deadline.as_ref().map(ToString::to_string));
    if let Some(repeat) = &draft.repeat {
        field("repeat", Some(repeat.rule.to_string()));
        if repeat.from == domain::repeat::RepeatFrom::Completion {
            field("from", Some("completion".into()));
        }
        for day in &repeat.except {
            field("except", Some(day.to_string()));
        }
    }
    field("priority", draft.priority.map(|p| p.to_string()));
    field("project", draft.project.as_ref().map(ToString::to_string));
    for label in &draft.labels {
        field("label", Some(label.to_string()));
    }
    field("note", draft.description.clone());
    if draft.completed {
        out.push_str(" | done");
    }
    if let Some(parent) = draft.parent {
        write!(out, " | parent {parent}").expect("a string");
    }
    out
}

fn told_chips(chips: &[Chip]) -> String {
    chips.iter().map(|c| format!("[{}:{}]", c.kind, c.text)).collect()
}

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
    let file = include_str!("quick_add/cases.txt");
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

/// What holds for every answer: chips are in order, apart from each other, and say what stands there.
fn check_chips(text: &str, parsed: &Parsed) {
    let mut end = 0;
    for chip in &parsed.chips {
        let (from, to) = (chip.start as usize, chip.end as usize);
        assert!(end <= from && from < to, "{text:?}: {chip:?}");
        assert_eq!(text.get(from..to), Some(chip.text.as_str()), "{text:?}");
        end = to;
    }
    for (i, draft) in parsed.drafts.iter().enumerate() {
        assert!(draft.parent.is_none_or(|p| p < i), "{text:?}");
        let title = draft.title.as_str();
        assert!(!title.is_empty() && title.trim() == title, "{text:?}: {title:?}");
    }
}

/// A person in New York.
#[derive(Debug)]
struct NewYork;

impl NewYork {
    fn zone() -> jiff::tz::TimeZone {
        jiff::tz::TimeZone::get("America/New_York").expect("a zone")
    }

    fn at(now: DateTime) -> jiff::Zoned {
        Self::zone().to_zoned(now).expect("a moment")
    }
}

impl Elapsed for NewYork {
    fn after(&self, now: DateTime, seconds: i64) -> DateTime {
        (Self::at(now).timestamp() + jiff::SignedDuration::from_secs(seconds)).to_zoned(Self::zone()).datetime()
    }

    fn now_in(&self, now: DateTime, zone: &str) -> Option<DateTime> {
        Some(Self::at(now).in_tz(zone).ok()?.datetime())
    }
}

#[test]
fn the_clock_of_the_zone_counts() {
    let due = |now: &str, text: &str| {
        let elapsed = NewYork;
        let context = Context { elapsed: Some(&elapsed), ..context(now.parse().expect("a time"), "en-US", false) };
        parse(text, &context).expect("a task").drafts[0].due.as_ref().expect("a date").to_string()
    };
    // Clocks go from 02:00 to 03:00 on 8 March 2026, and back on 1 November.
    assert_eq!(due("2026-03-08T01:30", "call in 2 hours"), "2026-03-08T04:30");
    assert_eq!(due("2026-10-31T23:00", "call in 4 hours"), "2026-11-01T02:00");
    assert_eq!(due("2026-03-07T23:00", "call in 1 day"), "2026-03-08");
    // At 01:00 in New York it is 07:00 in Paris.
    assert_eq!(due("2026-11-18T01:00", "call 5am Europe/Paris"), "2026-11-19T05:00[Europe/Paris]");
    assert_eq!(due("2026-11-18T01:00", "call 8am Europe/Paris"), "2026-11-18T08:00[Europe/Paris]");
    assert_eq!(due("2026-11-17T20:00", "call every day 1am Europe/Paris"), "2026-11-19T01:00[Europe/Paris]");
}

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
