use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{family::Family, gauge::Gauge},
    registry::Registry,
};

type Age = Gauge<f64, std::sync::atomic::AtomicU64>;

/// Requests that a person hands in at a carrier's portal.
pub struct Queue {
    cases: Family<Cases, Gauge>,
    untaken: Family<Cases, Gauge>,
    oldest: Family<Cases, Age>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Cases {
    provider: String,
    state: &'static str,
}

/// What waits at one recipient in one state.
#[derive(Debug, Clone)]
pub struct QueueFigures {
    /// The recipient.
    pub provider: String,
    /// `queued`, `submitted` or `callOff`.
    pub state: &'static str,
    /// How many cases.
    pub cases: u32,
    /// How many of them nobody has taken.
    pub untaken: u32,
    /// How long the oldest is in that state, in seconds.
    pub oldest: f64,
}

impl Queue {
    pub(crate) fn new(registry: &mut Registry) -> Self {
        let own = Self {
            cases: Family::default(),
            untaken: Family::default(),
            oldest: Family::default(),
        };
        registry.register(
            "portico_carrier_cases",
            "Requests in the queue for operators, by recipient and state; the whole database's",
            own.cases.clone(),
        );
        registry.register(
            "portico_carrier_cases_untaken",
            "Those of them that no operator has taken",
            own.untaken.clone(),
        );
        registry.register(
            "portico_carrier_case_oldest_age_seconds",
            "How long the oldest request is in its state; the whole database's",
            own.oldest.clone(),
        );
        own
    }

    /// What waits now. What is not among it waits no more.
    pub fn set(&self, figures: &[QueueFigures]) {
        self.cases.clear();
        self.untaken.clear();
        self.oldest.clear();
        for it in figures {
            let labels = Cases {
                provider: it.provider.clone(),
                state: it.state,
            };
            self.cases.get_or_create(&labels).set(it.cases.into());
            self.untaken.get_or_create(&labels).set(it.untaken.into());
            self.oldest.get_or_create(&labels).set(it.oldest);
        }
    }
}
