//! The body of `/sign-in/social` and `/link-social`.

use super::{
    body::{Body, Fields},
    reply::Failure,
};
use crate::{
    auth::oidc::RESERVED,
    service::accounts::{GivenToken, Start},
};
use serde_json::{Map, Value};

/// What a client asked for.
#[derive(Debug)]
pub struct Asked<'a> {
    /// Through whom.
    pub provider: &'a str,
    /// What to take along.
    pub start: Start<'a>,
    /// Whether the client should go to the provider's page.
    pub redirect: bool,
    /// An ID token instead of going anywhere.
    pub token: Option<GivenToken<'a>>,
}

impl<'a> Asked<'a> {
    /// Reads the body; every field that is wrong is named.
    pub fn read(body: &'a Body) -> Result<Self, Failure> {
        let map = body.object();
        let mut fields = body.fields();
        let provider = map.and_then(|map| map.get("provider")).and_then(Value::as_str);
        if provider.is_none() && map.is_some() {
            fields.wrong("provider", "Invalid input");
        }
        let filled = |text: Option<&'a str>| text.filter(|text| !text.is_empty());
        let start = Start {
            callback: filled(fields.optional_text("callbackURL")),
            error_callback: filled(fields.optional_text("errorCallbackURL")),
            new_user_callback: filled(fields.optional_text("newUserCallbackURL")),
            scopes: texts(&mut fields, map, "scopes"),
            login_hint: filled(fields.optional_text("loginHint")),
            request_sign_up: fields.flag("requestSignUp"),
            more: parameters(&mut fields, map),
            data: record(&mut fields, map, "additionalData").cloned().unwrap_or_default(),
        };
        let redirect = !fields.flag("disableRedirect").unwrap_or(false);
        let token = record(&mut fields, map, "idToken").map(|given| id_token(&mut fields, given));
        fields.done()?;
        Ok(Self { provider: provider.unwrap_or_default(), start, redirect, token })
    }
}

fn id_token<'a>(fields: &mut Fields<'_>, given: &'a Map<String, Value>) -> GivenToken<'a> {
    let mut text = |name: &str| match given.get(name) {
        None => None,
        Some(Value::String(text)) => Some(text.as_str()),
        Some(_) => {
            fields.wrong(&format!("idToken.{name}"), "Invalid input: expected string");
            None
        }
    };
    let token = text("token");
    let found = GivenToken {
        token: token.unwrap_or_default(),
        nonce: text("nonce"),
        access: text("accessToken"),
        refresh: text("refreshToken"),
    };
    if !given.contains_key("token") {
        fields.wrong("idToken.token", "Invalid input: expected string, received undefined");
    }
    found
}

fn texts(fields: &mut Fields<'_>, map: Option<&Map<String, Value>>, name: &str) -> Vec<String> {
    let Some(value) = map.and_then(|map| map.get(name)) else {
        return Vec::new();
    };
    let texts: Option<Vec<String>> =
        value.as_array().and_then(|list| list.iter().map(|one| one.as_str().map(str::to_owned)).collect());
    texts.unwrap_or_else(|| {
        fields.wrong(name, "Invalid input: expected an array of strings");
        Vec::new()
    })
}

fn record<'a>(
    fields: &mut Fields<'_>,
    map: Option<&'a Map<String, Value>>,
    name: &str,
) -> Option<&'a Map<String, Value>> {
    let value = map?.get(name)?;
    if value.as_object().is_none() {
        fields.wrong(name, "Invalid input: expected record");
    }
    value.as_object()
}

/// `additionalParams`: texts, and none of those that are ours to set.
fn parameters(fields: &mut Fields<'_>, map: Option<&Map<String, Value>>) -> Vec<(String, String)> {
    const NAME: &str = "additionalParams";
    let given = record(fields, map, NAME).into_iter().flatten();
    let mut found = Vec::new();
    for (name, value) in given {
        match value.as_str() {
            Some(_) if RESERVED.contains(&name.as_str()) => {
                let list = RESERVED.join(", ");
                fields.wrong(NAME, &format!("additionalParams cannot include reserved OAuth parameters: {list}"));
            }
            Some(text) => found.push((name.clone(), text.to_owned())),
            None => fields.wrong(&format!("{NAME}.{name}"), "Invalid input: expected string"),
        }
    }
    found
}
