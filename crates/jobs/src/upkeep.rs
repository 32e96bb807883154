//! What time alone makes necessary, done about once a minute without the job table: it may be
//! skipped, repeated, or done by several processes at once.

use portico_app::{App, AppError, erasure, keys, upkeep};

pub(crate) async fn run(app: &App) {
    // Each on its own, so that one that fails does not keep the others from their work.
    for done in [
        expire_sessions(app).await,
        erase_old(app).await,
        erase_due(app).await,
        note_key(app).await,
    ] {
        if let Err(error) = done {
            // The next round comes in a minute.
            tracing::warn!(error = &error as &dyn std::error::Error, "upkeep failed");
        }
    }
}

async fn expire_sessions(app: &App) -> Result<(), AppError> {
    while app
        .write(|tx, _| Box::pin(async move { upkeep::expire_sessions(tx).await }))
        .await?
    {}
    Ok(())
}

async fn erase_old(app: &App) -> Result<(), AppError> {
    app.write(|tx, _| Box::pin(async move { upkeep::erase_old(tx).await }))
        .await
}

async fn erase_due(app: &App) -> Result<(), AppError> {
    while app
        .write(|tx, _| Box::pin(async move { erasure::erase_due(tx).await }))
        .await?
    {}
    Ok(())
}

async fn note_key(app: &App) -> Result<(), AppError> {
    app.write(|tx, _| Box::pin(async move { keys::note_current(tx).await }))
        .await
}
