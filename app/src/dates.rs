//! Dates as people say them: "Today", "Fri", "27 Jan", "17:00". English words; order and clock by the person's locale.
//!
//! Pure: today comes in as an argument, so that server and browser write the same.

use domain::{date::Due, repeat::Repeat, settings::Settings};
use jiff::civil::{Date, Time, Weekday};

/// How somebody reads dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// The calendar day where they are.
    pub today: Date,
    /// `Jan 27` and `5:00 PM` rather than `27 Jan` and `17:00`.
    pub american: bool,
    /// How far they are ahead of UTC, in seconds.
    pub offset: i32,
}

impl Style {
    /// From what the frame knows.
    pub fn of(overview: &domain::overview::Overview) -> Self {
        Self { today: overview.today, american: is_american(&overview.settings), offset: overview.utc_offset }
    }

    /// The shortest unmistakable name of a day.
    pub fn day(&self, date: Date) -> String {
        match days_between(self.today, date) {
            0 => "Today".into(),
            1 => "Tomorrow".into(),
            -1 => "Yesterday".into(),
            2..=6 => weekday(date.weekday())[..3].to_owned(),
            _ => self.date(date, self.today.year() != date.year()),
        }
    }

    /// `27 Jan`, with the year when asked for.
    pub fn date(&self, date: Date, with_year: bool) -> String {
        let month = &month(date)[..3];
        let day = date.day();
        match (self.american, with_year) {
            (false, false) => format!("{day} {month}"),
            (false, true) => format!("{day} {month} {}", date.year()),
            (true, false) => format!("{month} {day}"),
            (true, true) => format!("{month} {day}, {}", date.year()),
        }
    }

    /// A day as a heading: `Tomorrow · Sunday 22 November`.
    pub fn heading(&self, date: Date) -> (String, String) {
        let (name, day) = (weekday(date.weekday()), date.day());
        let year = if date.year() == self.today.year() { String::new() } else { format!(" {}", date.year()) };
        let long =
            if self.american { format!("{} {day}{year}", month(date)) } else { format!("{day} {}{year}", month(date)) };
        match days_between(self.today, date) {
            0 => ("Today".into(), format!("{name} {long}")),
            1 => ("Tomorrow".into(), format!("{name} {long}")),
            -1 => ("Yesterday".into(), format!("{name} {long}")),
            _ => (name.into(), long),
        }
    }

    /// A time of day.
    pub fn time(&self, time: Time) -> String {
        let (hour, minute) = (time.hour(), time.minute());
        if self.american {
            let half = if hour < 12 { "AM" } else { "PM" };
            let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
            format!("{hour}:{minute:02} {half}")
        } else {
            format!("{hour:02}:{minute:02}")
        }
    }

    /// A task's date.
    pub fn due(&self, due: &Due) -> String {
        let mut text = self.day(due.date());
        if let Some(time) = due.time() {
            text.push(' ');
            text.push_str(&self.time(time));
        }
        if let Some(zone) = due.zone() {
            // The city says enough: "Europe/Paris" -> "Paris".
            let city = zone.rsplit('/').next().unwrap_or(zone).replace('_', " ");
            text.push_str(&format!(" ({city})"));
        }
        text
    }

    /// An RFC 3339 instant's calendar day where the person is. By today's distance from UTC, so an instant within an hour
    /// of midnight on the other side of a clock change may land on the neighbouring day.
    pub fn instant_day(&self, instant: &str) -> Option<Date> {
        let instant: jiff::Timestamp = instant.parse().ok()?;
        let offset = jiff::tz::Offset::from_seconds(self.offset).ok()?;
        Some(offset.to_datetime(instant).date())
    }
}

/// A repetition in words.
pub fn repeat(repeat: &Repeat) -> String {
    let words = repeat.rule.describe();
    match repeat.from {
        domain::repeat::RepeatFrom::Due => words,
        domain::repeat::RepeatFrom::Completion => format!("{words} after it is done"),
    }
}

/// Where people write the month first and count hours to twelve.
fn is_american(settings: &Settings) -> bool {
    matches!(settings.locale.as_str(), "en-US" | "en-PH")
}

/// Whole days from one day to another.
pub fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

/// A weekday's English name.
pub fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

fn month(date: Date) -> &'static str {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    usize::try_from(date.month() - 1).ok().and_then(|i| NAMES.get(i)).copied().unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const STYLE: Style = Style { today: date(2026, 11, 21), american: false, offset: 0 };

    #[test]
    fn near_days_have_names() {
        let say = |y, m, d| STYLE.day(date(y, m, d));
        assert_eq!(say(2026, 11, 21), "Today");
        assert_eq!(say(2026, 11, 22), "Tomorrow");
        assert_eq!(say(2026, 11, 20), "Yesterday");
        assert_eq!(say(2026, 11, 27), "Fri");
        assert_eq!(say(2026, 11, 28), "28 Nov");
        assert_eq!(say(2027, 1, 27), "27 Jan 2027");
    }

    #[test]
    fn americans_read_the_month_first() {
        let style = Style { american: true, ..STYLE };
        let due: Due = "2026-12-24T17:00".parse().expect("a date");
        assert_eq!(style.due(&due), "Dec 24 5:00 PM");
        let due: Due = "2026-11-22T00:05[Europe/Paris]".parse().expect("a date");
        assert_eq!(style.due(&due), "Tomorrow 12:05 AM (Paris)");
    }

    #[test]
    fn instants_fall_on_the_persons_own_day() {
        let instant = "2026-11-21T23:30:00.123456Z";
        assert_eq!(STYLE.instant_day(instant), Some(date(2026, 11, 21)));
        let ahead = Style { offset: 3_600, ..STYLE };
        assert_eq!(ahead.instant_day(instant), Some(date(2026, 11, 22)));
    }
}
