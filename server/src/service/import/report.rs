//! What an import did and did not do, for the person who ran it: ids and reasons, never contents.

use std::{collections::BTreeMap, fmt};

/// What became of everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many of what were copied.
    pub copied: BTreeMap<&'static str, usize>,
    /// How many of what an earlier run had brought.
    pub there: BTreeMap<&'static str, usize>,
    /// What was not copied, or not wholly: table and reason, and the old rows' ids.
    pub left: BTreeMap<(&'static str, String), Vec<String>>,
    /// Tables nobody here knows, and those that another of the same kind stood in for.
    pub unread: Vec<String>,
    /// Whether nothing was kept.
    pub dry_run: bool,
    /// Whether there are people here and no admin among them.
    pub no_admin: bool,
}

impl Report {
    pub(super) fn copied(&mut self, what: &'static str) {
        *self.copied.entry(what).or_default() += 1;
    }

    pub(super) fn there(&mut self, what: &'static str) {
        *self.there.entry(what).or_default() += 1;
    }

    pub(super) fn left(&mut self, table: &'static str, id: &str, why: impl Into<String>) {
        let ids = self.left.entry((table, why.into())).or_default();
        if !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = |of: &BTreeMap<&'static str, usize>| {
            if of.is_empty() {
                return "nothing".to_owned();
            }
            of.iter().map(|(what, n)| format!("{n} {what}")).collect::<Vec<_>>().join(", ")
        };
        let verb = if self.dry_run { "Would copy" } else { "Copied" };
        writeln!(f, "{verb}: {}.", counts(&self.copied))?;
        if !self.there.is_empty() {
            writeln!(f, "Already here from an earlier import: {}.", counts(&self.there))?;
        }
        if !self.left.is_empty() {
            writeln!(f, "Not copied, or not wholly (by the old ids):")?;
        }
        for ((table, why), ids) in &self.left {
            writeln!(f, "  {table}: {why}: {}", ids.join(", "))?;
        }
        if !self.unread.is_empty() {
            writeln!(
                f,
                "Tables that were not copied, because nothing here knows them or a fuller one like it was copied: {}.",
                self.unread.join(", ")
            )?;
        }
        if self.no_admin {
            writeln!(f, "Nobody is an admin yet: todo-chatbot user admin EMAIL makes one.")?;
        }
        if self.dry_run {
            writeln!(f, "Nothing was kept: this was a dry run.")?;
        }
        Ok(())
    }
}
