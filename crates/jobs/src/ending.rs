//! How portings end without an answer: called off, too old, never used.

use portico_app::{AppError, portings};
use portico_domain::{event::Actor, id::PortingId, porting::Status};
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
        Ok(()) => held.finish().await,
        Err(why) => held.retry(&why).await,
    }
}

/// Expires a porting that found no end.
pub(crate) async fn expire(held: &Held) -> Result<(), AppError> {
    held.finish_with(|tx, subject| {
        Box::pin(async move {
            let Ok(id) = subject.parse::<PortingId>() else {
                return Ok(());
            };
            if let Some(porting) = rows::get(tx, id).await? {
                portings::expire(tx, porting).await?;
            }
            Ok(())
        })
    })
    .await
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
