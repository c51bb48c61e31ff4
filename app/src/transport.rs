//! One `send`, two bodies: fetch in the browser, the API's own router in process on the server.
//!
//! An answer that is not a success becomes a [`Problem`]; so does a network that is not there (code `offline`) and an
//! answer nobody can read (code `unreadable`). Deliberately absent: retries. Whoever asked knows whether asking twice
//! is harmless.

use domain::{id::Seq, problem::Problem};
use serde::de::DeserializeOwned;

/// The code of a problem that means "the server could not be reached".
pub const OFFLINE: &str = "offline";

const JSON: &str = "application/json";
const HTML: &str = "text/html";
const FORM: &str = "application/x-www-form-urlencoded";

/// A request as the API functions describe it.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// `GET`, `POST`, …
    pub method: &'static str,
    /// From `/api` on, with its query.
    pub path: String,
    /// JSON, or the fields of a form for [`visit`].
    pub body: Option<String>,
    /// The version the caller has seen; becomes `If-Match`.
    pub version: Option<i64>,
}

/// What came back, before it is decoded.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// From `Operation-Seq`: what an undo needs.
    pub operation: Option<Seq>,
    /// The `Link` header as it is.
    pub link: Option<String>,
    /// The body as text.
    pub body: String,
}

/// A decoded success.
#[derive(Clone, Debug)]
pub struct Answer<T> {
    /// The body.
    pub value: T,
    /// What to undo, after a write.
    pub operation: Option<Seq>,
    /// The address of the next page of a list.
    pub next: Option<String>,
}

/// A problem made on this side of the wire.
pub fn problem(code: &str, title: &str, detail: &str) -> Problem {
    Problem { title: title.into(), detail: detail.into(), code: code.into(), ..Problem::default() }
}

fn unreadable() -> Problem {
    problem(
        "unreadable",
        "Unexpected answer",
        "The server answered in a way this page does not understand. Reload the page; it may have been updated.",
    )
}

impl Reply {
    /// A success as its type, anything else as a problem.
    pub fn decode<T: DeserializeOwned>(self) -> Result<Answer<T>, Problem> {
        let reply = self.check()?;
        // 204 has no body, which is JSON's null to us.
        let text = if reply.body.is_empty() { "null" } else { &reply.body };
        Ok(Answer {
            value: serde_json::from_str(text).map_err(|_| unreadable())?,
            operation: reply.operation,
            next: reply.link.as_deref().and_then(next_page),
        })
    }

    /// Itself when it is a success.
    pub fn check(self) -> Result<Self, Problem> {
        if (200..300).contains(&self.status) {
            return Ok(self);
        }
        let mut problem: Problem = serde_json::from_str(&self.body).unwrap_or_else(|_| {
            problem(
                "failed",
                "Something went wrong",
                &format!("The server answered {}. Try again in a moment.", self.status),
            )
        });
        problem.status = self.status;
        Err(problem)
    }
}

/// The target of `rel="next"` in a `Link` header.
fn next_page(link: &str) -> Option<String> {
    link.split(',').find_map(|part| {
        let (target, parameters) = part.split_once('>')?;
        parameters.contains("rel=\"next\"").then(|| target.trim().trim_start_matches('<').to_owned())
    })
}

#[cfg(feature = "ssr")]
mod server {
    use super::Reply;
    use std::{future::Future, pin::Pin, sync::Arc};

    /// What an in-process call resolves to.
    pub type InProcessReply = Pin<Box<dyn Future<Output = Reply> + Send>>;

    /// The API's router, found in the Leptos context of every request that is rendered on the server.
    #[derive(Clone)]
    pub struct InProcess(pub Arc<dyn Fn(http::Request<String>) -> InProcessReply + Send + Sync>);

    /// Lets a page set the status of its document without knowing the web framework.
    #[derive(Clone)]
    pub struct DocumentStatus(pub Arc<dyn Fn(u16) + Send + Sync>);
}
#[cfg(feature = "ssr")]
pub use server::{DocumentStatus, InProcess, InProcessReply};

/// Sets the status of the document being rendered; does nothing in the browser.
pub fn set_status(status: u16) {
    #[cfg(feature = "ssr")]
    if let Some(document) = leptos::prelude::use_context::<DocumentStatus>() {
        (document.0)(status);
    }
    #[cfg(not(feature = "ssr"))]
    let _ = status;
}

/// Carries a call to the API.
#[cfg(feature = "ssr")]
pub async fn send(call: Call) -> Result<Reply, Problem> {
    let Some(api) = leptos::prelude::use_context::<InProcess>() else {
        return Err(problem("no_api", "Not available", "The page was rendered without an API behind it."));
    };
    let mut request = http::Request::builder()
        .method(call.method)
        .uri(&call.path)
        .header("accept", "application/json")
        .header("content-type", "application/json");
    if let Some(version) = call.version {
        request = request.header("if-match", format!("\"{version}\""));
    }
    let request = request
        .body(call.body.unwrap_or_default())
        .map_err(|_| problem("bad_address", "Bad address", "The address is not valid."))?;
    Ok((api.0)(request).await)
}

/// Carries a call to the API.
#[cfg(not(feature = "ssr"))]
pub async fn send(call: Call) -> Result<Reply, Problem> {
    send_wrapper::SendWrapper::new(fetch(call)).await
}

#[cfg(not(feature = "ssr"))]
async fn fetch(call: Call) -> Result<Reply, Problem> {
    let response = open(&call, JSON, None).await.map_err(|_| offline())?;
    let headers = response.headers();
    let header = |name: &str| headers.get(name).ok().flatten();
    let body = text(&response).await?;
    Ok(Reply {
        status: response.status(),
        operation: header("operation-seq").and_then(|n| n.parse().ok()).map(Seq),
        link: header("link"),
        body,
    })
}

/// Goes to an address as a form or a link does, and answers where that led and the document.
#[cfg(feature = "ssr")]
pub async fn visit(_: Call) -> Result<(String, Reply), Problem> {
    Err(offline())
}

/// Goes to an address as a form or a link does, and answers where that led and the document.
#[cfg(not(feature = "ssr"))]
pub async fn visit(call: Call) -> Result<(String, Reply), Problem> {
    send_wrapper::SendWrapper::new(async {
        let response = open(&call, HTML, None).await.map_err(|_| offline())?;
        let (address, status) = (response.url(), response.status());
        Ok((address, Reply { status, body: text(&response).await?, ..Reply::default() }))
    })
    .await
}

#[cfg(not(feature = "ssr"))]
async fn text(response: &web_sys::Response) -> Result<String, Problem> {
    let body = response.text().map_err(|_| offline())?;
    let body: js_sys::Promise = wasm_bindgen::JsCast::unchecked_into(body);
    let body = wasm_bindgen_futures::JsFuture::from(body).await.map_err(|_| offline())?;
    Ok(body.as_string().unwrap_or_default())
}

/// The problem of a network that is not there.
pub fn offline() -> Problem {
    problem(OFFLINE, "No connection", "The server cannot be reached. Check your connection and try again.")
}

/// The browser's fetch, up to the point where the headers are there; also what a stream starts with.
pub async fn open(
    call: &Call,
    accept: &str,
    abort: Option<&web_sys::AbortSignal>,
) -> Result<web_sys::Response, wasm_bindgen::JsValue> {
    use wasm_bindgen::{JsCast, JsValue};
    let headers = web_sys::Headers::new()?;
    headers.set("accept", accept)?;
    let init = web_sys::RequestInit::new();
    init.set_method(call.method);
    if let Some(body) = &call.body {
        headers.set("content-type", if accept == HTML { FORM } else { JSON })?;
        init.set_body(&JsValue::from_str(body));
    }
    if let Some(version) = call.version {
        headers.set("if-match", &format!("\"{version}\""))?;
    }
    init.set_headers(&headers);
    init.set_signal(abort);
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let response = wasm_bindgen_futures::JsFuture::from(window.fetch_with_str_and_init(&call.path, &init)).await?;
    response.dyn_into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_among_links() {
        assert_eq!(next_page("</a?x=1>; rel=\"prev\", </b?cursor=2>; rel=\"next\""), Some("/b?cursor=2".into()));
        assert_eq!(next_page("</a>; rel=\"prev\""), None);
    }

    #[test]
    fn a_refusal_keeps_its_words() {
        let reply =
            Reply { status: 409, body: r#"{"detail":"Changed since.","code":"conflict"}"#.into(), ..Reply::default() };
        let problem = reply.check().expect_err("409 is no success");
        assert_eq!((problem.status, problem.code.as_str()), (409, "conflict"));
        assert_eq!(problem.to_string(), "Changed since.");
    }
}
