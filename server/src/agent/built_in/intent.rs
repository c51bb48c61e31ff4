//! What a sentence asks for, before it is known which tasks that means.

use super::{
    filter::Filter,
    lexicon::{List, Say},
    scene::Scene,
};
use domain::priority::Priority;

/// Which tasks are meant.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// "#3", "tasks 1 and 2", "1-4".
    Numbers(Vec<i64>),
    /// "it", "that one": the one thing just spoken of.
    It,
    /// "them", "those", "all of them": the things just spoken of.
    Them,
    /// "the other one": of what was just shown, what was not just spoken of.
    Other,
    /// "the second one", "the last two": places in the list last shown, counted from 0; negative counts from the end.
    Places(Vec<i64>),
    /// "the task I just added", "my newest task".
    Newest,
    /// "everything due today": a set that is described.
    Set(Box<Filter>),
    /// "buy milk", "the groceries one": words of a title.
    Words(String),
    /// "the report and the dentist": several of the above.
    Several(Vec<Target>),
    /// "#4 or #5": one of these, and not said which.
    OneOf(Box<Target>),
    /// "everything except #3".
    Except(Box<Target>, Box<Target>),
}

/// One act asked for. Texts are as typed.
#[derive(Clone, Debug, PartialEq)]
pub enum Intent {
    /// Make a task from a line (dates and markers inside are understood later).
    Add(NewLine),
    /// Make a task under another one.
    AddUnder(Target, String),
    /// Show a list.
    List(Filter),
    /// Say how many.
    Count(Filter),
    /// Search by words.
    Find(String),
    /// Show one task and all about it.
    Show(Target),
    /// Mark as done.
    Complete(Target),
    /// Mark as not done.
    Reopen(Target),
    /// Put into the trash.
    Delete(Target),
    /// Take out of the trash.
    Restore(Target),
    /// Give another title.
    Rename(Target, String),
    /// To a date, a project, the trash, a state: the text says.
    Move(Target, String),
    /// By a span of time: days, months.
    Shift(Target, Shift),
    /// To a date that was not said.
    MoveWhen(Target),
    /// Take the date away.
    NoDate(Target),
    /// Set the day by which it must be done; an empty text clears it.
    Deadline(Target, String),
    /// Set the day work on it begins.
    Start(Target, String),
    /// Set how much it matters.
    Priority(Target, Priority),
    /// One step up (true) or down.
    Nudge(Target, bool),
    /// Put labels on.
    Label(Target, Vec<String>),
    /// Take labels off; none means all.
    Unlabel(Target, Vec<String>),
    /// Write the note; an empty text clears it.
    Describe(Target, String),
    /// Add to the note.
    Note(Target, String),
    /// Make it come back.
    Repeat(Target, String),
    /// Stop it coming back.
    NoRepeat(Target),
    /// Make a project.
    NewProject(String),
    /// Show the projects.
    Projects,
    /// Show the labels.
    Labels,
    /// Say what to do today, or on the day the text names.
    Plan(Option<String>),
    /// Take back the last changes, that many.
    Undo(usize),
    /// Take back the last undo.
    Redo,
    /// Go ahead.
    Yes,
    /// Don't.
    No,
    /// Something said that needs no act, with what to answer.
    Talk(Talk),
    /// Something that cannot be done here, with why.
    Cannot(Say),
    /// A verb without anything it is about: "delete a task". The text is the verb.
    Which(String),
    /// "no, I meant #4": what was done last, on something else instead.
    Instead(Target),
    /// "#4 as well": what was done last, on something else too.
    Again(Target),
    /// "errands, not home": these labels instead of those.
    Relabel(Vec<String>, Vec<String>),
    /// Several acts from one phrase: "add tasks: milk, eggs".
    Several(Vec<Intent>),
    /// Not understood.
    Unknown(String),
}

/// A task to be made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewLine {
    /// Title with dates and markers.
    pub text: String,
    /// A date said apart from the title.
    pub when: Option<String>,
    /// Said apart from the title.
    pub deadline: Option<String>,
    /// Said apart from the title.
    pub priority: Option<Priority>,
    /// Said apart from the title.
    pub labels: Vec<String>,
    /// Said apart from the title.
    pub project: Option<String>,
    /// Said apart from the title.
    pub note: Option<String>,
    /// It ended in "to it": the project just made, if there is one; else this is the whole text.
    pub within: Option<String>,
}

impl NewLine {
    /// "create a project Garden and add … to Garden": the title ends in the name of a project that is only made now.
    fn ends_in(&self, name: &str, scene: &Scene) -> Option<String> {
        let at = self.text.len().checked_sub(name.len())?;
        let (head, tail) = self.text.split_at_checked(at).filter(|(_, tail)| tail.eq_ignore_ascii_case(name))?;
        let found = scene.language.words(head);
        let joint = found.last().filter(|w| scene.language.list(List::PROJECT_JOINT).has(&w.low))?;
        (found.len() > 1 && !tail.is_empty()).then(|| head[..joint.start].trim().to_owned())
    }

    /// Puts it into that project when its title says so.
    pub fn put_into(&mut self, name: &str, scene: &Scene) {
        if let Some(title) = self.ends_in(name, scene).filter(|_| self.project.is_none()) {
            (self.text, self.project) = (title, Some(name.to_owned()));
        }
    }
}

/// By how much a date moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shift {
    /// Days, negative for earlier.
    pub days: i32,
    /// Months, negative for earlier.
    pub months: i32,
    /// Minutes, negative for earlier.
    pub minutes: i64,
}

/// Small talk and questions about the assistant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Talk {
    /// "Hello".
    Hello,
    /// "Thanks".
    Thanks,
    /// "Bye".
    Bye,
    /// "How are you?"
    HowAreYou,
    /// "Who are you? Are you a robot?"
    Who,
    /// "What can you do?", "How do I delete a task?"
    Help,
    /// "What day is it?"
    Today,
    /// "Don't delete #2."
    LeftAlone,
    /// "OK", "good", with nothing to approve.
    Fine,
    /// "What will the weather be?"
    Beyond,
}

impl Intent {
    /// The tasks it is about.
    pub fn target(&self) -> Option<&Target> {
        super::read::target(self)
    }

    /// Whether it would change something.
    pub fn changes(&self) -> bool {
        super::read::changes(self)
    }

    /// The same act on something else; the act itself when it has no object.
    pub fn on(self, new: Target) -> Self {
        match self {
            Self::Again(_) => Self::Again(new),
            Self::Show(_) => Self::Show(new),
            Self::Complete(_) => Self::Complete(new),
            Self::Reopen(_) => Self::Reopen(new),
            Self::Delete(_) => Self::Delete(new),
            Self::Restore(_) => Self::Restore(new),
            Self::MoveWhen(_) => Self::MoveWhen(new),
            Self::NoDate(_) => Self::NoDate(new),
            Self::NoRepeat(_) => Self::NoRepeat(new),
            Self::Rename(_, x) => Self::Rename(new, x),
            Self::Move(_, x) => Self::Move(new, x),
            Self::Deadline(_, x) => Self::Deadline(new, x),
            Self::Start(_, x) => Self::Start(new, x),
            Self::Describe(_, x) => Self::Describe(new, x),
            Self::Note(_, x) => Self::Note(new, x),
            Self::AddUnder(_, x) => Self::AddUnder(new, x),
            Self::Repeat(_, x) => Self::Repeat(new, x),
            Self::Shift(_, x) => Self::Shift(new, x),
            Self::Priority(_, x) => Self::Priority(new, x),
            Self::Nudge(_, x) => Self::Nudge(new, x),
            Self::Label(_, x) => Self::Label(new, x),
            Self::Unlabel(_, x) => Self::Unlabel(new, x),
            other => other,
        }
    }
}
