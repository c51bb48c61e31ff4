//! The other commands, and that a restart keeps everything.

use crate::{postgres, running::Home};
use reqwest::{Method, header};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use serde_json::{Value, json};
use std::{process::Output, sync::Arc};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

fn code_and_text(output: &Output) -> (Option<i32>, String) {
    (
        output.status.code(),
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)),
    )
}

async fn migrates(home: Home) {
    let first = home.run(&["migrate"]).await;
    assert_eq!(first.status.code(), Some(0), "{first:?}");
    assert!(String::from_utf8_lossy(&first.stdout).contains("0001_init"), "{first:?}");
    let second = home.run(&["migrate"]).await;
    assert_eq!(code_and_text(&second), (Some(0), "The schema is up to date.\n".into()));
}

#[tokio::test]
async fn migrate_can_be_repeated_on_sqlite() {
    migrates(Home::new()).await;
}

#[tokio::test]
async fn migrate_can_be_repeated_on_postgres() {
    migrates(Home::postgres(&postgres::empty().await)).await;
}

#[tokio::test]
async fn migrate_does_not_wait_for_a_database_that_is_away() {
    let output = Home::postgres("postgres://u:hunter2@127.0.0.1:1/d").run(&["migrate"]).await;
    let (code, text) = code_and_text(&output);
    assert_eq!((code, text.trim_end().lines().count()), (Some(1), 1), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn healthcheck_tells_by_its_exit_code() {
    let home = Home::new();
    let server = home.start().await;
    let port = server.base.rsplit(':').next().expect("a port").to_owned();
    let ask = async || {
        let by_port = Home::new().set("PORT", &port).run(&["healthcheck"]).await;
        let by_url = Home::new().run(&["healthcheck", "--url", &server.base]).await;
        [code_and_text(&by_port), code_and_text(&by_url)]
    };
    assert_eq!(ask().await, [(Some(0), String::new()), (Some(0), String::new())]);
    // Alive, and not ready.
    let (_, waiting) = Home::postgres("postgres://u@127.0.0.1:1/d").start_unready().await;
    let (code, text) = code_and_text(&home.run(&["healthcheck", "--url", &waiting.base]).await);
    assert!(code == Some(1) && text.contains("503"), "{code:?} {text}");
    let nobody = home.run(&["healthcheck", "--url", "http://127.0.0.1:1"]).await;
    let (code, text) = code_and_text(&nobody);
    assert_eq!((code, text.trim_end().lines().count()), (Some(1), 1), "{text}");
}

/// The issuer's certificate; `localhost`'s and its key are from it, good until 2126.
const COMPANY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/tls/ca.pem");

/// Answers everything over TLS, as `localhost`.
async fn encrypted() -> String {
    let pair = (
        CertificateDer::from_pem_slice(include_bytes!("../../../../tests/fixtures/tls/localhost.pem")),
        PrivateKeyDer::from_pem_slice(include_bytes!("../../../../tests/fixtures/tls/localhost.key")),
    );
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![pair.0.expect("a certificate")], pair.1.expect("a key"))
        .expect("they belong together");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("listens");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // Who does not trust us goes away.
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
            let _ = stream.shutdown().await;
        }
    });
    format!("https://localhost:{port}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_companys_own_certificate_is_trusted_when_it_is_named() {
    let url = encrypted().await;
    let ask = ["healthcheck", "--url", &url];
    let (code, _) = code_and_text(&Home::new().run(&ask).await);
    assert_eq!(code, Some(1));
    let trusting = Home::new().set("SSL_CERT_FILE", COMPANY).run(&ask).await;
    assert_eq!(code_and_text(&trusting), (Some(0), String::new()));
}

#[tokio::test]
async fn openapi_prints_the_document() {
    let output = Home::new().run(&["openapi"]).await;
    assert_eq!(output.status.code(), Some(0));
    let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(document["paths"]["/api/{user_id}/tasks"].is_object());
}

#[tokio::test]
async fn an_unknown_command_is_refused_with_help() {
    let output = Home::new().run(&["sreve"]).await;
    let (code, text) = code_and_text(&output);
    assert!(code == Some(2) && text.contains("serve"), "{code:?} {text}");
}

async fn restarts(home: Home) {
    let server = home.start().await;
    let ann = server.person("ann").await;
    ann.post("/api/me/projects", json!({ "name": "House" })).await.expect(201);
    let task =
        ann.post("/api/me/tasks", json!({ "title": "Paint", "project": "House", "labels": ["diy"] })).await.expect(201);
    ann.patch("/api/me/settings", json!({ "time_zone": "Europe/Paris" })).await.expect(200);
    let before = (task.json(), ann.operations().await, ann.get("/api/me/settings").await.json());
    server.terminate();
    let (status, log) = server.exit().await;
    assert!(status.success(), "{log:#?}");

    // The cookie is signed with a secret nobody set: it was made by the first process and kept.
    let server = home.start().await;
    let ann = ann.at(&server);
    let cookie = [(header::COOKIE.as_str(), ann.cookie.as_str())];
    let session = server
        .anybody()
        .ask_with(Method::GET, "/api/auth/get-session", None, &cookie)
        .await
        .expect("an answer")
        .expect(200);
    assert_eq!(session.json()["user"]["email"], "ann@example.org", "{}", session.text);
    let task = ann.get("/api/me/tasks/1").await.expect(200);
    let after = (task.json(), ann.operations().await, ann.get("/api/me/settings").await.json());
    assert_eq!(before, after);
    let log = server.log.lines();
    assert!(!log.iter().any(|line| line.contains("made one")), "a second secret was made: {log:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_keeps_everything_on_sqlite() {
    restarts(Home::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_keeps_everything_on_postgres() {
    restarts(Home::postgres(&postgres::fresh().await)).await;
}
