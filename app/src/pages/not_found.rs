//! An address that leads nowhere.

use crate::prelude::*;
use crate::transport::set_status;
use leptos_meta::Title;

/// See the module.
#[component]
pub fn NotFound() -> impl IntoView {
    set_status(404);
    view! {
        <Title text="Not found" />
        <main class="alone">
            <h1>"There is nothing here"</h1>
            <p>"The address may be mistyped, or what was here has been deleted."</p>
            <p>
                <a href="/today" rel="external" class="button">
                    "Go to Today"
                </a>
            </p>
        </main>
    }
    .into_any()
}
