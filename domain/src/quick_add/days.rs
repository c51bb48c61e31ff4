//! The days of a repetition: "mon, wed and fri", "1st and 15th", "3rd friday", "jan 27", "end of month".

use super::{
    clause::WORKING_WEEK,
    every::{self, Every},
    lexicon::{self, Unit},
    month_day::day_number,
    reader::Scan,
};
use jiff::civil::Weekday;

/// A list of weekdays: "mon, wed and fri", "mon/wed", "mon-fri", "monday to friday", "weekday". `plural` wants "mondays".
pub(super) fn weekdays(s: Scan<'_, '_, '_>, k: usize, plural: bool) -> Option<(usize, Vec<Weekday>)> {
    let mut days: Vec<Weekday> = Vec::new();
    let mut next = k;
    loop {
        let mut at = next;
        if !days.is_empty() {
            if matches!(s.word(at), Some("and" | "&" | "or" | "+")) {
                at += 1;
            } else if matches!(s.word(at), Some("to" | "through" | "thru" | "-" | "–"))
                && let Some(last) = s.word(at + 1).and_then(lexicon::weekday)
                && let [first] = days[..]
            {
                days = from_to(first, last);
                next = at + 2;
                continue;
            }
        }
        let Some((after, more)) = weekdays_word(s, at, plural) else {
            break;
        };
        days.extend(more);
        next = after;
    }
    (!days.is_empty()).then_some((next, days))
}

fn weekdays_word(s: Scan<'_, '_, '_>, k: usize, plural: bool) -> Option<(usize, Vec<Weekday>)> {
    let word = s.word(k)?;
    let weekend = || vec![Weekday::Saturday, Weekday::Sunday];
    if plural {
        return match word {
            "weekdays" | "workdays" => Some((k + 1, WORKING_WEEK.to_vec())),
            "weekends" => Some((k + 1, weekend())),
            _ => Some((k + 1, vec![lexicon::weekdays(word)?])),
        };
    }
    match (word, s.word(k + 1)) {
        ("weekday" | "weekdays" | "workday" | "workdays", _) => {
            return Some((k + 1, WORKING_WEEK.to_vec()));
        }
        ("weekends", _) => return Some((k + 1, weekend())),
        ("week" | "work" | "business" | "working", Some("day" | "days")) => {
            return Some((k + 2, WORKING_WEEK.to_vec()));
        }
        _ => {}
    }
    if let Some(day) = lexicon::weekday(word).or_else(|| lexicon::weekdays(word)) {
        return Some((k + 1, vec![day]));
    }
    if let Some((first, last)) = word.split_once(['-', '–']) {
        return Some((k + 1, from_to(lexicon::weekday(first)?, lexicon::weekday(last)?)));
    }
    let days: Option<Vec<Weekday>> = word.split(['/', ',', '&', '+']).map(lexicon::weekday).collect();
    Some((k + 1, days?))
}

fn from_to(first: Weekday, last: Weekday) -> Vec<Weekday> {
    first.cycle_forward().take(usize::from(last.since(first).unsigned_abs()) + 1).collect()
}

/// "jan 27", "27th of jan", "january", "jan and jul"
pub(super) fn month_and_day(s: Scan<'_, '_, '_>, k: usize) -> Option<(usize, Every)> {
    let yearly = |months: Vec<i8>, day: i32| Some(Every { months, month_days: vec![day], ..Every::new(Unit::Year, 1) });
    if let Some(month) = lexicon::month(s.word(k)?) {
        if let Some(day) = s.word(k + 1).filter(|_| !s.comma(k)).and_then(day_number) {
            return Some((k + 2, yearly(vec![month], day)?));
        }
        let mut months = vec![month];
        let mut next = k + 1;
        loop {
            let at = if matches!(s.word(next), Some("and" | "&")) { next + 1 } else { next };
            let day_behind = s.word(at + 1).and_then(day_number).is_some();
            match s.word(at).and_then(lexicon::month).filter(|_| !day_behind) {
                Some(month) => months.push(month),
                None => break,
            }
            next = at + 1;
        }
        return Some((next, yearly(months, 1)?));
    }
    let day = day_number(s.word(k)?)?;
    let at = if s.word(k + 1)? == "of" { k + 2 } else { k + 1 };
    let month = lexicon::month(s.word(at)?)?;
    Some((at + 1, yearly(vec![month], day)?))
}

/// "27th", "1st and 15th", "3rd friday", "last day of the month", "first monday of january", "3rd day"
pub(super) fn numbered(s: Scan<'_, '_, '_>, k: usize) -> Option<(usize, Every)> {
    let mut numbers = Vec::new();
    let mut bare = false;
    let mut next = k;
    loop {
        let and = !numbers.is_empty() && matches!(s.word(next), Some("and" | "&" | "or"));
        let mut at = if and { next + 1 } else { next };
        if s.word(at) == Some("the") && !numbers.is_empty() {
            at += 1;
        }
        let number = s.word(at).and_then(|word| nth(word).or_else(|| day_number(word)));
        match number {
            Some(n) => numbers.push(n),
            None => break,
        }
        bare |= s.word(at).is_some_and(|word| lexicon::digits(word).is_some());
        next = at + 1;
    }
    // "every 2, 15 and 27" are days, "every 27" only at an end.
    (!bare || numbers.len() > 1 || s.tail(next)).then_some(())?;
    let first = *numbers.first()?;
    let days = |weekday: Weekday| numbers.iter().map(|n| (*n, weekday)).collect::<Vec<_>>();
    let small = numbers.iter().all(|n| (-1..=5).contains(n));
    let monthly = Every::new(Unit::Month, 1);
    let (mut next, mut every) = match (s.word(next), s.word(next + 1)) {
        (Some("weekday" | "workday"), _) => (next + 1, working_days(monthly, &numbers)),
        (Some("business" | "working" | "work" | "week"), Some("day")) => (next + 2, working_days(monthly, &numbers)),
        (Some("day"), _) => {
            let (end, of) = (next + 1, of_month(s, next + 1).is_some());
            // "every 3rd day" counts days; "every last day" and "every 3rd day of the month" name one.
            if of || numbers.contains(&-1) {
                (end, Every { month_days: numbers, ..monthly })
            } else {
                (numbers.len() == 1).then_some(())?;
                return Some((end, Every::new(Unit::Day, first)));
            }
        }
        (Some(word), _) if lexicon::weekday(word).is_some() => {
            let weekday = lexicon::weekday(word).filter(|_| small)?;
            (next + 1, Every { days: days(weekday), ..monthly })
        }
        (Some("week" | "month" | "year"), _) if numbers.len() == 1 && first > 0 => {
            let (unit, _) = lexicon::unit(s.word(next)?)?;
            return Some((next + 1, Every::new(unit, first)));
        }
        // "every first" and "every last" name nothing; "every 3rd chapter" names something else.
        _ => {
            let digits = (k..next).all(|i| s.word(i).is_none_or(|w| lexicon::ordinal_word(w).is_none() && w != "last"));
            (digits || (of_month(s, next).is_some() && !numbers.contains(&-1))).then_some(())?;
            let free = s.tail(next)
                || s.punctuated(next - 1)
                || s.starts(next)
                || of_month(s, next).is_some()
                || every::additions(s, next, monthly.clone()).0 > next
                || s.item(next).is_some_and(|item| lexicon::joins(&item.lower));
            free.then_some(())?;
            (next, Every { month_days: numbers, ..monthly })
        }
    };
    if let Some((after, months, interval)) = of_month(s, next) {
        next = after;
        every.interval = interval;
        if !months.is_empty() {
            every.unit = Unit::Year;
            every.months = months;
        }
    }
    let in_month = every.month_days.iter().all(|d| (-1..=31).contains(d));
    in_month.then_some((next, every))
}

fn working_days(every: Every, positions: &[i32]) -> Every {
    Every { days: WORKING_WEEK.map(|d| (0, d)).to_vec(), positions: positions.to_vec(), ..every }
}

fn nth(word: &str) -> Option<i32> {
    if word == "last" { Some(-1) } else { lexicon::ordinal(word).filter(|n| *n > 0) }
}

/// "of the month", "of every 2 months", "of january": named months, and the interval.
fn of_month(s: Scan<'_, '_, '_>, k: usize) -> Option<(usize, Vec<i8>, i32)> {
    // "2nd tuesday every month"
    let k = match s.word(k)? {
        "of" | "in" => k,
        "every" | "each" => k.checked_sub(1)?,
        _ => return None,
    };
    if let Some(month) = s.word(k + 1).and_then(lexicon::month) {
        return Some((k + 2, vec![month], 1));
    }
    match (s.word(k + 1)?, s.word(k + 2)) {
        ("month", _) => Some((k + 2, vec![], 1)),
        ("the" | "every" | "each" | "a", Some("month")) => Some((k + 3, vec![], 1)),
        ("every" | "each", Some("other")) if s.word(k + 3) == Some("month") => Some((k + 4, vec![], 2)),
        ("every" | "each", Some(word)) => {
            if let Some(month) = lexicon::month(word) {
                return Some((k + 3, vec![month], 1));
            }
            let n = lexicon::digits(word).or_else(|| lexicon::number_word(word)).filter(|n| (1..=9_999).contains(n))?;
            (s.word(k + 3)? == "months").then_some((k + 4, vec![], n))
        }
        _ => None,
    }
}

/// "end of month", "beginning of the month" behind "every", and the day that is.
pub(super) fn edge_of_month(s: Scan<'_, '_, '_>, k: usize) -> Option<(usize, i32)> {
    match (s.word(k)?, s.word(k + 1)) {
        ("eom", _) => Some((k + 1, -1)),
        ("month", Some("end")) => Some((k + 2, -1)),
        (word @ ("end" | "beginning" | "start" | "middle"), Some("of")) => {
            let day = match word {
                "end" => -1,
                "middle" => 15,
                _ => 1,
            };
            let at = if matches!(s.word(k + 2), Some("the" | "each" | "every")) { k + 3 } else { k + 2 };
            (s.word(at)? == "month").then_some((at + 1, day))
        }
        _ => None,
    }
}
