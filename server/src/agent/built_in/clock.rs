//! Times of day as people say them, in the words of the grammar of dates: "quarter to seven in the evening" is "18:45".
//! The lexicon has put a language's own words into these before ("viertel vor sieben abends").

use super::{lexicon::List, scene::Scene};

/// An hour from 1 to 7 without a part of the day is in the afternoon, as everywhere in the program.
const AFTERNOON_UNTIL: i64 = 7;

/// Puts the times of day in a row of words into figures.
pub fn read(words: &[String], scene: &Scene) -> Vec<String> {
    let cardinals = scene.language.list(List::CARDINALS);
    let hour = |word: &str| match cardinals.place(word) {
        Some(n) => i64::try_from(n + 1).ok(),
        None => word.parse().ok(),
    };
    let hour = |word: Option<&String>| word.and_then(|w| hour(w)).filter(|h| (1..=12).contains(h));
    let mut out: Vec<String> = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        let word = |n: usize| words.get(at + n).map_or("", String::as_str);
        let shift = match (word(0), word(1)) {
            ("quarter", "to" | "before") => Some(-15),
            ("quarter", "past" | "after") => Some(15),
            ("half", "past") => Some(30),
            ("half", "to") => Some(-30),
            _ => None,
        };
        let figure = |n: usize, most: i64| word(n).parse::<i64>().ok().filter(|v| (0..=most).contains(v));
        if let (Some(h), "oclock") = (figure(0, 24), word(1)) {
            // "15 Uhr 30"
            let (minutes, mut taken) = figure(2, 59).map_or((0, 2), |m| (m, 3));
            let mut h = h;
            if let Some((late, more, _)) = part(&words[at + taken..]) {
                h = if late && h < 12 { h + 12 } else { h };
                taken += more;
            } else if h > 0 && h <= AFTERNOON_UNTIL {
                h += 12;
            }
            if !matches!(out.last().map(String::as_str), Some("at") | None) {
                out.push("at".into());
            }
            out.push(format!("{:02}:{minutes:02}", h % 24));
            at += taken;
            continue;
        }
        let found = match (shift, hour(words.get(at + 2)), hour(words.get(at))) {
            (Some(shift), Some(h), _) => Some((h, shift, 3)),
            // "eight tonight", "seven in the evening"; a number alone is no time.
            (None, _, Some(h)) if part(&words[at + 1..]).is_some() => Some((h, 0, 1)),
            _ => None,
        };
        let Some((h, shift, taken)) = found else {
            out.push(words[at].clone());
            at += 1;
            continue;
        };
        let (late, more, day) = match part(&words[at + taken..]) {
            Some((late, more, day)) => (late, more, day),
            None => (h <= AFTERNOON_UNTIL, 0, None),
        };
        let minutes = ((h % 12 + if late { 12 } else { 0 }) * 60 + shift).rem_euclid(24 * 60);
        out.extend(day.map(str::to_owned));
        if !matches!(out.last().map(String::as_str), Some("at") | None) && day.is_none() {
            out.push("at".into());
        }
        out.push(format!("{:02}:{:02}", minutes / 60, minutes % 60));
        at += taken + more;
    }
    out
}

/// A part of the day at the front: whether it is after noon, how many words it has, and the day it names.
fn part(words: &[String]) -> Option<(bool, usize, Option<&'static str>)> {
    let word = |n: usize| words.get(n).map_or("", String::as_str);
    let (at, skipped) = match (word(0), word(1)) {
        ("in", "the") => (2, 2),
        ("in" | "at" | "oclock", _) => (1, 1),
        _ => (0, 0),
    };
    Some(match word(at) {
        "morning" => (false, skipped + 1, None),
        "afternoon" | "evening" | "night" => (true, skipped + 1, None),
        "tonight" => (true, skipped + 1, Some("today")),
        "today" if matches!(word(at + 1), "evening" | "afternoon" | "night") => (true, skipped + 2, Some("today")),
        _ => return None,
    })
}
