use std::{collections::HashMap, sync::Arc};

use crate::{Gateway, Kind, measured::Measured};

/// The gateway of each recipient network.
#[derive(Clone, Default)]
pub struct Gateways(HashMap<String, Arc<dyn Gateway>>);

impl Gateways {
    /// Serves `provider` through `gateway`; its calls are timed.
    #[must_use]
    pub fn with(mut self, provider: &str, gateway: Arc<dyn Gateway>) -> Self {
        let measured = Arc::new(Measured::new(provider, gateway));
        self.0.insert(provider.to_owned(), measured);
        self
    }

    /// How a recipient network is reached; `None` for one that nobody connected.
    pub fn kind(&self, provider: &str) -> Option<Kind> {
        self.find(provider)?.kind()
    }

    /// The gateway of a recipient network.
    pub fn find(&self, provider: &str) -> Option<&Arc<dyn Gateway>> {
        self.0.get(provider)
    }
}
