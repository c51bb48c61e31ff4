//! Days said by their number: `2026-11-21`, "jan 27", `27th`, 27/1, "first monday of january".

use super::{
    calendar, clock,
    date::{Day, Need},
    lexicon::{self, Unit},
    reader::Scan,
};
use jiff::civil::Date;

/// `2026-11-21`, with a time and a zone when they are there.
pub(super) fn iso(s: Scan<'_, '_, '_>, k: usize) -> Option<Day> {
    let item = s.item(k)?;
    let (day, rest) = (item.lower.get(..10)?, item.text.get(10..)?);
    let mut pieces = day.split(['-', '/']);
    let mut piece = |length: usize| pieces.next().filter(|p| p.len() == length).and_then(lexicon::digits);
    let (year, month, of_month) = (piece(4)?, piece(2)?, piece(2)?);
    let date = Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(of_month).ok()?).ok();
    let day = Day::sure(k + 1, date)?.calendar();
    let Some(rest) = rest.strip_prefix(['T', 't']) else {
        return rest.is_empty().then_some(day);
    };
    let (time, zone) = match rest.split_once('[') {
        Some((time, zone)) if item.trail.starts_with(']') => (time, Some(zone)),
        Some(_) => return None,
        None => match rest.strip_suffix(['Z', 'z']) {
            Some(time) => (time, Some("UTC")),
            None => (rest, None),
        },
    };
    let full = matches!(time.len(), 5 | 8);
    let time = clock::written(time).filter(|_| full)?.as_written()?;
    if zone.is_some_and(|z| !crate::date::is_zone_shaped(z) || !(s.context().is_zone)(z)) {
        return None;
    }
    Some(Day { time: Some(time), zone: zone.map(str::to_owned), ..day })
}

/// "jan 27", "january 27th, 2027", "may 2027", "january"
pub(super) fn month_first(s: Scan<'_, '_, '_>, k: usize, word: &str) -> Option<Day> {
    let month = lexicon::month(word)?;
    let context = s.context();
    let next = s.word(k + 1).filter(|_| !s.comma(k));
    let at = if next == Some("the") { k + 2 } else { k + 1 };
    let number = s.word(at).filter(|_| next.is_some()).and_then(day_number);
    if let Some(day) = number {
        if let Some(year) = s.word(at + 1).and_then(lexicon::year) {
            return Some(Day::sure(at + 2, calendar::month_day(context, month, day, Some(year)))?.calendar());
        }
        // "march 3 miles", "may 5 people come": a number of things.
        let counted = lexicon::is_everyday_word(word)
            && s.word(at).is_some_and(|w| lexicon::digits(w).is_some())
            && !s.punctuated(at)
            && s.word(at + 1).is_some_and(|w| w.len() > 2 && w.ends_with('s') && !w.ends_with("ss") || w == "people");
        let phrase = s.starts(at + 1);
        if !counted || phrase {
            return Some(Day::sure(at + 1, calendar::month_day(context, month, day, None))?.calendar());
        }
        return None;
    }
    if let Some(year) = next.and_then(lexicon::digits).filter(|_| next.is_some_and(|w| w.len() == 4)) {
        // "the photos of june 2019" are no plan.
        let year = i16::try_from(year).ok().filter(|year| *year >= calendar::today(context).year())?;
        return Day::sure(k + 2, Date::new(year, month, 1).ok());
    }
    // What is left of "31 april" and "5-8 may".
    let half = s.before_item(k).is_some_and(|word| word.contains(|c: char| c.is_ascii_digit()));
    Day::new(k + 1, calendar::first_of_month(context, month), Need::Place).filter(|_| !half)
}

/// `27`, `27th`, `first`, as a day of a month.
pub(super) fn day_number(word: &str) -> Option<i32> {
    lexicon::digits(word)
        .filter(|_| word.len() <= 2)
        .or_else(|| lexicon::ordinal(word))
        .filter(|n| (1..=31).contains(n))
}

/// "27 jan 2027", "27th of january", `27th`
pub(super) fn day_first(s: Scan<'_, '_, '_>, k: usize, word: &str) -> Option<Day> {
    let context = s.context();
    let number = day_number(word)?;
    let ordinal = lexicon::digits(word).is_none();
    let of = s.word(k + 1) == Some("of");
    let at = if of { k + 2 } else { k + 1 };
    if let Some(name) = s.word(at).filter(|_| !s.comma(k) && (!of || ordinal))
        && let Some(month) = lexicon::month(name)
    {
        if let Some(year) = s.word(at + 1).and_then(lexicon::year) {
            return Some(Day::sure(at + 2, calendar::month_day(context, month, number, Some(year)))?.calendar());
        }
        // "the top 5 may change"
        let doubtful = !ordinal && lexicon::is_everyday_word(name) && !s.capital(at) && k != 0;
        let need = if doubtful { Need::Place } else { Need::Nothing };
        return Some(Day::new(at + 1, calendar::month_day(context, month, number, None), need)?.calendar());
    }
    if !ordinal {
        return None;
    }
    let in_month = |first: Date| Date::new(first.year(), first.month(), i8::try_from(number).ok()?).ok();
    if let Some((next, date)) = of_month(s, k + 1, in_month).filter(|_| of) {
        return Some(Day::sure(next, Some(date))?.calendar());
    }
    lexicon::ordinal_number(word)?;
    Some(Day::new(k + 1, calendar::day_of_month(context, number), Need::Edge)?.calendar())
}

/// `27/1`, `1/27/2027`, `27.1.2027`, `2027/1/27`
pub(super) fn numeric(s: Scan<'_, '_, '_>, k: usize, word: &str) -> Option<Day> {
    let context = s.context();
    let separator = ['/', '-', '.'].into_iter().find(|c| word.contains(*c))?;
    let pieces: Vec<&str> = word.split(separator).collect();
    let numbers: Vec<i32> = pieces.iter().map(|p| lexicon::digits(p)).collect::<Option<_>>()?;
    let short = |i: usize| pieces.get(i).is_some_and(|p| p.len() <= 2);
    let american = context.locale.to_ascii_lowercase().replace('_', "-").starts_with("en-us");
    let place = |a: i32, b: i32, year: Option<i16>| {
        let (month, day) = if american { (a, b) } else { (b, a) };
        let read = |month: i32, day: i32| {
            let month = i8::try_from(month).ok().filter(|m| (1..=12).contains(m))?;
            calendar::month_day(context, month, day, year)
        };
        read(month, day).or_else(|| read(day, month))
    };
    match numbers[..] {
        [a, b] => {
            // "24/7", "1 1/2 cups"
            let open = separator == '/'
                && short(0)
                && short(1)
                && word != "24/7"
                && s.before_item(k).is_none_or(|w| lexicon::digits(w).is_none());
            open.then_some(())?;
            Some(Day::new(k + 1, place(a, b, None), Need::Edge)?.calendar())
        }
        [y, m, d] if pieces[0].len() == 4 && short(1) && short(2) => {
            let date = Date::new(i16::try_from(y).ok()?, i8::try_from(m).ok()?, i8::try_from(d).ok()?).ok();
            Some(Day::sure(k + 1, date)?.calendar())
        }
        [a, b, y] if short(0) && short(1) => {
            let year = match pieces[2].len() {
                4 => lexicon::year(pieces[2])?,
                2 if separator == '/' => 2000 + i16::try_from(y).ok()?,
                _ => return None,
            };
            Some(Day::sure(k + 1, place(a, b, Some(year)))?.calendar())
        }
        _ => None,
    }
}

/// "first monday of january", "3rd friday of next month"
pub(super) fn nth_weekday(s: Scan<'_, '_, '_>, k: usize, word: &str) -> Option<Day> {
    let nth = lexicon::ordinal(word).filter(|n| (1..=5).contains(n))?;
    let weekday = lexicon::weekday(s.word(k + 1)?)?;
    let (next, date) = of_month(s, k + 2, |first| calendar::nth_weekday(first, nth, weekday))?;
    Day::sure(next, Some(date))
}

/// A day of a month that is named behind it: "of january", "of the month", "in january 2027". A day that has passed is next
/// month's or next year's, unless the month was said outright.
pub(super) fn of_month(s: Scan<'_, '_, '_>, k: usize, day: impl Fn(Date) -> Option<Date>) -> Option<(usize, Date)> {
    // "3rd friday jan"
    let k = if matches!(s.word(k)?, "of" | "in") {
        k
    } else {
        k.checked_sub(1).filter(|_| s.word(k).and_then(lexicon::month).is_some())?
    };
    let today = calendar::today(s.context());
    let this_month = today.first_of_month();
    let word = s.word(k + 1)?;
    let (next, first, roll) = if let Some(month) = lexicon::month(word) {
        match s.word(k + 2).and_then(lexicon::year) {
            Some(year) => (k + 3, Date::new(year, month, 1).ok()?, None),
            None => (k + 2, Date::new(today.year(), month, 1).ok()?, Some(Unit::Year)),
        }
    } else {
        match (word, s.word(k + 2)) {
            ("the" | "this", Some("month")) => (k + 3, this_month, Some(Unit::Month)),
            ("next", Some("month")) => (k + 3, calendar::first_of_next_month(today)?, None),
            ("month", _) => (k + 2, this_month, Some(Unit::Month)),
            _ => return None,
        }
    };
    let date = day(first)?;
    match roll.filter(|_| date < today) {
        Some(unit) => Some((next, day(calendar::plus(first, 1, unit)?)?)),
        None => Some((next, date)),
    }
}
