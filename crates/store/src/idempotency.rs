//! Answers kept for `Idempotency-Key`: sealed, because one may hold a session's URL, and erased
//! after 24 hours.

use jiff::SignedDuration;

use crate::{StoreError, Tx, Vault, value::args, vault::Place};

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

/// An answer sealed for its place, ready to be kept.
#[derive(Debug, Clone)]
pub struct Sealed {
    project: String,
    key_hash: Vec<u8>,
    fingerprint: Vec<u8>,
    status: u16,
    body: Vec<u8>,
}

impl Sealed {
    /// Seals an answer.
    pub fn new(vault: &Vault, project: &str, key_hash: &[u8], kept: &Kept) -> Self {
        let name = row_name(project, key_hash);
        Self {
            project: project.to_owned(),
            key_hash: key_hash.to_owned(),
            fingerprint: kept.fingerprint.clone(),
            status: kept.status,
            body: vault.seal(place(&name), &kept.body),
        }
    }
}

fn row_name(project: &str, key_hash: &[u8]) -> String {
    let mut name = String::with_capacity(project.len() + 1 + 2 * key_hash.len());
    name.push_str(project);
    name.push('/');
    for byte in key_hash {
        let digits = [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16));
        name.extend(digits.into_iter().flatten());
    }
    name
}

fn place(name: &str) -> Place<'_> {
    Place {
        table: TABLE,
        row: name,
        column: "body",
    }
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
    let body = tx.vault().open(place(&name), &row.blob("body_sealed")?)?;
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
pub async fn keep(tx: &mut Tx, answer: &Sealed) -> Result<(), StoreError> {
    let now = tx.now();
    let sql = "INSERT INTO idempotency_keys \
               (project, key_hash, fingerprint, status, body_sealed, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    let row = args![
        answer.project.as_str(),
        answer.key_hash.as_slice(),
        answer.fingerprint.as_slice(),
        u32::from(answer.status),
        answer.body.as_slice(),
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
