//! Moving a database to another one, of the same engine or the other.
//!
//! Guarantee: [`compare`] says that two databases hold the same only after it has read every row of
//! both and found the same text. Each batch is written together with how far it came, so a move that
//! was cut off at any point goes on where it was. The source is marked before the first row is read
//! and stays marked: no server starts on it again, nor on a target that is not whole. A server that
//! was running already is not stopped by the mark; what it wrote in time is found by the comparison,
//! what it writes later stays behind. Sealed values move as they are: no key is needed.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::{
    Db, StoreError, Tx,
    copy::{self, StoredRow},
    position::hex,
    progress::{self, Progress},
    tables::{TABLES, Table},
    value::args,
};

/// Rows in one transaction.
const BATCH: u32 = 500;
/// The mark of a source, in its `progress`; the position is the move's name.
const FROM: &str = "move.from";
/// The mark of a target that is not whole, followed by the move's name.
const TO: &str = "move.to/";
/// Holds the marks themselves, and work that can begin anew.
const NOT_MOVED: &str = "progress";

/// Why a move cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The target holds something.
    #[error("the target is not empty: {0} has rows")]
    NotEmpty(&'static str),
    /// The target is a half of another move.
    #[error("the target holds an unfinished move of another source")]
    OtherMove,
    /// The databases do not hold the same after all.
    #[error(
        "source and target differ in {0}: something wrote to one of them meanwhile; stop every \
         server, empty the target and begin again"
    )]
    Differ(String),
    /// A database refused.
    #[error("the {0}")]
    Store(&'static str, #[source] StoreError),
}

/// Which end of a move a database is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It was, or is being, moved away.
    Source,
    /// It is being filled and not whole yet.
    Target,
}

/// What a move is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Copying rows.
    Copy,
    /// Reading both and comparing.
    Compare,
}

/// How far a move is.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// What it is doing.
    pub phase: Phase,
    /// On which table.
    pub table: &'static str,
    /// Rows of that table that are done.
    pub done: i64,
    /// Whether the table is done.
    pub is_last: bool,
}

/// What a table held on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// The table.
    pub table: &'static str,
    /// Its rows.
    pub rows: i64,
    /// SHA-256 over their text in primary-key order, in hexadecimal digits.
    pub sha256: String,
}

/// Which end of a move a database is, if any.
///
/// # Errors
/// The store failed.
pub async fn end_of(tx: &mut Tx) -> Result<Option<End>, StoreError> {
    let sql = "SELECT task FROM progress WHERE task = $1 OR (task >= $2 AND task < $3) \
               ORDER BY task DESC LIMIT 1";
    // The sign after the slash: every task of a target lies between.
    let row = tx.optional("progress", sql, args![FROM, TO, "move.to0"]);
    let task = row.await?.map(|row| row.text("task")).transpose()?;
    Ok(task.map(|task| {
        if task == FROM {
            End::Source
        } else {
            End::Target
        }
    }))
}

/// Takes the mark off a source, so that servers start on it again.
///
/// # Errors
/// The store failed.
pub async fn release(tx: &mut Tx) -> Result<(), StoreError> {
    progress::forget(tx, FROM).await
}

/// How many rows there are to move.
///
/// # Errors
/// The source failed.
pub async fn count(from: &Db) -> Result<i64, TransferError> {
    let mut tx = from.read().await.map_err(source)?;
    let mut rows = 0;
    for table in moved() {
        rows += copy::count(&mut tx, table).await.map_err(source)?;
    }
    Ok(rows)
}

/// Copies every row that is not there yet.
///
/// # Errors
/// The target holds something else, or a database failed; then running it again goes on.
pub async fn copy(
    from: &Db,
    to: &Db,
    report: &mut (dyn FnMut(Step) + Send),
) -> Result<(), TransferError> {
    let known = mark_of(&mut from.read().await.map_err(source)?).await;
    let known = known.map_err(source)?;
    check_target(to, known.as_deref()).await?;
    let name = match known {
        Some(name) => name,
        None => mark(from).await.map_err(source)?,
    };
    let task = format!("{TO}{name}");
    begin(to, &task).await.map_err(target)?;
    for table in moved() {
        copy_table((from, to), &task, table, report).await?;
    }
    Ok(())
}

/// Reads both databases whole and compares them; when they are the same, the target is whole.
///
/// # Errors
/// They differ, or a database failed.
pub async fn compare(
    from: &Db,
    to: &Db,
    report: &mut (dyn FnMut(Step) + Send),
) -> Result<Vec<Sum>, TransferError> {
    let mut sums = Vec::new();
    let mut different = Vec::new();
    for table in moved() {
        let copied = sum(to, table, &mut |_| {}).await.map_err(target)?;
        let sum = sum(from, table, report).await.map_err(source)?;
        if sum != copied {
            different.push(table.name);
        }
        sums.push(sum);
    }
    if !different.is_empty() {
        return Err(TransferError::Differ(different.join(", ")));
    }
    let mark = mark_of(&mut from.read().await.map_err(source)?).await;
    let task = format!("{TO}{}", mark.map_err(source)?.unwrap_or_default());
    finish(to, task).await.map_err(target)?;
    Ok(sums)
}

fn source(error: StoreError) -> TransferError {
    TransferError::Store("source", error)
}

fn target(error: StoreError) -> TransferError {
    TransferError::Store("target", error)
}

fn moved() -> impl Iterator<Item = &'static Table> {
    TABLES.iter().filter(|table| table.name != NOT_MOVED)
}

async fn mark_of(tx: &mut Tx) -> Result<Option<String>, StoreError> {
    let found = progress::find(tx, FROM, "").await?;
    Ok(found.and_then(|progress| progress.position))
}

async fn mark(from: &Db) -> Result<String, StoreError> {
    let name = from.ambient().random.base62(22);
    let kept = name.clone();
    from.write(move |tx| {
        let position = Some(kept.clone());
        Box::pin(async move { progress::keep(tx, FROM, "", &Progress { position, done: 0 }).await })
    })
    .await
    .map(|()| name)
}

async fn check_target(to: &Db, name: Option<&str>) -> Result<(), TransferError> {
    let mut tx = to.read().await.map_err(target)?;
    if end_of(&mut tx).await.map_err(target)? == Some(End::Target) {
        let task = format!("{TO}{}", name.unwrap_or_default());
        let ours = progress::find(&mut tx, &task, "").await.map_err(target)?;
        return ours.map(drop).ok_or(TransferError::OtherMove);
    }
    for table in TABLES {
        let first = copy::read(&mut tx, table, None, 1).await.map_err(target)?;
        if !first.is_empty() {
            return Err(TransferError::NotEmpty(table.name));
        }
    }
    Ok(())
}

async fn begin(to: &Db, task: &str) -> Result<(), StoreError> {
    let task = task.to_owned();
    to.write(move |tx| {
        let task = task.clone();
        let begun = Progress {
            position: None,
            done: 0,
        };
        Box::pin(async move { progress::keep(tx, &task, "", &begun).await })
    })
    .await
}

async fn finish(to: &Db, task: String) -> Result<(), StoreError> {
    to.write(move |tx| {
        let task = task.clone();
        Box::pin(async move { progress::forget(tx, &task).await })
    })
    .await
}

async fn copy_table(
    (from, to): (&Db, &Db),
    task: &str,
    table: &'static Table,
    report: &mut (dyn FnMut(Step) + Send),
) -> Result<(), TransferError> {
    let mut tx = to.read().await.map_err(target)?;
    let kept = progress::find(&mut tx, task, table.name).await;
    drop(tx);
    let (mut position, mut done) = match kept.map_err(target)? {
        Some(kept) => (kept.position, kept.done),
        None => (None, 0),
    };
    loop {
        let mut tx = from.read().await.map_err(source)?;
        let rows = copy::read(&mut tx, table, position.as_deref(), BATCH).await;
        drop(tx);
        let rows = rows.map_err(source)?;
        let is_last = rows.len() < BATCH as usize;
        if let Some(last) = rows.last() {
            position = Some(last.position());
            done += i64::try_from(rows.len()).unwrap_or(i64::MAX);
            let progress = Progress {
                position: position.clone(),
                done,
            };
            keep(to, (task, table.name), rows, progress)
                .await
                .map_err(target)?;
        }
        report(Step {
            phase: Phase::Copy,
            table: table.name,
            done,
            is_last,
        });
        if is_last {
            return Ok(());
        }
    }
}

async fn keep(
    to: &Db,
    (task, item): (&str, &'static str),
    rows: Vec<StoredRow>,
    progress: Progress,
) -> Result<(), StoreError> {
    let (rows, task) = (Arc::new(rows), task.to_owned());
    to.write(move |tx| {
        let (rows, task, progress) = (rows.clone(), task.clone(), progress.clone());
        Box::pin(async move {
            copy::insert(tx, &rows).await?;
            progress::keep(tx, &task, item, &progress).await
        })
    })
    .await
}

async fn sum(
    db: &Db,
    table: &'static Table,
    report: &mut (dyn FnMut(Step) + Send),
) -> Result<Sum, StoreError> {
    let (mut hash, mut done, mut position) = (Sha256::new(), 0, None);
    loop {
        let mut tx = db.read().await?;
        let rows = copy::read(&mut tx, table, position.as_deref(), BATCH).await?;
        for row in &rows {
            hash.update(row.canonical());
            hash.update("\n");
        }
        done += i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let is_last = rows.len() < BATCH as usize;
        report(Step {
            phase: Phase::Compare,
            table: table.name,
            done,
            is_last,
        });
        if is_last {
            break;
        }
        position = rows.last().map(StoredRow::position);
    }
    Ok(Sum {
        table: table.name,
        rows: done,
        sha256: hex(&hash.finalize()),
    })
}
