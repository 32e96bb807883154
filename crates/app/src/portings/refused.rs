//! What a subscriber must not send again: the very value the donor refused, and a decline that the
//! project does not let them repair.

use portico_domain::{
    decline::DeclineCode,
    porting::{Details, Field, Porting, Repair, State},
    secret_text::Pin,
};
use portico_store::Tx;

use super::answers::pin_fingerprint;
use crate::{AppError, BusinessCode, PropertyError};

const REPEATED: &str = "is what the donor refused; it has to be a different one.";

/// The one value the donor objected to, typed again as it was. Where it objected to several at
/// once, one of them may well have been right.
pub(super) fn repeated_refusals(
    tx: &Tx,
    before: &Porting,
    details: &Details,
    mentioned: &[&'static str],
) -> Vec<PropertyError> {
    let State::Declined(decline) = &before.state else {
        return Vec::new();
    };
    let [field] = decline.code.rejected_fields() else {
        return Vec::new();
    };
    let rejected = &decline.rejected;
    let same_pin = |pin: &Option<Pin>| {
        let typed = pin
            .as_ref()
            .map(|pin| pin_fingerprint(tx, before, &pin.stripped()));
        typed.is_some() && typed == rejected.pin
    };
    let repeats = match field {
        Field::AccountPin => same_pin(&details.account_pin),
        Field::BillingPin => same_pin(&details.billing_pin),
        field => rejected.still_in(details, *field),
    };
    if repeats && mentioned.contains(&field.as_str()) {
        vec![PropertyError::invalid(field.as_str(), REPEATED)]
    } else {
        Vec::new()
    }
}

/// Whether the project lets the subscriber repair a declined porting.
///
/// # Errors
/// It does not.
pub(super) fn check_repairable(
    porting: &Porting,
    repairable: &[DeclineCode],
) -> Result<(), AppError> {
    if porting.repair(repairable) != Some(Repair::Impossible) {
        return Ok(());
    }
    let message = "Only the project can send this declined porting again.";
    Err(AppError::business(
        BusinessCode::PortingNotUpdatable,
        message,
    ))
}

/// Whether the subscriber's change from `before` to `after` mends the decline. To send it again is to
/// say that the donor's lock is off.
///
/// # Errors
/// Which values are still those that the donor refused, or empty.
pub(super) fn check_repaired(
    tx: &Tx,
    before: &Porting,
    after: &Porting,
    (repairable, mentioned): (&[DeclineCode], &[&'static str]),
) -> Result<(), AppError> {
    let mut faults = repeated_refusals(tx, before, &after.details, mentioned);
    if let (true, Some(Repair::Change(fields))) = (faults.is_empty(), after.repair(repairable)) {
        let empty = fields.iter().filter(|field| !after.details.has(**field));
        faults.extend(empty.map(|field| PropertyError::required(field.as_str())));
        if faults.is_empty() {
            let same = |field: &Field| PropertyError::invalid(field.as_str(), REPEATED);
            faults.extend(fields.iter().map(same));
        }
    }
    match faults.is_empty() {
        true => Ok(()),
        false => Err(AppError::Invalid(faults)),
    }
}
