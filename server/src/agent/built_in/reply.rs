//! What the built-in assistant says: short Markdown, with the number and the title of everything it touched. The words
//! come from the language's `answers.txt`; this file and its children only put them together.

mod told;

pub use told::{asks, denied, told, went_wrong};

use super::{
    intent::Talk,
    lexicon::{Language, Say},
    scene::{Scene, State, state},
    target::Trouble,
};
use domain::{date::Due, priority::Priority, repeat::Repeat, task::Task};
use jiff::civil::Date;
use serde_json::Value;

/// A person's text inside Markdown, shown as it is.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '*' | '_' | '`' | '[' | ']' | '<' | '~') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// In quotes.
pub fn quoted(text: &str) -> String {
    format!("“{}”", plain(text.trim()))
}

/// "**#3** Buy milk".
pub fn name(task: &Task) -> String {
    format!("**#{}** {}", task.id, plain(&task.title))
}

/// "**#3** Buy milk and **#4** Call mum".
pub fn names(ids: &[i64], scene: &Scene) -> String {
    let all: Vec<String> = ids.iter().filter_map(|id| scene.task(*id)).map(name).collect();
    joined(&all, scene.language)
}

fn joined(all: &[String], language: &Language) -> String {
    let and = language.say(Say::and);
    match all {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] if all.len() <= 6 => format!("{} {and} {last}", first.join(", ")),
        _ => {
            let more = language.tell(Say::more_names, &[("n", &(all.len() - 5).to_string())]);
            format!("{} {and} {more}", all[..5].join(", "))
        }
    }
}

/// "high priority".
pub fn priority(priority: Priority, scene: &Scene) -> &str {
    scene.language.say(match priority {
        Priority::None => Say::priority_none,
        Priority::Low => Say::priority_low,
        Priority::Medium => Say::priority_medium,
        Priority::High => Say::priority_high,
    })
}

/// One of several words of an answer, by its place.
fn nth(language: &Language, say: Say, n: i8) -> &str {
    language.say(say).split(' ').nth(usize::try_from(n).unwrap_or(0)).unwrap_or_default()
}

/// A date in the form that the language gives it.
fn dated(day: Date, format: Say, language: &Language) -> String {
    language.tell(
        format,
        &[
            ("weekday", nth(language, Say::weekdays, day.weekday().to_monday_zero_offset())),
            ("weekday_full", nth(language, Say::weekdays, day.weekday().to_monday_zero_offset() + 7)),
            ("month_full", nth(language, Say::months_full, day.month() - 1)),
            ("day", &day.day().to_string()),
            ("month", nth(language, Say::months, day.month() - 1)),
            ("year", &day.year().to_string()),
        ],
    )
}

/// A day as people say it, seen from today.
pub fn day(day: Date, scene: &Scene) -> String {
    let (today, language) = (scene.today(), scene.language);
    let away = day.since(today).map_or(0, |s| s.get_days());
    let near = day.year() == today.year() || (0..200).contains(&away);
    let full = dated(day, if near { Say::day_format } else { Say::day_year_format }, language);
    match away {
        0 => language.say(Say::day_today).to_owned(),
        1 => format!("{} ({full})", language.say(Say::tomorrow)),
        -1 => format!("{} ({full})", language.say(Say::yesterday)),
        _ => full,
    }
}

/// A date as people say it.
pub fn due(due: &Due, scene: &Scene) -> String {
    let mut out = day(due.date(), scene);
    if let Some(time) = due.time() {
        let time = time.strftime("%H:%M").to_string();
        out.push_str(&format!(" {}", scene.language.tell(Say::at, &[("time", &time)])));
    }
    if let Some(zone) = due.zone() {
        out.push_str(&format!(" ({zone})"));
    }
    out
}

/// What is worth knowing about a task, after its title.
pub fn details(task: &Task, scene: &Scene) -> String {
    let language = scene.language;
    let tell = |say, name: &str, value: &str| language.tell(say, &[(name, value)]);
    let mut out = Vec::new();
    if task.deleted_at.is_some() {
        out.push(language.say(Say::trashed).to_owned());
    } else if task.completed {
        out.push(language.say(Say::done).to_owned());
    }
    if let Some(when) = &task.due {
        let late = !task.completed && when.date_at(&scene.zone) < scene.today();
        out.push(tell(if late { Say::overdue_since } else { Say::due }, "date", &due(when, scene)));
    }
    if let Some(deadline) = &task.deadline {
        out.push(tell(Say::deadline, "date", &due(deadline, scene)));
    }
    if let Some(repeat) = &task.repeat {
        out.push(repeats(repeat, scene));
    }
    if task.priority != Priority::None {
        out.push(priority(task.priority, scene).to_owned());
    }
    if let Some(project) = &task.project {
        out.push(tell(Say::in_project, "project", &plain(&project.name)));
    }
    out.extend(task.labels.iter().map(|l| format!("@{}", plain(l))));
    out.join(" · ")
}

/// "repeats every week". The domain says rules in English; other languages say how often, and the days.
fn repeats(repeat: &Repeat, scene: &Scene) -> String {
    let language = scene.language;
    if language.code == "en" {
        return language.tell(Say::repeats, &[("rule", &repeat.rule.describe())]);
    }
    let part = |name: &str| repeat.rule.as_str().split(';').find_map(|p| p.strip_prefix(name)?.strip_prefix('='));
    let (every, unit) = match part("FREQ") {
        Some("DAILY") => (Say::every_day, 0),
        Some("WEEKLY") => (Say::every_week, 1),
        Some("MONTHLY") => (Say::every_month, 2),
        _ => (Say::every_year, 3),
    };
    let often = match part("INTERVAL") {
        Some(n) => language.tell(Say::every_n, &[("n", n), ("unit", nth(language, Say::units, unit))]),
        None => language.say(every).to_owned(),
    };
    let codes = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
    let days: Vec<&str> = part("BYDAY")
        .into_iter()
        .flat_map(|days| days.split(','))
        .filter_map(|d| codes.iter().position(|c| *c == d))
        .map(|i| nth(language, Say::weekdays, i8::try_from(i).unwrap_or(0)))
        .collect();
    let rule = if days.is_empty() { often } else { format!("{often} ({})", days.join(", ")) };
    language.tell(Say::repeats, &[("rule", &rule)])
}

/// One line of a list.
pub fn line(task: &Task, scene: &Scene) -> String {
    let details = details(task, scene);
    if details.is_empty() { format!("- {}", name(task)) } else { format!("- {} · {details}", name(task)) }
}

/// Lines of a list.
pub fn lines(tasks: &[Task], scene: &Scene) -> String {
    tasks.iter().map(|t| line(t, scene)).collect::<Vec<_>>().join("\n")
}

/// A task that is not there yet, from the arguments of `add_task`.
pub fn new_task(arguments: &Value, scene: &Scene) -> String {
    let mut out = quoted(arguments["title"].as_str().unwrap_or_default());
    if let Some(when) = arguments["due"].as_str().and_then(|d| d.parse::<Due>().ok()) {
        out.push_str(&format!(", {}", scene.language.tell(Say::due, &[("date", &due(&when, scene))])));
    }
    if let Some(repeat) = arguments.get("repeat").and_then(|r| serde_json::from_value(r.clone()).ok()) {
        out.push_str(&format!(", {}", repeats(&repeat, scene)));
    }
    out
}

/// Which one?
pub fn which(said: &str, options: &[i64], sure: bool, scene: &Scene) -> String {
    let tasks: Vec<Task> = options.iter().take(10).filter_map(|id| scene.task(*id)).cloned().collect();
    let head = match (said.is_empty(), sure, tasks.len()) {
        (_, false, 1) => Say::mean_this,
        (false, false, _) => Say::mean_these,
        (false, true, _) => Say::which_of,
        (true, ..) => Say::which_one,
    };
    format!("{}\n\n{}", scene.language.tell(head, &[("said", &quoted(said))]), lines(&tasks, scene))
}

/// Why nothing was done.
pub fn trouble(trouble: &Trouble, usual: &[State], scene: &Scene) -> String {
    let language = scene.language;
    let say = |say| language.say(say).to_owned();
    match trouble {
        Trouble::NoNumber(n) => language.tell(Say::no_number, &[("n", &n.to_string())]),
        Trouble::NoneLike(said) => language.tell(Say::none_like, &[("said", &quoted(said))]),
        Trouble::Unsure(said, options, sure) => which(said, options, *sure, scene),
        Trouble::EmptySet => match usual {
            [State::Done] => say(Say::empty_done),
            [State::Trashed] => say(Say::empty_trashed),
            _ => say(Say::empty_set),
        },
        Trouble::Lost => say(Say::lost),
        Trouble::NoPlace => say(Say::no_place),
    }
}

/// A date that could not be read.
pub fn no_date(said: &str, scene: &Scene) -> String {
    scene.language.tell(Say::cannot_read_date, &[("said", &quoted(said))])
}

/// A repetition that could not be read.
pub fn no_repeat(said: &str, scene: &Scene) -> String {
    scene.language.tell(Say::cannot_read_repeat, &[("said", &quoted(said))])
}

/// A project that does not exist.
pub fn no_project(name: &str, scene: &Scene) -> String {
    let have: Vec<String> =
        scene.projects.iter().filter(|p| !p.archived && p.deleted_at.is_none()).map(|p| plain(&p.name)).collect();
    let say = if have.is_empty() { Say::no_project_none } else { Say::no_project };
    scene.language.tell(say, &[("said", &quoted(name)), ("name", &plain(name)), ("have", &have.join(", "))])
}

/// Not understood.
pub fn not_understood(said: &str, scene: &Scene) -> String {
    let said: String = said.chars().take(80).collect();
    let say = if said.trim().is_empty() { Say::not_understood_that } else { Say::not_understood };
    scene.language.tell(say, &[("said", &quoted(&said)), ("examples", scene.language.say(Say::examples))])
}

/// Small talk.
pub fn talk(talk: Talk, scene: &Scene) -> String {
    let language = scene.language;
    let today = scene.today();
    let due =
        || scene.tasks().filter(|t| state(t) == State::Open && scene.due_day(t).is_some_and(|d| d <= today)).count();
    let say = match talk {
        Talk::Hello => match due() {
            0 => Say::hello_none,
            1 => Say::hello_one,
            n => return language.tell(Say::hello_many, &[("n", &n.to_string())]),
        },
        Talk::Today => {
            let time = scene.now.strftime("%H:%M").to_string();
            let zone = scene.zone.iana_name().unwrap_or("UTC");
            return language.tell(
                Say::today,
                &[("date", &dated(today, Say::now_format, language)), ("time", &time), ("zone", zone)],
            );
        }
        Talk::Thanks => Say::thanks,
        Talk::Bye => Say::bye,
        Talk::HowAreYou => Say::how_are_you,
        Talk::Who => Say::who,
        Talk::Help => return language.tell(Say::help, &[("examples", language.say(Say::examples))]),
        Talk::LeftAlone => Say::left_alone,
        Talk::Fine => Say::fine,
        Talk::Beyond => return language.tell(Say::beyond, &[("examples", language.say(Say::examples))]),
    };
    language.say(say).to_owned()
}
