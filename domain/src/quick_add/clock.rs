//! Times of day: `5pm`, `17:00`, `at 9`, noon, parts of the day, and the zone behind them.

use super::{
    lexicon::{self, DayPart, Unit},
    reader::Scan,
};
use jiff::civil::Time;

/// A time as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    hour: i8,
    minute: i8,
    second: i8,
    /// Written without am or pm and without a leading zero, so that a part of the day or "at" may move it by 12 hours.
    loose: bool,
    after_at: bool,
    midnight: bool,
}

/// A time of day, and whether it belongs to the night after the named day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TimeOfDay {
    pub time: Time,
    pub next_day: bool,
}

impl Clock {
    fn new(hour: i32, minute: i32, second: i32) -> Option<Self> {
        let fits = (0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second);
        let small = |n: i32| i8::try_from(n).ok();
        Some(Self {
            hour: small(hour).filter(|_| fits)?,
            minute: small(minute)?,
            second: small(second)?,
            loose: false,
            after_at: false,
            midnight: false,
        })
    }

    fn loose(self) -> Self {
        Self { loose: (1..=12).contains(&self.hour), ..self }
    }

    pub fn is_midnight(self) -> bool {
        self.midnight
    }

    /// The time as it stands there.
    pub fn as_written(self) -> Option<Time> {
        Time::new(self.hour, self.minute, self.second, 0).ok()
    }

    /// The time that is meant, beside a part of the day if one was said. `tonight` is when the day ends in a night.
    pub fn resolve(self, part: Option<DayPart>) -> Option<TimeOfDay> {
        let mut hour = self.hour;
        let mut next_day = self.midnight && part == Some(DayPart::Night);
        if self.loose {
            match part {
                Some(DayPart::Morning) if hour == 12 => hour = 0,
                Some(DayPart::Morning) => {}
                Some(DayPart::Afternoon | DayPart::Evening) if hour < 12 => hour += 12,
                Some(DayPart::Night) if (5..12).contains(&hour) => hour += 12,
                Some(DayPart::Night) if hour == 12 => {
                    hour = 0;
                    next_day = true;
                }
                Some(DayPart::Night) => next_day = true,
                None if self.after_at && (1..=7).contains(&hour) => hour += 12,
                Some(_) | None => {}
            }
        }
        let time = Time::new(hour, self.minute, self.second, 0).ok()?;
        Some(TimeOfDay { time, next_day })
    }
}

/// How sure it is that a time was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sure {
    /// `5pm`, `17:00`.
    Yes,
    /// `noon`: counts beside a date, behind "at" and at an end.
    Word,
    /// `at 5`: counts unless a thing follows that could be counted.
    Number,
    /// `at five`: counts beside a date and at an end.
    End,
}

/// Reads a time at `k`. `after_at` allows a bare hour.
pub(super) fn clock(s: Scan<'_, '_, '_>, k: usize, after_at: bool) -> Option<(usize, Clock, Sure)> {
    let word = s.word(k)?;
    match word {
        "noon" | "midday" => return Some((k + 1, Clock::new(12, 0, 0)?, Sure::Word)),
        "midnight" => {
            return Some((k + 1, Clock { midnight: true, ..Clock::new(0, 0, 0)? }, Sure::Word));
        }
        "half" | "quarter" => return spoken(s, k, word),
        _ => {}
    }
    if word == "12" && matches!(s.word(k + 1), Some("noon" | "midday" | "midnight")) {
        return clock(s, k + 1, after_at);
    }
    if let Some(rest) = word.strip_prefix('@') {
        return Some((k + 1, Clock { after_at: true, ..written(rest)? }, Sure::Yes));
    }
    let next = s.word(k + 1);
    if let Some(pm) = next.and_then(meridiem) {
        let (h, m, sec) = parts(word, true).or_else(|| Some((lexicon::number_word(word)?, 0, 0)))?;
        return Some((k + 2, twelve_hours(h, m, sec, pm)?, Sure::Yes));
    }
    if matches!(next, Some("o'clock" | "o’clock" | "oclock")) {
        let hour = lexicon::digits(word).or_else(|| lexicon::number_word(word)).filter(|h| (1..=12).contains(h))?;
        return Some((k + 2, Clock { after_at: true, ..Clock::new(hour, 0, 0)?.loose() }, Sure::Yes));
    }
    if let Some(clock) = written(word) {
        // "John 3:16", "1:30 minutes"
        let verse = s.before_item(k).is_some_and(lexicon::is_book) && !after_at;
        let length =
            s.word(k + 1).and_then(lexicon::unit).is_some_and(|(unit, _)| matches!(unit, Unit::Minute | Unit::Hour));
        return (!verse && !length).then_some((k + 1, Clock { after_at, ..clock }, Sure::Yes));
    }
    if !after_at {
        return None;
    }
    if let Some(hour) = word.strip_suffix('h').and_then(lexicon::digits) {
        return Some((k + 1, Clock::new(hour, 0, 0)?, Sure::Yes));
    }
    // "at 9 to 5"
    if next.is_some_and(is_dash) && s.word(k + 2).and_then(lexicon::digits).is_some() {
        return None;
    }
    if let Some(hour) = lexicon::digits(word).filter(|_| word.len() <= 2) {
        let clock = Clock::new(hour, 0, 0)?;
        let clock = if word.starts_with('0') { clock } else { clock.loose() };
        return Some((k + 1, Clock { after_at, ..clock }, Sure::Number));
    }
    let hour = lexicon::number_word(word)?;
    Some((k + 1, Clock { after_at, ..Clock::new(hour, 0, 0)?.loose() }, Sure::End))
}

/// "3pm - 5pm", "3pm to 5pm", "3pm and 5pm" behind "between": the item after it.
pub(super) fn range(s: Scan<'_, '_, '_>, k: usize) -> Option<usize> {
    let (next, ..) = clock(s, k, false)?;
    let word = s.word(next)?;
    let between = word == "and" && s.before_item(k) == Some("between");
    (between || is_dash(word)).then_some(())?;
    clock(s, next + 1, false).filter(|(_, _, sure)| *sure == Sure::Yes).map(|(next, ..)| next)
}

/// Whether the word stands between the two ends of a stretch of time.
pub(super) fn is_dash(word: &str) -> bool {
    matches!(word, "-" | "–" | "—" | "to" | "until" | "till" | "through" | "thru")
}

/// A time that is a single word and needs nothing around it.
pub(super) fn written(word: &str) -> Option<Clock> {
    for (ending, pm) in [("a.m", false), ("p.m", true), ("am", false), ("pm", true)] {
        if let Some(number) = word.strip_suffix(ending) {
            let (h, m, s) = parts(number, true)?;
            return twelve_hours(h, m, s, pm);
        }
    }
    if let Some((hour, minute)) = word.split_once('h') {
        let two = minute.len() == 2;
        return Clock::new(lexicon::digits(hour)?, lexicon::digits(minute).filter(|_| two)?, 0);
    }
    word.contains(':').then_some(())?;
    let (h, m, s) = parts(word, false)?;
    let clock = Clock::new(h, m, s)?;
    Some(if word.starts_with('0') { clock } else { clock.loose() })
}

fn meridiem(word: &str) -> Option<bool> {
    match word {
        "am" | "a.m" => Some(false),
        "pm" | "p.m" => Some(true),
        _ => None,
    }
}

/// `5`, `5:30`, `5:30:15`; `5.30` when a dot is allowed.
fn parts(text: &str, dot: bool) -> Option<(i32, i32, i32)> {
    let mut pieces = text.split(|c| c == ':' || (dot && c == '.'));
    let hour = pieces.next().filter(|h| h.len() <= 2)?;
    let two = |piece: Option<&str>| match piece {
        None => Some(0),
        Some(p) if p.len() == 2 => lexicon::digits(p),
        Some(_) => None,
    };
    let (minute, second) = (two(pieces.next())?, two(pieces.next())?);
    pieces.next().is_none().then_some(())?;
    Some((lexicon::digits(hour)?, minute, second))
}

fn twelve_hours(hour: i32, minute: i32, second: i32, pm: bool) -> Option<Clock> {
    (1..=12).contains(&hour).then_some(())?;
    Clock::new(hour % 12 + if pm { 12 } else { 0 }, minute, second)
}

/// "half past five", "quarter to 6".
fn spoken(s: Scan<'_, '_, '_>, k: usize, word: &str) -> Option<(usize, Clock, Sure)> {
    let hour = s.word(k + 2)?;
    let hour = lexicon::digits(hour).or_else(|| lexicon::number_word(hour)).filter(|h| (1..=12).contains(h))?;
    let (hour, minute) = match (word, s.word(k + 1)?) {
        ("half", "past") => (hour, 30),
        ("quarter", "past") => (hour, 15),
        ("quarter", "to") => ((hour + 10) % 12 + 1, 45),
        _ => return None,
    };
    let clock = Clock { after_at: true, ..Clock::new(hour, minute, 0)?.loose() };
    // "half past five pm"
    match s.word(k + 3).and_then(meridiem) {
        Some(pm) => Some((k + 4, twelve_hours(hour, minute, 0, pm)?, Sure::Yes)),
        None => Some((k + 3, clock, Sure::Yes)),
    }
}

/// A part of the day at `k`: "in the morning", "at night", or the bare word when `beside` a date or a time.
pub(super) fn day_part(s: Scan<'_, '_, '_>, k: usize, beside: bool) -> Option<(usize, DayPart)> {
    let (at, full) = match s.word(k)? {
        "in" if s.word(k + 1) == Some("the") => (k + 2, true),
        "at" if s.word(k + 1) == Some("night") => (k + 1, true),
        _ => (k, false),
    };
    let part = lexicon::day_part(s.word(at)?)?;
    (full || beside).then_some((at + 1, part))
}

/// A zone's name at `k`, as people write it behind a time.
pub(super) fn zone(s: Scan<'_, '_, '_>, k: usize) -> Option<(usize, String)> {
    let item = s.item(k)?;
    let known = s.context().is_zone;
    let bracketed = matches!((item.lead, item.trail.chars().next()), ("[", Some(']')) | ("(", Some(')')));
    if bracketed && item.escape.is_none() && s.joined(k) {
        let name = canonical_zone(item.text);
        return known(&name).then_some((k + 1, name));
    }
    s.word(k)?;
    let name = canonical_zone(item.text);
    // Countries are zones too ("5pm Turkey dinner"), so a bare word must look like one.
    let looks = name.contains('/')
        || ["UTC", "GMT"].contains(&name.as_str())
        || (item.text.len() >= 3 && item.text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()));
    (looks && crate::date::is_zone_shaped(&name) && known(&name)).then_some((k + 1, name))
}

/// Zones are stored under their own name, however they were typed.
fn canonical_zone(typed: &str) -> String {
    if typed.eq_ignore_ascii_case("utc") || typed.eq_ignore_ascii_case("gmt") {
        return typed.to_ascii_uppercase();
    }
    if !typed.contains('/') || typed.bytes().any(|b| b.is_ascii_uppercase()) {
        return typed.to_owned();
    }
    let mut start = true;
    typed
        .chars()
        .map(|c| {
            let c = if start { c.to_ascii_uppercase() } else { c };
            start = matches!(c, '/' | '_' | '-');
            c
        })
        .collect()
}
