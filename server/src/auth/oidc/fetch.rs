//! How a provider is asked: with patience, but not without end, and nowhere but where we were told.

use super::Error;
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use serde::de::DeserializeOwned;
use std::{pin::Pin, time::Duration};

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(5);
/// How long an answer may take, all of it.
const WHOLE: Duration = Duration::from_secs(10);
/// Largest answer taken, in bytes.
const ANSWER_MAX: usize = 512 * 1024;

/// A client that follows no redirects: a request that carries a secret goes where it was sent or nowhere.
#[derive(Debug)]
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
            .map_err(|error| tracing::error!(%error, "no HTTP client for sign-in providers"))
            .ok()
    }

    /// Sends a request and reads the whole answer.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Error> {
        let request = reqwest::Request::try_from(request).map_err(|_| failed("the request cannot be sent"))?;
        let host = request.url().host_str().unwrap_or_default().to_owned();
        let mut answer = self.0.execute(request).await.map_err(|error| {
            let why = if error.is_timeout() { "does not answer in time" } else { "cannot be reached" };
            Error::Unavailable(format!("{host} {why}"))
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
    pub async fn json<T: DeserializeOwned>(&self, url: &str, bearer: Option<&str>) -> Result<T, Error> {
        let mut request = http::Request::get(url).header(http::header::ACCEPT, "application/json");
        if let Some(token) = bearer {
            request = request.header(http::header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(Vec::new()).map_err(|_| failed("the request cannot be sent"))?;
        let answer = self.send(request).await?;
        if answer.status() != http::StatusCode::OK {
            return Err(Error::Unavailable(format!("{url} answers {}", answer.status().as_u16())));
        }
        serde_json::from_slice(answer.body())
            .map_err(|_| Error::Unavailable(format!("{url} is not the JSON it should be")))
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

fn failed(why: &str) -> Error {
    Error::Unavailable(why.to_owned())
}
