//! API keys that were valid a short while ago.
//!
//! Only a hint: a key may have been revoked since, here or elsewhere.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use portico_domain::id::ApiKeyId;

use crate::api_keys::Opened;

/// How long a key is known.
const LASTS: SignedDuration = SignedDuration::from_secs(60);
/// How many are kept before all are forgotten.
const MOST: usize = 4_096;

#[derive(Default)]
pub(crate) struct KnownKeys(Mutex<HashMap<ApiKeyId, (Opened, Timestamp)>>);

impl KnownKeys {
    /// Notes that a key was valid at `at`.
    pub(crate) fn note(&self, opened: Opened, at: Timestamp) {
        let mut known = self.known();
        if known.len() >= MOST && !known.contains_key(&opened.key()) {
            known.clear();
        }
        known.insert(opened.key(), (opened, at));
    }

    /// The key of that id, if it was valid just before `now`.
    pub(crate) fn find(&self, id: ApiKeyId, now: Timestamp) -> Option<Opened> {
        let known = self.known();
        let (opened, at) = known.get(&id)?;
        (now.duration_since(*at).abs() < LASTS).then(|| opened.clone())
    }

    pub(crate) fn forget(&self, id: ApiKeyId) {
        self.known().remove(&id);
    }

    fn known(&self) -> MutexGuard<'_, HashMap<ApiKeyId, (Opened, Timestamp)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
