//! For everybody: axe finds no barrier on the main pages, light and dark, and nothing is cut off at 320 pixels.

use super::{Desk, Kind};
use crate::running::Person;
use serde_json::{Value, json};
use std::path::PathBuf;

/// They run no script of ours, so there is nothing to wait for.
const ENTRANCES: &[&str] = &[
    "/sign-in",
    "/sign-in?error=That%20did%20not%20work",
    "/sign-up",
    "/forgot-password",
    "/reset-password",
    "/reset-password?token=abc&error=INVALID_TOKEN",
];

const PAGES: &[&str] = &[
    "/today",
    "/inbox",
    "/inbox?task=1",
    "/upcoming",
    "/project/1",
    "/label/1",
    "/completed",
    "/trash",
    "/search?q=a",
    "/task/1",
    "/settings",
    "/settings?error=That%20is%20not%20your%20password.&at=password&field=current#password",
    "/admin",
    "/chat",
    "/chat/1",
    MISSING,
];

/// The last page; its 404 stands in the console.
const MISSING: &str = "/chat/999";

/// Somebody with something of everything, signed in in the window too.
async fn furnished(desk: &Desk) -> Person {
    let ann = desk.server.person("ann").await;
    for text in [
        "Pay the rent today p1 @home #House",
        "Call the plumber tomorrow 9am p2 @home",
        "A title that is far longer than a line of a narrow phone can hold, with AnEndlessWordWithoutAnyBlankToBreakItAt",
        "Water the plants every friday",
        "Done already",
        "Thrown away",
    ] {
        ann.post("/api/me/quick-add", json!({ "text": text })).await.expect(201);
    }
    ann.patch("/api/me/tasks/1", json!({ "description": "# Notes\n\n- with a [link](https://example.org)" }))
        .await
        .expect(200);
    ann.patch("/api/me/tasks/5/complete", json!({})).await.expect(200);
    ann.ask(reqwest::Method::DELETE, "/api/me/tasks/6", None).await.expect("an answer").expect(200);
    // Something done, and something that waits for approval.
    for (conversation, message) in
        [(None, "What is overdue?"), (Some(1), "Add a task to buy milk"), (Some(1), "Delete task #2")]
    {
        ann.post("/api/me/chat", json!({ "conversation_id": conversation, "message": message })).await.expect(200);
    }
    desk.sign_in_and_go("/today").await;
    ann
}

/// `cargo xtask test` installs it from npm.
#[expect(clippy::disallowed_methods, reason = "where the chores keep their tools is no setting of the server")]
fn axe() -> String {
    let cache = std::env::var_os("TODO_CHATBOT_CACHE").map(PathBuf::from);
    let cache = cache.or_else(|| std::env::home_dir().map(|home| home.join(".cache/todo-chatbot")));
    let path = cache.unwrap_or_default().join("tools/npm/node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(&path)
        .unwrap_or_else(|e| panic!("axe-core is needed at {}: `cargo xtask test` installs it ({e})", path.display()))
}

/// What axe finds on the page as it is.
async fn barriers(desk: &Desk, axe: &str, page: &str) -> Vec<String> {
    desk.window.ask_later(&format!("{axe}; done(null)")).await;
    let found = desk
        .window
        .ask_later("axe.run(document, { resultTypes: ['violations'] }).then(r => done(r.violations), e => done([{ id: String(e) }]))")
        .await;
    let about = |violation: &Value| {
        let nodes = violation["nodes"].as_array().cloned().unwrap_or_default();
        let places: Vec<String> =
            nodes.iter().take(3).map(|n| format!("{}: {}", n["target"], n["failureSummary"])).collect();
        format!("{page}: {} {} {places:#?}", violation["id"], violation["help"])
    };
    found.as_array().expect("a list").iter().map(about).collect()
}

async fn without_barriers(theme: &str) {
    let desk = Desk::new().await;
    let axe = axe();
    let mut found = Vec::new();
    for page in ENTRANCES {
        desk.window.go(page).await;
        // Before somebody has chosen, the system does; a browser under test has no system's choice to change.
        desk.window.ask(&format!("document.documentElement.dataset.theme = '{theme}'")).await;
        found.extend(barriers(&desk, &axe, page).await);
    }
    let ann = furnished(&desk).await;
    ann.patch("/api/me/settings", json!({ "theme": theme })).await.expect(200);
    for page in PAGES {
        desk.window.go(page).await;
        desk.window.alive().await;
        if *page == MISSING {
            desk.window.forgive().await;
        }
        found.extend(barriers(&desk, &axe, page).await);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    desk.window.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_none_by_day() {
    without_barriers("light").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_none_by_night() {
    without_barriers("dark").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_cut_off_on_the_smallest_phone() {
    let desk = Desk::with(Kind::Phone { width: 320 }).await;
    let mut wide = Vec::new();
    for page in ENTRANCES {
        desk.window.go(page).await;
        wide.extend(too_wide(&desk, page).await);
    }
    furnished(&desk).await;
    for page in PAGES {
        desk.window.go(page).await;
        desk.window.alive().await;
        if *page == MISSING {
            desk.window.forgive().await;
        }
        wide.extend(too_wide(&desk, page).await);
    }
    assert!(wide.is_empty(), "these scroll sideways:\n{}", wide.join("\n"));
    desk.window.assert_quiet().await;
}

/// What sticks out, when anything does.
async fn too_wide(desk: &Desk, page: &str) -> Option<String> {
    assert_eq!(desk.window.ask("innerWidth").await, 320, "the window has another width");
    let scrolls = desk.window.ask("document.documentElement.scrollWidth > 320").await == json!(true);
    let culprits = "[...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > 320.5).slice(-3).map(e => e.outerHTML.slice(0, 120))";
    if scrolls { Some(format!("{page}: {}", desk.window.ask(culprits).await)) } else { None }
}
