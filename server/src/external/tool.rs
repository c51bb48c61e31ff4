//! A foreign tool as it is offered here: under a name that says whose it is, with words that were looked over.

use super::{schema::portable, text::clean};
use crate::config::mcp_servers::{Confirm, McpServer};
use rmcp::model;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// Stands between the server's name and the tool's. No name of ours has it, and no server's.
pub const JOINT: &str = "__";
/// Most tools of one server.
pub const TOOLS_MAX: usize = 64;
/// Longest name a provider takes.
const NAME_MAX: usize = 64;
/// Longest description and title, in characters.
const DESCRIPTION_MAX: usize = 1_000;
const TITLE_MAX: usize = 80;

/// See the module.
#[derive(Clone, Debug, PartialEq)]
pub struct Tool {
    /// `server__tool`, at most 64 letters.
    pub name: String,
    /// The server's name.
    pub server: String,
    /// What the server calls it.
    pub own_name: String,
    /// For people.
    pub title: String,
    /// For a model.
    pub description: String,
    /// The schema of its arguments.
    pub schema: Value,
    /// Whether the server says that it only reads. That is believed for whether to ask, unless the operator says otherwise.
    pub read_only: bool,
    /// Whether a person is asked before each call.
    pub asks: bool,
}

/// What a server offers, cut to what can be used; and how many of its tools that leaves out.
pub fn offered(server: &McpServer, tools: Vec<model::Tool>) -> (Vec<Tool>, usize) {
    let (mut out, mut left_out): (Vec<Tool>, usize) = (Vec::new(), 0);
    for tool in tools.into_iter().filter(|tool| is_wanted(server, &tool.name)) {
        match read(server, &tool)
            .filter(|tool| out.len() < TOOLS_MAX && out.iter().all(|other| other.name != tool.name))
        {
            Some(tool) => out.push(tool),
            None => left_out += 1,
        }
    }
    (out, left_out)
}

fn is_wanted(server: &McpServer, name: &str) -> bool {
    let any = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, name));
    (server.allow.is_empty() || any(&server.allow)) && !any(&server.deny)
}

fn read(server: &McpServer, tool: &model::Tool) -> Option<Tool> {
    let annotations = tool.annotations.as_ref();
    let read_only = annotations.and_then(|hints| hints.read_only_hint) == Some(true);
    let title = tool.title.as_deref().or(annotations.and_then(|hints| hints.title.as_deref()));
    let title = clean(title.unwrap_or_default(), TITLE_MAX);
    let described = clean(tool.description.as_deref().unwrap_or_default(), DESCRIPTION_MAX);
    Some(Tool {
        name: name(&server.name, &tool.name)?,
        server: server.name.clone(),
        own_name: tool.name.to_string(),
        title: if title.is_empty() { tool.name.to_string() } else { title },
        description: format!("A tool of the server “{}”. It says: {described}", server.name),
        schema: portable(&tool.input_schema)?,
        read_only,
        asks: match server.confirm {
            Confirm::Always => true,
            Confirm::Destructive => !read_only,
            Confirm::Never => false,
        },
    })
}

/// The name it has here. What providers do not take is replaced and what is too long is cut, with a digest of the whole
/// so that two names stay two.
fn name(server: &str, own: &str) -> Option<String> {
    let usable = (1..=128).contains(&own.len())
        && own.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/'));
    if !usable {
        return None;
    }
    let plain = own.replace(['.', '/'], "_");
    let whole = format!("{server}{JOINT}{plain}");
    if plain == own && whole.len() <= NAME_MAX {
        return Some(whole);
    }
    let digest = hex::encode(Sha256::digest(own.as_bytes()));
    let kept = whole.get(..whole.len().min(NAME_MAX - 9))?;
    Some(format!("{kept}_{}", digest.get(..8)?))
}

/// Whether a name fits a pattern in which `*` stands for any text.
pub fn matches(pattern: &str, name: &str) -> bool {
    let Some((head, mut rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(head) else { return false };
    while let Some((part, further)) = rest.split_once('*') {
        let Some(at) = name.find(part) else { return false };
        name = name.get(at + part.len()..).unwrap_or_default();
        rest = further;
    }
    name.ends_with(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_whose_they_are_and_stay_apart() {
        assert_eq!(name("weather", "get_forecast").as_deref(), Some("weather__get_forecast"));
        let dotted = name("weather", "get.forecast").expect("a name");
        assert!(dotted.starts_with("weather__get_forecast_") && dotted.len() == 30, "{dotted}");
        let long: Vec<String> =
            ["a", "b"].iter().filter_map(|end| name("weather", &format!("{}{end}", "x".repeat(100)))).collect();
        assert!(long[0] != long[1] && long.iter().all(|name| name.len() == 64), "{long:?}");
        for unusable in ["", "two words", "ä", "a\nb", "<data>", &"x".repeat(129)] {
            assert_eq!(name("weather", unusable), None, "{unusable:?}");
        }
    }

    #[test]
    fn patterns_have_stars() {
        for (pattern, name, fits) in [
            ("get_*", "get_x", true),
            ("get_*", "forget_x", false),
            ("*", "", true),
            ("*_x", "get_x", true),
            ("a*b*c", "a1b2c", true),
            ("a*b*c", "a1c2b", false),
            ("ab*ba", "aba", false),
            ("get", "get", true),
            ("get", "gets", false),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern} {name}");
        }
    }
}
