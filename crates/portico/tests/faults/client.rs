//! An integrator's client that does what the documentation asks of one: an `Idempotency-Key` on
//! every POST, and the same request again, at another node, when there was no answer or a 5xx.

use std::{
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use portico_ambient::Random;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use tokio::time::Instant;

use crate::fleet::{Addresses, Fleet};

/// No request may take longer, whatever is broken.
pub const LONGEST_REQUEST: Duration = Duration::from_secs(30);
/// How long a call is repeated before the test gives up.
const PATIENCE: Duration = Duration::from_secs(90);
/// What a client waits before it asks again.
const PAUSE: Duration = Duration::from_millis(50);

/// What the clients of a test met.
#[derive(Default)]
pub struct Tally {
    pub sent: AtomicU64,
    pub acknowledged: AtomicU64,
    /// Nobody listened: nothing was begun.
    pub refused: AtomicU64,
    /// The connection broke before the answer.
    pub broken: AtomicU64,
    /// Answers of the 500s.
    pub unavailable: AtomicU64,
    /// Two requests with one key met.
    pub in_use: AtomicU64,
    /// The slowest single request.
    slowest: Mutex<Duration>,
    /// The longest time from a call's first request to its answer.
    longest_wait: Mutex<Duration>,
    /// When a request last failed.
    last_trouble: Mutex<Option<Instant>>,
}

impl Tally {
    pub fn slowest(&self) -> Duration {
        *self.slowest.lock().unwrap()
    }

    pub fn longest_wait(&self) -> Duration {
        *self.longest_wait.lock().unwrap()
    }

    /// When a request last failed.
    pub fn last_trouble(&self) -> Option<Instant> {
        *self.last_trouble.lock().unwrap()
    }

    fn trouble(&self, kind: &AtomicU64) {
        kind.fetch_add(1, Relaxed);
        *self.last_trouble.lock().unwrap() = Some(Instant::now());
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} requests sent, {} acknowledged; {} connections refused, {} broken, {} answers of \
             the 500s, {} keys in use; slowest request {:.1?}, longest wait for an answer {:.1?}",
            self.sent.load(Relaxed),
            self.acknowledged.load(Relaxed),
            self.refused.load(Relaxed),
            self.broken.load(Relaxed),
            self.unavailable.load(Relaxed),
            self.in_use.load(Relaxed),
            self.slowest(),
            self.longest_wait(),
        )
    }
}

/// A client of every node. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    addresses: Arc<Addresses>,
    key: String,
    pub tally: Arc<Tally>,
}

impl Client {
    pub fn of(fleet: &Fleet) -> Self {
        Self {
            http: reqwest::Client::builder()
                .timeout(LONGEST_REQUEST)
                .build()
                .unwrap(),
            addresses: fleet.addresses.clone(),
            key: fleet.key.clone(),
            tally: Arc::default(),
        }
    }

    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        self.call(Method::POST, path, Some(body)).await
    }

    /// A PATCH has no idempotency key: when one is repeated, the caller may find it done.
    pub async fn patch(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        self.call(Method::PATCH, path, Some(body)).await
    }

    /// The answer to a request, which is sent until there is one.
    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        let begun = Instant::now();
        let idempotency_key = Random::system().base62(22);
        loop {
            if let Some((status, body)) = self.once(&method, path, body, &idempotency_key).await {
                let mut longest = self.tally.longest_wait.lock().unwrap();
                *longest = begun.elapsed().max(*longest);
                return (status, body);
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "{method} {path} is never answered"
            );
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn once(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
        idempotency_key: &str,
    ) -> Option<(StatusCode, Value)> {
        let address = self.addresses.next()?;
        let url = format!("http://{address}/projects/acme/{path}");
        let mut request = self.http.request(method.clone(), url);
        request = request.bearer_auth(&self.key);
        if *method == Method::POST {
            request = request.header("Idempotency-Key", idempotency_key);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        self.tally.sent.fetch_add(1, Relaxed);
        let begun = Instant::now();
        let answer = self.answer(request).await;
        let mut slowest = self.tally.slowest.lock().unwrap();
        *slowest = begun.elapsed().max(*slowest);
        answer
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> Option<(StatusCode, Value)> {
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => return self.failed(&error),
        };
        let status = answer.status();
        let body: Value = match answer.json().await {
            Ok(body) => body,
            Err(error) => return self.failed(&error),
        };
        if status.is_server_error() {
            assert_eq!(status, 503, "{body}");
            self.tally.trouble(&self.tally.unavailable);
            return None;
        }
        if status == StatusCode::CONFLICT {
            self.tally.in_use.fetch_add(1, Relaxed);
            return None;
        }
        if status.is_success() {
            self.tally.acknowledged.fetch_add(1, Relaxed);
        }
        Some((status, body))
    }

    fn failed(&self, error: &reqwest::Error) -> Option<(StatusCode, Value)> {
        assert!(
            !error.is_timeout(),
            "no answer within {LONGEST_REQUEST:?}: {error}"
        );
        if error.is_connect() {
            self.tally.refused.fetch_add(1, Relaxed);
        } else {
            self.tally.trouble(&self.tally.broken);
        }
        None
    }
}
