//! The one writer of a SQLite database.
//!
//! Guarantee: an operation answered with success is on disk (`synchronous=FULL`) with everything it
//! wrote; one answered with an error, broken off by a panic, or cut by a crash left nothing.
//! Operations that wait together share one commit, each inside its own savepoint, so an error in
//! one is undone alone. A client that hangs up does not stop an operation that was begun.
//!
//! It has a thread of its own, on which operations run from their first statement to the commit:
//! nothing is handed over in between, and only this thread waits for the disk.

use std::{panic::AssertUnwindSafe, thread, time::Instant};

use futures_util::{FutureExt, future::BoxFuture};
use tokio::{runtime::Handle, sync::oneshot};

use super::{
    Connection, Context, Tx,
    pace::Pace,
    queue::{Receiver, Sender, queue},
};
use crate::{Failure, StoreError};

/// How many operations share a commit at the most.
const GROUP: usize = 64;
/// How many operations may wait before callers are held back.
const QUEUE: usize = 1_024;

/// Says an operation's outcome to its caller, once the commit is known.
type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
/// Runs an operation; the answer is `None` when it failed and its caller has been told.
type Operation = Box<dyn for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Option<Answer>> + Send>;

#[derive(Clone)]
pub(super) struct Writer {
    queue: Sender<Message>,
}

enum Message {
    Write(Operation),
    Migrate(oneshot::Sender<Result<(), StoreError>>),
    Close(oneshot::Sender<()>),
}

impl Writer {
    pub(super) fn start(conn: Connection, context: Context) -> Result<Self, StoreError> {
        let (queue, incoming) = queue(QUEUE);
        let runtime = Handle::current();
        thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || runtime.block_on(run(Tx::sqlite_writer(conn, context), incoming)))
            .map_err(StoreError::unavailable)?;
        Ok(Self { queue })
    }

    pub(super) async fn write<T, E, F>(&self, mut work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
        F: for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        let (tell, told) = oneshot::channel::<Result<T, E>>();
        let operation: Operation = Box::new(move |tx| {
            async move {
                let mut outcome = run_work(&mut work, tx).await;
                if let Err(error) = &outcome
                    && matches!(error.store_error(), Some(StoreError::Conflict))
                    && tx.undo_operation().await.is_ok()
                {
                    outcome = run_work(&mut work, tx).await;
                }
                match outcome {
                    Ok(value) => Some(Box::new(move |committed: Result<(), StoreError>| {
                        let _ = tell.send(committed.map(|()| value).map_err(E::from));
                    }) as Answer),
                    Err(error) => {
                        let _ = tell.send(Err(error));
                        None
                    }
                }
            }
            .boxed()
        });
        self.send(Message::Write(operation)).await?;
        told.await.unwrap_or_else(|_| Err(closed().into()))
    }

    pub(super) async fn migrate(&self) -> Result<(), StoreError> {
        let (tell, told) = oneshot::channel();
        self.send(Message::Migrate(tell)).await?;
        told.await.unwrap_or_else(|_| Err(closed()))
    }

    pub(super) async fn close(&self) {
        let (tell, told) = oneshot::channel();
        if self.queue.send(Message::Close(tell)).await.is_ok() {
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

/// Runs an operation's work and what it deferred.
async fn run_work<T, E, F>(work: &mut F, tx: &mut Tx) -> Result<T, E>
where
    E: Failure,
    F: for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, E>>,
{
    let outcome = AssertUnwindSafe(work(tx)).catch_unwind().await;
    let value = outcome.unwrap_or_else(|_| Err(StoreError::Panicked.into()))?;
    tx.flush().await?;
    Ok(value)
}

fn closed() -> StoreError {
    StoreError::unavailable("it is closed")
}

/// The writer's thread. Nothing else runs on it, so it may sleep until there is work.
async fn run(mut tx: Tx, incoming: Receiver<Message>) {
    let mut pace = Pace::default();
    let mut next = None;
    while let Some(message) = next.take().or_else(|| incoming.wait()) {
        match message {
            Message::Write(first) => {
                next = commit_group(&mut tx, first, &incoming, &mut pace).await;
            }
            Message::Migrate(tell) => {
                let _ = tell.send(tx.migrate().await);
            }
            Message::Close(tell) => {
                tx.close();
                let _ = tell.send(());
                return;
            }
        }
    }
    tx.close();
}

/// Runs `first` and whatever comes behind it in time, and commits once. Returns the message that
/// ended the group without belonging to it.
async fn commit_group(
    tx: &mut Tx,
    first: Operation,
    incoming: &Receiver<Message>,
    pace: &mut Pace,
) -> Option<Message> {
    if let Err(error) = tx.control("BEGIN IMMEDIATE").await {
        // Running it outside a transaction would keep half of it: the caller hears why not.
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "cannot begin a write"
        );
        return None;
    }
    let (mut answers, mut left_over) = (Vec::new(), None);
    let (mut next, mut runs, mut deadline) = (Some(first), 0, None);
    while let Some(operation) = next.take() {
        tx.begin_operation();
        if let Err(error) = run_one(tx, operation, &mut answers).await {
            // What is kept of the group is not known any more, so nothing is.
            let _ = tx.control("ROLLBACK").await;
            tx.untell(0);
            tell(answers, Err(error));
            return None;
        }
        runs += 1;
        if runs < GROUP {
            let there = incoming.wait_until(None).or_else(|| {
                deadline = deadline.or_else(|| pace.deadline(runs));
                incoming.wait_until(deadline.filter(|_| pace.expects_more(runs)))
            });
            match there {
                Some(Message::Write(operation)) => next = Some(operation),
                other => left_over = other,
            }
        }
    }
    let begun = Instant::now();
    finish(tx, answers).await;
    pace.committed(runs, incoming.waiting(), begun.elapsed());
    left_over
}

/// Runs an operation; one that failed is undone alone, up to the savepoint before its first write.
async fn run_one(
    tx: &mut Tx,
    operation: Operation,
    answers: &mut Vec<Answer>,
) -> Result<(), StoreError> {
    match operation(tx).await {
        Some(answer) => {
            answers.push(answer);
            // An open savepoint would make each page that a later one changes be copied once more.
            tx.keep_operation().await
        }
        // A full disk or a failing one makes SQLite undo the whole transaction, even when it only
        // read. Without a savepoint to return to, nothing else would tell.
        None if tx.has_met_trouble() => Err(closed()),
        None => tx.undo_operation().await,
    }
}

async fn finish(tx: &mut Tx, answers: Vec<Answer>) {
    let committed = tx.control("COMMIT").await;
    if committed.is_ok() {
        tx.committed(answers.len() as u64);
    } else {
        tx.untell(0);
        // Nothing may stay open: the next group begins anew. Without a transaction this fails
        // harmlessly.
        let _ = tx.control("ROLLBACK").await;
    }
    tell(answers, committed);
}

fn tell(answers: Vec<Answer>, outcome: Result<(), StoreError>) {
    let failure = outcome.err().map(|error| error.to_string());
    for answer in answers {
        answer(match &failure {
            None => Ok(()),
            Some(reason) => Err(StoreError::unavailable(reason.clone())),
        });
    }
}
