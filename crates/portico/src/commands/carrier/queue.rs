//! The queue of requests that a person hands in at a carrier's portal.
//!
//! Guarantee: the list holds no secret. What is to be typed into the portal is printed for the operator
//! who has taken the case and for nobody else, and the audit trail says to whom and when.

use anyhow::anyhow;
use portico_app::{
    AppError,
    carriers::queue::{self, Handout, Learned},
};
use portico_domain::carrier::{CarrierUpdate, UpdateError, UpdateKind};
use portico_store::{Db, carriers::cases};

use super::print;
use crate::{
    cli::{CaseArgs, ConfigArgs, Outcome, QueueArgs, RecordArgs, TakeArgs},
    commands::refused,
    config::Settings,
    wiring,
};

async fn open(config: &ConfigArgs) -> anyhow::Result<Db> {
    let settings = Settings::load(config.config.as_deref())?;
    wiring::database_with_keys(&settings, false).await
}

/// Lists what waits for a person.
///
/// # Errors
/// The configuration or the database is at fault, or the case is not the operator's to work.
pub async fn list(args: QueueArgs) -> anyhow::Result<()> {
    let db = open(&args.config).await?;
    let mut tx = db.read().await?;
    let entries = cases::open(&mut tx, args.provider.as_deref()).await?;
    print::queue(&entries, tx.now(), args.json);
    drop(tx);
    db.close().await;
    Ok(())
}

/// Takes a case and shows what is in it.
///
/// # Errors
/// The configuration or the database is at fault, or the case is not the operator's to work.
pub async fn take(args: TakeArgs) -> anyhow::Result<()> {
    let TakeArgs { case, force } = args;
    let db = open(&case.config).await?;
    let (reference, operator) = (case.reference.clone(), case.operator.clone());
    let taken = db.write(move |tx| {
        let (reference, operator) = (reference.clone(), operator.clone());
        Box::pin(async move { queue::take(tx, &reference, &operator, force).await })
    });
    let taken = taken.await;
    finish(db, taken, &case).await
}

/// Shows what is in a case that its operator has taken.
///
/// # Errors
/// The configuration or the database is at fault, or the case is not the operator's to work.
pub async fn show(case: CaseArgs) -> anyhow::Result<()> {
    let db = open(&case.config).await?;
    let (reference, operator) = (case.reference.clone(), case.operator.clone());
    let shown = db.write(move |tx| {
        let (reference, operator) = (reference.clone(), operator.clone());
        Box::pin(async move { queue::show(tx, &reference, &operator).await })
    });
    let shown = shown.await;
    finish(db, shown, &case).await
}

async fn finish(db: Db, handout: Result<Handout, AppError>, args: &CaseArgs) -> anyhow::Result<()> {
    db.close().await;
    let handout = handout.map_err(|error| explain(error, &args.reference))?;
    print::handout(&handout, args.json);
    Ok(())
}

/// Gives a case back.
///
/// # Errors
/// The configuration or the database is at fault, or the case is not the operator's to work.
pub async fn release(args: CaseArgs) -> anyhow::Result<()> {
    let db = open(&args.config).await?;
    let (reference, operator) = (args.reference.clone(), args.operator.clone());
    let released = db.write(move |tx| {
        let (reference, operator) = (reference.clone(), operator.clone());
        Box::pin(async move { queue::release(tx, &reference, &operator).await })
    });
    let released = released.await;
    db.close().await;
    let case = released.map_err(|error| explain(error, &args.reference))?;
    print::state(&case, args.json);
    Ok(())
}

/// Records what the carrier says.
///
/// # Errors
/// The configuration or the database is at fault, or the case is not the operator's to work.
pub async fn record(args: RecordArgs) -> anyhow::Result<()> {
    // Read first: a mistake in it needs no database.
    let learned = learned(&args)?;
    let db = open(&args.config).await?;
    let (reference, operator) = (args.reference.clone(), args.operator.clone());
    let recorded = db.write(move |tx| {
        let (reference, operator, learned) = (reference.clone(), operator.clone(), learned.clone());
        Box::pin(async move { queue::record(tx, &reference, &operator, &learned).await })
    });
    let recorded = recorded.await;
    db.close().await;
    let case = recorded.map_err(|error| explain(error, &args.reference))?;
    print::state(&case, args.json);
    Ok(())
}

fn learned(args: &RecordArgs) -> anyhow::Result<Learned> {
    let (code, text) = (args.code.clone(), args.text.clone());
    let kind = match args.outcome {
        Outcome::Accepted => UpdateKind::Accepted,
        Outcome::Delayed => UpdateKind::Delayed,
        Outcome::Foc => UpdateKind::Foc,
        Outcome::Declined => UpdateKind::Declined,
        Outcome::Completed => UpdateKind::Completed,
        Outcome::Failed => UpdateKind::Failed,
        Outcome::CalledOff => {
            let given = [code.is_some(), text.is_some(), args.date.is_some()];
            return match given.contains(&true) {
                true => Err(anyhow!("calledOff takes no --code, --text and --date")),
                false => Ok(Learned::CalledOff),
            };
        }
    };
    let said = CarrierUpdate::with(kind, code, text, args.date);
    let said = said.map_err(|UpdateError { part, rule }| anyhow!("--{part}: {rule}"))?;
    Ok(Learned::Said(said))
}

fn explain(error: AppError, reference: &str) -> anyhow::Error {
    match error {
        AppError::NotFound(_) => anyhow!("REFERENCE: there is no case {reference}"),
        error @ AppError::Case(_) => anyhow!("{reference}: {error}"),
        error => refused(error),
    }
}
