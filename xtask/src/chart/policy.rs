//! What every object must be, whatever the values: the "restricted" level of Pod Security and more, and references that
//! lead somewhere.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::case::NAMESPACE;

/// One line for each thing that is not as it must be. `foreign` are names that others make.
pub fn breaches(objects: &[Value], foreign: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for object in objects {
        let mut says = |what: String| found.push(format!("{} {}: {what}", text(&object["kind"]), name(object)));
        if object["metadata"]["namespace"] != NAMESPACE {
            says("has no namespace of its own".into());
        }
        for label in ["name", "instance", "component", "version", "managed-by"] {
            if object["metadata"]["labels"][format!("app.kubernetes.io/{label}")].is_null() {
                says(format!("has no label {label}"));
            }
        }
        match text(&object["kind"]) {
            "ServiceAccount" if object["automountServiceAccountToken"] != false => says("mounts its token".into()),
            "ConfigMap" => config_map(object, &mut says),
            _ => {}
        }
        if let Some(pod) = pod(object) {
            self::pod_spec(pod, &mut says);
            let runs_on = !["Pod", "CronJob"].contains(&text(&object["kind"]));
            for container in containers(pod) {
                self::container(container, runs_on, &mut says);
            }
            references(pod, objects, foreign, &mut says);
        }
        links(object, objects, &mut says);
    }
    found
}

fn config_map(object: &Value, says: &mut dyn FnMut(String)) {
    let secret = [
        "DATABASE_URL",
        "BETTER_AUTH_SECRET",
        "_API_KEY",
        "_CLIENT_SECRET",
        "SMTP_URL",
        "PASSWORD",
        "MCP_SERVERS",
        "_HEADERS",
        "_TOKEN",
    ];
    for key in object["data"].as_object().into_iter().flat_map(|data| data.keys()) {
        if secret.iter().any(|word| key.ends_with(word)) {
            says(format!("holds the secret {key}"));
        }
    }
}

fn pod_spec(pod: &Value, says: &mut dyn FnMut(String)) {
    let context = &pod["securityContext"];
    for (holds, what) in [
        (pod["automountServiceAccountToken"] == false, "mounts the account's token"),
        (pod["enableServiceLinks"] == false, "gets other Services in its environment"),
        (context["runAsNonRoot"] == true, "may run as root"),
        (context["runAsUser"].as_u64().is_some_and(|id| id > 0), "names no user by number"),
        (context["runAsGroup"].as_u64().is_some_and(|id| id > 0), "names no group by number"),
        (context["seccompProfile"]["type"] == "RuntimeDefault", "has no seccomp profile"),
        (["hostNetwork", "hostPID", "hostIPC"].iter().all(|key| pod[key].is_null()), "shares something of its node"),
    ] {
        if !holds {
            says(what.into());
        }
    }
    for volume in list(&pod["volumes"]) {
        if volume["hostPath"].is_object() {
            says(format!("mounts a folder of its node as {}", volume["name"]));
        }
        if volume["emptyDir"].is_object() && volume["emptyDir"]["sizeLimit"].is_null() {
            says(format!("may fill its node through {}", volume["name"]));
        }
    }
}

fn container(container: &Value, runs_on: bool, says: &mut dyn FnMut(String)) {
    let context = &container["securityContext"];
    let image = text(&container["image"]);
    let tag = image.rsplit('/').next().and_then(|last| last.split_once(':')).map(|(_, tag)| tag);
    let resources = &container["resources"];
    for (holds, what) in [
        (context["allowPrivilegeEscalation"] == false, "may gain privileges"),
        (context["readOnlyRootFilesystem"] == true, "may write to its root"),
        (context["capabilities"] == json!({"drop": ["ALL"]}), "keeps capabilities"),
        (context["privileged"].is_null(), "says whether it is privileged"),
        (tag.is_some_and(|tag| tag != "latest" && !tag.is_empty()), "has an image without a fixed tag"),
        (resources["requests"]["cpu"].is_string(), "requests no processor"),
        (resources["requests"]["memory"].is_string(), "requests no memory"),
        (resources["limits"]["memory"].is_string(), "has no limit for memory"),
        (list(&container["envFrom"]).iter().all(|from| from["secretRef"].is_null()), "has secrets in its environment"),
        (list(&container["env"]).iter().all(|v| v["valueFrom"].is_null()), "has secrets in its environment"),
    ] {
        if !holds {
            says(format!("{} {what}", text(&container["name"])));
        }
    }
    for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
        if runs_on && !container[probe].is_object() {
            says(format!("{} has no {probe}", text(&container["name"])));
        }
    }
    // A database that restarts must not take the pods with it.
    if container["livenessProbe"]["httpGet"]["path"] == "/ready" {
        says("is killed when its database is away".into());
    }
}

/// What a pod mounts and reads is made by the chart, or known to be there; and what it mounts, it has.
fn references(pod: &Value, objects: &[Value], foreign: &[String], says: &mut dyn FnMut(String)) {
    let mut wanted: Vec<(&str, &str)> = Vec::new();
    for volume in list(&pod["volumes"]) {
        wanted.push(("ConfigMap", text(&volume["configMap"]["name"])));
        wanted.push(("PersistentVolumeClaim", text(&volume["persistentVolumeClaim"]["claimName"])));
        wanted.push(("Secret", text(&volume["secret"]["secretName"])));
        wanted.extend(list(&volume["projected"]["sources"]).iter().map(|s| ("Secret", text(&s["secret"]["name"]))));
    }
    for container in containers(pod) {
        wanted.extend(list(&container["envFrom"]).iter().map(|f| ("ConfigMap", text(&f["configMapRef"]["name"]))));
    }
    match text(&pod["serviceAccountName"]) {
        "default" => {}
        account => wanted.push(("ServiceAccount", account)),
    }
    for (kind, wanted) in wanted {
        let made = objects.iter().any(|object| object["kind"] == kind && name(object) == wanted);
        if !wanted.is_empty() && !made && !foreign.iter().any(|name| name == wanted) {
            says(format!("needs the {kind} {wanted}, which nobody makes"));
        }
    }
    let keys: BTreeSet<_> = list(&pod["volumes"])
        .iter()
        .flat_map(|volume| list(&volume["projected"]["sources"]))
        .flat_map(|source| list(&source["secret"]["items"]).iter().map(|item| text(&item["path"])))
        .collect();
    for variable in containers(pod).flat_map(|container| list(&container["env"])) {
        let file = text(&variable["value"]).strip_prefix("/run/secrets/todo-chatbot/");
        if file.is_some_and(|file| !keys.contains(file)) {
            says(format!("{} names a file that is not mounted", text(&variable["name"])));
        }
    }
}

/// What selects or names others finds them.
fn links(object: &Value, objects: &[Value], says: &mut dyn FnMut(String)) {
    let spec = &object["spec"];
    let service = |wanted: &Value, port: &Value| {
        objects
            .iter()
            .filter(|other| other["kind"] == "Service" && other["metadata"]["name"] == *wanted)
            .any(|other| list(&other["spec"]["ports"]).iter().any(|p| p["name"] == port["name"] || p["port"] == *port))
    };
    match text(&object["kind"]) {
        "Service" => {
            let pods = selected(&spec["selector"], objects);
            if pods.len() != 1 {
                says(format!("selects the pods of {} objects, not of one", pods.len()));
            }
            for port in list(&spec["ports"]).iter().map(|port| &port["targetPort"]) {
                let named = |pod: &&Value| containers(pod).flat_map(|c| list(&c["ports"])).any(|p| p["name"] == *port);
                if !pods.iter().any(named) {
                    says(format!("leads to port {port}, which no pod has"));
                }
            }
        }
        "Deployment" | "StatefulSet" | "PodDisruptionBudget" => {
            let selector = &spec["selector"]["matchLabels"];
            if selector.as_object().is_none_or(|labels| labels.keys().any(|key| key.ends_with("version"))) {
                says("selects by what changes".into());
            }
            if selected(selector, objects).len() != 1 {
                says("selects other pods than its own".into());
            }
        }
        "NetworkPolicy" if selected(&spec["podSelector"]["matchLabels"], objects).len() != 1 => {
            says("is not about the pods of one object".into());
        }
        "Ingress" => {
            for path in list(&spec["rules"]).iter().flat_map(|rule| list(&rule["http"]["paths"])) {
                let backend = &path["backend"]["service"];
                if !service(&backend["name"], &backend["port"]) {
                    says(format!("leads to {backend}, which nobody makes"));
                }
            }
        }
        "HTTPRoute" => {
            for backend in list(&spec["rules"]).iter().flat_map(|rule| list(&rule["backendRefs"])) {
                if !service(&backend["name"], &backend["port"]) {
                    says(format!("leads to {backend}, which nobody makes"));
                }
            }
        }
        "ServiceMonitor" => {
            let wanted = &spec["selector"]["matchLabels"];
            let services = objects.iter().filter(|o| o["kind"] == "Service" && has(&o["metadata"]["labels"], wanted));
            let ports: Vec<_> = services.flat_map(|o| list(&o["spec"]["ports"])).map(|port| &port["name"]).collect();
            if ports.is_empty() || ports.iter().any(|port| **port != spec["endpoints"][0]["port"]) {
                says(format!("watches the ports {ports:?}"));
            }
        }
        "HorizontalPodAutoscaler" => {
            let target = &spec["scaleTargetRef"];
            if !objects.iter().any(|o| o["kind"] == target["kind"] && o["metadata"]["name"] == target["name"]) {
                says(format!("scales {target}, which nobody makes"));
            }
        }
        _ => {}
    }
}

/// Pod specs of the objects that run pods with all these labels.
fn selected<'a>(labels: &Value, objects: &'a [Value]) -> Vec<&'a Value> {
    let runs = objects.iter().filter(|object| {
        let labels_at = match text(&object["kind"]) {
            "Pod" => "/metadata/labels",
            "CronJob" => "/spec/jobTemplate/spec/template/metadata/labels",
            _ => "/spec/template/metadata/labels",
        };
        object.pointer(labels_at).is_some_and(|own| has(own, labels))
    });
    runs.filter_map(pod).collect()
}

fn has(labels: &Value, wanted: &Value) -> bool {
    wanted.as_object().is_some_and(|all| !all.is_empty() && all.iter().all(|(key, value)| labels[key] == *value))
}

fn pod(object: &Value) -> Option<&Value> {
    match text(&object["kind"]) {
        "Pod" => Some(&object["spec"]),
        "CronJob" => object.pointer("/spec/jobTemplate/spec/template/spec"),
        _ => object.pointer("/spec/template/spec"),
    }
}

fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    ["initContainers", "containers"].into_iter().flat_map(|key| list(&pod[key]))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn name(object: &Value) -> &str {
    text(&object["metadata"]["name"])
}

#[cfg(test)]
mod tests {
    use super::breaches;
    use serde_json::{Value, json};

    fn good() -> Value {
        let labels = json!({
            "app.kubernetes.io/name": "a", "app.kubernetes.io/instance": "a", "app.kubernetes.io/component": "a",
            "app.kubernetes.io/version": "1", "app.kubernetes.io/managed-by": "a",
        });
        let probe = json!({"httpGet": {"path": "/health"}});
        json!({
            "kind": "Deployment",
            "metadata": {"name": "a", "namespace": "lists", "labels": labels},
            "spec": {"selector": {"matchLabels": {"app.kubernetes.io/name": "a"}}, "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "automountServiceAccountToken": false, "enableServiceLinks": false,
                    "securityContext": {"runAsNonRoot": true, "runAsUser": 1001, "runAsGroup": 1001,
                        "seccompProfile": {"type": "RuntimeDefault"}},
                    "containers": [{
                        "name": "a", "image": "registry:5000/a:1", "startupProbe": probe, "livenessProbe": probe,
                        "readinessProbe": probe,
                        "resources": {"requests": {"cpu": "1m", "memory": "1Mi"}, "limits": {"memory": "1Mi"}},
                        "securityContext": {"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
                            "capabilities": {"drop": ["ALL"]}},
                    }],
                },
            }},
        })
    }

    #[test]
    fn each_thing_that_is_off_is_found() {
        assert_eq!(breaches(&[good()], &[]), Vec::<String>::new());
        let pod = "/spec/template/spec";
        let container = "/spec/template/spec/containers/0";
        for (place, key, value, part) in [
            ("/metadata", "namespace", json!(null), "namespace"),
            ("/metadata/labels", "app.kubernetes.io/component", json!(null), "component"),
            ("/spec/selector/matchLabels", "app.kubernetes.io/version", json!("1"), "what changes"),
            ("/spec/selector/matchLabels", "app.kubernetes.io/name", json!("b"), "other pods"),
            (pod, "automountServiceAccountToken", json!(null), "token"),
            (pod, "enableServiceLinks", json!(true), "Services"),
            (pod, "hostNetwork", json!(true), "node"),
            (pod, "serviceAccountName", json!("b"), "ServiceAccount b"),
            (pod, "volumes", json!([{"name": "v", "hostPath": {"path": "/"}}]), "folder"),
            (pod, "volumes", json!([{"name": "v", "emptyDir": {}}]), "fill"),
            (pod, "volumes", json!([{"name": "v", "secret": {"secretName": "b"}}]), "Secret b"),
            ("/spec/template/spec/securityContext", "runAsNonRoot", json!(false), "root"),
            ("/spec/template/spec/securityContext", "runAsUser", json!(0), "user"),
            ("/spec/template/spec/securityContext", "seccompProfile", json!(null), "seccomp"),
            (container, "image", json!("registry:5000/a"), "tag"),
            (container, "image", json!("a:latest"), "tag"),
            (container, "readinessProbe", json!(null), "readinessProbe"),
            (container, "livenessProbe", json!({"httpGet": {"path": "/ready"}}), "killed"),
            (container, "envFrom", json!([{"secretRef": {"name": "b"}}]), "environment"),
            (container, "env", json!([{"name": "B_FILE", "value": "/run/secrets/todo-chatbot/B"}]), "B_FILE"),
            ("/spec/template/spec/containers/0/resources/limits", "memory", json!(null), "limit"),
            ("/spec/template/spec/containers/0/securityContext", "allowPrivilegeEscalation", json!(null), "privileges"),
            ("/spec/template/spec/containers/0/securityContext", "readOnlyRootFilesystem", json!(false), "root"),
            (
                "/spec/template/spec/containers/0/securityContext/capabilities",
                "add",
                json!(["NET_RAW"]),
                "capabilities",
            ),
        ] {
            let mut object = good();
            object.pointer_mut(place).unwrap()[key] = value;
            let found = breaches(&[object], &[]);
            assert!(found.len() == 1 && found[0].contains(part), "{key}: {found:?}");
        }
    }

    #[test]
    fn a_service_that_leads_nowhere_is_found() {
        let mut service = good();
        service["kind"] = json!("Service");
        service["spec"] = json!({"selector": {"app.kubernetes.io/name": "a"}, "ports": [{"targetPort": "http"}]});
        assert!(breaches(&[good(), service.clone()], &[])[0].contains("which no pod has"));
        service["spec"]["selector"] = json!({"app.kubernetes.io/name": "b"});
        assert!(breaches(&[good(), service], &[])[0].contains("0 objects"));
    }
}
