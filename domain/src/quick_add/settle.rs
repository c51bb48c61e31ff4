//! From a repetition as typed to a rule and its first date.
//!
//! A rule whose start is not said is due at its first occurrence from today on, and counted from there: "every other
//! friday" begins with the coming one. A day that shorter months lack falls on their last day: the 31st is
//! `BYMONTHDAY=-1`, and the 30th is the last of the days 28 to 30 that the month has
//! (`BYMONTHDAY=28,29,30;BYSETPOS=-1`), so that the rule means the same to every program.

use super::{Context, calendar, clock::TimeOfDay, every::Every, lexicon::Unit, moment};
use crate::{
    date::Due,
    repeat::{Repeat, RepeatFrom, Rule},
    sorted,
};
use jiff::civil::{Date, Weekday};
use std::fmt::Write as _;

/// The most occurrences that are counted for "for 6 weeks".
const COUNT_MAX: u16 = 9_999;

/// The rule and the first date. `anchor` and `time` come from elsewhere in the line. `None` when it never falls.
pub(super) fn settle(
    every: &Every,
    anchor: Option<Date>,
    time: Option<TimeOfDay>,
    zone: Option<&str>,
    context: &Context<'_>,
) -> Option<(Repeat, Due)> {
    let time = every.time.or(time).map(|t| TimeOfDay { next_day: false, ..t });
    let mut except = Vec::new();
    for day in &every.except.dates {
        sorted::insert(&mut except, *day, |day| *day);
    }

    let start = match every.start.or(anchor) {
        Some(day) => day,
        None => {
            let now = calendar::now_in(context, every.zone.as_deref().or(zone).filter(|_| time.is_some()));
            let today = now.date();
            let passed = time.is_some_and(|t| t.time <= now.time());
            if passed { calendar::plus_days(today, 1)? } else { today }
        }
    };
    let (rule, first) = match &every.raw {
        Some(rule) => (rule.clone(), rule.first(start, &except)?),
        None => {
            let parts = Parts::new(every, start, context)?;
            let first = parts.rule(1, None, None)?.first(start, &except)?;
            if every.until.is_some_and(|until| until < first) {
                return None;
            }
            let count = match every.span {
                Some(span) => {
                    let end = calendar::plus(first, span.n, span.unit)?;
                    Some(occurrences(&parts.rule(every.interval, None, None)?, first, end))
                }
                None => every.times,
            };
            (parts.rule(every.interval, count, every.until)?, first)
        }
    };
    let zone = every.zone.as_deref().or(zone);
    let due = moment::due(context, Some(first), time, zone)?;
    let from = if every.from_completion { RepeatFrom::Completion } else { RepeatFrom::Due };
    Some((Repeat { rule, from, except }, due))
}

/// How often the rule falls from `first` on and before `end`.
fn occurrences(rule: &Rule, first: Date, end: Date) -> u16 {
    let mut count = 1;
    let mut day = first;
    while count < COUNT_MAX
        && let Some(next) = rule.next_after(first, day, &[]).filter(|next| *next < end)
    {
        count += 1;
        day = next;
    }
    count
}

/// The days of a rule, with what was left out taken away.
struct Parts {
    freq: &'static str,
    months: Vec<i8>,
    month_days: Vec<i32>,
    days: Vec<(i32, Weekday)>,
    positions: Vec<i32>,
    /// Which days share a week matters to "every 2 weeks on sun and wed".
    sunday_first: bool,
}

impl Parts {
    fn new(every: &Every, start: Date, context: &Context<'_>) -> Option<Self> {
        let mut parts = Self {
            freq: match every.unit {
                Unit::Day => "DAILY",
                Unit::Week => "WEEKLY",
                Unit::Month => "MONTHLY",
                Unit::Year => "YEARLY",
                Unit::Hour | Unit::Minute => return None,
            },
            months: every.months.clone(),
            month_days: every.month_days.clone(),
            days: every.days.clone(),
            positions: every.positions.clone(),
            sunday_first: context.week_starts_sunday && every.unit == Unit::Week,
        };
        let open = parts.month_days.is_empty() && parts.days.is_empty();
        // "every month" from the 31st on, and "every year" from 29 February on.
        if open && every.unit == Unit::Month && start.day() > 28 {
            parts.month_days = vec![i32::from(start.day())];
        }
        if open && every.unit == Unit::Year && parts.months.is_empty() && (start.month(), start.day()) == (2, 29) {
            parts.months = vec![2];
            parts.month_days = vec![29];
        }
        parts.short_months();
        parts.leave_out(every)?;
        Some(parts)
    }

    fn short_months(&mut self) {
        let longest = match self.months[..] {
            [2] => 29,
            [4 | 6 | 9 | 11] => 30,
            _ => 31,
        };
        // A named month that has the day every year needs nothing: 31 January.
        if let [month] = self.months[..]
            && month != 2
            && self.month_days.iter().all(|d| *d <= longest)
        {
            return;
        }
        for day in &mut self.month_days {
            if *day == 31 && self.months.is_empty() {
                *day = -1;
            }
        }
        if let [day @ 29..=30] = self.month_days[..]
            && self.positions.is_empty()
            && self.days.is_empty()
            && day <= longest
        {
            self.month_days = (28..=day).collect();
            self.positions = vec![-1];
        }
    }

    fn leave_out(&mut self, every: &Every) -> Option<()> {
        let out = &every.except;
        if !out.weekdays.is_empty() {
            if self.days.is_empty() {
                if self.freq == "DAILY" && every.interval == 1 {
                    self.freq = "WEEKLY";
                }
                self.days = Weekday::Monday.cycle_forward().take(7).map(|d| (0, d)).collect();
            }
            self.days.retain(|(_, d)| !out.weekdays.contains(d));
            (!self.days.is_empty()).then_some(())?;
        }
        if !out.months.is_empty() {
            if self.months.is_empty() {
                self.months = (1..=12).collect();
            }
            self.months.retain(|m| !out.months.contains(m));
            (!self.months.is_empty()).then_some(())?;
        }
        Some(())
    }

    fn rule(&self, interval: i32, count: Option<u16>, until: Option<Date>) -> Option<Rule> {
        const CODES: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
        let mut text = format!("FREQ={};INTERVAL={interval}", self.freq);
        let mut list = |name: &str, items: Vec<String>| {
            if !items.is_empty() {
                // Writing to a string cannot fail.
                let _ = write!(text, ";{name}={}", items.join(","));
            }
        };
        list("BYMONTH", self.months.iter().map(ToString::to_string).collect());
        list("BYMONTHDAY", self.month_days.iter().map(ToString::to_string).collect());
        let code = |day: &Weekday| CODES[usize::from(day.to_monday_zero_offset().unsigned_abs())];
        list(
            "BYDAY",
            self.days
                .iter()
                .map(|(nth, day)| if *nth == 0 { code(day).to_owned() } else { format!("{nth}{}", code(day)) })
                .collect(),
        );
        list("BYSETPOS", self.positions.iter().map(ToString::to_string).collect());
        if let Some(count) = count {
            let _ = write!(text, ";COUNT={count}");
        } else if let Some(until) = until {
            let _ = write!(text, ";UNTIL={:04}{:02}{:02}", until.year(), until.month(), until.day());
        }
        if self.sunday_first && interval > 1 && self.days.len() > 1 {
            text.push_str(";WKST=SU");
        }
        text.parse().ok()
    }
}
