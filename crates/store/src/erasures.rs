//! What is to be erased, from when on, and how far that came.
//!
//! Guarantee: an entry is written in the transaction that makes it necessary (a porting ends, a draft
//! or a user is deleted) and is removed in the one that erases the last of it. A crash leaves the entry
//! with the position it had, so the work goes on; doing it again changes nothing.

use jiff::Timestamp;
use portico_domain::{
    id::{PortingId, UserId},
    porting::Porting,
};

use crate::{StoreError, Tx, row::Row, value::args};

const TABLE: &str = "erasures";

/// The moment that every waiting is over at once.
const AT_ONCE: Timestamp = Timestamp::UNIX_EPOCH;

/// In the row and the events of `subject`, what is about `about`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Whose row and events.
    pub subject: String,
    /// The porting or user to be erased from them.
    pub about: String,
    /// The last event seen to, by its sequence; 0 before the first.
    pub position: i64,
}

/// A porting has ended, or its draft is gone: the waiting begins.
///
/// # Errors
/// The store failed.
pub async fn after_porting(tx: &mut Tx, porting: &Porting) -> Result<(), StoreError> {
    let now = tx.now();
    let sql = "INSERT INTO erasures (subject, about, project, user_id, since, position) \
               VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT (subject, about) DO NOTHING";
    let subscription = porting.subscription.map(|id| id.to_string());
    for subject in [Some(porting.id.to_string()), subscription]
        .into_iter()
        .flatten()
    {
        let project = porting.project.as_str();
        let row = args![subject, porting.id, project, porting.user, now];
        tx.execute(sql, row).await?;
    }
    Ok(())
}

/// A user is gone or redacted: everything about them is erased without waiting.
///
/// # Errors
/// The store failed.
pub async fn at_once(tx: &mut Tx, project: &str, user: UserId) -> Result<(), StoreError> {
    // Drafts that were deleted have no row left; here they are known still.
    let waiting = "UPDATE erasures SET since = $2 WHERE user_id = $1";
    tx.execute(waiting, args![user, AT_ONCE]).await?;
    let own = "INSERT INTO erasures (subject, about, project, user_id, since, position) \
               VALUES ($1, $1, $2, $1, $3, 0) \
               ON CONFLICT (subject, about) DO UPDATE SET since = excluded.since, position = 0";
    tx.execute(own, args![user, project, AT_ONCE]).await?;
    for sql in [
        "INSERT INTO erasures (subject, about, project, user_id, since, position) \
         SELECT id, $1, project, $1, $2, 0 FROM portings WHERE user_id = $1 \
         ON CONFLICT (subject, about) DO UPDATE SET since = excluded.since, position = 0",
        "INSERT INTO erasures (subject, about, project, user_id, since, position) \
         SELECT id, $1, project, $1, $2, 0 FROM subscriptions WHERE user_id = $1 \
         ON CONFLICT (subject, about) DO UPDATE SET since = excluded.since, position = 0",
        "INSERT INTO erasures (subject, about, project, user_id, since, position) \
         SELECT id, $1, project, $1, $2, 0 FROM connect_sessions WHERE subscription_id IN \
         (SELECT id FROM subscriptions WHERE user_id = $1) \
         ON CONFLICT (subject, about) DO UPDATE SET since = excluded.since, position = 0",
    ] {
        tx.execute(sql, args![user, AT_ONCE]).await?;
    }
    Ok(())
}

/// What a project's portings left whose waiting began at `since` or before, oldest first.
///
/// # Errors
/// The store failed.
pub async fn due(
    tx: &mut Tx,
    project: &str,
    since: Timestamp,
    limit: u32,
) -> Result<Vec<Erasure>, StoreError> {
    let sql = "SELECT subject, about, position FROM erasures \
               WHERE project = $1 AND since <= $2 ORDER BY since, subject, about LIMIT $3";
    let rows = tx.all(TABLE, sql, args![project, since, limit]).await?;
    rows.iter().map(erasure).collect()
}

/// What is to be erased of a user at once.
///
/// # Errors
/// The store failed.
pub async fn due_of_user(
    tx: &mut Tx,
    user: UserId,
    limit: u32,
) -> Result<Vec<Erasure>, StoreError> {
    let sql = "SELECT subject, about, position FROM erasures \
               WHERE user_id = $1 AND since <= $2 ORDER BY subject, about LIMIT $3";
    let rows = tx.all(TABLE, sql, args![user, AT_ONCE, limit]).await?;
    rows.iter().map(erasure).collect()
}

/// Keeps how far an erasure came.
///
/// # Errors
/// [`StoreError::Stale`] when another process did more, or finished.
pub async fn advance(tx: &mut Tx, erasure: &Erasure, position: i64) -> Result<(), StoreError> {
    let sql = "UPDATE erasures SET position = $4 \
               WHERE subject = $1 AND about = $2 AND position = $3";
    let Erasure {
        subject,
        about,
        position: before,
    } = erasure;
    let row = args![subject.as_str(), about.as_str(), *before, position];
    tx.execute_one("the erasure", sql, row).await
}

/// Removes an erasure that is done.
///
/// # Errors
/// The store failed.
pub async fn finish(tx: &mut Tx, erasure: &Erasure) -> Result<(), StoreError> {
    let sql = "DELETE FROM erasures WHERE subject = $1 AND about = $2";
    let row = args![erasure.subject.as_str(), erasure.about.as_str()];
    tx.execute(sql, row).await.map(drop)
}

/// Erases what a porting that has ended holds in its row, and what carriers said about it.
///
/// # Errors
/// The store failed.
pub async fn erase_porting(tx: &mut Tx, id: PortingId) -> Result<(), StoreError> {
    // The guard is repeated here: an open porting is never touched.
    let sql = "UPDATE portings SET details_sealed = NULL, rejected_sealed = NULL \
               WHERE id = $1 AND ended_at IS NOT NULL";
    tx.execute(sql, args![id]).await?;
    let sql = "UPDATE carrier_updates SET words_sealed = NULL WHERE porting_id = $1";
    tx.execute(sql, args![id]).await?;
    let sql = "UPDATE carrier_answers SET raw_text_sealed = NULL WHERE porting_id = $1";
    tx.execute(sql, args![id]).await.map(drop)
}

fn erasure(row: &Row) -> Result<Erasure, StoreError> {
    Ok(Erasure {
        subject: row.text("subject")?,
        about: row.text("about")?,
        position: row.int("position")?,
    })
}
