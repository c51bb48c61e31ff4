//! The HTML document around the page. Only the server writes it; the browser starts inside its `body`.

use crate::prelude::*;
use crate::{
    boot::Boot,
    routes::App,
    served::{data::Served, entrance},
};
use leptos::nonce::Nonce;
use leptos_meta::{MetaTags, provide_meta_context};

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
    // The entrances set a title without `App`, which provides it for every other page.
    provide_meta_context();
    let boot = Boot::here();
    let nonce = leptos::nonce::use_nonce();
    let root = files.root.clone();
    // Without the attribute the browser's own preference decides, in CSS.
    let theme = boot.overview.as_ref().map(|o| o.settings.theme.clone()).filter(|t| t != "system");
    let signed_in = boot.overview.is_some();
    let (scripts, body) = match &boot.served {
        Some(Served::Entrance(entrance)) => (later(&root), entrance::page(entrance)),
        _ => (now(&root, &boot, nonce.clone()), view! { <App /> }.into_any_waiting()),
    };
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
                {scripts}
                {files.reload.then(|| view! { <script nonce=nonce>{RELOAD}</script> })}
                <MetaTags />
            </head>
            <body>{body}</body>
        </html>
    }
}

/// What brings the page to life.
fn now(root: &str, boot: &Boot, nonce: Option<Nonce>) -> AnyView {
    let (script, wasm) = (format!("{root}/app.js"), format!("{root}/app_bg.wasm"));
    let start = format!(
        "import init,{{hydrate}} from {script:?};await init({{module_or_path:{wasm:?}}});hydrate();document.documentElement.dataset.ready='true';",
    );
    view! {
        <link rel="modulepreload" href=script />
        <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="" />
        <script type="application/json" id=crate::boot::ELEMENT nonce=nonce.clone()>
            {boot.to_script()}
        </script>
        <script type="module" nonce=nonce>
            {start}
        </script>
    }
    .into_any()
}

/// Sign-in and its neighbours run no script. The browser fetches what the next page runs while somebody types.
fn later(root: &str) -> AnyView {
    view! {
        <link rel="prefetch" href=format!("{root}/app.js") />
        <link rel="prefetch" href=format!("{root}/app_bg.wasm") crossorigin="" />
        <link rel="prefetch" href=format!("{root}/chat.css") />
    }
    .into_any()
}
