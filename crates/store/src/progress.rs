//! How far long work of the operator's has come.

use crate::{StoreError, Tx, value::args};

/// Where an item of a task stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Where to go on, in a form of the task's own; `None` when nothing was done yet.
    pub position: Option<String>,
    /// How much was done.
    pub done: i64,
}

/// Where an item stands; `None` before it was begun.
///
/// # Errors
/// The store failed.
pub async fn find(tx: &mut Tx, task: &str, item: &str) -> Result<Option<Progress>, StoreError> {
    let sql = "SELECT item, position, done FROM progress WHERE task = $1 AND item = $2";
    let row = tx.optional("progress", sql, args![task, item]).await?;
    row.map(|row| {
        Ok(Progress {
            position: row.text_or_null("position")?,
            done: row.int("done")?,
        })
    })
    .transpose()
}

/// Keeps where an item stands, in the transaction of the work itself.
///
/// # Errors
/// The store failed.
pub async fn keep(
    tx: &mut Tx,
    task: &str,
    item: &str,
    progress: &Progress,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO progress (task, item, position, done) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (task, item) DO UPDATE SET position = excluded.position, \
               done = excluded.done";
    let row = args![task, item, progress.position.as_deref(), progress.done];
    tx.execute(sql, row).await.map(drop)
}

/// Forgets a task: it is done, or begins anew.
///
/// # Errors
/// The store failed.
pub async fn forget(tx: &mut Tx, task: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM progress WHERE task = $1";
    tx.execute(sql, args![task]).await.map(drop)
}
