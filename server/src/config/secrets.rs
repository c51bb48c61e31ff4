//! `BETTER_AUTH_SECRETS="2:new,1:old"`: secrets with versions, so that the one in use can be replaced while what the
//! older ones sealed can still be opened. The first one is in use.

use super::{BadSetting, Secret, Values};

/// Fewest characters of a secret.
pub(super) const LEAST: usize = 16;

/// A secret and the number its envelopes carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versioned {
    /// The number.
    pub version: u32,
    /// The secret.
    pub secret: Secret,
}

/// The versions, the one in use first; none when the setting is absent.
pub(super) fn read(values: &Values) -> Result<Vec<Versioned>, BadSetting> {
    let text = values.get("BETTER_AUTH_SECRETS")?.unwrap_or_default();
    let mut found: Vec<Versioned> = Vec::new();
    for (place, entry) in text.split(',').map(str::trim).enumerate().filter(|(_, entry)| !entry.is_empty()) {
        // The secrets themselves are never repeated: an entry is named by its place.
        let wrong = |why: &str| {
            BadSetting(format!(
                "entry {} of BETTER_AUTH_SECRETS {why}: write it as 2:new-secret,1:old-secret",
                place + 1
            ))
        };
        let (version, secret) = entry.split_once(':').ok_or_else(|| wrong("has no version"))?;
        let version = version.trim().parse().map_err(|_| wrong("has a version that is no whole number"))?;
        if secret.len() < LEAST {
            return Err(wrong("is too short (at least 16 characters, better 32 random ones)"));
        }
        if found.iter().any(|other| other.version == version) {
            return Err(wrong("repeats a version"));
        }
        found.push(Versioned { version, secret: Secret::new(secret) });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Vec<Versioned>, BadSetting> {
        read(&Values([("BETTER_AUTH_SECRETS".to_owned(), text.to_owned())].into()))
    }

    #[test]
    fn the_first_is_in_use() {
        let found = of("2:second-secret-with:colon, 1:the-first-secret-of-all").expect("fine");
        let pairs: Vec<_> = found.iter().map(|v| (v.version, v.secret.expose())).collect();
        assert_eq!(pairs, [(2, "second-secret-with:colon"), (1, "the-first-secret-of-all")]);
        assert_eq!(of("").expect("fine"), []);
    }

    #[test]
    fn what_is_wrong_is_said_without_the_secret() {
        for (text, part) in [
            ("the-secret-without-version", "entry 1 of BETTER_AUTH_SECRETS has no version"),
            ("new:the-secret-of-all-times", "no whole number"),
            ("2:the-secret-of-all-times,2:the-secret-of-all-times", "entry 2 of BETTER_AUTH_SECRETS repeats"),
            ("1:the-secret", "too short"),
        ] {
            let error = of(text).expect_err("refused").to_string();
            assert!(error.contains(part) && !error.contains("the-secret"), "{error}");
        }
    }
}
