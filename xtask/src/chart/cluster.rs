//! Just enough of a Kubernetes API, on loopback, for Helm to install, upgrade, roll back and uninstall.
//!
//! It stores what it is given and checks nothing; there are no controllers, so nothing ever runs. Requests and answers are
//! here, what they mean in [`objects`].

mod objects;
mod protobuf;

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use objects::Objects;

pub struct Cluster {
    address: SocketAddr,
    objects: Arc<Mutex<Objects>>,
}

/// What a client asks.
struct Request {
    method: String,
    path: String,
    query: String,
    /// `Content-Type`.
    kind: String,
    body: Vec<u8>,
}

impl Cluster {
    /// Listens until the process ends.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).context("cannot listen on loopback")?;
        let cluster = Self { address: listener.local_addr()?, objects: Arc::default() };
        let objects = cluster.objects.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let objects = objects.clone();
                // Helm opens several connections; one that is broken off is Helm's to complain about.
                std::thread::spawn(move || serve(stream, &objects));
            }
        });
        Ok(cluster)
    }

    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All objects of a kind, but not Helm's own records.
    pub fn all(&self, kind: &str) -> Vec<Value> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner).all(kind)
    }
}

/// One request a connection.
fn serve(mut stream: TcpStream, objects: &Mutex<Objects>) -> Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let request = read(&mut BufReader::new(stream.try_clone()?))?;
    let (status, body) = objects.lock().unwrap_or_else(PoisonError::into_inner).answer(&request);
    let body = body.to_string();
    write!(
        stream,
        "HTTP/1.1 {status} {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    Ok(())
}

fn read(stream: &mut impl BufRead) -> Result<Request> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let method = words.next().context("no request")?.to_owned();
    let target = words.next().context("no target")?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (path, query) = (path.to_owned(), query.to_owned());
    let (mut kind, mut length, mut chunked) = (String::new(), 0, false);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-type" => kind = value.to_owned(),
            "content-length" => length = value.parse()?,
            "transfer-encoding" => chunked = true,
            _ => {}
        }
    }
    ensure!(!chunked, "a body in chunks is not expected of Helm");
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(Request { method, path, query, kind, body })
}
