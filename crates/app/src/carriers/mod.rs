//! Carriers that are reached through somebody else: a backend of the operator's tells us what its
//! carrier said ([`updates`]), or a person hands requests in at a portal ([`queue`]).
//!
//! Guarantee: what was told is on disk before the teller is answered, and is looked at at once. It
//! changes nothing by itself: what becomes of a porting is decided where every carrier's answer is,
//! in `portings::answered`, so an update that comes twice, late or out of turn is kept and no more.

pub mod queue;
pub mod updates;

use portico_domain::porting::Porting;
use portico_store::{Tx, erasures, jobs};

use crate::{AppError, portings::job};

/// Has whoever waits for news of an attempt look at once.
async fn wake(tx: &mut Tx, porting: &Porting, reference: &str) -> Result<(), AppError> {
    jobs::wake(tx, job::SUBMIT, reference).await?;
    jobs::wake(tx, job::WATCH, reference).await?;
    if porting.status().is_final() {
        // What comes after the end is personal as well, and may come after everything was erased.
        erasures::after_porting(tx, porting).await?;
    }
    Ok(())
}
