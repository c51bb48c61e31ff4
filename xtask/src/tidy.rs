//! `tidy`: the invariants of ARCHITECTURE.md that plain text can show.
//!
//! A table of words and the places that may not say them. Comments and unit tests are not looked at; a word inside a
//! longer one does not count. What needs types to see (the clock, the environment, random numbers) is clippy's, in
//! `clippy.toml`. What documents name is looked up by [`docs`].

mod docs;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::paths;

struct Rule {
    /// Files or folders below the repository.
    places: &'static [&'static str],
    /// Of those, the ones that may.
    except: &'static [&'static str],
    words: &'static [&'static str],
    why: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        places: &["domain/src", "domain/Cargo.toml"],
        except: &[],
        words: &["tokio", "sqlx", "rusqlite", "axum", "leptos", "reqwest", "std::fs", "std::net", "std::env"],
        why: "domain does no IO and knows neither database, server nor page",
    },
    Rule {
        places: &["app/src", "app/Cargo.toml"],
        except: &[],
        words: &["sqlx", "rusqlite", "axum", "leptos_axum", "tokio"],
        why: "app knows no SQL and no axum: its data comes from the REST API",
    },
    Rule {
        places: &["domain/src", "app/src", "server/src/service", "server/src/http"],
        except: &[],
        words: &["sqlite", "postgres", "postgresql"],
        why: "only the store names a database",
    },
    Rule {
        places: &["server/src"],
        // live.rs rings the database's own bell between pods; telemetry.rs names log targets.
        except: &["server/src/store", "server/src/live.rs", "server/src/telemetry.rs"],
        words: &["sqlx", "rusqlite"],
        why: "only the store speaks SQL",
    },
    Rule {
        places: &["server/src/service"],
        except: &[],
        words: &["axum", "leptos", "StatusCode", "HeaderMap"],
        why: "service knows no HTTP",
    },
    Rule { places: &["server/src/service"], except: &[], words: &["crate::http"], why: "service knows no door" },
    Rule {
        places: &["server/src/store"],
        except: &[],
        words: &["axum", "crate::http", "crate::service", "leptos"],
        why: "the store is below the service and knows nothing above it",
    },
    Rule {
        places: &["server/src"],
        except: &["server/src/config.rs"],
        words: &["env::var", "env::var_os", "env::vars"],
        why: "only config.rs reads the environment",
    },
];

/// Lines past which a file usually holds two things; see ARCHITECTURE.md.
const LONG_FILE: usize = 450;

pub fn chore() -> Result<()> {
    let mut found = Vec::new();
    for rule in RULES {
        for place in rule.places {
            check(rule, Path::new(place), &mut found)?;
        }
    }
    for folder in ["domain/src", "app/src", "server/src", "server/tests", "xtask/src"] {
        long_files(Path::new(folder))?;
    }
    found.extend(migrations()?);
    found.extend(docs::breaches()?);
    if found.is_empty() {
        println!("tidy: the layers keep to themselves");
        return Ok(());
    }
    for line in &found {
        println!("{line}");
    }
    bail!("{} breaches of the architecture", found.len())
}

fn check(rule: &Rule, place: &Path, found: &mut Vec<String>) -> Result<()> {
    let path = paths::repo().join(place);
    if rule.except.iter().any(|except| place == Path::new(except)) || !path.exists() {
        return Ok(());
    }
    if path.is_dir() {
        for name in names(&path)? {
            check(rule, &place.join(name), found)?;
        }
        return Ok(());
    }
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    for (number, word) in breaches(&text, rule.words) {
        found.push(format!("{}:{number}: `{word}`: {}", place.display(), rule.why));
    }
    Ok(())
}

/// Names long files. Not a breach: a table of data may be long, and a reader decides.
fn long_files(place: &Path) -> Result<()> {
    let path = paths::repo().join(place);
    if path.is_dir() {
        return names(&path)?.iter().try_for_each(|name| long_files(&place.join(name)));
    }
    let lines = fs::read(&path)?.iter().filter(|byte| **byte == b'\n').count();
    if lines > LONG_FILE && place.extension().is_some_and(|end| end == "rs") {
        println!("note: {} has {lines} lines; look for its second noun", place.display());
    }
    Ok(())
}

/// Line numbers and words of a source text that say what they may not.
fn breaches<'a>(text: &str, words: &[&'a str]) -> Vec<(usize, &'a str)> {
    let code = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]"));
    let lines = code.enumerate().map(|(index, line)| (index + 1, line.split("//").next().unwrap_or_default()));
    lines
        .flat_map(|(number, line)| words.iter().filter(move |word| says(line, word)).map(move |word| (number, *word)))
        .collect()
}

/// Whether a line holds the word, whatever its case, and not as a part of a longer one.
fn says(line: &str, word: &str) -> bool {
    let (line, word) = (line.to_lowercase(), word.to_lowercase());
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    line.match_indices(&word)
        .any(|(at, _)| !joins(line[..at].chars().next_back()) && !joins(line[at + word.len()..].chars().next()))
}

/// Both engines have the same numbered migrations.
fn migrations() -> Result<Vec<String>> {
    let of = |engine: &str| -> Result<BTreeSet<String>> {
        Ok(names(&paths::repo().join("migrations").join(engine))?
            .into_iter()
            .map(|name| name.display().to_string())
            .collect())
    };
    let (sqlite, postgres) = (of("sqlite")?, of("postgres")?);
    let lonely = sqlite.symmetric_difference(&postgres);
    Ok(lonely
        .map(|name| format!("migrations/*/{name}: both engines have the same migrations, and one lacks this"))
        .collect())
}

fn names(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut names = entries.map(|entry| Ok(entry?.file_name().into())).collect::<Result<Vec<PathBuf>>>()?;
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::breaches;

    #[test]
    fn a_word_counts_in_code_and_not_in_comments_tests_or_longer_words() {
        let text = "use sqlx::Row; // sqlx\n// sqlx\nlet sqlx_like = 1;\nlet a = \"Sqlx\";\n#[cfg(test)]\nmod tests { use sqlx; }\n";
        assert_eq!(breaches(text, &["sqlx"]), [(1, "sqlx"), (4, "sqlx")]);
    }

    #[test]
    fn the_repository_is_tidy() {
        super::chore().unwrap();
    }
}
