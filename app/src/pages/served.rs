//! Settings and administration in the browser: pages the server draws ([`crate::served`]), brought to life by three
//! rules.
//!
//! A form is sent to where it would go anyway, and the page that comes back takes the place of the one that is there:
//! what was typed into other forms stays, and the focus goes to what the server marks with `autofocus`, the field that
//! is wrong or the word that it was done. A link with `data-swap` does the same. A form with `rel="external"` leads out
//! of the page and is left to the browser.

use crate::prelude::*;
use crate::{
    browser,
    state::State,
    transport::{self, Call, Reply},
};
use domain::problem::Problem;
use leptos::{
    ev::{MouseEvent, SubmitEvent},
    task::spawn_local,
};
use leptos_meta::Title;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, DomParser, Element, HtmlElement, HtmlFormElement, HtmlInputElement, SupportedType};

/// The attribute that says which page stands in the element.
const DRAWN: &str = "data-drawn";

/// Settings.
#[component]
pub fn SettingsPage() -> impl IntoView {
    page("Settings", "/settings")
}

/// The users of this installation.
#[component]
pub fn AdminPage() -> impl IntoView {
    page("People", "/admin")
}

/// How much the assistant is used.
#[component]
pub fn UsePage() -> impl IntoView {
    page("Use of the assistant", "/admin/use")
}

fn page(title: &'static str, path: &'static str) -> AnyView {
    let state = State::here();
    Effect::new(move |_| {
        let drawn = root().and_then(|root| root.get_attribute(DRAWN));
        if drawn.as_deref() == Some(path) {
            waken();
        } else {
            // Come to without a load. The address bar follows only after this.
            spawn_local(async move {
                let found = exchange("GET", path, None).await;
                arrive(state, found, None);
            });
        }
    });
    let submit = move |event: SubmitEvent| {
        let Some(form) = event.target().and_then(|t| t.dyn_into::<HtmlFormElement>().ok()) else { return };
        if form.get_attribute("rel").is_some() {
            return;
        }
        event.prevent_default();
        // A second click while the first is on its way changes nothing.
        if form.get_attribute("aria-busy").is_some() {
            return;
        }
        let _ = form.set_attribute("aria-busy", "true");
        spawn_local(async move {
            let found = send(&form).await;
            let _ = form.remove_attribute("aria-busy");
            arrive(state, found, Some(&form));
        });
    };
    let click = move |event: MouseEvent| {
        let target = event.target().and_then(|t| t.dyn_into::<Element>().ok());
        let closest = |selector: &str| target.as_ref()?.closest(selector).ok().flatten();
        if let Some(button) = closest("[data-copy]") {
            if let Some(text) = button.get_attribute("data-copy") {
                browser::copy(&text);
                state.say("Copied", None);
            }
        } else if closest("#own-zone").is_some() {
            use_own_zone();
        } else if let Some(link) = closest("a[data-swap]") {
            event.prevent_default();
            let address = link.get_attribute("href").unwrap_or_default();
            let heading = link.get_attribute("data-swap").map(|id| format!("#{id} h2"));
            spawn_local(async move {
                let found = exchange("GET", &address, None).await;
                arrive(state, found, None);
                browser::focus(&heading.unwrap_or_default());
            });
        }
    };
    view! {
        <Title text=title />
        <div id="served" data-drawn=drawn_path(path) on:submit=submit on:click=click>
            {drawn()}
        </div>
    }
    .into_any()
}

/// On the server the page is drawn here; the browser leaves it as it came.
#[cfg(feature = "ssr")]
fn drawn() -> AnyView {
    crate::served::middle(&crate::boot::Boot::here())
}

#[cfg(not(feature = "ssr"))]
fn drawn() {}

/// The browser adds nothing to what the server wrote.
fn drawn_path(path: &'static str) -> Option<&'static str> {
    cfg!(feature = "ssr").then_some(path)
}

/// What came back: from which address, and the document.
type Found = Result<(String, Document), Problem>;

/// Sends a form to where it would go.
async fn send(form: &HtmlFormElement) -> Found {
    let unreadable = |_: JsValue| transport::offline();
    let fields = web_sys::FormData::new_with_form(form).map_err(unreadable)?;
    let fields = web_sys::UrlSearchParams::new_with_str_sequence_sequence(&fields).map_err(unreadable)?;
    let fields = String::from(fields.to_string());
    let action = form.get_attribute("action").unwrap_or_default();
    match form.method().as_str() {
        "post" => exchange("POST", &action, Some(fields)).await,
        _ => exchange("GET", &format!("{action}?{fields}"), None).await,
    }
}

async fn exchange(method: &'static str, address: &str, form: Option<String>) -> Found {
    let call = Call { method, path: address.to_owned(), body: form, version: None };
    let (address, reply) = transport::visit(call).await?;
    // A door that refuses as such answers a problem; a page says itself what it has to say.
    let reply = if reply.body.starts_with('{') { reply.check()? } else { reply };
    let Reply { body, .. } = reply;
    let parse = || DomParser::new()?.parse_from_string(&body, SupportedType::TextHtml);
    Ok((address, parse().map_err(|_| transport::offline())?))
}

/// Puts what came back in its place.
fn arrive(state: State, found: Found, form: Option<&HtmlFormElement>) {
    let (address, document) = match found {
        Ok(found) => found,
        Err(problem) => return state.fail("It did not work", &problem),
    };
    // A new token comes on a page of its own. It is shown above the list, which is asked for anew.
    if let Some(token) = select(&document, "#token").and_then(|e| e.text_content()) {
        spawn_local(async move {
            let found = exchange("GET", "/settings", None).await;
            arrive(state, found, None);
            show_token(&token);
        });
        return;
    }
    let (Some(new), Some(old)) = (select(&document, "#served"), root()) else {
        // Signed out, or somewhere else by now.
        return browser::leave_for(&address);
    };
    let refused = new.query_selector("[aria-invalid], #form-error").ok().flatten().is_some();
    let kept = Typed::collect(form.filter(|_| !refused));
    old.set_inner_html(&new.inner_html());
    if let Some(path) = new.get_attribute(DRAWN) {
        let _ = old.set_attribute(DRAWN, &path);
    }
    kept.restore();
    waken();
    browser::focus("#served [autofocus]");
    if let Some(theme) = document.document_element() {
        browser::set_root("data-theme", &theme.get_attribute("data-theme").unwrap_or_default());
    }
    // The name in the rail, today and now may have changed.
    state.refresh_soon();
}

fn show_token(token: &str) {
    let (Some(code), Some(button)) = (browser::find("#new-token code"), browser::find("#new-token button")) else {
        return;
    };
    code.set_text_content(Some(token));
    let _ = button.set_attribute("data-copy", token);
    if let Some(shown) = browser::find("#new-token") {
        let _ = shown.remove_attribute("hidden");
        let _ = shown.focus();
    }
}

/// What was typed and not sent, and which parts were unfolded.
struct Typed {
    fields: Vec<(String, String, bool)>,
    folds: Vec<bool>,
}

impl Typed {
    /// Everything outside of the form that was sent and taken.
    fn collect(sent: Option<&HtmlFormElement>) -> Self {
        let outside = |e: &HtmlElement| !sent.is_some_and(|form| form.contains(Some(e)));
        let fields = browser::find_all("#served input[id]").into_iter().filter(outside);
        let fields = fields.filter_map(|e| e.dyn_into::<HtmlInputElement>().ok());
        let changed = fields.filter(|f| f.value() != f.default_value() || f.checked() != f.default_checked());
        let around = |fold: &HtmlElement| sent.is_some_and(|form| fold.contains(Some(form)));
        Self {
            fields: changed.map(|f| (f.id(), f.value(), f.checked())).collect(),
            folds: browser::find_all("#served details")
                .iter()
                .map(|fold| fold.has_attribute("open") && !around(fold))
                .collect(),
        }
    }

    fn restore(self) {
        for (id, value, checked) in self.fields {
            if let Some(field) = browser::find(&format!("#{id}")).and_then(|e| e.dyn_into::<HtmlInputElement>().ok()) {
                // Passwords are typed again; a wrong one is no start.
                if field.type_() != "password" {
                    field.set_value(&value);
                }
                field.set_checked(checked);
            }
        }
        for (fold, open) in browser::find_all("#served details").iter().zip(self.folds) {
            if open {
                let _ = fold.set_attribute("open", "");
            }
        }
    }
}

/// What only the browser knows.
fn waken() {
    if let Some(origin) = browser::find("#served [data-origin]") {
        origin.set_text_content(web_sys::window().and_then(|w| w.location().origin().ok()).as_deref());
    }
    let (Some(list), Some(button)) = (browser::find("#zones"), browser::find("#own-zone")) else { return };
    // The names of zones are letters, digits, `/`, `_`, `+` and `-`.
    let options: Vec<String> = browser::time_zones().iter().map(|z| format!("<option value=\"{z}\">")).collect();
    list.set_inner_html(&options.concat());
    if let Some(zone) = browser::own_time_zone() {
        button.set_text_content(Some(&format!("Use {zone}")));
        let _ = button.remove_attribute("hidden");
    }
}

fn use_own_zone() {
    let field = browser::find("#time_zone").and_then(|e| e.dyn_into::<HtmlInputElement>().ok());
    if let (Some(field), Some(zone)) = (field, browser::own_time_zone()) {
        field.set_value(&zone);
    }
}

fn root() -> Option<HtmlElement> {
    browser::find("#served")
}

fn select(document: &Document, selector: &str) -> Option<Element> {
    document.query_selector(selector).ok().flatten()
}
