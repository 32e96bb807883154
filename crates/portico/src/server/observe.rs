//! What holds for every request and answer: an id, a time limit for the body, one line in the log,
//! and the headers that make browsers careful.
//!
//! Guarantee: the log holds the route's template, never the path, query, headers or body, so no
//! token, id or typed text reaches it.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use portico_ambient::Random;
use portico_metrics::metrics;
use tracing::Instrument;

use crate::traces;

use super::{
    answers::{self, Audience},
    limited_body::{Fault, Faults, LimitedBody},
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const MAX_REQUEST_ID: usize = 64;

/// What [`observe`] knows of the server.
pub struct Observer {
    pub random: Random,
    pub is_https: bool,
    pub audience: Audience,
}

/// Runs a request and writes its line.
pub async fn observe(
    State(observer): State<Arc<Observer>>,
    request: Request,
    next: Next,
) -> Response {
    let started = std::time::Instant::now();
    let _open = metrics().http.begin_request();
    let id = request_id(request.headers(), &observer.random);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let span = tracing::info_span!(
        "request",
        id = id.to_str().unwrap_or_default(),
        trace_id = tracing::field::Empty,
    );
    let template = route.as_ref().map_or("-", MatchedPath::as_str);
    let caller = (observer.audience == Audience::Program).then_some(request.headers());
    let traced = traces::of_request(template, method.as_str(), caller);
    if let Some(id) = traces::id_of(&traced) {
        span.record("trace_id", id);
    }
    let mut response = async {
        let response = run(&observer, request, next)
            .instrument(traced.clone())
            .await;
        traces::answered(&traced, response.status());
        let route = route.as_ref().map_or("-", MatchedPath::as_str);
        let (status, took) = (response.status().as_u16(), started.elapsed());
        metrics()
            .http
            .answered(route, method.as_str(), status, took);
        tracing::info!(
            target: "portico::access",
            %method,
            route,
            status,
            duration_ms = took.as_secs_f64() * 1_000.0,
            "request"
        );
        response
    }
    .instrument(span)
    .await;
    response.headers_mut().insert(REQUEST_ID, id);
    careful(response.headers_mut(), observer.audience, observer.is_https);
    response
}

async fn run(observer: &Observer, request: Request, next: Next) -> Response {
    let (request, faults) = limit_body(request);
    let response = next.run(request).await;
    // The handler saw a body that broke off and may call that something else.
    match faults.and_then(|faults| faults.get().copied()) {
        Some(Fault::TooSlow) => answers::too_slow(observer.audience),
        Some(Fault::TooLarge) => answers::too_large(observer.audience),
        None => response,
    }
}

fn limit_body(request: Request) -> (Request, Option<Faults>) {
    if axum::body::HttpBody::is_end_stream(request.body()) {
        return (request, None);
    }
    // A client that asks first sends nothing that would have to be thrown away.
    let discards = !request.headers().contains_key(header::EXPECT);
    let faults = Faults::default();
    let limit = |body| Body::new(LimitedBody::new(body, faults.clone(), discards));
    let request = request.map(limit);
    (request, Some(faults))
}

/// The caller's id, if it is harmless, or a new one.
fn request_id(headers: &HeaderMap, random: &Random) -> HeaderValue {
    let is_harmless = |id: &&HeaderValue| {
        let id = id.as_bytes();
        let plain = |c: &u8| c.is_ascii_alphanumeric() || b"._-".contains(c);
        (1..=MAX_REQUEST_ID).contains(&id.len()) && id.iter().all(plain)
    };
    let given = headers.get(REQUEST_ID).filter(is_harmless).cloned();
    given.unwrap_or_else(|| {
        HeaderValue::from_str(&random.base62(22)).expect("base62 digits are fit for a header")
    })
}

/// Headers that hold for every answer; what a handler has set itself stays.
pub fn careful(headers: &mut HeaderMap, audience: Audience, is_https: bool) {
    let mut default = |name: HeaderName, value: &'static str| {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(header::REFERRER_POLICY, "no-referrer");
    let policy = "default-src 'none'; frame-ancestors 'none'";
    default(header::CONTENT_SECURITY_POLICY, policy);
    default(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    if is_https {
        default(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    if audience == Audience::Program {
        default(header::CACHE_CONTROL, "no-store");
    }
}
