//! `OTEL_*`: where traces go, by the names of OpenTelemetry's specification ("SDK Environment Variables" and "OTLP
//! Exporter Configuration"). Without an endpoint none are made. Absent: gRPC and JSON, and OpenTelemetry's metrics and
//! logs, for `/metrics` and the log are there.

use super::{BadSetting, Secret, Values, bad};
use percent_encoding::percent_decode_str;

/// What is traced and where it goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Traces {
    /// Where spans are sent: `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, or `OTEL_EXPORTER_OTLP_ENDPOINT` with `/v1/traces`.
    pub endpoint: String,
    /// `OTEL_EXPORTER_OTLP_HEADERS`.
    pub headers: Vec<(String, Secret)>,
    /// `OTEL_SERVICE_NAME`, default `todo-chatbot`.
    pub service: String,
    /// `OTEL_RESOURCE_ATTRIBUTES`.
    pub resource: Vec<(String, String)>,
    /// `OTEL_TRACES_SAMPLER_ARG`: which part of the traces that begin here is kept, 0 to 1.
    pub ratio: f64,
    /// Whether a caller that has decided is followed: the samplers that begin with `parentbased_`.
    pub parent_decides: bool,
}

pub(super) fn read(values: &Values) -> Result<Option<Traces>, BadSetting> {
    if values.word("OTEL_SDK_DISABLED", &[("true", true), ("false", false)], false)? {
        return Ok(None);
    }
    let Some(endpoint) = endpoint(values)? else { return Ok(None) };
    for name in ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"] {
        values.word(name, &[("http/protobuf", ())], ())?;
    }
    let headers =
        pairs(values, "OTEL_EXPORTER_OTLP_HEADERS", &|name, _| http::HeaderName::from_bytes(name.as_bytes()).is_ok())?;
    let resource = pairs(values, "OTEL_RESOURCE_ATTRIBUTES", &|_, _| true)?;
    let named = resource.iter().find(|(name, _)| name == "service.name").map(|(_, value)| value.clone());
    let (parent_decides, ratio) = sampler(values)?;
    Ok(Some(Traces {
        endpoint,
        headers: headers.into_iter().map(|(name, value)| (name, Secret(value))).collect(),
        service: values.get("OTEL_SERVICE_NAME")?.or(named).unwrap_or_else(|| "todo-chatbot".into()),
        resource,
        ratio,
        parent_decides,
    }))
}

fn endpoint(values: &Values) -> Result<Option<String>, BadSetting> {
    let own = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    let (name, given, path) = match values.get(own)? {
        Some(given) => (own, given, ""),
        None => match values.get("OTEL_EXPORTER_OTLP_ENDPOINT")? {
            Some(given) => ("OTEL_EXPORTER_OTLP_ENDPOINT", given, "/v1/traces"),
            None => return Ok(None),
        },
    };
    let url = url::Url::parse(&given).ok().filter(|u| matches!(u.scheme(), "http" | "https") && u.has_host());
    if url.is_none() {
        return Err(bad(name, &given, "an address such as http://collector:4318"));
    }
    Ok(Some(format!("{}{path}", given.trim_end_matches('/'))))
}

/// `name=value,name=value`, the values percent-encoded (W3C Baggage).
fn pairs(values: &Values, name: &str, fits: &dyn Fn(&str, &str) -> bool) -> Result<Vec<(String, String)>, BadSetting> {
    let list = values.get(name)?.unwrap_or_default();
    let items = list.split(',').map(str::trim).filter(|item| !item.is_empty());
    let pair = |item: &str| {
        let (key, value) = item.split_once('=')?;
        let (key, value) = (key.trim(), percent_decode_str(value.trim()).decode_utf8().ok()?.into_owned());
        (!key.is_empty() && fits(key, &value)).then(|| (key.to_owned(), value))
    };
    // The values may be secrets, so none is repeated.
    let wrong = || BadSetting(format!("{name} cannot be used: allowed is name=value, several separated by commas"));
    items.map(|item| pair(item).ok_or_else(wrong)).collect()
}

fn sampler(values: &Values) -> Result<(bool, f64), BadSetting> {
    const WORDS: &[(&str, (bool, Option<f64>))] = &[
        ("parentbased_always_on", (true, Some(1.0))),
        ("parentbased_always_off", (true, Some(0.0))),
        ("parentbased_traceidratio", (true, None)),
        ("always_on", (false, Some(1.0))),
        ("always_off", (false, Some(0.0))),
        ("traceidratio", (false, None)),
    ];
    let (parent, fixed) = values.word("OTEL_TRACES_SAMPLER", WORDS, (true, Some(1.0)))?;
    let Some(text) = values.get("OTEL_TRACES_SAMPLER_ARG")? else { return Ok((parent, fixed.unwrap_or(1.0))) };
    let ratio = text.parse().ok().filter(|ratio| (0.0..=1.0).contains(ratio));
    let ratio = ratio.ok_or_else(|| bad("OTEL_TRACES_SAMPLER_ARG", &text, "a number from 0 to 1"))?;
    Ok((parent, fixed.unwrap_or(ratio)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_from(pairs: &[(&str, &str)]) -> Result<Option<Traces>, BadSetting> {
        read(&Values(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()))
    }

    #[test]
    fn nothing_is_traced_without_an_endpoint() {
        assert_eq!(read_from(&[]), Ok(None));
        assert_eq!(read_from(&[("OTEL_SERVICE_NAME", "todo")]), Ok(None));
        let off = [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"), ("OTEL_SDK_DISABLED", "true")];
        assert_eq!(read_from(&off), Ok(None));
    }

    #[test]
    fn the_standard_names_are_read_as_they_are_meant() {
        let traces = read_from(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318/"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20abc, x-team=todo"),
            ("OTEL_RESOURCE_ATTRIBUTES", "service.name=todo-eu,deployment.environment.name=prod"),
            ("OTEL_TRACES_SAMPLER", "traceidratio"),
            ("OTEL_TRACES_SAMPLER_ARG", "0.25"),
        ]);
        let traces = traces.expect("fine").expect("an endpoint");
        assert_eq!(traces.endpoint, "http://collector:4318/v1/traces");
        assert_eq!(traces.headers[0], ("authorization".to_owned(), Secret::new("Bearer abc")));
        assert_eq!((traces.service.as_str(), traces.resource.len()), ("todo-eu", 2));
        assert_eq!((traces.parent_decides, traces.ratio), (false, 0.25));
        assert!(!format!("{traces:?}").contains("abc"));

        let own = [("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://traces.example.org/in")];
        let own = read_from(&own).expect("fine").expect("an endpoint");
        assert_eq!((own.endpoint.as_str(), own.ratio), ("https://traces.example.org/in", 1.0));
        assert_eq!(own.service, "todo-chatbot");
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");
        for (pairs, part) in [
            (vec![("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317")], "OTEL_EXPORTER_OTLP_ENDPOINT"),
            (vec![endpoint, ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")], "allowed is http/protobuf"),
            (vec![endpoint, ("OTEL_TRACES_SAMPLER", "sometimes")], "parentbased_traceidratio"),
            (vec![endpoint, ("OTEL_TRACES_SAMPLER_ARG", "2")], "0 to 1"),
            (vec![endpoint, ("OTEL_EXPORTER_OTLP_HEADERS", "Bearer secret")], "name=value"),
        ] {
            let said = read_from(&pairs).expect_err(part).to_string();
            assert!(said.contains(part) && !said.contains("secret"), "{said}");
        }
    }
}
