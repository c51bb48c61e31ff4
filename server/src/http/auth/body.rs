//! Reading a Better Auth request body: JSON, or a form where the contract allows one, or nothing at all.

use super::reply::Failure;
use axum::http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value};
use url::form_urlencoded;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// A body that was read.
#[derive(Debug, Default)]
pub struct Body {
    /// `None`: there was none, which is legal.
    value: Option<Value>,
    /// A form's values are all text.
    form: bool,
}

impl Body {
    /// Decodes a body; `forms` says whether this endpoint takes forms.
    pub fn read(headers: &HeaderMap, bytes: &[u8], forms: bool) -> Result<Self, Failure> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        let kind = headers
            .get(header::CONTENT_TYPE)
            .map(|kind| String::from_utf8_lossy(kind.as_bytes()).into_owned())
            .unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default().trim();
        if essence.eq_ignore_ascii_case(JSON) {
            let value = serde_json::from_slice(bytes).map_err(|_| {
                let message = "Invalid JSON in request body";
                Failure::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
            })?;
            return Ok(Self { value: Some(value), form: false });
        }
        if forms && essence.eq_ignore_ascii_case(FORM) {
            let pairs = form_urlencoded::parse(bytes)
                .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())));
            return Ok(Self { value: Some(Value::Object(pairs.collect())), form: true });
        }
        let allowed = if forms { format!("{FORM}, {JSON}") } else { JSON.to_owned() };
        let message = if essence.is_empty() {
            format!("Content-Type is required. Allowed types: {allowed}")
        } else {
            format!("Content-Type \"{essence}\" is not allowed. Allowed types: {allowed}")
        };
        Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message))
    }

    /// The object's fields, when it is an object.
    pub fn object(&self) -> Option<&Map<String, Value>> {
        self.value.as_ref()?.as_object()
    }

    /// Starts checking fields.
    pub fn fields(&self) -> Fields<'_> {
        let mut issues = Vec::new();
        if self.object().is_none() {
            let got = self.value.as_ref().map_or("undefined", name_of);
            issues.push(format!("[body] Invalid input: expected object, received {got}"));
        }
        Fields { map: self.object(), form: self.form, issues }
    }
}

/// Checks fields and collects what is wrong with all of them.
#[derive(Debug)]
pub struct Fields<'a> {
    map: Option<&'a Map<String, Value>>,
    form: bool,
    issues: Vec<String>,
}

impl<'a> Fields<'a> {
    /// A text that must be there.
    pub fn text(&mut self, name: &str) -> &'a str {
        if self.map.is_some_and(|map| !map.contains_key(name)) {
            self.expected(name, "string", "undefined");
        }
        self.optional_text(name).unwrap_or_default()
    }

    /// A text that may be left out.
    pub fn optional_text(&mut self, name: &str) -> Option<&'a str> {
        match self.map?.get(name)? {
            Value::String(text) => Some(text),
            other => {
                self.expected(name, "string", name_of(other));
                None
            }
        }
    }

    /// A yes or no that may be left out.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        match self.map?.get(name)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) if self.form => Some(!matches!(text.as_str(), "" | "false" | "off" | "0")),
            other => {
                self.expected(name, "boolean", name_of(other));
                None
            }
        }
    }

    /// Something else that is wrong with a field.
    pub fn wrong(&mut self, name: &str, why: &str) {
        self.issues.push(format!("[body.{name}] {why}"));
    }

    fn expected(&mut self, name: &str, expected: &str, got: &str) {
        self.wrong(name, &format!("Invalid input: expected {expected}, received {got}"));
    }

    /// Refuses when anything was wrong.
    pub fn done(self) -> Result<(), Failure> {
        if self.issues.is_empty() { Ok(()) } else { Err(Failure::validation(self.issues.join("; "))) }
    }
}

fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
