//! Checkpoints: copying the write-ahead log into the database's file, beside the writer.
//!
//! SQLite would do it inside every so-manieth commit, whose callers would wait for it. Here a thread of
//! its own copies what there is while the writer goes on. The log can only begin anew when nothing was
//! written since and nobody reads from it at the next commit; so once it is long, the writer copies the
//! little that came meanwhile itself, again and again until it has begun anew. Where the thread does
//! not keep up, the writer is slowed down.
//!
//! A crash costs nothing: what was not copied is still in the log. A reader with an old view lets the
//! log grow for as long as it reads, and so does a file that cannot be written to.

use std::{
    cell::Cell,
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        mpsc::{SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use super::connection::{Connection, Use};
use crate::{StoreError, row::Row};

/// After how many pages more the log is copied again: 16 MB. Each time the disk is flushed, for which commits
/// wait too; and a page that was written often meanwhile is copied once.
const PAGES: u32 = 4 * LITTLE;
/// From how many pages on the writer sees to it that the log begins anew: 32 MB.
const LONG: u32 = 2 * PAGES;
/// How many pages the writer copies itself at the most, and after how many more a long log is copied again:
/// SQLite's own threshold.
const LITTLE: u32 = 1_000;
/// After how many pages more the writer sees to it again that the log begins anew.
const AGAIN: u32 = LITTLE / 10;
/// From how many pages on the writer waits for the thread: 64 MB.
const LONGEST: u32 = 2 * LONG;
/// How long it waits each time: after a long reader there may be much to copy.
const LONGEST_WAIT: Duration = Duration::from_millis(100);

thread_local! {
    /// How long the log was at this thread's last commit.
    static LENGTH: Cell<u32> = const { Cell::new(0) };
}

/// Notes how long the log is at each commit of this thread, instead of copying it there.
pub(super) fn note_length(pages: u32) {
    LENGTH.set(pages);
}

/// What the writer knows of it. Dropping it ends the thread.
pub(super) struct Checkpoints {
    path: PathBuf,
    /// Started when there is something to do for it.
    checkpointer: Option<Checkpointer>,
    /// How long the log was when it was last to be copied.
    ordered_at: u32,
    /// How long it was when the writer last copied it, or waited for it.
    tried_at: u32,
}

/// The thread.
struct Checkpointer {
    orders: SyncSender<()>,
    thread: JoinHandle<()>,
    progress: Arc<Progress>,
}

/// How far the log is copied.
#[derive(Default)]
struct Progress {
    done: Mutex<Done>,
    changed: Condvar,
}

#[derive(Default)]
struct Done {
    /// Orders that the thread was given and has not carried out.
    pending: u32,
    /// Pages of the log that are copied.
    pages: u32,
}

impl Progress {
    fn done(&self) -> MutexGuard<'_, Done> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Checkpointer {
    fn start(path: &Path) -> Result<Self, StoreError> {
        let conn = Connection::open(path, Use::Existing)?;
        let (orders, incoming) = sync_channel::<()>(1);
        let progress = Arc::<Progress>::default();
        let mine = progress.clone();
        let thread = thread::Builder::new()
            .name("sqlite-checkpoint".to_owned())
            .spawn(move || {
                while incoming.recv().is_ok() {
                    let pages = checkpoint(&conn);
                    let mut done = mine.done();
                    done.pending -= 1;
                    done.pages = pages;
                    drop(done);
                    mine.changed.notify_one();
                }
                conn.close();
            })
            .map_err(StoreError::unavailable)?;
        Ok(Self {
            orders,
            thread,
            progress,
        })
    }

    fn order(&self) {
        let mut done = self.progress.done();
        // With an order in the queue already, that one sees what this one would.
        if self.orders.try_send(()).is_ok() {
            done.pending += 1;
        }
    }

    /// Whether the thread rests and has left but a little of a log of that length.
    fn is_nearly_done(&self, length: u32) -> bool {
        let done = self.progress.done();
        done.pending == 0 && length.saturating_sub(done.pages) <= LITTLE
    }

    /// Waits until the thread rests, but not for long.
    fn wait(&self) {
        let (done, changed) = (self.progress.done(), &self.progress.changed);
        // Poisoned or not, there is nothing more to do.
        let _ = changed.wait_timeout_while(done, LONGEST_WAIT, |done| done.pending > 0);
    }
}

impl Checkpoints {
    /// For the file at `path`.
    pub(super) fn of(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            checkpointer: None,
            ordered_at: 0,
            tried_at: 0,
        }
    }

    /// Sees to the log after a commit of this thread on `conn`.
    pub(super) fn after_commit(&mut self, conn: &Connection) {
        let length = LENGTH.get();
        if length < self.ordered_at.max(self.tried_at) {
            // It began anew.
            (self.ordered_at, self.tried_at) = (0, 0);
            if let Some(checkpointer) = &self.checkpointer {
                checkpointer.progress.done().pages = 0;
            }
        }
        let is_due = length >= LONG && length >= self.tried_at + AGAIN;
        let checkpointer = self.checkpointer.as_ref().filter(|_| is_due);
        if let Some(checkpointer) =
            checkpointer.filter(|checkpointer| checkpointer.is_nearly_done(length))
        {
            self.tried_at = length;
            checkpointer.progress.done().pages = checkpoint(conn);
            return;
        }
        let more = if length < LONG { PAGES } else { LITTLE };
        if length >= self.ordered_at + more {
            self.ordered_at = length;
            match self.checkpointer() {
                Some(checkpointer) => checkpointer.order(),
                None => drop(checkpoint(conn)),
            }
        }
        if let Some(checkpointer) = self
            .checkpointer
            .as_ref()
            .filter(|_| is_due && length >= LONGEST)
        {
            self.tried_at = length;
            checkpointer.wait();
        }
    }

    fn checkpointer(&mut self) -> Option<&Checkpointer> {
        if self
            .checkpointer
            .as_ref()
            .is_none_or(|it| it.thread.is_finished())
        {
            self.checkpointer = Checkpointer::start(&self.path).ok();
        }
        self.checkpointer.as_ref()
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        if let Some(Checkpointer { orders, thread, .. }) = self.checkpointer.take() {
            drop(orders);
            let _ = thread.join();
        }
    }
}

/// Copies what is in the log and holds nobody up; how many of its pages are copied then. Another that
/// does so at the moment is no failure.
fn checkpoint(conn: &Connection) -> u32 {
    match passive_checkpoint(conn) {
        Ok(pages) => pages,
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "cannot copy the log into the database"
            );
            0
        }
    }
}

fn passive_checkpoint(conn: &Connection) -> Result<u32, StoreError> {
    let rows = conn.rows("PRAGMA wal_checkpoint(PASSIVE)", &[])?;
    let row = rows.into_iter().next();
    let row = row.ok_or(StoreError::Stale("the checkpoint"))?;
    // Less than none where another does so.
    let pages = Row::new(row, "wal_checkpoint").int("checkpointed")?;
    Ok(u32::try_from(pages).unwrap_or(0))
}
