//! `portico redact`.

use anyhow::anyhow;
use portico_app::{AppError, erasure};
use portico_domain::event::Actor;

use super::refused;
use crate::{cli::RedactArgs, config::Settings, wiring};

/// Erases a user's data, in every copy. A second run finishes what an interrupted one left.
///
/// # Errors
/// The configuration or the database is at fault, there is no such user, or a porting is open.
pub async fn run(args: RedactArgs) -> anyhow::Result<()> {
    let settings = Settings::load(args.config.config.as_deref())?;
    let db = wiring::database_with_keys(&settings, false).await?;
    let user = args.user;
    let redacted = db.write(move |tx| {
        Box::pin(async move { erasure::redact(tx, &Actor::operator(), user).await })
    });
    match redacted.await {
        Err(AppError::NotFound(_)) => return Err(anyhow!("--user: there is no user {user}")),
        other => other.map_err(refused)?,
    }
    while db
        .write(move |tx| Box::pin(erasure::erase_user(tx, user)))
        .await?
    {}
    db.close().await;
    Ok(())
}
