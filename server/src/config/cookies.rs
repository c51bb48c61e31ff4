//! `COOKIE_PREFIX`: an adopted deployment of Better Auth may have chosen its own.

use super::{BadSetting, Values};

/// The first part of every cookie's name.
pub(super) fn prefix(values: &Values) -> Result<String, BadSetting> {
    let prefix = values.get("COOKIE_PREFIX")?.unwrap_or_else(|| "better-auth".into());
    if prefix.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_.".contains(&c)) {
        Ok(prefix)
    } else {
        Err(super::bad("COOKIE_PREFIX", &prefix, "letters, digits, dots, dashes and underscores"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_parts_of_names() {
        let read = |prefix: &str| super::prefix(&Values([("COOKIE_PREFIX".to_owned(), prefix.to_owned())].into()));
        assert_eq!(read("my_app.v2").as_deref(), Ok("my_app.v2"));
        assert_eq!(read("").as_deref(), Ok("better-auth"));
        for bad in ["a b", "a=b", "a;b", "ä", "__Secure-\u{0}"] {
            assert!(read(bad).expect_err(bad).to_string().contains("COOKIE_PREFIX"));
        }
    }
}
