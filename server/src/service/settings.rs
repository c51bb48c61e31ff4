//! What a person chooses.

use super::{Error, Result, Services, accounts};
use crate::{
    actor::{Actor, Scope},
    store::accounts::UserPatch,
};
use domain::{problem::FieldError, settings::Settings};
use jiff::tz::TimeZone;

/// What should change about the settings.
#[derive(Clone, Debug, Default)]
pub struct SettingsPatch {
    /// What to call the person: not a setting, but changed together with them.
    pub name: Option<String>,
    /// See [`Settings::time_zone`].
    pub time_zone: Option<String>,
    /// See [`Settings::theme`].
    pub theme: Option<String>,
    /// See [`Settings::locale`].
    pub locale: Option<String>,
    /// See [`Settings::week_start`].
    pub week_start: Option<String>,
}

impl Services {
    /// Changes settings. A new time zone gives every dated task its day and instant anew. Settings are not tasks: they are
    /// not in the operation log.
    pub async fn update_settings(&self, actor: &Actor, patch: SettingsPatch) -> Result<Settings> {
        actor.require(Scope::Write)?;
        let mut errors = Vec::new();
        let mut settings = actor.settings.clone();
        let name = patch.name.as_deref().map(accounts::person_name).transpose()?;
        if let Some(zone) = patch.time_zone {
            if TimeZone::get(&zone).is_err() {
                errors.push(FieldError::new(
                    "time_zone",
                    "unknown",
                    format!("time_zone {zone:?} does not exist: use an IANA name such as Europe/Paris"),
                ));
            }
            settings.time_zone = zone;
        }
        one_of("theme", patch.theme, &["system", "light", "dark"], &mut settings.theme, &mut errors);
        one_of("week_start", patch.week_start, &["monday", "sunday"], &mut settings.week_start, &mut errors);
        if let Some(locale) = patch.locale {
            let shaped = (2..=35).contains(&locale.len())
                && locale
                    .split('-')
                    .all(|p| !p.is_empty() && p.len() <= 8 && p.bytes().all(|b| b.is_ascii_alphanumeric()));
            if !shaped {
                errors.push(FieldError::new("locale", "invalid", "locale must be a BCP 47 tag such as en-GB"));
            }
            settings.locale = locale;
        }
        if !errors.is_empty() {
            return Err(Error::Invalid(errors));
        }
        let mut conn = self.store.write().await?;
        if name.is_some() {
            let patch = UserPatch { name, ..UserPatch::default() };
            conn.update_user(&actor.user, &patch, self.clock.millis()).await?;
        }
        conn.put_settings(&actor.user, &settings).await?;
        if settings.time_zone != actor.settings.time_zone {
            let home = TimeZone::get(&settings.time_zone).unwrap_or(TimeZone::UTC);
            for task in conn.tasks_dated(&actor.user).await? {
                conn.update_task(&task.task, &task, &home).await?;
            }
        }
        conn.commit().await?;
        Ok(settings)
    }
}

fn one_of(field: &str, value: Option<String>, allowed: &[&str], into: &mut String, errors: &mut Vec<FieldError>) {
    let Some(value) = value else { return };
    if allowed.contains(&value.as_str()) {
        *into = value;
    } else {
        errors.push(FieldError::new(field, "unknown", format!("{field} must be one of {}", allowed.join(", "))));
    }
}
