//! The page: which visitor gets which document, drawn by `app` over the API called in process.
//!
//! For each address the data is gathered first ([`app::boot::gather`]), through the API's own router and with the
//! visitor's cookie, so that the page sees exactly what the same person's fetch would. Then the document is drawn in one
//! go. Deliberately absent: any second way to the data, and plain-form answers (`/do/…`), which live with the API.

use app::{
    boot::{self, Boot},
    routes, shell,
    transport::{DocumentStatus, InProcess, Reply},
};
use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::{id::Seq, problem::Problem};
use leptos::{
    prelude::{Owner, expect_context, provide_context},
    reactive::computed::ScopedFuture,
};
use leptos_axum::ResponseOptions;
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};
use tower::ServiceExt;

/// More than any list the page asks for.
const LARGEST_REPLY: usize = 16 << 20;

/// What of a visitor's request counts for the calls made on their behalf.
const CARRIED: [header::HeaderName; 4] =
    [header::COOKIE, header::USER_AGENT, header::ACCEPT_LANGUAGE, header::HeaderName::from_static("x-forwarded-for")];

/// Every page of the app and the one for unknown addresses; `api` is called in process.
pub fn router(api: Router) -> Router {
    // Fails only when it was already done, by another router in a test.
    let _ = any_spawner::Executor::init_tokio();
    routes::PATHS
        .into_iter()
        .fold(Router::new(), |router, path| router.route(path, get(page)))
        .fallback(page)
        .with_state(api)
}

async fn page(State(api): State<Router>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if path.starts_with("/api/") {
        // A program that mistyped an address wants a problem, not a page.
        let detail = "There is nothing at this address; see /api/openapi.json.".into();
        return super::Error::Door(StatusCode::NOT_FOUND, "not_found", detail).into_response();
    }
    let known = is_known(&path);
    // Somebody who is signed in already goes on; a link from a mail counts all the same.
    let entrance = matches!(path.as_str(), "/sign-in" | "/sign-up");
    let cookies = Arc::new(Mutex::new(Vec::new()));
    let found = if known {
        let caller = in_process(api, &request, Arc::clone(&cookies));
        gather(caller, request.uri()).await
    } else {
        Ok(Boot::default())
    };
    let (boot, status) = match found {
        Ok(_) if path == "/" => return to(&with_error("/settings", request.uri()).unwrap_or_else(|| "/today".into())),
        Ok(boot) if entrance && boot.overview.is_some() => {
            return to(&next(request.uri()).unwrap_or_else(|| "/today".into()));
        }
        Ok(boot) => {
            let status = boot.status(&path);
            (boot, status)
        }
        Err(problem) if problem.status == 401 && (entrance || !known) => (Boot::default(), None),
        Err(problem) if problem.status == 401 => return to(&sign_in(request.uri())),
        Err(problem) => {
            let status = Some(problem.status).filter(|s| *s >= 400);
            let boot = Boot { trouble: Some(problem), ..Boot::default() };
            (boot, status.or(Some(500)))
        }
    };
    let mut response = draw(boot, status, request).await;
    let held = std::mem::take(&mut *cookies.lock().unwrap_or_else(PoisonError::into_inner));
    for cookie in held {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

async fn gather(caller: InProcess, uri: &Uri) -> Result<Boot, Problem> {
    let parameters = parameters(uri);
    let path = uri.path().to_owned();
    let owner = Owner::new();
    let call = owner.with(|| {
        provide_context(caller);
        ScopedFuture::new(async move { boot::gather(&path, |name| parameters.get(name).cloned()).await })
    });
    call.await
}

/// Draws the document.
async fn draw(boot: Boot, status: Option<u16>, request: Request) -> Response {
    let context = move || {
        let options = expect_context::<ResponseOptions>();
        let set_status = {
            let options = options.clone();
            move |status: u16| {
                if let Ok(status) = StatusCode::from_u16(status) {
                    options.set_status(status);
                }
            }
        };
        if let Some(status) = status {
            set_status(status);
        }
        provide_context(DocumentStatus(Arc::new(set_status)));
        provide_context(boot.clone());
        if let Some(policy) = leptos::nonce::use_nonce().and_then(|n| policy(&n)) {
            options.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        }
        // The page holds somebody's tasks: no shared cache keeps it, and a browser asks before it shows it again.
        options.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        options.insert_header(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    };
    let document = || shell::document(super::assets::files());
    leptos_axum::render_app_async_with_context(context, document)(request).await
}

/// Only our own files and the one inline script run; the start script compiles WebAssembly.
fn policy(nonce: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    ))
    .ok()
}

/// The API as the page calls it: with the visitor's cookie, and what the answers set goes back to the visitor.
fn in_process(api: Router, visitor: &Request, cookies: Arc<Mutex<Vec<HeaderValue>>>) -> InProcess {
    let carried: HeaderMap = CARRIED
        .iter()
        .flat_map(|name| visitor.headers().get_all(name).iter().map(move |value| (name.clone(), value.clone())))
        .collect();
    // Whose call it is counts for limits.
    let peer = visitor.extensions().get::<ConnectInfo<SocketAddr>>().copied();
    InProcess(Arc::new(move |mut request| {
        request.headers_mut().extend(carried.clone());
        if let Some(peer) = peer {
            request.extensions_mut().insert(peer);
        }
        let (api, cookies) = (api.clone(), Arc::clone(&cookies));
        Box::pin(async move {
            let response = match api.oneshot(request.map(Body::from)).await {
                Ok(response) => response,
                Err(never) => match never {},
            };
            let headers = response.headers();
            cookies
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend(headers.get_all(header::SET_COOKIE).iter().cloned());
            let text = |name: &str| Some(headers.get(name)?.to_str().ok()?.to_owned());
            let (operation, link) = (text("operation-seq"), text("link"));
            let status = response.status().as_u16();
            let body = axum::body::to_bytes(response.into_body(), LARGEST_REPLY).await.unwrap_or_default();
            Reply {
                status,
                operation: operation.and_then(|n| n.parse().ok()).map(Seq),
                link,
                body: String::from_utf8_lossy(&body).into_owned(),
            }
        })
    }))
}

fn is_known(path: &str) -> bool {
    let parts = |text: &str| text.trim_matches('/').split('/').count();
    routes::PATHS.into_iter().any(|known| {
        known == path
            || known.strip_suffix("{id}").is_some_and(|start| path.starts_with(start) && parts(path) == parts(known))
    })
}

fn parameters(uri: &Uri) -> HashMap<String, String> {
    Query::try_from_uri(uri).map(|q| q.0).unwrap_or_default()
}

/// `?next=` when it leads to a page of ours.
fn next(uri: &Uri) -> Option<String> {
    parameters(uri).remove("next").filter(|n| crate::auth::origin::local(n))
}

/// Where the front door sends on somebody whose way through another provider failed without a page to go back to.
fn with_error(path: &str, uri: &Uri) -> Option<String> {
    let error = parameters(uri).remove("error")?;
    Some(format!("{path}?error={}", app::api::encode(&error)))
}

fn sign_in(uri: &Uri) -> String {
    if uri.path() == "/"
        && let Some(address) = with_error("/sign-in", uri)
    {
        return address;
    }
    match uri.path_and_query().map(http::uri::PathAndQuery::as_str) {
        None | Some("/") => "/sign-in".into(),
        Some(back) => format!("/sign-in?next={}", app::api::encode(back)),
    }
}

fn to(address: &str) -> Response {
    let location = HeaderValue::try_from(address).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::FOUND, [(header::LOCATION, location), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))])
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_addresses() {
        for path in ["/", "/today", "/project/3", "/chat", "/chat/9", "/sign-in"] {
            assert!(is_known(path), "{path}");
        }
        for path in ["/project", "/project/3/4", "/nope", "/today/x"] {
            assert!(!is_known(path), "{path}");
        }
    }

    #[test]
    fn a_failed_way_in_is_told_at_the_door() {
        let sign_in = |text: &str| sign_in(&text.parse().expect("an address"));
        assert_eq!(sign_in("/?error=state_mismatch"), "/sign-in?error=state_mismatch");
        assert_eq!(sign_in("/"), "/sign-in");
        assert_eq!(sign_in("/task/3"), "/sign-in?next=%2Ftask%2F3");
    }

    #[test]
    fn nobody_is_sent_to_a_foreign_host() {
        let next = |text: &str| next(&text.parse().expect("an address"));
        assert_eq!(next("/sign-in?next=%2Ftask%2F3"), Some("/task/3".into()));
        assert_eq!(next("/sign-in?next=%2F%2Fevil.example"), None);
        assert_eq!(next("/sign-in?next=https%3A%2F%2Fevil.example"), None);
        assert_eq!(next("/sign-in?next=%2F%5Cevil.example"), None);
        // Browsers drop tabs and line breaks inside an address.
        assert_eq!(next("/sign-in?next=%2F%09%2Fevil.example"), None);
    }
}
