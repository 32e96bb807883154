//! The outbox: events nobody has handed to their endpoints yet.
//!
//! Guarantee: an event committed while an endpoint of its project was enabled is taken here exactly
//! once, in the transaction that writes its deliveries. A crash before that commit leaves it marked.

use jiff::Timestamp;

use crate::{
    StoreError, Tx,
    events::{SealedEvent, sealed},
    value::args,
};

/// Takes up to `limit` events out, oldest first: their deliveries must be written in this
/// transaction.
///
/// # Errors
/// The store failed.
pub async fn take(tx: &mut Tx, limit: u32) -> Result<Vec<SealedEvent>, StoreError> {
    let sql = "UPDATE events SET outbox_at = NULL WHERE (project, id) IN (\
               SELECT project, id FROM events WHERE outbox_at IS NOT NULL ORDER BY outbox_at LIMIT $1) \
               AND outbox_at IS NOT NULL \
               RETURNING id, project, type, subject, sequence, actor_type, actor_id, time, \
               data_sealed, previous_sealed";
    let rows = tx.all("events", sql, args![limit]).await?;
    rows.iter().map(sealed).collect()
}

/// When the oldest event that nobody took was written. For waiting without writing.
///
/// # Errors
/// The store failed.
pub async fn oldest(tx: &mut Tx) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT id, outbox_at FROM events WHERE outbox_at IS NOT NULL \
               ORDER BY outbox_at LIMIT 1";
    let row = tx.optional("events", sql, vec![]).await?;
    row.map(|row| row.time("outbox_at")).transpose()
}

/// Whether there is an event that nobody took.
///
/// # Errors
/// The store failed.
pub(crate) async fn holds_something(tx: &mut Tx) -> Result<bool, StoreError> {
    let sql = "SELECT 1 AS one FROM events WHERE outbox_at IS NOT NULL LIMIT 1";
    Ok(tx.optional("events", sql, vec![]).await?.is_some())
}
