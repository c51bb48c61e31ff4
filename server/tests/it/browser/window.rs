//! One browser, driven through Debian's chromedriver. Everything waits for what it wants to see.

use crate::running::PATIENCE;
use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource as _, MouseActions, PointerAction},
    elements::Element,
    key::Key,
    wd::{Capabilities, WebDriverCompatibleCommand},
};
use serde_json::{Value, json};
use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const MISSING: &str = "chromedriver and chromium are needed: `cargo xtask test` installs them (Debian packages chromium and chromium-driver)";
const FLAGS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--window-size=1280,900",
];

/// Machines that run tests have no mouse, and pages ask for one.
const MOUSE: &[&str] =
    &["--blink-settings=primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4"];

/// What kind of browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// On a desk.
    Usual,
    /// On a desk, with scripting off.
    NoScript,
    /// With fingers and so many pixels.
    Phone { width: u32 },
}

/// See the module. The browser is gone when this is dropped.
#[derive(Debug)]
pub struct Window {
    client: Client,
    base: String,
    driver: Child,
    profile: tempfile::TempDir,
}

impl Drop for Window {
    /// The driver's end does not end its browser, which is known by its profile's folder.
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        let profile = self.profile.path().display().to_string();
        for process in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
            let line = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
            if String::from_utf8_lossy(&line).contains(&profile) {
                let _ = Command::new("kill").arg("-KILL").arg(process.file_name()).status();
            }
        }
    }
}

/// How often the driver may fail to start.
const TRIES: usize = 5;

/// Starts the driver, which says its port. It takes one that is free for one family of addresses, and ends when somebody
/// else has it for the other.
fn driver() -> Option<(Child, String)> {
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect(MISSING);
    let mut said = BufReader::new(driver.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
    let port = said.find_map(|line| {
        let port = line.split("successfully on port ").nth(1)?;
        Some(port.trim_end_matches('.').to_owned())
    });
    let Some(port) = port else {
        // It has ended, or ends now that nobody listens.
        let _ = driver.kill();
        let _ = driver.wait();
        return None;
    };
    std::thread::spawn(move || said.for_each(drop));
    Some((driver, port))
}

impl Window {
    pub async fn open(base: &str, kind: Kind) -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        let (driver, port) = (0..TRIES).find_map(|_| driver()).expect(MISSING);
        let pointer = if matches!(kind, Kind::Phone { .. }) { &[] } else { MOUSE };
        let args: Vec<String> = FLAGS
            .iter()
            .chain(pointer)
            .map(|&flag| flag.to_owned())
            .chain([format!("--user-data-dir={}", profile.path().display())])
            .collect();
        let mut options = json!({ "args": args });
        match kind {
            Kind::Usual => {}
            Kind::NoScript => options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 }),
            Kind::Phone { width } => {
                let metrics = json!({ "width": width, "height": 640, "pixelRatio": 2.0, "touch": true });
                options["mobileEmulation"] = json!({ "deviceMetrics": metrics });
            }
        }
        let mut wanted = Capabilities::new();
        wanted.insert("goog:chromeOptions".into(), options);
        wanted.insert("goog:loggingPrefs".into(), json!({ "browser": "ALL" }));
        let client = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
            .capabilities(wanted)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect(MISSING);
        Self { client, base: base.to_owned(), driver, profile }
    }

    /// Loads an address of ours.
    pub async fn go(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.base)).await.expect("loads");
    }

    /// Where the window is.
    pub async fn path(&self) -> String {
        self.client.current_url().await.expect("an address").path().to_owned()
    }

    /// Waits until the page's own script runs.
    pub async fn alive(&self) {
        self.see("html[data-ready]").await;
    }

    /// Waits for an element.
    #[track_caller]
    pub fn see<'a>(&'a self, css: &'a str) -> impl Future<Output = Element> + 'a {
        let caller = std::panic::Location::caller();
        async move {
            let deadline = Instant::now() + PATIENCE;
            loop {
                match self.client.find(Locator::Css(css)).await {
                    Ok(element) => return element,
                    Err(error) if Instant::now() > deadline => {
                        panic!("{caller}: there is no {css}: {error}\n{}", self.shown().await)
                    }
                    Err(_) => tokio::time::sleep(Duration::from_millis(25)).await,
                }
            }
        }
    }

    /// Waits until there is no such element.
    pub async fn see_no(&self, css: &str) {
        self.until(&format!("document.querySelector({css:?}) === null")).await;
    }

    /// Waits until an expression is true.
    #[track_caller]
    pub fn until<'a>(&'a self, expression: &'a str) -> impl Future<Output = ()> + 'a {
        let caller = std::panic::Location::caller();
        async move {
            let deadline = Instant::now() + PATIENCE;
            while self.ask(expression).await != json!(true) {
                assert!(Instant::now() < deadline, "{caller}: never so: {expression}\n{}", self.shown().await);
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
        }
    }

    /// What an expression is.
    pub async fn ask(&self, expression: &str) -> Value {
        self.client.execute(&format!("return ({expression})"), vec![]).await.expect(expression)
    }

    /// Runs a script that calls `done` with its answer.
    pub async fn ask_later(&self, script: &str) -> Value {
        let script = format!("const done = arguments[arguments.length - 1]; {script}");
        self.client.execute_async(&script, vec![]).await.expect("runs")
    }

    /// What a person would read, for messages.
    async fn shown(&self) -> String {
        let text = self.client.execute("return location.href + '\\n' + document.body.innerText", vec![]).await;
        let text = text.ok().and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default();
        format!("{text}\nconsole: {:#?}", self.console().await)
    }

    /// Replaces what a field holds.
    #[track_caller]
    pub fn fill<'a>(&'a self, css: &'a str, text: &'a str) -> impl Future<Output = ()> + 'a {
        let field = self.see(css);
        async move {
            let field = field.await;
            // As a person does it; the driver's own way of clearing leaves the field in between, and leaving saves.
            let everything = format!("{}a{}", char::from(Key::Control), char::from(Key::Null));
            field.send_keys(&format!("{everything}{text}")).await.expect(css);
        }
    }

    #[track_caller]
    pub fn click<'a>(&'a self, css: &'a str) -> impl Future<Output = ()> + 'a {
        let found = self.see(css);
        async move { found.await.click().await.unwrap_or_else(|e| panic!("{css}: {e}")) }
    }

    /// Moves the pointer there.
    pub async fn hover(&self, css: &str) {
        let element = self.see(css).await;
        let to = PointerAction::MoveToElement { element, duration: None, x: 0.0, y: 0.0 };
        self.client.perform_actions(MouseActions::new("mouse".into()).then(to)).await.expect(css);
    }

    /// Types into whatever has the focus.
    pub async fn press(&self, keys: &str) {
        self.client.active_element().await.expect("a focus").send_keys(keys).await.expect("types");
    }

    /// The titles that are shown, from the top.
    pub async fn titles(&self) -> Vec<String> {
        let titles = self
            .ask("[...document.querySelectorAll('main [data-task] .row-title')].map(e => e.textContent.trim())")
            .await;
        serde_json::from_value(titles).expect("texts")
    }

    /// Waits until exactly these titles are shown, all of them stored.
    #[track_caller]
    pub fn lists<'a>(&'a self, wanted: &'a [&'a str]) -> impl Future<Output = ()> + 'a {
        let caller = std::panic::Location::caller();
        async move {
            let deadline = Instant::now() + PATIENCE;
            loop {
                let titles = self.titles().await;
                if titles == wanted && self.ask("document.querySelector('.row.unsure') === null").await == json!(true) {
                    return;
                }
                assert!(
                    Instant::now() < deadline,
                    "{caller}: {titles:?} are shown, not {wanted:?}\n{}",
                    self.shown().await
                );
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
        }
    }

    /// Opens a second window of the same person and looks at it; answers the first.
    pub async fn second(&self) -> fantoccini::wd::WindowHandle {
        let first = self.client.window().await.expect("a window");
        let second = self.client.new_window(false).await.expect("a second window");
        self.client.switch_to_window(second.handle).await.expect("switches");
        first
    }

    /// Looks at another window, and answers the one that was looked at.
    pub async fn look_back(&self, to: fantoccini::wd::WindowHandle) -> fantoccini::wd::WindowHandle {
        let from = self.client.window().await.expect("a window");
        self.look_at(to).await;
        from
    }

    pub async fn look_at(&self, window: fantoccini::wd::WindowHandle) {
        self.client.switch_to_window(window).await.expect("switches");
    }

    /// What the console has said since it was last asked, except what is for developers.
    async fn console(&self) -> Vec<String> {
        let log = self.client.issue_cmd(ConsoleLog).await.expect("a log");
        let entries = log.as_array().cloned().unwrap_or_default();
        let bad = |e: &&Value| {
            e["level"] == "SEVERE"
                || e["level"] == "WARNING"
                || e["message"].as_str().is_some_and(|m| m.contains("panicked"))
        };
        entries.iter().filter(bad).map(|e| format!("{} {}", e["level"], e["message"])).collect()
    }

    /// Leaves aside what the console has said until now, after a page that is missing on purpose.
    pub async fn forgive(&self) {
        self.console().await;
    }

    /// Fails when anything went wrong that only the console tells.
    pub async fn assert_quiet(&self) {
        let said = self.console().await;
        assert!(said.is_empty(), "the console is not quiet: {said:#?}");
    }
}

/// Chromium's own command: what the console said since it was last asked.
#[derive(Debug)]
struct ConsoleLog;

impl WebDriverCompatibleCommand for ConsoleLog {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(json!({ "type": "browser" }).to_string()))
    }
}
