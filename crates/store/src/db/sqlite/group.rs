//! Operations that share a transaction, and what becomes of them when it is lost.

use super::Tx;
use crate::{
    StoreError,
    db::operation::{Operation, Ran as Outcome},
};

/// Operations in the order in which they run.
pub(super) struct Group(Vec<Box<dyn Operation>>);

/// How many ran, and how many of them are to be kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ran {
    pub(super) operations: usize,
    kept: u64,
}

/// Why nothing of a transaction is kept.
pub(super) enum Lost {
    /// An operation failed after it had written, and knows why.
    Failed,
    /// An operation met something that it did not know of; another run sees it.
    Conflict,
    /// The database refused what an operation had deferred.
    Refused(StoreError),
    /// The database, its disk or its file failed.
    Trouble(StoreError),
}

impl Group {
    pub(super) fn of(first: Box<dyn Operation>) -> Self {
        Self(vec![first])
    }

    /// Runs the operations in a transaction that is left open, and those that `another` adds, which is
    /// told how many there are. Without success the transaction is undone.
    pub(super) async fn run(
        &mut self,
        tx: &mut Tx,
        most: usize,
        mut another: impl FnMut(usize) -> Option<Box<dyn Operation>>,
    ) -> Result<Ran, Lost> {
        tx.control("BEGIN IMMEDIATE").await.map_err(Lost::Trouble)?;
        let (mut operations, mut kept) = (0, 0);
        while let Some(operation) = self.0.get_mut(operations) {
            match run_one(tx, &mut **operation).await {
                Ok(is_kept) => kept += u64::from(is_kept),
                Err(lost) => {
                    undo(tx).await;
                    return Err(lost);
                }
            }
            operations += 1;
            if operations == self.0.len() && operations < most {
                self.0.extend(another(operations));
            }
        }
        Ok(Ran { operations, kept })
    }

    /// Commits what ran.
    pub(super) async fn commit(&self, tx: &mut Tx, ran: Ran) -> Result<(), StoreError> {
        if ran.kept == 0 {
            undo(tx).await;
            return Ok(());
        }
        let committed = match tx.look_into_outbox().await {
            Ok(()) => tx.control("COMMIT").await,
            Err(error) => Err(error),
        };
        match committed {
            Ok(()) => tx.committed(ran.kept),
            Err(_) => undo(tx).await,
        }
        committed
    }

    /// Tells each what it came to.
    pub(super) fn tell(self) {
        self.0.into_iter().for_each(|operation| operation.tell());
    }

    /// Tells each why it failed.
    fn tell_failure(self) {
        let tell = |operation: Box<dyn Operation>| operation.tell_failure();
        self.0.into_iter().for_each(tell);
    }

    /// Tells each that nothing was kept; who is alone, why.
    pub(super) fn fail(mut self, error: StoreError) {
        if self.0.len() > 1 {
            let fail = |operation: Box<dyn Operation>| operation.fail(error.to_another());
            self.0.into_iter().for_each(fail);
        } else if let Some(operation) = self.0.pop() {
            operation.fail(error);
        }
    }

    /// Runs the operations of a lost group again, each alone. Nothing helps against trouble.
    pub(super) async fn run_each_again(self, tx: &mut Tx, lost: Lost) {
        match lost {
            Lost::Conflict => self.run_each(tx).await,
            Lost::Failed | Lost::Refused(_) if self.0.len() > 1 => self.run_each(tx).await,
            // It would fail again.
            Lost::Failed => self.tell_failure(),
            Lost::Refused(error) | Lost::Trouble(error) => self.fail(error),
        }
    }

    async fn run_each(self, tx: &mut Tx) {
        for operation in self.0 {
            run_alone(tx, operation).await;
        }
    }
}

/// Runs an operation alone, and once more if it meets something that it did not know of.
async fn run_alone(tx: &mut Tx, operation: Box<dyn Operation>) {
    let mut alone = Group::of(operation);
    let mut ran = alone.run(tx, 1, |_| None).await;
    if let Err(Lost::Conflict) = ran {
        ran = alone.run(tx, 1, |_| None).await;
    }
    let kept = match ran {
        Ok(ran) => alone.commit(tx, ran).await,
        Err(Lost::Failed) => return alone.tell_failure(),
        // It may have returned what it made, and nothing of that was kept.
        Err(Lost::Conflict) => Err(StoreError::Conflict),
        Err(Lost::Refused(error) | Lost::Trouble(error)) => Err(error),
    };
    match kept {
        Ok(()) => alone.tell(),
        Err(error) => alone.fail(error),
    }
}

/// Runs an operation and what it deferred; whether it is to be kept.
async fn run_one(tx: &mut Tx, operation: &mut dyn Operation) -> Result<bool, Lost> {
    tx.begin_operation();
    match operation.run(tx).await {
        Outcome::Well => match tx.flush().await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict) => Err(Lost::Conflict),
            Err(error @ StoreError::Unavailable(_)) => Err(Lost::Trouble(error)),
            Err(error) => Err(Lost::Refused(error)),
        },
        Outcome::Badly if tx.is_undone_alone() => {
            tx.undo_operation();
            Ok(false)
        }
        // A full disk or a failing one makes SQLite undo the whole transaction, even when it only read.
        _ if tx.has_met_trouble() => Err(Lost::Trouble(StoreError::unavailable(
            "the disk or the file failed",
        ))),
        Outcome::Conflict => Err(Lost::Conflict),
        Outcome::Badly | Outcome::Outage => Err(Lost::Failed),
    }
}

/// Nothing may stay open: the next transaction begins anew. Where there is none any more, this fails
/// harmlessly.
async fn undo(tx: &mut Tx) {
    let _ = tx.control("ROLLBACK").await;
    tx.undo_all();
}
