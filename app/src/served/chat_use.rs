//! How much the assistant is used, for administrators: together, day by day, and by person. Bars are drawn without a
//! script and without styles in the page, as `rect`s that know their width.

use super::{data::Use, parts};
use crate::{dates::Style, prelude::*};
use domain::{
    chat_use::{ChatUse, ChatUser},
    id::UserId,
    overview::Overview,
};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// The spans one can choose from.
const SPANS: [u32; 3] = [7, 30, 90];

/// Some use added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    messages: i64,
    tool_calls: i64,
    input: i64,
    output: i64,
}

impl Sum {
    fn add(&mut self, one: &ChatUse) {
        self.messages += one.messages;
        self.tool_calls += one.tool_calls;
        self.input += one.input_tokens;
        self.output += one.output_tokens;
    }

    fn of<'a>(rows: impl IntoIterator<Item = &'a ChatUse>) -> Self {
        let mut sum = Self::default();
        rows.into_iter().for_each(|row| sum.add(row));
        sum
    }

    /// In words; the built-in assistant uses no tokens.
    fn words(self) -> String {
        let mut words = format!("{} · {}", counted(self.messages, "message"), counted(self.tool_calls, "tool call"));
        if self.input + self.output > 0 {
            words.push_str(&format!(" · {} tokens read, {} written", grouped(self.input), grouped(self.output)));
        }
        words
    }
}

/// See the module.
pub fn page(overview: &Overview, found: &Use) -> AnyView {
    let body = match &found.rows {
        Ok(rows) => drawn(rows, found.days, overview),
        Err(problem) if problem.status == 403 => {
            view! { <p class="empty-hint">"Only administrators see this page."</p> }.into_any()
        }
        Err(problem) => parts::trouble(problem),
    };
    view! {
        <div class="view-head">
            <h1>"Use of the assistant"</h1>
            <a class="button small" href="/admin">"People"</a>
        </div>
        <div class="settings-body" id="use">{body}</div>
    }
    .into_any()
}

fn drawn(rows: &[ChatUse], days: u32, overview: &Overview) -> AnyView {
    let spans = SPANS.iter().map(|&span| {
        let now = span == days;
        let address = format!("/admin/use?days={span}");
        view! { <a class="button small" class:primary=now href=address aria-current=now.then_some("page")>{format!("{span} days")}</a> }
            .into_any()
    });
    let spans = spans.collect_view();
    let body = if rows.is_empty() {
        let hint = "Nobody has written to the assistant in these days. What is used shows up here, day by day and person by person.";
        view! { <p class="empty-hint">{hint}</p> }.into_any()
    } else {
        let people = people(rows);
        view! {
            <p class="use-sum">{format!("{} by {}", Sum::of(rows).words(), counted(people.len() as i64, "person"))}</p>
            {parts::section("use-days", "Day by day", "Messages that were answered. Days are counted in UTC.", by_day(rows, overview))}
            {parts::section("use-people", "By person", "Who uses the assistant most comes first.", by_person(people, overview))}
        }
        .into_any()
    };
    view! {
        <nav class="use-spans" aria-label="Span">{spans}</nav>
        {body}
    }
    .into_any()
}

fn by_day(rows: &[ChatUse], overview: &Overview) -> AnyView {
    let mut days: BTreeMap<Date, Sum> = BTreeMap::new();
    for row in rows {
        days.entry(row.day).or_default().add(row);
    }
    let most = days.values().map(|sum| sum.messages).max().unwrap_or(0);
    let style = Style::of(overview);
    let lines = days.iter().rev().map(|(day, sum)| line(style.day(*day), *sum, most)).collect_view();
    view! { <ul class="box lines use-lines">{lines}</ul> }.into_any()
}

fn line(name: String, sum: Sum, most: i64) -> AnyView {
    view! {
        <li class="line">
            <p class="line-title">{name}</p>
            <div class="use-fill">
                {bar(sum.messages, most)}
                <p class="hint">{sum.words()}</p>
            </div>
        </li>
    }
    .into_any()
}

/// Everybody with their rows, who uses it most first.
fn people(rows: &[ChatUse]) -> Vec<(&ChatUser, Vec<&ChatUse>, Sum)> {
    let mut by_id: BTreeMap<&UserId, Vec<&ChatUse>> = BTreeMap::new();
    for row in rows {
        by_id.entry(&row.user.id).or_default().push(row);
    }
    let mut people: Vec<_> = by_id
        .into_values()
        .filter_map(|rows| {
            let sum = Sum::of(rows.iter().copied());
            rows.first().map(|first| &first.user).map(|user| (user, rows, sum))
        })
        .collect();
    people.sort_by_key(|(user, _, sum)| (-(sum.input + sum.output), -sum.messages, user.email.clone()));
    people
}

fn by_person(people: Vec<(&ChatUser, Vec<&ChatUse>, Sum)>, overview: &Overview) -> AnyView {
    let most = people.iter().map(|(_, _, sum)| sum.messages).max().unwrap_or(0);
    let style = Style::of(overview);
    let lines = people
        .into_iter()
        .map(|(user, rows, sum)| {
            let name = if user.name.is_empty() { user.email.clone() } else { user.name.clone() };
            let days = rows
                .iter()
                .map(|row| {
                    view! { <li>{format!("{}: {}", style.day(row.day), Sum::of([*row]).words())}</li> }.into_any()
                })
                .collect_view();
            let days_label = counted(rows.len() as i64, "day");
            view! {
                <li class="line">
                    <div class="line-text">
                        <p class="line-title" dir="auto">{name}</p>
                        <p class="hint" dir="auto">{user.email.clone()}</p>
                    </div>
                    <div class="use-fill">
                        {bar(sum.messages, most)}
                        <p class="hint">{sum.words()}</p>
                        <details class="fold">
                            <summary>{days_label}</summary>
                            <ul class="use-each">{days}</ul>
                        </details>
                    </div>
                </li>
            }
            .into_any()
        })
        .collect_view();
    view! { <ul class="box lines use-lines">{lines}</ul> }.into_any()
}

/// How much of the most; the number itself stands beside it.
fn bar(part: i64, most: i64) -> AnyView {
    // What is there at all can be seen.
    let width = if most > 0 { (part * 100 / most).clamp(i64::from(part > 0), 100) } else { 0 };
    view! {
        <svg class="use-bar" aria-hidden="true">
            <rect width=format!("{width}%") height="100%" rx="4" />
        </svg>
    }
    .into_any()
}

fn counted(n: i64, noun: &str) -> String {
    match (n, noun) {
        (1, _) => format!("1 {noun}"),
        (_, "person") => format!("{} people", grouped(n)),
        _ => format!("{} {noun}s", grouped(n)),
    }
}

/// `1,234,567`.
fn grouped(n: i64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(user: &str, day: &str, messages: i64, tokens: i64) -> ChatUse {
        let user = ChatUser { id: UserId(user.into()), name: user.into(), email: format!("{user}@example.org") };
        let day = day.parse().expect("a day");
        ChatUse { day, user, messages, tool_calls: 1, input_tokens: tokens, output_tokens: 0 }
    }

    #[test]
    fn use_is_added_up_by_person() {
        let rows = [row("ann", "2026-11-21", 3, 0), row("bob", "2026-11-21", 1, 5000), row("ann", "2026-11-20", 2, 0)];
        let people = people(&rows);
        let said: Vec<(&str, String)> = people.iter().map(|(u, _, sum)| (u.name.as_str(), sum.words())).collect();
        assert_eq!(
            said,
            [
                ("bob", "1 message · 1 tool call · 5,000 tokens read, 0 written".to_owned()),
                ("ann", "5 messages · 2 tool calls".to_owned()),
            ]
        );
    }

    #[test]
    fn numbers_are_grouped() {
        for (n, said) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(n), said);
        }
    }
}
