//! Running an operation again, alone, for as long as it has patience.

use std::sync::atomic::Ordering::Relaxed;

use tokio::{sync::OwnedMutexGuard, time::Instant};

use super::{LONGEST_PAUSE, OUTAGE_PAUSE, Operation, Postgres, group::Lost};
use crate::StoreError;

impl Postgres {
    /// Runs an operation until it is kept, or there is no use in another run. `lost` is what became of
    /// its last run; `None` if that was lost with its group, for no reason of its own.
    pub(super) async fn run_alone(self, operation: Box<dyn Operation>, mut lost: Option<Lost>) {
        let deadline = operation.deadline();
        let mut turn = match lost {
            None => self.turn(deadline).await,
            Some(_) => None,
        };
        let mut alone = vec![operation];
        loop {
            match lost {
                None => {}
                Some(Lost::Conflict) if Instant::now() < deadline => {
                    self.context.statistics.conflicts.fetch_add(1, Relaxed);
                    match turn {
                        None => turn = self.turn(deadline).await,
                        Some(_) => self.step_aside().await,
                    }
                }
                Some(Lost::Outage(_)) if Instant::now() < deadline => {
                    turn = None;
                    self.outage().await;
                }
                Some(lost) => return tell(alone, Some(lost)),
            }
            lost = match self.attempt(&mut alone, None).await {
                Ok(()) => return tell(alone, None),
                Err(again) => Some(again),
            };
        }
    }

    /// The right to be the one operation of this node that is run again.
    async fn turn(&self, deadline: Instant) -> Option<OwnedMutexGuard<()>> {
        let turn = self.turns.clone().lock_owned();
        tokio::time::timeout_at(deadline, turn).await.ok()
    }

    /// Waits a moment that differs for each, so that those who met do not meet again.
    async fn step_aside(&self) {
        tokio::time::sleep(LONGEST_PAUSE.mul_f64(self.context.ambient.random.fraction())).await;
    }

    pub(super) async fn outage(&self) {
        self.context.statistics.outages.fetch_add(1, Relaxed);
        tokio::time::sleep(OUTAGE_PAUSE).await;
    }
}

/// Tells the caller of an operation that was alone what it came to.
fn tell(mut alone: Vec<Box<dyn Operation>>, lost: Option<Lost>) {
    let Some(operation) = alone.pop() else {
        return;
    };
    match lost {
        None => operation.tell(),
        Some(Lost::Failed) => operation.tell_failure(),
        Some(Lost::Conflict) => operation.fail(StoreError::Conflict),
        Some(Lost::Outage(error) | Lost::Refused(error) | Lost::Unknown(error)) => {
            operation.fail(error);
        }
    }
}
