//! The one writer of a SQLite database.
//!
//! Guarantee: an operation answered with success is on disk (`synchronous=FULL`) with everything it
//! wrote; one answered with an error, broken off by a panic, or cut by a crash left nothing.
//! Operations that wait together share one commit. A client that hangs up does not stop an operation
//! that was put here.
//!
//! An operation that fails before it wrote anything leaves the others untouched. One that fails later
//! undoes its group, and each of the group is run again alone: savepoints would make SQLite copy each
//! page that an operation touches, for a failure that hardly ever comes.
//!
//! It has a thread of its own, on which operations run from their first statement to the commit:
//! nothing is handed over in between, and only this thread waits for the disk.

use std::{thread, time::Instant};

use futures_util::future::BoxFuture;
use tokio::{runtime::Handle, sync::oneshot};

use super::{
    Connection, Context, Tx,
    checkpoint::Checkpoints,
    group::Group,
    pace::Pace,
    queue::{Receiver, Sender, queue},
};
use crate::{
    Failure, StoreError,
    db::operation::{Operation, operation},
};

/// How many operations share a commit at the most.
const GROUP: usize = 64;
/// How many operations may wait before callers are held back.
const QUEUE: usize = 1_024;

#[derive(Clone)]
pub(super) struct Writer {
    queue: Sender<Message>,
}

enum Message {
    Write(Box<dyn Operation>),
    Migrate(oneshot::Sender<Result<(), StoreError>>),
    Close(oneshot::Sender<()>),
}

impl Writer {
    pub(super) fn start(
        (conn, checkpoints): (Connection, Checkpoints),
        context: Context,
    ) -> Result<Self, StoreError> {
        let (queue, incoming) = queue(QUEUE);
        let runtime = Handle::current();
        thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || {
                let tx = Tx::sqlite_writer(conn, context);
                runtime.block_on(run(tx, checkpoints, incoming));
            })
            .map_err(StoreError::unavailable)?;
        Ok(Self { queue })
    }

    pub(super) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
        F: for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        let never_again = tokio::time::Instant::now();
        let (operation, answer) = operation(work, never_again);
        self.send(Message::Write(operation)).await?;
        answer.await.unwrap_or_else(|_| Err(closed().into()))
    }

    pub(super) async fn migrate(&self) -> Result<(), StoreError> {
        let (tell, told) = oneshot::channel();
        self.send(Message::Migrate(tell)).await?;
        told.await.unwrap_or_else(|_| Err(closed()))
    }

    pub(super) async fn close(&self) {
        let (tell, told) = oneshot::channel();
        if self.send(Message::Close(tell)).await.is_ok() {
            let _ = told.await;
        }
    }

    pub(super) fn waiting(&self) -> u64 {
        self.queue.waiting() as u64
    }

    async fn send(&self, message: Message) -> Result<(), StoreError> {
        self.queue.send(message).await.map_err(|_| closed())
    }
}

fn closed() -> StoreError {
    StoreError::unavailable("it is closed")
}

/// The writer's thread. Nothing else runs on it, so it may sleep until there is work.
async fn run(mut tx: Tx, mut checkpoints: Checkpoints, incoming: Receiver<Message>) {
    let mut pace = Pace::default();
    let mut next = None;
    while let Some(message) = next.take().or_else(|| incoming.wait()) {
        match message {
            Message::Write(first) => {
                next = write_group(&mut tx, first, &incoming, &mut pace).await;
                tx.on_sqlite(|conn| checkpoints.after_commit(conn));
            }
            Message::Migrate(tell) => {
                let _ = tell.send(tx.migrate().await);
            }
            Message::Close(tell) => {
                // Before the writer: whose connection is closed last folds the log back.
                drop(checkpoints);
                tx.close();
                let _ = tell.send(());
                return;
            }
        }
    }
    drop(checkpoints);
    tx.close();
}

/// Runs `first` and whatever comes behind it in time, and tells everyone what became of it. Returns the
/// message that ended the group without belonging to it.
async fn write_group(
    tx: &mut Tx,
    first: Box<dyn Operation>,
    incoming: &Receiver<Message>,
    pace: &mut Pace,
) -> Option<Message> {
    let (mut left_over, mut deadline) = (None, None);
    let mut group = Group::of(first);
    let another = |so_far: usize| {
        let message = incoming.wait_until(None).or_else(|| {
            deadline = deadline.or_else(|| pace.deadline(so_far));
            incoming.wait_until(deadline.filter(|_| pace.expects_more(so_far)))
        });
        match message {
            Some(Message::Write(operation)) => Some(operation),
            other => {
                left_over = other;
                None
            }
        }
    };
    let ran = match group.run(tx, GROUP, another).await {
        Ok(ran) => ran,
        Err(lost) => {
            group.run_each_again(tx, lost).await;
            return left_over;
        }
    };
    let begun = Instant::now();
    let committed = group.commit(tx, ran).await;
    pace.committed(ran.operations, incoming.waiting(), begun.elapsed());
    match committed {
        Ok(()) => group.tell(),
        Err(error) => group.fail(error),
    }
    left_over
}
