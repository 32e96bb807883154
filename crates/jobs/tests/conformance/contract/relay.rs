use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::{Bytes, to_bytes},
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
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
}

async fn pass_on(State(relay): State<Relay>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 1_000_000).await.expect("a body");
    let query = head.uri.query().unwrap_or_default().to_owned();
    let (upstream, prefer) = {
        let mut seen = relay.state.lock().expect("no panic");
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
    let is_made_up = prefer.as_deref() == Some("dynamic=true");
    if let Some(prefer) = prefer {
        call = call.header("prefer", prefer);
    }
    let answer = call.body(body).send().await.expect("the server answers");
    let status = answer.status().as_u16();
    let body = answer.bytes().await.expect("a whole answer");
    let body = match is_made_up {
        true => of_the_reference_asked_for(body, &query),
        false => body,
    };
    let status = StatusCode::from_u16(status).expect("a status");
    (status, body).into_response()
}

/// The same orders, with the reference that was asked for: a made-up one would never be asked about.
fn of_the_reference_asked_for(body: Bytes, query: &str) -> Bytes {
    let mut asked = url::form_urlencoded::parse(query.as_bytes());
    let reference = asked.find(|(name, _)| name == "filter[customer_reference]");
    let Ok(mut answer) = serde_json::from_slice::<Json>(&body) else {
        return body;
    };
    if let Some((_, reference)) = reference {
        for order in answer["data"].as_array_mut().into_iter().flatten() {
            order["customer_reference"] = Json::from(&*reference);
        }
    }
    answer.to_string().into()
}
