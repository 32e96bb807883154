//! `portico keys …`.

use std::io::Write;

use anyhow::bail;
use portico_app::keys::{self, Counts, Step};
use portico_store::{Db, KeyId};
use serde_json::json;

use super::{print, print_table};
use crate::{
    cli::{KeysArgs, KeysCommand},
    config::Settings,
    wiring,
};

/// Rotates keys, or says what each has sealed.
///
/// # Errors
/// The configuration or the database is at fault; or after a rotation something is still sealed with
/// another key.
pub async fn run(command: KeysCommand) -> anyhow::Result<()> {
    let (KeysCommand::Rotate(args) | KeysCommand::Status(args)) = &command;
    let settings = Settings::load(args.config.config.as_deref())?;
    let db = wiring::database_with_keys(&settings, false).await?;
    let done = match &command {
        KeysCommand::Rotate(args) => rotate(&db, args).await,
        KeysCommand::Status(args) => status(&db, args).await,
    };
    db.close().await;
    done
}

async fn rotate(db: &Db, args: &KeysArgs) -> anyhow::Result<()> {
    let counts = keys::rotate(db, report).await?;
    show(db, &counts, args.json);
    let current = db.vault().key_id().to_string();
    if counts.keys().any(|id| *id != current) {
        bail!(
            "a server that seals with another key is running; restart every server with the same \
             PORTICO_ENCRYPTION_KEY and run this again"
        );
    }
    if !args.json {
        print(
            "Everything is sealed with the current key. Once no server runs with another \
             PORTICO_ENCRYPTION_KEY, and no backup made before now is needed, the old keys may go.",
        );
    }
    Ok(())
}

/// Progress goes to standard error: standard output holds the result.
fn report(step: Step) {
    if step.resealed > 0 || step.is_last {
        let end = if step.is_last { ", done" } else { "" };
        let line = format!("{}: {} sealed anew{end}", step.column, step.resealed);
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}

async fn status(db: &Db, args: &KeysArgs) -> anyhow::Result<()> {
    show(db, &keys::count(db).await?, args.json);
    Ok(())
}

fn show(db: &Db, counts: &Counts, as_json: bool) {
    let current = db.vault().key_id();
    let ids: Vec<String> = db
        .vault()
        .key_ids()
        .map(|id: KeyId| id.to_string())
        .collect();
    let strangers = counts.keys().filter(|id| !ids.contains(id)).cloned();
    let rows: Vec<(String, &str, u64)> = ids
        .iter()
        .cloned()
        .chain(strangers)
        .map(|id| {
            let role = match &id {
                id if *id == current.to_string() => "current",
                id if ids.contains(id) => "old",
                _ => "unknown",
            };
            let values = counts.get(&id).copied().unwrap_or_default();
            (id, role, values)
        })
        .collect();
    if as_json {
        let keys = rows
            .iter()
            .map(|(id, role, values)| json!({ "id": id, "role": role, "values": values }));
        print(json!({ "keys": keys.collect::<Vec<_>>() }));
        return;
    }
    let rows = rows
        .into_iter()
        .map(|(id, role, values)| [id, role.to_owned(), values.to_string()]);
    print_table(["KEY", "ROLE", "VALUES"], &rows.collect::<Vec<_>>());
}
