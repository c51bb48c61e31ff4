//! The few things the page asks the browser for, each as one small function. None of them is called on the server:
//! they sit behind event handlers and effects, which only run in the browser.

use leptos::prelude::set_timeout;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlElement};

/// The document.
pub fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// The first element a selector finds.
pub fn find(selector: &str) -> Option<HtmlElement> {
    document()?.query_selector(selector).ok()??.dyn_into().ok()
}

/// Every element a selector finds, in document order.
pub fn find_all(selector: &str) -> Vec<HtmlElement> {
    let Some(list) = document().and_then(|d| d.query_selector_all(selector).ok()) else {
        return Vec::new();
    };
    (0..list.length()).filter_map(|i| list.item(i)?.dyn_into().ok()).collect()
}

/// Puts the focus on the first element a selector finds.
pub fn focus(selector: &str) {
    if let Some(element) = find(selector) {
        let _ = element.focus();
    }
}

/// Does something once the DOM has followed the signals.
pub fn soon(act: impl FnOnce() + 'static) {
    set_timeout(act, Duration::ZERO);
}

/// Does something later.
pub fn after(milliseconds: u64, act: impl FnOnce() + 'static) {
    set_timeout(act, Duration::from_millis(milliseconds));
}

/// Milliseconds since some fixed moment; for elapsed time only.
pub fn ticks() -> f64 {
    js_sys::Date::now()
}

/// Whether the browser believes it has a network.
pub fn is_online() -> bool {
    web_sys::window().is_none_or(|w| w.navigator().on_line())
}

/// Leaves for another address with a full load.
pub fn leave_for(address: &str) {
    if let Some(window) = web_sys::window() {
        let _ = window.location().assign(address);
    }
}

/// The address without the host: `/today?task=3`.
pub fn address() -> String {
    web_sys::window()
        .map(|w| w.location())
        .and_then(|l| Some(l.pathname().ok()? + &l.search().ok()?))
        .unwrap_or_default()
}

/// Takes the focus off whatever has it.
pub fn blur() {
    if let Some(element) = focused().and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        let _ = element.blur();
    }
}

/// Puts the focus at the end of a text area.
pub fn focus_end(selector: &str) {
    if let Some(field) = find(selector).and_then(|e| e.dyn_into::<web_sys::HtmlTextAreaElement>().ok()) {
        let _ = field.focus();
        let end = field.text_length();
        let _ = field.set_selection_range(end, end);
    }
}

/// Puts the caret of a text area behind so many UTF-16 units.
pub fn set_caret(selector: &str, at: usize) {
    if let Some(field) = find(selector).and_then(|e| e.dyn_into::<web_sys::HtmlTextAreaElement>().ok()) {
        let _ = field.focus();
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        let _ = field.set_selection_range(at, at);
    }
}

/// The focused element.
pub fn focused() -> Option<Element> {
    document()?.active_element()
}

/// Whether the page is used with fingers.
pub fn is_coarse() -> bool {
    let media = web_sys::window().and_then(|w| w.match_media("(pointer: coarse)").ok().flatten());
    media.is_some_and(|m| m.matches())
}

/// Whether keys are being typed into something, so that they are no shortcuts.
pub fn is_typing() -> bool {
    focused().is_some_and(|e| {
        e.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]").unwrap_or(false)
    })
}

/// Whether a dialog covers the page.
pub fn dialog_is_open() -> bool {
    document().is_some_and(|d| matches!(d.query_selector("dialog[open]"), Ok(Some(_))))
}

/// Copies a text; the outcome is for the browser to show.
pub fn copy(text: &str) {
    if let Some(window) = web_sys::window() {
        let _ = window.navigator().clipboard().write_text(text);
    }
}

/// Sets or takes away an attribute of the root element.
pub fn set_root(name: &str, value: &str) {
    if let Some(root) = document().and_then(|d| d.document_element()) {
        let _ = root.set_attribute(name, value);
    }
}

/// The time zone the browser runs in.
pub fn own_time_zone() -> Option<String> {
    let options = js_sys::Intl::DateTimeFormat::default().resolved_options();
    js_sys::Reflect::get(&options, &"timeZone".into()).ok()?.as_string()
}

/// Every time zone the browser knows; empty when it cannot say.
pub fn time_zones() -> Vec<String> {
    let get = |of: &wasm_bindgen::JsValue, name: &str| js_sys::Reflect::get(of, &name.into()).ok();
    let zones = || -> Option<Vec<String>> {
        let intl = get(&js_sys::global(), "Intl")?;
        let list: js_sys::Function = get(&intl, "supportedValuesOf")?.dyn_into().ok()?;
        let zones: js_sys::Array = list.call1(&intl, &"timeZone".into()).ok()?.dyn_into().ok()?;
        Some(zones.iter().filter_map(|z| z.as_string()).collect())
    };
    zones().unwrap_or_default()
}

fn session_storage() -> Option<web_sys::Storage> {
    web_sys::window()?.session_storage().ok()?
}

/// Keeps a text for as long as the window is open.
pub fn remember(name: &str, value: &str) {
    if let Some(storage) = session_storage() {
        let _ = storage.set_item(name, value);
    }
}

/// A text that was kept.
pub fn recall(name: &str) -> Option<String> {
    session_storage()?.get_item(name).ok()?
}
