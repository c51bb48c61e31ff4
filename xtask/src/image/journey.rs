//! What a person does with a demo, over HTTP, as a browser would: with the cookie and from the page's own origin.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::served::{self, Answer, get, request, send};

const ACCOUNT: &str = r#"{"name":"Trial","email":"trial@example.com","password":"a long enough password"}"#;

/// Somebody who is signed in.
pub struct Person {
    cookie: String,
}

impl Person {
    pub fn sign_up(port: u16) -> Result<Self> {
        Self::by(port, "/api/auth/sign-up/email")
    }

    pub fn sign_in(port: u16) -> Result<Self> {
        Self::by(port, "/api/auth/sign-in/email")
    }

    fn by(port: u16, path: &str) -> Result<Self> {
        let answer = good(path, send(port, "POST", path, &origin(port), ACCOUNT)?)?;
        let cookie = answer.head.lines().find_map(|line| line.strip_prefix("set-cookie: "));
        let cookie = cookie.and_then(|cookie| cookie.split(';').next()).context("no cookie came back")?;
        Ok(Self { cookie: cookie.to_owned() })
    }

    fn headers(&self, port: u16) -> String {
        format!("Cookie: {}\r\n{}", self.cookie, origin(port))
    }

    fn call(&self, port: u16, method: &str, path: &str, json: &str) -> Result<Value> {
        let answer = good(path, send(port, method, path, &self.headers(port), json)?)?;
        serde_json::from_str(&answer.body).with_context(|| format!("{path} answered no JSON"))
    }

    pub fn titles(&self, port: u16) -> Result<Vec<String>> {
        let tasks = self.call(port, "GET", "/api/me/tasks", "")?;
        let tasks = tasks.as_array().context("the list is no list")?;
        Ok(tasks.iter().filter_map(|task| task["title"].as_str()).map(str::to_owned).collect())
    }

    /// Sends half of a new task; the server waits for the rest.
    pub fn begin_task(&self, port: u16, title: &str) -> Result<Pending> {
        let text = request(port, "POST", "/api/me/tasks", &self.headers(port), &format!(r#"{{"title":"{title}"}}"#));
        let (first, rest) = text.split_at(text.len() - 5);
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(first.as_bytes())?;
        Ok(Pending { stream, rest: rest.to_owned() })
    }
}

/// A request that is not whole yet.
pub struct Pending {
    stream: TcpStream,
    rest: String,
}

impl Pending {
    pub fn finish(mut self) -> Result<()> {
        self.stream.write_all(self.rest.as_bytes())?;
        good("the rest of a new task", served::answer(self.stream)?).map(drop)
    }
}

/// The demo: quick add, list, complete, undo, and a sentence to the built-in assistant.
pub fn walk(port: u16, person: &Person) -> Result<()> {
    let page = get(port, "/sign-in")?;
    ensure!(page.status == 200 && page.body.contains("/pkg/"), "/sign-in answered {}", page.status);
    let added = person.call(port, "POST", "/api/me/quick-add", r#"{"text":"Buy milk tomorrow p1"}"#)?;
    let task = &added["tasks"][0];
    ensure!(task["title"] == "Buy milk" && task["due"].is_string(), "quick add made {added}");
    ensure!(person.titles(port)? == ["Buy milk"], "the list is {:?}", person.titles(port)?);
    let done = person.call(port, "PATCH", "/api/me/tasks/1/complete", "{}")?;
    ensure!(done["completed"] == true, "completing answered {done}");
    person.call(port, "POST", "/api/me/undo", "{}")?;
    let back = person.call(port, "GET", "/api/me/tasks/1", "")?;
    ensure!(back["completed"] == false, "undo left {back}");
    let said = person.call(port, "POST", "/api/me/chat", r#"{"message":"Add call the bank on Friday"}"#)?;
    ensure!(said["tool_calls"][0]["success"] == true, "the assistant answered {said}");
    let titles = person.titles(port)?;
    ensure!(titles.iter().any(|title| title.eq_ignore_ascii_case("call the bank")), "then the list is {titles:?}");
    good("/ready", get(port, "/ready")?).map(drop)
}

fn origin(port: u16) -> String {
    format!("Origin: http://localhost:{port}\r\n")
}

fn good(path: &str, answer: Answer) -> Result<Answer> {
    ensure!((200..300).contains(&answer.status), "{path} answered {}: {}", answer.status, answer.body);
    Ok(answer)
}
