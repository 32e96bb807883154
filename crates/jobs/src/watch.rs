//! Asking a gateway how an attempt stands.

use std::sync::Arc;

use portico_app::{AppError, portings};
use portico_carrier::Progress;

use crate::held::{Held, Next};

/// Takes whatever the carrier has said since, and comes back until it has said everything.
pub(crate) async fn run(held: &Held) -> Result<(), AppError> {
    let Some(provider) = held.provider().await? else {
        return held.finish().await;
    };
    let progress = held.ask(async {
        let gateway = held.gateway(&provider)?;
        gateway.progress(held.subject()).await
    });
    match progress.await {
        Ok(progress) => take(held, progress).await,
        Err(why) => held.retry(&why).await,
    }
}

async fn take(held: &Held, progress: Progress) -> Result<(), AppError> {
    // A gateway that knows nothing yet, or names a time that has passed, is asked ever more seldom.
    let now = held.app.db.ambient().now();
    let later = progress.ask_again_at.filter(|at| *at > now);
    let again_at = later.unwrap_or_else(|| held.retry_at());
    let answers = Arc::new(progress.answers);
    held.settle(move |tx, reference| {
        let answers = answers.clone();
        Box::pin(async move {
            let goes_on = portings::answered(tx, reference, &answers).await?;
            let next = if goes_on {
                Next::PutBack(again_at)
            } else {
                Next::Finish
            };
            Ok(((), next))
        })
    })
    .await
}
