//! `portico project …`.

use anyhow::{Context, anyhow, bail};
use portico_app::{AppError, projects, projects::SettingsPatch};
use portico_domain::{
    event::Actor,
    project::{ProjectType, Settings},
};
use portico_store::{Db, projects as kept};

use super::{database, print_table, refused};
use crate::cli::ProjectCommand;

/// Creates, lists or changes projects.
///
/// # Errors
/// The configuration or the database is at fault, or a setting cannot be taken.
pub async fn run(command: ProjectCommand) -> anyhow::Result<()> {
    match command {
        ProjectCommand::Create { id, kind, config } => {
            let db = database(&config).await?;
            create(&db, id, kind.into()).await?;
            db.close().await;
        }
        ProjectCommand::List(config) => {
            let db = database(&config).await?;
            list(&db).await?;
            db.close().await;
        }
        ProjectCommand::Set {
            id,
            settings,
            config,
        } => {
            // Read first: a mistake in it needs no database.
            let patch = read_settings(&id, &settings)?;
            let db = database(&config).await?;
            set(&db, id, patch).await?;
            db.close().await;
        }
    }
    Ok(())
}

async fn create(db: &Db, id: String, kind: ProjectType) -> anyhow::Result<()> {
    let created = db.write(move |tx| {
        let id = id.clone();
        Box::pin(async move { projects::create(tx, &Actor::operator(), &id, kind).await })
    });
    created.await.map(drop).map_err(refused)
}

async fn list(db: &Db) -> anyhow::Result<()> {
    let all = kept::all(&mut db.read().await?).await?;
    let rows = all.into_iter().map(|project| {
        let name = project.settings.name;
        [project.id, project.kind.as_str().to_owned(), name]
    });
    print_table(["ID", "TYPE", "NAME"], &rows.collect::<Vec<_>>());
    Ok(())
}

async fn set(db: &Db, id: String, patch: SettingsPatch) -> anyhow::Result<()> {
    let name = id.clone();
    let changed = db.write(move |tx| {
        let (id, patch) = (id.clone(), patch.clone());
        Box::pin(async move { projects::update(tx, &Actor::operator(), &id, patch).await })
    });
    match changed.await {
        Err(AppError::NotFound(_)) => Err(anyhow!("ID: there is no project {name}")),
        other => other.map(drop).map_err(refused),
    }
}

/// Reads `KEY=VALUE` pairs. An empty value brings a setting back to what a new project has.
fn read_settings(id: &str, pairs: &[String]) -> anyhow::Result<SettingsPatch> {
    let mut patch = SettingsPatch::default();
    for pair in pairs {
        let (key, value) = pair
            .split_once('=')
            .ok_or_else(|| anyhow!("{pair}: must be KEY=VALUE"))?;
        read_setting(&mut patch, id, key, value).with_context(|| key.to_owned())?;
    }
    Ok(patch)
}

fn read_setting(patch: &mut SettingsPatch, id: &str, key: &str, value: &str) -> anyhow::Result<()> {
    let text = || (!value.is_empty()).then(|| value.to_owned());
    let list = || {
        let items = value
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty());
        items.map(str::to_owned).collect::<Vec<_>>()
    };
    let defaults = Settings::default();
    match key {
        "name" => patch.name = Some(text().unwrap_or_else(|| id.to_owned())),
        "accentColor" => patch.accent_color = Some(text()),
        "supportEmail" => patch.support_email = Some(text()),
        "supportPhone" => patch.support_phone = Some(text()),
        "supportUrl" => patch.support_url = Some(text()),
        "selfServiceRepair" => {
            patch.self_service_repair = Some(match value {
                "true" => true,
                "false" => false,
                "" => defaults.self_service_repair,
                _ => bail!("must be true or false"),
            });
        }
        "repairableCodes" => patch.repairable_codes = Some(list()),
        "callbackOrigins" => patch.callback_origins = Some(list()),
        "embedOrigins" => patch.embed_origins = Some(list()),
        "linkLifetimeSeconds" => {
            patch.link_lifetime_seconds = Some(whole(value, defaults.link_lifetime_seconds)?);
        }
        "locales" if value.is_empty() => patch.locales = Some(defaults.locales),
        "locales" => patch.locales = Some(list()),
        "retentionDays" => patch.retention_days = Some(whole(value, defaults.retention_days)?),
        "logo" => patch.logo = Some(logo(value)?),
        _ => bail!("is not a setting of a project"),
    }
    Ok(())
}

fn whole(value: &str, default: u32) -> anyhow::Result<u32> {
    match value {
        "" => Ok(default),
        value => value.parse().ok().context("must be a whole number"),
    }
}

fn logo(value: &str) -> anyhow::Result<Option<Vec<u8>>> {
    if value.is_empty() {
        return Ok(None);
    }
    let path = value.strip_prefix('@').context("must be @FILE")?;
    let size = std::fs::metadata(path)
        .with_context(|| path.to_owned())?
        .len();
    // Looked at first: a picture that is far too large is not read into memory.
    if size > portico_app::projects::MAX_LOGO as u64 {
        bail!("must be a PNG, JPEG or WebP picture of at most 40 KiB");
    }
    std::fs::read(path)
        .map(Some)
        .with_context(|| path.to_owned())
}
