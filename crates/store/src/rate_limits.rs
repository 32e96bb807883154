//! Counters shared by all nodes: how often something happened in the current window.

use jiff::{SignedDuration, Timestamp};

use crate::{StoreError, Tx, value::args};

const TABLE: &str = "rate_limits";

/// How often something may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// How often in a window.
    pub times: u32,
    /// How long a window is.
    pub window: SignedDuration,
}

/// Counts one use of `bucket`. A window that began in the future, because the clock was put back
/// since, is over. `Err(when)` inside the result says when the next use is possible.
///
/// # Errors
/// The store failed.
pub async fn take(
    tx: &mut Tx,
    bucket: &str,
    limit: Limit,
) -> Result<Result<(), Timestamp>, StoreError> {
    let now = tx.now();
    let fresh = now - limit.window;
    let sql = "INSERT INTO rate_limits (bucket, window_start, used) VALUES ($1, $2, 1) \
               ON CONFLICT (bucket) DO UPDATE SET \
               used = CASE WHEN rate_limits.window_start <= $3 OR rate_limits.window_start > $2 THEN 1 ELSE rate_limits.used + 1 END, \
               window_start = CASE WHEN rate_limits.window_start <= $3 \
               THEN excluded.window_start ELSE rate_limits.window_start END \
               RETURNING bucket, window_start, used";
    let row = tx.one(TABLE, sql, args![bucket, now, fresh]).await?;
    let until = row.time("window_start")? + limit.window;
    Ok(if row.count("used")? > limit.times {
        Err(until)
    } else {
        Ok(())
    })
}

/// Whether `bucket` is used up, without counting.
///
/// # Errors
/// The store failed.
pub async fn exhausted_until(
    tx: &mut Tx,
    bucket: &str,
    limit: Limit,
) -> Result<Option<Timestamp>, StoreError> {
    let now = tx.now();
    let fresh = now - limit.window;
    let sql = "SELECT bucket, window_start, used FROM rate_limits \
               WHERE bucket = $1 AND window_start > $2 AND window_start <= $3";
    let Some(row) = tx.optional(TABLE, sql, args![bucket, fresh, now]).await? else {
        return Ok(None);
    };
    let until = row.time("window_start")? + limit.window;
    Ok((row.count("used")? >= limit.times).then_some(until))
}

/// Removes counters whose window began before `before`.
///
/// # Errors
/// The store failed.
pub async fn erase_old(tx: &mut Tx, before: Timestamp) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM rate_limits WHERE window_start < $1",
        args![before],
    )
    .await
}
