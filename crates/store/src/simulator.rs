//! The simulator's own books. It is a carrier of its own, so nothing here is ever written in a
//! transaction of Portico's: what it received shows what really reached it.

use jiff::Timestamp;
use portico_domain::id::AuditId;

use crate::{StoreError, Tx, row::Row, value::args};

const TABLE: &str = "simulator_submissions";

/// A request the simulator took.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The sender's reference.
    pub reference: String,
    /// The porting it is for.
    pub porting: String,
    /// The number, E.164.
    pub phone_number: String,
    /// Which request for this porting it is, from 1.
    pub nth: u32,
    /// Whether the sender called it off.
    pub canceled: bool,
    /// When it came.
    pub received_at: Timestamp,
}

/// The request of that reference.
///
/// # Errors
/// The store failed.
pub async fn find(tx: &mut Tx, reference: &str) -> Result<Option<Submission>, StoreError> {
    let sql = "SELECT * FROM simulator_submissions WHERE reference = $1";
    tx.optional(TABLE, sql, args![reference])
        .await?
        .as_ref()
        .map(submission)
        .transpose()
}

/// Takes a request. A second one with the same reference is an error of the sender's.
///
/// # Errors
/// [`StoreError::Unique`] for a reference it has.
pub async fn receive(
    tx: &mut Tx,
    reference: &str,
    porting: &str,
    phone_number: &str,
) -> Result<(), StoreError> {
    let now = tx.now();
    let sql = "INSERT INTO simulator_submissions \
               (reference, porting_id, phone_number, nth, canceled, received_at) \
               SELECT $1, $2, $3, COUNT(*) + 1, FALSE, $4 \
               FROM simulator_submissions WHERE porting_id = $2";
    tx.execute(sql, args![reference, porting, phone_number, now])
        .await
        .map(drop)
}

/// Calls a request off. Whether it was there.
///
/// # Errors
/// The store failed.
pub async fn cancel(tx: &mut Tx, reference: &str) -> Result<bool, StoreError> {
    let sql = "UPDATE simulator_submissions SET canceled = TRUE WHERE reference = $1";
    Ok(tx.execute(sql, args![reference]).await? == 1)
}

/// Notes a call, whatever came of it.
///
/// # Errors
/// The store failed.
pub async fn note_call(
    tx: &mut Tx,
    reference: &str,
    call: &str,
    result: &str,
) -> Result<(), StoreError> {
    let id: AuditId = tx.ambient().id();
    let now = tx.now();
    let sql = "INSERT INTO simulator_calls (id, reference, call, result, at) \
               VALUES ($1, $2, $3, $4, $5)";
    tx.execute(sql, args![id, reference, call, result, now])
        .await
        .map(drop)
}

/// How often `call` about a reference ended with `result`.
///
/// # Errors
/// The store failed.
pub async fn count_calls(
    tx: &mut Tx,
    reference: &str,
    call: &str,
    result: &str,
) -> Result<u32, StoreError> {
    let sql = "SELECT COUNT(*) AS n FROM simulator_calls \
               WHERE reference = $1 AND call = $2 AND result = $3";
    tx.one("simulator_calls", sql, args![reference, call, result])
        .await?
        .count("n")
}

/// Every request it took for a porting, first to last.
///
/// # Errors
/// The store failed.
pub async fn of_porting(tx: &mut Tx, porting: &str) -> Result<Vec<Submission>, StoreError> {
    let sql = "SELECT * FROM simulator_submissions WHERE porting_id = $1 ORDER BY nth";
    tx.all(TABLE, sql, args![porting])
        .await?
        .iter()
        .map(submission)
        .collect()
}

fn submission(row: &Row) -> Result<Submission, StoreError> {
    Ok(Submission {
        reference: row.text("reference")?,
        porting: row.text("porting_id")?,
        phone_number: row.text("phone_number")?,
        nth: row.count("nth")?,
        canceled: row.bool("canceled")?,
        received_at: row.time("received_at")?,
    })
}
