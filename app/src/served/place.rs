//! Whether an address leads to a page of ours.

/// Whether `target` is a path of this site whatever a browser makes of it. The doors check again, with the same rule;
/// here it only keeps a foreign address out of links and hidden fields.
pub fn is_ours(target: &str) -> bool {
    let path = target.split(['?', '#']).next().unwrap_or(target).to_ascii_lowercase();
    target.starts_with('/')
        && !target.starts_with("//")
        && !target.contains('\\')
        && !target.chars().any(char::is_control)
        && !["//", "%2f", "%5c"].iter().any(|part| path.contains(part))
}

#[cfg(test)]
mod tests {
    use super::is_ours;

    #[test]
    fn only_paths_of_this_site() {
        for ours in ["/", "/today", "/task/3?x=//y", "/settings#devices"] {
            assert!(is_ours(ours), "{ours}");
        }
        for foreign in [
            "",
            "today",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/%2Fevil.example",
            "/%5cevil.example",
            "/..//evil.example",
            "javascript:alert(1)",
        ] {
            assert!(!is_ours(foreign), "{foreign}");
        }
    }
}
