//! What every change of a porting entails, in one place: the guarded update, its events, the
//! attempt and the jobs, and what becomes of the subscription.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use portico_domain::{
    decline::DeclineCode,
    event::{Actor, EventType},
    id::SubscriptionId,
    porting::{Command, Porting, State, Status},
};
use portico_metrics::metrics;
use portico_store::{
    StoreError, Tx,
    attempts::{self, Attempt, AttemptState},
    erasures, jobs, portings,
};

use super::{checks, day_of, scope};
use crate::{AppError, changes, subscriptions, wire::PortingResource};

/// The kinds of durable work a porting needs; the subject of each is named beside it.
pub mod job {
    /// Hand an attempt to its gateway. Subject: the attempt's reference.
    pub const SUBMIT: &str = "porting.submit";
    /// Ask a gateway how an attempt stands. Subject: the attempt's reference.
    pub const WATCH: &str = "porting.watch";
    /// Call an attempt off at its gateway. Subject: the attempt's reference.
    pub const CANCEL: &str = "porting.cancel";
    /// Expire a porting that found no end. Subject: the porting.
    pub const EXPIRE: &str = "porting.expire";
    /// Delete a draft nobody used. Subject: the porting.
    pub const DELETE_DRAFT: &str = "porting.deleteDraft";
    /// Every kind.
    pub const ALL: [&str; 5] = [SUBMIT, WATCH, CANCEL, EXPIRE, DELETE_DRAFT];
}

/// When a porting expires whose recipient is no longer connected.
const USUAL_MAX_AGE_DAYS: u16 = 30;

/// Writes `after` over `before` with everything that follows from the difference.
pub(crate) async fn keep(
    tx: &mut Tx,
    actor: &Actor,
    before: &Porting,
    after: &Porting,
) -> Result<(), AppError> {
    match portings::update(tx, before, after).await {
        Err(StoreError::Unique) => return Err(checks::already_exists()),
        other => other?,
    }
    let old = PortingResource::from(before);
    let new = PortingResource::from(after);
    let scope = scope(actor, after);
    changes::record_update(tx, scope, EventType::PortingUpdated, (&old, &new)).await?;
    if before.status() == after.status() {
        return Ok(());
    }
    if let Some(kind) = event_of(after.status()) {
        changes::record(tx, scope, kind, &new).await?;
    }
    if let State::Declined(decline) = &after.state {
        count_decline(tx, &after.provider, &decline.code);
    }
    if after.status() == Status::Pending {
        queue_attempt(tx, after).await?;
    }
    if after.status().is_final() {
        jobs::forget(tx, after.id.as_str()).await?;
        subscriptions::porting_ended(tx, actor, after).await?;
        erasures::after_porting(tx, after).await?;
    }
    Ok(())
}

/// A subscription takes a draft: it is sent when complete, else it waits for data.
pub(crate) async fn take(
    tx: &mut Tx,
    actor: &Actor,
    draft: Porting,
    subscription: SubscriptionId,
) -> Result<Porting, AppError> {
    checks::check_number_is_free(tx, &draft).await?;
    let taken = draft.clone().apply(Command::Take(subscription), tx.now())?;
    if taken.status() == Status::Pending {
        checks::check_not_past(&taken, day_of(tx.now()))?;
    }
    keep(tx, actor, &draft, &taken).await?;
    jobs::forget(tx, taken.id.as_str()).await?;
    let expires_at = expiry(&taken, tx.now());
    jobs::enqueue(tx, job::EXPIRE, taken.id.as_str(), expires_at).await?;
    Ok(taken)
}

/// When a porting that was taken at `taken_at` expires: the recipient's maximum later, counted from
/// the day it is scheduled for when that is still to come.
pub(super) fn expiry(porting: &Porting, taken_at: Timestamp) -> Timestamp {
    let rules = checks::rules_of(porting);
    let days = rules.map_or(USUAL_MAX_AGE_DAYS, |rules| rules.max_age_days);
    let scheduled = porting.scheduled_after(day_of(taken_at)).and_then(start_of);
    let age = SignedDuration::from_hours(24 * i64::from(days));
    scheduled
        .unwrap_or(taken_at)
        .saturating_add(age)
        .unwrap_or(Timestamp::MAX)
}

fn start_of(day: Date) -> Option<Timestamp> {
    let midnight = day.at(0, 0, 0, 0).to_zoned_datetime(TimeZone::UTC).ok()?;
    Some(midnight.timestamp())
}

/// Counts a decline. A code that a later contract brought is counted with the others of its kind, so
/// that a carrier cannot make up series.
fn count_decline(tx: &mut Tx, provider: &str, code: &DeclineCode) {
    let known = DeclineCode::KNOWN.iter().find(|known| *known == code);
    let code = known.map_or("other", DeclineCode::as_str);
    let provider = provider.to_owned();
    tx.after_commit(move || metrics().changes.declined(&provider, code));
}

async fn queue_attempt(tx: &mut Tx, porting: &Porting) -> Result<(), AppError> {
    let attempt = Attempt {
        reference: porting.reference(),
        porting: porting.id,
        number: porting.attempt,
        state: AttemptState::Waiting,
        calls: 0,
        created_at: tx.now(),
        accepted_at: None,
        unreadable_since: None,
        open_call: None,
    };
    attempts::insert(tx, &attempt).await?;
    let now = tx.now();
    jobs::enqueue(tx, job::SUBMIT, &attempt.reference, now).await?;
    Ok(())
}

fn event_of(status: Status) -> Option<EventType> {
    match status {
        Status::InformationRequired => Some(EventType::PortingInformationRequired),
        Status::Requested => Some(EventType::PortingRequested),
        Status::Declined => Some(EventType::PortingDeclined),
        Status::Completed => Some(EventType::PortingCompleted),
        Status::Canceled => Some(EventType::PortingCanceled),
        Status::Expired => Some(EventType::PortingExpired),
        Status::Failed => Some(EventType::PortingFailed),
        Status::Draft | Status::Initiated | Status::Pending => None,
    }
}
