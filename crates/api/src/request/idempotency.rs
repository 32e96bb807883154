//! `Idempotency-Key`: a POST or DELETE that is sent again gets the answer it got before.
//!
//! Guarantee: the work of a key is done at most once in 24 hours. The answer is kept in the
//! transaction of the work itself, so a crash leaves both or neither. Two requests with one key at
//! the same moment: on one node the second is told so at once; on two nodes both may begin, the
//! unique row lets one commit, and the other is undone and answers the same. Failures are not kept.
//! The answer may hold a session's URL: the store seals it and erases it after 24 hours.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use http::{HeaderMap, StatusCode};
use portico_app::keyed_hash;
use portico_store::{
    Tx, Vault,
    idempotency::{self, Kept, Sealed},
};

use crate::ApiError;

const HEADER: &str = "idempotency-key";
const MAX_KEY: usize = 255;

/// A key of a project, as a keyed hash.
type Entry = (String, Vec<u8>);

/// The keys this process is working on. Cheap to clone.
#[derive(Clone, Default)]
pub struct InFlight(Arc<Mutex<HashSet<Entry>>>);

/// A key and the request it belongs to, both as keyed hashes.
#[derive(Clone)]
pub struct Slot {
    project: String,
    key_hash: Vec<u8>,
    fingerprint: Vec<u8>,
}

/// The right to work on a slot; dropping it gives it back.
pub struct Ticket {
    in_flight: InFlight,
    /// The slot.
    pub slot: Slot,
}

/// An answer that was sent, or is about to be.
#[derive(Clone)]
pub struct Sent {
    /// Its status.
    pub status: StatusCode,
    /// Its body.
    pub body: Vec<u8>,
    /// Whether it was sent before.
    pub replayed: bool,
}

/// The request's key, without the quotes it may have.
///
/// # Errors
/// It is empty, too long, given twice, or holds what a header should not.
pub fn key_of(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let rule = || {
        let text = "Idempotency-Key must be one header of 1 to 255 printable ASCII characters.";
        ApiError::Malformed(text.to_owned())
    };
    let mut values = headers.get_all(HEADER).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let text = value.to_str().map_err(|_| rule())?;
    let inner = text.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    let key = inner.unwrap_or(text);
    let printable = key.bytes().all(|it| (b' '..=b'~').contains(&it));
    let fits = (1..=MAX_KEY).contains(&key.len()) && printable && values.next().is_none();
    fits.then(|| Some(key.to_owned())).ok_or_else(rule)
}

impl Slot {
    /// The slot of `key` in `project` for a request made of `parts`.
    pub fn new(vault: &Vault, project: &str, key: &str, parts: [&[u8]; 3]) -> Self {
        let hash = |parts: &[&[u8]]| keyed_hash(vault.mac_key(), parts);
        let key_hash = hash(&[b"idempotency key", key.as_bytes()]);
        Self {
            project: project.to_owned(),
            key_hash,
            fingerprint: hash(&parts),
        }
    }

    /// What was answered before, if anything.
    ///
    /// # Errors
    /// The key belongs to a different request.
    pub async fn find(&self, tx: &mut Tx) -> Result<Option<Sent>, ApiError> {
        let Some(kept) = idempotency::find(tx, &self.project, &self.key_hash).await? else {
            return Ok(None);
        };
        if kept.fingerprint != self.fingerprint {
            return Err(ApiError::KeyReused);
        }
        let status = StatusCode::from_u16(kept.status)
            .map_err(|_| ApiError::Defect("a kept answer has no valid status"))?;
        Ok(Some(Sent {
            status,
            body: kept.body,
            replayed: true,
        }))
    }

    /// Makes room where an answer was kept too long ago.
    ///
    /// # Errors
    /// The store failed.
    pub async fn forget_old(&self, tx: &mut Tx) -> Result<(), ApiError> {
        Ok(idempotency::forget_old(tx, &self.project, &self.key_hash).await?)
    }

    /// Seals an answer, to be kept.
    pub fn seal(&self, vault: &Vault, sent: &Sent) -> Sealed {
        let kept = Kept {
            fingerprint: self.fingerprint.clone(),
            status: sent.status.as_u16(),
            body: sent.body.clone(),
        };
        Sealed::new(vault, &self.project, &self.key_hash, &kept)
    }
}

impl InFlight {
    /// Begins to work on a slot.
    ///
    /// # Errors
    /// Another request does.
    pub fn begin(&self, slot: Slot) -> Result<Ticket, ApiError> {
        if !self
            .keys()
            .insert((slot.project.clone(), slot.key_hash.clone()))
        {
            return Err(ApiError::KeyInUse);
        }
        Ok(Ticket {
            in_flight: self.clone(),
            slot,
        })
    }

    fn keys(&self) -> std::sync::MutexGuard<'_, HashSet<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let Slot {
            project, key_hash, ..
        } = &self.slot;
        let entry = (project.clone(), key_hash.clone());
        self.in_flight.keys().remove(&entry);
    }
}
