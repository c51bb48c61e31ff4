//! Where a server of tools may be. The operator writes its address, so a host that is plainly inside (`localhost`, an IP
//! address, `tools.default.svc`) is taken at its word; a name of the public internet has to lead there.
//!
//! A name is looked up at each connection, what it says is checked, and the connection goes to those very addresses: a
//! name that answers differently a moment later (DNS rebinding) gains nothing. Cloud metadata and other link-local places
//! are refused whatever leads to them.

use crate::auth::{guarded::is_public, network::Network};
use futures::future::BoxFuture;
use http::HeaderName;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};
use url::{Host, Url};

/// Never asked, whoever wrote the address: link-local places such as cloud metadata, and ways to write them otherwise.
const NEVER: [&str; 12] = [
    "0.0.0.0/8",
    "100.100.100.200/32",
    "168.63.129.16/32",
    "169.254.0.0/16",
    "192.0.0.192/32",
    "224.0.0.0/3",
    "::/128",
    "64:ff9b::/96",
    "2002::/16",
    "fd00:ec2::/32",
    "fe80::/10",
    "ff00::/8",
];
/// Ends of names that are never on the public internet.
const INSIDE: [&str; 7] = [".localhost", ".local", ".internal", ".lan", ".home.arpa", ".svc", ".cluster"];

/// Reads an address; what is wrong continues a sentence. `private` is the operator's word that it may be inside.
pub fn check(text: &str, private: bool) -> Result<Url, String> {
    let url = Url::parse(text.trim()).map_err(|_| "is no address such as https://tools.example.org/mcp".to_owned())?;
    let host = match (url.scheme(), url.host()) {
        ("http" | "https", Some(host)) => host,
        _ => return Err("must begin with https://, or with http:// on this machine or inside the network".to_owned()),
    };
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err("must hold neither a name, a password nor a fragment: put keys into headers".to_owned());
    }
    let inside = match host {
        Host::Ipv4(ip) => !open(IpAddr::V4(ip))?,
        Host::Ipv6(ip) => !open(IpAddr::V6(ip))?,
        Host::Domain(name) => private || is_inside(name),
    };
    if url.scheme() == "http" && !inside && !private {
        return Err("must begin with https://: http:// is for this machine and the network inside only".to_owned());
    }
    Ok(url)
}

/// Whether an address someone wrote out is a public one; refused when it is never asked.
fn open(ip: IpAddr) -> Result<bool, String> {
    if never(ip) {
        Err("leads to a place that is never asked, such as cloud metadata".to_owned())
    } else {
        Ok(is_public(ip))
    }
}

/// Whether a name says itself that it is inside.
fn is_inside(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    !name.contains('.') || INSIDE.iter().any(|end| name.ends_with(end))
}

fn never(ip: IpAddr) -> bool {
    let ip = ip.to_canonical();
    // An IPv4 address in the older compatible form; `::1` is none.
    let compatible = match ip {
        IpAddr::V6(v6) => v6.segments()[..6].iter().all(|part| *part == 0) && !v6.is_loopback(),
        IpAddr::V4(_) => false,
    };
    // A network of ours that cannot be read shuts everything out.
    compatible || NEVER.iter().any(|text| Network::parse(text).is_none_or(|network| network.contains(ip)))
}

/// Headers that the protocol or the connection sets.
pub fn is_reserved(name: &HeaderName) -> bool {
    const NAMES: [&str; 8] = [
        "accept",
        "connection",
        "content-length",
        "content-type",
        "host",
        "last-event-id",
        "transfer-encoding",
        "upgrade",
    ];
    NAMES.contains(&name.as_str()) || name.as_str().starts_with("mcp-")
}

/// Looks a name up.
type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync>;

/// The look-up of one server's connections.
#[derive(Clone)]
pub struct Checked {
    lookup: Lookup,
    private: bool,
}

impl Checked {
    /// By the system's own look-up.
    pub fn new(private: bool) -> Self {
        let lookup: Lookup =
            Arc::new(|host| Box::pin(async move { Ok(tokio::net::lookup_host((host.as_str(), 0)).await?.collect()) }));
        Self { lookup, private }
    }

    /// Every name leads there.
    #[cfg(test)]
    pub fn fixed(ip: IpAddr) -> Self {
        Self {
            lookup: Arc::new(move |_| Box::pin(std::future::ready(Ok(vec![SocketAddr::new(ip, 0)])))),
            private: false,
        }
    }

    async fn find(self, host: String) -> Result<Vec<SocketAddr>, Forbidden> {
        let found = (self.lookup)(host.clone()).await.map_err(|_| Forbidden("its host has no address"))?;
        let inside = self.private || is_inside(&host);
        if found.is_empty() {
            return Err(Forbidden("its host has no address"));
        }
        if found.iter().any(|address| never(address.ip())) {
            return Err(Forbidden("its host leads to a place that is never asked, such as cloud metadata"));
        }
        if !inside && !found.iter().all(|address| is_public(address.ip())) {
            return Err(Forbidden("its host is a name of the public internet and leads inside our own network"));
        }
        Ok(found)
    }
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let (own, host) = (self.clone(), name.as_str().to_owned());
        Box::pin(async move {
            let found = own.find(host).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Why a name may not be asked; a half sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forbidden(pub &'static str);

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Forbidden {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_at_its_word() {
        for fine in [
            "https://tools.example.org/mcp",
            "https://1.1.1.1/mcp",
            "http://localhost:8001/mcp",
            "http://127.0.0.1:8001/mcp",
            "http://[::1]:8001/mcp",
            "http://10.0.0.7/mcp",
            "http://tools/mcp",
            "http://tools.default.svc:80/mcp",
            "http://tools.default.svc.cluster.local/mcp",
        ] {
            assert!(check(fine, false).is_ok(), "{fine}");
        }
        for (wrong, why) in [
            ("", "is no address"),
            ("tools/mcp", "is no address"),
            ("ftp://tools/mcp", "must begin with https://"),
            ("http://tools.example.org/mcp", "must begin with https://"),
            ("http://1.1.1.1/mcp", "must begin with https://"),
            ("https://me:word@tools.example.org/mcp", "neither a name"),
            ("https://tools.example.org/mcp#x", "nor a fragment"),
            ("http://169.254.169.254/latest", "never asked"),
            ("http://2852039166/latest", "never asked"),
            ("http://[::ffff:169.254.169.254]/", "never asked"),
            ("http://[::169.254.169.254]/", "never asked"),
            ("http://[64:ff9b::a9fe:a9fe]/", "never asked"),
            ("http://[fd00:ec2::254]/", "never asked"),
            ("http://[fe80::1]/", "never asked"),
            ("http://0.0.0.0:8080/", "never asked"),
        ] {
            let said = check(wrong, false).expect_err(wrong);
            assert!(said.contains(why), "{wrong}: {said}");
        }
        assert!(check("http://tools.example.org/mcp", true).is_ok());
        assert!(check("http://169.254.169.254/", true).is_err());
    }

    #[tokio::test]
    async fn a_public_name_leads_to_public_addresses_only() {
        let find = async |host: &str, private, addresses: &[&str]| {
            let found: Vec<SocketAddr> =
                addresses.iter().map(|ip| SocketAddr::new(ip.parse().expect("an address"), 0)).collect();
            let lookup: Lookup = Arc::new(move |_| Box::pin(std::future::ready(Ok(found.clone()))));
            Checked { lookup, private }.find(host.to_owned()).await.map(|found| found.len())
        };
        assert_eq!(find("tools.example.org", false, &["1.1.1.1", "2606:4700::1111"]).await, Ok(2));
        for inside in ["127.0.0.1", "10.0.0.1", "192.168.1.1", "fd00::1", "::1"] {
            assert!(find("tools.example.org", false, &["1.1.1.1", inside]).await.is_err(), "{inside}");
            assert_eq!(find("tools.example.org", true, &[inside]).await, Ok(1));
            assert_eq!(find("tools", false, &[inside]).await, Ok(1));
            assert_eq!(find("tools.default.svc.cluster.local", false, &[inside]).await, Ok(1));
        }
        for never in ["169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254", "0.0.0.0"] {
            for host in ["tools.example.org", "metadata.google.internal", "tools"] {
                assert!(find(host, true, &[never]).await.is_err(), "{host} {never}");
            }
        }
        assert!(find("tools", false, &[]).await.is_err());
    }
}
