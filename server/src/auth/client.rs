//! Who is at the other end of the line: the address and the program, kept with a session so that its owner can tell
//! their devices apart, and the key of rate limits.
//!
//! A forwarded address (`X-Forwarded-For`) is believed only when the connection itself comes from a trusted network
//! (`TRUSTED_PROXIES`; by default the private ones, where proxies live). Every proxy appends whom it heard from, so the
//! list is read from its end: the first address that is not trusted is the client, and whatever stands before it is the
//! client's own tale. A client that connects straight from the internet cannot choose its address. Other headers
//! (`Forwarded`, `X-Real-IP`) are not read: a proxy that does not set one of them lets the client set it.

use super::network::Network;
use axum::http::{HeaderMap, header};
use std::net::{IpAddr, Ipv6Addr};

/// Longest program name kept, in characters.
const AGENT_MAX: usize = 512;

/// Where a request came from, as stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// IPv4 as usual, IPv6 masked to its network; empty when unknown.
    pub address: String,
    /// The `User-Agent`; empty when it was not sent.
    pub agent: String,
}

impl Client {
    /// Reads it from a request; `peer` is the address of the connection, `trusted` are the networks of our proxies.
    pub fn of(headers: &HeaderMap, peer: Option<IpAddr>, trusted: &[Network]) -> Self {
        let agent = headers.get(header::USER_AGENT).map_or(String::new(), |agent| {
            String::from_utf8_lossy(agent.as_bytes()).chars().filter(|c| !c.is_control()).take(AGENT_MAX).collect()
        });
        Self { address: address(headers, peer, trusted).map(masked).unwrap_or_default(), agent }
    }
}

fn address(forwarded: &HeaderMap, peer: Option<IpAddr>, trusted: &[Network]) -> Option<IpAddr> {
    let trusts = |ip: IpAddr| trusted.iter().any(|network| network.contains(ip));
    let peer = peer.map(|ip| ip.to_canonical());
    if peer.is_some_and(|ip| !trusts(ip)) {
        return peer;
    }
    let hops: Vec<&str> = forwarded
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    let near_to_far: Vec<IpAddr> =
        hops.iter().rev().map_while(|hop| hop.trim().parse::<IpAddr>().ok()).map(|ip| ip.to_canonical()).collect();
    let outside = near_to_far.iter().find(|ip| !trusts(**ip));
    outside.or(near_to_far.last()).copied().or(peer)
}

/// One household has a whole /64 of IPv6, so the lower half says nothing; written in full, as Better Auth does.
fn masked(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => {
            let network = Ipv6Addr::from(u128::from(ip) & !u128::from(u64::MAX));
            network.segments().map(|part| format!("{part:04x}")).join(":")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::network::PRIVATE;

    fn seen(peer: &str, forwarded: &[&str]) -> String {
        seen_by(&PRIVATE, peer, forwarded)
    }

    fn seen_by(trusted: &[Network], peer: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        Client::of(&headers, peer.parse().ok(), trusted).address
    }

    #[test]
    fn addresses_are_believed_from_proxies_only() {
        assert_eq!(seen("203.0.113.9", &[]), "203.0.113.9");
        assert_eq!(seen("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(seen("10.0.0.2", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(seen("10.0.0.2", &["6.6.6.6, 198.51.100.1, 10.0.0.9"]), "198.51.100.1");
        assert_eq!(seen("10.0.0.2", &["6.6.6.6", "198.51.100.1"]), "198.51.100.1");
        assert_eq!(seen("127.0.0.1", &["192.168.1.4"]), "192.168.1.4");
        assert_eq!(seen("10.0.0.2", &["garbage, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(seen("10.0.0.2", &["unknown"]), "10.0.0.2");
        assert_eq!(seen("10.0.0.2", &[""]), "10.0.0.2");
        assert_eq!(seen("", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(seen("", &[]), "");
    }

    #[test]
    fn proxies_can_be_named() {
        let trusted = ["203.0.113.0/24", "2001:db8::/32"].map(|text| Network::parse(text).unwrap());
        let seen = |peer, forwarded| seen_by(&trusted, peer, forwarded);
        assert_eq!(seen("203.0.113.9", &["6.6.6.6, 198.51.100.1, 203.0.113.8"]), "198.51.100.1");
        assert_eq!(seen("2001:db8::9", &["198.51.100.1"]), "198.51.100.1");
        // Private networks are clients like any other now.
        assert_eq!(seen("10.0.0.2", &["198.51.100.1"]), "10.0.0.2");
        assert_eq!(seen("203.0.113.9", &["6.6.6.6, 10.0.0.2"]), "10.0.0.2");
        assert_eq!(seen_by(&[], "127.0.0.1", &["198.51.100.1"]), "127.0.0.1");
    }

    #[test]
    fn addresses_are_written_as_better_auth_does() {
        assert_eq!(seen("2001:db8:1:2:3:4:5:6", &[]), "2001:0db8:0001:0002:0000:0000:0000:0000");
        assert_eq!(seen("::ffff:203.0.113.9", &[]), "203.0.113.9");
    }

    #[test]
    fn agents_are_cut_and_cleaned() {
        let mut headers = HeaderMap::new();
        let odd = [b"Moz\t\xff".as_slice(), &[b'x'; 600]].concat();
        headers.insert(header::USER_AGENT, axum::http::HeaderValue::from_bytes(&odd).unwrap());
        let agent = Client::of(&headers, None, &[]).agent;
        assert!(agent.starts_with("Moz\u{fffd}x"));
        assert_eq!(agent.chars().count(), 512);
    }
}
