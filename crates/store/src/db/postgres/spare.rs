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

/// How long a spare transaction is kept.
const KEPT: Duration = Duration::from_secs(1);
/// How long one that has not begun yet is waited for, before another is begun beside it: its connection may
/// be one that is of no use.
const AWAITED: Duration = Duration::from_millis(20);

/// Room for one spare transaction. Cheap to clone.
pub(super) struct Spare<T>(Arc<Mutex<Room<T>>>);

struct Room<T> {
    /// Begun, or about to be, and since when.
    session: Option<(Receiver<T>, Instant)>,
    is_watched: bool,
}

impl<T> Clone for Spare<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Default for Spare<T> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Room {
            session: None,
            is_watched: false,
        })))
    }
}

impl<T: Send + 'static> Spare<T> {
    /// The transaction, if there is one or one is about to begin; otherwise what `begin` begins.
    pub(super) async fn take_or<E>(
        &self,
        begin: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let Some(mut session) = self.clear() else {
            return begin.await;
        };
        match session.try_recv() {
            Ok(session) => Ok(session),
            Err(TryRecvError::Closed) => begin.await,
            Err(TryRecvError::Empty) => {
                let later = async {
                    tokio::time::sleep(AWAITED).await;
                    begin.await
                };
                // Whichever comes second is dropped, and so undone.
                tokio::select! {
                    biased;
                    Ok(session) = session => Ok(session),
                    begun = later => begun,
                }
            }
        }
    }

    /// Where to put a transaction that is begun now and in which nothing was asked; nowhere, if there is
    /// one already. If nobody waits for it any more, it is given up.
    pub(super) fn place(&self) -> Option<Sender<T>> {
        let mut room = self.room();
        if room.session.is_some() {
            return None;
        }
        let (place, session) = oneshot::channel();
        room.session = Some((session, Instant::now()));
        if !std::mem::replace(&mut room.is_watched, true) {
            tokio::spawn(self.clone().watch());
        }
        Some(place)
    }

    /// Nobody shall have it who has not come for it yet.
    pub(super) fn clear(&self) -> Option<Receiver<T>> {
        let (session, _) = self.room().session.take()?;
        Some(session)
    }

    /// Gives up what nobody came for.
    async fn watch(self) {
        let mut until = Instant::now() + KEPT;
        loop {
            tokio::time::sleep_until(until).await;
            let mut room = self.room();
            let end = room.session.as_ref().map(|(_, since)| *since + KEPT);
            if let Some(later) = end.filter(|end| *end > Instant::now()) {
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

    fn room(&self) -> MutexGuard<'_, Room<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    type Begun = Result<&'static str, ()>;

    fn own() -> impl Future<Output = Begun> {
        ready(Ok("own"))
    }

    fn place(spare: &Spare<&'static str>) -> Sender<&'static str> {
        spare.place().expect("there is room")
    }

    #[tokio::test]
    async fn one_that_is_under_way_is_waited_for_by_one() {
        let spare = Spare::default();
        let place = place(&spare);
        assert!(spare.place().is_none(), "there is room for one");
        let comes = async { place.send("spare") };
        let (first, second, sent) = tokio::join!(spare.take_or(own()), spare.take_or(own()), comes);
        assert_eq!((first, second, sent), (Ok("spare"), Ok("own"), Ok(())));
        assert_eq!(spare.take_or(own()).await, Ok("own"), "it is taken");
    }

    #[tokio::test]
    async fn one_that_is_there_is_taken() {
        let spare = Spare::default();
        place(&spare).send("spare").expect("somebody may come");
        assert_eq!(spare.take_or(pending::<Begun>()).await, Ok("spare"));
    }

    #[tokio::test]
    async fn one_that_is_slow_races_with_another() {
        let spare = Spare::default();
        let slow = place(&spare);
        assert_eq!(spare.take_or(own()).await, Ok("own"));
        assert_eq!(slow.send("spare"), Err("spare"), "it is given back");
        let slow = place(&spare);
        let slower = async {
            slow.send("spare").expect("somebody waits");
            pending::<Begun>().await
        };
        assert_eq!(spare.take_or(slower).await, Ok("spare"));
    }

    #[tokio::test]
    async fn one_that_fails_is_replaced() {
        let spare = Spare::default();
        drop(place(&spare));
        assert_eq!(spare.take_or(own()).await, Ok("own"));
        let place = place(&spare);
        let fails = async { drop(place) };
        let (taken, ()) = tokio::join!(spare.take_or(own()), fails);
        assert_eq!(taken, Ok("own"));
    }

    #[tokio::test]
    async fn one_that_nobody_shall_have_is_given_back() {
        let spare = Spare::default();
        let place = place(&spare);
        drop(spare.clear());
        assert_eq!(place.send("spare"), Err("spare"));
    }
}
