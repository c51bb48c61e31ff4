//! A process that opens only some of the doors, as `serve --only` asks for.

use crate::{
    app::{Engine, TestApp},
    running::Home,
};
use axum::{body::Body, http::Request};
use server::parts::Parts;
use tower::ServiceExt as _;

#[tokio::test]
async fn each_part_answers_for_itself_and_nothing_else() {
    let app = TestApp::new(Engine::Sqlite).await;
    let statuses = async |parts: &str, paths: &[&str]| {
        let router = server::http::router(app.state.clone(), parts.parse::<Parts>().expect("parts"));
        let mut statuses = Vec::new();
        for path in paths {
            let request = Request::get(*path).header("host", "localhost:8080").body(Body::empty()).expect("a request");
            statuses.push(router.clone().oneshot(request).await.expect("infallible").status().as_u16());
        }
        statuses
    };
    let paths = [
        "/health",
        "/ready",
        "/sign-in",
        "/api/openapi.json",
        "/api/me/tasks",
        "/api/auth/get-session",
        "/mcp",
        "/.well-known/oauth-authorization-server",
    ];
    for (parts, expected) in [
        ("web", [200, 200, 200, 404, 404, 404, 404, 404]),
        ("api", [200, 200, 404, 200, 401, 200, 404, 404]),
        ("mcp", [200, 200, 404, 404, 404, 404, 401, 200]),
        ("api,mcp", [200, 200, 404, 200, 401, 200, 401, 200]),
        ("mcp,web,api", [200, 200, 200, 200, 401, 200, 401, 200]),
    ] {
        assert_eq!(statuses(parts, &paths).await, expected, "{parts}");
    }
}

#[tokio::test]
async fn what_is_no_part_is_named() {
    let output = Home::new().run(&["serve", "--only", "mcp,chat"]).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("name web, api or mcp"), "{said}");
}
