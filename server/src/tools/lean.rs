//! Lists of tasks as the tools answer them, written without a tree of values between: a list is most of what programs ask
//! for, and the tree costs more than the list.

use domain::{
    date::Due,
    id::{TaskId, UserId},
    priority::Priority,
    repeat::Repeat,
    task::{ProjectRef, Task},
};
use serde::{Serialize, Serializer};

/// A page of tasks.
#[derive(Debug, Serialize)]
pub struct Listed {
    /// The tasks.
    #[serde(serialize_with = "lean")]
    pub tasks: Vec<Task>,
    /// How many they are, or how many there are when only they were counted.
    pub count: usize,
    /// Whether there are more.
    pub more: bool,
    /// Where the next ones begin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

fn lean<S: Serializer>(tasks: &[Task], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(tasks.iter().map(Lean::from))
}

/// A task's wire form without the fields that have no value.
#[derive(Serialize)]
struct Lean<'a> {
    id: TaskId,
    user_id: &'a UserId,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    completed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_at: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<&'a Due>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<&'a Due>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline: Option<&'a Due>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repeat: Option<&'a Repeat>,
    priority: Priority,
    labels: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<&'a ProjectRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<TaskId>,
    position: &'a str,
    created_at: &'a str,
    updated_at: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_at: Option<&'a str>,
    version: i64,
}

impl<'a> From<&'a Task> for Lean<'a> {
    fn from(task: &'a Task) -> Self {
        Self {
            id: task.id,
            user_id: &task.user_id,
            title: &task.title,
            description: task.description.as_deref(),
            completed: task.completed,
            completed_at: task.completed_at.as_deref(),
            start: task.start.as_ref(),
            due: task.due.as_ref(),
            deadline: task.deadline.as_ref(),
            repeat: task.repeat.as_ref(),
            priority: task.priority,
            labels: &task.labels,
            project: task.project.as_ref(),
            parent_id: task.parent_id,
            position: &task.position,
            created_at: &task.created_at,
            updated_at: &task.updated_at,
            deleted_at: task.deleted_at.as_deref(),
            version: task.version,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn task(wire: Value) -> Task {
        serde_json::from_value(wire).expect("a task")
    }

    #[test]
    fn a_lean_task_is_the_wire_form_without_its_nulls() {
        let full = json!({"id": 3, "user_id": "ann", "title": "T", "description": "D", "completed": true,
            "completed_at": "2026-11-21T09:00:00Z", "start": "2026-11-20", "due": "2026-11-21T09:00", "deadline": "2026-11-22",
            "repeat": {"rule": "FREQ=DAILY", "from": "due", "except": []}, "priority": "high", "labels": ["a"],
            "project": {"id": 1, "name": "P"}, "parent_id": 2, "position": "a0", "created_at": "2026-11-21T09:00:00Z",
            "updated_at": "2026-11-21T09:00:00Z", "deleted_at": "2026-11-21T09:00:00Z", "version": 4});
        let mut bare = full.clone();
        for field in
            ["description", "completed_at", "start", "due", "deadline", "repeat", "project", "parent_id", "deleted_at"]
        {
            bare[field] = Value::Null;
        }
        for wire in [full, bare] {
            let task = task(wire);
            // What a task has is asked of the task itself, so that a new field is not forgotten here.
            let mut expected = json!(task);
            super::super::drop_nulls(&mut expected);
            assert_eq!(json!(Lean::from(&task)), expected);
        }
    }
}
