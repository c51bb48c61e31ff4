//! The names that the files of a language and the code share: acts, lists and things said.

/// An enumeration whose variants are written in the files of a language by their names.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($variant:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the files of a language show what each one means")]
        pub enum $name { $($variant),* }

        impl $name {
            /// Every one, in order.
            pub const EVERY: &[Self] = &[$(Self::$variant),*];

            /// As it is written in the files.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant)),* }
            }

            /// The one of that name.
            pub fn find(name: &str) -> Option<Self> {
                Self::EVERY.iter().copied().find(|one| one.name() == name)
            }
        }
    };
}

named! {
    /// What a fitting pattern means; its slots say on what.
    Act {
        Add, AddMany, AddNothing, AddDated, AddPriority, AddProject, AddRest, AddUnder, Complete, CompleteIt, Reopen, Delete,
        Restore, Rename, Become, Move, MoveSure, Postpone, Later, Earlier, EitherWay, NoDate, Deadline, NoDeadline,
        Start, Priority, High, Low, NoPriority, Raise, Lower, Label, Unlabel, UnlabelAll, Describe, Note, NoNote,
        Repeat, NoRepeat, OutOfProject, Show, Find, List, ListCompleted, ListAll, Count, CountCompleted, CannotHere,
        WhichOne, NewTitle, RemindOf, NewProject, DeleteProject, Projects, Labels, Plan, PlanDay, Undo, UndoMany,
        Redo, Instead, Again, Relabel, Hello, Thanks, Bye, HowAreYou, Who, Help, Today, LeftAlone, EmptyTrash, Beyond,
    }
}

named! {
    #[expect(non_camel_case_types, reason = "written as in the files")]
    /// A list that the code asks for; a language's file writes its name in capitals.
    List {
        LEAD, TAIL, NOISE, YES, NO, DONT, DONT_EXCEPT, NEGATED, QUESTION, NUMBER_NOUNS, CARDINALS, ORDINALS, IT, THEM,
        OTHER, NEWEST, FILLER, ANY, WHOLE_LIST, OPEN_WORDS, DONE_WORDS, TRASH_WORDS, LATE_WORDS, UNDATED_WORDS, ANY_STATE, TITLE_STOP,
        HIGH, MEDIUM, LOW, NO_PRIORITY, PRIORITY_NOUN, ABOUT, LABELLED, PROJECT_BEFORE, IN, PROJECT_AFTER, NOUN_MANY,
        NOUN_ONE, ALL, NEVER_FIRST, NAME_BEFORE, NAME_AFTER, DATE_BEFORE, DATE_BEGINNINGS, LIST_HEADS, SHOWS, ASK, EACH,
        ASKS_MUCH, ASK_ALONE, JOINTS, ANEW, ARTICLES, EXCEPT, TRASH, DONE, OPEN, LIST, INBOX, UNDATED, REPEATING,
        UPCOMING, SOON, MADE, DUE_BEFORE, DONE_BEFORE, LAST, FIRST, PLACE_NOUNS, PLACE_TAIL, NUMBER_JOINTS, NUMBER_TO,
        SUBJECTS, BEEN, AFTER_PAST, CHOICE_BEFORE, CHOICE_ALL, NEW_PROJECT, LINE_BEFORE, NOTE_NOUNS, NOTE_AFTER, WITH,
        TO_LIST, PROJECT_JOINT, PROJECT_WORD, PRIORITY_BEFORE, LABEL_VERBS, LABEL_NOUNS, LABEL_AFTER, DATE_JOINTS,
        DEADLINE, START, GREETINGS, THANKS, QUESTION_FIRST, REAL_WORDS, SLIP_VERBS, ADD_VERBS, ADD_SOFT, LOOSE_JOINT, LINE_AFTER, MEANT, CHATTER, MIND, LOOKS, BOTH, OR, BUT, KNOWING, CONDITION, CONDITION_FIRST, REPORTED, WH, RELATIVE,
    }
}

named! {
    #[expect(non_camel_case_types, reason = "written as in the files")]
    /// Something the assistant says.
    Say {
        examples, help, hello_none, hello_one, hello_many, thanks, bye, how_are_you, who, today, left_alone, fine,
        beyond, not_understood_that, not_understood, tangled, too_many_lines, too_long, which_task, new_title,
        remind_of, either_way, cannot_here, delete_project, empty_trash, already_done, is_trashed, still_open,
        already_trashed, not_trashed, to_when, no_due, already_priority, no_label, does_not_repeat, project_exists,
        nothing_to_redo, what_title, no_project_make, bad_title, one_parent, unknown_place, make_project, no_date_from,
        too_far, cannot_read_date, cannot_read_repeat, none_like, no_number, empty_set, empty_done, empty_trashed,
        lost, no_place, which_one, which_of, mean_this, mean_these, no_project_none, no_project, found_unsure,
        should_add, nothing_instead, added, added_under, added_many, completed, completed_next, reopened_one,
        reopened_many, deleted_one, deleted_many, restored, renamed, unchanged, changed, changed_many, moved,
        moved_many, found_none, found, made_project, made_label, changed_thing, deleted_thing, projects_none, projects, labels_none, labels, undone, last_change,
        did, due, overdue_since, deadline, start, repeats, in_project, in_inbox, trashed, done, open, no_date,
        no_deadline, no_repeat, no_labels, note, no_note, priority_high, priority_medium, priority_low, priority_none,
        at, tomorrow, yesterday, day_today, and, more_names, task, tasks, no_tasks, you_have, you_have_list, list_hint,
        list_more, open_and_done, s_completed, s_open, s_overdue, s_repeating, s_trash, s_today, s_upcoming, s_inbox,
        s_project, s_label, s_words, s_on, s_from_to, s_from, s_until, s_no_date, s_due, s_added, plan_none,
        plan_ahead, plan_one, plan_many, plan_one_late, plan_many_late, weekdays, months, months_full, day_format, day_year_format,
        now_format, every_day, every_week, every_month, every_year, every_n, units, not_worked, wrong, asks, asks_delete, denied,
        nothing_waiting, nothing_waiting_no, many_steps, conditional,
    }
}
