//! A transaction that was begun ahead of the operation that will use it.
//!
//! Guarantee: a spare transaction has asked nothing, so it has no snapshot and holds no lock, and it is
//! given up when nobody has come for it within [`KEPT`]. One whose connection broke meanwhile is found
//! out by the first statement, and the operation is run again as after any outage.
//!
//! A caller who sends one request after the other waits for each message between here and the
//! database; this way not for `BEGIN`. One who comes so soon that it is still under way waits for that
//! one: another would begin later.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::oneshot::{self, Receiver, Sender, error::TryRecvError},
    time::Instant,
};

use super::Session;

/// How long a spare transaction is kept.
const KEPT: Duration = Duration::from_secs(1);
/// How long it is waited for where it has not begun yet: its connection may be one that is of no use.
const AWAITED: Duration = Duration::from_millis(20);

/// Room for one spare transaction. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Spare(Arc<Mutex<Room>>);

#[derive(Default)]
struct Room {
    /// Begun, or about to be.
    session: Option<Receiver<Session>>,
    since: Option<Instant>,
    is_watched: bool,
}

impl Spare {
    /// The transaction, if there is one or one is about to begin.
    pub(super) async fn take(&self) -> Option<Session> {
        let mut session = self.clear()?;
        match session.try_recv() {
            Ok(session) => Some(session),
            Err(TryRecvError::Closed) => None,
            Err(TryRecvError::Empty) => tokio::time::timeout(AWAITED, session).await.ok()?.ok(),
        }
    }

    /// Where to put a transaction that is begun now and in which nothing was asked; nowhere, if there is
    /// one already. If nobody waits for it any more, it is given up.
    pub(super) fn place(&self) -> Option<Sender<Session>> {
        let mut room = self.room();
        if room.session.is_some() {
            return None;
        }
        let (place, session) = oneshot::channel();
        room.session = Some(session);
        room.since = Some(Instant::now());
        if !std::mem::replace(&mut room.is_watched, true) {
            tokio::spawn(self.clone().watch());
        }
        Some(place)
    }

    /// Nobody shall have it who has not come for it yet.
    pub(super) fn clear(&self) -> Option<Receiver<Session>> {
        self.room().session.take()
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
