//! The root component: which address shows which page.

use crate::prelude::*;
use crate::{
    boot::Boot,
    components::frame::Frame,
    pages::{
        chat::ChatPage,
        lists::ListPage,
        not_found::NotFound,
        served::{AdminPage, SettingsPage, UsePage},
        task::TaskPage,
    },
};
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Redirect, Route, Router, Routes},
    path,
};

/// Every address, as the server's router spells them. Sign-in and its neighbours are drawn without this router.
pub const PATHS: [&str; 19] = [
    "/",
    "/today",
    "/upcoming",
    "/inbox",
    "/completed",
    "/trash",
    "/search",
    "/project/{id}",
    "/label/{id}",
    "/task/{id}",
    "/settings",
    "/admin",
    "/admin/use",
    "/chat",
    "/chat/{id}",
    "/sign-in",
    "/sign-up",
    "/forgot-password",
    "/reset-password",
];

/// The page, from inside `body`.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    // Read once: the document is drawn with it, and the browser takes it over from there.
    let boot = StoredValue::new(Boot::here());
    view! {
        <Title formatter=|title: String| if title.is_empty() { "Todo Chatbot".into() } else { format!("{title} · Todo Chatbot") } />
        <Router>
            <Routes fallback=NotFound>
                <ParentRoute path=path!("") view=move || view! { <Frame boot=boot.get_value() /> } ssr=SsrMode::Async>
                    <Route path=path!("/") view=|| view! { <Redirect path="/today" /> } />
                    <Route path=path!("/today") view=ListPage />
                    <Route path=path!("/upcoming") view=ListPage />
                    <Route path=path!("/inbox") view=ListPage />
                    <Route path=path!("/completed") view=ListPage />
                    <Route path=path!("/trash") view=ListPage />
                    <Route path=path!("/search") view=ListPage />
                    <Route path=path!("/project/:id") view=ListPage />
                    <Route path=path!("/label/:id") view=ListPage />
                    <Route path=path!("/task/:id") view=TaskPage />
                    <Route path=path!("/settings") view=SettingsPage />
                    <Route path=path!("/admin") view=AdminPage />
                    <Route path=path!("/admin/use") view=UsePage />
                    // One route, so that the page stays as it is when a conversation gets its address.
                    <Route path=path!("/chat/:id?") view=ChatPage />
                </ParentRoute>
            </Routes>
        </Router>
    }
    .into_any_waiting()
}
