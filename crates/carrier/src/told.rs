//! What updates that were told mean: those of a backend of the operator's, and those of an operator.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use portico_domain::{carrier::UpdateKind, decline::DeclineCode};
use portico_store::{
    Db, StoreError, attempts,
    carriers::updates::{self, Update},
};

use crate::{
    Answer, GatewayError, Outcome,
    mapping::{Mapper, Reason, sentence},
};

/// What was told about an attempt and no answer was made of yet. An update that was taken once is not
/// told again: a carrier that moves a day, and then moves it back, would be taken to do so each time.
pub(crate) async fn news(db: &Db, reference: &str) -> Result<Vec<Update>, GatewayError> {
    let read = async {
        let mut tx = db.read().await?;
        let mut new = updates::of_attempt(&mut tx, reference).await?;
        if let Some(first) = new.first() {
            let taken = attempts::answers_of(&mut tx, first.porting).await?;
            new.retain(|update| {
                !taken.iter().any(|answer| {
                    answer.reference == reference && answer.said_at == Some(update.received_at)
                })
            });
        }
        Ok(new)
    };
    let new: Result<_, StoreError> = read.await;
    new.map_err(unavailable)
}

/// When something was last told about an attempt.
pub(crate) async fn last_heard(
    db: &Db,
    reference: &str,
) -> Result<Option<Timestamp>, GatewayError> {
    let mut tx = db.read().await.map_err(unavailable)?;
    let all = updates::of_attempt(&mut tx, reference).await;
    let all = all.map_err(unavailable)?;
    Ok(all.last().map(|update| update.received_at))
}

/// A store that does not answer is a gateway that does not.
pub(crate) fn unavailable(error: StoreError) -> GatewayError {
    GatewayError::Unavailable(error.to_string())
}

/// The answers that updates make, in the order they were told. That the carrier took the request is
/// none: it says so by answering at all.
pub(crate) fn answers(mapper: &Mapper, updates: &[Update]) -> Vec<Answer> {
    updates
        .iter()
        .flat_map(|update| match update.said.kind() {
            UpdateKind::Accepted => Vec::new(),
            UpdateKind::Declined => refusal(mapper, reason(update)),
            UpdateKind::Delayed => vec![answer(update, Outcome::Delayed)],
            UpdateKind::Foc => foc(update),
            UpdateKind::Completed => vec![answer(update, Outcome::Completed)],
            UpdateKind::Failed => vec![answer(update, Outcome::Failed)],
        })
        .collect()
}

/// What a refusal means. Whoever told it said that it is one: a code that is a delay elsewhere does not
/// make it a delay.
pub(crate) fn refusal(mapper: &Mapper, reason: Reason) -> Vec<Answer> {
    let mut answers = mapper.answers(&[reason]);
    for answer in &mut answers {
        if answer.outcome == Outcome::Delayed {
            let code = DeclineCode::Declined;
            let message = sentence(&code).to_owned();
            answer.outcome = Outcome::Declined { code, message };
        }
    }
    answers
}

fn foc(update: &Update) -> Vec<Answer> {
    let at = update.said.date().and_then(start_of);
    at.map(|at| answer(update, Outcome::Foc { at }))
        .into_iter()
        .collect()
}

fn start_of(day: Date) -> Option<Timestamp> {
    let midnight = day.at(0, 0, 0, 0).to_zoned_datetime(TimeZone::UTC).ok()?;
    Some(midnight.timestamp())
}

fn reason(update: &Update) -> Reason {
    Reason {
        code: update.said.code().map(str::to_owned),
        text: update.said.text().map(str::to_owned),
        said_at: Some(update.received_at),
    }
}

fn answer(update: &Update, outcome: Outcome) -> Answer {
    let Reason {
        code,
        text,
        said_at,
    } = reason(update);
    Answer {
        outcome,
        said_at,
        raw_code: code,
        raw_text: text,
    }
}
