//! Settings: what the app calls somebody, how it looks, and how dates are read and shown. One form, saved as a whole.

use crate::prelude::*;
use crate::{api, browser, components::field::Field, state::State};
use domain::settings::Settings;
use leptos::{ev::SubmitEvent, task::spawn_local};
use leptos_meta::Title;
use wasm_bindgen::JsCast;

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
#[component]
pub fn SettingsPage() -> impl IntoView {
    let state = State::here();
    let error = RwSignal::new(None::<String>);
    let saved = RwSignal::new(false);
    let (name, email, settings) =
        state.overview.with_untracked(|o| (o.user.name.clone(), o.user.email.clone(), o.settings.clone()));
    let zones = RwSignal::new(Vec::<String>::new());
    let own_zone = RwSignal::new(None::<String>);
    // The browser knows the zones; a list of our own would cost more than the rest of the page.
    Effect::new(move |_| {
        zones.set(browser::time_zones());
        own_zone.set(browser::own_time_zone());
    });

    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        saved.set(false);
        error.set(None);
        let Some(form) = event.target().and_then(|t| t.dyn_into::<web_sys::HtmlFormElement>().ok()) else { return };
        let Ok(data) = web_sys::FormData::new_with_form(&form) else { return };
        let get = |name: &str| data.get(name).as_string().unwrap_or_default();
        let settings = Settings {
            time_zone: get("time_zone"),
            theme: get("theme"),
            locale: get("locale"),
            week_start: get("week_start"),
        };
        let name = get("name");
        spawn_local(async move {
            let result = async {
                let settings = api::save_settings(&settings).await?;
                let old = state.overview.with_untracked(|o| o.user.name.clone());
                if name.trim() != old {
                    api::update_name(name.trim()).await?;
                }
                Ok::<_, domain::problem::Problem>(settings)
            };
            match result.await {
                Ok(settings) => {
                    show_theme(&settings.theme);
                    saved.set(true);
                    // Today and now may have moved with the zone.
                    state.refresh_soon();
                }
                Err(problem) => {
                    let first = problem.errors.first();
                    let text = first.map_or_else(|| problem.to_string(), |e| format!("{}: {}", e.field, e.message));
                    error.set(Some(text));
                }
            }
        });
    };
    let use_own = move |_| {
        if let Some(zone) = own_zone.get_untracked()
            && let Some(input) = browser::find("#time_zone")
            && let Ok(input) = input.dyn_into::<web_sys::HtmlInputElement>()
        {
            input.set_value(&zone);
        }
    };
    let others = move |_| {
        spawn_local(async move {
            match api::sign_out_everywhere().await {
                Ok(()) => state.say("Signed out everywhere else", None),
                Err(problem) => state.fail("It did not work", &problem),
            }
        });
    };
    let tie = move || error.read().is_some().then_some("settings-error");

    view! {
        <Title text="Settings" />
        <div class="view-head">
            <h1>"Settings"</h1>
        </div>
        <form class="settings" id="settings" method="post" action="/do/settings" on:submit=submit aria-describedby=tie>
            <section>
                <h2>"You"</h2>
                <Field name="name" label="Name" value=name autocomplete="name" required=false />
                <p class="hint">"Signed in as " <strong>{email}</strong></p>
                <button type="button" class="button needs-script" on:click=others>
                    "Sign out everywhere else"
                </button>
            </section>
            <section>
                <h2>"Look"</h2>
                <Choose name="theme" label="Theme" options=THEMES.to_vec() now=settings.theme />
            </section>
            <section>
                <h2>"Dates"</h2>
                <div class="field">
                    <label for="time_zone">"Time zone"</label>
                    <input
                        id="time_zone"
                        name="time_zone"
                        list="zones"
                        value=settings.time_zone
                        autocomplete="off"
                        spellcheck="false"
                        required
                        aria-describedby="zone-hint"
                    />
                    <datalist id="zones">
                        {move || zones.get().into_iter().map(|z| view! { <option value=z></option> }).collect_view()}
                    </datalist>
                    <p class="hint" id="zone-hint">
                        "Such as Europe/Paris. "
                        {move || {
                            own_zone
                                .get()
                                .map(|zone| {
                                    view! {
                                        <button type="button" class="link" on:click=use_own>
                                            {format!("Use {zone}")}
                                        </button>
                                    }
                                })
                        }}
                    </p>
                </div>
                <Choose name="locale" label="Dates are written" options=LOCALES.to_vec() now=settings.locale />
                <Choose name="week_start" label="Weeks start on" options=WEEKS.to_vec() now=settings.week_start />
            </section>
            <section>
                <div role="alert" id="settings-error">
                    {move || error.get().map(|e| view! { <p class="form-error">{e}</p> })}
                </div>
                <button class="button primary">"Save"</button>
                <p class="saved" role="status">
                    {move || saved.get().then_some("Saved")}
                </p>
            </section>
        </form>
    }
    .into_any()
}

/// The root's attribute decides between light and dark; without it the system does.
fn show_theme(theme: &str) {
    browser::set_root("data-theme", if theme == "system" { "" } else { theme });
}

/// A choice among a few; what is stored is among them even when this page does not know it.
#[component]
fn Choose(
    name: &'static str,
    label: &'static str,
    options: Vec<(&'static str, &'static str)>,
    now: String,
) -> impl IntoView {
    let unknown = options.iter().all(|(value, _)| *value != now);
    let extra = unknown.then(|| view! { <option value=now.clone() selected>{now.clone()}</option> });
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <select id=name name=name>
                {extra}
                {options
                    .into_iter()
                    .map(|(value, text)| {
                        let chosen = value == now;
                        view! {
                            <option value=value selected=chosen>
                                {text}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
        </div>
    }
    .into_any()
}
