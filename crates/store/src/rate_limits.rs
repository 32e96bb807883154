//! Counters shared by all nodes: how often something happened in the current window.
//!
//! Guarantee: of uses that are taken no more are kept in a window than its limit allows, however many
//! nodes take them at once.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

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

/// The statement that counts a use, and what comes after it.
macro_rules! count_use {
    ($after:literal) => {
        concat!(
            "INSERT INTO rate_limits (bucket, window_start, used) VALUES ($1, $2, 1) \
             ON CONFLICT (bucket) DO UPDATE SET \
             used = CASE WHEN rate_limits.window_start <= $3 OR rate_limits.window_start > $2 \
             THEN 1 ELSE rate_limits.used + 1 END, \
             window_start = CASE WHEN rate_limits.window_start <= $3 OR rate_limits.window_start > $2 \
             THEN excluded.window_start ELSE rate_limits.window_start END",
            $after
        )
    };
}
const COUNT: &str = count_use!("");
const COUNT_SHOWN: &str = count_use!(" RETURNING bucket, window_start, used");
const COUNT_TOLD: &str = count_use!(
    " RETURNING bucket AS subject, 'full' AS note, CASE WHEN used > $4 THEN window_start END AS at"
);

/// Buckets that this process has seen full, and when it saw that. Only a hint where to look first, so
/// it is no harm when a process that has just started knows none.
#[derive(Debug, Default)]
pub(crate) struct FullBuckets(Mutex<HashMap<String, Timestamp>>);

impl FullBuckets {
    /// How many are kept before the older half is forgotten.
    const MOST: usize = 4_096;

    /// Notes that a bucket is full, as was seen at `at`.
    pub(crate) fn note(&self, bucket: String, at: Timestamp) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= Self::MOST {
            let mut times: Vec<_> = seen.values().copied().collect();
            let (_, middle, _) = times.select_nth_unstable(Self::MOST / 2);
            let middle = *middle;
            seen.retain(|_, at| *at > middle);
        }
        seen.insert(bucket, at);
    }

    /// Whether a bucket was seen full and is not known to be anything else since.
    fn hold(&self, bucket: &str) -> bool {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.contains_key(bucket)
    }

    fn forget(&self, bucket: &str) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.remove(bucket);
    }
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
    let row = tx
        .one(TABLE, COUNT_SHOWN, args![bucket, now, fresh])
        .await?;
    let until = row.time("window_start")? + limit.window;
    Ok(if row.count("used")? > limit.times {
        Err(until)
    } else {
        Ok(())
    })
}

/// As [`take`], for a use that is to be kept only together with everything else the transaction writes,
/// and that counts nothing when it is refused. The bucket is looked at first; but not on PostgreSQL,
/// where a question is a way there and back: there the insertion that counts the use, which is deferred,
/// tells when it finds the bucket full, and nothing is kept. The operation then runs again, and from
/// then on the bucket is looked at first.
///
/// Looking at it each time would there also make neighbours meet: under SERIALIZABLE who finds no row
/// has read the page where others insert theirs.
///
/// # Errors
/// The store failed.
pub async fn take_along(
    tx: &mut Tx,
    bucket: &str,
    limit: Limit,
) -> Result<Result<(), Timestamp>, StoreError> {
    if limit.times == 0 {
        return Ok(Err(tx.now() + limit.window));
    }
    let now = tx.now();
    let fresh = now - limit.window;
    if may_be_full(tx, bucket)
        && let Some(until) = exhausted_until(tx, bucket, limit).await?
    {
        return Ok(Err(until));
    }
    if tx.asks_at_a_distance() {
        tx.full_buckets().forget(bucket);
        tx.defer(COUNT_TOLD, args![bucket, now, fresh, limit.times]);
    } else {
        tx.defer(COUNT, args![bucket, now, fresh]);
    }
    Ok(Ok(()))
}

/// Whether [`take_along`] may refuse at once, instead of the transaction at its end.
pub fn may_be_full(tx: &Tx, bucket: &str) -> bool {
    !tx.asks_at_a_distance() || tx.full_buckets().hold(bucket)
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
    let sql = "SELECT bucket, window_start FROM rate_limits \
               WHERE bucket = $1 AND window_start > $2 AND window_start <= $3 AND used >= $4";
    let args = args![bucket, fresh, now, limit.times];
    let row = tx.optional(TABLE, sql, args).await?;
    row.map(|row| Ok(row.time("window_start")? + limit.window))
        .transpose()
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
