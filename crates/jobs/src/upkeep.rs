//! What time alone makes necessary, done about once a minute without the job table: it may be
//! skipped, repeated, or done by several processes at once.

use portico_app::{App, AppError, upkeep};

pub(crate) async fn run(app: &App) {
    if let Err(error) = try_run(app).await {
        // The next round comes in a minute.
        tracing::warn!(error = &error as &dyn std::error::Error, "upkeep failed");
    }
}

async fn try_run(app: &App) -> Result<(), AppError> {
    while app
        .write(|tx, _| Box::pin(async move { upkeep::expire_sessions(tx).await }))
        .await?
    {}
    app.write(|tx, _| Box::pin(async move { upkeep::erase_old(tx).await }))
        .await
}
