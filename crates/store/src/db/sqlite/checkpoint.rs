//! Folding the write-ahead log back into the file, beside the writer.
//!
//! SQLite would do it inside every so-manieth commit, whose callers would wait for it. Here a thread of
//! its own copies what there is while the writer goes on. The log can only begin anew when nothing was
//! written since and nobody reads from it at the next commit; so once it is long, the writer copies the
//! little that came meanwhile itself, again and again until it has begun anew. Where the thread does
//! not keep up, the writer waits for it.
//!
//! A crash costs nothing: what was not folded back is still in the log. Only a reader with an old view
//! lets the log grow without an end, for as long as it reads.

use std::{
    cell::Cell,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
};

use super::connection::{Connection, Use};
use crate::StoreError;

/// After how many pages more the log is copied again; SQLite's own threshold.
const PAGES: u32 = 1_000;
/// From how many pages on the writer sees to it that the log begins anew: 16 MB.
const LONG: u32 = 4 * PAGES;
/// After how many pages more it sees to that again.
const AGAIN: u32 = PAGES / 10;
/// From how many pages on it waits for the thread: 64 MB.
const LONGEST: u32 = 4 * LONG;

thread_local! {
    /// How long the log was at this thread's last commit.
    static LENGTH: Cell<u32> = const { Cell::new(0) };
}

/// Notes how long the log is at each commit of this thread, instead of folding it back there.
pub(super) fn note_length(pages: u32) {
    LENGTH.set(pages);
}

/// What the writer knows of it. Dropping it ends the thread.
pub(super) struct Checkpoints {
    path: PathBuf,
    /// Started when there is something to do for it.
    folder: Option<Folder>,
    /// How long the log was when it was last to be copied.
    ordered_at: u32,
    /// How long it was when the writer last copied it.
    tried_at: u32,
}

/// The thread.
struct Folder {
    orders: SyncSender<()>,
    thread: JoinHandle<()>,
    progress: Arc<Progress>,
}

/// How far the thread is.
#[derive(Default)]
struct Progress {
    /// Held while it copies.
    copying: Mutex<()>,
    /// Everything was copied but what came meanwhile.
    is_nearly_done: AtomicBool,
}

impl Progress {
    /// Waits until nobody copies, and is the one who does.
    fn alone(&self) -> MutexGuard<'_, ()> {
        self.copying.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Folder {
    fn start(path: &Path) -> Result<Self, StoreError> {
        let conn = Connection::open(path, Use::Existing)?;
        let (orders, incoming) = sync_channel::<()>(1);
        let progress = Arc::<Progress>::default();
        let mine = progress.clone();
        let thread = thread::Builder::new()
            .name("sqlite-checkpoint".to_owned())
            .spawn(move || {
                while incoming.recv().is_ok() {
                    let alone = mine.alone();
                    fold(&conn);
                    mine.is_nearly_done.store(true, Ordering::Release);
                    drop(alone);
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
        self.progress.is_nearly_done.store(false, Ordering::Release);
        // With an order in the queue already, that one sees what this one would.
        let _ = self.orders.try_send(());
    }
}

impl Checkpoints {
    /// For the file at `path`.
    pub(super) fn of(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            folder: None,
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
        }
        let is_due = length >= LONG && length >= self.tried_at + AGAIN;
        let progress = self.folder.as_ref().map(|folder| &folder.progress);
        let ready = progress.filter(|progress| {
            length >= LONGEST || progress.is_nearly_done.load(Ordering::Acquire)
        });
        if let Some(progress) = ready.filter(|_| is_due) {
            let _alone = progress.alone();
            self.tried_at = length;
            fold(conn);
        } else if length >= self.ordered_at + PAGES {
            self.ordered_at = length;
            match self.folder() {
                Some(folder) => folder.order(),
                None => fold(conn),
            }
        }
    }

    fn folder(&mut self) -> Option<&Folder> {
        if self.folder.is_none() {
            self.folder = Folder::start(&self.path).ok();
        }
        self.folder.as_ref()
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        if let Some(Folder { orders, thread, .. }) = self.folder.take() {
            drop(orders);
            let _ = thread.join();
        }
    }
}

/// Copies what is in the log and holds nobody up. Another that does so at the moment is no failure.
fn fold(conn: &Connection) {
    if let Err(error) = conn.rows("PRAGMA wal_checkpoint(PASSIVE)", &[]) {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "folding the log back into the database"
        );
    }
}
