//! What is counted and timed, and its Prometheus text.
//!
//! Guarantee: a label is a route's template, a method, a class of statuses, a provider or a name
//! from the code: never an id, a number, an address, a URL or anything a person typed. So the
//! number of series is bounded and none of them tells about a person.
//!
//! There is one set of counters in a process, so they are kept in one static: counting needs no
//! handle in every signature. A crash or restart begins at zero again, as Prometheus expects.
//!
//! Counting is a look-up in a small map and an atomic addition; nothing here waits or allocates,
//! except the first time a series is seen.

mod buckets;
mod changes;
mod database;
mod gateways;
mod http;
mod jobs;
mod process;
mod queue;
mod webhooks;

use std::sync::LazyLock;

pub use changes::Changes;
pub use database::{Database, DatabaseFigures};
pub use gateways::{GatewayCalls, RunningCall};
pub use http::{Http, Open};
pub use jobs::{Jobs, RunningJob};
pub use process::Process;
use prometheus_client::{encoding::text, registry::Registry};
pub use queue::{Queue, QueueFigures};
pub use webhooks::{TryResult, Webhooks};

/// What the text is, for the `Content-Type` of the answer.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::new);

/// The metrics of this process.
pub fn metrics() -> &'static Metrics {
    &METRICS
}

/// Every metric, by what it is about.
pub struct Metrics {
    /// Requests and connections.
    pub http: Http,
    /// What happened to portings, sessions, subscriptions and users.
    pub changes: Changes,
    /// Calls of recipients' gateways.
    pub gateways: GatewayCalls,
    /// Durable work.
    pub jobs: Jobs,
    /// Requests that a person hands in.
    pub queue: Queue,
    /// Transactions.
    pub database: Database,
    /// Events on their way to endpoints.
    pub webhooks: Webhooks,
    /// The process itself.
    pub process: Process,
    registry: Registry,
}

impl Metrics {
    fn new() -> Self {
        let mut registry = Registry::default();
        Self {
            http: Http::new(&mut registry),
            changes: Changes::new(&mut registry),
            gateways: GatewayCalls::new(&mut registry),
            jobs: Jobs::new(&mut registry),
            queue: Queue::new(&mut registry),
            database: Database::new(&mut registry),
            webhooks: Webhooks::new(&mut registry),
            process: Process::new(&mut registry),
            registry,
        }
    }

    /// Everything, in the OpenMetrics text format that Prometheus reads.
    pub fn render(&self) -> String {
        self.process.look();
        let mut page = String::new();
        text::encode(&mut page, &self.registry).expect("writing to a string does not fail");
        page
    }
}
