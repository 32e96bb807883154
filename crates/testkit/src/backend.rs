//! A backend of an operator's that speaks Portico's carrier protocol on loopback, keeps books, and
//! behaves as badly as a test wants.

use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::{Value as Json, json};
use standardwebhooks::Webhook;
use tokio::net::TcpListener;

/// The secret that the backend knows calls by.
pub const SECRET: &str = "whsec_cG9ydGljbyB0ZXN0IHNlY3JldCwgbmV2ZXIgZm9yIHJlYWw=";

/// How the next request goes wrong, or is answered in a way of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Nothing is done, and no answer comes.
    Silence,
    /// It is taken, and no answer comes.
    TakenButSilence,
    /// It is taken, and answered with this.
    Taken(u16, Json),
    /// Nothing is done, and this is answered.
    Refused(u16, String),
}

/// The backend. Cheap to clone; clones are the same.
#[derive(Clone)]
pub struct FakeBackend {
    address: SocketAddr,
    books: Arc<Mutex<Books>>,
}

#[derive(Default)]
struct Books {
    requests: BTreeMap<String, Request>,
    next: VecDeque<Answer>,
    messages: Vec<Json>,
}

/// What is known of one attempt.
#[derive(Default)]
struct Request {
    times: usize,
    is_canceled: bool,
    updates: Vec<Json>,
}

impl FakeBackend {
    /// A backend on a port of its own; it ends with the runtime. It takes requests and says that the
    /// carrier has them.
    ///
    /// # Panics
    /// There is no free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let fake = Self {
            address: listener.local_addr().expect("a bound socket"),
            books: Arc::default(),
        };
        let routes = Router::new()
            .route("/portico", post(receive))
            .with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        fake
    }

    /// Where it is called.
    pub fn url(&self) -> String {
        format!("http://{}/portico", self.address)
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().expect("no holder of this lock panics")
    }

    /// Answers the next request that is handed to it like that.
    pub fn next(&self, answer: Answer) {
        self.books().next.push_back(answer);
    }

    /// Learns something about an attempt, and tells it only when it is asked.
    pub fn learn(&self, reference: &str, update: Json) {
        let mut books = self.books();
        let request = books.requests.entry(reference.to_owned()).or_default();
        request.updates.push(update);
    }

    /// How often an attempt was handed to it and taken.
    pub fn taken(&self, reference: &str) -> usize {
        let books = self.books();
        books.requests.get(reference).map_or(0, |it| it.times)
    }

    /// Whether an attempt was called off.
    pub fn is_canceled(&self, reference: &str) -> bool {
        let books = self.books();
        books
            .requests
            .get(reference)
            .is_some_and(|it| it.is_canceled)
    }

    /// Every message it was sent, oldest first.
    pub fn messages(&self) -> Vec<Json> {
        self.books().messages.clone()
    }

    /// What is to be answered; `None` for silence.
    fn answer(&self, message: &Json) -> Option<(u16, Json)> {
        let mut books = self.books();
        books.messages.push(message.clone());
        let reference = message["reference"].as_str().unwrap_or_default();
        match message["type"].as_str() {
            Some("submitPorting") => {
                let usual = Answer::Taken(200, accepted());
                let next = books.next.pop_front().unwrap_or(usual);
                if let Answer::Refused(status, text) = next {
                    return Some((status, serde_json::from_str(&text).unwrap_or(json!(text))));
                }
                if next == Answer::Silence {
                    return None;
                }
                let request = books.requests.entry(reference.to_owned()).or_default();
                request.times += 1;
                match next {
                    Answer::Taken(status, body) => {
                        if status == 200 {
                            request.updates.push(body.clone());
                        }
                        Some((status, body))
                    }
                    _ => {
                        request.updates.push(accepted());
                        None
                    }
                }
            }
            Some("lookUpPorting") => {
                let known = books.requests.get(reference);
                let updates = known.map(|it| it.updates.clone()).unwrap_or_default();
                Some((200, json!({ "known": known.is_some(), "updates": updates })))
            }
            Some("cancelPorting") => {
                if let Some(request) = books.requests.get_mut(reference) {
                    request.is_canceled = true;
                }
                Some((200, json!({})))
            }
            Some("checkPortability") => Some((200, json!({ "portable": true }))),
            _ => Some((400, json!({}))),
        }
    }
}

/// What the carrier behind the backend says to a request that it takes.
fn accepted() -> Json {
    json!({ "type": "accepted", "id": "accepted" })
}

async fn receive(State(fake): State<FakeBackend>, headers: HeaderMap, body: Bytes) -> Response {
    if !is_signed(&headers, &body) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let message: Json = serde_json::from_slice(&body).expect("messages are JSON");
    if message["type"] == "submitPorting" {
        assert_eq!(
            headers["webhook-id"],
            *message["reference"].as_str().expect("text")
        );
    }
    match fake.answer(&message) {
        Some((status, body)) => {
            let status = StatusCode::from_u16(status).expect("a status");
            (status, axum::Json(body)).into_response()
        }
        None => std::future::pending().await,
    }
}

/// Whether we signed it. When is not looked at: the clock of a test is its own.
fn is_signed(headers: &HeaderMap, body: &[u8]) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let (Some(id), Some(signature)) = (text("webhook-id"), text("webhook-signature")) else {
        return false;
    };
    let second = text("webhook-timestamp").and_then(|text| text.parse().ok());
    let Some(second) = second else { return false };
    let webhook = Webhook::new(SECRET).expect("a well-formed secret");
    let expected = webhook.sign(id, second, body).expect("JSON is text");
    signature == expected
}
