use prometheus_client::{
    metrics::{counter::Counter, gauge::Gauge},
    registry::Registry,
};

/// Transactions.
pub struct Database {
    operations: Counter,
    failures: Counter,
    commits: Counter,
    retries: Counter,
    waiting: Gauge,
}

/// What the store has counted since it was opened.
#[derive(Debug, Clone, Copy, Default)]
pub struct DatabaseFigures {
    /// Writing operations that were committed.
    pub operations: u64,
    /// Writing operations that were undone: refused, or because the store failed.
    pub failures: u64,
    /// Commits; operations that waited together share one.
    pub commits: u64,
    /// Transactions run again because another came in between.
    pub retries: u64,
    /// Operations waiting for the one writer now.
    pub waiting: u64,
}

impl Database {
    pub(crate) fn new(registry: &mut Registry) -> Self {
        let own = Self {
            operations: Counter::default(),
            failures: Counter::default(),
            commits: Counter::default(),
            retries: Counter::default(),
            waiting: Gauge::default(),
        };
        registry.register(
            "portico_db_operations",
            "Writing operations that were committed",
            own.operations.clone(),
        );
        registry.register(
            "portico_db_operations_undone",
            "Writing operations that were undone: refused, or because the store failed",
            own.failures.clone(),
        );
        registry.register(
            "portico_db_commits",
            "Commits; on SQLite operations that wait together share one",
            own.commits.clone(),
        );
        registry.register(
            "portico_db_retries",
            "Transactions run again because another came in between",
            own.retries.clone(),
        );
        registry.register(
            "portico_db_writes_waiting",
            "Operations waiting for SQLite's one writer",
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
        advance(&self.failures, figures.failures);
        advance(&self.commits, figures.commits);
        advance(&self.retries, figures.retries);
        self.waiting
            .set(i64::try_from(figures.waiting).unwrap_or(i64::MAX));
    }
}
