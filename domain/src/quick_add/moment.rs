//! Dates and times put together: "tomorrow at 5", "5pm on friday", "due jan 27", "start monday".

use super::{
    Context, calendar,
    clock::{self, Clock, Sure, TimeOfDay},
    date::{self, Day, Need},
    items,
    lexicon::{self, DayPart},
    reader::{Reader, Scan},
};
use crate::date::Due;
use jiff::civil::{Date, Time};

/// What the date is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Due,
    /// From "start …".
    Start,
    /// From "starting …": the start of a repetition, if the line has one.
    Starting,
}

/// A date, a time or both.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Moment {
    pub role: Role,
    pub date: Option<Date>,
    pub time: Option<TimeOfDay>,
    pub zone: Option<String>,
}

impl Moment {
    /// The date on the wire. A time alone is the next such moment.
    pub fn due(&self, context: &Context<'_>) -> Option<Due> {
        due(context, self.date, self.time, self.zone.as_deref())
    }
}

/// Puts a date together; see [`Moment::due`].
pub(super) fn due(
    context: &Context<'_>,
    date: Option<Date>,
    time: Option<TimeOfDay>,
    zone: Option<&str>,
) -> Option<Due> {
    let Some(TimeOfDay { time, next_day }) = time else {
        return date.map(Due::Day);
    };
    let now = calendar::now_in(context, zone);
    let mut day = date.unwrap_or(now.date());
    if next_day || (date.is_none() && time <= now.time()) {
        day = calendar::plus_days(day, 1)?;
    }
    let at = day.to_datetime(time);
    Some(match zone {
        Some(zone) => Due::Zoned { at, zone: zone.to_owned() },
        None => Due::Floating(at),
    })
}

/// The word before a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lead {
    None,
    On,
    At,
    By,
    Due,
    Start,
    Starting,
    /// "for friday": taken along only at an end.
    For,
    /// "from 3pm", "after 5", "about 6pm": with times only.
    Time,
}

/// Reads a date at the scan's beginning.
pub(super) fn moment(s: Scan<'_, '_, '_>) -> Option<(usize, Moment)> {
    let (k, lead, at) = lead(s)?;
    let Some(core) = core(s, k, at) else {
        return bare_part(s, k, lead);
    };
    fits(s, lead, at, &core).then_some(())?;
    let role = match lead {
        Lead::Start => Role::Start,
        Lead::Starting => Role::Starting,
        _ => Role::Due,
    };
    Some((core.next, core.moment(role)?))
}

/// "walk dog evening", "finish by morning": a part of the day by itself, at an end.
fn bare_part(s: Scan<'_, '_, '_>, k: usize, lead: Lead) -> Option<(usize, Moment)> {
    let part = lexicon::day_part(s.word(k)?).filter(|_| s.tail(k + 1) && !s.capital(k))?;
    let free = match lead {
        Lead::By => true,
        Lead::None => {
            s.before().is_some_and(|w| !lexicon::holds_part(w) && !lexicon::holds_short(w) && !lexicon::holds_date(w))
        }
        _ => false,
    };
    let time = Time::new(part.hour(), 0, 0, 0).ok().filter(|_| free)?;
    let time = Some(TimeOfDay { time, next_day: false });
    Some((k + 1, Moment { role: Role::Due, date: None, time, zone: None }))
}

/// The words before a date, and whether one of them was "at".
fn lead(s: Scan<'_, '_, '_>) -> Option<(usize, Lead, bool)> {
    let k = s.begin;
    let is = |k: usize, words: &[&str]| s.word(k).is_some_and(|w| words.contains(&w));
    let at =
        |k: usize| (is(k, &["at", "@"]), if is(k, &["on", "by", "at", "@", "before", "from"]) { k + 1 } else { k });
    Some(match s.word(k)? {
        "on" => (k + 1, Lead::On, false),
        "at" | "@" => (k + 1, Lead::At, true),
        "over" if is(k + 1, &["the", "this", "next"]) && is(k + 2, &["weekend"]) => (k + 1, Lead::On, false),
        // With a date these are the end of a repetition; see `clause`.
        "by" | "before" | "around" | "until" | "till" | "til" => (k + 1, Lead::By, false),
        "about" | "from" | "after" => (k + 1, Lead::Time, false),
        "for" => (k + 1, Lead::For, false),
        "due" => {
            let (is_at, next) = at(k + 1);
            (next, Lead::Due, is_at)
        }
        "start" | "starts" if !is(k + 1, &["of"]) => {
            let (is_at, next) = at(k + 1);
            (next, Lead::Start, is_at)
        }
        "starting" | "beginning" if !is(k + 1, &["of"]) => {
            let (is_at, next) = at(k + 1);
            (next, Lead::Starting, is_at)
        }
        _ => (k, Lead::None, false),
    })
}

/// Whether the words around let this be a date.
fn fits(s: Scan<'_, '_, '_>, lead: Lead, at: bool, core: &Core) -> bool {
    let next = core.next;
    let timed = core.clock.is_some() || core.part.is_some() || core.day_time.is_some();
    let tail = s.tail(next);
    // "with Bob" may follow a phrase, a thing that is counted or named may not.
    let breaks = tail
        || s.punctuated(next - 1)
        || s.starts(next)
        || s.item(next).is_some_and(|item| lexicon::joins(&item.lower));
    let held = |word: &str| (lexicon::holds_date(word) && !core.time_first) || word == "to";
    if lead == Lead::None && s.before().is_some_and(held) {
        return false;
    }
    match lead {
        Lead::For if !breaks || core.need == Need::Length => return false,
        Lead::For if core.date.is_none() && core.sure != Some(Sure::Yes) => return false,
        Lead::Time if !core.time_first => return false,
        Lead::On | Lead::At | Lead::By if core.need == Need::Length => return false,
        _ => {}
    }
    if core.date.is_none() {
        return match core.sure {
            _ if core.part.is_some() && core.clock.is_none() => true,
            Some(Sure::Yes) => true,
            Some(Sure::Word) => at || lead != Lead::None || tail,
            Some(Sure::Number) => breaks || s.begin == 0,
            Some(Sure::End) => tail,
            None => false,
        };
    }
    match core.need {
        Need::Nothing => true,
        Need::Place => {
            let free = !s.before().is_some_and(lexicon::holds_short);
            let heading = s.begin == 0 && s.item(next - 1).is_some_and(|item| item.trail == ":");
            timed || lead != Lead::None || (tail && free) || heading
        }
        Need::Edge => {
            timed
                || tail
                || matches!(lead, Lead::Due | Lead::Start | Lead::Starting | Lead::By)
                || (lead == Lead::On && breaks)
        }
        Need::Length => tail || (timed && core.clock.is_some()),
    }
}

/// The parts of a date in any order.
#[derive(Clone, Debug)]
pub(super) struct Core {
    pub next: usize,
    date: Option<Date>,
    need: Need,
    weekday: bool,
    today: bool,
    day_time: Option<Time>,
    clock: Option<Clock>,
    sure: Option<Sure>,
    part: Option<DayPart>,
    zone: Option<String>,
    time_first: bool,
}

impl Core {
    pub fn has_date(&self) -> bool {
        self.date.is_some()
    }

    /// What the parts mean together.
    pub fn moment(&self, role: Role) -> Option<Moment> {
        let time = match (self.day_time, self.clock, self.part) {
            (Some(time), ..) => Some(TimeOfDay { time, next_day: false }),
            (None, Some(clock), part) => {
                let time = clock.resolve(part)?;
                // Midnight today is the end of it.
                let next_day = time.next_day || (clock.is_midnight() && self.today);
                Some(TimeOfDay { next_day, ..time })
            }
            (None, None, Some(part)) => {
                Some(TimeOfDay { time: Time::new(part.hour(), 0, 0, 0).ok()?, next_day: false })
            }
            (None, None, None) => None,
        };
        (time.is_some() || self.date.is_some()).then_some(())?;
        Some(Moment { role, date: self.date, time, zone: self.zone.clone() })
    }

    fn take(&mut self, day: Day, today: Date) {
        self.next = day.next;
        self.date = Some(day.date);
        self.need = day.need;
        self.weekday = day.weekday;
        self.today = day.date == today && !day.calendar;
        self.part = self.part.or(day.part);
        self.day_time = self.day_time.or(day.time);
        self.zone = self.zone.take().or(day.zone);
    }
}

/// Reads dates and times from `k` on for as long as they add to one another. `at` says that "at" stood before.
pub(super) fn core(s: Scan<'_, '_, '_>, k: usize, at: bool) -> Option<Core> {
    let mut core = Core {
        next: k,
        date: None,
        need: Need::Nothing,
        weekday: false,
        today: false,
        day_time: None,
        clock: None,
        sure: None,
        part: None,
        zone: None,
        time_first: false,
    };
    let today = calendar::today(s.context());
    loop {
        let here = core.next;
        let (at, on) = if here == k {
            (at, false)
        } else {
            let word = s.word(here);
            (matches!(word, Some("at" | "@" | "around" | "about")), word == Some("on"))
        };
        let behind = if here != k && (at || on) { here + 1 } else { here };
        if core.part.is_none()
            && core.day_time.is_none()
            && let Some((next, part)) =
                clock::day_part(s, here, if here == k { at && s.word(k) == Some("night") } else { core.date.is_some() })
        {
            core.time_first |= core.date.is_none();
            core.part = Some(part);
            core.next = next;
            continue;
        }
        // "at the weekend" is no time.
        if (core.date.is_none() || core.weekday) && (!at || here == k) {
            let day = date::date(s, behind).filter(|day| {
                let first = core.date.is_none();
                // Behind a time, a bare "3 days" is a length; a weekday is followed by a date only.
                let adds = if first { here == k || day.need != Need::Length } else { day.calendar && !on };
                adds && (day.time.is_none() || core.clock.is_none())
            });
            if let Some(day) = day {
                let first = core.date.is_none();
                core.take(day, today);
                if !first {
                    core.weekday = false;
                    core.need = Need::Nothing;
                }
                continue;
            }
        }
        if core.clock.is_none()
            && core.day_time.is_none()
            && !on
            && let Some((next, clock, sure)) = clock::clock(s, behind, at)
            && clock::range(s, behind).is_none()
        {
            core.time_first |= core.date.is_none();
            core.clock = Some(clock);
            core.sure = Some(sure);
            core.next = next;
            continue;
        }
        // "friday eod" is friday.
        if core.date.is_some() && here != k && s.word(here) == Some("eod") {
            core.next = here + 1;
            continue;
        }
        if core.zone.is_none()
            && here != k
            && (core.clock.is_some() || core.day_time.is_some())
            && let Some((next, zone)) = clock::zone(s, here)
        {
            core.zone = Some(zone);
            core.next = next;
            continue;
        }
        break;
    }
    (core.next > k).then_some(core)
}

/// "3pm - 5pm", "dec 20 to dec 27": a stretch of time has no field, so it stays in the title as a whole.
pub(super) fn range(s: Scan<'_, '_, '_>) -> Option<usize> {
    let k = s.begin;
    if let Some(next) = clock::range(s, k) {
        return Some(next);
    }
    let from = core(s, k, false).filter(|core| core.date.is_some())?;
    clock::is_dash(s.word(from.next)?).then_some(())?;
    let to = core(s, from.next + 1, false)?;
    let days = [&from, &to].iter().all(|core| core.date.is_some() && core.need == Need::Nothing);
    days.then_some(to.next)
}

/// "notes from last friday": a day that is part of the sentence, with all its words.
pub(super) fn held(s: Scan<'_, '_, '_>) -> Option<usize> {
    s.before().filter(|word| lexicon::holds_date(word) || *word == "to")?;
    let (k, lead, at) = lead(s)?;
    let core = core(s, k, at).filter(|core| lead == Lead::None && core.date.is_some() && core.clock.is_none())?;
    matches!(core.need, Need::Nothing | Need::Length).then_some(core.next)
}

/// "no date", "no due date".
pub(super) fn no_date(s: Scan<'_, '_, '_>) -> Option<usize> {
    let k = s.begin;
    (s.word(k)? == "no").then_some(())?;
    let (due, at) = if s.word(k + 1)? == "due" { (true, k + 2) } else { (false, k + 1) };
    (s.word(at)? == "date").then_some(())?;
    (due || s.tail(at + 1) || s.punctuated(at)).then_some(at + 1)
}

/// A text that is a date and nothing else, as between braces.
pub(super) fn whole(text: &str, context: &Context<'_>) -> Option<Due> {
    let items = items::cut(text, 0, text.len(), context);
    let reader = Reader::new(&items, context);
    let s = reader.scan(0);
    s.word(0)?;
    let (k, lead, at) = lead(s)?;
    matches!(lead, Lead::None | Lead::On | Lead::At | Lead::By | Lead::Due).then_some(())?;
    let core = core(s, k, at).filter(|core| core.next == items.len())?;
    core.moment(Role::Due)?.due(context)
}
