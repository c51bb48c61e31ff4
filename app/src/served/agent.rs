//! A program's description of itself in a few words: "Firefox on Linux".
//!
//! Descriptions are a heap of history: nearly every browser claims to be several others, so the order of the questions
//! is what matters. What is not known is shown as it is, cut short, and nothing is decided by it.

/// The program's and the system's name.
pub fn name(agent: &str) -> String {
    let system = first(
        agent,
        &[
            ("iPhone", "iPhone"),
            ("iPad", "iPad"),
            ("Android", "Android"),
            ("Windows", "Windows"),
            ("CrOS", "ChromeOS"),
            ("Mac OS X", "macOS"),
            ("Macintosh", "macOS"),
            ("Linux", "Linux"),
            ("FreeBSD", "FreeBSD"),
        ],
    );
    let program = first(
        agent,
        &[
            ("Edg", "Edge"),
            ("OPR/", "Opera"),
            ("Vivaldi/", "Vivaldi"),
            ("SamsungBrowser/", "Samsung Internet"),
            ("HeadlessChrome/", "Chrome"),
            ("CriOS/", "Chrome"),
            ("FxiOS/", "Firefox"),
            ("Firefox/", "Firefox"),
            ("Chromium/", "Chromium"),
            ("Chrome/", "Chrome"),
            ("Safari/", "Safari"),
        ],
    );
    match (program, system) {
        (Some(program), Some(system)) => format!("{program} on {system}"),
        (Some(program), None) => program.into(),
        (None, Some(system)) => format!("A program on {system}"),
        (None, None) => plain(agent),
    }
}

/// What programs say that do not pretend: `curl/8.5.0`.
fn plain(agent: &str) -> String {
    let product = agent.split([' ', '/']).next().unwrap_or_default();
    match product {
        "" => "An unnamed program".into(),
        "node" | "undici" => "A Node.js program".into(),
        product => product.chars().take(40).collect(),
    }
}

fn first(agent: &str, names: &[(&str, &'static str)]) -> Option<&'static str> {
    names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn browsers_and_programs() {
        for (agent, wanted) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
                "Chrome on Windows",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            ("curl/8.5.0", "curl"),
            ("node", "A Node.js program"),
            ("", "An unnamed program"),
        ] {
            assert_eq!(name(agent), wanted);
        }
        assert_eq!(name(&"x".repeat(500)).len(), 40);
    }
}
