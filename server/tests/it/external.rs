//! Other servers' tools for the assistant, against a provider of a model and servers of tools on loopback.

mod approval;
mod everything;
mod hostile;
mod peer;
mod processes;
mod program;
mod trouble;

use crate::{
    app::{Engine, TestApp, say},
    provider::{Play, Provider, asked_by, calls, text},
};
use peer::{Peer, reading, tool};
use serde_json::{Value, json};

/// A provider that plays these answers, and an app with these further settings that asks it.
async fn start(plays: Vec<Play>, further: &[(&str, &str)]) -> (Provider, TestApp) {
    asked_by(Engine::Sqlite, plays, further).await
}

/// The names of the tools that are not ours, in a request to the provider.
fn foreign(asked: &Value) -> Vec<String> {
    let tools = asked["tools"].as_array().expect("tools");
    let names = tools.iter().filter_map(|tool| tool["function"]["name"].as_str());
    names.filter(|name| name.contains("__")).map(str::to_owned).collect()
}

fn system(asked: &Value) -> &str {
    asked["messages"][0]["content"].as_str().expect("a text")
}

/// The results that a request to the provider holds.
fn results(asked: &Value) -> Vec<&str> {
    let messages = asked["messages"].as_array().expect("messages").iter();
    messages.filter(|message| message["role"] == "tool").filter_map(|message| message["content"].as_str()).collect()
}

fn forecast(city: &str) -> Play {
    calls(&[("far__forecast", json!({"city": city}))])
}

#[tokio::test]
async fn a_tool_of_another_server_is_called_with_the_configured_headers_only() {
    for peer in [Peer::start(vec![reading("forecast")]).await, Peer::modern(vec![reading("forecast")]).await] {
        peer.results_in("forecast", peer::text("Sunny <b>& warm</b>"));
        let servers = peer.settings(json!({"headers": {"Authorization": "Bearer far-secret", "X-Team": "todo"}}));
        let plays = vec![forecast("Rome"), text(&["Sunny."]), text(&["Still."])];
        let (provider, app) = start(plays, &[("MCP_SERVERS", &servers)]).await;
        let ann = app.user("ann").await.with("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        assert_eq!(peer.count(), 0, "nobody is asked before a message");
        let reply = say(&ann, None, "what is the weather in Rome?").await;
        assert_eq!(reply["response"], "Sunny.");
        let call = &reply["tool_calls"][0];
        assert_eq!((&call["tool"], &call["status"]), (&json!("far__forecast"), &json!("done")));
        assert_eq!(call["result"], json!({"server": "far", "title": "Forecast", "text": "Sunny <b>& warm</b>"}));
        assert_eq!(call["operation"], Value::Null);
        let asked = provider.asked();
        assert_eq!(foreign(&asked[0]), ["far__forecast"]);
        assert!(system(&asked[0]).contains("other servers (far)"), "{}", system(&asked[0]));
        let told = results(&asked[1])[0];
        assert!(told.starts_with("<data>\n") && told.ends_with("\n</data>") && told.contains("\\u003cb"), "{told}");
        assert_eq!(peer.asked("tools/call")[0]["params"]["name"], "forecast");
        assert_eq!(peer.asked("tools/call")[0]["params"]["arguments"], json!({"city": "Rome"}));
        for headers in peer.headers() {
            assert_eq!(
                (&headers["authorization"], &headers["x-team"]),
                (&"Bearer far-secret".parse().expect("a value"), &"todo".parse().expect("a value"))
            );
            for none in ["cookie", "traceparent", "x-forwarded-for", "origin", "forwarded"] {
                assert!(!headers.contains_key(none), "{headers:?}");
            }
            assert!(!format!("{headers:?}").contains(&ann.token));
        }
        // The list is not asked for at each message.
        say(&ann, reply["conversation_id"].as_i64(), "and now?").await;
        assert_eq!(peer.asked("tools/list").len(), 1);
    }
}

#[tokio::test]
async fn without_a_model_nobody_is_asked() {
    let peer = Peer::start(vec![reading("forecast")]).await;
    let app = TestApp::with(Engine::Sqlite, &[("MCP_SERVER_URL", &peer.url())]).await;
    let ann = app.user("ann").await;
    say(&ann, None, "add milk").await;
    assert_eq!((ann.titles("").await, peer.count()), (vec!["milk".to_owned()], 0));
}

#[tokio::test]
async fn a_list_is_asked_for_again_when_it_is_old_or_has_changed() {
    let lists = async |peer: &Peer, change: &dyn Fn(&TestApp)| {
        let plays = (0..3).map(|_| text(&["Hello."])).collect();
        let (provider, app) = start(plays, &[("MCP_SERVERS", &peer.settings(json!({})))]).await;
        let ann = app.user("ann").await;
        say(&ann, None, "hello there").await;
        peer.has(vec![reading("forecast"), reading("tides")]);
        say(&ann, None, "hello there").await;
        change(&app);
        say(&ann, None, "hello there").await;
        provider.asked().iter().map(|asked| foreign(asked).len()).collect::<Vec<_>>()
    };
    // The server says for how long.
    let peer = Peer::start(vec![reading("forecast")]).await;
    peer.lists_with(json!({"ttlMs": 60_000}));
    assert_eq!(lists(&peer, &|app| app.clock.advance(61)).await, [1, 1, 2]);
    let peer = Peer::start(vec![reading("forecast")]).await;
    peer.lists_with(json!({"ttlMs": 0}));
    assert_eq!(lists(&peer, &|_| {}).await, [1, 2, 2]);
    // It does not say.
    let peer = Peer::start(vec![reading("forecast")]).await;
    assert_eq!(lists(&peer, &|app| app.clock.advance(301)).await, [1, 1, 2]);
}

#[tokio::test]
async fn a_notice_that_a_list_has_changed_is_heard() {
    let peer = Peer::modern(vec![reading("forecast")]).await;
    peer.lists_with(json!({"ttlMs": 3_600_000}));
    let plays = (0..50).map(|_| text(&["Hello."])).collect();
    let (provider, app) = start(plays, &[("MCP_SERVERS", &peer.settings(json!({})))]).await;
    let ann = app.user("ann").await;
    say(&ann, None, "hello there").await;
    peer.hears("subscriptions/listen", 1).await;
    peer.has(vec![reading("forecast"), reading("tides")]);
    peer.notifies();
    crate::running::eventually("the new list", async || {
        say(&ann, None, "hello there").await;
        (foreign(provider.asked().last()?).len() == 2).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_operator_narrows_what_is_offered() {
    let tools = vec![reading("get_forecast"), reading("get_tides"), tool("set_alarm", json!({}))];
    let offered = async |servers: Value, enabled: Option<&str>| {
        let peer = Peer::start(tools.clone()).await;
        let servers = peer.settings(servers);
        let mut settings = vec![("MCP_SERVERS", servers.as_str())];
        settings.extend(enabled.map(|enabled| ("ENABLED_TOOLS", enabled)));
        let (provider, app) = start(vec![calls(&[("far__set_alarm", json!({}))]), text(&["Hello."])], &settings).await;
        let reply = say(&app.user("ann").await, None, "hello there").await;
        let asked = provider.asked();
        let ours = asked[0]["tools"].as_array().expect("tools").len() - foreign(&asked[0]).len();
        (foreign(&asked[0]), ours, reply["tool_calls"].as_array().map_or(0, Vec::len))
    };
    let all = server::tools::TOOLS.len();
    let gets = vec!["far__get_forecast".to_owned(), "far__get_tides".to_owned()];
    assert_eq!(offered(json!({"allow": ["get_*"]}), None).await, (gets.clone(), all, 0));
    assert_eq!(offered(json!({"allow": ["get_*"], "deny": ["*_tides"]}), None).await, (gets[..1].to_vec(), all, 0));
    assert_eq!(offered(json!({}), Some("add_task,far__get_*")).await, (gets.clone(), 1, 0));
    assert_eq!(offered(json!({}), Some("add_task,list_tasks")).await, (vec![], 2, 0));
    assert_eq!(offered(json!({}), Some(r#"{"*__set_*": false}"#)).await, (gets, all, 0));
    assert_eq!(offered(json!({}), None).await.2, 1);
}
