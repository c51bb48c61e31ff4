//! What the grammar makes of a typed text, and the chips that show it.

use crate::prelude::*;
use crate::{
    components::icons::*,
    dates::{self, Style},
    place::Preset,
    state::State,
};
use domain::{
    date::{Due, is_zone_shaped},
    overview::Overview,
    quick_add::{BadLine, Chip, Context, Parsed, parse},
};
use jiff::civil::DateTime;
use std::cell::OnceCell;

/// A text as it would be sent, and what it means.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The typed text with what the place adds.
    pub whole: String,
    /// What it asks for.
    pub result: Result<Parsed, BadLine>,
}

/// Reads a text as the server will.
pub fn read(text: &str, preset: Option<&Preset>, overview: &Overview, now: DateTime) -> Reading {
    let context = context(overview, now);
    let whole = match (preset, parse(text, &context)) {
        (Some(preset), Ok(parsed)) => complete(text, preset, &parsed),
        _ => text.to_owned(),
    };
    let result = parse(&whole, &context);
    Reading { whole, result }
}

/// What the grammar reads against, from the frame.
pub fn context(overview: &Overview, now: DateTime) -> Context<'_> {
    Context {
        now,
        locale: &overview.settings.locale,
        week_starts_sunday: overview.settings.week_start == "sunday",
        is_zone,
        elapsed: None,
    }
}

/// The browser's own list decides, so that no zone database has to be sent along.
fn is_zone(word: &str) -> bool {
    thread_local! {
        static ZONES: OnceCell<Vec<String>> = const { OnceCell::new() };
    }
    if matches!(word, "UTC" | "GMT") {
        return true;
    }
    word.contains('/')
        && is_zone_shaped(word)
        && ZONES.with(|zones| {
            let zones = zones.get_or_init(crate::browser::time_zones);
            zones.is_empty() || zones.iter().any(|z| z == word)
        })
}

/// Adds the place's words to every line that makes a task of its own and does not say that thing itself.
fn complete(text: &str, preset: &Preset, parsed: &Parsed) -> String {
    let mut whole = String::with_capacity(text.len() + preset.text.len() + 1);
    let mut drafts = parsed.drafts.iter();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        let chips = || parsed.chips.iter().filter(|c| (at..end).contains(&(c.start as usize)));
        let top = !line.trim().is_empty() && drafts.next().is_some_and(|d| d.parent.is_none());
        let said = chips().any(|c| c.kind == preset.kind || (preset.kind == "due" && c.kind == "repeat"));
        if top && !said {
            // A note runs to the end of its line, so the words go before it.
            let body = line.trim_end_matches(['\n', '\r']);
            let split = chips().find(|c| c.kind == "note").map_or(body.len(), |c| c.start as usize - at);
            let (before, after) = line.split_at(split);
            whole.push_str(before.trim_end());
            whole.push(' ');
            whole.push_str(&preset.text);
            if split < body.len() {
                whole.push(' ');
            }
            whole.push_str(after);
        } else {
            whole.push_str(line);
        }
        at = end;
    }
    whole
}

/// The text with one understood piece made plain again: quoted, or with a backslash, whichever the grammar obeys.
fn escape(text: &str, chip: &Chip, count: impl Fn(&str) -> usize) -> Option<String> {
    let (start, end) = (chip.start as usize, chip.end as usize);
    let (before, piece, after) = (text.get(..start)?, text.get(start..end)?, text.get(end..)?);
    let now = count(text);
    let ways = [format!("{before}\\{piece}{after}"), format!("{before}\"{piece}\"{after}")];
    let fewer = ways.iter().find(|way| count(way) < now).cloned();
    fewer.or_else(|| ways.into_iter().next())
}

/// The chips below the add box.
#[component]
pub fn Understood(
    /// What is understood now.
    reading: Memo<Option<Reading>>,
    /// Takes the text that no longer says what a chip said, or `None` for what the place adds.
    dismiss: impl Fn(Option<String>) + Copy + Send + Sync + 'static,
    /// What is typed.
    text: RwSignal<String>,
) -> impl IntoView {
    let state = State::here();
    let chips = move || {
        reading.with(|r| match r.as_ref().map(|r| &r.result) {
            Some(Ok(parsed)) => parsed.chips.clone(),
            _ => Vec::new(),
        })
    };
    let tasks = move || {
        reading.with(|r| match r.as_ref().map(|r| &r.result) {
            Some(Ok(parsed)) if parsed.drafts.len() > 1 => Some(parsed.drafts.len()),
            _ => None,
        })
    };
    // A repetition brings its first date along; what will be stored is shown.
    let first_date = move || {
        reading.with(|r| match r.as_ref().map(|r| &r.result) {
            Some(Ok(parsed)) if parsed.drafts.len() == 1 && parsed.chips.iter().all(|c| c.kind != "due") => {
                parsed.drafts.first().and_then(|d| d.due.clone())
            }
            _ => None,
        })
    };
    let let_go = move |chip: &Chip| {
        let typed = text.get_untracked();
        let overview = state.overview.read_untracked();
        let context = context(&overview, state.now());
        let plain = |text: &str| parse(text, &context).map(|p| p.chips).unwrap_or_default();
        let own =
            plain(&typed).into_iter().find(|c| c.kind == chip.kind && c.text == chip.text && c.value == chip.value);
        let escaped = own.and_then(|own| escape(&typed, &own, |text| plain(text).len()));
        drop(overview);
        dismiss(escaped);
    };
    view! {
        <ul class="understood">
            {move || {
                let style = state.overview.with(Style::of);
                first_date()
                    .map(|due| {
                        view! {
                            <li class="chip plain">
                                <Icon of=TODAY />
                                {style.due(&due)}
                            </li>
                        }
                    })
            }}
            {move || tasks().map(|n| view! { <li class="chip plain">{format!("{n} tasks")}</li> })}
            {move || {
                let style = state.overview.with(Style::of);
                chips()
                    .into_iter()
                    .map(|chip| {
                        let (shape, words) = describe(&chip, style);
                        let name = format!("{}: {words}. Press to keep “{}” as text", chip.kind, chip.text);
                        view! {
                            <li>
                                <button
                                    type="button"
                                    class="chip"
                                    data-kind=chip.kind.clone()
                                    aria-label=name
                                    on:click=move |_| let_go(&chip)
                                >
                                    <Icon of=shape />
                                    <span dir="auto">{words}</span>
                                    <Icon of=CLOSE />
                                </button>
                            </li>
                        }
                    })
                    .collect_view()
            }}
        </ul>
    }
    .into_any()
}

/// An icon and words for a chip.
fn describe(chip: &Chip, style: Style) -> (Shape, String) {
    let date = |word: &str| {
        let words = chip.value.parse::<Due>().map_or_else(|_| chip.value.clone(), |due| style.due(&due));
        format!("{word}{words}")
    };
    match chip.kind.as_str() {
        "due" if chip.value.is_empty() => (TODAY, "No date".into()),
        "due" => (TODAY, date("")),
        "start" => (UPCOMING, date("From ")),
        "deadline" => (FLAG, date("By ")),
        "repeat" => (REPEAT, repeat_words(&chip.value)),
        "priority" => (FLAG, priority_word(&chip.value)),
        "label" => (LABEL, chip.value.clone()),
        "project" => (INBOX, chip.value.clone()),
        "note" => (NOTE, chip.value.clone()),
        "done" => (CHECK, "Done".into()),
        _ => (CHECK, chip.value.clone()),
    }
}

/// The chip's value is the wire's form of a repetition: JSON, or the bare rule.
fn repeat_words(value: &str) -> String {
    serde_json::from_str(value)
        .ok()
        .or_else(|| {
            Some(domain::repeat::Repeat {
                rule: value.parse().ok()?,
                from: domain::repeat::RepeatFrom::Due,
                except: Vec::new(),
            })
        })
        .map_or_else(|| value.to_owned(), |repeat| dates::repeat(&repeat))
}

/// A priority as the page calls it.
pub fn priority_word(value: &str) -> String {
    match value {
        "high" => "High priority".into(),
        "medium" => "Medium priority".into(),
        "low" => "Low priority".into(),
        _ => "No priority".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(drafts: usize, chips: Vec<Chip>) -> Parsed {
        let context = Context {
            now: jiff::civil::datetime(2026, 11, 21, 9, 0, 0, 0),
            locale: "en-GB",
            week_starts_sunday: false,
            is_zone: |_| false,
            elapsed: None,
        };
        let text = vec!["x"; drafts].join("\n");
        Parsed { drafts: parse(&text, &context).expect("plain lines").drafts, chips }
    }

    #[test]
    fn a_place_adds_its_words_to_lines_that_lack_them() {
        let preset = Preset { kind: "project", text: "#\"Home\"".into() };
        let chip =
            |kind: &str, start, end| Chip { kind: kind.into(), text: String::new(), start, end, value: String::new() };
        let text = "milk\n\nrent #Flat\ncall //about it";
        let chips = vec![chip("project", 11, 16), chip("note", 22, 32)];
        assert_eq!(
            complete(text, &preset, &parsed(3, chips)),
            "milk #\"Home\"\n\nrent #Flat\ncall #\"Home\" //about it"
        );
    }
}
