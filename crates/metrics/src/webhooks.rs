use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

/// Events on their way to endpoints.
pub struct Webhooks {
    events: Counter,
    tries: Family<Try, Counter>,
    disabled: Counter,
    waiting: Gauge,
    oldest: Gauge<f64, std::sync::atomic::AtomicU64>,
    endpoints_disabled: Gauge,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Try {
    result: &'static str,
}

/// What became of a try to deliver an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TryResult {
    /// Answered with 2xx.
    Delivered,
    /// Failed, to be made again.
    Retried,
    /// Failed, as every one before, and there is none after it.
    GivenUp,
}

impl TryResult {
    const ALL: [Self; 3] = [Self::Delivered, Self::Retried, Self::GivenUp];

    fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Retried => "retried",
            Self::GivenUp => "givenUp",
        }
    }
}

impl Webhooks {
    pub(crate) fn new(registry: &mut Registry) -> Self {
        let own = Self {
            events: Counter::default(),
            tries: Family::default(),
            disabled: Counter::default(),
            waiting: Gauge::default(),
            oldest: Gauge::default(),
            endpoints_disabled: Gauge::default(),
        };
        // Nothing yet is a zero, not a gap.
        for result in TryResult::ALL {
            own.count(result, 0);
        }
        registry.register(
            "portico_webhook_events",
            "Events handed to endpoints, whether any wanted them or not",
            own.events.clone(),
        );
        registry.register(
            "portico_webhook_tries",
            "Tries to deliver an event, by result",
            own.tries.clone(),
        );
        registry.register(
            "portico_webhook_endpoints_disabled",
            "Endpoints disabled because of how they answered",
            own.disabled.clone(),
        );
        registry.register(
            "portico_webhook_deliveries_waiting",
            "Deliveries that wait for their next try; the whole database's",
            own.waiting.clone(),
        );
        registry.register(
            "portico_webhook_oldest_due_age_seconds",
            "How long the oldest delivery that could be tried has waited; the whole database's",
            own.oldest.clone(),
        );
        registry.register(
            "portico_webhook_endpoints_resting",
            "Endpoints that are disabled because of how they answered; the whole database's",
            own.endpoints_disabled.clone(),
        );
        own
    }

    /// Events were handed to endpoints.
    pub fn handed_over(&self, events: u64) {
        self.events.inc_by(events);
    }

    /// So many tries ended like that.
    pub fn count(&self, result: TryResult, tries: u64) {
        let result = result.as_str();
        self.tries.get_or_create(&Try { result }).inc_by(tries);
    }

    /// How many tries have ended like that.
    pub fn tries(&self, result: TryResult) -> u64 {
        let result = result.as_str();
        self.tries.get_or_create(&Try { result }).get()
    }

    /// Endpoints were disabled.
    pub fn disabled(&self, endpoints: u64) {
        self.disabled.inc_by(endpoints);
    }

    /// What waits now: deliveries, the age in seconds of the oldest that is due, and how many
    /// endpoints rest.
    pub fn set_backlog(&self, waiting: i64, oldest: f64, resting: i64) {
        self.waiting.set(waiting);
        self.oldest.set(oldest);
        self.endpoints_disabled.set(resting);
    }
}
