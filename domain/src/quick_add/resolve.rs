//! From what was understood in a line to a draft: the last one wins, and what loses stays in the title.

use super::{
    BadLine, Chip, Context, Draft,
    clause::Clause,
    every::Every,
    items::{self, Item, Kind, Marker},
    lines::Line,
    moment::{self, Moment, Role},
    reader::{Found, Reader, What},
    settle, title,
};
use crate::{
    date::Due,
    repeat::Repeat,
    task::LABELS_MAX,
    text::{DESCRIPTION_MAX, Title, block},
};

/// What a line asks for, before it is known to be a task.
pub(super) struct Read {
    pub chips: Vec<Chip>,
    pub draft: Result<Draft, BadLine>,
}

/// Reads one line.
pub(super) fn read(text: &str, line: &Line, context: &Context<'_>) -> Read {
    let items = items::cut(text, line.start, line.end, context);
    let found = Reader::new(&items, context).phrases();
    let mut taken = Taken { text, items: &items, found: &found, context, values: vec![None; found.len()] };

    let project = taken.last_marker("project", |m| match m {
        Marker::Project(name) => Some((name.clone(), name.to_string())),
        _ => None,
    });
    let priority = taken.last_marker("priority", |m| match m {
        Marker::Priority(p) => Some((*p, p.to_string())),
        _ => None,
    });
    let deadline = taken.last_marker("deadline", |m| match m {
        Marker::Deadline(due) => Some((due.clone(), due.to_string())),
        _ => None,
    });
    let description = taken.last_marker("note", |m| match m {
        Marker::Note(note) => Some(((*note).to_owned(), (*note).to_owned())),
        _ => None,
    });
    let mut labels = Vec::new();
    for (i, marker) in taken.markers() {
        if let Marker::Label(name) = marker {
            taken.values[i] = Some(("label", name.to_string()));
            if labels.iter().all(|l: &crate::text::Name| l.key() != name.key()) {
                labels.push(name.clone());
            }
        }
    }
    let repeat = taken.repeat();
    let (repeat, repeat_due) = repeat.map_or((None, None), |(repeat, due)| (Some(repeat), Some(due)));
    let start = taken.start();
    let due = repeat_due.or_else(|| taken.due());

    let chips: Vec<Chip> = line.done_chip(text).into_iter().chain(taken.chips()).collect();
    let pieces: Vec<(usize, usize)> =
        found.iter().zip(&taken.values).filter(|(_, value)| value.is_some()).map(|(f, _)| (f.start, f.end)).collect();

    let bad = |code, message: String| BadLine { line: line.number, code, message };
    let left = title::title(text, line.start, line.end, &items, &pieces);
    let draft = if left.is_empty() {
        let message = if chips.is_empty() { "must not be empty" } else { "must say more than dates and markers" };
        Err(bad("empty", message.into()))
    } else if labels.len() > LABELS_MAX {
        Err(bad("too_many", format!("must have at most {LABELS_MAX} labels")))
    } else {
        Title::parse(&left)
            .and_then(|title| {
                let description = description.map(|d| block(&d, DESCRIPTION_MAX)).transpose()?;
                Ok(Draft {
                    title,
                    description,
                    completed: line.done.is_some_and(|(done, ..)| done),
                    start,
                    due,
                    deadline,
                    repeat,
                    priority,
                    labels,
                    project,
                    parent: line.parent,
                })
            })
            .map_err(|e| bad(e.code(), e.to_string()))
    };
    Read { chips, draft }
}

/// Which of the things found count, and as what.
struct Taken<'a> {
    text: &'a str,
    items: &'a [Item<'a>],
    found: &'a [Found],
    context: &'a Context<'a>,
    /// Kind and value of the chip; `None` for what stays in the title.
    values: Vec<Option<(&'static str, String)>>,
}

impl<'a> Taken<'a> {
    fn markers(&self) -> impl Iterator<Item = (usize, &'a Marker<'a>)> + use<'a> {
        let (found, items) = (self.found, self.items);
        found.iter().enumerate().filter_map(|(i, f)| match &items.get(f.first)?.kind {
            Kind::Marker(marker) => Some((i, marker)),
            _ => None,
        })
    }

    fn last_marker<T>(&mut self, kind: &'static str, pick: impl Fn(&Marker<'_>) -> Option<(T, String)>) -> Option<T> {
        let (i, (picked, value)) = self.markers().filter_map(|(i, m)| Some((i, pick(m)?))).last()?;
        self.values[i] = Some((kind, value));
        Some(picked)
    }

    fn moments(&self, want: impl Fn(Role) -> bool) -> Vec<(usize, &'a Moment)> {
        let found = self.found;
        found
            .iter()
            .enumerate()
            .filter_map(|(i, f)| match &f.what {
                What::Moment(m) | What::Clause(Clause::Until(m)) if want(m.role) && self.values[i].is_none() => {
                    Some((i, m))
                }
                _ => None,
            })
            .collect()
    }

    /// The last repetition that has an occurrence, with everything in the line that adds to it.
    fn repeat(&mut self) -> Option<(Repeat, Due)> {
        let all: Vec<(usize, &Every)> = self
            .found
            .iter()
            .enumerate()
            .filter_map(|(i, f)| match &f.what {
                What::Repeat(every) => Some((i, every.as_ref())),
                _ => None,
            })
            .collect();
        all.into_iter().rev().find_map(|(i, every)| self.settle(i, every))
    }

    fn settle(&mut self, at: usize, every: &Every) -> Option<(Repeat, Due)> {
        // "Quarterly report due dec 31"
        if every.adjective && self.moments(|role| role != Role::Starting).iter().any(|(_, m)| m.date.is_some()) {
            return None;
        }
        let mut every = every.clone();
        let mut parts = vec![at];
        for (i, f) in self.found.iter().enumerate() {
            match &f.what {
                What::Clause(clause) if every.add(clause) => parts.push(i),
                What::Moment(m) if m.role == Role::Starting && every.start.is_none() => {
                    if every.time.is_some() && m.time.is_some() {
                        continue;
                    }
                    every.start = m.date;
                    every.time = every.time.or(m.time);
                    every.zone = every.zone.take().or_else(|| m.zone.clone());
                    parts.push(i);
                }
                _ => {}
            }
        }
        // A date or a time that stands elsewhere: "water plants tomorrow every 3 days".
        let due: Vec<(usize, &Moment)> = self
            .moments(|role| role == Role::Due)
            .into_iter()
            .filter(|(i, _)| matches!(self.found[*i].what, What::Moment(_)))
            .collect();
        let (beside, date, time, zone) = together(&due);
        let conflict = (date.is_some() && every.start.is_some()) || (time.is_some() && every.time.is_some());
        let (date, time, zone) = if conflict { (None, None, None) } else { (date, time, zone) };
        let (repeat, due) = settle::settle(&every, date, time, zone.as_deref(), self.context)?;
        for i in parts {
            self.values[i] = Some(("repeat", repeat.rule.to_string()));
        }
        if !conflict {
            for i in beside {
                self.values[i] = Some(("due", due.to_string()));
            }
        }
        Some((repeat, due))
    }

    fn start(&mut self) -> Option<Due> {
        let all = self.moments(|role| role != Role::Due);
        let (i, start) = all.into_iter().rev().find_map(|(i, m)| Some((i, m.due(self.context)?)))?;
        self.values[i] = Some(("start", start.to_string()));
        Some(start)
    }

    fn due(&mut self) -> Option<Due> {
        let all = self.moments(|role| role == Role::Due);
        let none = self.found.iter().rposition(|f| matches!(f.what, What::NoDate));
        if let Some(none) = none.filter(|none| all.last().is_none_or(|(i, _)| i < none)) {
            self.values[none] = Some(("due", "none".into()));
            return None;
        }
        let (parts, date, time, zone) = together(&all);
        let due = moment::due(self.context, date, time, zone.as_deref())?;
        for i in parts {
            self.values[i] = Some(("due", due.to_string()));
        }
        Some(due)
    }

    fn chips(&self) -> impl Iterator<Item = Chip> {
        self.found.iter().zip(&self.values).filter_map(|(f, value)| {
            let (kind, value) = value.as_ref()?;
            Some(Chip::new(self.text, kind, f.start, f.end, value.clone()))
        })
    }
}

/// The last date, with the time or the day right before it when it lacks one: "tomorrow … at 5".
fn together(
    all: &[(usize, &Moment)],
) -> (Vec<usize>, Option<jiff::civil::Date>, Option<super::clock::TimeOfDay>, Option<String>) {
    let Some((last, rest)) = all.split_last() else {
        return (vec![], None, None, None);
    };
    let (i, last) = *last;
    if let Some((before, other)) = rest.last() {
        let day_and_time = other.time.is_none() && last.date.is_none();
        let time_and_day = other.date.is_none() && last.time.is_none();
        if day_and_time || time_and_day {
            let zone = last.zone.clone().or_else(|| other.zone.clone());
            return (vec![*before, i], last.date.or(other.date), last.time.or(other.time), zone);
        }
    }
    (vec![i], last.date, last.time, last.zone.clone())
}
