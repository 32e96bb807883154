//! Folding the write-ahead log back into the file, beside the writer.
//!
//! SQLite would do it inside every so-manieth commit, whose callers would wait for it. Here a thread of
//! its own copies what there is while the writer goes on. The log can only begin anew when nothing was
//! written since; so once it is long, the writer copies the little that came meanwhile itself.
//!
//! A crash costs nothing: what was not folded back is still in the log. A reader with an old view holds
//! the log up as long as it lasts, and then it grows, as it would otherwise.

use std::{
    cell::Cell,
    path::{Path, PathBuf},
    sync::{
        Arc,
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
}

/// The thread.
struct Folder {
    orders: SyncSender<()>,
    thread: JoinHandle<()>,
    /// Everything was copied but what came meanwhile.
    is_nearly_done: Arc<AtomicBool>,
}

impl Folder {
    fn start(path: &Path) -> Result<Self, StoreError> {
        let conn = Connection::open(path, Use::Existing)?;
        let (orders, incoming) = sync_channel::<()>(1);
        let is_nearly_done = Arc::new(AtomicBool::new(false));
        let done = is_nearly_done.clone();
        let thread = thread::Builder::new()
            .name("sqlite-checkpoint".to_owned())
            .spawn(move || {
                while incoming.recv().is_ok() {
                    fold(&conn);
                    done.store(true, Ordering::Release);
                }
                conn.close();
            })
            .map_err(StoreError::unavailable)?;
        Ok(Self {
            orders,
            thread,
            is_nearly_done,
        })
    }

    fn order(&self) {
        self.is_nearly_done.store(false, Ordering::Release);
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
        }
    }

    /// Sees to the log after a commit of this thread on `conn`.
    pub(super) fn after_commit(&mut self, conn: &Connection) {
        let length = LENGTH.get();
        if length < self.ordered_at {
            // It began anew.
            self.ordered_at = 0;
        }
        let is_nearly_done = |folder: &Folder| folder.is_nearly_done.swap(false, Ordering::Acquire);
        if length >= LONG && self.folder.as_ref().is_some_and(is_nearly_done) {
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
