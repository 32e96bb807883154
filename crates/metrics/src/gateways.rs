use std::time::Instant;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{family::Family, histogram::Histogram},
    registry::Registry,
};

use crate::buckets;

/// Calls of recipients' gateways.
pub struct GatewayCalls {
    durations: Family<Call, Histogram>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Call {
    provider: String,
    call: &'static str,
    result: &'static str,
}

impl GatewayCalls {
    pub(crate) fn new(registry: &mut Registry) -> Self {
        let durations = Family::new_with_constructor(buckets::far as fn() -> Histogram);
        registry.register(
            "portico_gateway_call_duration_seconds",
            "Time a recipient's gateway took, by recipient, call and result",
            durations.clone(),
        );
        Self { durations }
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
