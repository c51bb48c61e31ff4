//! Speaking instead of typing, where the browser can. The browser's own recogniser is used through reflection: it has two
//! names, and few browsers have either.

use crate::prelude::*;
use crate::state::State;
use js_sys::{Array, Function, Reflect};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};

thread_local! {
    static LISTENING: RefCell<Option<JsValue>> = const { RefCell::new(None) };
}

fn maker() -> Option<Function> {
    let window: JsValue = web_sys::window()?.into();
    ["SpeechRecognition", "webkitSpeechRecognition"]
        .into_iter()
        .find_map(|name| Reflect::get(&window, &name.into()).ok()?.dyn_into().ok())
}

/// Whether this browser can.
pub fn available() -> bool {
    maker().is_some()
}

fn tell(recogniser: &JsValue, what: &str) {
    let method = Reflect::get(recogniser, &what.into()).ok().and_then(|m| m.dyn_into::<Function>().ok());
    if let Some(method) = method {
        let _ = method.call0(recogniser);
    }
}

/// What was heard so far.
fn heard(event: &JsValue) -> Option<String> {
    let results = Reflect::get(event, &"results".into()).ok()?;
    let all = Array::from(&results);
    let best = |result: JsValue| {
        let first = Reflect::get_u32(&result, 0).ok()?;
        Reflect::get(&first, &"transcript".into()).ok()?.as_string()
    };
    Some(all.iter().filter_map(best).collect())
}

/// Begins to listen, or stops. What is heard is added to what stands in the box.
pub fn toggle(state: State, listening: RwSignal<bool>) {
    if let Some(recogniser) = LISTENING.take() {
        tell(&recogniser, "stop");
        return;
    }
    let Some(Ok(recogniser)) = maker().map(|maker| Reflect::construct(&maker, &Array::new())) else {
        return;
    };
    let draft = state.chat.draft;
    let mut before = draft.get_untracked();
    if !before.is_empty() && !before.ends_with(char::is_whitespace) {
        before.push(' ');
    }
    let result = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
        if let Some(text) = heard(&event) {
            draft.set(format!("{before}{text}"));
        }
    });
    let failed = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
        let why = Reflect::get(&event, &"error".into()).ok().and_then(|e| e.as_string());
        if why.is_some_and(|why| why == "not-allowed" || why == "service-not-allowed") {
            state.say("The browser may not listen. Allow the microphone for this site", None);
        }
    });
    let ended = Closure::<dyn FnMut()>::new(move || {
        LISTENING.take();
        let _ = listening.try_set(false);
        crate::browser::focus_end("#chat-input");
    });
    let language = web_sys::window().and_then(|w| w.navigator().language()).unwrap_or_default();
    for (name, value) in [
        ("lang", JsValue::from(language)),
        ("interimResults", true.into()),
        ("onresult", result.into_js_value()),
        ("onerror", failed.into_js_value()),
        ("onend", ended.into_js_value()),
    ] {
        let _ = Reflect::set(&recogniser, &name.into(), &value);
    }
    listening.set(true);
    tell(&recogniser, "start");
    LISTENING.set(Some(recogniser));
}
