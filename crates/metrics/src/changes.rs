use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

/// What happened to portings, sessions, subscriptions and users: what was committed, nothing else.
pub struct Changes {
    events: Family<Event, Counter>,
    declines: Family<Decline, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Event {
    r#type: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Decline {
    provider: String,
    code: &'static str,
}

impl Changes {
    pub(crate) fn new(registry: &mut Registry) -> Self {
        let own = Self {
            events: Family::default(),
            declines: Family::default(),
        };
        registry.register(
            "portico_events",
            "Events written, by type: the funnel of portings and sessions",
            own.events.clone(),
        );
        registry.register(
            "portico_porting_declines",
            "Portings declined, by recipient and decline code",
            own.declines.clone(),
        );
        own
    }

    /// Shows types of events from the start: a series that begins at one has no rate at first.
    pub fn expect(&self, kinds: impl IntoIterator<Item = &'static str>) {
        for kind in kinds {
            drop(self.events.get_or_create(&Event { r#type: kind }));
        }
    }

    /// An event of that type was committed.
    pub fn event(&self, kind: &'static str) {
        self.events.get_or_create(&Event { r#type: kind }).inc();
    }

    /// A porting to `provider` was declined. `code` is one this version knows, or `other`.
    pub fn declined(&self, provider: &str, code: &'static str) {
        let labels = Decline {
            provider: provider.to_owned(),
            code,
        };
        self.declines.get_or_create(&labels).inc();
    }
}
