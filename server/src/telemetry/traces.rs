//! Traces by OpenTelemetry, sent by OTLP over HTTP in batches (`OTEL_*`). A caller's trace goes on here (W3C Trace Context).
//!
//! Spans of traces have a target of their own, [`TARGET`], so that the log does not change with them and that they cost
//! nothing where nobody wants them. They name routes, tools and models; nothing that somebody wrote, and nobody's id.

use crate::config::{BadSetting, Traces};
use http::HeaderMap;
use opentelemetry::{
    KeyValue,
    propagation::TextMapPropagator as _,
    trace::{TraceContextExt as _, TracerProvider as _},
};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    runtime,
    trace::{Sampler, SdkTracer, SdkTracerProvider, span_processor_with_async_runtime::BatchSpanProcessor},
};
use std::time::Duration;
use tracing::{Metadata, Span};
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt as _};
use tracing_subscriber::{
    Layer, Registry,
    filter::{FilterFn, Filtered, filter_fn},
};

/// The target of every span that is traced.
pub const TARGET: &str = "otel";

/// For one batch.
const PATIENCE: Duration = Duration::from_secs(10);
/// For the last ones, at the end.
const LAST: Duration = Duration::from_secs(3);

/// What puts spans into traces.
type Traced = Filtered<OpenTelemetryLayer<Registry, SdkTracer>, FilterFn, Registry>;

/// What sends them.
#[derive(Debug)]
pub struct Exporter(SdkTracerProvider);

impl Exporter {
    /// Starts it; nobody is contacted yet. It works in the runtime that is entered.
    pub(super) fn start(traces: &Traces) -> Result<(Self, Traced), BadSetting> {
        let failed = |e: &dyn std::fmt::Display| BadSetting(format!("OTEL_EXPORTER_OTLP_* cannot be used: {e}"));
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(crate::tls::client())
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .map_err(|e| failed(&e))?;
        let headers = traces.headers.iter().map(|(name, value)| (name.clone(), value.expose().to_owned())).collect();
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_endpoint(&traces.endpoint)
            .with_headers(headers)
            .with_timeout(PATIENCE)
            .build()
            .map_err(|e| failed(&e))?;
        let resource = Resource::builder_empty()
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .with_attributes(traces.resource.iter().map(|(name, value)| KeyValue::new(name.clone(), value.clone())))
            .with_service_name(traces.service.clone())
            .build();
        let own = Sampler::TraceIdRatioBased(traces.ratio);
        let provider = SdkTracerProvider::builder()
            .with_span_processor(BatchSpanProcessor::builder(exporter, runtime::Tokio).build())
            .with_resource(resource)
            .with_sampler(if traces.parent_decides { Sampler::ParentBased(Box::new(own)) } else { own })
            .build();
        let layer = tracing_opentelemetry::layer()
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_level(false)
            .with_tracked_inactivity(false)
            .with_tracer(provider.tracer("todo-chatbot"))
            .with_filter(filter_fn(is_traced as fn(&Metadata<'_>) -> bool));
        Ok((Self(provider), layer))
    }

    /// Sends what is not sent yet.
    pub(super) async fn finish(self) {
        // It waits for its own task, so not where that may have to run.
        let ended = tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(LAST)).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::warn!("the last traces could not be sent");
        }
    }
}

fn is_traced(what: &Metadata<'_>) -> bool {
    what.is_span() && what.target() == TARGET
}

/// Lets a request's span go on with the trace its headers name, and answers the trace's id for the log: also that of a
/// caller whose trace does not go on here.
pub fn follow(span: &Span, headers: &HeaderMap) -> Option<String> {
    if span.is_disabled() {
        let given = headers.get("traceparent")?.to_str().ok()?.split('-').nth(1)?;
        let sane = given.len() == 32 && given.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        return sane.then(|| given.to_owned());
    }
    let parent = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
    // It has not begun yet, which is the only way this can fail.
    let _ = span.set_parent(parent);
    let context = span.context();
    let id = context.span().span_context().trace_id();
    Some(id.to_string())
}
