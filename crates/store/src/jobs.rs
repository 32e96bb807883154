//! The job table: work that must happen, enqueued in the transaction that makes it necessary.
//!
//! Guarantee: a job is run at least once, by one worker at a time. A claim repeats its guard in the
//! outer UPDATE, so two workers never claim the same row. A crash leaves a claim that is renewed no
//! more; others take it over when they have seen it stand for [`LEASE`], whatever the clocks say. On
//! SQLite, leases of an earlier process are void at start.

use jiff::{SignedDuration, Timestamp};
use portico_domain::id::JobId;

use crate::{StoreError, Tx, row::Row, value::args};

const TABLE: &str = "jobs";

/// How long a claim must stand without being renewed before another worker takes it over.
pub const LEASE: SignedDuration = SignedDuration::from_secs(15);

/// A job that was claimed.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Which work.
    pub kind: String,
    /// What it is about: an id or a reference.
    pub subject: String,
    /// How often it was put back.
    pub tries: u32,
    /// When it was due. Another time in the table means that it was [woken](wake) since.
    pub run_at: Timestamp,
}

/// Enqueues work for `run_at`.
///
/// # Errors
/// The store failed.
pub async fn enqueue(
    tx: &mut Tx,
    kind: &str,
    subject: &str,
    run_at: Timestamp,
) -> Result<(), StoreError> {
    let id: JobId = tx.ambient().id();
    let now = tx.now();
    tx.note_new_job();
    let sql = "INSERT INTO jobs (id, kind, subject, run_at, tries, created_at) \
               VALUES ($1, $2, $3, $4, 0, $5)";
    tx.defer(sql, args![id, kind, subject, run_at, now]);
    Ok(())
}

/// Claims up to `limit` jobs that are due and that nobody holds, for `owner`.
///
/// # Errors
/// The store failed.
pub async fn claim(tx: &mut Tx, owner: &str, limit: u32) -> Result<Vec<Job>, StoreError> {
    let now = tx.now();
    let until = now + LEASE;
    let sql = "UPDATE jobs SET lease_owner = $1, lease_until = $2 WHERE id IN (\
               SELECT id FROM jobs WHERE run_at <= $3 AND lease_until IS NULL \
               ORDER BY run_at LIMIT $4) AND run_at <= $3 AND lease_until IS NULL \
               RETURNING id, kind, subject, tries, run_at";
    let rows = tx.all(TABLE, sql, args![owner, until, now, limit]).await?;
    rows.iter().map(job).collect()
}

/// Somebody's claim, as it stands. Each renewal makes it another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Lease {
    /// The job that is held.
    pub job: JobId,
    /// By whom.
    pub owner: String,
    /// What the owner wrote when it last renewed the claim, by its own clock.
    pub until: Timestamp,
}

/// Every claim there is.
///
/// # Errors
/// The store failed.
pub async fn leases(tx: &mut Tx) -> Result<Vec<Lease>, StoreError> {
    let now = tx.now();
    // What is held was due, so this reads the few that are and not everything that waits.
    let sql = "SELECT id, lease_owner, lease_until FROM jobs \
               WHERE run_at <= $1 AND lease_until IS NOT NULL";
    let rows = tx.all(TABLE, sql, args![now]).await?;
    let lease = |row: &Row| {
        Ok(Lease {
            job: row.parse("id")?,
            owner: row.text("lease_owner")?,
            until: row.time("lease_until")?,
        })
    };
    rows.iter().map(lease).collect()
}

/// Takes a job over from a worker that is taken for dead; `None` when its claim is another by now.
///
/// # Errors
/// The store failed.
pub async fn take_over(tx: &mut Tx, owner: &str, from: &Lease) -> Result<Option<Job>, StoreError> {
    let until = tx.now() + LEASE;
    let sql = "UPDATE jobs SET lease_owner = $1, lease_until = $2 \
               WHERE id = $3 AND lease_owner = $4 AND lease_until = $5 \
               RETURNING id, kind, subject, tries, run_at";
    let row = args![owner, until, from.job, from.owner.as_str(), from.until];
    let row = tx.optional(TABLE, sql, row).await?;
    row.as_ref().map(job).transpose()
}

/// When the next unclaimed job is due.
///
/// # Errors
/// The store failed.
pub async fn next_due(tx: &mut Tx) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT id, run_at FROM jobs WHERE lease_until IS NULL ORDER BY run_at LIMIT 1";
    let row = tx.optional(TABLE, sql, vec![]).await?;
    row.map(|row| row.time("run_at")).transpose()
}

/// Renews claims. How many `owner` still holds.
///
/// # Errors
/// The store failed.
pub async fn renew(tx: &mut Tx, owner: &str, id: JobId) -> Result<bool, StoreError> {
    let until = tx.now() + LEASE;
    let sql = "UPDATE jobs SET lease_until = $3 WHERE id = $1 AND lease_owner = $2";
    Ok(tx.execute(sql, args![id, owner, until]).await? == 1)
}

/// Removes a job that is done, in the transaction that keeps its result.
///
/// # Errors
/// [`StoreError::Stale`] when the lease was lost to another worker: the result must not be kept.
pub async fn finish(tx: &mut Tx, owner: &str, id: JobId) -> Result<(), StoreError> {
    let sql = "DELETE FROM jobs WHERE id = $1 AND lease_owner = $2";
    tx.execute_one("the job", sql, args![id, owner]).await
}

/// Puts a job back for later; for at once, if it was [woken](wake) while it ran.
///
/// # Errors
/// [`StoreError::Stale`] when the lease was lost.
pub async fn put_back(
    tx: &mut Tx,
    owner: &str,
    job: &Job,
    run_at: Timestamp,
) -> Result<(), StoreError> {
    leave(tx, owner, (job, job.tries + 1), run_at).await
}

/// The same for one that was not tried: it only has to wait.
///
/// # Errors
/// As [`put_back`].
pub async fn put_off(
    tx: &mut Tx,
    owner: &str,
    job: &Job,
    run_at: Timestamp,
) -> Result<(), StoreError> {
    leave(tx, owner, (job, job.tries), run_at).await
}

async fn leave(
    tx: &mut Tx,
    owner: &str,
    (job, tries): (&Job, u32),
    run_at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE jobs SET run_at = CASE WHEN run_at = $4 THEN $3 ELSE run_at END, \
               tries = $5, lease_owner = NULL, lease_until = NULL \
               WHERE id = $1 AND lease_owner = $2";
    let row = args![job.id, owner, run_at, job.run_at, tries];
    tx.execute_one("the job", sql, row).await
}

/// Makes the job of that kind and subject due at once, if there is one: there is news for it. One
/// that runs right now, and may have looked before the news came, will run again.
///
/// # Errors
/// The store failed.
pub async fn wake(tx: &mut Tx, kind: &str, subject: &str) -> Result<(), StoreError> {
    let now = tx.now();
    let sql = "SELECT id, run_at FROM jobs WHERE subject = $1 AND kind = $2";
    for row in tx.all(TABLE, sql, args![subject, kind]).await? {
        let run_at = row.time("run_at")?;
        // Earlier than before, also when it was due already: that is how it is noticed.
        let woken = run_at.min(now) - SignedDuration::from_micros(1);
        let sql = "UPDATE jobs SET run_at = $2 WHERE id = $1 AND run_at = $3";
        tx.execute(sql, args![row.text("id")?, woken, run_at])
            .await?;
        tx.note_new_job();
    }
    Ok(())
}

/// How often the job of that kind and subject was put back; `None` when there is none.
///
/// # Errors
/// The store failed.
pub async fn tries_of(tx: &mut Tx, kind: &str, subject: &str) -> Result<Option<u32>, StoreError> {
    let sql = "SELECT id, tries FROM jobs WHERE subject = $1 AND kind = $2 LIMIT 1";
    let row = tx.optional(TABLE, sql, args![subject, kind]).await?;
    row.map(|row| row.count("tries")).transpose()
}

/// Removes every job about a subject: it is gone.
///
/// # Errors
/// The store failed.
pub async fn forget(tx: &mut Tx, subject: &str) -> Result<(), StoreError> {
    tx.execute("DELETE FROM jobs WHERE subject = $1", args![subject])
        .await
        .map(drop)
}

/// Voids every lease: called once at start where one process owns the database.
///
/// # Errors
/// The store failed.
pub async fn void_leases(tx: &mut Tx) -> Result<(), StoreError> {
    let sql = "UPDATE jobs SET lease_owner = NULL, lease_until = NULL";
    tx.execute(sql, vec![]).await.map(drop)
}

/// What is due now: what a worker should be doing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Backlog {
    /// How many jobs are due, waiting or running, by kind; at most [`MOST_COUNTED`] in all.
    pub due: Vec<(String, u32)>,
    /// Since when the oldest of them has waited that no worker holds.
    pub oldest: Option<Timestamp>,
}

/// Beyond this many due jobs [`backlog`] stops counting: how far behind the workers are, the oldest
/// says better, and counting must stay cheap when they are.
pub const MOST_COUNTED: u32 = 10_000;

/// What is due now.
///
/// # Errors
/// The store failed.
pub async fn backlog(tx: &mut Tx) -> Result<Backlog, StoreError> {
    let now = tx.now();
    let counts = "SELECT kind, COUNT(*) AS n FROM (SELECT kind FROM jobs WHERE run_at <= $1 \
                  ORDER BY run_at LIMIT $2) AS due GROUP BY kind ORDER BY kind";
    let rows = tx.all(TABLE, counts, args![now, MOST_COUNTED]).await?;
    let due = rows
        .iter()
        .map(|row| Ok((row.text("kind")?, row.count("n")?)));
    let due = due.collect::<Result<_, StoreError>>()?;
    let oldest = "SELECT id, run_at FROM jobs WHERE run_at <= $1 \
                  AND (lease_until IS NULL OR lease_until <= $1) ORDER BY run_at LIMIT 1";
    let row = tx.optional(TABLE, oldest, args![now]).await?;
    let oldest = row.map(|row| row.time("run_at")).transpose()?;
    Ok(Backlog { due, oldest })
}

/// How many jobs wait or run.
///
/// # Errors
/// The store failed.
pub async fn count(tx: &mut Tx) -> Result<u32, StoreError> {
    tx.one(TABLE, "SELECT COUNT(*) AS n FROM jobs", vec![])
        .await?
        .count("n")
}

fn job(row: &Row) -> Result<Job, StoreError> {
    Ok(Job {
        id: row.parse("id")?,
        kind: row.text("kind")?,
        subject: row.text("subject")?,
        tries: row.count("tries")?,
        run_at: row.time("run_at")?,
    })
}
