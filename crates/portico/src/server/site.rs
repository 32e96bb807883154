//! Which part of the product answers a request.

use std::{any::Any, net::IpAddr, sync::Arc};

use axum::{
    Router, body::Body, extract::Request, middleware::from_fn_with_state, response::Response,
};
use portico_app::App;
use tower::ServiceExt;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{Predicate, SizeAbove},
    },
};

use super::{
    answers::{self, Audience},
    client,
    health::{self, Readiness},
    observe::{Observer, observe},
};
use crate::{cli::Role, config::Network};

/// Below this, what compression saves is less than it costs.
const WORTH_COMPRESSING: u64 = 860;

/// Everything that is served, behind its common layers.
pub struct Site {
    api: Router,
    portal: Router,
    trusted_proxies: Vec<Network>,
    readiness: Readiness,
}

/// What is served, to whom.
pub struct Served {
    /// What this process does.
    pub role: Role,
    /// Whether it should be sent requests.
    pub readiness: Readiness,
    /// Further routes beside the API's.
    pub extra: Option<Router>,
    /// Whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<Network>,
}

impl Site {
    /// The API with its further routes, and Connect; of a process that only works, the probes.
    pub fn new(app: &App, served: Served) -> Self {
        let probes = health::router(app.clone(), served.readiness.clone());
        let (api, portal) = if served.role.serves() {
            let api = portico_api::router(app.clone()).merge(probes);
            let api = api.merge(served.extra.unwrap_or_default());
            (api, portico_connect::router(app.clone()))
        } else {
            (probes, Router::new())
        };
        Self {
            api: layered(api, app, Audience::Program),
            portal: layered(portal, app, Audience::Person),
            trusted_proxies: served.trusted_proxies,
            readiness: served.readiness,
        }
    }

    /// Answers a request that came from `peer`.
    pub async fn answer(&self, mut request: Request, peer: IpAddr) -> Response {
        let client = client::address(request.headers(), peer, &self.trusted_proxies);
        request.extensions_mut().insert(client);
        let router = match Audience::of(request.uri().path()) {
            Audience::Program => &self.api,
            Audience::Person => &self.portal,
        };
        let answered = router.clone().oneshot(request).await;
        let mut answer = answered.unwrap_or_else(|never| match never {});
        if self.readiness.has_ended() {
            // Whoever keeps connections for later must not find this one closed then.
            answers::close(&mut answer);
        }
        answer
    }
}

fn layered(router: Router, app: &App, audience: Audience) -> Router {
    let observer = Observer {
        random: app.db.ambient().random.clone(),
        is_https: app.config.is_https,
        audience,
    };
    let panicked = move |reason: Box<dyn Any + Send + 'static>| broken(&*reason, audience);
    let observed = from_fn_with_state(Arc::new(observer), observe);
    let caught = CatchPanicLayer::custom(panicked);
    let is_worth_it = SizeAbove::new(WORTH_COMPRESSING).and(is_text);
    let compressed = CompressionLayer::new().compress_when(is_worth_it);
    // Together: each layer that a router is given apart is copied and boxed with every request.
    match audience {
        Audience::Program => router.layer((observed, compressed, caught)),
        // Pages know what of them is compressed already.
        Audience::Person => router.layer((observed, caught)),
    }
}

fn broken(reason: &(dyn Any + Send), audience: Audience) -> Response<Body> {
    let reason = match (
        reason.downcast_ref::<&str>(),
        reason.downcast_ref::<String>(),
    ) {
        (Some(text), _) => text,
        (_, Some(text)) => text.as_str(),
        _ => "no reason",
    };
    tracing::error!(reason, "a handler panicked");
    answers::broken(audience)
}

fn is_text(
    _: http::StatusCode,
    _: http::Version,
    headers: &http::HeaderMap,
    _: &http::Extensions,
) -> bool {
    let kind = headers.get(http::header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let mut texts = ["application/json", "text/html"].into_iter();
    texts.any(|text| kind.starts_with(text))
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use portico_testkit::TestApp;

    use super::*;

    async fn answer_of_a_panic(audience: Audience) -> (u16, String) {
        let test = TestApp::new().await;
        let router = Router::new().route("/", get(async || -> () { panic!("of the test") }));
        let request = Request::get("/").body(Body::empty()).expect("a request");
        let answered = layered(router, &test.app, audience).oneshot(request).await;
        let answer = answered.unwrap_or_else(|never| match never {});
        let status = answer.status().as_u16();
        let body = axum::body::to_bytes(answer.into_body(), 100_000)
            .await
            .expect("a body");
        (status, String::from_utf8(body.to_vec()).expect("text"))
    }

    #[tokio::test]
    async fn a_panic_is_answered_and_not_explained() {
        let (status, body) = answer_of_a_panic(Audience::Program).await;
        assert_eq!(status, 500);
        assert!(
            body.contains(r#""type":"internal""#) && !body.contains("of the test"),
            "{body}"
        );
        let (status, body) = answer_of_a_panic(Audience::Person).await;
        assert_eq!(status, 500);
        assert!(body.contains("data-step=\"unavailable\"") && !body.contains("of the test"));
    }
}
