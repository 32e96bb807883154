use std::time::Instant;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use crate::buckets;

/// Calls of recipients' gateways.
pub struct GatewayCalls {
    durations: Family<Call, Histogram>,
    unmapped: Family<Provider, Counter>,
    open: Family<Provider, Gauge>,
    unreadable: Gauge,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Provider {
    provider: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Call {
    provider: String,
    call: &'static str,
    result: &'static str,
}

impl GatewayCalls {
    pub(crate) fn new(registry: &mut Registry) -> Self {
        let own = Self {
            durations: Family::new_with_constructor(buckets::far),
            unmapped: Family::default(),
            open: Family::default(),
            unreadable: Gauge::default(),
        };
        registry.register(
            "portico_gateway_call_duration_seconds",
            "Time a recipient's gateway took, by recipient, call and result",
            own.durations.clone(),
        );
        registry.register(
            "portico_gateway_unmapped_answers",
            "Answers of a carrier that no row of the decline mapping knows, by recipient",
            own.unmapped.clone(),
        );
        registry.register(
            "portico_gateway_breaker_open",
            "Whether calls of a recipient's gateway are held back because it failed, by recipient",
            own.open.clone(),
        );
        registry.register(
            "portico_attempts_unreadable",
            "Attempts whose carrier has answered nothing readable for long; the whole database's",
            own.unreadable.clone(),
        );
        own
    }

    /// A call of `provider`'s gateway has begun.
    pub fn begin<'p>(&self, provider: &'p str, call: &'static str) -> RunningCall<'p> {
        RunningCall {
            durations: self.durations.clone(),
            provider,
            call,
            result: "timedOut",
            began: Instant::now(),
        }
    }

    /// `provider`'s carrier gave an answer that no row of the decline mapping knows.
    pub fn unmapped(&self, provider: &str) {
        self.unmapped.get_or_create(&labels(provider)).inc();
    }

    /// Whether calls of `provider`'s gateway are held back.
    pub fn set_open(&self, provider: &str, is_open: bool) {
        self.open
            .get_or_create(&labels(provider))
            .set(i64::from(is_open));
    }

    /// How many attempts wait for an operator, because their carrier says nothing readable.
    pub fn set_unreadable(&self, number: u32) {
        self.unreadable.set(i64::from(number));
    }
}

fn labels(provider: &str) -> Provider {
    Provider {
        provider: provider.to_owned(),
    }
}

/// A call under way. Dropped before it ended, it was broken off: that is a time-out.
pub struct RunningCall<'p> {
    durations: Family<Call, Histogram>,
    provider: &'p str,
    call: &'static str,
    result: &'static str,
    began: Instant,
}

impl RunningCall<'_> {
    /// It ended, with `ok` or the kind of its error.
    pub fn end(mut self, result: &'static str) {
        self.result = result;
    }
}

impl Drop for RunningCall<'_> {
    fn drop(&mut self) {
        let labels = Call {
            provider: self.provider.to_owned(),
            call: self.call,
            result: self.result,
        };
        let took = self.began.elapsed().as_secs_f64();
        self.durations.get_or_create(&labels).observe(took);
    }
}
