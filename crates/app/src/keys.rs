//! Encryption keys: what a start takes up, and rotation.

use std::collections::BTreeMap;

use portico_domain::event::Actor;
use portico_store::{Db, Tx, keys, rotation};
use serde_json::json;

use crate::{
    AppError,
    changes::{self, Scope},
};

/// A server that still seals with the old key can leave rows behind the work; as many times it is
/// begun anew before it is given up.
const PASSES: u32 = 3;

/// What [`rotate`] has done on a column so far.
#[derive(Debug, Clone)]
pub struct Step {
    /// `table.column`.
    pub column: String,
    /// Values sealed anew.
    pub resealed: i64,
    /// Whether the column is done.
    pub is_last: bool,
}

/// How many values each key has sealed, by the key's id.
pub type Counts = BTreeMap<String, u64>;

/// Takes the database's keys up at the start of whatever may seal.
///
/// # Errors
/// The store failed. `Ok(Err(…))` names keys that the database needs and that are not configured;
/// then nothing was changed.
pub async fn take_up(db: &Db) -> Result<Result<(), Vec<String>>, AppError> {
    db.write(|tx| {
        Box::pin(async move {
            let missing = keys::missing(tx).await?;
            if !missing.is_empty() {
                return Ok(Err(missing));
            }
            keys::take_up(tx).await?;
            Ok(Ok(()))
        })
    })
    .await
}

/// Writes the current key down again; see [`keys::note_current`].
///
/// # Errors
/// The store failed.
pub async fn note_current(tx: &mut Tx) -> Result<(), AppError> {
    Ok(keys::note_current(tx).await?)
}

/// Seals everything with the current key, in small transactions beside running servers, and goes on
/// where an earlier run was interrupted. Says what each key has sealed in the end: more than one only
/// when a server with another current key went on sealing.
///
/// # Errors
/// A value was sealed with a key that is not configured, or the store failed.
pub async fn rotate(db: &Db, mut report: impl FnMut(Step)) -> Result<Counts, AppError> {
    let current = db.vault().key_id().to_string();
    let mut counts = Counts::new();
    for _ in 0..PASSES {
        for column in rotation::columns() {
            loop {
                let batch = db.write(move |tx| Box::pin(rotation::reseal(tx, column)));
                let batch = batch.await?;
                report(Step {
                    column: column.to_string(),
                    resealed: batch.resealed,
                    is_last: batch.is_last,
                });
                if batch.is_last {
                    break;
                }
            }
        }
        counts = count(db).await?;
        if counts.keys().all(|id| *id == current) {
            break;
        }
        db.write(|tx| Box::pin(rotation::forget(tx))).await?;
    }
    close(db, &counts).await?;
    Ok(counts)
}

/// How many values each key has sealed.
///
/// # Errors
/// The store failed.
pub async fn count(db: &Db) -> Result<Counts, AppError> {
    Ok(rotation::count_by_key(&mut db.read().await?).await?)
}

async fn close(db: &Db, counts: &Counts) -> Result<(), AppError> {
    let used: Vec<_> = counts.keys().cloned().collect();
    db.write(move |tx| {
        let used = used.clone();
        Box::pin(async move {
            rotation::forget(tx).await?;
            keys::keep_only(tx, &used).await?;
            let key = tx.vault().key_id().to_string();
            let scope = Scope {
                // It belongs to no project.
                project: "",
                subject: &key,
                actor: &Actor::operator(),
            };
            changes::audit(tx, scope, "keys.rotated", json!({ "keys": used })).await
        })
    })
    .await
}
