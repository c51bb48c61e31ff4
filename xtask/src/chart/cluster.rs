//! Just enough of a Kubernetes API, on loopback, for a template's `lookup` of a Secret.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// What the cluster knows: the version of a group, plural and kind.
const KINDS: [(&str, &str, &str); 9] = [
    ("v1", "configmaps", "ConfigMap"),
    ("v1", "persistentvolumeclaims", "PersistentVolumeClaim"),
    ("v1", "pods", "Pod"),
    ("v1", "secrets", "Secret"),
    ("v1", "serviceaccounts", "ServiceAccount"),
    ("v1", "services", "Service"),
    ("apps/v1", "deployments", "Deployment"),
    ("apps/v1", "statefulsets", "StatefulSet"),
    ("networking.k8s.io/v1", "ingresses", "Ingress"),
];

/// Secrets by their address.
type Secrets = Arc<Mutex<BTreeMap<String, Value>>>;

pub struct Cluster {
    address: SocketAddr,
    secrets: Secrets,
}

impl Cluster {
    /// Listens until the process ends.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).context("cannot listen on loopback")?;
        let cluster = Self { address: listener.local_addr()?, secrets: Secrets::default() };
        let secrets = cluster.secrets.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let secrets = secrets.clone();
                // Helm opens several connections; one that is broken off is Helm's to complain about.
                std::thread::spawn(move || serve(stream, &secrets));
            }
        });
        Ok(cluster)
    }

    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Has this Secret from now on, as an install of the release would have left it.
    pub fn keep(&self, secret: &Value, release: &str) -> Result<()> {
        let part = |name: &str| secret["metadata"][name].as_str().with_context(|| format!("the Secret has no {name}"));
        let path = format!("/api/v1/namespaces/{}/secrets/{}", part("namespace")?, part("name")?);
        let mut kept = secret.clone();
        kept["metadata"]["annotations"]["meta.helm.sh/release-name"] = release.into();
        kept["metadata"]["annotations"]["meta.helm.sh/release-namespace"] = part("namespace")?.into();
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner).insert(path, kept);
        Ok(())
    }
}

/// One request a connection.
fn serve(mut stream: TcpStream, secrets: &Secrets) -> Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().context("no request")??;
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let path = first.split(' ').nth(1).unwrap_or_default().split('?').next().unwrap_or_default();
    let (status, body) = answer(path, secrets);
    let body = body.to_string();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    Ok(())
}

fn answer(path: &str, secrets: &Secrets) -> (&'static str, Value) {
    let found = match path {
        "/version" => Some(json!({"major": "1", "minor": "37", "gitVersion": "v1.37.0"})),
        "/api" => Some(json!({"kind": "APIVersions", "versions": ["v1"]})),
        "/apis" => Some(json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups()})),
        _ => resources(path.trim_start_matches("/apis/").trim_start_matches("/api/"))
            .or_else(|| secrets.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned()),
    };
    match found {
        Some(body) => ("200 OK", body),
        None => {
            let body =
                json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404});
            ("404 Not Found", body)
        }
    }
}

fn groups() -> Vec<Value> {
    let versions: BTreeSet<_> = KINDS.iter().filter_map(|(version, ..)| version.split_once('/')).collect();
    let group = |(name, version): (&str, &str)| {
        let version = json!({"groupVersion": format!("{name}/{version}"), "version": version});
        json!({"name": name, "versions": [version], "preferredVersion": version})
    };
    versions.into_iter().map(group).collect()
}

/// The kinds of one version of a group.
fn resources(version: &str) -> Option<Value> {
    let kinds = KINDS.iter().filter(|kind| kind.0 == version);
    let resources: Vec<_> = kinds
        .map(|(_, plural, kind)| {
            let verbs = ["get", "list", "create", "update", "patch", "delete"];
            json!({"name": plural, "singularName": kind.to_lowercase(), "kind": kind, "namespaced": true, "verbs": verbs})
        })
        .collect();
    let list = json!({
        "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources
    });
    (!resources.is_empty()).then_some(list)
}
