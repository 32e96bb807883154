//! What a collector is sent, byte for byte as it arrives.

use std::sync::{Arc, Mutex};

use axum::{Router, body::Bytes, routing::post};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest, common::v1::any_value::Value, trace::v1::Span,
};
use prost::Message;

use crate::{integrator::Integrator, support::Home};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// A collector that keeps what it is sent.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Bytes>>>);

impl Collector {
    /// Starts it; where it is.
    async fn start(&self) -> String {
        let kept = self.0.clone();
        let take = post(async move |body: Bytes| kept.lock().expect("no panic").push(body));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port is free");
        let address = listener.local_addr().expect("it listens");
        let router = Router::new().route("/v1/traces", take);
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }

    fn received(&self) -> Vec<Bytes> {
        self.0.lock().expect("no panic").clone()
    }

    fn spans(&self) -> Vec<Span> {
        let decoded = |body: Bytes| ExportTraceServiceRequest::decode(body).expect("traces");
        let all = self.received().into_iter().map(decoded);
        all.flat_map(|request| request.resource_spans)
            .flat_map(|resource| resource.scope_spans)
            .flat_map(|scope| scope.spans)
            .collect()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn attribute(span: &Span, name: &str) -> Option<String> {
    let found = span.attributes.iter().find(|pair| pair.key == name)?;
    match found.value.clone()?.value? {
        Value::StringValue(text) => Some(text),
        Value::IntValue(number) => Some(number.to_string()),
        _ => None,
    }
}

fn children<'s>(spans: &'s [Span], parent: &Span) -> Vec<&'s Span> {
    let of =
        |span: &&Span| span.parent_span_id == parent.span_id && span.trace_id == parent.trace_id;
    spans.iter().filter(of).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_and_jobs_are_traced_and_nothing_personal_is_sent() {
    let collector = Collector::default();
    let home = Home::migrated()
        .with("PORTICO_OTLP_ENDPOINT", &collector.start().await)
        .with("PORTICO_SIMULATOR_TIME_SCALE", "0.01");
    let server = home.serve();
    let integrator = Integrator::of(&home);
    let porting = integrator.bring(&server, "+19595550100").await;
    integrator.wait_for(&server, &porting, "completed").await;
    for path in [
        "/openapi.json?q=SECRETquery",
        "/portal/entry?token=SECRETtoken",
    ] {
        let request = reqwest::Client::new().get(server.url(path));
        let parent = format!("00-{TRACE}-00f067aa0ba902b7-01");
        let sent = request.header("traceparent", parent).send().await;
        sent.expect("an answer");
    }
    let log = tokio::task::spawn_blocking(move || server.stop());
    let log = log.await.expect("it ended well");
    let spans = collector.spans();
    let named = |name: &str| spans.iter().find(|span| span.name == name);

    let created = named("POST /projects/{project}/portings").expect("a request");
    assert_eq!(
        attribute(created, "http.response.status_code").as_deref(),
        Some("201")
    );
    let parts: Vec<_> = children(&spans, created)
        .iter()
        .map(|span| span.name.as_str())
        .collect();
    assert!(
        parts.contains(&"gateway call") && parts.contains(&"transaction"),
        "{parts:?}"
    );
    assert!(
        log.contains(&hex(&created.trace_id)),
        "its lines have its trace"
    );

    let of_kind = |span: &&Span| attribute(span, "kind").as_deref() == Some("porting.submit");
    let job = spans.iter().find(of_kind).expect("a job");
    let called = children(&spans, job)
        .into_iter()
        .find(|span| span.name == "gateway call");
    let called = called.expect("the gateway was called");
    assert_eq!(attribute(called, "call").as_deref(), Some("submit"));

    let continued = named("GET /openapi.json").expect("a request");
    assert_eq!(hex(&continued.trace_id), TRACE, "a program's trace goes on");
    let visit = named("GET /portal/entry").expect("a visit");
    assert_ne!(hex(&visit.trace_id), TRACE, "a browser's does not");

    for body in collector.received() {
        let text = String::from_utf8_lossy(&body).into_owned();
        for personal in ["SECRET", "9021047119", "5550100", "Thora", "example.com"] {
            assert!(!text.contains(personal), "{personal} was sent");
        }
    }
}

/// Nobody listens: requests are answered and the server ends well.
#[tokio::test]
async fn a_collector_that_is_gone_costs_traces_only() {
    let home = Home::migrated().with("PORTICO_OTLP_ENDPOINT", "http://127.0.0.1:9");
    let server = home.serve();
    let answer = reqwest::get(server.url("/openapi.json")).await;
    assert_eq!(answer.expect("an answer").status(), 200);
    let log = server.stop();
    assert!(log.contains("collector: traces were not sent"), "{log}");
}
