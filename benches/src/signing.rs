//! The ceilings of webhooks: closed loops that sign a body of an event's size and post it. One is
//! written as anybody would, with the libraries for it; one writes the bytes of its requests itself.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use anyhow::ensure;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hdrhistogram::Histogram;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Client, StatusCode};
use sha2::Sha256;
use standardwebhooks::Webhook;

use crate::load::{Load, Measured, Requests, latencies};

/// What `connectSession.created` takes on the wire.
const BODY: usize = 900;
const KEY: [u8; 32] = [7; 32];
const TIME: i64 = 1_795_460_400;
const TYPE: &str = "application/cloudevents+json";

/// A loop on `connections` connections for as long as `duration`.
#[derive(Clone, Copy)]
pub struct Loop {
    /// The sink.
    pub address: SocketAddr,
    /// Each with one post at a time.
    pub connections: usize,
    /// How long.
    pub duration: Duration,
}

fn body() -> String {
    format!(r#"{{"id":"evt","data":"{}"}}"#, "x".repeat(BODY))
}

fn id_of(number: u64) -> String {
    format!("evt_{number:028}")
}

impl Loop {
    /// Signs with the library of Standard Webhooks, and posts with reqwest.
    ///
    /// # Errors
    /// A connection broke, or an answer was not 200.
    pub fn run(self) -> anyhow::Result<Measured> {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        runtime.enable_all().build()?.block_on(self.run_here())
    }

    async fn run_here(self) -> anyhow::Result<Measured> {
        let started = Instant::now();
        let poster = Poster {
            // Whatever the environment says.
            client: Client::builder().no_proxy().build()?,
            url: format!("http://{}/hook", self.address),
            body: body(),
            numbers: Arc::default(),
            until: started + self.duration,
        };
        let tasks: Vec<_> = (0..self.connections)
            .map(|_| tokio::spawn(poster.clone().run()))
            .collect();
        let mut all = latencies();
        for task in tasks {
            all.add(task.await.expect("a poster does not panic")?)?;
        }
        Ok(Measured {
            rate: all.len() as f64 / started.elapsed().as_secs_f64(),
            count: all.len(),
            latencies: all,
        })
    }

    /// Does as little as can be done: keys are made ready once, requests are bytes, and of an answer
    /// nothing but its head is read.
    ///
    /// # Errors
    /// As [`Loop::run`].
    pub fn run_bytes(self) -> anyhow::Result<Measured> {
        let Self {
            address,
            connections,
            duration,
        } = self;
        let load = Load {
            address,
            connections,
            duration,
            first: 0,
            requests: requests(address),
            status: 200,
        };
        load.run()
    }
}

#[derive(Clone)]
struct Poster {
    client: Client,
    url: String,
    body: String,
    numbers: Arc<AtomicU64>,
    until: Instant,
}

impl Poster {
    async fn run(self) -> anyhow::Result<Histogram<u64>> {
        let webhook = Webhook::from_bytes(KEY.to_vec())?;
        let (mut seen, mut now) = (latencies(), Instant::now());
        while now < self.until {
            let id = id_of(self.numbers.fetch_add(1, Relaxed));
            let signature = webhook.sign(&id, TIME, self.body.as_bytes())?;
            let post = self
                .client
                .post(&self.url)
                .header("content-type", TYPE)
                .header("webhook-id", id)
                .header("webhook-timestamp", TIME)
                .header("webhook-signature", signature)
                .body(self.body.clone());
            let answer = post.send().await?;
            ensure!(answer.status() == StatusCode::OK, "{}", answer.status());
            answer.bytes().await?;
            let then = Instant::now();
            seen.saturating_record(u64::try_from((then - now).as_nanos())?);
            now = then;
        }
        Ok(seen)
    }
}

fn requests(address: SocketAddr) -> Requests {
    let key = Hmac::<Sha256>::new_from_slice(&KEY).expect("HMAC takes keys of every length");
    let (body, time) = (body(), TIME.to_string());
    Arc::new(move |number, request| {
        use std::io::Write;
        let id = id_of(number);
        let mut mac = key.clone();
        for part in [&id, ".", &time, ".", &body] {
            mac.update(part.as_bytes());
        }
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        write!(
            request,
            "POST /hook HTTP/1.1\r\nhost: {address}\r\nuser-agent: bench\r\ncontent-type: {TYPE}\r\n\
             webhook-id: {id}\r\nwebhook-timestamp: {time}\r\nwebhook-signature: v1,{signature}\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        )
        .expect("memory can be written to");
    })
}
