//! The old apps' ways to say that a task comes back, as our one rule.

use super::Fields;
use domain::repeat::{Repeat, RepeatFrom, Rule};
use jiff::tz::TimeZone;
use serde_json::Value;

const PATTERN: &[&str] = &[
    "recurrencetype",
    "recurrencepattern",
    "recurringrule",
    "recurrencerule",
    "recurringpattern",
    "recurrence",
    "repeatrule",
    "rrule",
    "repeat",
];
/// The same inside an object or in a table of rules.
const INNER_PATTERN: &[&str] = &["type", "frequency", "freq", "pattern", "rrule"];
const DAYS: &[&str] = &["recurrencedays", "recurringdays", "daysofweek", "weekdays", "days", "byday"];
const WEEKDAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// A task's rule, and what of it could not be kept.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Read {
    pub repeat: Option<Repeat>,
    pub left: Vec<String>,
}

/// Reads the task's own columns, and the row of a table of rules when there is one.
pub(super) fn read(task: &Fields, rule: Option<&Fields>, zone: &TimeZone) -> Read {
    let metadata = rule.and_then(|rule| rule.object(&["rulemetadata", "metadata"]));
    let inner = [task.object(PATTERN), metadata, rule.cloned()].into_iter().flatten().reduce(|a, b| a.or(&b));
    let said = inner.as_ref().and_then(|inner| inner.text(INNER_PATTERN));
    let all = inner.unwrap_or_default().or(task);
    let pattern = said.or_else(|| all.text(PATTERN));
    let mut read = Read::default();
    let off = task.flag(&["isrecurring", "recurring"]) == Some(false) && rule.is_none();
    let Some(pattern) = pattern.map(|p| p.trim().to_uppercase()).filter(|_| !off) else { return read };
    if matches!(pattern.as_str(), "" | "NONE" | "NEVER" | "NO" | "FALSE" | "ONCE") {
        return read;
    }
    match rule_of(&pattern, &all, zone, &mut read.left).map(|text| text.parse::<Rule>()) {
        Some(Ok(rule)) => read.repeat = Some(Repeat { rule, from: RepeatFrom::Due, except: vec![] }),
        Some(Err(why)) => read.left.push(format!("how it repeats was not copied, because the rule {why}")),
        None => read.left.push("how it repeats was not copied, because nothing here knows that pattern".into()),
    }
    read
}

fn rule_of(pattern: &str, all: &Fields, zone: &TimeZone, left: &mut Vec<String>) -> Option<String> {
    if pattern.contains("FREQ=") {
        return Some(pattern.to_owned());
    }
    let (frequency, times, days) = match pattern {
        "DAILY" | "DAY" | "EVERYDAY" => ("DAILY", 1, ""),
        "WEEKLY" | "WEEK" => ("WEEKLY", 1, ""),
        "WEEKDAYS" | "WEEKDAY" => ("WEEKLY", 1, "MO,TU,WE,TH,FR"),
        "WEEKENDS" | "WEEKEND" => ("WEEKLY", 1, "SA,SU"),
        "BIWEEKLY" | "BI-WEEKLY" | "FORTNIGHTLY" => ("WEEKLY", 2, ""),
        "MONTHLY" | "MONTH" => ("MONTHLY", 1, ""),
        "QUARTERLY" => ("MONTHLY", 3, ""),
        "YEARLY" | "YEAR" | "ANNUALLY" | "ANNUAL" => ("YEARLY", 1, ""),
        _ => return None,
    };
    let mut rule = format!("FREQ={frequency}");
    let interval = all.number(&["recurrenceinterval", "recurringinterval", "repeatinterval", "interval"]).unwrap_or(1);
    if interval * times > 1 {
        rule.push_str(&format!(";INTERVAL={}", interval * times));
    }
    let given = all.list(DAYS);
    match (frequency, days) {
        (_, days) if !days.is_empty() => rule.push_str(&format!(";BYDAY={days}")),
        _ if given.is_empty() => {}
        ("WEEKLY", _) => match names(&given) {
            Some(days) => rule.push_str(&format!(";BYDAY={days}")),
            // 0 is a Monday in Python and a Sunday in JavaScript.
            None => left.push("its weekdays are numbers or unknown words: it repeats on the weekday it is due".into()),
        },
        ("MONTHLY", _) => {
            let days: Vec<String> = given.iter().filter_map(Value::as_i64).map(|day| day.to_string()).collect();
            rule.push_str(&format!(";BYMONTHDAY={}", days.join(",")));
        }
        _ => left.push("the days of its repetition were not copied".into()),
    }
    let until = all.day(&["recurrenceenddate", "recurringenddate", "repeatuntil", "enddate", "until"], zone);
    let count = all.number(&["maxoccurrences", "occurrences", "count"]);
    match (until, count) {
        (Some(day), count) => {
            rule.push_str(&format!(";UNTIL={}", day.strftime("%Y%m%d")));
            if count.is_some() {
                left.push("it ended by a day and by a number of times: the day was kept".into());
            }
        }
        (None, Some(count)) => {
            let done = all.number(&["occurrencecount", "occurrencescreated"]).unwrap_or(0);
            rule.push_str(&format!(";COUNT={}", (count - done).max(1)));
        }
        (None, None) => {}
    }
    Some(rule)
}

/// Weekdays as the rule writes them.
fn names(days: &[Value]) -> Option<String> {
    let name = |day: &Value| {
        let start: String = day.as_str()?.trim().chars().take(2).collect::<String>().to_uppercase();
        WEEKDAYS.into_iter().find(|known| *known == start)
    };
    days.iter().map(name).collect::<Option<Vec<_>>>().map(|days| days.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(value: Value) -> Fields {
        Fields::new(value.as_object().unwrap().clone())
    }

    fn text(read: &Read) -> Option<&str> {
        read.repeat.as_ref().map(|repeat| repeat.rule.as_str())
    }

    #[test]
    fn every_app_says_it_in_its_own_way() {
        for (task, rule) in [
            (
                json!({ "isrecurring": true, "recurrencetype": "weekly", "recurrenceinterval": 2, "recurrencedays": ["Monday", "fri"] }),
                Some("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR"),
            ),
            (
                json!({ "isrecurring": true, "recurrencetype": "monthly", "recurrencedays": "[1, 15]", "recurrenceenddate": "2026-12-31" }),
                Some("FREQ=MONTHLY;BYMONTHDAY=1,15;UNTIL=20261231"),
            ),
            (
                json!({ "isrecurring": 1, "recurrencetype": "daily", "maxoccurrences": 10, "occurrencecount": 3 }),
                Some("FREQ=DAILY;COUNT=7"),
            ),
            (
                json!({ "recurringrule": "yearly", "recurringenddate": "2030-01-01T00:00:00" }),
                Some("FREQ=YEARLY;UNTIL=20300101"),
            ),
            (json!({ "recurrencepattern": "Weekly" }), Some("FREQ=WEEKLY")),
            (json!({ "recurrencepattern": "{\"type\": \"daily\", \"interval\": 3}" }), Some("FREQ=DAILY;INTERVAL=3")),
            (json!({ "recurrencepattern": "rrule:freq=weekly;byday=tu" }), Some("FREQ=WEEKLY;BYDAY=TU")),
            (json!({ "recurrencepattern": "weekdays" }), Some("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR")),
            (json!({ "isrecurring": false, "recurrencetype": "daily" }), None),
            (json!({ "recurrencepattern": "none" }), None),
            (json!({ "recurrencepattern": null }), None),
        ] {
            let read = read(&fields(task.clone()), None, &TimeZone::UTC);
            assert_eq!(text(&read), rule, "{task}");
            assert!(read.left.is_empty(), "{task}: {read:?}");
        }
    }

    #[test]
    fn a_table_of_rules_says_it_for_the_task() {
        let rule = fields(
            json!({ "pattern": "weekly", "interval": 1, "rulemetadata": { "days_of_week": ["mon"], "end_date": "2027-01-01" } }),
        );
        let read = read(&fields(json!({ "title": "x" })), Some(&rule), &TimeZone::UTC);
        assert_eq!(text(&read), Some("FREQ=WEEKLY;BYDAY=MO;UNTIL=20270101"));
    }

    #[test]
    fn what_cannot_be_kept_is_said() {
        for (task, rule) in [
            (json!({ "recurrencepattern": "every blue moon" }), None),
            (json!({ "recurrencepattern": "weekly", "daysofweek": [0, 2] }), Some("FREQ=WEEKLY")),
            (
                json!({ "recurrencepattern": "daily", "until": "2026-12-31", "count": 4 }),
                Some("FREQ=DAILY;UNTIL=20261231"),
            ),
            (json!({ "recurrencepattern": "FREQ=HOURLY" }), None),
            (json!({ "recurrencepattern": "daily", "interval": 100_000 }), None),
        ] {
            let read = read(&fields(task.clone()), None, &TimeZone::UTC);
            assert_eq!((text(&read), read.left.len()), (rule, 1), "{task}: {read:?}");
        }
    }
}
