use portico_domain::{
    decline::DeclineCode,
    event::Actor,
    id::PortingId,
    phone::PhoneNumber,
    porting::{Behavior, Command, DetailsPatch, Field, Patch, Porting, Status},
    project::Project,
};
use portico_store::{Tx, rate_limits};
use serde_json::json;

use super::{
    checks, day_of,
    keep::keep,
    refused::{check_repairable, check_repaired},
    scope,
};
use crate::{App, AppError, BusinessCode, PropertyError, changes};

/// A change of a porting by the API.
#[derive(Debug, Clone, Default)]
#[expect(
    missing_docs,
    reason = "each field is described at the same name in `Porting`"
)]
pub struct PortingPatch {
    pub details: DetailsPatch,
    pub behavior: Option<Behavior>,
    /// Drafts only.
    pub phone_number: Option<PhoneNumber>,
    /// Drafts only.
    pub provider: Option<String>,
}

impl PortingPatch {
    /// The names of the fields it mentions, for the audit trail.
    fn mentioned(&self) -> Vec<&'static str> {
        let mut names = self.details.mentioned();
        names.extend(self.behavior.map(|_| "behavior"));
        names.extend(self.phone_number.as_ref().map(|_| "phoneNumber"));
        names.extend(self.provider.as_ref().map(|_| "provider"));
        names
    }

    fn moves_number(&self) -> bool {
        self.phone_number.is_some() || self.provider.is_some()
    }
}

/// What the gateway requires after the change, when the change is of the number or the provider;
/// asked before the transaction.
///
/// # Errors
/// As [`super::portability`].
pub async fn new_requirements(
    app: &App,
    project: &Project,
    porting: &Porting,
    patch: &PortingPatch,
) -> Result<Option<Vec<Field>>, AppError> {
    check_updatable(porting, patch)?;
    if !patch.moves_number() {
        return Ok(None);
    }
    let provider = patch.provider.as_deref().unwrap_or(&porting.provider);
    let number = patch.phone_number.as_ref().unwrap_or(&porting.phone_number);
    checks::portability(app, project, provider, number)
        .await
        .map(Some)
}

/// Changes a porting. A complete `informationRequired` one is sent; a `declined` one is sent again,
/// or, when required data is missing, nothing is saved at all.
///
/// # Errors
/// The status forbids it, a field is not for this recipient, or data is missing.
pub async fn update(
    tx: &mut Tx,
    who: (&Actor, Porting),
    change: (PortingPatch, Option<Vec<Field>>),
) -> Result<Porting, AppError> {
    let (actor, before) = who;
    let names = change.0.mentioned();
    let after = changed(tx, &before, change).await?;
    send(tx, actor, (&before, after), names).await
}

/// The same by the subscriber, with a user token: a declined porting is sent again only where Connect
/// would let them repair it, and never with the value that the donor refused.
///
/// # Errors
/// As [`update`]; or the decline is not theirs to repair, or not repaired.
pub async fn repair_or_update(
    tx: &mut Tx,
    who: (&Actor, Porting),
    repairable: &[DeclineCode],
    change: (PortingPatch, Option<Vec<Field>>),
) -> Result<Porting, AppError> {
    let (actor, before) = who;
    check_repairable(&before, repairable)?;
    let names = change.0.mentioned();
    let after = changed(tx, &before, change).await?;
    check_repaired(tx, &before, &after, (repairable, &names))?;
    send(tx, actor, (&before, after), names).await
}

/// The porting with the change, if it may be made; nothing is kept yet.
async fn changed(
    tx: &mut Tx,
    before: &Porting,
    change: (PortingPatch, Option<Vec<Field>>),
) -> Result<Porting, AppError> {
    let (patch, required) = change;
    check_updatable(before, &patch)?;
    let moves_number = patch.moves_number();
    // Another recipient or country makes something else of data that was fine before.
    let mentioned = checks::Mentioned {
        schedule: moves_number || !patch.details.scheduled_on.is_keep(),
        donor: moves_number || !patch.details.donor_provider.is_keep(),
        pin_or_behavior: moves_number
            || !patch.details.account_pin.is_keep()
            || patch.behavior.is_some(),
    };
    let mut after = apply(before.clone(), patch, required);
    checks::check_data(&mut after, mentioned, day_of(tx.now()))?;
    if moves_number {
        checks::check_number_is_free(tx, &after).await?;
    }
    Ok(after)
}

async fn send(
    tx: &mut Tx,
    actor: &Actor,
    (before, changed): (&Porting, Porting),
    names: Vec<&'static str>,
) -> Result<Porting, AppError> {
    let after = send_if_complete(changed, tx.now())?;
    if after.status() == Status::Pending {
        checks::check_not_past(&after, day_of(tx.now()))?;
    }
    keep(tx, actor, before, &after).await?;
    let facts = json!({ "fields": names, "status": after.status().as_str() });
    changes::audit(tx, scope(actor, &after), "porting.changed", facts).await?;
    Ok(after)
}

fn apply(mut porting: Porting, patch: PortingPatch, required: Option<Vec<Field>>) -> Porting {
    patch.details.apply(&mut porting.details);
    porting.behavior = patch.behavior.unwrap_or(porting.behavior);
    porting.phone_number = patch.phone_number.unwrap_or(porting.phone_number);
    porting.provider = patch.provider.unwrap_or(porting.provider);
    porting.required = required.unwrap_or(porting.required);
    porting
}

fn send_if_complete(porting: Porting, at: jiff::Timestamp) -> Result<Porting, AppError> {
    let missing = porting.missing();
    match porting.status() {
        Status::Declined if !missing.is_empty() => Err(AppError::Invalid(
            missing
                .iter()
                .map(|f| PropertyError::required(f.as_str()))
                .collect(),
        )),
        Status::Declined => Ok(porting.apply(Command::Submit, at)?),
        Status::InformationRequired if missing.is_empty() => {
            Ok(porting.apply(Command::Submit, at)?)
        }
        _ => Ok(porting.apply(Command::Save, at)?),
    }
}

fn check_updatable(porting: &Porting, patch: &PortingPatch) -> Result<(), AppError> {
    match porting.status() {
        Status::Draft => Ok(()),
        Status::InformationRequired | Status::Declined if patch.moves_number() => {
            let message = "phoneNumber and provider can be changed in a draft only.";
            let code = BusinessCode::PortingAttributeUpdateNotSupported;
            Err(AppError::business(code, message))
        }
        Status::InformationRequired | Status::Declined => Ok(()),
        status => Err(not_updatable(status)),
    }
}

pub(super) fn not_updatable(status: Status) -> AppError {
    let message = format!("A porting that is {status} cannot be changed.");
    AppError::business(BusinessCode::PortingNotUpdatable, message)
}

/// Counts a PIN that `patch` enters, in a transaction of its own: a PIN moves a number, so guessing
/// them through us is held back, whether or not the guess is taken.
///
/// # Errors
/// Too many were entered for this porting.
pub async fn spend_pin_entry(
    app: &App,
    porting: PortingId,
    patch: &DetailsPatch,
) -> Result<(), AppError> {
    let enters =
        matches!(patch.account_pin, Patch::Set(_)) || matches!(patch.billing_pin, Patch::Set(_));
    if !enters {
        return Ok(());
    }
    let limit = app.config.limits.pins_per_porting;
    let taken = app.write(move |tx, _| {
        Box::pin(async move { Ok(rate_limits::take(tx, &format!("pin/{porting}"), limit).await?) })
    });
    taken.await?.map_err(AppError::TooMany)
}
