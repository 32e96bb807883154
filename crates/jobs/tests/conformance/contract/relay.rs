use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::{Bytes, to_bytes},
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use portico_carrier::{Gateway, GatewayError, Progress};
use serde_json::Value as Json;
use tokio::net::TcpListener;

/// One request as it was sent.
#[derive(Debug, Clone)]
pub struct Sent {
    pub method: String,
    pub path: String,
    /// Names of the query's parameters.
    pub query: Vec<String>,
    pub body: Option<Json>,
}

/// Stands before a server, writes down what it is asked, and can ask it to prefer an answer.
#[derive(Clone)]
pub struct Relay {
    url: String,
    state: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    upstream: String,
    prefer: Option<String>,
    calls: Vec<Sent>,
    last_reference: Option<String>,
}

impl Relay {
    pub async fn to(upstream: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket");
        let relay = Self {
            url: format!("http://{address}"),
            state: Arc::new(Mutex::new(Seen {
                upstream: upstream.to_owned(),
                ..Seen::default()
            })),
        };
        let router = Router::new().fallback(pass_on).with_state(relay.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        relay
    }

    pub fn url(&self) -> String {
        self.url.clone()
    }

    pub fn prefer(&self, what: &str) {
        self.state.lock().expect("no panic").prefer = Some(what.to_owned());
    }

    pub fn calls(&self) -> Vec<Sent> {
        self.state.lock().expect("no panic").calls.clone()
    }

    /// How an attempt stands that an order was just made up for.
    pub async fn any_orders(&self, gateway: &Arc<dyn Gateway>) -> Result<Progress, GatewayError> {
        let reference = self.state.lock().expect("no panic").last_reference.clone();
        gateway.progress(&reference.unwrap_or_default()).await
    }
}

async fn pass_on(State(relay): State<Relay>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 1_000_000).await.expect("a body");
    let (upstream, prefer) = {
        let mut seen = relay.state.lock().expect("no panic");
        let query = head.uri.query().unwrap_or_default();
        let names = url::form_urlencoded::parse(query.as_bytes());
        seen.calls.push(Sent {
            method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            query: names.map(|(name, _)| name.into_owned()).collect(),
            body: serde_json::from_slice(&body).ok(),
        });
        (seen.upstream.clone(), seen.prefer.clone())
    };
    let mut call = reqwest::Client::new().request(head.method, format!("{upstream}{}", head.uri));
    for name in ["authorization", "content-type"] {
        if let Some(value) = head.headers.get(name) {
            call = call.header(name, value);
        }
    }
    if let Some(prefer) = prefer {
        call = call.header("prefer", prefer);
    }
    let answer = call.body(body).send().await.expect("the server answers");
    let status = answer.status().as_u16();
    let body = answer.bytes().await.expect("a whole answer");
    relay.remember(&body);
    let status = StatusCode::from_u16(status).expect("a status");
    (status, body).into_response()
}

impl Relay {
    /// Made-up orders are asked about again by the reference they were given.
    fn remember(&self, body: &Bytes) {
        let Ok(body) = serde_json::from_slice::<Json>(body) else {
            return;
        };
        let reference = body["data"][0]["customer_reference"].as_str();
        if let Some(reference) = reference {
            let reference = Some(reference.to_owned());
            self.state.lock().expect("no panic").last_reference = reference;
        }
    }
}
