//! How the files of sentences are written, and whether what the assistant did is what a line expects.
//!
//! One sentence a line, ` => `, and then what becomes of it, in parts separated by ` ;; `. A line that begins with `| `
//! goes on with the conversation of the line before; `\n` is a line break; `//` begins a comment.
//!
//! A part is a call as it must be made, `tool {arguments}` (with ` described` when the set was described and not named;
//! `_` for any arguments), or what must be true afterwards: `done N`, `open N`, `deleted N…`, `restored N`,
//! `due N DATE|none`, `title N TEXT`, `priority N p`, `label N +x` or `-x`, `project N name|none`, `shown N…`,
//! `added {fields}`, `nothing`. `say WORDS` and `ask WORDS` are a part of what is said and asked; `yes` and `no` answer a
//! question of approval. Where calls are expected they are all that may be done; where facts are, no other task may have
//! changed.

use super::world::{Log, scene};
use domain::task::Task;
use serde_json::{Value, json};
use server::agent::built_in::{
    plan::{self, Step},
    read, reply,
    scene::{Scene, State, state},
};

/// What one message came to.
#[derive(Default)]
pub struct Turn {
    /// Each step in the notation of the files.
    pub steps: Vec<String>,
    shown: Vec<i64>,
    before: Vec<Task>,
}

/// A conversation under test.
pub struct Talk {
    scene: Scene,
    log: Log,
}

impl Talk {
    pub fn new() -> Self {
        Self { scene: scene(), log: Log::default() }
    }

    /// Sends a message.
    pub fn turn(&mut self, text: &str) -> Turn {
        let mut turn = Turn { before: self.scene.tasks().cloned().collect(), ..Turn::default() };
        let mut first = true;
        self.scene.hear(text);
        let asked = plan::answer(text, &self.scene);
        self.scene.memory.asked = None;
        match asked {
            Some(steps) => steps.into_iter().for_each(|step| self.step(step, &mut turn, &mut first)),
            None => {
                for intent in read::message(text, &self.scene) {
                    for step in plan::steps(intent, &self.scene) {
                        self.step(step, &mut turn, &mut first);
                    }
                }
            }
        }
        turn
    }

    fn step(&mut self, step: Step, turn: &mut Turn, first: &mut bool) {
        let scene = &mut self.scene;
        turn.steps.push(match step {
            Step::Call { tool, arguments, described } => {
                let (result, seq) = self.log.carry_out(scene, tool, &arguments);
                if seq.is_none() {
                    let tasks = result["tasks"].as_array().into_iter().flatten();
                    turn.shown.extend(tasks.filter_map(|t| t["id"].as_i64()));
                }
                scene.note(tool, &result, seq, *first);
                if tool == "create_project" {
                    scene.projects.push(super::world::project(90, arguments["name"].as_str().unwrap_or_default()));
                }
                *first = false;
                assert!(!reply::told(tool, &arguments, &result, scene).is_empty());
                format!("{tool} {arguments}{}", if described { " described" } else { "" })
            }
            Step::Say(text) => format!("say {text}"),
            Step::Ask(text, asked) => {
                scene.memory.asked = Some(asked);
                format!("ask {text}")
            }
            Step::Decide(yes) => if yes { "yes" } else { "no" }.into(),
        });
    }

    /// Whether the turn came to what the line expects.
    pub fn fits(&self, turn: &Turn, expected: &str) -> bool {
        let parts: Vec<&str> = expected.split(" ;; ").map(str::trim).collect();
        if parts.iter().any(|p| is_fact(p)) {
            self.facts_hold(turn, &parts)
        } else {
            parts.len() == turn.steps.len() && parts.iter().zip(&turn.steps).all(|(e, g)| is_step(e, g))
        }
    }

    fn facts_hold(&self, turn: &Turn, parts: &[&str]) -> bool {
        let mut touched: Vec<i64> = Vec::new();
        for part in parts {
            let (kind, rest) = part.split_once(' ').unwrap_or((part, ""));
            if !is_fact(part) || matches!(kind, "say" | "ask") {
                let called = |n: &i64| json_of(rest).is_some_and(|a| server::tools::task_ids(&a).contains(n));
                touched.extend(self.changed(turn).iter().filter(|n| called(n)));
                if !turn.steps.iter().any(|got| is_step(part, got)) {
                    return false;
                }
                continue;
            }
            let numbers: Vec<i64> = rest.split(' ').map_while(|n| n.parse().ok()).collect();
            touched.extend(&numbers);
            let holds = match kind {
                "nothing" => true,
                "shown" => {
                    let sorted = |mut list: Vec<i64>| {
                        list.sort_unstable();
                        list.dedup();
                        list
                    };
                    sorted(turn.shown.clone()) == sorted(numbers)
                }
                "added" => self.added(turn, rest, &mut touched),
                _ => numbers.iter().all(|n| self.scene.task(*n).is_some_and(|t| self.fact(kind, rest, t))),
            };
            if !holds {
                return false;
            }
        }
        self.changed(turn).iter().all(|id| touched.contains(id))
    }

    fn fact(&self, kind: &str, rest: &str, task: &Task) -> bool {
        let value = rest.split_once(' ').map_or("", |(_, value)| value);
        match kind {
            "done" => state(task) == State::Done,
            "open" | "restored" => state(task) == State::Open,
            "deleted" => state(task) == State::Trashed,
            "due" => task.due.as_ref().map_or("none".into(), ToString::to_string) == value,
            "title" => task.title == value,
            "priority" => task.priority.as_str() == value,
            "project" => task.project.as_ref().map_or("none", |p| p.name.as_str()).eq_ignore_ascii_case(value),
            "label" => {
                let has = |name: &str| task.labels.iter().any(|l| l.eq_ignore_ascii_case(name));
                value.strip_prefix('+').is_some_and(has) || value.strip_prefix('-').is_some_and(|name| !has(name))
            }
            other => panic!("{other}: not a fact"),
        }
    }

    /// Whether a task was added with these fields; the title's case and a date that comes with a repeat do not count.
    fn added(&self, turn: &Turn, fields: &str, touched: &mut Vec<i64>) -> bool {
        let wanted = json_of(fields).unwrap_or_else(|| panic!("{fields}: not JSON"));
        let new = self.scene.tasks().find(|t| {
            !touched.contains(&t.id.0)
                && turn.before.iter().all(|b| b.id != t.id)
                && Some(t.title.to_lowercase()) == wanted["title"].as_str().map(str::to_lowercase)
        });
        let Some(new) = new else { return false };
        touched.push(new.id.0);
        let have = json!({
            "title": wanted["title"], "due": new.due, "start": new.start, "deadline": new.deadline, "repeat": new.repeat,
            "priority": new.priority, "labels": new.labels, "parent_id": new.parent_id.map(|p| p.0),
            "project": new.project.as_ref().map(|p| &p.name), "description": new.description,
        });
        let empty = json!({"labels": [], "priority": "none"});
        have.as_object().into_iter().flatten().all(|(name, value)| {
            let free = name == "due" && !wanted["repeat"].is_null() && wanted["due"].is_null();
            let nothing = if empty[name].is_null() { &Value::Null } else { &empty[name] };
            free || value == wanted.get(name).unwrap_or(nothing)
        })
    }

    fn changed(&self, turn: &Turn) -> Vec<i64> {
        let was = |t: &Task| turn.before.iter().find(|b| b.id == t.id);
        self.scene.tasks().filter(|t| was(t) != Some(t)).map(|t| t.id.0).collect()
    }
}

const FACTS: &[&str] = &[
    "nothing", "shown", "added", "done", "open", "restored", "deleted", "due", "title", "priority", "project", "label",
];

fn is_fact(part: &str) -> bool {
    FACTS.contains(&part.split(' ').next().unwrap_or_default())
}

fn json_of(text: &str) -> Option<Value> {
    serde_json::from_str(if text.is_empty() { "{}" } else { text }).ok()
}

/// Whether a step is the expected one: calls exactly, words in part and without regard to case.
fn is_step(expected: &str, got: &str) -> bool {
    let (kind, rest) = expected.split_once(' ').unwrap_or((expected, ""));
    match kind {
        "say" | "ask" => {
            got.split_once(' ').is_some_and(|(k, said)| k == kind && said.to_lowercase().contains(&rest.to_lowercase()))
        }
        "yes" | "no" => got == expected,
        tool => {
            let (body, described) = match rest.strip_suffix(" described") {
                Some(body) => (body, true),
                None => (rest, false),
            };
            let (got_tool, got_body) =
                got.strip_suffix(" described").unwrap_or(got).split_once(' ').unwrap_or((got, "{}"));
            let wanted = || json_of(body).unwrap_or_else(|| panic!("{body}: not JSON"));
            got_tool == tool
                && described == got.ends_with(" described")
                && (body == "_" || Some(wanted()) == json_of(got_body))
        }
    }
}

/// A line of a file: what is said, whether it goes on with a conversation, and what is expected.
pub struct Line {
    pub number: usize,
    pub sentence: &'static str,
    pub goes_on: bool,
    pub expected: &'static str,
}

/// The lines of a file that say something.
pub fn lines(text: &'static str) -> impl Iterator<Item = Line> {
    let says = |(_, line): &(usize, &str)| !line.is_empty() && !line.starts_with("//");
    text.lines().map(str::trim).enumerate().filter(says).map(|(at, line)| {
        let (sentence, expected) = line.split_once(" => ").unwrap_or_else(|| panic!("line {}: no arrow", at + 1));
        let (goes_on, sentence) = sentence.strip_prefix("| ").map_or((false, sentence), |s| (true, s));
        Line { number: at + 1, sentence, goes_on, expected }
    })
}

/// Reads a file of sentences and answers how many there are and what went wrong with which.
pub fn score(text: &'static str) -> (usize, Vec<String>) {
    let mut wrong = Vec::new();
    let mut sentences = 0;
    let mut talk = Talk::new();
    for line in lines(text) {
        if !line.goes_on {
            talk = Talk::new();
        }
        sentences += 1;
        let turn = talk.turn(&line.sentence.replace("\\n", "\n"));
        if !talk.fits(&turn, line.expected) {
            wrong.push(format!(
                "line {}: {}\n   expected {}\n   got      {}",
                line.number,
                line.sentence,
                line.expected,
                turn.steps.join(" ;; ")
            ));
        }
    }
    (sentences, wrong)
}
