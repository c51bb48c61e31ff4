//! What a person chooses, by plain form.

use super::super::error::Result;
use super::{Done, form::Form};
use crate::{actor::Actor, service::settings::SettingsPatch, state::AppState};

/// The fields the form has are changed, all of them or none.
pub(super) async fn settings(state: &AppState, actor: &Actor, form: &Form) -> Result<Done> {
    let owned = |name: &str| form.given(name).map(|text| text.trim().to_owned());
    let patch = SettingsPatch {
        name: owned("name"),
        time_zone: owned("time_zone"),
        theme: owned("theme"),
        locale: owned("locale"),
        week_start: owned("week_start"),
    };
    state.services.update_settings(actor, patch).await?;
    Ok(Done::said())
}
