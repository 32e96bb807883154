//! What a subscriber does to their porting in Connect. Answers are saved one step at a time and
//! never send anything; only [`confirm`] does, and it checks everything again.

use portico_domain::{
    decline::DeclineCode,
    event::Actor,
    porting::{Command, DetailsPatch, Porting, Repair, Status},
};
use portico_store::Tx;
use serde_json::json;

use super::{checks, day_of, keep::keep, refused::repeated_refusals, scope, update::not_updatable};
use crate::{AppError, changes};

/// What begins a porting: its first answer.
pub(crate) const ANSWERED: &str = "porting.answered";

/// What came of a confirmation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// It is on its way.
    Sent,
    /// It was confirmed before; nothing happened now.
    AlreadySent,
    /// Something is missing, or was not changed since the decline: back to the questions.
    Incomplete,
    /// The porting is in no state to be confirmed.
    NotPossible,
}

/// Saves answers. Values that the donor refused before are not taken again.
///
/// # Errors
/// Which answers are wrong; or the porting can no longer be changed.
pub async fn save_answers(
    tx: &mut Tx,
    who: (&Actor, Porting),
    patch: DetailsPatch,
) -> Result<Porting, AppError> {
    let (actor, before) = who;
    if !matches!(
        before.status(),
        Status::InformationRequired | Status::Declined
    ) {
        return Err(not_updatable(before.status()));
    }
    let names = patch.mentioned();
    let mut after = before.clone();
    let mentioned = checks::Mentioned {
        schedule: !patch.scheduled_on.is_keep(),
        donor: !patch.donor_provider.is_keep(),
        pin_or_behavior: !patch.account_pin.is_keep(),
    };
    patch.apply(&mut after.details);
    checks::check_data(&mut after, mentioned, day_of(tx.now()))?;
    let repeated = repeated_refusals(tx, &before, &after.details, &names);
    if !repeated.is_empty() {
        return Err(AppError::Invalid(repeated));
    }
    let after = after.apply(Command::Save, tx.now())?;
    keep(tx, actor, &before, &after).await?;
    changes::audit(
        tx,
        scope(actor, &after),
        ANSWERED,
        json!({ "fields": names }),
    )
    .await?;
    Ok(after)
}

/// The subscriber says that the donor's lock is off.
///
/// # Errors
/// The porting was not declined for that.
pub async fn disable_protection(
    tx: &mut Tx,
    actor: &Actor,
    before: Porting,
) -> Result<Porting, AppError> {
    let after = before.clone().apply(Command::DisableProtection, tx.now())?;
    keep(tx, actor, &before, &after).await?;
    changes::audit(
        tx,
        scope(actor, &after),
        "porting.protectionDisabled",
        json!({}),
    )
    .await?;
    Ok(after)
}

/// The subscriber authorizes the porting with the wording of `version`. Everything is checked again
/// in this transaction, because much may have happened since the page was shown.
///
/// # Errors
/// The store failed.
pub async fn confirm(
    tx: &mut Tx,
    who: (&Actor, Porting),
    repairable: &[DeclineCode],
    version: &str,
) -> Result<Confirmation, AppError> {
    let (actor, before) = who;
    let ready = match before.status() {
        Status::InformationRequired => true,
        Status::Declined => before.repair(repairable) == Some(Repair::Done),
        Status::Pending | Status::Requested => return Ok(Confirmation::AlreadySent),
        _ => return Ok(Confirmation::NotPossible),
    };
    if !ready || !before.missing().is_empty() {
        return Ok(Confirmation::Incomplete);
    }
    let mut ready = before.clone();
    // A day that passed while the questions were open means: as soon as possible.
    let today = day_of(tx.now());
    ready.details.scheduled_on = ready.details.scheduled_on.filter(|day| *day >= today);
    let after = ready.apply(Command::Submit, tx.now())?;
    keep(tx, actor, &before, &after).await?;
    let facts = json!({ "wording": version, "attempt": after.attempt });
    changes::audit(tx, scope(actor, &after), "porting.authorized", facts).await?;
    Ok(Confirmation::Sent)
}
