//! Servers of tools that are programs: what they are given, how they end, and what they may say.

use super::{foreign, say, start, system};
use crate::{
    provider::{calls, text},
    running::eventually,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

/// A server of the older revisions in a shell: its one tool answers with its environment, or does what it is told.
const SERVER: &str = r#"
sleep 100000 & echo $! > "$NOTES"
echo 'not a message'
while read -r line; do
  id=$(printf '%s' "$line" | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
  said() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$1"; }
  case "$line" in
    *'"server/discover"'*) printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"no"}}\n' "$id";;
    *'"initialize"'*) said '{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"s","version":"1"}}';;
    *'"tools/list"'*) said '{"tools":[{"name":"look","annotations":{"readOnlyHint":true},"inputSchema":{"type":"object"}}]}';;
    *'"dies"'*) exit 1;;
    *'"hangs"'*) ;;
    *'"tools/call"'*) said "{\"content\":[{\"type\":\"text\",\"text\":\"$(env | sed 's/=.*//' | tr '\n' ' ')\"}]}";;
  esac
done
"#;

pub fn servers(notes: &std::path::Path) -> String {
    json!({"near": {
        "command": "sh", "args": ["-c", SERVER], "timeout": 2,
        "env": {"GREETING": "hello", "NOTES": notes.display().to_string()},
    }})
    .to_string()
}

fn look(how: &str) -> crate::provider::Play {
    calls(&[("near__look", json!({"how": how}))])
}

/// Whether a process is at work; one that has ended may wait for whoever starts processes here.
pub fn lives(process: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.trim())).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.trim().is_empty() && !rest.trim_start().starts_with('Z'))
}

#[tokio::test]
async fn a_program_is_given_what_is_listed_and_nothing_of_ours() {
    let folder = tempfile::tempdir().expect("a folder");
    let notes = folder.path().join("notes");
    let plays = vec![look("well"), text(&["Fine."])];
    let (provider, app) = start(plays, &[("MCP_SERVERS", &servers(&notes))]).await;
    let ann = app.user("ann").await;
    assert!(!notes.exists(), "nothing is started before a message");
    let reply = say(&ann, None, "look around").await;
    assert_eq!(foreign(&provider.asked()[0]), ["near__look"]);
    let said = reply["tool_calls"][0]["result"]["text"].as_str().expect("a text");
    let names: BTreeSet<&str> = said.split_whitespace().collect();
    // The last three are a shell's own.
    let mut allowed = BTreeSet::from(["GREETING", "NOTES", "PATH", "PWD", "SHLVL", "_", "OLDPWD"]);
    assert!(names.is_subset(&allowed), "{names:?}");
    allowed.retain(|name| ["GREETING", "NOTES"].contains(name));
    assert!(allowed.is_subset(&names), "{names:?}");
}

#[tokio::test]
async fn a_program_that_dies_or_hangs_is_started_anew_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let notes = folder.path().join("notes");
    let plays =
        vec![look("dies"), text(&["It died."]), look("hangs"), text(&["It hung."]), look("well"), text(&["Fine."])];
    let (_provider, app) = start(plays, &[("MCP_SERVERS", &servers(&notes))]).await;
    let ann = app.user("ann").await;
    let mut started = Vec::new();
    for (answer, status) in [("It died.", "failed"), ("It hung.", "failed"), ("Fine.", "done")] {
        let reply = say(&ann, None, "look around").await;
        assert_eq!((&reply["response"], &reply["tool_calls"][0]["status"]), (&json!(answer), &json!(status)));
        started.push(std::fs::read_to_string(&notes).expect("a number"));
    }
    assert_eq!(started.iter().collect::<BTreeSet<_>>().len(), 3, "{started:?}");
    // What they had started themselves has ended with them.
    assert!(lives(&started[2]));
    eventually("the first two are gone", async || (!lives(&started[0]) && !lives(&started[1])).then_some(())).await;
}

#[tokio::test]
async fn a_program_that_is_none_never_breaks_a_chat() {
    let servers: Value = json!({
        "ends": {"command": "true"},
        "endless": {"command": "cat", "args": ["/dev/zero"]},
        "missing": {"command": "/no/such/program"},
        "mute": {"command": "sleep", "args": ["1000"]},
        "noisy": {"command": "yes", "args": ["{\"jsonrpc\": \"2.0\"}"]},
    });
    let (provider, app) = start(vec![text(&["Hello."])], &[("MCP_SERVERS", &servers.to_string())]).await;
    let ann = app.user("ann").await;
    let began = Instant::now();
    assert_eq!(say(&ann, None, "hello there").await["response"], "Hello.");
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    let asked = provider.asked();
    assert_eq!(foreign(&asked[0]), Vec::<String>::new());
    for (server, why) in [("missing", "its program cannot be started"), ("mute", "it does not answer in time")] {
        assert!(system(&asked[0]).contains(&format!("{server} ({why})")), "{}", system(&asked[0]));
    }
}
