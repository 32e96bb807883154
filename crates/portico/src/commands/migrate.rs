//! `portico migrate`.

use crate::{cli::ConfigArgs, config::Settings, wiring};

/// Brings the database up to date.
///
/// # Errors
/// The configuration or the database is at fault.
pub async fn run(args: ConfigArgs) -> anyhow::Result<()> {
    let settings = Settings::load(args.config.as_deref())?;
    let db = wiring::migrated_database(&settings).await?;
    db.close().await;
    Ok(())
}
