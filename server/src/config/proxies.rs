//! `TRUSTED_PROXIES`: whose `X-Forwarded-For` is believed.

use super::{BadSetting, Values};
use crate::auth::network::{Network, PRIVATE};

/// The networks our proxies live in; by default every private one.
pub(super) fn read(values: &Values) -> Result<Vec<Network>, BadSetting> {
    let Some(list) = values.get("TRUSTED_PROXIES")? else {
        return Ok(PRIVATE.into());
    };
    if list.eq_ignore_ascii_case("none") {
        return Ok(Vec::new());
    }
    let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    let allowed = "a list of networks such as 10.0.0.0/8,2001:db8::/32, or none";
    entries.map(|entry| Network::parse(entry).ok_or_else(|| super::bad("TRUSTED_PROXIES", entry, allowed))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_listed() {
        let of = |text: &str| read(&Values([("TRUSTED_PROXIES".to_owned(), text.to_owned())].into()));
        assert_eq!(of("").expect("default"), PRIVATE);
        assert_eq!(of("none").expect("none"), []);
        let found = of("10.0.0.0/8, ::1,").expect("networks");
        assert_eq!(found, ["10.0.0.0/8", "::1"].map(|text| Network::parse(text).expect("a network")));
        let error = of("10.0.0.0/8,here").expect_err("refused").to_string();
        assert!(error.contains("TRUSTED_PROXIES=\"here\"") && error.contains("10.0.0.0/8"), "{error}");
    }
}
