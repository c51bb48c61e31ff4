//! Reading a JSON object field by field, so that every wrong field is named in one answer.

use super::{Error, error::Result};
use crate::service;
use domain::problem::FieldError;
use serde_json::{Map, Value};

/// A JSON object being read. Fields nobody asks for are ignored, as older clients send more than we know.
#[derive(Debug)]
pub struct Fields {
    map: Map<String, Value>,
    errors: Vec<FieldError>,
}

impl Fields {
    /// Begins.
    pub fn new(map: Map<String, Value>) -> Self {
        Self { map, errors: Vec::new() }
    }

    /// The value under the first of those names that is there.
    pub fn take(&mut self, names: &[&str]) -> Option<Value> {
        names.iter().find_map(|name| self.map.remove(*name))
    }

    /// Whether something was wrong with that field.
    pub fn failed(&self, field: &str) -> bool {
        self.errors.iter().any(|e| e.field == field)
    }

    /// Notes what is wrong with a field.
    pub fn fail(&mut self, field: &str, code: &str, message: impl Into<String>) {
        self.errors.push(FieldError::new(field, code, message));
    }

    /// A text; absent and null are `None`.
    pub fn text(&mut self, names: &[&str]) -> Option<String> {
        self.nullable_text(names).flatten()
    }

    /// A text; absent is `None`, null is `Some(None)`.
    pub fn nullable_text(&mut self, names: &[&str]) -> Option<Option<String>> {
        match self.take(names)? {
            Value::Null => Some(None),
            Value::String(text) => Some(Some(text)),
            other => {
                self.wrong(names[0], "a text", &other);
                None
            }
        }
    }

    /// A whole number; absent is `None`, null is `Some(None)`. A text of digits counts.
    pub fn nullable_number(&mut self, names: &[&str]) -> Option<Option<i64>> {
        match self.take(names)? {
            Value::Null => Some(None),
            Value::Number(n) if n.as_i64().is_some() => Some(n.as_i64()),
            Value::String(t) if t.parse::<i64>().is_ok() => Some(t.parse().ok()),
            other => {
                self.wrong(names[0], "a whole number", &other);
                None
            }
        }
    }

    /// A whole number; absent and null are `None`.
    pub fn number(&mut self, names: &[&str]) -> Option<i64> {
        self.nullable_number(names).flatten()
    }

    /// True or false; absent and null are `None`.
    pub fn flag(&mut self, names: &[&str]) -> Option<bool> {
        match self.take(names)? {
            Value::Null => None,
            Value::Bool(b) => Some(b),
            Value::String(t) if t == "true" || t == "false" => Some(t == "true"),
            other => {
                self.wrong(names[0], "true or false", &other);
                None
            }
        }
    }

    /// A list of texts; absent is `None`, null is the empty list. Objects count by their `name`, as one of the older apps
    /// sends tags.
    pub fn texts(&mut self, names: &[&str]) -> Option<Vec<String>> {
        let list = match self.take(names)? {
            Value::Null => return Some(vec![]),
            Value::Array(list) => list,
            other => {
                self.wrong(names[0], "a list of texts", &other);
                return None;
            }
        };
        let mut texts = Vec::with_capacity(list.len());
        for (i, item) in list.into_iter().enumerate() {
            match item {
                Value::String(text) => texts.push(text),
                Value::Object(mut o) if o.get("name").is_some_and(Value::is_string) => {
                    texts.extend(o.remove("name").and_then(|n| n.as_str().map(str::to_owned)));
                }
                other => {
                    self.wrong(&format!("{}[{i}]", names[0]), "a text", &other);
                    return None;
                }
            }
        }
        Some(texts)
    }

    /// A list of whole numbers.
    pub fn numbers(&mut self, names: &[&str]) -> Option<Vec<i64>> {
        let value = self.take(names)?;
        let numbers = value.as_array().and_then(|list| list.iter().map(Value::as_i64).collect::<Option<Vec<i64>>>());
        if numbers.is_none() {
            self.wrong(names[0], "a list of whole numbers", &value);
        }
        numbers
    }

    /// Notes that a value has another type than it should.
    pub fn wrong(&mut self, field: &str, expected: &str, got: &Value) {
        let got = match got {
            Value::Null => "null".to_owned(),
            Value::Bool(b) => b.to_string(),
            Value::Number(n) => n.to_string(),
            Value::String(t) => format!("the text {:?}", t.chars().take(40).collect::<String>()),
            Value::Array(_) => "a list".to_owned(),
            Value::Object(_) => "an object".to_owned(),
        };
        self.fail(field, "invalid_type", format!("{field} must be {expected}, and this is {got}"));
    }

    /// Parses a value by one of the domain's checks and notes what it says.
    pub fn check<T, E: std::fmt::Display>(&mut self, field: &str, code: &str, parsed: Result<T, E>) -> Option<T> {
        parsed.map_err(|e| self.fail(field, code, format!("{field} {e}"))).ok()
    }

    /// How many of something are asked for, from 1 to `max`.
    pub fn limit(&mut self, text: &str, max: u32) -> u32 {
        match text.parse() {
            Ok(n) if (1..=max).contains(&n) => n,
            _ => {
                self.fail("limit", "out_of_range", format!("limit must be a whole number from 1 to {max}"));
                max
            }
        }
    }

    /// Ends: everything that was wrong, in one error.
    pub fn finish<T>(self, value: T) -> Result<T> {
        if self.errors.is_empty() { Ok(value) } else { Err(Error::Service(service::Error::Invalid(self.errors))) }
    }
}
