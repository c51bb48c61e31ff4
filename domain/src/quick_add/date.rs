//! Days as people write them in words: "tomorrow", "next friday", "end of month", "in 3 days".

use super::{
    calendar, length,
    lexicon::{self, DayPart, Unit},
    month_day,
    reader::Scan,
};
use jiff::civil::{Date, Time};

/// A day that was read, with what came along.
#[derive(Clone, Debug)]
pub(super) struct Day {
    pub next: usize,
    pub date: Date,
    pub need: Need,
    /// Only a weekday, which a date may follow: "fri 27 nov".
    pub weekday: bool,
    /// Said by its number, so that it may follow a weekday.
    pub calendar: bool,
    /// "tonight", "this morning".
    pub part: Option<DayPart>,
    /// From `2026-11-21T09:00` and "in 2 hours".
    pub time: Option<Time>,
    pub zone: Option<String>,
}

/// What a phrase needs around it to be a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Nothing,
    /// Short names, bare months, "end of month": an end, a time beside it, or a word such as "on" before it.
    Place,
    /// `27th` and `9/11`: an end, or a time beside it.
    Edge,
    /// `3 days`: an end, and nothing before it that makes it a length of time.
    Length,
}

impl Day {
    pub fn new(next: usize, date: Option<Date>, need: Need) -> Option<Self> {
        let date = date?;
        Some(Self { next, date, need, weekday: false, calendar: false, part: None, time: None, zone: None })
    }

    pub fn sure(next: usize, date: Option<Date>) -> Option<Self> {
        Self::new(next, date, Need::Nothing)
    }

    pub fn calendar(self) -> Self {
        Self { calendar: true, ..self }
    }
}

/// Reads a day at `k`.
pub(super) fn date(s: Scan<'_, '_, '_>, k: usize) -> Option<Day> {
    let word = s.word(k)?;
    let context = s.context();
    let today = calendar::today(context);
    if lexicon::is_today(word) {
        let need = if word == "tod" { Need::Place } else { Need::Nothing };
        return Day::new(k + 1, Some(today), need);
    }
    if lexicon::is_tomorrow(word) {
        // Tom is a person.
        let need = if word == "tom" { Need::Place } else { Need::Nothing };
        let person = word == "tom" && s.capital(k);
        return Day::new(k + 1, calendar::plus_days(today, 1), need).filter(|_| !person);
    }
    if lexicon::is_tonight(word) {
        return Some(Day { part: Some(DayPart::Night), ..Day::sure(k + 1, Some(today))? });
    }
    match word {
        "yesterday" => Day::sure(k + 1, calendar::plus_days(today, -1)),
        "later" => {
            let next = s.word(k + 1)?;
            (lexicon::is_today(next) || lexicon::is_tonight(next) || lexicon::is_tomorrow(next)).then_some(())?;
            date(s, k + 1)
        }
        "the" => the(s, k + 1),
        "day" => day_after_tomorrow(s, k),
        "week" if s.word(k + 1) == Some("after") && s.word(k + 2) == Some("next") => {
            Day::sure(k + 3, calendar::plus_days(calendar::next_week(context)?, 7))
        }
        "next" => next(s, k + 1),
        "this" | "coming" | "upcoming" => this(s, k + 1),
        "last" => last(s, k + 1),
        "end" | "eod" | "eow" | "eom" | "eoy" | "beginning" | "start" | "middle" | "mid" => edge(s, k, word),
        "in" | "within" => within(s, k + 1),
        _ if lexicon::day_part(word).is_some() => part_of(s, k),
        _ => weekday(s, k, word)
            .or_else(|| mid_month(s, k, word))
            .or_else(|| month_day::iso(s, k))
            .or_else(|| month_day::month_first(s, k, word))
            .or_else(|| month_day::nth_weekday(s, k, word))
            .or_else(|| month_day::day_first(s, k, word))
            .or_else(|| month_day::numeric(s, k, word))
            .or_else(|| length::from_day(s, k))
            .or_else(|| length::bare(s, k)),
    }
}

fn the(s: Scan<'_, '_, '_>, k: usize) -> Option<Day> {
    let word = s.word(k)?;
    match word {
        "day" => day_after_tomorrow(s, k),
        "end" | "beginning" | "middle" => edge(s, k, word),
        _ if lexicon::day_part(word).is_some() => part_of(s, k),
        "last" => last(s, k + 1).filter(|day| day.need == Need::Nothing),
        "weekend" => {
            let placed = matches!(s.before_item(k - 1), Some("on" | "at" | "over"));
            Day::new(k + 1, calendar::this_weekend(s.context()), Need::Place).filter(|_| placed)
        }
        _ => {
            lexicon::ordinal(word)?;
            month_day::nth_weekday(s, k, word).or_else(|| month_day::day_first(s, k, word))
        }
    }
}

/// "evening of dec 1"
fn part_of(s: Scan<'_, '_, '_>, k: usize) -> Option<Day> {
    let part = lexicon::day_part(s.word(k)?)?;
    let day = date(s, k + 2).filter(|day| s.word(k + 1) == Some("of") && day.part.is_none() && day.time.is_none())?;
    Some(Day { part: Some(part), ..day })
}

fn day_after_tomorrow(s: Scan<'_, '_, '_>, k: usize) -> Option<Day> {
    (s.word(k + 1)? == "after" && lexicon::is_tomorrow(s.word(k + 2)?)).then_some(())?;
    Day::sure(k + 3, calendar::plus_days(calendar::today(s.context()), 2))
}

fn weekday(s: Scan<'_, '_, '_>, k: usize, word: &str) -> Option<Day> {
    let weekday = lexicon::weekday(word)?;
    if s.before_item(k).is_some_and(lexicon::names_a_weekday) {
        return None;
    }
    // "last friday", "the next friday", where these words made no date.
    if k == s.begin && s.before().is_some_and(|word| matches!(word, "last" | "next" | "past" | "previous")) {
        return None;
    }
    // "friday nights" are many.
    if s.word(k + 1).and_then(lexicon::day_parts).is_some() {
        return None;
    }
    let context = s.context();
    if s.word(k + 1) == Some("after") && s.word(k + 2) == Some("next") {
        let after_next = calendar::plus_days(calendar::next_week(context)?, 7)?;
        return Day::sure(k + 3, calendar::weekday_in(after_next, weekday));
    }
    if s.word(k + 1) == Some("next") && s.word(k + 2) == Some("week") {
        return Day::sure(k + 3, calendar::weekday_in(calendar::next_week(context)?, weekday));
    }
    // "the tuesday group"
    let described = s.before_item(k).is_some_and(lexicon::is_determiner);
    let need = if described || lexicon::is_everyday_word(word) { Need::Place } else { Need::Nothing };
    let day = Day::new(k + 1, calendar::weekday_after(calendar::today(context), weekday), need)?;
    Some(Day { weekday: true, ..day })
}

fn next(s: Scan<'_, '_, '_>, k: usize) -> Option<Day> {
    let context = s.context();
    let today = calendar::today(context);
    let word = s.word(k)?;
    // "over the next week"
    if k > 0 && s.before_item(k - 1).is_some_and(lexicon::is_determiner) {
        return None;
    }
    if let Some(weekday) = lexicon::weekday(word) {
        return Day::sure(k + 1, calendar::weekday_in(calendar::next_week(context)?, weekday));
    }
    if let Some(month) = lexicon::month(word) {
        let first = calendar::first_of_month(context, month)?;
        // In January, next January is a year away.
        let first = if first == today { calendar::plus(first, 1, Unit::Year)? } else { first };
        return Day::sure(k + 1, Some(first));
    }
    match word {
        "week" => {
            let first = calendar::next_week(context)?;
            let at = if s.word(k + 1) == Some("on") { k + 2 } else { k + 1 };
            match s.word(at).and_then(lexicon::weekday) {
                Some(weekday) => Day::sure(at + 1, calendar::weekday_in(first, weekday)),
                None => Day::sure(k + 1, Some(first)),
            }
        }
        "weekend" => Day::sure(k + 1, calendar::next_weekend(context)),
        "month" => {
            let first = calendar::first_of_next_month(today)?;
            // "next month on the 5th"
            let on = (s.word(k + 1) == Some("on") && s.word(k + 2) == Some("the"))
                .then(|| s.word(k + 3).and_then(lexicon::ordinal_number))
                .flatten();
            match on.and_then(|day| Date::new(first.year(), first.month(), i8::try_from(day).ok()?).ok()) {
                Some(date) => Day::sure(k + 4, Some(date)),
                None => Day::sure(k + 1, Some(first)),
            }
        }
        "quarter" => {
            let months = 3 - (i32::from(today.month()) - 1) % 3;
            Day::sure(k + 1, calendar::plus(today.first_of_month(), months, Unit::Month))
        }
        "year" => Day::sure(k + 1, calendar::first_of_next_year(today)),
        _ => None,
    }
}

fn this(s: Scan<'_, '_, '_>, k: usize) -> Option<Day> {
    let context = s.context();
    let today = calendar::today(context);
    let word = s.word(k)?;
    if matches!(word, "coming") {
        return this(s, k + 1);
    }
    if let Some(weekday) = lexicon::weekday(word) {
        let date = if today.weekday() == weekday { Some(today) } else { calendar::weekday_after(today, weekday) };
        return Day::sure(k + 1, date);
    }
    if s.word(k - 1) != Some("this") {
        return None;
    }
    if let Some(part) = lexicon::day_part(word) {
        return Some(Day { part: Some(part), ..Day::sure(k + 1, Some(today))? });
    }
    match word {
        "weekend" => Day::sure(k + 1, calendar::this_weekend(context)),
        _ => None,
    }
}

/// "last friday" looks back; "last friday of january" and "last day of the month" do not.
fn last(s: Scan<'_, '_, '_>, k: usize) -> Option<Day> {
    let word = s.word(k)?;
    if word == "day" {
        let (next, date) = month_day::of_month(s, k + 1, |first| Some(first.last_of_month()))?;
        return Day::sure(next, Some(date));
    }
    let weekday = lexicon::weekday(word)?;
    if let Some((next, date)) = month_day::of_month(s, k + 1, |first| calendar::nth_weekday(first, -1, weekday)) {
        return Day::sure(next, Some(date));
    }
    let today = calendar::today(s.context());
    let back = match i32::from(today.weekday().since(weekday)) {
        0 => 7,
        n => n,
    };
    let free = !s.before_item(k - 1).is_some_and(lexicon::holds_short);
    Day::new(k + 1, calendar::plus_days(today, -back), Need::Length).filter(|_| free)
}

/// "end of …", "beginning of …", "mid …", and the short forms of the ends.
fn edge(s: Scan<'_, '_, '_>, k: usize, word: &str) -> Option<Day> {
    let context = s.context();
    let today = calendar::today(context);
    // "eod friday", "end of day tomorrow"
    let of_day = match word {
        "eod" => Some(k + 1),
        "end" if s.word(k + 1) == Some("of") && s.word(k + 2) == Some("day") => Some(k + 3),
        _ => None,
    };
    if let Some(day) = of_day.and_then(|at| date(s, at)).filter(|day| day.need == Need::Nothing && day.time.is_none()) {
        return Some(day);
    }
    match word {
        "eod" => return Day::new(k + 1, Some(today), Need::Place),
        "eow" => return Day::new(k + 1, last_of_week(today, s), Need::Place),
        "eom" => return Day::new(k + 1, Some(today.last_of_month()), Need::Place),
        "eoy" => return Day::new(k + 1, Some(today.last_of_year()), Need::Place),
        _ => {}
    }
    let mut at = k + 1;
    match s.word(at) {
        Some("of") => at += 1,
        _ if word == "mid" => {}
        _ => return None,
    }
    let next = s.word(at) == Some("next");
    if next || matches!(s.word(at), Some("the" | "this")) {
        at += 1;
    }
    let unit = s.word(at)?;
    if let Some(month) = lexicon::month(unit) {
        let in_year = |day: fn(Date) -> Date| {
            let year = s.word(at + 1).and_then(lexicon::year);
            let first = Date::new(year.unwrap_or(today.year()), month, 1).ok()?;
            let date = day(first);
            if year.is_none() && date < today {
                return Some((at + 1, day(Date::new(today.year().checked_add(1)?, month, 1).ok()?)));
            }
            Some((if year.is_some() { at + 2 } else { at + 1 }, date))
        };
        let (next, date) = match word {
            "end" => in_year(Date::last_of_month)?,
            "mid" | "middle" => in_year(middle)?,
            _ => in_year(|first| first)?,
        };
        return Day::sure(next, Some(date));
    }
    let month = if next { calendar::first_of_next_month(today)? } else { today.first_of_month() };
    let week = if next { calendar::next_week(context)? } else { calendar::week_of(context, today)? };
    let year = if next { calendar::first_of_next_year(today)? } else { today.first_of_year() };
    // The beginning or the middle of the current one may have passed; then the next one is meant.
    let coming = |date: Date, later: Option<Date>| if date < today { later } else { Some(date) };
    let date = match (word, unit) {
        ("end", "day" | "today") if !next => Some(today),
        ("end", "week" | "workweek") => calendar::plus_days(week, 6),
        ("end", "month") => Some(month.last_of_month()),
        ("end", "year") => Some(year.last_of_year()),
        ("end", "quarter") => {
            let first = calendar::plus(today.first_of_month(), -((i32::from(today.month()) - 1) % 3), Unit::Month)?;
            calendar::plus(first, if next { 5 } else { 2 }, Unit::Month).map(Date::last_of_month)
        }
        ("mid" | "middle", "month") => coming(middle(month), calendar::first_of_next_month(today).map(middle)),
        ("mid" | "middle", "week") => coming(calendar::plus_days(week, 2)?, calendar::plus_days(week, 9)),
        ("beginning" | "start", "week") => coming(week, calendar::next_week(context)),
        ("beginning" | "start", "month") => coming(month, calendar::first_of_next_month(today)),
        ("beginning" | "start", "year") => coming(year, calendar::first_of_next_year(today)),
        _ => None,
    };
    Day::new(at + 1, date, Need::Place)
}

fn last_of_week(day: Date, s: Scan<'_, '_, '_>) -> Option<Date> {
    calendar::plus_days(calendar::week_of(s.context(), day)?, 6)
}

fn middle(first: Date) -> Date {
    Date::new(first.year(), first.month(), 15).unwrap_or(first)
}

/// "mid-january"
fn mid_month(s: Scan<'_, '_, '_>, k: usize, word: &str) -> Option<Day> {
    let month = lexicon::month(word.strip_prefix("mid-")?)?;
    Day::sure(k + 1, calendar::month_day(s.context(), month, 15, None))
}

/// "in 3 days", "in january"
fn within(s: Scan<'_, '_, '_>, k: usize) -> Option<Day> {
    if let Some(month) = s.word(k).and_then(lexicon::month) {
        if s.word(k + 1).is_some_and(|word| word.len() == 4 && lexicon::digits(word).is_some()) {
            return month_day::month_first(s, k, s.word(k)?);
        }
        // "in march 5 people" is not the fifth of March.
        return Day::sure(k + 1, calendar::first_of_month(s.context(), month));
    }
    length::later(s, k)
}
