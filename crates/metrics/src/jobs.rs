use std::time::Instant;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use crate::buckets;

/// Durable work.
pub struct Jobs {
    due: Family<Kind, Gauge>,
    oldest: Gauge<f64, std::sync::atomic::AtomicU64>,
    durations: Family<Run, Histogram>,
    put_backs: Family<PutBack, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    kind: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Run {
    kind: String,
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PutBack {
    kind: String,
    reason: &'static str,
}

impl Jobs {
    pub(crate) fn new(registry: &mut Registry) -> Self {
        let own = Self {
            due: Family::default(),
            oldest: Gauge::default(),
            durations: Family::new_with_constructor(buckets::far),
            put_backs: Family::default(),
        };
        registry.register(
            "portico_jobs_due",
            "Jobs that are due, waiting or running, by kind; the whole database's",
            own.due.clone(),
        );
        registry.register(
            "portico_jobs_oldest_due_age_seconds",
            "How long the oldest due job has waited for a worker; the whole database's",
            own.oldest.clone(),
        );
        registry.register(
            "portico_job_duration_seconds",
            "Time a run of a job took, by kind and result",
            own.durations.clone(),
        );
        registry.register(
            "portico_job_put_backs",
            "Jobs put back for later because something failed, by kind and reason",
            own.put_backs.clone(),
        );
        own
    }

    /// A job's run has begun.
    pub fn begin<'k>(&self, kind: &'k str) -> RunningJob<'k> {
        RunningJob {
            kind,
            began: Instant::now(),
        }
    }

    /// A job's run has ended: `done`, `lost`, `failed` or `panicked`.
    pub fn end(&self, run: &RunningJob<'_>, result: &'static str) {
        let labels = Run {
            kind: run.kind.to_owned(),
            result,
        };
        let took = run.began.elapsed().as_secs_f64();
        self.durations.get_or_create(&labels).observe(took);
    }

    /// A job was put back.
    pub fn put_back(&self, kind: &str, reason: &'static str) {
        let labels = PutBack {
            kind: kind.to_owned(),
            reason,
        };
        self.put_backs.get_or_create(&labels).inc();
    }

    /// What is due now, with the age of the oldest due job in seconds. A kind that is not among them
    /// any more begins anew when it comes back.
    pub fn set_backlog(&self, due: &[(String, u32)], oldest_age: f64) {
        self.due.clear();
        for (kind, number) in due {
            let labels = Kind { kind: kind.clone() };
            self.due.get_or_create(&labels).set(i64::from(*number));
        }
        self.oldest.set(oldest_age);
    }
}

/// A job's run that was begun.
pub struct RunningJob<'k> {
    kind: &'k str,
    began: Instant,
}
