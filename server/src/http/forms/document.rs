//! The few documents that a door writes itself: whole HTML with our styles, no script, kept by no cache.

use crate::{
    http::{assets, headers::set_cookies},
    mail::letter::escaped,
};
use axum::{
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Response},
};
use domain::account::NewApiToken;

/// Where forms of a document may lead, and what is told of it there.
#[derive(Clone, Debug)]
pub(in crate::http) struct Guard {
    forms: String,
    referrer: &'static str,
}

impl Guard {
    /// Nothing is sent from here.
    pub(in crate::http) fn still() -> Self {
        Self { forms: "'none'".into(), referrer: "no-referrer" }
    }

    /// A form that may lead to those places. Its door wants to know where it was sent from.
    pub(in crate::http) fn form(places: &str) -> Self {
        Self { forms: places.to_owned(), referrer: "same-origin" }
    }

    /// Nothing is loaded but our styles.
    fn policy(&self) -> String {
        format!(
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action {}; frame-ancestors 'none'",
            self.forms
        )
    }
}

/// A document with that title and body, which is HTML already; `head` is what else stands in its head.
pub(in crate::http) fn document(
    title: &str,
    head: &str,
    body: &str,
    guard: Guard,
    cookies: impl IntoIterator<Item = String>,
) -> Response {
    let root = assets::files().root;
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n{head}\
         <link rel=\"icon\" type=\"image/svg+xml\" href=\"{root}/favicon.svg\">\n\
         <link rel=\"stylesheet\" href=\"{root}/style.css\">\n</head>\n<body>\n\
         <main class=\"card-page\">\n<div class=\"card\">\n{body}</div>\n</main>\n</body>\n</html>\n",
        title = escaped(title),
    );
    let mut response = Html(html).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let policy = HeaderValue::try_from(guard.policy());
    // Without a policy of its own it gets the strictest one, which leaves it plain and harmless.
    headers.extend(policy.ok().map(|policy| (header::CONTENT_SECURITY_POLICY, policy)));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static(guard.referrer));
    set_cookies(headers, cookies);
    response
}

/// On to another site. Not a redirect: browsers hold the answer of a form to the page's own policy, which lets forms lead
/// to us only.
pub(super) fn leave(url: &str, to: &str, cookies: impl IntoIterator<Item = String>) -> Response {
    let (url, to) = (escaped(url), escaped(to));
    let head = format!("<meta http-equiv=\"refresh\" content=\"0;url={url}\">\n");
    let body = format!("<h1>One moment</h1>\n<p><a href=\"{url}\">Go on to {to}</a></p>\n");
    document(&format!("On to {to}"), &head, &body, Guard::still(), cookies)
}

/// A token that was just made: the only time it is shown.
pub(super) fn token(made: &NewApiToken) -> Response {
    let body = format!(
        "<h1>Your new token</h1>\n<p>This is “{name}”. Copy it now: it is not shown again.</p>\n\
         <p><code id=\"token\">{token}</code></p>\n<p>It may: {scopes}.</p>\n\
         <p><a class=\"button\" href=\"/settings#tokens\">Back to the settings</a></p>\n",
        name = escaped(&made.shown.name),
        token = escaped(&made.token),
        scopes = escaped(&made.shown.scopes.join(", ")),
    );
    document("Your new token", "", &body, Guard::still(), [])
}
