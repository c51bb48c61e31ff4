//! Addresses that a browser is sent to, with something added to their query.

use super::cookie::encode_component;
use url::Url;

/// Adds parameters behind those that are there, before the fragment. A relative address stays relative.
pub fn with_query<'a>(target: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let (path, fragment) = target.split_once('#').map_or((target, None), |(path, fragment)| (path, Some(fragment)));
    let mut text = path.to_owned();
    for (name, value) in pairs {
        text.push(if text.contains('?') { '&' } else { '?' });
        text.push_str(&format!("{name}={}", encode_component(value)));
    }
    fragment.map_or(text.clone(), |fragment| format!("{text}#{fragment}"))
}

/// The absolute address of a checked target, with one parameter set. `None` when it is no address, which a checked one
/// is.
pub fn absolute_with(origin: &str, target: &str, name: &str, value: &str) -> Option<String> {
    let mut url = Url::parse(origin).ok()?.join(target).ok()?;
    let kept: Vec<(String, String)> =
        url.query_pairs().filter(|(key, _)| key != name).map(|(k, v)| (k.into(), v.into())).collect();
    url.query_pairs_mut().clear().extend_pairs(kept).append_pair(name, value);
    Some(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_added() {
        for (target, expected) in [
            ("/a", "/a?error=X%20%26"),
            ("/a?b=c#d", "/a?b=c&error=X%20%26#d"),
            ("myapp://x", "myapp://x?error=X%20%26"),
        ] {
            assert_eq!(with_query(target, [("error", "X &")]), expected);
        }
        assert_eq!(with_query("/a#b", []), "/a#b");
    }

    #[test]
    fn relative_targets_become_ours() {
        let to = |target| absolute_with("https://todo.example", target, "token", "t").unwrap();
        assert_eq!(to("/reset"), "https://todo.example/reset?token=t");
        assert_eq!(to("/reset?token=old&a=b#c"), "https://todo.example/reset?a=b&token=t#c");
        assert_eq!(to("https://app.example/x"), "https://app.example/x?token=t");
    }
}
