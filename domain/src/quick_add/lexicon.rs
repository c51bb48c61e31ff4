//! The words of the grammar, as data. English only; everything is compared in lower case.
//!
//! A word that is not here never means anything but itself.

use jiff::civil::Weekday;
use std::ops::RangeInclusive;

/// A stretch of time that can be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// A part of the day, with the time it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DayPart {
    Morning,
    Afternoon,
    Evening,
    Night,
}

impl DayPart {
    /// The hour that is meant when no time is said.
    pub fn hour(self) -> i8 {
        match self {
            Self::Morning => 9,
            Self::Afternoon => 15,
            Self::Evening => 19,
            Self::Night => 21,
        }
    }
}

const WEEKDAYS: &[(&str, Weekday)] = &[
    ("monday", Weekday::Monday),
    ("mon", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("tues", Weekday::Tuesday),
    ("tue", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("weds", Weekday::Wednesday),
    ("wed", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("thurs", Weekday::Thursday),
    ("thur", Weekday::Thursday),
    ("thu", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("fri", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sat", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
    ("sun", Weekday::Sunday),
];

const MONTHS: &[(&str, i8)] = &[
    ("january", 1),
    ("jan", 1),
    ("february", 2),
    ("feb", 2),
    ("march", 3),
    ("mar", 3),
    ("april", 4),
    ("apr", 4),
    ("may", 5),
    ("june", 6),
    ("jun", 6),
    ("july", 7),
    ("jul", 7),
    ("august", 8),
    ("aug", 8),
    ("september", 9),
    ("sept", 9),
    ("sep", 9),
    ("october", 10),
    ("oct", 10),
    ("november", 11),
    ("nov", 11),
    ("december", 12),
    ("dec", 12),
];

const UNITS: &[(&str, Unit, i32)] = &[
    ("minute", Unit::Minute, 1),
    ("minutes", Unit::Minute, 1),
    ("min", Unit::Minute, 1),
    ("mins", Unit::Minute, 1),
    ("hour", Unit::Hour, 1),
    ("hours", Unit::Hour, 1),
    ("hr", Unit::Hour, 1),
    ("hrs", Unit::Hour, 1),
    ("day", Unit::Day, 1),
    ("days", Unit::Day, 1),
    ("week", Unit::Week, 1),
    ("weeks", Unit::Week, 1),
    ("wk", Unit::Week, 1),
    ("wks", Unit::Week, 1),
    ("fortnight", Unit::Week, 2),
    ("fortnights", Unit::Week, 2),
    ("month", Unit::Month, 1),
    ("months", Unit::Month, 1),
    ("quarter", Unit::Month, 3),
    ("quarters", Unit::Month, 3),
    ("year", Unit::Year, 1),
    ("years", Unit::Year, 1),
    ("yr", Unit::Year, 1),
    ("yrs", Unit::Year, 1),
];

/// Letters that count only right behind a number: `3d`, `2h`, `30m`.
const UNIT_LETTERS: &[(&str, Unit)] =
    &[("m", Unit::Minute), ("h", Unit::Hour), ("d", Unit::Day), ("w", Unit::Week), ("y", Unit::Year)];

const NUMBERS: &[&str] =
    &["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

const ROUND_NUMBERS: &[(&str, i32)] =
    &[("fifteen", 15), ("twenty", 20), ("thirty", 30), ("forty", 40), ("fifty", 50), ("sixty", 60), ("ninety", 90)];

const ORDINALS: &[&str] = &[
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth",
];

const TOMORROW: &[&str] = &["tomorrow", "tmr", "tmrw", "tmw", "tomorow", "tommorow", "tommorrow", "tom"];
const TODAY: &[&str] = &["today", "tod"];
const TONIGHT: &[&str] = &["tonight", "tonite"];

const DAY_PARTS: &[(&str, DayPart)] = &[
    ("morning", DayPart::Morning),
    ("afternoon", DayPart::Afternoon),
    ("evening", DayPart::Evening),
    ("night", DayPart::Night),
];

/// Parts of every such day: "friday nights".
const DAY_PARTS_PLURAL: &[(&str, DayPart)] = &[
    ("mornings", DayPart::Morning),
    ("afternoons", DayPart::Afternoon),
    ("evenings", DayPart::Evening),
    ("nights", DayPart::Night),
];

/// Adverbs that repeat: unit, interval.
const ADVERBS: &[(&str, Unit, u16)] = &[
    ("daily", Unit::Day, 1),
    ("everyday", Unit::Day, 1),
    ("nightly", Unit::Day, 1),
    ("weekly", Unit::Week, 1),
    ("biweekly", Unit::Week, 2),
    ("bi-weekly", Unit::Week, 2),
    ("fortnightly", Unit::Week, 2),
    ("monthly", Unit::Month, 1),
    ("bimonthly", Unit::Month, 2),
    ("bi-monthly", Unit::Month, 2),
    ("quarterly", Unit::Month, 3),
    ("yearly", Unit::Year, 1),
    ("annually", Unit::Year, 1),
];

/// Words that are dates only where nothing else fits: at the line's end, beside a time, or after a word like "on".
const EVERYDAY_WORDS: &[&str] = &["sun", "sat", "mon", "may", "march", "mar", "tom", "tod"];

/// Right before a date these make it part of the sentence: "notes from friday", "talk about tomorrow".
const HOLDS_DATE: &[&str] =
    &["from", "since", "of", "about", "than", "between", "vs", "versus", "like", "per", "called", "named", "titled"];

/// Right before a short name these make it an ordinary word: "in the sun", "we may", "where he sat".
const HOLDS_SHORT: &[&str] = &[
    "any", "another", "each", "every", "other", "early", "late", "in", "with", "the", "a", "an", "my", "your", "his",
    "her", "its", "our", "their", "this", "that", "i", "you", "he", "she", "it", "we", "they", "who", "which", "what",
    "there", "some", "no", "as", "how",
];

/// Right before a weekday these make it describe something: "the tuesday group".
const DETERMINERS: &[&str] = &[
    "any", "some", "another", "each", "every", "other", "the", "a", "an", "my", "your", "his", "her", "our", "their",
    "that",
];

/// Right before "morning" or "night" these make it a thing: "say good morning", "movie night".
const HOLDS_PART: &[&str] = &[
    "good",
    "movie",
    "film",
    "date",
    "game",
    "games",
    "girls",
    "guys",
    "boys",
    "ladies",
    "family",
    "prom",
    "opening",
    "quiz",
    "trivia",
    "poker",
    "wedding",
    "bachelor",
    "hen",
    "stag",
    "pizza",
    "taco",
    "karaoke",
    "bingo",
    "wine",
    "school",
    "club",
    "fight",
    "silent",
    "starry",
    "last",
    "first",
    "all",
    "one",
    "mid",
    "same",
    "whole",
    "entire",
    "any",
    "every",
    "each",
    "other",
    "next",
    "for",
    "at",
    "on",
    "to",
    "per",
    "by",
    "and",
    "or",
    "&",
    "during",
    "until",
    "into",
    "two",
    "three",
    "open",
    "christmas",
    "election",
];

/// Right before a bare "3 days" these make it a length of time.
const HOLDS_LENGTH: &[&str] = &[
    "for",
    "of",
    "last",
    "past",
    "next",
    "previous",
    "the",
    "than",
    "over",
    "under",
    "about",
    "around",
    "only",
    "another",
    "least",
    "most",
    "after",
    "before",
    "first",
    "every",
    "each",
    "!",
    "takes",
    "lasted",
    "take",
    "took",
    "lasts",
    "last",
    "is",
    "was",
    "are",
    "be",
    "and",
    "or",
    "to",
    "up",
    "needs",
    "need",
    "these",
    "those",
    "other",
    "all",
    "extra",
    "roughly",
    "approximately",
    "spend",
    "within",
    "my",
    "our",
    "on",
];

/// Weekdays with these before them are the names of something else.
const NAMES_A_WEEKDAY: &[&str] = &[
    "black", "good", "cyber", "easter", "ash", "palm", "giving", "shrove", "fat", "freaky", "bloody", "maundy", "whit",
    "ruby", "casual", "super", "manic", "blue", "stormy",
];

/// Before `3:16` these make it a verse.
const BOOKS: &[&str] = &[
    "john",
    "luke",
    "mark",
    "matthew",
    "matt",
    "acts",
    "romans",
    "genesis",
    "exodus",
    "leviticus",
    "deuteronomy",
    "psalm",
    "psalms",
    "proverbs",
    "isaiah",
    "jeremiah",
    "ezekiel",
    "corinthians",
    "galatians",
    "ephesians",
    "philippians",
    "hebrews",
    "james",
    "peter",
    "revelation",
    "surah",
    "quran",
    "gen",
    "ps",
    "rom",
    "score",
    "ratio",
    "verse",
];

/// What may follow "at 5" for it to be a time and not the start of an address or an amount.
const JOINS: &[&str] = &[
    "with", "for", "to", "on", "in", "and", "or", "about", "near", "by", "at", "from", "before", "after", "then", "if",
    "when", "until", "till", "because", "so", "but", "re", "via", "using", "since", "-", "–", "—", "&", "+",
];

/// Everything else the recognisers look for.
const OTHER: &[&str] = &[
    "every",
    "each",
    "ev",
    "other",
    "in",
    "on",
    "at",
    "by",
    "due",
    "start",
    "starts",
    "starting",
    "beginning",
    "until",
    "till",
    "ending",
    "next",
    "this",
    "last",
    "coming",
    "no",
    "noon",
    "midday",
    "midnight",
    "yesterday",
    "end",
    "mid",
    "middle",
    "weekend",
    "weekends",
    "weekday",
    "weekdays",
    "workday",
    "workdays",
    "day",
    "except",
    "for",
    "half",
    "quarter",
    "eod",
    "eow",
    "eom",
    "eoy",
    "before",
    "around",
    "a",
    "an",
    "later",
    "the",
    "rrule",
    "couple",
];

fn find<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
    table.iter().find(|(w, _)| *w == word).map(|(_, value)| *value)
}

pub(super) fn weekday(word: &str) -> Option<Weekday> {
    find(WEEKDAYS, word)
}

/// "mondays" and the like.
pub(super) fn weekdays(word: &str) -> Option<Weekday> {
    word.strip_suffix('s').filter(|w| w.len() > 5).and_then(weekday)
}

pub(super) fn month(word: &str) -> Option<i8> {
    find(MONTHS, word)
}

/// The unit, and how many of it the word stands for.
pub(super) fn unit(word: &str) -> Option<(Unit, i32)> {
    UNITS.iter().find(|(w, ..)| *w == word).map(|(_, unit, n)| (*unit, *n))
}

pub(super) fn unit_letter(letters: &str) -> Option<Unit> {
    find(UNIT_LETTERS, letters)
}

pub(super) fn day_part(word: &str) -> Option<DayPart> {
    find(DAY_PARTS, word)
}

/// "mornings" and the like.
pub(super) fn day_parts(word: &str) -> Option<DayPart> {
    find(DAY_PARTS_PLURAL, word)
}

pub(super) fn adverb(word: &str) -> Option<(Unit, u16)> {
    ADVERBS.iter().find(|(w, ..)| *w == word).map(|(_, unit, n)| (*unit, *n))
}

/// `one` to `twelve`, and the round ones.
pub(super) fn number_word(word: &str) -> Option<i32> {
    place(NUMBERS, word).or_else(|| find(ROUND_NUMBERS, word))
}

/// `first` to `twelfth`.
pub(super) fn ordinal_word(word: &str) -> Option<i32> {
    place(ORDINALS, word)
}

fn place(table: &[&str], word: &str) -> Option<i32> {
    let at = table.iter().position(|w| *w == word)?;
    i32::try_from(at + 1).ok()
}

/// A whole number in digits, at most six of them.
pub(super) fn digits(word: &str) -> Option<i32> {
    let fits = (1..=6).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit());
    if fits { word.parse().ok() } else { None }
}

/// `27th`, `1st`, `first`.
pub(super) fn ordinal(word: &str) -> Option<i32> {
    if let Some(n) = ordinal_word(word) {
        return Some(n);
    }
    ordinal_number(word)
}

/// `27th`, `1st`: with the ending that belongs to the number.
pub(super) fn ordinal_number(word: &str) -> Option<i32> {
    let split = word.len().checked_sub(2).filter(|at| word.is_char_boundary(*at))?;
    let (number, ending) = word.split_at(split);
    let n = digits(number)?;
    let right = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    (ending == right).then_some(n)
}

/// A year that is worth a date.
pub(super) fn year(word: &str) -> Option<i16> {
    const YEARS: RangeInclusive<i16> = 1970..=2199;
    let n = digits(word).filter(|_| word.len() == 4)?;
    i16::try_from(n).ok().filter(|y| YEARS.contains(y))
}

macro_rules! is_one_of {
    ($($name:ident => $table:ident, $doc:literal;)*) => {
        $(#[doc = $doc] pub(super) fn $name(word: &str) -> bool { $table.contains(&word) })*
    };
}

is_one_of! {
    is_tomorrow => TOMORROW, "Says tomorrow.";
    is_today => TODAY, "Says today.";
    is_tonight => TONIGHT, "Says tonight.";
    is_everyday_word => EVERYDAY_WORDS, "Is a short name that is an ordinary word too.";
    holds_date => HOLDS_DATE, "Makes the date after it part of the sentence.";
    holds_short => HOLDS_SHORT, "Makes the short name after it an ordinary word.";
    is_determiner => DETERMINERS, "Makes the weekday after it describe something.";
    holds_part => HOLDS_PART, "Makes the part of the day after it a thing.";
    holds_length => HOLDS_LENGTH, "Makes the \"3 days\" after it a length of time.";
    names_a_weekday => NAMES_A_WEEKDAY, "Makes the weekday after it a name.";
    is_book => BOOKS, "Makes the `3:16` after it a verse.";
    joins => JOINS, "May follow \"at 5\".";
}

/// Whether a backslash before the word has something to protect it from.
pub(super) fn knows(word: &str) -> bool {
    weekday(word).is_some()
        || weekdays(word).is_some()
        || month(word).is_some()
        || unit(word).is_some()
        || day_part(word).is_some()
        || adverb(word).is_some()
        || number_word(word).is_some()
        || ordinal_word(word).is_some()
        || is_tomorrow(word)
        || is_today(word)
        || is_tonight(word)
        || OTHER.contains(&word)
}
