//! Answers kept for `Idempotency-Key`: sealed, because one may hold a session's URL, and erased
//! after 24 hours.

use jiff::SignedDuration;

use crate::{StoreError, Tx, value::args, vault::Place};

const TABLE: &str = "idempotency_keys";

/// How long an answer is replayed.
pub const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);

/// An answer as it is kept. It may hold a session's URL, so it has no `Debug`.
#[derive(Clone)]
pub struct Kept {
    /// Keyed hash of the request it answered.
    pub fingerprint: Vec<u8>,
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

fn row_name(project: &str, key_hash: &[u8]) -> String {
    let hex: String = key_hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{project}/{hex}")
}

/// The answer kept for a key, unless it is older than [`KEPT_FOR`].
///
/// # Errors
/// The store failed.
pub async fn find(tx: &mut Tx, project: &str, key_hash: &[u8]) -> Result<Option<Kept>, StoreError> {
    let since = tx.now() - KEPT_FOR;
    let sql = "SELECT project, fingerprint, status, body_sealed FROM idempotency_keys \
               WHERE project = $1 AND key_hash = $2 AND created_at > $3";
    let Some(row) = tx
        .optional(TABLE, sql, args![project, key_hash, since])
        .await?
    else {
        return Ok(None);
    };
    let name = row_name(project, key_hash);
    let place = Place {
        table: TABLE,
        row: &name,
        column: "body",
    };
    let body = tx.vault().open(place, &row.blob("body_sealed")?)?;
    let status = u16::try_from(row.int("status")?).map_err(|_| row.corrupt("status"))?;
    Ok(Some(Kept {
        fingerprint: row.blob("fingerprint")?,
        status,
        body: body.to_vec(),
    }))
}

/// Keeps an answer, in the transaction of the work it answers. When there is one for the key, the
/// operation runs again: see [`Tx::defer`]. One that is too old has to be forgotten before.
///
/// # Errors
/// The store failed.
pub async fn keep(
    tx: &mut Tx,
    project: &str,
    key_hash: &[u8],
    kept: &Kept,
) -> Result<(), StoreError> {
    let name = row_name(project, key_hash);
    let place = Place {
        table: TABLE,
        row: &name,
        column: "body",
    };
    let sealed = tx.vault().seal(place, &kept.body);
    let now = tx.now();
    let sql = "INSERT INTO idempotency_keys \
               (project, key_hash, fingerprint, status, body_sealed, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    let row = args![
        project,
        key_hash,
        kept.fingerprint.as_slice(),
        u32::from(kept.status),
        sealed,
        now
    ];
    tx.defer(sql, row);
    Ok(())
}

/// Removes the key's answer if it is older than [`KEPT_FOR`], to make room for another.
///
/// # Errors
/// The store failed.
pub async fn forget_old(tx: &mut Tx, project: &str, key_hash: &[u8]) -> Result<(), StoreError> {
    let sql = "DELETE FROM idempotency_keys \
               WHERE project = $1 AND key_hash = $2 AND created_at <= $3";
    let before = tx.now() - KEPT_FOR;
    tx.execute(sql, args![project, key_hash, before])
        .await
        .map(drop)
}

/// Erases answers that are too old to be replayed. How many.
///
/// # Errors
/// The store failed.
pub async fn erase_old(tx: &mut Tx) -> Result<u64, StoreError> {
    let before = tx.now() - KEPT_FOR;
    tx.execute(
        "DELETE FROM idempotency_keys WHERE created_at <= $1",
        args![before],
    )
    .await
}
