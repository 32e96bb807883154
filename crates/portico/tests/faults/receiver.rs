//! An integrator's webhook endpoint that writes down what comes.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex},
};

use axum::{Router, body::Bytes, http::HeaderMap, routing::post};
use portico_testkit::Books;
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    time::{Duration, Instant},
};

use crate::{client::Client, fleet::AbortOnDrop};

/// A dead node's deliveries are sent again when its lease has run out, within 15 s; what a living one took
/// without getting to know of it, within 30 s.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(100);

/// By `webhook-id`.
type Seen = Arc<Mutex<HashMap<String, Delivered>>>;

struct Delivered {
    subject: String,
    sequence: i64,
    times: u64,
}

pub struct Receiver {
    seen: Seen,
    _serving: AbortOnDrop,
}

impl Receiver {
    /// Listens, and is made an endpoint for every event from now on.
    pub async fn of(client: &Client) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let seen = Seen::default();
        let books = seen.clone();
        let take = async move |headers: HeaderMap, body: Bytes| note(&books, &headers, &body);
        let router = Router::new().route("/", post(take));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let endpoint = json!({ "url": url, "types": ["*"] });
        let (status, endpoint) = client.post("webhookEndpoints", &endpoint).await;
        assert_eq!(status, 201, "{endpoint}");
        Self {
            seen,
            _serving: AbortOnDrop::new(serving),
        }
    }

    /// Waits until every event in the books has come, and puts each resource's in order.
    pub async fn prove(&self, books: &Books) {
        let all = books.events().await;
        let deadline = Instant::now() + PATIENCE;
        while self.missing(&all) > 0 {
            let missing = self.missing(&all);
            assert!(Instant::now() < deadline, "{missing} events never come");
            tokio::time::sleep(LOOK).await;
        }
        let seen = self.seen.lock().unwrap();
        let mut orders = BTreeMap::<_, BTreeSet<_>>::new();
        for event in seen.values() {
            orders
                .entry(&event.subject)
                .or_default()
                .insert(event.sequence);
        }
        for (subject, order) in orders {
            let expected = (1..).take(order.len());
            assert!(order.iter().copied().eq(expected), "{subject}: {order:?}");
        }
        let requests: u64 = seen.values().map(|event| event.times).sum();
        println!("{} events delivered by {requests} requests", seen.len());
        assert_eq!(
            seen.len(),
            all.len(),
            "no event came that is not in the books"
        );
    }

    fn missing(&self, all: &[(String, i64)]) -> usize {
        let seen = self.seen.lock().unwrap();
        let here = |(id, sequence): &&(String, i64)| {
            seen.get(id).is_some_and(|it| it.sequence == *sequence)
        };
        all.len() - all.iter().filter(here).count()
    }
}

fn note(seen: &Seen, headers: &HeaderMap, body: &Bytes) {
    let event: Value = serde_json::from_slice(body).unwrap();
    let id = headers["webhook-id"].to_str().unwrap().to_owned();
    assert_eq!(event["id"], id);
    let mut seen = seen.lock().unwrap();
    let delivered = seen.entry(id).or_insert_with(|| Delivered {
        subject: event["subject"].as_str().unwrap().to_owned(),
        sequence: event["sequence"].as_i64().unwrap(),
        times: 0,
    });
    delivered.times += 1;
}
