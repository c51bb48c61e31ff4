//! What the requests mean: discovery, and objects that are read, listed, made, replaced, patched and deleted.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Request, protobuf};

/// What the cluster knows: the version of a group, plural and kind.
const KINDS: [(&str, &str, &str); 15] = [
    ("v1", "configmaps", "ConfigMap"),
    ("v1", "persistentvolumeclaims", "PersistentVolumeClaim"),
    ("v1", "pods", "Pod"),
    ("v1", "secrets", "Secret"),
    ("v1", "serviceaccounts", "ServiceAccount"),
    ("v1", "services", "Service"),
    ("apps/v1", "deployments", "Deployment"),
    ("apps/v1", "replicasets", "ReplicaSet"),
    ("apps/v1", "statefulsets", "StatefulSet"),
    ("batch/v1", "cronjobs", "CronJob"),
    ("monitoring.coreos.com/v1", "servicemonitors", "ServiceMonitor"),
    ("autoscaling/v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler"),
    ("networking.k8s.io/v1", "ingresses", "Ingress"),
    ("networking.k8s.io/v1", "networkpolicies", "NetworkPolicy"),
    ("policy/v1", "poddisruptionbudgets", "PodDisruptionBudget"),
];

/// Objects by their address.
#[derive(Default)]
pub struct Objects(BTreeMap<String, Value>);

impl Objects {
    pub fn all(&self, kind: &str) -> Vec<Value> {
        let ours = |object: &&Value| object["kind"] == kind && object["metadata"]["labels"]["owner"] != "helm";
        self.0.values().filter(ours).cloned().collect()
    }

    pub fn answer(&mut self, request: &Request) -> (u16, Value) {
        let path = request.path.as_str();
        let named = self.0.contains_key(path);
        match request.method.as_str() {
            "GET" => match discovery(path).or_else(|| self.0.get(path).cloned()).or_else(|| self.list(request)) {
                Some(found) => (200, found),
                None => status(404, "NotFound"),
            },
            "DELETE" if named => {
                let _gone = self.0.remove(path);
                (200, json!({"kind": "Status", "apiVersion": "v1", "status": "Success"}))
            }
            "POST" => self.store(request, None),
            "PUT" if named => self.store(request, Some(path)),
            // Server-side apply makes what is not there.
            "PATCH" if named || request.kind.contains("apply-patch") => self.store(request, Some(path)),
            "DELETE" | "PUT" | "PATCH" => status(404, "NotFound"),
            _ => status(405, "MethodNotAllowed"),
        }
    }

    /// Makes or changes an object; without an address it is made in the collection it was sent to.
    fn store(&mut self, request: &Request, address: Option<&str>) -> (u16, Value) {
        let given = if request.kind.contains("protobuf") {
            protobuf::secret(&request.body)
        } else {
            serde_json::from_slice(&request.body).ok()
        };
        let Some(given) = given else { return status(400, "BadRequest") };
        let made = format!("{}/{}", request.path, given["metadata"]["name"].as_str().unwrap_or_default());
        let address = address.unwrap_or(&made);
        if request.method == "POST" && self.0.contains_key(address) {
            return status(409, "AlreadyExists");
        }
        let mut object = given;
        if request.kind.contains("merge-patch") {
            let patch = std::mem::replace(&mut object, self.0.get(address).cloned().unwrap_or_default());
            merge(&mut object, &patch);
        }
        if !request.query.contains("dryRun=") {
            self.0.insert(address.to_owned(), object.clone());
        }
        (if request.method == "POST" { 201 } else { 200 }, object)
    }

    /// The objects of a collection that have the labels asked for.
    fn list(&self, request: &Request) -> Option<Value> {
        let (before, plural) = request.path.rsplit_once('/')?;
        let (version, _, kind) = KINDS.iter().find(|(_, name, _)| *name == plural)?;
        let namespace = format!("{before}/{plural}/");
        let query = request.query.replace("%3D", "=").replace("%2C", ",");
        let selector = query.split('&').find_map(|part| part.strip_prefix("labelSelector=")).unwrap_or_default();
        let wanted: Vec<_> = selector.split(',').filter_map(|part| part.split_once('=')).collect();
        let here = self.0.iter().filter(|(address, _)| address.starts_with(&namespace)).map(|(_, object)| object);
        let found: Vec<_> = here
            .filter(|object| wanted.iter().all(|(name, value)| object["metadata"]["labels"][name] == *value))
            .collect();
        Some(json!({"kind": format!("{kind}List"), "apiVersion": version, "metadata": {}, "items": found}))
    }
}

/// A merge patch; directives of strategic ones are passed over.
fn merge(object: &mut Value, patch: &Value) {
    match (object.as_object_mut(), patch.as_object()) {
        (Some(object), Some(patch)) => {
            for (key, value) in patch.iter().filter(|(key, _)| !key.starts_with('$')) {
                if value.is_null() {
                    object.remove(key);
                } else {
                    merge(object.entry(key).or_insert(Value::Null), value);
                }
            }
        }
        _ => *object = patch.clone(),
    }
}

fn status(code: u16, reason: &str) -> (u16, Value) {
    (code, json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code}))
}

fn discovery(path: &str) -> Option<Value> {
    match path {
        "/version" => Some(json!({"major": "1", "minor": "37", "gitVersion": "v1.37.0"})),
        "/api" => Some(json!({"kind": "APIVersions", "versions": ["v1"]})),
        "/apis" => Some(json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups()})),
        _ => resources(path.strip_prefix("/apis/").or_else(|| path.strip_prefix("/api/"))?),
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
