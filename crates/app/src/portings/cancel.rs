use portico_domain::{
    event::{Actor, EventType},
    porting::{Command, Porting, Status},
};
use portico_store::{
    Tx,
    attempts::{self, AttemptState},
    erasures, jobs, portings,
};

use super::{
    answers::{call_off, drop_attempt},
    day_of,
    keep::{job, keep},
    scope,
};
use crate::{AppError, BusinessCode, changes, wire::PortingResource};

/// Calls a porting off, at the gateway too if it may have got there.
///
/// # Errors
/// It is canceled already, or too far gone.
pub async fn cancel(tx: &mut Tx, actor: &Actor, porting: Porting) -> Result<Porting, AppError> {
    if porting.status() == Status::Canceled {
        let message = "The porting is canceled already.";
        return Err(AppError::business(
            BusinessCode::PortingAlreadyCanceled,
            message,
        ));
    }
    if !porting.is_cancelable(day_of(tx.now())) {
        let message = format!("A porting that is {} cannot be canceled.", porting.status());
        return Err(AppError::business(
            BusinessCode::PortingNotCancelable,
            message,
        ));
    }
    end(tx, actor, porting, Command::Cancel).await
}

/// Ends an open porting whose time is over. Any other is left as it is.
///
/// # Errors
/// The store failed.
pub async fn expire(tx: &mut Tx, porting: Porting) -> Result<Porting, AppError> {
    if !porting.status().is_open() {
        return Ok(porting);
    }
    // The day it is scheduled for may have been set after the porting was taken.
    let due = super::keep::expiry(&porting, porting.created_at);
    if porting.details.scheduled_on.is_some() && due > tx.now() {
        jobs::enqueue(tx, job::EXPIRE, porting.id.as_str(), due).await?;
        return Ok(porting);
    }
    end(tx, &Actor::System, porting, Command::Expire).await
}

async fn end(
    tx: &mut Tx,
    actor: &Actor,
    before: Porting,
    command: Command,
) -> Result<Porting, AppError> {
    let name = command.name();
    let after = before.clone().apply(command, tx.now())?;
    keep(tx, actor, &before, &after).await?;
    withdraw(tx, &before).await?;
    changes::audit(
        tx,
        scope(actor, &after),
        "porting.ended",
        serde_json::json!({ "by": name }),
    )
    .await?;
    Ok(after)
}

/// Takes the current attempt back: off the queue when it was not sent, else at the gateway.
async fn withdraw(tx: &mut Tx, porting: &Porting) -> Result<(), AppError> {
    let reference = porting.reference();
    let Some(attempt) = attempts::find(tx, &reference).await? else {
        return Ok(());
    };
    match attempt.state {
        AttemptState::Waiting => {
            jobs::forget(tx, &reference).await?;
            drop_attempt(tx, &attempt).await?;
        }
        AttemptState::Dropped => {}
        // Whoever sends it learns afterwards that it is to be called off; who waits, at once.
        AttemptState::Sending => jobs::wake(tx, job::SUBMIT, &reference).await?,
        // What was declined is kept open by carriers that let it be mended.
        AttemptState::Answered if porting.status() != Status::Declined => {}
        AttemptState::Answered | AttemptState::Accepted => {
            jobs::forget(tx, &reference).await?;
            call_off(tx, porting.id).await?;
        }
    }
    Ok(())
}

/// Deletes a draft.
///
/// # Errors
/// It is none.
pub async fn delete_draft(tx: &mut Tx, actor: &Actor, porting: &Porting) -> Result<(), AppError> {
    if porting.status() != Status::Draft {
        let message = format!("A porting that is {} cannot be deleted.", porting.status());
        return Err(AppError::business(
            BusinessCode::PortingNotDeletable,
            message,
        ));
    }
    portings::delete_draft(tx, porting.id).await?;
    jobs::forget(tx, porting.id.as_str()).await?;
    let resource = PortingResource::from(porting);
    changes::record(
        tx,
        scope(actor, porting),
        EventType::PortingDeleted,
        &resource,
    )
    .await?;
    erasures::after_porting(tx, porting).await?;
    Ok(())
}
