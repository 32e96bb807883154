//! Traces: what a request or a job was made of, sent to a collector by OTLP over HTTP.
//!
//! Guarantee: only spans of the target `portico::trace` leave the process, and they hold route
//! templates, methods, statuses, kinds of jobs, providers and ids of resources: no path, query, body
//! or text that a person entered. Log lines are not sent along.
//!
//! Sending is done beside the work: a collector that is slow or gone costs traces, never an answer.
//! A crash loses what was not sent, at most the last seconds.

mod collector;
mod ids;

use http::{HeaderMap, StatusCode};
use opentelemetry::{
    KeyValue,
    propagation::TextMapPropagator,
    trace::{Status, TraceContextExt, TracerProvider},
};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{Sampler, SdkTracerProvider},
};
use portico_ambient::Random;
use tracing::{Level, Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, filter, registry::LookupSpan};

use crate::config::Otlp;

/// What a span's target must be to leave the process.
const TARGET: &str = "portico::trace";

/// Where traces go.
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Sends traces to a collector. Called inside the runtime, which does the sending.
    ///
    /// # Errors
    /// The collector's address cannot be used.
    pub fn to(collector: &Otlp, random: &Random) -> anyhow::Result<Self> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_endpoint(&collector.url)
            .with_http_client(collector::Client::new())
            .build()?;
        let resource = Resource::builder_empty()
            .with_service_name("portico")
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .with_attribute(KeyValue::new("service.instance.id", random.base62(22)));
        let here = Sampler::TraceIdRatioBased(collector.sample_ratio);
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_id_generator(ids::Ids::new(random.clone()))
            .with_sampler(Sampler::ParentBased(Box::new(here)))
            .with_resource(resource.build());
        Ok(Self(provider.build()))
    }

    /// What turns spans into traces.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'s> LookupSpan<'s>,
    {
        let ours = filter::filter_fn(|meta| {
            meta.is_span() && meta.target() == TARGET && *meta.level() <= Level::DEBUG
        });
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("portico"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(ours.with_max_level_hint(Level::DEBUG))
    }

    /// Sends what is left. A collector that does not take it is not waited for longer than a
    /// request to it may take.
    pub async fn end(self) {
        let sent = tokio::task::spawn_blocking(move || self.0.shutdown()).await;
        if !matches!(sent, Ok(Ok(()))) {
            tracing::warn!("the last traces were not sent");
        }
    }
}

/// The span of a request, disabled when nothing is traced. A caller of the API may continue its own
/// trace; a browser may not.
pub fn of_request(route: &str, method: &str, caller: Option<&HeaderMap>) -> Span {
    let span = tracing::debug_span!(
        target: TARGET,
        "request",
        otel.name = tracing::field::Empty,
        otel.kind = "server",
    );
    if span.is_disabled() {
        return span;
    }
    if let Some(headers) = caller {
        let parent = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
        // Refused only for a span that has begun, which this one has not.
        let _ = span.set_parent(parent);
    }
    span.record("otel.name", format!("{method} {route}"));
    span.set_attribute("http.request.method", method.to_owned());
    span.set_attribute("http.route", route.to_owned());
    span
}

/// The id of the trace a span belongs to, for log lines.
pub fn id_of(span: &Span) -> Option<String> {
    if span.is_disabled() {
        return None;
    }
    let context = span.context();
    let context = context.span().span_context().clone();
    context.is_valid().then(|| context.trace_id().to_string())
}

/// How a request ended.
pub fn answered(span: &Span, status: StatusCode) {
    if span.is_disabled() {
        return;
    }
    span.set_attribute("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        span.set_status(Status::error(""));
    }
}
