//! `portico carrier …`.

mod print;
mod queue;

use portico_app::portings;
use portico_store::Db;
use serde_json::json;

use super::{database, print as out, print_table, time};
use crate::cli::CarrierCommand;

/// Works the queue, or shows what an operator should look at.
///
/// # Errors
/// The configuration or the database is at fault, or the case is not the operator's to work.
pub async fn run(command: CarrierCommand) -> anyhow::Result<()> {
    match command {
        CarrierCommand::Queue(args) => queue::list(args).await?,
        CarrierCommand::Take(args) => queue::take(args).await?,
        CarrierCommand::Show(args) => queue::show(args).await?,
        CarrierCommand::Record(args) => queue::record(args).await?,
        CarrierCommand::Release(args) => queue::release(args).await?,
        CarrierCommand::Troubled { json, config } => {
            let db = database(&config).await?;
            troubled(&db, json).await?;
            db.close().await;
        }
    }
    Ok(())
}

async fn troubled(db: &Db, as_json: bool) -> anyhow::Result<()> {
    let found = portings::troubled(&mut db.read().await?).await?;
    if as_json {
        out(json!({ "attempts": found }));
        return Ok(());
    }
    let rows = found.into_iter().map(|it| {
        [
            it.reference,
            it.provider,
            it.project,
            time(it.unreadable_since),
            it.calls.to_string(),
        ]
    });
    print_table(
        [
            "REFERENCE",
            "PROVIDER",
            "PROJECT",
            "UNREADABLE SINCE",
            "CALLS",
        ],
        &rows.collect::<Vec<_>>(),
    );
    Ok(())
}
