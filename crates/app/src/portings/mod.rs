//! Portings: what can be done to one, by whom, and what it entails.

mod answers;
mod cancel;
mod checks;
mod create;
mod keep;
mod refused;
mod subscriber;
mod trouble;
mod update;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use portico_domain::{
    event::Actor,
    id::PortingId,
    porting::{Porting, Status},
};
use portico_store::{Tx, jobs, portings};

pub(crate) use answers::request;
pub use answers::{
    Submission, accepted, answered, begin_submission, call_ended, kept, refused, send_again,
};
pub use cancel::{cancel, delete_draft, expire};
pub use checks::{check_recipient, portability};
pub use create::{NewPorting, create};
pub use keep::job;
pub(crate) use keep::take;
pub(crate) use subscriber::ANSWERED;
pub use subscriber::{Confirmation, confirm, disable_protection, save_answers};
pub use trouble::{PATIENCE, Troubled, called_off, hint, note_unreadable, troubled};
pub use update::{PortingPatch, new_requirements, repair_or_update, spend_pin_entry, update};

use crate::{AppError, changes::Scope};

/// The project's porting of that id.
///
/// # Errors
/// There is none.
pub async fn get(tx: &mut Tx, project: &str, id: PortingId) -> Result<Porting, AppError> {
    portings::find(tx, project, id)
        .await?
        .ok_or(AppError::NotFound("porting"))
}

/// Whether a confirmed porting waits because the gateway did not take it so far.
///
/// # Errors
/// The store failed.
pub async fn is_held(tx: &mut Tx, porting: &Porting) -> Result<bool, AppError> {
    let tries = jobs::tries_of(tx, job::SUBMIT, &porting.reference()).await?;
    Ok(porting.status() == Status::Pending && tries.is_some_and(|tries| tries > 0))
}

/// The calendar day at `now`, in UTC.
pub fn day_of(now: Timestamp) -> Date {
    now.to_zoned_datetime(TimeZone::UTC).date()
}

fn scope<'a>(actor: &'a Actor, porting: &'a Porting) -> Scope<'a> {
    Scope {
        project: &porting.project,
        subject: porting.id.as_str(),
        actor,
    }
}
