//! An operation as a writer runs it: whatever it returns, it may run more than once, and its caller is
//! told once what became of it.

use std::panic::AssertUnwindSafe;

use futures_util::{FutureExt, future::BoxFuture};
use tokio::{sync::oneshot, time::Instant};

use super::Tx;
use crate::{Failure, StoreError};

/// What a caller waits for.
pub(super) type Answer<T, E> = oneshot::Receiver<Result<T, E>>;

/// An operation that waits, runs, or waits for its commit.
pub(super) trait Operation: Send {
    /// Runs it once and keeps what it returned until it is told.
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, Ran>;

    /// Tells the caller how it ended.
    fn end(self: Box<Self>, end: End);

    /// Until when it is run again for what it can do nothing about.
    fn deadline(&self) -> Instant;
}

/// How an operation ended.
pub(super) enum End {
    /// What its last run returned stands: that is committed, or was undone alone.
    Stands,
    /// Its last run failed, and nothing was kept.
    Failed,
    /// Nothing was kept, for this reason.
    Lost(StoreError),
}

impl End {
    /// What is told instead of what a run returned that ended so. Here and not where it is told, because
    /// that is compiled for each operation that there is.
    fn instead_of(self, ran: Option<Ran>) -> Option<StoreError> {
        match (self, ran) {
            (Self::Stands, _) => None,
            (Self::Failed, Some(Ran::Badly | Ran::Conflict | Ran::Outage)) => None,
            // Who met what the transaction was lost by knows more of it than the others.
            (Self::Lost(_), Some(Ran::Conflict | Ran::Outage)) => None,
            (Self::Lost(error), _) => Some(error),
            (Self::Failed, Some(Ran::Well) | None) => {
                Some(StoreError::unavailable("nothing of it was kept"))
            }
        }
    }
}

impl dyn Operation {
    /// Tells the caller what the last run returned: that is committed, or was undone alone.
    pub(super) fn tell(self: Box<Self>) {
        self.end(End::Stands);
    }

    /// Tells the caller why the last run failed. Nothing was kept, so one that did not fail is told that
    /// much and never what it returned.
    pub(super) fn tell_failure(self: Box<Self>) {
        self.end(End::Failed);
    }

    /// Tells the caller why nothing was kept.
    pub(super) fn fail(self: Box<Self>, error: StoreError) {
        self.end(End::Lost(error));
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ran {
    /// As it should.
    Well,
    /// With an error of its own, or a panic.
    Badly,
    /// Another transaction was in the way.
    Conflict,
    /// The database is gone.
    Outage,
}

impl Ran {
    /// How a run ended that returned this error.
    pub(super) fn into(error: &impl Failure) -> Self {
        match error.store_error() {
            Some(StoreError::Conflict) => Self::Conflict,
            Some(StoreError::Unavailable(_)) => Self::Outage,
            _ => Self::Badly,
        }
    }
}

struct Pending<T, E, F> {
    work: F,
    outcome: Option<Result<T, E>>,
    /// How the last run ended.
    ran: Option<Ran>,
    caller: oneshot::Sender<Result<T, E>>,
    deadline: Instant,
}

/// An operation that does `work`, and where its caller gets to know what it came to.
pub(super) fn operation<T, E, F>(work: F, deadline: Instant) -> (Box<dyn Operation>, Answer<T, E>)
where
    T: Send + 'static,
    E: Failure,
    F: for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
{
    let (caller, answer) = oneshot::channel();
    let operation = Pending {
        work,
        outcome: None,
        ran: None,
        caller,
        deadline,
    };
    (Box::new(operation), answer)
}

impl<T, E, F> Operation for Pending<T, E, F>
where
    T: Send + 'static,
    E: Failure,
    F: for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
{
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, Ran> {
        tx.note_run(self.ran.is_some());
        let work = &mut self.work;
        // Made inside, because making the future may panic as well as running it.
        let run = AssertUnwindSafe(async move { work(tx).await }).catch_unwind();
        let (outcome, last) = (&mut self.outcome, &mut self.ran);
        async move {
            let returned = run
                .await
                .unwrap_or_else(|_| Err(StoreError::Panicked.into()));
            let ran = match &returned {
                Ok(_) => Ran::Well,
                Err(error) => Ran::into(error),
            };
            *outcome = Some(returned);
            *last = Some(ran);
            ran
        }
        .boxed()
    }

    fn end(self: Box<Self>, end: End) {
        let told = match end.instead_of(self.ran) {
            Some(error) => Err(error.into()),
            // One that never ran has nothing to tell.
            None => self
                .outcome
                .unwrap_or_else(|| Err(StoreError::Panicked.into())),
        };
        // The caller may be gone.
        let _ = self.caller.send(told);
    }

    fn deadline(&self) -> Instant {
        self.deadline
    }
}
