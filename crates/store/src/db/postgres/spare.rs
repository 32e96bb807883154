//! A transaction that was begun ahead of the operation that will use it.
//!
//! Guarantee: a spare transaction has asked nothing, so it has no snapshot and holds no lock, and it is
//! given up when nobody has come for it within [`KEPT`]. One whose connection broke meanwhile is found
//! out by the first statement, and the operation is run again as after any outage.
//!
//! A caller who sends one request after the other waits for each message between here and the
//! database; this way not for `BEGIN`.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::Session;

/// How long a spare transaction is kept.
const KEPT: Duration = Duration::from_secs(1);

/// Room for one spare transaction. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Spare(Arc<Mutex<Room>>);

#[derive(Default)]
struct Room {
    session: Option<Session>,
    since: Option<Instant>,
    is_watched: bool,
}

impl Spare {
    /// The transaction, if there is one.
    pub(super) fn take(&self) -> Option<Session> {
        self.room().session.take()
    }

    /// Whether one would have a place.
    pub(super) fn is_empty(&self) -> bool {
        self.room().session.is_none()
    }

    /// Keeps a transaction in which nothing was asked yet. Of two, one is given up.
    pub(super) fn put(&self, session: Session) {
        let mut room = self.room();
        let other = room.session.replace(session);
        room.since = Some(Instant::now());
        let was_watched = std::mem::replace(&mut room.is_watched, true);
        drop(room);
        drop(other);
        if !was_watched {
            tokio::spawn(self.clone().watch());
        }
    }

    /// Gives up what nobody came for.
    async fn watch(self) {
        let mut until = Instant::now() + KEPT;
        loop {
            tokio::time::sleep_until(until).await;
            let mut room = self.room();
            let end = room.since.map(|since| since + KEPT);
            if let Some(later) = end.filter(|end| room.session.is_some() && *end > Instant::now()) {
                until = later;
                continue;
            }
            room.is_watched = false;
            let session = room.session.take();
            drop(room);
            drop(session);
            return;
        }
    }

    fn room(&self) -> MutexGuard<'_, Room> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
