//! Servers of tools that are away, slow, mad or dying: a chat goes on without them, and they are back when they are well.

use super::{
    forecast, foreign,
    peer::{Peer, Trouble, reading},
    results, say, start, system,
};
use crate::provider::text;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

/// Longer than a chat may wait for servers of tools, with what a busy machine adds.
const MOMENT: Duration = Duration::from_secs(6);

#[tokio::test]
async fn a_chat_goes_on_whatever_the_server_does() {
    let html = || Trouble::Says(200, "text/html", "<html>hello</html>".into());
    let troubles = [
        ("*", Trouble::Hangs),
        ("*", html()),
        ("*", Trouble::Says(200, "application/json", "{\"jsonrpc\": \"2.0\"".into())),
        ("*", Trouble::Says(200, "application/json", "[".repeat(100_000))),
        ("*", Trouble::Says(500, "text/plain", "sk-hidden".into())),
        ("*", Trouble::Says(401, "text/plain", "no".into())),
        ("*", Trouble::Floods),
        ("tools/list", Trouble::Hangs),
        ("tools/list", html()),
        ("tools/list", Trouble::Floods),
        ("tools/list", Trouble::Says(200, "application/json", " ".repeat(20 * 1024 * 1024))),
    ];
    for (method, trouble) in troubles {
        let peer = Peer::start(vec![reading("forecast")]).await;
        peer.troubles(method, trouble.clone());
        let (provider, app) = start(vec![text(&["Hello."])], &[("MCP_SERVERS", &peer.settings(json!({})))]).await;
        let ann = app.user("ann").await.with("accept", "text/event-stream");
        let began = Instant::now();
        let told = ann.post("/api/me/chat", json!({"message": "hello there"})).await.expect(200).text;
        assert!(began.elapsed() < MOMENT, "{trouble:?}: {:?}", began.elapsed());
        assert!(told.contains("\"Hello.\""), "{trouble:?}: {told}");
        assert_eq!(told.matches("The server of tools “far” cannot be used now").count(), 1, "{trouble:?}: {told}");
        assert!(!told.contains("sk-hidden"), "{told}");
        let asked = provider.asked();
        assert_eq!(foreign(&asked[0]), Vec::<String>::new());
        assert!(system(&asked[0]).contains("not there now: far ("), "{}", system(&asked[0]));
    }
}

#[tokio::test]
async fn who_talks_without_end_is_hung_up_on() {
    let peer = Peer::modern(vec![reading("forecast")]).await;
    peer.troubles("subscriptions/listen", Trouble::Floods);
    let plays = vec![text(&["Hello."]), forecast("Rome"), text(&["Fine."])];
    let (provider, app) = start(plays, &[("MCP_SERVERS", &peer.settings(json!({})))]).await;
    let ann = app.user("ann").await;
    assert_eq!(say(&ann, None, "hello there").await["response"], "Hello.");
    peer.is_left(1).await;
    assert_eq!(say(&ann, None, "what is the weather in Rome?").await["tool_calls"][0]["status"], "done");
    assert!(provider.asked().iter().all(|asked| foreign(asked) == ["far__forecast"]));
}

#[tokio::test]
async fn one_dead_server_does_not_take_another_with_it() {
    let peer = Peer::start(vec![reading("forecast")]).await;
    let gone = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let dead = gone.local_addr().expect("an address").to_string();
    drop(gone);
    // Takes connections and says nothing at all.
    let mute = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let servers = json!({
        "far": {"url": peer.url()},
        "dead": {"url": format!("http://{dead}/mcp")},
        "mute": {"url": format!("http://{}/mcp", mute.local_addr().expect("an address"))},
    });
    let plays = vec![forecast("Rome"), text(&["Fine."])];
    let (provider, app) = start(plays, &[("MCP_SERVERS", &servers.to_string())]).await;
    let reply = say(&app.user("ann").await, None, "what is the weather in Rome?").await;
    assert_eq!((&reply["response"], &reply["tool_calls"][0]["status"]), (&json!("Fine."), &json!("done")));
    let asked = provider.asked();
    assert_eq!(foreign(&asked[0]), ["far__forecast"]);
    assert!(system(&asked[0]).contains("dead (it cannot be reached), mute (it does not answer in time)"));
}

#[tokio::test]
async fn who_fails_again_and_again_is_left_alone_for_a_while_and_then_is_back() {
    let peer = Peer::start(vec![reading("forecast")]).await;
    peer.troubles("*", Trouble::Says(500, "text/plain", String::new()));
    let plays = (0..8).map(|_| text(&["Hello."])).collect();
    let (provider, app) = start(plays, &[("MCP_SERVERS", &peer.settings(json!({})))]).await;
    let ann = app.user("ann").await.with("accept", "text/event-stream");
    let hello = async || ann.post("/api/me/chat", json!({"message": "hello there"})).await.expect(200).text;
    for _ in 0..3 {
        assert!(hello().await.contains("cannot be used now"));
    }
    let count = peer.count();
    // Whoever is left alone is not asked, and nobody is told again.
    assert!(!hello().await.contains("cannot be used now"));
    app.clock.advance(29);
    hello().await;
    assert_eq!(peer.count(), count);
    assert!(system(provider.asked().last().expect("asked")).contains("failed several times and is asked again in 1 s"));
    // One try; it fails, and the pause is twice as long.
    app.clock.advance(2);
    hello().await;
    let count = peer.count();
    peer.recovers();
    app.clock.advance(58);
    hello().await;
    assert_eq!(peer.count(), count);
    app.clock.advance(3);
    hello().await;
    assert_eq!(foreign(provider.asked().last().expect("asked")), ["far__forecast"]);
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_cancelled_and_said() {
    let peer = Peer::start(vec![reading("forecast")]).await;
    peer.troubles("tools/call", Trouble::Hangs);
    let plays = vec![forecast("Rome"), forecast("Ostia"), text(&["No answer."])];
    let (provider, app) = start(plays, &[("MCP_SERVERS", &peer.settings(json!({"timeout": 1})))]).await;
    let reply = say(&app.user("ann").await, None, "what is the weather in Rome?").await;
    assert_eq!((&reply["response"], &reply["tool_calls"][0]["status"]), (&json!("No answer."), &json!("failed")));
    let asked = provider.asked();
    assert!(results(&asked[1])[0].contains("does not answer in time; it is not known whether this was done"));
    peer.hears("notifications/cancelled", 2).await;
}

#[tokio::test]
async fn stopping_a_turn_cancels_its_call() {
    let peer = Peer::start(vec![reading("forecast")]).await;
    peer.troubles("tools/call", Trouble::Hangs);
    let (_provider, app) =
        start(vec![forecast("Rome")], &[("MCP_SERVERS", &peer.settings(json!({"timeout": 300})))]).await;
    let ann = app.user("ann").await;
    let began = Instant::now();
    let (reply, ()) = tokio::join!(say(&ann, None, "what is the weather in Rome?"), async {
        peer.hears("tools/call", 1).await;
        ann.post("/api/me/conversations/1/stop", json!({})).await;
    });
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    assert_eq!((&reply["status"], &reply["tool_calls"][0]["status"]), (&json!("stopped"), &json!("failed")));
    assert_eq!(reply["tool_calls"][0]["result"]["code"], "interrupted");
    peer.hears("notifications/cancelled", 1).await;
    let history = ann.get("/api/me/conversations/1").await.expect(200).json().to_string();
    assert!(history.contains("\"interrupted\"") && !history.contains("\"running\""), "{history}");
}

#[tokio::test]
async fn a_server_that_lists_and_never_answers_is_left_alone_too() {
    let peer = Peer::start(vec![reading("forecast")]).await;
    peer.lists_with(json!({"ttlMs": 0}));
    peer.troubles("tools/call", Trouble::Says(503, "text/plain", String::new()));
    let mut plays: Vec<_> = ["a", "b", "c", "d"].map(forecast).into();
    plays.push(text(&["No answer."]));
    let (provider, app) = start(plays, &[("MCP_SERVERS", &peer.settings(json!({})))]).await;
    let reply = say(&app.user("ann").await, None, "what is the weather in Rome?").await;
    assert_eq!(reply["response"], "No answer.");
    assert_eq!(peer.asked("tools/call").len(), 3);
    assert!(results(&provider.asked()[4])[3].contains("failed several times"));
}
