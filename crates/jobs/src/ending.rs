//! How portings end without an answer: called off, too old, never used.

use std::sync::Arc;

use portico_app::{AppError, portings};
use portico_carrier::Answer;
use portico_domain::{
    event::Actor,
    id::PortingId,
    porting::{Porting, Status},
};
use portico_store::portings as rows;

use crate::held::Held;

/// Calls an attempt off at its gateway.
pub(crate) async fn cancel(held: &Held) -> Result<(), AppError> {
    let Some(provider) = held.provider().await? else {
        return held.finish().await;
    };
    let canceled = held.ask(async {
        let gateway = held.gateway(&provider)?;
        gateway.cancel(held.subject()).await
    });
    match canceled.await {
        Ok(()) => {
            held.finish_with(|tx, reference| Box::pin(portings::called_off(tx, reference)))
                .await
        }
        Err(why) => held.retry(&why).await,
    }
}

/// Expires a porting that found no end. One that is with the carriers is asked about once more:
/// when Portico itself was down for long, the number may have moved since.
pub(crate) async fn expire(held: &Held) -> Result<(), AppError> {
    let Ok(id) = held.subject().parse::<PortingId>() else {
        return held.finish().await;
    };
    let found = {
        let mut tx = held.app.read().await?;
        rows::get(&mut tx, id).await?
    };
    let last_words = match found {
        Some(porting) if porting.status() == Status::Requested => last_words(held, &porting).await,
        _ => None,
    };
    let last_words = Arc::new(last_words);
    held.finish_with(move |tx, _| {
        let last_words = last_words.clone();
        Box::pin(async move {
            if let Some((reference, answers)) = &*last_words {
                portings::answered(tx, reference, answers).await?;
            }
            if let Some(porting) = rows::get(tx, id).await? {
                portings::expire(tx, porting).await?;
            }
            Ok(())
        })
    })
    .await
}

/// What the carrier has said about the current attempt. A gateway that does not answer now has had
/// its time.
async fn last_words(held: &Held, porting: &Porting) -> Option<(String, Vec<Answer>)> {
    let reference = porting.reference();
    let progress = held.ask(async {
        let gateway = held.gateway(&porting.provider)?;
        gateway.progress(&reference).await
    });
    let answers = progress.await.ok()?.answers;
    Some((reference, answers))
}

/// Deletes a draft that no subscription took.
pub(crate) async fn delete_draft(held: &Held) -> Result<(), AppError> {
    held.finish_with(|tx, subject| {
        Box::pin(async move {
            let Ok(id) = subject.parse::<PortingId>() else {
                return Ok(());
            };
            let found = rows::get(tx, id).await?;
            let draft = found.filter(|porting| porting.status() == Status::Draft);
            match draft {
                Some(draft) => portings::delete_draft(tx, &Actor::System, &draft).await,
                None => Ok(()),
            }
        })
    })
    .await
}
