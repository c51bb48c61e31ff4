//! What stands in an empty conversation: who answers, and what could be asked, made from the person's own day.

use crate::prelude::*;
use crate::state::State;
use domain::overview::Counts;

/// What can be asked first, the most useful first.
fn suggestions(counts: &Counts) -> Vec<&'static str> {
    let all = [
        (counts.overdue > 0, "What is overdue?"),
        (counts.overdue > 0, "Move everything overdue to today"),
        (counts.today > 0, "What should I do today?"),
        (counts.today > counts.overdue, "Move everything due today to tomorrow"),
        (counts.inbox > 0, "Show me all my tasks"),
        (true, "Add a task to buy groceries tomorrow"),
        (true, "Every friday remind me to send the report"),
        (true, "What can you do?"),
    ];
    all.into_iter().filter(|(fits, _)| *fits).map(|(_, text)| text).take(4).collect()
}

/// See the module.
pub fn start(state: State) -> AnyView {
    let overview = state.overview.read();
    let hint = match &overview.assistant.model {
        Some(model) => format!(
            "Answers come from {model}. It can read and change your tasks; what would harm or touch many is shown to you first."
        ),
        None => "This is the built-in assistant. It is no language model: it understands plain sentences about your tasks, and says so when it does not.".into(),
    };
    let operator = (overview.admin && overview.assistant.model.is_none()).then(|| {
        view! {
            <p class="empty-hint">
                "No language model is configured. As the operator you can connect one: set " <code>"LLM_PROVIDER"</code>
                " and its key, or the address of a local one."
            </p>
        }
        .into_any()
    });
    let suggestion = |text: &'static str| {
        view! {
            <li>
                <button class="suggestion" name="message" value=text>
                    {text}
                </button>
            </li>
        }
        .into_any()
    };
    view! {
        <div class="chat-start">
            <p class="empty-title">"What can I do for you?"</p>
            <p class="empty-hint">{hint}</p>
            {operator}
            <form method="post" action="/do/chat" data-form="say">
                <ul class="suggestions" aria-label="Suggestions">
                    {suggestions(&overview.counts).into_iter().map(suggestion).collect_view()}
                </ul>
            </form>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions_follow_the_day() {
        let day = |overdue, today, inbox| suggestions(&Counts { overdue, today, inbox, ..Counts::default() });
        assert_eq!(day(0, 0, 0).len(), 3);
        assert!(day(0, 0, 0)[0].starts_with("Add a task"));
        assert_eq!(day(2, 2, 5)[..2], ["What is overdue?", "Move everything overdue to today"]);
        assert!(day(0, 3, 3).contains(&"Move everything due today to tomorrow"));
        // Overdue tasks count as due today too, and are not what is meant by it.
        assert!(!day(2, 2, 2).contains(&"Move everything due today to tomorrow"));
    }
}
