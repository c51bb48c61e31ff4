//! The schemas of the tools' arguments.

use super::schema::{colour, flag, list, number, numbers, object, one_of, priority, text, with, words};
use serde_json::{Value, json};

const DATE: &str = "A day (2026-11-21), a time (2026-11-21T09:00), a time in a zone (2026-11-21T09:00[Europe/Paris]) or words such as “next friday at 5pm”. An empty text clears it.";
const REPEAT: &str =
    "An RFC 5545 rule such as FREQ=WEEKLY;BYDAY=FR, or words such as “every friday”. An empty text stops it.";

fn task_id() -> Value {
    number("The task's number, as in #3.")
}

fn task_ids() -> Value {
    numbers("Several tasks by their numbers; instead of task_id.")
}

fn parent_id() -> Value {
    number("The task it becomes a part of; 0 makes it a task of its own.")
}

pub fn none() -> Value {
    object(json!({}), &[])
}

/// What a new task can have.
fn new_task() -> Value {
    json!({
        "title": text("What is to be done, in one line of at most 500 characters."),
        "description": text("Notes in Markdown."),
        "start": text(DATE), "due": text(DATE), "deadline": text(DATE), "repeat": text(REPEAT),
        "priority": priority(),
        "labels": words("Labels by name; missing ones are made."),
        "project": text("The project by name; made when it does not exist. Left out: the inbox."),
        "parent_id": number("The task it becomes a part of."),
    })
}

pub fn add_task() -> Value {
    object(new_task(), &["title"])
}

pub fn add_tasks() -> Value {
    object(
        json!({"tasks": list(object(new_task(), &["title"]), "The new tasks, at most 500, in their order.")}),
        &["tasks"],
    )
}

pub fn quick_add() -> Value {
    object(json!({"text": text("One task a line, for example “Call mum tomorrow 5pm #Family @phone p1”.")}), &["text"])
}

pub fn list_tasks() -> Value {
    let day = |what: &str| text(&format!("{what} (2026-11-21)."));
    let places = json!({
        "status": one_of(&["all", "pending", "completed", "trash"], "Default all (without the trash)."),
        "view": one_of(&["inbox", "today", "upcoming", "overdue"], "A place of the app: inbox is without a project, today is due today or earlier."),
        "search": text("Words of the title or the description."),
        "project": text("Only in this project, by name."),
        "labels": words("Only with all of these labels."),
        "priority": priority(),
        "parent_id": number("Only the parts of that task."),
        "no_date": flag("Only without a due date."),
        "repeating": flag("Only repeating ones."),
    });
    let days = json!({
        "due_from": day("Due on this day or later"), "due_to": day("Due on this day or earlier"),
        "deadline_from": day("To be done by this day or later"), "deadline_to": day("To be done by this day or earlier"),
        "start_from": day("Starting on this day or later"), "start_to": day("Starting on this day or earlier"),
        "completed_from": day("Completed on this day or later"), "completed_to": day("Completed on this day or earlier"),
        "created_from": day("Added on this day or later"), "created_to": day("Added on this day or earlier"),
    });
    let page = json!({
        "sort": one_of(&["position", "due", "priority", "created", "title"], "Default position, as the person arranged them."),
        "order": one_of(&["asc", "desc"], "Default asc; newest first when sorted by created and desc."),
        "count_only": flag("Answer how many, without the tasks."),
        "limit": number("At most this many, 1 to 200; default 50."),
        "cursor": text("The cursor of the answer before, with the same conditions: the next tasks."),
    });
    object(with(with(places, days), page), &[])
}

pub fn get_task() -> Value {
    object(json!({"task_id": task_id()}), &["task_id"])
}

pub fn tasks() -> Value {
    object(json!({"task_id": task_id(), "task_ids": task_ids()}), &[])
}

pub fn update_task() -> Value {
    let fields = json!({
        "task_id": task_id(), "task_ids": task_ids(),
        "title": text("A new title."),
        "description": text("New notes in Markdown; replaces the old ones."),
        "completed": flag("Done or open again."),
        "labels": words("The whole new set of labels."),
        "add_labels": words("Labels to add."), "remove_labels": words("Labels to take off."),
        "project": text("The project by name; an empty text moves to the inbox."),
        "parent_id": parent_id(),
    });
    let dates = json!({"start": text(DATE), "due": text(DATE), "deadline": text(DATE), "repeat": text(REPEAT), "priority": priority()});
    object(with(fields, dates), &[])
}

pub fn move_tasks() -> Value {
    object(
        json!({
            "task_id": task_id(), "task_ids": task_ids(),
            "due": text("The new day (2026-11-21; a time of day stays), or a new day and time. An empty text takes the date away."),
            "shift": {"type": "object", "description": "Moves the due dates by this much; negative is earlier.", "properties": {
                "days": {"type": "integer"}, "months": {"type": "integer"}, "minutes": {"type": "integer"}}, "additionalProperties": false},
            "project": text("The project by name, made when it does not exist; an empty text moves to the inbox."),
        }),
        &[],
    )
}

pub fn plan_day() -> Value {
    object(json!({"date": text("The day (2026-11-21); default today.")}), &[])
}

pub fn search() -> Value {
    object(json!({"text": text("What to look for.")}), &["text"])
}

pub fn undo() -> Value {
    object(
        json!({"operation": number("The operation to take back, the seq of its result; left out: the last change.")}),
        &[],
    )
}

fn name() -> Value {
    text("Its name, at most 100 characters.")
}

pub fn list_projects() -> Value {
    object(json!({"archived": flag("Also the archived ones.")}), &[])
}

pub fn create_project() -> Value {
    object(json!({"name": name(), "colour": colour(), "parent": text("The project it goes into, by name.")}), &["name"])
}

pub fn update_project() -> Value {
    object(
        json!({
            "project": text("Which project, by name or number."),
            "name": text("A new name, at most 100 characters."),
            "colour": colour(),
            "archived": flag("Archived projects are hidden with their tasks; false brings them back."),
            "parent": text("The project it goes into, by name; an empty text takes it out."),
        }),
        &["project"],
    )
}

pub fn delete_project() -> Value {
    object(json!({"project": text("Which project, by name or number.")}), &["project"])
}

pub fn create_label() -> Value {
    object(json!({"name": name(), "colour": colour()}), &["name"])
}

pub fn update_label() -> Value {
    object(
        json!({
            "label": text("Which label, by name or number."),
            "name": text("A new name, at most 100 characters."),
            "colour": colour(),
        }),
        &["label"],
    )
}

pub fn delete_label() -> Value {
    object(json!({"label": text("Which label, by name or number.")}), &["label"])
}
