//! The page's files: scripts, WebAssembly, styles and icons, out of the binary itself.
//!
//! The document names them below `/pkg/<digest>/`, where the digest is of all files together; such an address never
//! means anything else, so browsers keep it for good. A digest that is not this binary's is "not found" and not kept:
//! during a rollout another pod may answer, and one release's script must never be remembered under another's address.
//! The page works without it until the next load. The same files without a digest, and the few a browser asks for at
//! the root, are asked about each time and answered by their `ETag`.
//!
//! A release holds what brotli makes smaller in brotli only, made by `build.rs`. Browsers take that over https; over plain
//! http they ask for gzip, which is made of it once in a process and kept, and who takes neither has it unpacked. A debug build reads `target/site` anew for each request, so that a changed
//! style needs no restart, and its address carries no digest. Deliberately absent: ranges, and anything on the disk of a
//! release.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::sync::{LazyLock, Mutex, PoisonError};

use app::shell::PageFiles;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use axum::routing::get;
use rust_embed::Embed;
use sha2::{Digest, Sha256};

#[derive(Embed)]
#[cfg_attr(debug_assertions, folder = "../target/site")]
#[cfg_attr(not(debug_assertions), folder = "$OUT_DIR/site")]
#[exclude = "index.html"]
struct Site;

/// How the name of a packed file ends.
const PACKED: &str = ".br";
const FOR_GOOD: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// Files a browser asks for at the root whatever the document says, and the file that answers.
const AT_ROOT: [(&str, &str); 3] =
    [("/favicon.ico", "favicon.svg"), ("/manifest.webmanifest", "manifest.webmanifest"), ("/sw.js", "sw.js")];

/// Where this binary's files are addressed.
static ROOT: LazyLock<String> =
    LazyLock::new(|| if cfg!(debug_assertions) { "/pkg".to_owned() } else { format!("/pkg/{}", digest()) });

/// What the document has to name.
pub fn files() -> PageFiles {
    PageFiles { root: ROOT.clone(), reload: false }
}

/// `GET` and `HEAD` of every file.
pub fn router() -> Router {
    AT_ROOT
        .into_iter()
        .fold(Router::new(), |router, (path, name)| {
            router.route(path, get(async move |headers: HeaderMap| serve(name, ASK_AGAIN, &headers).await))
        })
        .route("/pkg/{*path}", get(below_pkg))
}

async fn below_pkg(Path(path): Path<String>, headers: HeaderMap) -> Response<Body> {
    match ROOT.strip_prefix("/pkg/").and_then(|digest| path.strip_prefix(digest)?.strip_prefix('/')) {
        Some(name) => serve(name, FOR_GOOD, &headers).await,
        None => serve(&path, ASK_AGAIN, &headers).await,
    }
}

/// One file in the smallest form the client takes.
async fn serve(name: &str, keep: HeaderValue, request: &HeaderMap) -> Response<Body> {
    let Some((form, file)) = (!name.ends_with(PACKED)).then(|| best_form(name, request)).flatten() else {
        return (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-store")]).into_response();
    };
    // Each form has a tag of its own.
    let tag = format!("\"{}{}\"", hex::encode(&file.metadata.sha256_hash()[..12]), form.mark());
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, keep);
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::try_from(&tag) {
        headers.insert(header::ETAG, tag);
    }
    if knows(request, &tag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    headers.insert(header::CONTENT_TYPE, content_type(name));
    if let Some(coding) = form.coding() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    let bytes = match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    *response.body_mut() = match made(name, form, bytes).await {
        Ok(bytes) => Body::from(bytes),
        Err(error) => {
            tracing::error!(name, %error, "a file of the page cannot be unpacked");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    response
}

/// How a file is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// As it lies there, in no coding.
    Plain,
    /// As it lies there.
    Brotli,
    /// It lies there in brotli and is sent as gzip.
    Gzip,
    /// It lies there in brotli and is sent in no coding.
    Unpacked,
}

impl Form {
    fn coding(self) -> Option<&'static str> {
        match self {
            Self::Plain | Self::Unpacked => None,
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
        }
    }

    fn mark(self) -> &'static str {
        match self {
            Self::Plain | Self::Brotli => "",
            Self::Gzip => "-g",
            Self::Unpacked => "-u",
        }
    }
}

fn best_form(name: &str, request: &HeaderMap) -> Option<(Form, rust_embed::EmbeddedFile)> {
    let Some(packed) = Site::get(&format!("{name}{PACKED}")) else {
        return Some((Form::Plain, Site::get(name)?));
    };
    let form = match () {
        () if accepts(request, "br") => Form::Brotli,
        () if accepts(request, "gzip") => Form::Gzip,
        () => Form::Unpacked,
    };
    Some((form, packed))
}

/// The file in that form, made of what lies there where need be.
async fn made(name: &str, form: Form, bytes: Bytes) -> std::io::Result<Bytes> {
    /// A few files, each made once.
    static GZIPPED: Mutex<BTreeMap<String, Bytes>> = Mutex::new(BTreeMap::new());
    let gzipped = || GZIPPED.lock().unwrap_or_else(PoisonError::into_inner);
    let make = match form {
        Form::Plain | Form::Brotli => return Ok(bytes),
        Form::Unpacked => unpacked,
        Form::Gzip => {
            if let Some(known) = gzipped().get(name) {
                return Ok(known.clone());
            }
            |packed: &[u8]| gzip(&unpacked(packed)?)
        }
    };
    // Megabytes: not where requests wait.
    let made = tokio::task::spawn_blocking(move || make(&bytes)).await.map_err(std::io::Error::other)??;
    let made = Bytes::from(made);
    if form == Form::Gzip {
        gzipped().insert(name.to_owned(), made.clone());
    }
    Ok(made)
}

fn unpacked(packed: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    brotli_decompressor::Decompressor::new(packed, 1 << 16).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn gzip(plain: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(plain)?;
    gzip.finish()
}

/// Whether `Accept-Encoding` names the coding and does not refuse it by `q=0`.
fn accepts(request: &HeaderMap, coding: &str) -> bool {
    list(request, &header::ACCEPT_ENCODING).any(|item| {
        let (name, weight) = item.split_once(';').unwrap_or((item, ""));
        let weight = weight.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case(coding) && weight != Some(0.0)
    })
}

fn knows(request: &HeaderMap, tag: &str) -> bool {
    list(request, &header::IF_NONE_MATCH).any(|item| item == "*" || item.trim_start_matches("W/") == tag)
}

/// The items of a header that lists them, over all its lines.
fn list<'a>(request: &'a HeaderMap, name: &header::HeaderName) -> impl Iterator<Item = &'a str> {
    request
        .get_all(name)
        .into_iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
}

fn content_type(name: &str) -> HeaderValue {
    let kind = mime_guess::from_path(name).first_or_octet_stream();
    let text = kind.type_() == mime_guess::mime::TEXT;
    HeaderValue::try_from(if text { format!("{kind}; charset=utf-8") } else { kind.to_string() })
        .unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

/// One short name for all files together.
fn digest() -> String {
    let mut names: Vec<_> = Site::iter().collect();
    names.sort();
    let mut all = Sha256::new();
    for name in names {
        if let Some(file) = Site::get(&name) {
            all.update(name.as_bytes());
            all.update(file.metadata.sha256_hash());
        }
    }
    hex::encode(&all.finalize()[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn a_coding_is_taken_when_named_and_not_refused() {
        let browser = request(header::ACCEPT_ENCODING, "gzip, deflate, br;q=1.0, zstd");
        assert!(accepts(&browser, "br") && accepts(&browser, "gzip"));
        let picky = request(header::ACCEPT_ENCODING, "br;q=0, GZIP");
        assert!(!accepts(&picky, "br") && accepts(&picky, "gzip"));
        assert!(!accepts(&HeaderMap::new(), "gzip"));
    }

    #[test]
    fn a_tag_is_known_in_a_list_and_in_its_weak_form() {
        let tags = request(header::IF_NONE_MATCH, "\"a\", W/\"b\"");
        assert!(knows(&tags, "\"b\"") && knows(&tags, "\"a\""));
        assert!(!knows(&tags, "\"c\""));
    }

    #[tokio::test]
    async fn what_was_packed_comes_out_as_it_was() {
        // "export {}" and an end of line, by the reference implementation.
        let packed =
            Bytes::from_static(&[0x8b, 0x04, 0x80, b'e', b'x', b'p', b'o', b'r', b't', b' ', b'{', b'}', b'\n', 0x03]);
        let plain = made("app.js", Form::Unpacked, packed.clone()).await.expect("brotli");
        assert_eq!(plain, "export {}\n");
        for _ in 0..2 {
            let gzip = made("app.js", Form::Gzip, packed.clone()).await.expect("brotli");
            let mut bytes = Vec::new();
            flate2::read::GzDecoder::new(&gzip[..]).read_to_end(&mut bytes).expect("gzip");
            assert_eq!(bytes, plain);
        }
        assert!(made("b.js", Form::Unpacked, Bytes::from_static(b"not brotli")).await.is_err());
    }

    #[test]
    fn types_are_what_browsers_insist_on() {
        assert_eq!(content_type("app_bg.wasm"), "application/wasm");
        assert_eq!(content_type("app.js"), "text/javascript; charset=utf-8");
        assert_eq!(content_type("style.css"), "text/css; charset=utf-8");
        assert_eq!(content_type("favicon.svg"), "image/svg+xml");
        assert_eq!(content_type("manifest.webmanifest"), "application/manifest+json");
    }

    #[tokio::test]
    async fn an_unknown_name_and_a_way_out_are_not_found_and_not_kept() {
        for name in ["nothing.js", "../Cargo.toml", "app.js.br", "index.html", ""] {
            let answer = serve(name, FOR_GOOD, &HeaderMap::new()).await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{name}");
            assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store", "{name}");
        }
    }
}
