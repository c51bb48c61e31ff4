//! `METRICS_ADDR`.

use super::{BadSetting, Values, bad};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Where `/metrics` is served; nowhere when nothing is said. A port alone means every address.
pub(super) fn read(values: &Values) -> Result<Option<SocketAddr>, BadSetting> {
    let Some(text) = values.get("METRICS_ADDR")? else { return Ok(None) };
    let port = text.strip_prefix(':').unwrap_or(&text).parse().ok();
    let everywhere = |port| SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port);
    port.map(everywhere)
        .or_else(|| text.parse().ok())
        .map(Some)
        .ok_or_else(|| bad("METRICS_ADDR", &text, "an address such as 127.0.0.1:9090, or a port such as 9090"))
}
