//! A closed loop over kept-alive connections: each sends its next request when it has its answer.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use hdrhistogram::Histogram;

use crate::http::Connection;

/// Writes the request with that number.
pub type Requests = Arc<dyn Fn(u64, &mut Vec<u8>) + Send + Sync>;

/// Is given the body of each answer and when its request was sent.
pub type Note = Arc<dyn Fn(&[u8], Instant) + Send + Sync>;

/// What is done to a server.
#[derive(Clone)]
pub struct Load {
    /// The server.
    pub address: SocketAddr,
    /// Connections, each with one request at a time.
    pub connections: usize,
    /// How long.
    pub duration: Duration,
    /// The number of the first request; later ones follow without gaps.
    pub first: u64,
    /// What is sent.
    pub requests: Requests,
    /// The status that an answer has to have; others are refusals.
    pub status: u16,
}

/// How a load is held back, and who is told of its answers.
#[derive(Clone)]
pub struct Paced {
    /// Requests in a second, of all connections together; none means as many as it takes.
    pub rate: Option<f64>,
    /// Who is told of each answer.
    pub note: Note,
}

/// What came of it.
pub struct Measured {
    /// Answers in a second.
    pub rate: f64,
    /// Answers with the right status; only these count in `rate` and `latencies`.
    pub count: u64,
    /// Nanoseconds from request to answer.
    pub latencies: Histogram<u64>,
}

impl Measured {
    /// The latency that `share` of the requests stay under, in milliseconds.
    pub fn milliseconds(&self, share: f64) -> f64 {
        self.latencies.value_at_quantile(share) as f64 / 1e6
    }
}

/// An empty record of latencies up to a minute, to three digits.
pub fn latencies() -> Histogram<u64> {
    Histogram::new_with_bounds(1_000, 60_000_000_000, 3).expect("the bounds are in order")
}

impl Load {
    /// Runs it on one thread of its own.
    ///
    /// # Errors
    /// A connection broke, or more than one answer in a hundred had another status.
    pub fn run(&self) -> anyhow::Result<Measured> {
        self.run_paced(Paced {
            rate: None,
            note: Arc::new(|_, _| {}),
        })
    }

    /// The same, held back.
    ///
    /// # Errors
    /// As [`Load::run`].
    pub fn run_paced(&self, paced: Paced) -> anyhow::Result<Measured> {
        let load = self.clone();
        let thread = std::thread::spawn(move || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            runtime.enable_all().build()?.block_on(load.run_here(paced))
        });
        thread.join().expect("the generator does not panic")
    }

    async fn run_here(self, paced: Paced) -> anyhow::Result<Measured> {
        let mut open = Vec::new();
        for _ in 0..self.connections {
            open.push(Connection::open(self.address).await?);
        }
        let numbers = Arc::new(std::sync::atomic::AtomicU64::new(self.first));
        let started = Instant::now();
        let pause = paced
            .rate
            .map(|rate| Duration::from_secs_f64(self.connections as f64 / rate));
        let way = Way {
            numbers,
            started,
            pause,
            note: paced.note,
        };
        let tasks: Vec<_> = open
            .into_iter()
            .map(|connection| tokio::spawn(client(self.clone(), connection, way.clone())))
            .collect();
        let (mut all, mut refusals) = (latencies(), Vec::new());
        for task in tasks {
            let seen = task.await.expect("a client does not panic")?;
            all.add(seen.latencies)?;
            refusals.extend(seen.refusals);
        }
        let (count, refused) = (all.len(), refusals.len() as u64);
        let rate = count as f64 / started.elapsed().as_secs_f64();
        if let Some(refusal) = refusals.first() {
            eprintln!(
                "  {refused} of {} were refused, such as: {refusal}",
                count + refused
            );
        }
        if refused * 100 > count {
            bail!("more than one in a hundred was refused");
        }
        Ok(Measured {
            rate,
            count,
            latencies: all,
        })
    }
}

/// What the connections of a load share.
#[derive(Clone)]
struct Way {
    numbers: Arc<std::sync::atomic::AtomicU64>,
    started: Instant,
    /// From one request of a connection to its next.
    pause: Option<Duration>,
    note: Note,
}

/// What one connection saw.
struct Seen {
    latencies: Histogram<u64>,
    refusals: Vec<String>,
}

async fn client(load: Load, mut connection: Connection, way: Way) -> anyhow::Result<Seen> {
    let (mut latencies, mut refusals, mut request) = (latencies(), Vec::new(), Vec::new());
    let mut now = Instant::now();
    while now.duration_since(way.started) < load.duration {
        let sent = now;
        let number = way
            .numbers
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        request.clear();
        (load.requests)(number, &mut request);
        let answer = connection
            .exchange(&request)
            .await
            .context("a request broke off")?;
        (way.note)(answer.body, now);
        let refusal = (answer.status != load.status)
            .then(|| format!("{} {}", answer.status, String::from_utf8_lossy(answer.body)));
        let then = Instant::now();
        match refusal {
            Some(refusal) => refusals.push(refusal),
            None => latencies.saturating_record(u64::try_from((then - now).as_nanos())?),
        }
        now = then;
        if let Some(pause) = way.pause {
            // The next one is due a pause after this one was sent, however long it took.
            tokio::time::sleep_until((sent + pause).into()).await;
            now = Instant::now();
        }
    }
    Ok(Seen {
        latencies,
        refusals,
    })
}
