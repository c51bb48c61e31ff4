//! The schemas of what the tools answer. Fields without a value are left out of an answer, so that none is ever null.

use super::schema::{flag, list, number, numbers, object, one_of, priority, text, with, words};
use serde_json::{Value, json};

/// The operation in the log; absent when nothing had to change.
fn seq() -> Value {
    number("The operation this was, for undo; absent when everything was so already.")
}

/// A task in its wire form.
fn task() -> Value {
    let what = json!({
        "id": number("The number the person sees."),
        "user_id": text("Whose it is."),
        "title": text("One line."),
        "description": text("Notes in Markdown."),
        "completed": flag("Whether it is done."),
        "priority": priority(),
        "labels": words("Names of its labels."),
        "project": object(json!({"id": number("The project's number."), "name": text("Its name.")}), &["id", "name"]),
        "parent_id": number("The task it is a part of."),
        "position": text("Its place among its siblings."),
        "version": number("Grows with every change."),
    });
    let when = json!({
        "start": text("From when it can be worked on."),
        "due": text("When it is planned for: a day, a time, or a time with its zone in brackets."),
        "deadline": text("By when it has to be done."),
        "repeat": object(json!({
            "rule": text("RFC 5545."),
            "from": one_of(&["due", "completion"], "What the next date counts from."),
            "except": words("Days that are skipped."),
        }), &["rule", "from"]),
        "completed_at": text("RFC 3339."), "created_at": text("RFC 3339."),
        "updated_at": text("RFC 3339."), "deleted_at": text("RFC 3339; it is in the trash."),
    });
    let always = [
        "id",
        "user_id",
        "title",
        "completed",
        "priority",
        "labels",
        "position",
        "created_at",
        "updated_at",
        "version",
    ];
    object(with(what, when), &always)
}

fn tasks() -> Value {
    list(task(), "The tasks as they are now.")
}

fn changed_tasks(words: &[&str]) -> Value {
    json!({
        "status": one_of(words, "What was done."),
        "task_id": number("The task's number, when it is one."),
        "title": text("The task's title, when it is one."),
        "task_ids": numbers("The tasks' numbers, when they are several."),
        "tasks": tasks(),
        "seq": seq(),
    })
}

pub fn added() -> Value {
    let chips = list(json!({"type": "object"}), "What was read in the text.");
    object(with(changed_tasks(&["created"]), json!({"chips": chips})), &["status", "tasks", "seq"])
}

pub fn updated() -> Value {
    object(changed_tasks(&["updated"]), &["status", "tasks"])
}

pub fn completed() -> Value {
    object(changed_tasks(&["completed"]), &["status", "tasks"])
}

pub fn reopened() -> Value {
    object(changed_tasks(&["reopened"]), &["status", "tasks"])
}

pub fn toggled() -> Value {
    object(changed_tasks(&["completed", "reopened"]), &["status", "tasks"])
}

pub fn deleted() -> Value {
    object(changed_tasks(&["deleted"]), &["status", "tasks"])
}

pub fn restored() -> Value {
    object(changed_tasks(&["restored"]), &["status", "tasks"])
}

pub fn moved() -> Value {
    object(changed_tasks(&["moved"]), &["status", "tasks"])
}

pub fn listed() -> Value {
    object(
        json!({
            "tasks": tasks(),
            "count": number("How many are in this answer, or how many there are when only they were counted."),
            "more": flag("Whether there are more."),
            "cursor": text("For the next ones."),
        }),
        &["tasks", "count", "more"],
    )
}

pub fn one_task() -> Value {
    object(
        json!({
            "task_id": number("The task's number."),
            "title": text("The task's title."),
            "tasks": list(task(), "The task."),
            "subtasks": list(task(), "Its parts."),
        }),
        &["task_id", "title", "tasks", "subtasks"],
    )
}

pub fn planned() -> Value {
    object(
        json!({
            "date": text("The day."),
            "tasks": tasks(),
            "ahead": flag("Whether nothing is due, and these are the next ones."),
            "more": flag("Whether there are more."),
        }),
        &["date", "tasks", "ahead", "more"],
    )
}

pub fn undone() -> Value {
    object(
        json!({
            "status": one_of(&["undone"], "What was done."),
            "undone": number("The operation that was taken back."),
            "summary": text("What it was."),
            "tasks": tasks(),
            "seq": number("The operation that took it back; undo this one to do it again."),
        }),
        &["status", "undone", "summary", "tasks", "seq"],
    )
}

fn project() -> Value {
    object(
        json!({
            "id": number("Its number."), "name": text("Its name."), "colour": text("The name of its colour."),
            "parent_id": number("The project it is in."), "position": text("Its place."),
            "archived": flag("Whether it is hidden with its tasks."),
            "created_at": text("RFC 3339."), "updated_at": text("RFC 3339."), "deleted_at": text("RFC 3339."),
            "version": number("Grows with every change."),
        }),
        &["id", "name", "colour", "archived"],
    )
}

fn label() -> Value {
    object(
        json!({
            "id": number("Its number."), "name": text("Its name."), "colour": text("The name of its colour."),
            "created_at": text("RFC 3339."), "updated_at": text("RFC 3339."),
            "version": number("Grows with every change."),
        }),
        &["id", "name", "colour"],
    )
}

pub fn projects() -> Value {
    object(json!({"projects": list(project(), "The projects in their order.")}), &["projects"])
}

pub fn labels() -> Value {
    object(json!({"labels": list(label(), "The labels by name.")}), &["labels"])
}

pub fn changed_project() -> Value {
    object(
        json!({
            "status": one_of(&["created", "updated", "deleted"], "What was done."),
            "project_id": number("Its number."), "name": text("Its name."), "project": project(), "seq": seq(),
        }),
        &["status", "project_id", "name", "project"],
    )
}

pub fn changed_label() -> Value {
    object(
        json!({
            "status": one_of(&["created", "updated", "deleted"], "What was done."),
            "label_id": number("Its number."), "name": text("Its name."), "label": label(), "seq": seq(),
        }),
        &["status", "label_id", "name", "label"],
    )
}
