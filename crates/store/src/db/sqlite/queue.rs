//! What waits for the writer. Callers wait for room without holding a thread; the writer's thread
//! waits for work by sleeping, to the microsecond, which the runtime's timers are too coarse for.

use std::{
    sync::{Arc, mpsc},
    time::Instant,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The callers' end of a queue.
pub(super) struct Sender<T> {
    items: mpsc::Sender<Item<T>>,
    room: Arc<Semaphore>,
    size: usize,
}

/// The one worker's end. Dropped, it turns every caller away.
pub(super) struct Receiver<T> {
    items: mpsc::Receiver<Item<T>>,
    room: Arc<Semaphore>,
    size: usize,
}

/// Something that waits, and its place in the queue.
struct Item<T> {
    item: T,
    /// Given back when the item is taken.
    _place: OwnedSemaphorePermit,
}

/// The queue has come to its end.
pub(super) struct Ended;

/// A queue in which `size` items may wait before callers are held back.
pub(super) fn queue<T>(size: usize) -> (Sender<T>, Receiver<T>) {
    let (sending, receiving) = mpsc::channel();
    let room = Arc::new(Semaphore::new(size));
    let sender = Sender {
        items: sending,
        room: room.clone(),
        size,
    };
    let receiver = Receiver {
        items: receiving,
        room,
        size,
    };
    (sender, receiver)
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self {
            items: self.items.clone(),
            room: self.room.clone(),
            size: self.size,
        }
    }
}

impl<T> Sender<T> {
    pub(super) async fn send(&self, item: T) -> Result<(), Ended> {
        let place = self.room.clone().acquire_owned().await;
        let item = Item {
            item,
            _place: place.map_err(|_| Ended)?,
        };
        self.items.send(item).map_err(|_| Ended)
    }

    /// How many items wait.
    pub(super) fn waiting(&self) -> usize {
        self.size.saturating_sub(self.room.available_permits())
    }
}

impl<T> Receiver<T> {
    /// The next item; `None` when every sender is gone.
    pub(super) fn wait(&self) -> Option<T> {
        self.items.recv().ok().map(|taken| taken.item)
    }

    /// The next item, if it is there or comes in time.
    pub(super) fn wait_until(&self, deadline: Option<Instant>) -> Option<T> {
        let item = match deadline {
            None => self.items.try_recv().ok(),
            Some(deadline) => {
                let patience = deadline.saturating_duration_since(Instant::now());
                self.items.recv_timeout(patience).ok()
            }
        };
        item.map(|taken| taken.item)
    }

    /// How many items wait.
    pub(super) fn waiting(&self) -> usize {
        self.size.saturating_sub(self.room.available_permits())
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.room.close();
    }
}
