//! What the box offers while somebody types: commands after `/`, tasks after `@`.

use crate::components::{
    dialogs::picker::{Choice, fits},
    frame::Where,
    icons::*,
};
use crate::prelude::*;
use crate::{api, browser, state::State};

/// Most tasks offered at once.
const TASKS: usize = 6;
/// A mention is at most so long, in bytes; what is longer is a sentence with an `@` in it.
const MENTION: usize = 40;

/// What a command does.
#[derive(Clone, Copy)]
enum Act {
    /// Says this.
    Say(&'static str),
    New,
    Again,
    Export,
    History,
}

const COMMANDS: [(&str, &str, Act); 9] = [
    ("/plan", "What should I do today?", Act::Say("What should I do today?")),
    ("/today", "What is due today?", Act::Say("What is due today?")),
    ("/overdue", "What is overdue?", Act::Say("What is overdue?")),
    ("/undo", "Undo the last change", Act::Say("Undo that")),
    ("/help", "What can you do?", Act::Say("What can you do?")),
    ("/new", "New conversation", Act::New),
    ("/retry", "Answer again", Act::Again),
    ("/export", "Save as Markdown", Act::Export),
    ("/history", "All conversations", Act::History),
];

/// The mention that is being typed at the end of a text: where it begins, and what it says so far.
pub fn mention(before: &str) -> Option<(usize, &str)> {
    let at = before.rfind('@')?;
    let starts_word = before[..at].chars().next_back().is_none_or(char::is_whitespace);
    let typed = &before[at + 1..];
    let alive = typed.len() <= MENTION && !typed.contains('\n') && !typed.starts_with(' ');
    (starts_word && alive).then_some((at, typed))
}

/// What fits the text before the caret.
pub fn offers(state: State, here: Where, before: &str) -> Vec<Choice> {
    if before.starts_with('/') {
        let commands = COMMANDS.iter().filter(|(name, _, _)| name.starts_with(before));
        return commands.map(|(name, what, act)| command(state, here, name, what, *act)).collect();
    }
    let Some((at, typed)) = mention(before) else {
        return Vec::new();
    };
    let head = before[..at].to_owned();
    let used = before.len();
    state.tasks.with(|tasks| {
        let found = tasks.values().rev().filter(|t| t.id.0 > 0 && t.deleted_at.is_none() && !t.completed);
        let found = found.filter(|t| fits(&t.title, typed) || t.id.to_string().starts_with(typed));
        found
            .take(TASKS)
            .map(|task| {
                let text = format!("{head}#{} \"{}\" ", task.id, task.title.replace('"', "'"));
                Choice::new(CHECK, task.title.clone(), format!("#{}", task.id), move || {
                    let draft = state.chat.draft.get_untracked();
                    let rest = draft.get(used..).unwrap_or_default().trim_start();
                    state.chat.draft.set(format!("{text}{rest}"));
                    let caret = text.encode_utf16().count();
                    browser::soon(move || browser::set_caret("#chat-input", caret));
                })
            })
            .collect()
    })
}

fn command(state: State, here: Where, name: &'static str, what: &'static str, act: Act) -> Choice {
    let shape = match act {
        Act::Say(_) => CHAT,
        Act::New => PLUS,
        Act::Again => RETRY,
        Act::Export | Act::History => NOTE,
    };
    Choice::new(shape, what, name, move || {
        let chat = state.chat;
        chat.draft.set(String::new());
        match (act, chat.current.get_untracked()) {
            (Act::Say(text), _) => state.chat_send(text.into()),
            (Act::Again, _) => state.chat_retry(None),
            (Act::History, _) => {
                if !here.path.read_untracked().starts_with("/chat") {
                    here.go("/chat");
                }
                chat.unfolded.set(true);
                browser::soon(|| browser::focus("#history-search"));
            }
            (Act::New, _) => {
                chat.clear();
                if here.path.read_untracked().starts_with("/chat/") {
                    here.go("/chat");
                }
            }
            (Act::Export, Some(id)) => browser::leave_for(&api::export_address(id, "markdown")),
            (Act::Export, None) => state.say("There is nothing to save yet", None),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mention_begins_a_word() {
        assert_eq!(mention("complete @mi"), Some((9, "mi")));
        assert_eq!(mention("@"), Some((0, "")));
        assert_eq!(mention("write to ann@example"), None);
        assert_eq!(mention("@ home"), None);
        assert_eq!(mention("nothing"), None);
        assert_eq!(mention(&format!("@{}", "long ".repeat(20))), None);
    }

    #[test]
    fn commands_have_names_of_their_own() {
        for (name, ..) in COMMANDS {
            assert_eq!(COMMANDS.iter().filter(|(n, ..)| n.starts_with(name)).count(), 1, "{name}");
        }
    }
}
