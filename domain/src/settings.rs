//! What a person has chosen about the app.

use serde::{Deserialize, Serialize};

/// A user's settings. Each has a default, so a new account needs none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Settings {
    /// IANA name; `UTC` until set.
    pub time_zone: String,
    /// `system`, `light` or `dark`.
    pub theme: String,
    /// BCP 47 tag; decides how numeric dates are read and shown. `en-US` reads 3/4 as 4 March's American way.
    pub locale: String,
    /// `monday` or `sunday`.
    pub week_start: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self { time_zone: "UTC".into(), theme: "system".into(), locale: "en-GB".into(), week_start: "monday".into() }
    }
}
