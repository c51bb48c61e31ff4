//! The frame around every signed-in page: rail, quick add and search on top, the view, and what floats above it.

use super::{
    assistant::Assistant, bulk_bar::BulkBar, detail::Detail, dialogs::Dialogs, icons::*, keys, quick_add::QuickAdd,
    rail::Rail, toasts::Toasts,
};
use crate::components::keyed::present;
use crate::prelude::*;
use crate::{boot::Boot, browser, place::Place, state::State};
use domain::problem::Problem;
use leptos::ev::SubmitEvent;
use leptos_router::{
    NavigateOptions,
    components::Outlet,
    hooks::{use_location, use_navigate, use_query_map},
};
use std::sync::Arc;
use wasm_bindgen::JsCast;

/// Where the page is, as signals, and a way to go elsewhere.
#[derive(Clone, Copy)]
pub struct Where {
    /// The list that is shown, if it is one.
    pub place: Memo<Option<Place>>,
    /// The open task.
    pub task: Memo<Option<i64>>,
    /// The path.
    pub path: Memo<String>,
    go: StoredValue<Arc<dyn Fn(&str) + Send + Sync>>,
}

impl Where {
    fn new() -> Self {
        let (location, query) = (use_location(), use_query_map());
        let path = location.pathname;
        let navigate = use_navigate();
        let go = move |to: &str| {
            let from = path.get_untracked();
            let same = to.split('?').next() == Some(from.as_str());
            // Typing on in the search box is one step of the history, and opening a task leaves the list where it is.
            let replace = same && from == "/search" && !to.contains("task=");
            navigate(to, NavigateOptions { scroll: !same, replace, ..NavigateOptions::default() });
        };
        let here = Self {
            place: Memo::new(move |_| Place::of(&path.read(), query.read().get_str("q"))),
            task: Memo::new(move |_| {
                let path = path.read();
                let text = path.strip_prefix("/task/").map(str::to_owned).or_else(|| query.read().get("task"));
                text.and_then(|t| t.parse().ok())
            }),
            path,
            go: StoredValue::new(Arc::new(go)),
        };
        provide_context(here);
        here
    }

    /// The frame's, for whatever is drawn in it.
    pub fn here() -> Self {
        expect_context()
    }

    /// Goes to an address of the page without a load.
    pub fn go(self, to: &str) {
        (self.go.get_value())(to);
    }

    /// The address that shows a task beside what is shown now, or what is shown now alone.
    pub fn beside(self, task: Option<i64>) -> String {
        match (self.place.get(), task) {
            (None, Some(id)) => format!("/task/{id}"),
            (None, None) => "/today".into(),
            (Some(place), None) => place.path(),
            (Some(place), Some(id)) => {
                let path = place.path();
                let joint = if path.contains('?') { '&' } else { '?' };
                format!("{path}{joint}task={id}")
            }
        }
    }

    /// Opens a task beside the list.
    pub fn open(self, id: i64) {
        self.go(&untrack(|| self.beside(Some(id))));
    }

    /// Closes the open task and gives the focus back to its row.
    pub fn close_task(self) {
        let Some(id) = self.task.get_untracked() else {
            return;
        };
        self.go(&untrack(|| self.beside(None)));
        browser::after(30, move || {
            browser::focus(&format!("[data-task=\"{id}\"] .row-main"));
        });
    }
}

/// See the module.
#[component]
pub fn Frame(
    /// What the server drew the page with.
    boot: Boot,
) -> impl IntoView {
    let Some(overview) = boot.overview.clone() else {
        return view! { <Frameless trouble=boot.trouble /> }.into_any();
    };
    let here = Where::new();
    let state = State::new(overview, boot, here.place.get_untracked(), here.task.get_untracked());
    Effect::new(move |_| {
        state.start_clock();
        state.go_live();
        state.chat_resume(here.path.read_untracked().starts_with("/chat"));
        keys::listen(state, here);
    });
    // What the server says about a plain form.
    let refused = use_query_map().read_untracked().get("error").filter(|e| !e.is_empty());
    // The pages of forms say it beside the form.
    let refused =
        refused.filter(|_| !matches!(here.path.get_untracked().as_str(), "/settings" | "/admin" | "/admin/use"));
    let menu = RwSignal::new(false);
    // Going somewhere closes the menu of small screens.
    Effect::new(move |_| {
        here.path.track();
        menu.set(false);
    });

    // Beside a list; as a page of its own a task is drawn by its route.
    let beside = move || here.task.get().is_some() && here.place.read().is_some();
    // Leaving a field saves it, so the field is left before it goes.
    let leave = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" && !event.is_composing() {
            event.prevent_default();
            event.stop_propagation();
            browser::blur();
            here.close_task();
        }
    };
    let panel = Memo::new(move |_| here.task.get().filter(|_| beside()));

    view! {
        <a class="skip" href="#main">
            "Skip to the content"
        </a>
        <div class="frame" class:has-detail=beside>
            <Rail menu />
            <div class="middle">
                <header class="top">
                    <QuickAdd />
                    <Search />
                </header>
                <Offline />
                {refused.map(|error| view! { <p class="form-error refused" role="alert">{error}</p> })}
                <main id="main" tabindex="-1">
                    <Outlet />
                </main>
            </div>
            {move || {
                panel
                    .get()
                    .map(|id| {
                        view! {
                            <aside class="detail" id="detail" aria-label="Task" on:keydown=leave>
                                <Detail id />
                            </aside>
                        }
                    })
            }}
        </div>
        <BulkBar />
        <Assistant />
        <BottomBar menu />
        <Dialogs />
        <Toasts />
    }
    .into_any_waiting()
}

/// Without a frame: the server could not answer, or the page has outlived its session.
#[component]
fn Frameless(trouble: Option<Problem>) -> impl IntoView {
    match trouble {
        Some(problem) => view! {
            <main class="alone">
                <h1>"This did not work"</h1>
                <p>{problem.to_string()}</p>
                <p>
                    <a href="" rel="external" class="button">
                        "Try again"
                    </a>
                </p>
            </main>
        }
        .into_any(),
        None => view! {
            <main class="alone">
                <h1>"You are signed out"</h1>
                <p>
                    <a href="/sign-in" rel="external" class="button">
                        "Sign in"
                    </a>
                </p>
            </main>
        }
        .into_any(),
    }
}

/// The search box; plain GET without script, as-you-type with it.
#[component]
fn Search() -> impl IntoView {
    let here = Where::here();
    let text = move || match here.place.get() {
        Some(Place::Search(q)) => q,
        _ => String::new(),
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(input) = browser::find("#search") {
            let value = input.dyn_into::<web_sys::HtmlInputElement>().map(|i| i.value()).unwrap_or_default();
            here.go(&Place::Search(value).path());
        }
    };
    let latest = StoredValue::new(String::new());
    let typed = move |event: leptos::ev::Event| {
        let value = event_target_value(&event);
        latest.set_value(value.clone());
        browser::after(180, move || {
            if latest.try_get_value().as_ref() == Some(&value) && !value.trim().is_empty() {
                here.go(&Place::Search(value).path());
            }
        });
    };
    view! {
        <form class="search" role="search" action="/search" on:submit=submit>
            <Icon of=SEARCH />
            <input
                id="search"
                type="search"
                name="q"
                aria-label="Search tasks"
                placeholder="Search"
                autocomplete="off"
                value=text
                on:input=typed
            />
        </form>
    }
    .into_any()
}

/// Says that what is shown may be old.
#[component]
fn Offline() -> impl IntoView {
    let state = State::here();
    view! {
        <div role="status" class="offline-slot">
            {present(move || state.offline.get(), move || view! {
                <p class="offline">
                    "You are offline. You can read what is here; changes need a connection. "
                    <button class="link" on:click=move |_| state.catch_up()>
                        "Try again"
                    </button>
                </p>
            }.into_any())}
        </div>
    }
    .into_any()
}

/// What is a link without script and a button with it answers the space bar as buttons do.
pub fn press_on_space(event: leptos::ev::KeyboardEvent) {
    if event.key() == " " {
        event.prevent_default();
        if let Some(element) = event.current_target().and_then(|t| t.dyn_into::<web_sys::HtmlElement>().ok()) {
            element.click();
        }
    }
}

/// The four places of a thumb, on small screens.
#[component]
fn BottomBar(menu: RwSignal<bool>) -> impl IntoView {
    let here = Where::here();
    let link = move |place: Place, shape: Shape, name: &'static str| {
        let href = place.path();
        let current = move || (here.place.get().as_ref() == Some(&place)).then_some("page");
        view! {
            <a href=href aria-current=current>
                <Icon of=shape />
                <span>{name}</span>
            </a>
        }
    };
    view! {
        <nav class="bottom-bar" aria-label="Views">
            {link(Place::Today, TODAY, "Today")}
            {link(Place::Upcoming, UPCOMING, "Upcoming")}
            {link(Place::Inbox, INBOX, "Inbox")}
            <a
                href="#rail"
                class="menu-button"
                role="button"
                aria-expanded=move || menu.get().to_string()
                on:keydown=press_on_space
                on:click=move |event| {
                    event.prevent_default();
                    event.stop_propagation();
                    menu.update(|m| *m = !*m);
                }
            >
                <Icon of=MENU />
                <span>"More"</span>
            </a>
        </nav>
    }
    .into_any()
}
