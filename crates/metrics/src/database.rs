use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

/// Transactions.
pub struct Database {
    operations: Counter,
    commits: Counter,
    retries: Family<Retry, Counter>,
    waiting: Gauge,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Retry {
    reason: &'static str,
}

/// What the store has counted since it was opened.
#[derive(Debug, Clone, Copy, Default)]
pub struct DatabaseFigures {
    /// Writing operations that were committed.
    pub operations: u64,
    /// Commits; operations that waited together share one.
    pub commits: u64,
    /// Runs repeated because another transaction was in the way.
    pub conflicts: u64,
    /// Runs repeated because the database was not there.
    pub outages: u64,
    /// Operations waiting for a writer now.
    pub waiting: u64,
}

impl Database {
    pub(crate) fn new(registry: &mut Registry) -> Self {
        let own = Self {
            operations: Counter::default(),
            commits: Counter::default(),
            retries: Family::default(),
            waiting: Gauge::default(),
        };
        registry.register(
            "portico_db_operations",
            "Writing operations that were committed",
            own.operations.clone(),
        );
        registry.register(
            "portico_db_commits",
            "Commits; on SQLite operations that wait together share one",
            own.commits.clone(),
        );
        registry.register(
            "portico_db_retries",
            "Runs of an operation that were repeated, by reason",
            own.retries.clone(),
        );
        registry.register(
            "portico_db_writes_waiting",
            "Operations waiting for a writer",
            own.waiting.clone(),
        );
        own
    }

    /// Takes over what the store has counted.
    pub fn set(&self, figures: DatabaseFigures) {
        let advance = |counter: &Counter, to: u64| {
            counter.inc_by(to.saturating_sub(counter.get()));
        };
        advance(&self.operations, figures.operations);
        advance(&self.commits, figures.commits);
        let retries = [("conflict", figures.conflicts), ("outage", figures.outages)];
        for (reason, number) in retries {
            advance(&self.retries.get_or_create(&Retry { reason }), number);
        }
        self.waiting
            .set(i64::try_from(figures.waiting).unwrap_or(i64::MAX));
    }
}
