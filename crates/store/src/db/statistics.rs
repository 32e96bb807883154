use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counts of this process since it started.
#[derive(Debug, Default)]
pub struct Statistics {
    pub(super) commits: AtomicU64,
    pub(super) written: AtomicU64,
    pub(super) conflicts: AtomicU64,
    pub(super) outages: AtomicU64,
}

/// [`Statistics`] at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Snapshot {
    /// Transactions that wrote and were committed. Several operations may share one.
    pub commits: u64,
    /// Operations that were kept.
    pub written: u64,
    /// Runs of an operation that were repeated because another transaction was in the way.
    pub conflicts: u64,
    /// Runs that were repeated because the database was not there.
    pub outages: u64,
    /// Operations that wait for a writer at this moment.
    pub waiting: u64,
}

impl Statistics {
    pub(super) fn committed(&self, operations: u64) {
        self.commits.fetch_add(1, Relaxed);
        self.written.fetch_add(operations, Relaxed);
    }

    pub(super) fn snapshot(&self, waiting: u64) -> Snapshot {
        Snapshot {
            waiting,
            commits: self.commits.load(Relaxed),
            written: self.written.load(Relaxed),
            conflicts: self.conflicts.load(Relaxed),
            outages: self.outages.load(Relaxed),
        }
    }
}
