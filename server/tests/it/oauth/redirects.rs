//! Where a browser is sent, whatever stands in the parameters: to an address of the program, to ours, or nowhere.

use super::program::{CALLBACK, Program, ada, encoded, parameter, refused, register};
use crate::app::{Engine, TestApp, on_both};
use serde_json::json;

const EVIL: [&str; 14] = [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "http://127.0.0.1:33418/other",
    "http://127.0.0.1:33418/callback/../x",
    "http://127.0.0.1:33418/callback?next=https://evil.example",
    "http://127.0.0.1:33418/callback#x",
    "http://127.0.0.1:33418@evil.example/callback",
    "http://localhost:33418/callback",
    "https://127.0.0.1:33418/callback",
    "http://127.0.0.1.evil.example/callback",
    "javascript:alert(1)",
    "data:text/html,x",
    "",
];

on_both! {
    async fn a_foreign_redirect_is_never_followed(app) {
        let mut ada = ada(&app).await;
        let helper = Program::new(&app, CALLBACK).await;
        for evil in EVIL {
            // Neither with a good request nor with one that would be sent back with an error.
            for changes in [&[("redirect_uri", Some(evil))][..],
                &[("redirect_uri", Some(evil)), ("response_type", Some("token"))],
                &[("redirect_uri", Some(evil)), ("scope", Some("x")), ("prompt", Some("none"))]] {
                for answer in [ada.get(&helper.address(changes)).await, app.anonymous().get(&helper.address(changes)).await] {
                    assert!(answer.header("location").is_none(), "{evil}");
                    assert!(answer.expect(400).text.contains("redirect_uri"), "{evil}");
                }
            }
        }
        for id in [None, Some(""), Some("nobody"), Some("\0"), Some("javascript:alert(1)"), Some("http://a.example/c")] {
            let answer = ada.get(&helper.address(&[("client_id", id)])).await;
            assert!(answer.header("location").is_none(), "{id:?}");
            answer.expect(400);
        }
        let twice = format!("{}&{}", helper.address(&[]), encoded(&[("redirect_uri", "https://evil.example/")]));
        assert!(ada.get(&twice).await.expect(400).header("location").is_none());
        let twice = format!("{}&client_id={}", helper.address(&[]), helper.id);
        assert!(ada.get(&twice).await.expect(400).header("location").is_none());
    }

    async fn the_other_parameters_lead_nowhere(app) {
        let mut ada = ada(&app).await;
        let helper = Program::new(&app, CALLBACK).await;
        // Anybody can register a program with an address of their own. Before a person has seen who asks, and said
        // yes or no, nothing sends their browser there.
        for name in ["response_type", "response_mode", "resource", "scope", "request", "request_uri", "code_challenge",
            "code_challenge_method"] {
            for evil in ["https://evil.example/", "x\r\nLocation: https://evil.example/", "\"><script>"] {
                for person in [true, false] {
                    let address = helper.address(&[(name, Some(evil))]);
                    let answer = if person { ada.get(&address).await } else { app.anonymous().get(&address).await };
                    assert!(answer.header("location").is_none() && !answer.text.contains("evil.example"), "{name}");
                    let said = if name.starts_with("request") { "request objects" } else { name };
                    assert!(answer.expect(400).text.contains(said), "{name}");
                }
            }
        }
        let long = "x".repeat(5000);
        for changes in [("state", Some(long.as_str())), ("prompt", Some("none")), ("response_type", None), ("code_challenge", None)] {
            let answer = ada.get(&helper.address(&[changes])).await;
            assert!(answer.header("location").is_none(), "{changes:?}");
            assert!(answer.expect(400).text.contains(changes.0), "{changes:?}");
        }
        // `state` comes back as it was, and stays inside its parameter.
        let evil = "x&code=stolen#f\r\nLocation: https://evil.example/";
        let url = helper.allowed(&mut ada, &[("state", Some(evil))]).await;
        assert!(url.starts_with(&format!("{CALLBACK}?code=")) && !url.contains('#') && !url.contains('\n'), "{url}");
        assert_eq!(parameter(&url, "state").as_deref(), Some(evil));
        let url = helper.allowed(&mut ada, &[("state", None)]).await;
        assert_eq!(parameter(&url, "state"), None);
    }

    async fn a_program_on_this_computer_listens_where_there_is_room(app) {
        let mut ada = ada(&app).await;
        let told = register(&app, json!({ "redirect_uris": ["http://127.0.0.1/callback", "https://vscode.dev/redirect"],
            "token_endpoint_auth_method": "none" })).await.expect(201).json();
        let id = told["client_id"].as_str().expect("an id").to_owned();
        let at = |redirect: &str| Program { app: &app, id: id.clone(), redirect: redirect.into() };
        for good in ["http://127.0.0.1:51234/callback", "http://127.0.0.1/callback", "https://vscode.dev/redirect"] {
            let url = at(good).allowed(&mut ada, &[]).await;
            assert!(url.starts_with(&format!("{good}?code=")), "{url}");
            let code = parameter(&url, "code").expect("a code");
            at(good).exchange(&code, &[]).await.expect(200);
        }
        for bad in ["https://vscode.dev:8443/redirect", "http://localhost:51234/callback", "http://127.0.0.1:5/x"] {
            ada.get(&at(bad).address(&[])).await.expect(400);
        }
        // A code goes where it was sent, to the port.
        let url = at("http://127.0.0.1:51234/callback").allowed(&mut ada, &[]).await;
        let code = parameter(&url, "code").expect("a code");
        refused(&at("http://127.0.0.1:51235/callback").exchange(&code, &[]).await, 400, "invalid_grant");
    }
}

#[tokio::test]
async fn the_way_back_after_signing_in_is_ours() {
    let app = TestApp::new(Engine::Sqlite).await;
    let helper = Program::new(&app, CALLBACK).await;
    let stranger = app.anonymous();
    for path in ["/oauth/authorize", "/authorize"] {
        let address = helper.address(&[]).replacen("/oauth/authorize", path, 1);
        let answer = stranger.get(&address).await.expect(303);
        assert!(answer.header("location").expect("a location").starts_with("/sign-in?next=%2F"), "{path}");
    }
}
