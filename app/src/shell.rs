//! The HTML document around the page. Only the server writes it; the browser starts inside its `body`.

use crate::prelude::*;
use crate::{boot::Boot, routes::App};
use leptos_meta::MetaTags;

/// Where the built files are. The server knows; the page only writes it down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageFiles {
    /// The folder all files are in, such as `/pkg/1f2e3d`; without a slash at its end.
    pub root: String,
    /// Whether the page reloads itself when a file changes; debug builds only.
    pub reload: bool,
}

const RELOAD: &str = "(()=>{let seen;new EventSource('/dev/reload').onmessage=e=>{if(seen&&seen!==e.data)location.reload();seen=e.data}})()";

/// The whole document.
pub fn document(files: PageFiles) -> impl IntoView {
    let nonce = leptos::nonce::use_nonce();
    let boot = Boot::here();
    let PageFiles { root, reload } = files;
    let start = format!(
        "import init,{{hydrate}} from {js:?};await init({{module_or_path:{wasm:?}}});hydrate();document.documentElement.dataset.ready='true';",
        js = format!("{root}/app.js"),
        wasm = format!("{root}/app_bg.wasm"),
    );
    // Without the attribute the browser's own preference decides, in CSS.
    let theme = boot.overview.as_ref().map(|o| o.settings.theme.clone()).filter(|t| t != "system");
    let signed_in = boot.overview.is_some();
    let data = boot.to_script();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
                <meta name="color-scheme" content="light dark" />
                <meta name="theme-color" content="#fcfbf9" media="(prefers-color-scheme: light)" />
                <meta name="theme-color" content="#1a1917" media="(prefers-color-scheme: dark)" />
                <link rel="icon" type="image/svg+xml" href=format!("{root}/favicon.svg") />
                <link rel="manifest" href=format!("{root}/manifest.webmanifest") />
                <link rel="stylesheet" href=format!("{root}/style.css") />
                {signed_in.then(|| view! { <link rel="stylesheet" href=format!("{root}/chat.css") /> })}
                <link rel="modulepreload" href=format!("{root}/app.js") />
                <link
                    rel="preload"
                    href=format!("{root}/app_bg.wasm")
                    r#as="fetch"
                    r#type="application/wasm"
                    crossorigin=""
                />
                <script type="application/json" id=crate::boot::ELEMENT nonce=nonce.clone()>{data}</script>
                <script type="module" nonce=nonce.clone()>{start}</script>
                {reload.then(|| view! { <script nonce=nonce>{RELOAD}</script> })}
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}
