//! Between Portico and a gateway.
//!
//! Guarantee: the intent to send is on disk before the gateway is called ([`begin_submission`]), and
//! whoever finds an attempt in that state asks the gateway before sending anything. A call whose end
//! nobody heard may be carried out after the gateway was asked: which one that is, is on disk too, for whoever
//! has to wait. So a request reaches a gateway exactly once per attempt, whatever crashes in between.

use portico_carrier::{Answer, Outcome, PortRequest};
use portico_domain::{
    decline::DeclineCode,
    event::Actor,
    id::PortingId,
    playbook,
    porting::{Command, Fingerprint, Porting, State, Status},
    secret_text::{AccountNumber, Pin},
};
use portico_store::{
    Tx,
    attempts::{self, Attempt, AttemptState, CarrierAnswer},
    jobs, portings,
};
use serde_json::json;

use super::{
    checks, day_of,
    keep::{job, keep},
    scope,
};
use crate::{AppError, changes, hashing};

/// What to do about an attempt.
#[derive(Debug)]
pub enum Submission {
    /// Nothing: it was sent, or is to be sent no more.
    Nothing,
    /// Hand it in.
    Send(Box<PortRequest>),
    /// It may have been sent before a crash or time-out: ask first.
    AskFirst {
        /// What is handed in when the gateway does not have it.
        request: Box<PortRequest>,
        /// Which call may still be carried out; see [`Attempt::open_call`].
        open_call: Option<u32>,
    },
}

/// Writes down that the attempt is about to be sent, and says how.
///
/// # Errors
/// The store failed.
pub async fn begin_submission(tx: &mut Tx, reference: &str) -> Result<Submission, AppError> {
    let Some((attempt, porting)) = load(tx, reference).await? else {
        return Ok(Submission::Nothing);
    };
    match attempt.state {
        AttemptState::Waiting if is_wanted(&porting, reference) => {
            let from = AttemptState::Waiting;
            attempts::advance(tx, reference, from, AttemptState::Sending).await?;
            attempts::begin_call(tx, reference).await?;
            Ok(Submission::Send(Box::new(request(&porting))))
        }
        // Also when the porting has ended: if the gateway has it, it must be called off there.
        AttemptState::Sending => {
            attempts::count_call(tx, reference).await?;
            Ok(Submission::AskFirst {
                request: Box::new(request(&porting)),
                open_call: attempt.open_call,
            })
        }
        _ => Ok(Submission::Nothing),
    }
}

/// Whether a porting waits for its attempt of that reference to be handed in.
fn is_wanted(porting: &Porting, reference: &str) -> bool {
    porting.status() == Status::Pending && porting.reference() == reference
}

/// What the gateway is handed. Donors that print dashes into numbers and PINs and do not want them
/// back get them without.
pub(crate) fn request(porting: &Porting) -> PortRequest {
    let mut details = porting.details.clone();
    let donor = details.donor_provider.as_deref();
    if donor
        .and_then(playbook::playbook)
        .is_some_and(|donor| donor.strip_dashes)
    {
        let number = details
            .account_number
            .as_ref()
            .map(|number| number.stripped());
        let pin = details.account_pin.as_ref().map(|pin| pin.stripped());
        // One that was nothing but dashes stays as it was typed.
        details.account_number = number
            .and_then(|number| AccountNumber::parse(&number).ok())
            .or(details.account_number);
        details.account_pin = pin
            .and_then(|pin| Pin::parse(&pin).ok())
            .or(details.account_pin);
    }
    PortRequest {
        reference: porting.reference(),
        porting: porting.id,
        provider: porting.provider.clone(),
        phone_number: porting.phone_number.clone(),
        behavior: porting.behavior,
        details,
    }
}

/// Whether an attempt whose sending was interrupted, and which the gateway does not have, should still be
/// handed in; that it is, is on disk then. Not when the porting was canceled meanwhile.
///
/// # Errors
/// The store failed.
pub async fn send_again(tx: &mut Tx, reference: &str) -> Result<bool, AppError> {
    let Some((attempt, porting)) = load(tx, reference).await? else {
        return Ok(false);
    };
    if is_wanted(&porting, reference) {
        attempts::open_call(tx, reference).await?;
        return Ok(true);
    }
    drop_attempt(tx, &attempt).await?;
    Ok(false)
}

/// A call that handed the attempt in has ended without success: nothing more comes of it.
///
/// # Errors
/// The store failed.
pub async fn call_ended(tx: &mut Tx, reference: &str) -> Result<(), AppError> {
    Ok(attempts::close_calls(tx, reference).await?)
}

/// Ends an attempt that no gateway has, of a porting that has ended.
///
/// # Errors
/// The store failed.
pub(super) async fn drop_attempt(tx: &mut Tx, attempt: &Attempt) -> Result<(), AppError> {
    let (reference, state) = (&attempt.reference, attempt.state);
    attempts::advance(tx, reference, state, AttemptState::Dropped).await?;
    if state == AttemptState::Sending {
        // What was made of calls that did not succeed.
        let now = tx.now();
        jobs::enqueue(tx, job::CANCEL, reference, now).await?;
    }
    call_off(tx, attempt.porting).await
}

/// Calls off whatever a carrier may have of a porting that has ended. Also of attempts that were declined:
/// it may keep those open, and under the reference of an earlier one.
///
/// # Errors
/// The store failed.
pub(super) async fn call_off(tx: &mut Tx, porting: PortingId) -> Result<(), AppError> {
    let now = tx.now();
    for attempt in attempts::of_porting(tx, porting).await? {
        if matches!(
            attempt.state,
            AttemptState::Accepted | AttemptState::Answered
        ) {
            jobs::enqueue(tx, job::CANCEL, &attempt.reference, now).await?;
        }
    }
    Ok(())
}

/// The gateway has the attempt: the porting is `requested`, or, if it was canceled meanwhile, the
/// attempt is called off.
///
/// # Errors
/// The store failed.
pub async fn accepted(tx: &mut Tx, reference: &str) -> Result<(), AppError> {
    let Some((attempt, before)) = load(tx, reference).await? else {
        return Ok(());
    };
    if attempt.state != AttemptState::Sending {
        return Ok(());
    }
    attempts::advance(tx, reference, AttemptState::Sending, AttemptState::Accepted).await?;
    let now = tx.now();
    if !is_wanted(&before, reference) {
        return call_off(tx, before.id).await;
    }
    let after = before.clone().apply(Command::Accepted, now)?;
    keep(tx, &Actor::System, &before, &after).await?;
    let facts = json!({ "attempt": after.attempt });
    changes::audit(
        tx,
        scope(&Actor::System, &after),
        "porting.submitted",
        facts,
    )
    .await?;
    jobs::enqueue(tx, job::WATCH, reference, now).await?;
    Ok(())
}

/// The gateway has the attempt and its carrier will have it later. Whether that is still to be waited
/// for: a porting that was canceled meanwhile is called off where its request waits.
///
/// # Errors
/// The store failed.
pub async fn kept(tx: &mut Tx, reference: &str) -> Result<bool, AppError> {
    let Some((attempt, porting)) = load(tx, reference).await? else {
        return Ok(false);
    };
    if attempt.state != AttemptState::Sending {
        return Ok(false);
    }
    readable_again(tx, &attempt).await?;
    if is_wanted(&porting, reference) {
        return Ok(true);
    }
    attempts::advance(tx, reference, AttemptState::Sending, AttemptState::Accepted).await?;
    call_off(tx, porting.id).await?;
    Ok(false)
}

/// The carrier read the attempt and will not take it with this data: for everybody else it was
/// requested and declined.
///
/// # Errors
/// The store failed.
pub async fn refused(tx: &mut Tx, reference: &str, answers: &[Answer]) -> Result<(), AppError> {
    let loaded = load(tx, reference).await?;
    let is_wanted = loaded.is_some_and(|(_, porting)| is_wanted(&porting, reference));
    accepted(tx, reference).await?;
    if is_wanted {
        // There is nothing to watch.
        jobs::forget(tx, reference).await?;
    }
    answered(tx, reference, answers).await.map(drop)
}

/// Takes what the carrier said. What was said before, too late, or out of turn is kept in the books
/// and changes nothing. Whether the carrier should be asked again.
///
/// # Errors
/// The store failed.
pub async fn answered(tx: &mut Tx, reference: &str, answers: &[Answer]) -> Result<bool, AppError> {
    let mut watched = true;
    if let Some(attempt) = attempts::find(tx, reference).await? {
        readable_again(tx, &attempt).await?;
    }
    for answer in answers {
        watched = take_answer(tx, reference, answer).await?;
    }
    Ok(match answers {
        [] => load(tx, reference)
            .await?
            .is_some_and(|(attempt, porting)| {
                attempt.state == AttemptState::Accepted && porting.status() == Status::Requested
            }),
        _ => watched,
    })
}

async fn take_answer(tx: &mut Tx, reference: &str, answer: &Answer) -> Result<bool, AppError> {
    let Some((attempt, before)) = load(tx, reference).await? else {
        return Ok(false);
    };
    let is_current = before.reference() == reference
        && before.status() == Status::Requested
        && attempt.state == AttemptState::Accepted;
    let repeated = is_repeated(&before, &answer.outcome);
    let applies = is_current && !repeated;
    if applies {
        apply_answer(tx, &before, answer).await?;
        if answer.outcome.is_end() {
            let from = AttemptState::Accepted;
            attempts::advance(tx, reference, from, AttemptState::Answered).await?;
        }
    }
    if applies || !repeated || says_something_new(tx, &before, answer).await? {
        note(tx, (reference, &before), answer, applies).await?;
    }
    Ok(is_current && !answer.outcome.is_end())
}

/// Whether a carrier that has not come to an end says what it said before.
fn is_repeated(porting: &Porting, outcome: &Outcome) -> bool {
    let is_delayed = matches!(
        porting.state,
        State::Requested {
            delayed_at: Some(_)
        }
    );
    match outcome {
        Outcome::Delayed => is_delayed,
        Outcome::Foc { at } => porting.details.scheduled_on == Some(day_of(*at)),
        _ => false,
    }
}

/// Whether a carrier that says "later" again says it in other words than the last time.
async fn says_something_new(
    tx: &mut Tx,
    porting: &Porting,
    answer: &Answer,
) -> Result<bool, AppError> {
    let kept = attempts::answers_of(tx, porting.id).await?;
    Ok(kept
        .last()
        .is_none_or(|last| last.raw_code != answer.raw_code || last.raw_text != answer.raw_text))
}

async fn apply_answer(tx: &mut Tx, before: &Porting, answer: &Answer) -> Result<(), AppError> {
    let command = match &answer.outcome {
        Outcome::Delayed => Command::Delayed,
        Outcome::Foc { at } => Command::Schedule(day_of(*at)),
        Outcome::Completed => Command::Complete,
        Outcome::Expired => Command::Expire,
        Outcome::Failed => Command::Fail,
        Outcome::Declined { code, message } => {
            let pin = refused_pin(tx, before, code);
            Command::Decline {
                code: code.clone(),
                message: message.clone(),
                pin,
            }
        }
    };
    let mut after = before.clone().apply(command, tx.now())?;
    let takes_dates = checks::rules_of(before).is_ok_and(|rules| rules.scheduling);
    if after.status() == Status::Declined && !takes_dates {
        // The day was the carrier's, and nobody could take it back.
        after.details.scheduled_on = None;
    }
    keep(tx, &Actor::System, before, &after).await
}

fn refused_pin(tx: &Tx, porting: &Porting, code: &DeclineCode) -> Option<Fingerprint> {
    let pin = match code {
        DeclineCode::AccountPin => porting.details.account_pin.as_ref(),
        DeclineCode::BillingPin => porting.details.billing_pin.as_ref(),
        _ => None,
    };
    pin.map(|pin| pin_fingerprint(tx, porting, &pin.stripped()))
}

/// A keyed hash of a PIN, bound to its porting.
pub(super) fn pin_fingerprint(tx: &Tx, porting: &Porting, pin: &str) -> Fingerprint {
    let parts = [porting.id.as_str().as_bytes(), pin.as_bytes()];
    Fingerprint(hashing::keyed_hash(tx.vault().mac_key(), &parts))
}

async fn note(
    tx: &mut Tx,
    about: (&str, &Porting),
    answer: &Answer,
    applied: bool,
) -> Result<(), AppError> {
    let (reference, porting) = about;
    let mapped_code = match &answer.outcome {
        Outcome::Declined { code, .. } => Some(code.as_str()),
        _ => None,
    };
    let row = CarrierAnswer {
        reference,
        porting: porting.id,
        outcome: answer.outcome.name(),
        mapped_code,
        raw_code: answer.raw_code.as_deref(),
        raw_text: answer.raw_text.as_deref(),
        applied,
        said_at: answer.said_at,
    };
    attempts::insert_answer(tx, &row).await?;
    let facts = json!({ "outcome": row.outcome, "code": mapped_code, "applied": applied });
    changes::audit(
        tx,
        scope(&Actor::System, porting),
        "porting.carrierAnswer",
        facts,
    )
    .await
}

async fn readable_again(tx: &mut Tx, attempt: &Attempt) -> Result<(), AppError> {
    if attempt.unreadable_since.is_some() {
        attempts::note_unreadable(tx, &attempt.reference, false).await?;
    }
    Ok(())
}

async fn load(tx: &mut Tx, reference: &str) -> Result<Option<(Attempt, Porting)>, AppError> {
    let Some(attempt) = attempts::find(tx, reference).await? else {
        return Ok(None);
    };
    let porting = portings::get(tx, attempt.porting).await?;
    Ok(porting.map(|porting| (attempt, porting)))
}
