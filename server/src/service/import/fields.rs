//! A row of an old table, asked by every name a column has had and read by what it holds.

use crate::store::source::{SourceRow, plain};
use domain::date::Due;
use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};
use serde_json::Value;

/// A row; names are without case and underscores.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Fields(SourceRow);

/// When something is: a day, or a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
enum When {
    Day(Date),
    At(Timestamp),
}

/// Below this a number is seconds, above it milliseconds.
const SECONDS_END: f64 = 1e11;

impl Fields {
    pub fn new(row: SourceRow) -> Self {
        Self(row)
    }

    /// What a column of JSON holds, whether the database knew it for JSON or for text.
    pub fn object(&self, names: &[&str]) -> Option<Self> {
        let object = match self.get(names)? {
            Value::Object(object) => object.clone(),
            Value::String(text) if text.trim_start().starts_with('{') => serde_json::from_str(text).ok()?,
            _ => return None,
        };
        Some(Self(object.into_iter().map(|(name, value)| (plain(&name), value)).collect()))
    }

    /// These fields, and the other row's where these say nothing.
    pub fn or(mut self, other: &Self) -> Self {
        for (name, value) in &other.0 {
            if self.0.get(name).is_none_or(Value::is_null) {
                self.0.insert(name.clone(), value.clone());
            }
        }
        self
    }

    /// The first of those columns that says something.
    pub fn get(&self, names: &[&str]) -> Option<&Value> {
        names.iter().filter_map(|name| self.0.get(*name)).find(|value| !value.is_null())
    }

    /// The row's key as text; what it has instead when it has none.
    pub fn id(&self) -> String {
        self.text(&["id", "uuid"]).unwrap_or_else(|| "(no id)".into())
    }

    pub fn text(&self, names: &[&str]) -> Option<String> {
        match self.get(names)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            _ => None,
        }
    }

    pub fn flag(&self, names: &[&str]) -> Option<bool> {
        match self.get(names)? {
            Value::Bool(flag) => Some(*flag),
            Value::Number(number) => Some(number.as_f64() != Some(0.0)),
            Value::String(text) => {
                Some(matches!(text.trim().to_lowercase().as_str(), "true" | "t" | "1" | "yes" | "y"))
            }
            _ => None,
        }
    }

    pub fn number(&self, names: &[&str]) -> Option<i64> {
        match self.get(names)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A list, however it was kept: as JSON, as text of JSON, or with commas between.
    pub fn list(&self, names: &[&str]) -> Vec<Value> {
        match self.get(names) {
            Some(Value::Array(list)) => list.clone(),
            Some(Value::String(text)) if text.trim_start().starts_with('[') => {
                serde_json::from_str(text).unwrap_or_default()
            }
            Some(Value::String(text)) => {
                let bare = text.trim().trim_start_matches('{').trim_end_matches('}');
                let pieces = bare.split(',').map(|piece| piece.trim().trim_matches('"'));
                pieces.filter(|piece| !piece.is_empty()).map(|piece| Value::String(piece.into())).collect()
            }
            Some(number @ Value::Number(_)) => vec![number.clone()],
            _ => vec![],
        }
    }

    /// A moment; a day counts from its beginning.
    pub fn instant(&self, names: &[&str], zone: &TimeZone) -> Option<Timestamp> {
        match when(self.get(names)?, zone)? {
            When::At(at) => Some(at),
            When::Day(day) => moment(day.to_datetime(Time::midnight()), zone),
        }
    }

    /// A day.
    pub fn day(&self, names: &[&str], zone: &TimeZone) -> Option<Date> {
        Some(match when(self.get(names)?, zone)? {
            When::Day(day) => day,
            When::At(at) => zone.to_datetime(at).date(),
        })
    }

    /// A task's date. Midnight is a day: it is what a calendar without a clock leaves in a column that has one.
    pub fn due(&self, names: &[&str], zone: &TimeZone, zone_name: &str) -> Option<Due> {
        Some(match when(self.get(names)?, zone)? {
            When::Day(day) => Due::Day(day),
            When::At(at) => {
                let at = zone.to_datetime(at);
                if at.time() == Time::midnight() {
                    return Some(Due::Day(at.date()));
                }
                let minute = at.with().second(0).subsec_nanosecond(0).build().unwrap_or(at);
                Due::Zoned { at: minute, zone: zone_name.to_owned() }
            }
        })
    }
}

fn when(value: &Value, zone: &TimeZone) -> Option<When> {
    match value {
        Value::Number(number) => {
            let n = number.as_f64()?;
            let millis = if n.abs() < SECONDS_END { n * 1000.0 } else { n };
            #[expect(clippy::cast_possible_truncation, reason = "a date far beyond either end is refused below")]
            Timestamp::from_millisecond(millis as i64).ok().map(When::At)
        }
        Value::String(text) => {
            let text = text.trim();
            if text.len() == 10 {
                return text.parse().ok().map(When::Day);
            }
            // PostgreSQL and Python write a blank where the standard has a T.
            let text = text.replacen(' ', "T", 1);
            if let Ok(at) = text.parse::<Timestamp>() {
                return Some(When::At(at));
            }
            moment(text.parse::<DateTime>().ok()?, zone).map(When::At)
        }
        _ => None,
    }
}

/// A wall-clock time of a zone; inside a clock change it moves forward.
fn moment(at: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_ambiguous_zoned(at).compatible().ok().map(|at| at.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(value: Value) -> Fields {
        Fields::new(value.as_object().unwrap().clone())
    }

    #[test]
    fn a_date_is_read_in_every_form_it_was_kept_in() {
        let paris = TimeZone::get("Europe/Paris").unwrap();
        for (kept, utc, there) in [
            (json!("2026-01-05"), Some("2026-01-05"), Some("2026-01-05")),
            (json!("2026-01-05T00:00:00"), Some("2026-01-05"), Some("2026-01-05")),
            (
                json!("2026-01-05 14:30:00.000000"),
                Some("2026-01-05T14:30[UTC]"),
                Some("2026-01-05T14:30[Europe/Paris]"),
            ),
            (json!("2026-01-05T14:30:59Z"), Some("2026-01-05T14:30[UTC]"), Some("2026-01-05T15:30[Europe/Paris]")),
            (json!("2026-01-04T23:00:00+00:00"), Some("2026-01-04T23:00[UTC]"), Some("2026-01-05")),
            (json!("2026-01-05 16:30:00+02"), Some("2026-01-05T14:30[UTC]"), Some("2026-01-05T15:30[Europe/Paris]")),
            (json!(1_767_623_400), Some("2026-01-05T14:30[UTC]"), Some("2026-01-05T15:30[Europe/Paris]")),
            (json!(1_767_623_400_000_i64), Some("2026-01-05T14:30[UTC]"), Some("2026-01-05T15:30[Europe/Paris]")),
            (json!("infinity"), None, None),
            (json!("soon"), None, None),
            (json!("2026-02-30"), None, None),
        ] {
            let row = fields(json!({ "duedate": kept }));
            let read =
                |zone: &TimeZone, name: &str| row.due(&["due", "duedate"], zone, name).map(|due| due.to_string());
            assert_eq!(read(&TimeZone::UTC, "UTC").as_deref(), utc, "{kept}");
            assert_eq!(read(&paris, "Europe/Paris").as_deref(), there, "{kept}");
        }
    }

    #[test]
    fn a_list_is_read_in_every_form_it_was_kept_in() {
        for kept in [json!(["a", "b c"]), json!("[\"a\", \"b c\"]"), json!("a, b c"), json!("{a,\"b c\"}")] {
            assert_eq!(fields(json!({ "tags": kept })).list(&["tags"]), [json!("a"), json!("b c")], "{kept}");
        }
        for kept in [json!(null), json!("[oops"), json!(""), json!({})] {
            assert_eq!(fields(json!({ "tags": kept })).list(&["tags"]), Vec::<Value>::new(), "{kept}");
        }
    }
}
