//! `ENABLED_TOOLS`.

use super::{BadSetting, Values};
use crate::tools::{Enabled, TOOLS};

/// The tools that are switched on; all of them when nothing is said.
pub(super) fn read(values: &Values) -> Result<Enabled, BadSetting> {
    let Some(text) = values.get("ENABLED_TOOLS")? else { return Ok(Enabled::default()) };
    Enabled::parse(&text).map_err(|why| {
        let names: Vec<&str> = TOOLS.iter().map(|t| t.name).collect();
        BadSetting(format!(
            "ENABLED_TOOLS cannot be used: {why}; allowed is a list of names, separated by commas or in JSON, of {}, and \
             of other servers’ tools as server__tool or server__*",
            names.join(", ")
        ))
    })
}
