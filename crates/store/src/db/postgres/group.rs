//! What a lane does: one transaction after the other, each with whatever waits.

use super::{BEGIN_WRITE, Operation, Postgres, Ran, Session, lanes::Lane};
use crate::{StoreError, db::Tx};

/// How many operations share a commit at the most.
const MOST: usize = 32;

/// Why nothing of a transaction is kept, or nobody knows whether it is.
pub(super) enum Lost {
    /// An operation failed, and knows why.
    Failed,
    /// Another transaction was in the way.
    Conflict,
    /// The database is gone, and nothing had been committed.
    Outage(StoreError),
    /// The store failed otherwise, before the commit.
    Refused(StoreError),
    /// The commit failed; it may have been kept.
    Unknown(StoreError),
}

impl Lost {
    fn before_commit(error: StoreError) -> Self {
        match Ran::into(&error) {
            Ran::Conflict => Self::Conflict,
            Ran::Outage if !is_closed(&error) => Self::Outage(error),
            _ => Self::Refused(error),
        }
    }

    fn at_commit(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Conflict,
            error => Self::Unknown(error),
        }
    }

    fn by(ran: Ran) -> Self {
        match ran {
            Ran::Badly => Self::Failed,
            Ran::Conflict => Self::Conflict,
            Ran::Outage => Self::Outage(StoreError::unavailable("an operation found it gone")),
            Ran::Well => Self::Refused(StoreError::Database(
                "an operation went on after a statement had failed".into(),
            )),
        }
    }

    /// What the loss of the whole group is to each of its operations; `None` where that says nothing
    /// about it.
    fn to_each(&self) -> Option<Self> {
        match self {
            Self::Failed | Self::Refused(_) => None,
            Self::Conflict => Some(Self::Conflict),
            Self::Outage(error) => Some(Self::Outage(error.to_another())),
            Self::Unknown(error) => Some(Self::Unknown(error.to_another())),
        }
    }
}

/// Whether it was closed by this process, so that no waiting helps.
fn is_closed(error: &StoreError) -> bool {
    let StoreError::Unavailable(cause) = error else {
        return false;
    };
    matches!(cause.downcast_ref(), Some(sqlx::Error::PoolClosed))
}

impl Postgres {
    /// Runs `first` with whatever waits, and then whatever has come to wait by then, until nobody does.
    pub(super) async fn run(self, mut lane: Lane, first: Box<dyn Operation>) {
        let mut next = Some(first);
        while let Some(first) = next {
            let mut group = vec![first];
            match self.attempt(&mut group, Some(&lane)).await {
                Ok(()) => group.into_iter().for_each(|operation| operation.tell()),
                Err(lost) => self.take_apart(group, lost),
            }
            next = lane.first();
        }
        if self.lanes.are_idle() {
            self.prepare().await;
        }
    }

    /// Begins a transaction for whoever comes next.
    async fn prepare(&self) {
        if let Some(place) = self.spare.place()
            && let Ok(session) = Session::open(&self.writers, BEGIN_WRITE).await
        {
            // Given back, nobody wants it, and dropping it undoes it.
            drop(place.send(session));
        }
    }

    /// Runs what was undone again, each operation alone. They may have to wait for one another, so the
    /// lane does not wait for them.
    fn take_apart(&self, group: Vec<Box<dyn Operation>>, lost: Lost) {
        if group.len() > 1 {
            for operation in group {
                tokio::spawn(self.clone().run_alone(operation, lost.to_each()));
            }
        } else if let Some(operation) = group.into_iter().next() {
            tokio::spawn(self.clone().run_alone(operation, Some(lost)));
        }
    }

    /// Runs a group in one transaction, with others who wait for its lane.
    ///
    /// Nobody joins who came after the first statement: that decides what the transaction sees, and
    /// they may know of more.
    pub(super) async fn attempt(
        &self,
        group: &mut Vec<Box<dyn Operation>>,
        lane: Option<&Lane>,
    ) -> Result<(), Lost> {
        // One that was begun while the database was being closed is of no use.
        if self.writers.is_closed() {
            drop(self.spare.clear());
        }
        let begin = Session::open(&self.writers, BEGIN_WRITE);
        let session = self.spare.take_or(begin).await;
        let session = session.map_err(Lost::before_commit)?;
        // Dropping the transaction, wherever this ends, undoes it.
        let mut tx = Tx::postgres(session, self.context.clone());
        let others = lane.map(Lane::those_who_wait);
        let (mut at, mut kept) = (0, 0);
        while let Some(operation) = group.get_mut(at) {
            kept += u64::from(run_one(&mut tx, &mut **operation).await?);
            at += 1;
            if let Some(others) = others.as_ref().filter(|_| at == group.len() && at < MOST) {
                group.extend(others.next());
            }
        }
        if kept == 0 {
            return Ok(());
        }
        tx.flush().await.map_err(Lost::before_commit)?;
        tx.commit().await.map_err(Lost::at_commit)?;
        tx.committed(kept);
        Ok(())
    }
}

/// Runs an operation; whether it is to be kept. One that failed is undone alone if that is possible.
async fn run_one(tx: &mut Tx, operation: &mut dyn Operation) -> Result<bool, Lost> {
    tx.begin_operation();
    match operation.run(tx).await {
        Ran::Well if !tx.has_met_trouble() => Ok(true),
        Ran::Badly if tx.is_undone_alone() => {
            tx.undo_operation();
            Ok(false)
        }
        ran => Err(Lost::by(ran)),
    }
}

#[cfg(test)]
mod tests {
    use portico_ambient::Ambient;
    use portico_testkit::{ENCRYPTION_KEY, TestDatabase};
    use tokio::time::Instant;

    use super::*;
    use crate::{
        Vault,
        db::{Db, Engine, operation::operation},
        jobs,
    };

    type Failing = fn() -> StoreError;

    async fn enqueue(tx: &mut Tx, subject: &str) -> Result<(), StoreError> {
        let now = tx.now();
        jobs::enqueue(tx, "kind", subject, now).await
    }

    /// What it enqueued is sent, so it cannot be undone alone.
    async fn enqueue_and_fail(tx: &mut Tx, fails: Failing) -> Result<(), StoreError> {
        enqueue(tx, "second").await?;
        jobs::tries_of(tx, "kind", "second").await?;
        Err(fails())
    }

    /// What is told to two operations with no patience left that shared a transaction: the first went
    /// well, and the second did not.
    async fn told(postgres: &Postgres, fails: Failing) -> [Result<(), StoreError>; 2] {
        let (first, first_told) = operation(|tx| Box::pin(enqueue(tx, "first")), Instant::now());
        let fail = operation(
            move |tx| Box::pin(enqueue_and_fail(tx, fails)),
            Instant::now(),
        );
        let (second, second_told) = fail;
        let mut group = vec![first, second];
        let lost = postgres.attempt(&mut group, None).await;
        postgres.take_apart(group, lost.expect_err("one of them fails"));
        let told = tokio::join!(first_told, second_told);
        [told.0, told.1].map(|told| told.expect("each is told"))
    }

    #[tokio::test]
    async fn nobody_is_told_of_success_whose_transaction_was_lost_with_anothers_failure() {
        let database = TestDatabase::postgres().await;
        let ambient = Ambient::system();
        let vault = Vault::new(ENCRYPTION_KEY, ambient.random.clone()).expect("it is one");
        let db = Db::open(&database.url(), vault, ambient)
            .await
            .expect("it is there");
        db.migrate().await.expect("it is empty");
        let Engine::Postgres(postgres) = &db.engine else {
            panic!("another engine");
        };
        let fails: [Failing; 3] = [
            || StoreError::unavailable("as the case asks"),
            || StoreError::Conflict,
            || StoreError::Stale("the case"),
        ];
        for fails in fails {
            let [first, second] = told(postgres, fails).await;
            second.expect_err("it fails each time");
            let mut view = db.read().await.expect("it is there");
            let kept = jobs::tries_of(&mut view, "kind", "first").await;
            let is_kept = kept.expect("it is there").is_some();
            assert_eq!(first.is_ok(), is_kept, "{first:?} after {:?}", fails());
        }
    }
}
