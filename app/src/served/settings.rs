//! Settings: one quiet page, a section for each noun, and a list of them to jump by.

use super::{
    activity, apps, connections,
    data::Settings,
    leaving,
    parts::{choose, section},
    password, profile, sessions, tokens,
    when::When,
};
use crate::prelude::*;
use domain::{overview::Overview, settings::Settings as Chosen};

/// The sections in their order: anchor and name.
const SECTIONS: [(&str, &str); 9] = [
    ("profile", "Profile"),
    ("appearance", "Appearance & dates"),
    ("password", "Password"),
    ("connections", "Connected accounts"),
    ("devices", "Devices"),
    ("apps", "Connected apps"),
    ("tokens", "API tokens"),
    ("activity", "Activity"),
    ("data", "Your data"),
];

/// The forms that show what they have to say themselves.
const FORMS: [&str; 14] = [
    "name",
    "settings",
    "email",
    "verify-email",
    "password",
    "link",
    "unlink",
    "session",
    "sessions",
    "app-revoke",
    "token",
    "token-revoke",
    "export",
    "delete-account",
];

const THEMES: [(&str, &str); 3] = [("system", "As the system"), ("light", "Light"), ("dark", "Dark")];
const WEEKS: [(&str, &str); 2] = [("monday", "Monday"), ("sunday", "Sunday")];
/// How dates are written and numbers like 3/4 are read.
const LOCALES: [(&str, &str); 6] = [
    ("en-GB", "27 Jan · 3/4 is 3 April · 17:00"),
    ("en-US", "Jan 27 · 3/4 is March 4 · 5:00 PM"),
    ("de-DE", "German (day first)"),
    ("fr-FR", "French (day first)"),
    ("es-ES", "Spanish (day first)"),
    ("nl-NL", "Dutch (day first)"),
];

/// See the module.
pub fn page(overview: &Overview, found: &Settings) -> AnyView {
    let when = When::of(overview);
    let links = SECTIONS
        .iter()
        .map(|(id, name)| view! { <li><a href=format!("#{id}")>{*name}</a></li> }.into_any())
        .collect_view();
    view! {
        <div class="view-head">
            <h1>"Settings"</h1>
        </div>
        <div class="settings">
            <nav class="settings-nav" aria-label="Settings">
                <ul>{links}</ul>
            </nav>
            <div class="settings-body">
                {found.said.rest(&FORMS)}
                {profile::section(overview, found)}
                {appearance(&overview.settings, found)}
                {password::section(overview, found)}
                {connections::section(found, when)}
                {sessions::section(found, when)}
                {apps::section(found, when)}
                {tokens::section(overview, found, when)}
                {activity::section(found, when)}
                {leaving::section(overview, found)}
            </div>
        </div>
    }
    .into_any()
}

fn appearance(chosen: &Chosen, found: &Settings) -> AnyView {
    let zone_error = found.said.about("settings", "time_zone");
    let wrong = zone_error.is_some();
    let body = view! {
        <form class="box stack" method="post" action="/do/settings">
            {found.said.note("settings", &["time_zone"])}
            {choose("theme", "Theme", &THEMES, &chosen.theme)}
            <div class="field">
                <label for="time_zone">"Time zone"</label>
                <input
                    id="time_zone"
                    name="time_zone"
                    list="zones"
                    value=chosen.time_zone.clone()
                    autocomplete="off"
                    spellcheck="false"
                    required
                    aria-describedby="zone-hint"
                    aria-invalid=wrong.then_some("true")
                    autofocus=wrong
                />
                {zone_error.map(|error| view! { <p class="field-error" role="alert">{error}</p> })}
                // Filled by the browser, which knows the zones.
                <datalist id="zones"></datalist>
                <p class="hint" id="zone-hint">
                    "Such as Europe/Paris. "
                    <button type="button" class="link" id="own-zone" hidden></button>
                </p>
            </div>
            {choose("locale", "Dates are written", &LOCALES, &chosen.locale)}
            {choose("week_start", "Weeks start on", &WEEKS, &chosen.week_start)}
            <div class="form-foot">
                <button class="button primary">"Save"</button>
            </div>
        </form>
    }
    .into_any();
    section("appearance", "Appearance & dates", "How the page looks to you, and how it reads and writes dates.", body)
}
