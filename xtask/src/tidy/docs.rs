//! What the documents name exists: files and headings that are linked, chores, commands, settings.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::paths;

/// In capitals and no settings of the program: of the chores, of compose.yaml and its images, of other programs, of answers.
const OTHERS: &[&str] = &[
    "CARGO_TARGET_DIR",
    "COMPOSE_PROFILES",
    "INVALID_ORIGIN",
    "MINIKUBE_PROFILE",
    "OLLAMA_CONTEXT_LENGTH",
    "POSTGRES_PASSWORD",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TODO_CHATBOT_CACHE",
    "TODO_PORT",
    "TODO_TAG",
];

/// One line for each thing that a document names and that is not there.
pub fn breaches() -> Result<Vec<String>> {
    let read =
        |name: &Path| fs::read_to_string(paths::repo().join(name)).with_context(|| format!("no {}", name.display()));
    let commands = commands(&read(Path::new("server/src/cli.rs"))?);
    let chores = chores(crate::HELP);
    let settings = names(&read(Path::new("docs/configure.md"))?);
    let mut found = Vec::new();
    for file in documents()? {
        let text = read(&file)?;
        let mut says = |number: usize, what: String| found.push(format!("{}:{}: {what}", file.display(), number + 1));
        let mut fenced = false;
        for (number, line) in text.lines().enumerate() {
            fenced ^= line.starts_with("```");
            for link in links(line).filter(|link| !link.contains("://") && !link.starts_with("mailto:")) {
                if !leads_somewhere(&file, link) {
                    says(number, format!("the link to {link} leads nowhere"));
                }
            }
            for (program, known) in [("cargo xtask ", &chores), ("todo-chatbot ", &commands)] {
                for word in called(line, program, fenced).filter(|word| !known.contains(*word)) {
                    says(number, format!("there is no `{program}{word}`"));
                }
            }
            for name in names(line) {
                let plain = name.strip_suffix("_FILE").filter(|plain| *plain != "NAME").unwrap_or(&name);
                if !settings.contains(plain) && !OTHERS.contains(&name.as_str()) && name != "NAME_FILE" {
                    says(number, format!("docs/configure.md knows no setting {name}"));
                }
            }
        }
    }
    Ok(found)
}

/// What people read: the documents at the top and in `docs`.
fn documents() -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for folder in ["", "docs"] {
        let names = super::names(&paths::repo().join(folder))?;
        files.extend(names.into_iter().map(|name| Path::new(folder).join(name)));
    }
    files.retain(|file| file.extension().is_some_and(|end| end == "md"));
    Ok(files)
}

/// Targets of `[text](target)`.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next())
}

/// Whether a file is there, and has the heading behind `#`.
fn leads_somewhere(from: &Path, link: &str) -> bool {
    let (file, heading) = link.split_once('#').map_or((link, None), |(file, heading)| (file, Some(heading)));
    let folder = from.parent().unwrap_or(Path::new(""));
    let path = paths::repo().join(if file.is_empty() { from.to_owned() } else { folder.join(file) });
    match heading {
        None => path.exists(),
        Some(heading) => fs::read_to_string(path).is_ok_and(|text| {
            text.lines()
                .filter(|line| line.starts_with('#'))
                .any(|line| anchor(line.trim_start_matches('#')) == heading)
        }),
    }
}

/// A heading as addresses name it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The words after a program's name where it is called, which is in code; in a sentence the name stands for the program.
fn called<'a>(line: &'a str, program: &'a str, fenced: bool) -> impl Iterator<Item = &'a str> {
    let line = if fenced { line.split(" #").next().unwrap_or_default() } else { line };
    line.match_indices(program).filter_map(move |(at, _)| {
        let (before, after) = line.split_at(at);
        let begins = before.chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '-');
        let code = fenced || before.matches('`').count() % 2 == 1;
        let word = after[program.len()..].split(|c: char| !(c.is_ascii_lowercase() || c == '-')).next()?;
        (begins && code && word.starts_with(|c: char| c.is_ascii_lowercase())).then_some(word)
    })
}

/// Words in capitals with `_` between them.
fn names(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let capital = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_uppercase()) && !part.contains(|c: char| c.is_ascii_lowercase())
    };
    let settings = words.filter(|word| word.split('_').count() > 1 && word.split('_').all(capital));
    settings.map(str::to_owned).collect()
}

/// The chores that the help names.
fn chores(help: &str) -> BTreeSet<String> {
    let lines = help.lines().filter_map(|line| line.strip_prefix("  "));
    let names = lines.filter_map(|line| line.split(' ').next()).filter(|name| !name.is_empty());
    names.map(str::to_owned).chain(["help".to_owned()]).collect()
}

/// The variants of the enum of commands, as the command line spells them.
fn commands(source: &str) -> BTreeSet<String> {
    let body =
        source.split_once("\nenum Command {\n").map_or("", |(_, rest)| rest.split("\n}\n").next().unwrap_or(rest));
    let variants = body.lines().filter_map(|line| line.strip_prefix("    "));
    let names = variants.filter_map(|line| line.split(|c: char| !c.is_alphanumeric()).next());
    let names = names.filter(|name| name.starts_with(|c: char| c.is_ascii_uppercase()));
    names.map(str::to_lowercase).chain(["help".to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_documents_name_is_found_in_their_lines() {
        assert_eq!(links("see [a](b.md#c) and [d](https://e) ").collect::<Vec<_>>(), ["b.md#c", "https://e"]);
        let calls = |line, fenced| called(line, "todo-chatbot ", fenced).collect::<Vec<_>>();
        assert_eq!(calls("PORT=1 dist/todo-chatbot backup - # todo-chatbot writes", true), ["backup"]);
        assert_eq!(calls("`todo-chatbot migrate --plan` and `todo-chatbot serve`", false), ["migrate", "serve"]);
        assert_eq!(calls("todo-chatbot is one program, see `todo-chatbot --help`", false), [""; 0]);
        assert!(names("`A_B` a_b C D_e F_G2").iter().eq(["A_B", "F_G2"]));
        assert_eq!(anchor(" Signing in: `a` & more"), "signing-in-a--more");
    }

    #[test]
    fn chores_and_commands_are_known() {
        let chores = chores(crate::HELP);
        assert!(["run", "tidy", "image", "help"].iter().all(|name| chores.contains(*name)), "{chores:?}");
        let text = fs::read_to_string(paths::repo().join("server/src/cli.rs")).unwrap();
        let commands = commands(&text);
        assert!(["serve", "backup", "user"].iter().all(|name| commands.contains(*name)), "{commands:?}");
        assert!(!commands.contains("file") && !commands.contains("only"), "{commands:?}");
    }
}
