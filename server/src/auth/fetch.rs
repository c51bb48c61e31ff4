//! How others are asked about sign-ins and keys: with patience, but not without end, and nowhere but where we were told.

use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use serde::de::DeserializeOwned;
use std::{pin::Pin, time::Duration};

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(5);
/// How long an answer may take, all of it.
const WHOLE: Duration = Duration::from_secs(10);
/// Largest answer taken, in bytes.
const ANSWER_MAX: usize = 512 * 1024;

/// Nothing useful came back; why, without what was sent or received.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failed(String);

/// A client that follows no redirects: a request that carries a secret goes where it was sent or nowhere.
#[derive(Clone, Debug)]
pub struct Http(reqwest::Client);

impl Http {
    /// `None` when there can be none; the log says why.
    pub fn new() -> Option<Self> {
        reqwest::Client::builder()
            .tls_backend_preconfigured(crate::tls::client())
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map(Self)
            .map_err(|error| tracing::error!(%error, "no HTTP client to ask others about sign-ins and keys"))
            .ok()
    }

    /// Sends a request and reads the whole answer.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Failed> {
        let request = reqwest::Request::try_from(request).map_err(|_| failed("the request cannot be sent"))?;
        let host = request.url().host_str().unwrap_or_default().to_owned();
        let mut answer = self.0.execute(request).await.map_err(|error| {
            let why = if error.is_timeout() { "does not answer in time" } else { "cannot be reached" };
            Failed(format!("{host} {why}"))
        })?;
        let mut response = http::Response::builder().status(answer.status());
        if let Some(headers) = response.headers_mut() {
            headers.extend(answer.headers().iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|_| failed("the answer broke off"))? {
            if body.len() + chunk.len() > ANSWER_MAX {
                return Err(failed("the answer is too large"));
            }
            body.extend_from_slice(&chunk);
        }
        response.body(body).map_err(|_| failed("the answer is not HTTP"))
    }

    /// Gets a JSON document; `bearer` opens the door.
    pub async fn json<T: DeserializeOwned>(&self, url: &str, bearer: Option<&str>) -> Result<T, Failed> {
        let mut request = http::Request::get(url).header(http::header::ACCEPT, "application/json");
        if let Some(token) = bearer {
            request = request.header(http::header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(Vec::new()).map_err(|_| failed("the request cannot be sent"))?;
        let answer = self.send(request).await?;
        if answer.status() != http::StatusCode::OK {
            return Err(Failed(format!("{} answers {}", shown(url), answer.status().as_u16())));
        }
        serde_json::from_slice(answer.body())
            .map_err(|_| Failed(format!("{} is not the JSON it should be", shown(url))))
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = Failed;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Failed>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

/// An address without what may be secret in it.
fn shown(url: &str) -> String {
    url::Url::parse(url).map_or_else(
        |_| "the address".to_owned(),
        |url| format!("{}{}", url.host_str().unwrap_or_default(), url.path()),
    )
}

fn failed(why: &str) -> Failed {
    Failed(why.to_owned())
}
