//! What this process works on.
//!
//! Guarantee: a delivery that is held on disk in this process's name and that nothing here knows of is let
//! go of within a few looks. A commit of which nobody heard, a task that broke off and a result that could
//! not be kept leave such ones behind, and the lease, which stands for everything that is held, would keep
//! them for as long as this process lives.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use portico_domain::id::WebhookDeliveryId;

/// Every delivery that is in memory. Cheap to clone.
#[derive(Clone, Default)]
pub struct Holds(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// How often each is held: one may be taken again before its first result is dropped.
    held: HashMap<WebhookDeliveryId, usize>,
    /// What the last look found on disk and not here.
    unknown: Vec<WebhookDeliveryId>,
}

/// A delivery in memory, from when it was taken until its result is on disk.
pub struct Hold {
    pub id: WebhookDeliveryId,
    holds: Holds,
}

impl Holds {
    /// Notes that a delivery is in memory, until the answer is dropped.
    pub fn hold(&self, id: WebhookDeliveryId) -> Hold {
        *self.state().held.entry(id).or_default() += 1;
        let holds = self.clone();
        Hold { id, holds }
    }

    /// What is held on disk and was unknown here in the last look too. In between it may have been on its
    /// way from there to here.
    pub fn forgotten(&self, on_disk: Vec<WebhookDeliveryId>) -> Vec<WebhookDeliveryId> {
        let mut state = self.state();
        let mut unknown = on_disk;
        unknown.retain(|id| !state.held.contains_key(id));
        unknown.sort_unstable();
        let before = std::mem::replace(&mut state.unknown, unknown.clone());
        unknown.retain(|id| before.binary_search(id).is_ok());
        unknown
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut state = self.holds.state();
        if let Some(times) = state.held.get_mut(&self.id) {
            *times -= 1;
            if *times == 0 {
                state.held.remove(&self.id);
            }
        }
    }
}
