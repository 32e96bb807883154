//! `portico backup`.

use anyhow::{Context, anyhow, bail};
use portico_store::{EngineKind, backup};
use serde_json::json;

use super::print;
use crate::{cli::BackupArgs, config::Settings, wiring};

/// Copies the database into a new file.
///
/// # Errors
/// The configuration or the database is at fault, the file exists or cannot be written, or the copy
/// is not whole; then there is no file.
pub async fn run(args: BackupArgs) -> anyhow::Result<()> {
    let settings = Settings::load(args.config.config.as_deref())?;
    if EngineKind::of(&settings.database_url) != Some(EngineKind::Sqlite) {
        bail!(
            "database_url: a PostgreSQL database is backed up with its own tools: pg_dump, or base \
             backups with its write-ahead log"
        );
    }
    let db = wiring::database_to_manage(&settings).await?;
    let file = args.file.display().to_string();
    let made = backup::sqlite(&settings.database_url, &args.file);
    db.close().await;
    let made = made
        .map_err(|error| anyhow!(error))
        .context(format!("FILE: {file}"))?;
    if args.json {
        print(json!({ "file": file, "bytes": made.bytes, "rows": made.rows }));
    } else {
        print(format!("{file}: {} rows, {} bytes", made.rows, made.bytes));
    }
    Ok(())
}
