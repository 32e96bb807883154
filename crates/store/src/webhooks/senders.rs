//! Who is sending. A sender's one lease stands for everything it holds, so keeping a thousand
//! deliveries costs one row every few seconds.
//!
//! Guarantee: what a sender holds is free again at most [`LEASE`] after its last sign of life. A
//! sender that comes back late keeps nothing of what it held: results are taken only from the owner.

use jiff::SignedDuration;

use crate::{StoreError, Tx, value::args};

const TABLE: &str = "webhook_senders";

/// How long a sender may be silent.
pub const LEASE: SignedDuration = SignedDuration::from_secs(15);

/// Renews the sender's lease, and frees what others held whose lease has run out.
///
/// # Errors
/// The store failed.
pub async fn beat(tx: &mut Tx, owner: &str) -> Result<(), StoreError> {
    let (now, until) = (tx.now(), tx.now() + LEASE);
    let sql = "INSERT INTO webhook_senders (owner, lease_until) VALUES ($1, $2) \
               ON CONFLICT (owner) DO UPDATE SET lease_until = excluded.lease_until";
    tx.execute(sql, args![owner, until]).await?;
    let sql = "DELETE FROM webhook_senders WHERE lease_until <= $1 RETURNING owner";
    for row in tx.all(TABLE, sql, args![now]).await? {
        let free = "UPDATE webhook_deliveries SET lease_owner = NULL WHERE lease_owner = $1";
        tx.execute(free, args![row.text("owner")?]).await?;
    }
    Ok(())
}

/// Makes sure, in a transaction that takes deliveries, that the sender's lease covers them: it may
/// have been freed by others while this process stood still.
///
/// # Errors
/// The store failed.
pub async fn ensure(tx: &mut Tx, owner: &str) -> Result<(), StoreError> {
    let sql = "SELECT owner FROM webhook_senders WHERE owner = $1 AND lease_until > $2";
    let now = tx.now();
    match tx.optional(TABLE, sql, args![owner, now]).await? {
        Some(_) => Ok(()),
        None => beat(tx, owner).await,
    }
}

/// Voids every lease: called once at start where one process owns the database.
///
/// # Errors
/// The store failed.
pub async fn void_leases(tx: &mut Tx) -> Result<(), StoreError> {
    let free = "UPDATE webhook_deliveries SET lease_owner = NULL WHERE lease_owner IS NOT NULL";
    tx.execute(free, vec![]).await?;
    tx.execute("DELETE FROM webhook_senders", vec![])
        .await
        .map(drop)
}

/// The sender ends in order: nothing waits for its lease.
///
/// # Errors
/// The store failed.
pub async fn leave(tx: &mut Tx, owner: &str) -> Result<(), StoreError> {
    let free = "UPDATE webhook_deliveries SET lease_owner = NULL WHERE lease_owner = $1";
    tx.execute(free, args![owner]).await?;
    tx.execute("DELETE FROM webhook_senders WHERE owner = $1", args![owner])
        .await
        .map(drop)
}
