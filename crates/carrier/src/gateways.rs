use std::{collections::HashMap, sync::Arc};

use crate::Gateway;

/// The gateway of each recipient network.
#[derive(Clone, Default)]
pub struct Gateways(HashMap<String, Arc<dyn Gateway>>);

impl Gateways {
    /// Serves `provider` through `gateway`.
    #[must_use]
    pub fn with(mut self, provider: &str, gateway: Arc<dyn Gateway>) -> Self {
        self.0.insert(provider.to_owned(), gateway);
        self
    }

    /// The gateway of a recipient network.
    pub fn find(&self, provider: &str) -> Option<&Arc<dyn Gateway>> {
        self.0.get(provider)
    }
}
