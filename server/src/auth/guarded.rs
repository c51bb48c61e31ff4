//! Asking an address that a stranger chose: never one inside our own network, and not for long.
//!
//! The name is looked up once, every address it has must be a public one, and the connection goes to those addresses: a
//! name that answers differently a moment later (DNS rebinding) gains nothing. Redirects are not followed, and proxies of
//! the environment are not asked, because they would look the name up again. Deliberately absent: any way to send
//! something along.

use super::network::Network;
use futures::future::BoxFuture;
use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use url::Url;

/// How long everything may take, the look-up included.
const WHOLE: Duration = Duration::from_secs(5);
/// Largest answer taken, in bytes.
pub const ANSWER_MAX: usize = 64 * 1024;

/// Looks a name up.
type Lookup = Arc<dyn Fn(String, u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync>;

/// Gets documents from strangers.
#[derive(Clone)]
pub struct Guarded {
    lookup: Lookup,
    allows: fn(IpAddr) -> bool,
}

impl fmt::Debug for Guarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guarded")
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The body.
    pub body: Vec<u8>,
    /// `Cache-Control`, empty when it was not sent.
    pub cache_control: String,
}

impl Guarded {
    /// By the system's own look-up, to public addresses only.
    pub fn new() -> Self {
        let lookup: Lookup = Arc::new(|host, port| {
            Box::pin(async move { Ok(tokio::net::lookup_host((host.as_str(), port)).await?.collect()) })
        });
        Self { lookup, allows: is_public }
    }

    /// Gets what is at that address; why not, otherwise. Which schemes may be asked is the caller's rule.
    pub async fn get(&self, url: &Url) -> Result<Answer, &'static str> {
        tokio::time::timeout(WHOLE, self.ask(url)).await.unwrap_or(Err("it does not answer in time"))
    }

    async fn ask(&self, url: &Url) -> Result<Answer, &'static str> {
        let host = url.host_str().ok_or("it has no host")?;
        let port = url.port_or_known_default().ok_or("it has no port")?;
        // An IPv6 address stands in brackets.
        let name = host.trim_matches(['[', ']']).to_owned();
        let found = (self.lookup)(name, port).await.map_err(|_| "its host has no address")?;
        if found.is_empty() {
            return Err("its host has no address");
        }
        if !found.iter().all(|address| (self.allows)(address.ip())) {
            return Err("its host is not on the public internet");
        }
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(crate::tls::client())
            .timeout(WHOLE)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .resolve_to_addrs(host, &found)
            .build()
            .map_err(|_| "there is no HTTP client")?;
        let request = client.get(url.clone()).header(reqwest::header::ACCEPT, "application/json");
        let mut answer = request.send().await.map_err(|_| "it cannot be reached")?;
        if answer.status() != reqwest::StatusCode::OK {
            return Err("it does not answer 200");
        }
        let control = answer.headers().get(reqwest::header::CACHE_CONTROL);
        let cache_control = control.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|_| "its answer broke off")? {
            if body.len() + chunk.len() > ANSWER_MAX {
                return Err("its answer is too large");
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { body, cache_control })
    }
}

impl Default for Guarded {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether an address is somewhere on the internet rather than this machine, a neighbour, or a way back in through a
/// translation between IPv4 and IPv6.
pub fn is_public(address: IpAddr) -> bool {
    const V4: [&str; 14] = [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        // Multicast and reserved, with the broadcast address.
        "224.0.0.0/3",
    ];
    const V6: [&str; 5] = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48"];
    let within = |list: &[&str]| {
        // A list of ours that cannot be read shuts everything out.
        list.iter().any(|text| Network::parse(text).is_none_or(|network| network.contains(address)))
    };
    match address.to_canonical() {
        IpAddr::V4(_) => !within(&V4),
        // What is handed out to the world is in 2000::/3.
        IpAddr::V6(ip) => ip.segments()[0] & 0xe000 == 0x2000 && !within(&V6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    #[test]
    fn only_the_internet_is_public() {
        for public in ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "2a00:1450::1", "::ffff:1.1.1.1"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for inside in [
            "127.0.0.1",
            "127.255.0.1",
            "10.1.2.3",
            "172.31.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "198.18.0.1",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
    }

    /// A server that answers every connection with those bytes, and where it is.
    async fn answers(bytes: Vec<u8>) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut buffer = [0; 4096];
                let _ = stream.read(&mut buffer).await;
                let _ = stream.write_all(&bytes).await;
            }
        });
        address
    }

    /// A look-up that answers the first address once and the second from then on.
    fn turning(first: SocketAddr, then: SocketAddr, asked: Arc<AtomicUsize>) -> Lookup {
        Arc::new(move |_, _| {
            let address = if asked.fetch_add(1, Ordering::SeqCst) == 0 { first } else { then };
            Box::pin(std::future::ready(Ok(vec![address])))
        })
    }

    fn at(address: SocketAddr) -> Guarded {
        crate::tls::install();
        Guarded { lookup: Arc::new(move |_, _| Box::pin(std::future::ready(Ok(vec![address])))), allows: |_| true }
    }

    fn client(port: u16) -> Url {
        Url::parse(&format!("http://client.example:{port}/c.json")).unwrap()
    }

    fn ok(body: &str) -> Vec<u8> {
        format!("HTTP/1.1 200 OK\r\ncache-control: max-age=60\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into()
    }

    #[tokio::test]
    async fn the_address_that_was_checked_is_the_one_that_is_asked() {
        crate::tls::install();
        let (right, wrong) = (answers(ok("right")).await, answers(ok("wrong")).await);
        let asked = Arc::new(AtomicUsize::new(0));
        let guarded = Guarded { lookup: turning(right, wrong, Arc::clone(&asked)), allows: |_| true };
        let answer = guarded.get(&client(right.port())).await.unwrap();
        assert_eq!((answer.body.as_slice(), answer.cache_control.as_str()), (&b"right"[..], "max-age=60"));
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn nothing_inside_is_asked() {
        let inside = answers(ok("secret")).await;
        let guarded = Guarded { allows: is_public, ..at(inside) };
        assert_eq!(guarded.get(&client(inside.port())).await.unwrap_err(), "its host is not on the public internet");
        // One public address does not excuse the other.
        let both = vec!["1.1.1.1:80".parse().unwrap(), inside];
        let lookup: Lookup = Arc::new(move |_, _| Box::pin(std::future::ready(Ok(both.clone()))));
        let guarded = Guarded { lookup, allows: is_public };
        assert_eq!(guarded.get(&client(inside.port())).await.unwrap_err(), "its host is not on the public internet");
        let url = Url::parse(&format!("http://127.0.0.1:{}/", inside.port())).unwrap();
        assert!(Guarded::new().get(&url).await.is_err());
        let url = Url::parse(&format!("http://localhost:{}/", inside.port())).unwrap();
        assert!(Guarded::new().get(&url).await.is_err());
    }

    #[tokio::test]
    async fn neither_redirects_nor_floods_are_followed() {
        let moved = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n".to_vec();
        for (bytes, why) in [
            (moved, "it does not answer 200"),
            (ok(&"x".repeat(ANSWER_MAX + 1)), "its answer is too large"),
            (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nx".to_vec(), "its answer broke off"),
        ] {
            let address = answers(bytes).await;
            assert_eq!(at(address).get(&client(address.port())).await.unwrap_err(), why);
        }
        let address = answers(ok(&"x".repeat(ANSWER_MAX))).await;
        assert_eq!(at(address).get(&client(address.port())).await.unwrap().body.len(), ANSWER_MAX);
    }
}
