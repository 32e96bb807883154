//! `portico api-key …`.

use anyhow::anyhow;
use portico_app::{AppError, api_keys};
use portico_domain::{event::Actor, id::ApiKeyId};
use portico_store::{Db, api_keys as kept};
use secrecy::ExposeSecret;

use super::{database, print, print_table, refused, time};
use crate::cli::ApiKeyCommand;

/// Creates, lists or revokes keys.
///
/// # Errors
/// The configuration or the database is at fault, or what is named does not exist.
pub async fn run(command: ApiKeyCommand) -> anyhow::Result<()> {
    let (ApiKeyCommand::Create { config, .. }
    | ApiKeyCommand::List { config, .. }
    | ApiKeyCommand::Revoke { config, .. }) = &command;
    let db = database(config).await?;
    match command {
        ApiKeyCommand::Create { project, .. } => create(&db, project).await?,
        ApiKeyCommand::List { project, .. } => list(&db, project.as_deref()).await?,
        ApiKeyCommand::Revoke { id, .. } => revoke(&db, id).await?,
    }
    db.close().await;
    Ok(())
}

async fn create(db: &Db, project: String) -> anyhow::Result<()> {
    check_project(db, &project).await?;
    let created = db.write(move |tx| {
        let project = project.clone();
        Box::pin(async move { api_keys::create(tx, &Actor::operator(), &project).await })
    });
    let (_, text) = created.await.map_err(refused)?;
    print(text.expose_secret());
    Ok(())
}

async fn list(db: &Db, project: Option<&str>) -> anyhow::Result<()> {
    if let Some(project) = project {
        check_project(db, project).await?;
    }
    let keys = kept::all(&mut db.read().await?, project).await?;
    let rows = keys.iter().map(|key| {
        [
            key.id.to_string(),
            key.project.clone(),
            time(key.created_at),
            key.revoked_at.map(time).unwrap_or_else(|| "-".to_owned()),
        ]
    });
    print_table(
        ["ID", "PROJECT", "CREATED", "REVOKED"],
        &rows.collect::<Vec<_>>(),
    );
    Ok(())
}

async fn revoke(db: &Db, id: ApiKeyId) -> anyhow::Result<()> {
    let revoked = db.write(move |tx| {
        Box::pin(async move { api_keys::revoke(tx, &Actor::operator(), id).await })
    });
    match revoked.await {
        Err(AppError::NotFound(_)) => Err(anyhow!("ID: there is no API key {id}")),
        other => other.map_err(refused),
    }
}

async fn check_project(db: &Db, id: &str) -> anyhow::Result<()> {
    let found = portico_store::projects::find(&mut db.read().await?, id).await?;
    found
        .map(drop)
        .ok_or_else(|| anyhow!("--project: there is no project {id}"))
}
