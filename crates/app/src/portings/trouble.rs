//! Carriers that say nothing readable, and carriers that say there is something to read.
//!
//! Guarantee: an answer that cannot be read is neither success nor failure. The carrier is asked again,
//! and an attempt for which that goes on longer than [`PATIENCE`] is shown to an operator.

use jiff::{SignedDuration, Timestamp};
use portico_store::{Tx, attempts, jobs};
use serde::Serialize;

use super::keep::job;
use crate::AppError;

/// How long a carrier may say nothing readable about an attempt before an operator should look.
pub const PATIENCE: SignedDuration = SignedDuration::from_mins(30);
/// More attempts than anybody looks at one by one.
const MOST: u32 = 1_000;

/// An attempt that an operator should look at. Nothing in it is about a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Troubled {
    /// What names it towards the carrier.
    pub reference: String,
    /// The porting.
    pub porting: String,
    /// The project.
    pub project: String,
    /// The recipient.
    pub provider: String,
    /// Since when nothing readable was said.
    pub unreadable_since: Timestamp,
    /// How often the carrier was called to hand it in.
    pub calls: u32,
}

/// Notes that the carrier said nothing readable about an attempt. Since when that is so, when it is
/// longer than an operator should wait.
///
/// # Errors
/// The store failed.
pub async fn note_unreadable(tx: &mut Tx, reference: &str) -> Result<Option<Timestamp>, AppError> {
    attempts::note_unreadable(tx, reference, true).await?;
    let attempt = attempts::find(tx, reference).await?;
    let since = attempt.and_then(|attempt| attempt.unreadable_since);
    let now = tx.now();
    Ok(since.filter(|since| now.duration_since(*since) >= PATIENCE))
}

/// The carrier has called an attempt off.
///
/// # Errors
/// The store failed.
pub async fn called_off(tx: &mut Tx, reference: &str) -> Result<(), AppError> {
    Ok(attempts::note_unreadable(tx, reference, false).await?)
}

/// The attempts that an operator should look at, longest waiting first; at most 1,000.
///
/// # Errors
/// The store failed.
pub async fn troubled(tx: &mut Tx) -> Result<Vec<Troubled>, AppError> {
    let then = tx.now() - PATIENCE;
    let found = attempts::unreadable(tx, then, MOST).await?;
    let found = found.into_iter().map(|it| Troubled {
        reference: it.attempt.reference,
        porting: it.attempt.porting.to_string(),
        project: it.project,
        provider: it.provider,
        unreadable_since: it.since,
        calls: it.attempt.calls,
    });
    Ok(found.collect())
}

/// The carrier says that something happened to an attempt: it is asked now instead of later.
///
/// # Errors
/// The store failed.
pub async fn hint(tx: &mut Tx, reference: &str) -> Result<(), AppError> {
    Ok(jobs::wake(tx, job::WATCH, reference).await?)
}
