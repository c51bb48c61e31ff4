//! Who is signed in, what frames every page, and settings.

use super::{get, json, write};
use domain::{overview::Overview, problem::Problem, settings::Settings};
use serde::Serialize;

/// What the frame around every page needs.
pub async fn overview() -> Result<Overview, Problem> {
    get("/api/me/overview".into()).await.map(|a| a.value)
}

/// Saves all settings.
pub async fn save_settings(settings: &Settings) -> Result<Settings, Problem> {
    write("PATCH", "/api/me/settings".into(), json(settings)).await.map(|a| a.value)
}

/// Changes the name somebody is called by.
pub async fn update_name(name: &str) -> Result<(), Problem> {
    #[derive(Serialize)]
    struct Body<'a> {
        name: &'a str,
    }
    write::<serde::de::IgnoredAny>("POST", "/api/auth/update-user".into(), json(&Body { name })).await.map(|_| ())
}

/// Ends every other session of this person.
pub async fn sign_out_everywhere() -> Result<(), Problem> {
    write::<serde::de::IgnoredAny>("POST", "/api/auth/revoke-other-sessions".into(), Some("{}".into()))
        .await
        .map(|_| ())
}
