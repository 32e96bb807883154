//! Brings the parts together.

use std::sync::Arc;

use anyhow::{Context, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use portico_ambient::{Ambient, Random};
use portico_app::{App, Config};
use portico_carrier::{
    Gateways,
    simulator::{PROVIDERS, Simulator},
};
use portico_store::{Db, EngineKind, SchemaState, Vault, VaultError};
use secrecy::{ExposeSecret, SecretString};

use crate::config::{ConfigError, Settings};

const NEWER: &str = "was written by a newer version of portico; this one must not touch it";

/// What the operations need, from the database up.
pub fn app(db: Db, config: Config, time_scale: f64) -> App {
    let simulator = Arc::new(Simulator::new(db.clone(), time_scale));
    let gateways = PROVIDERS
        .into_iter()
        .fold(Gateways::default(), |all, provider| {
            all.with(provider, simulator.clone())
        });
    App::new(db, gateways, config)
}

/// A vault with `key`.
///
/// # Errors
/// The key is missing or has another form; the error says how to make one.
pub fn vault(key: Option<&SecretString>, random: Random) -> Result<Vault, ConfigError> {
    let how = "make one with `openssl rand -base64 32` and set PORTICO_ENCRYPTION_KEY";
    let wrong = |what: &str| ConfigError::new("encryption_key", format!("{what}; {how}"));
    let key = key.ok_or_else(|| wrong("is required"))?;
    Vault::new(key.expose_secret(), random).map_err(|error: VaultError| wrong(&error.to_string()))
}

/// The database for `serve`: with the key that opens what is sealed in it, and up to date.
///
/// # Errors
/// The key is missing, or the database is not there, not up to date, or written by a newer version.
pub async fn database_to_serve(settings: &Settings, migrate: bool) -> anyhow::Result<Db> {
    let ambient = Ambient::system();
    let vault = vault(settings.encryption_key.as_ref(), ambient.random.clone())?;
    if migrate {
        open_and_migrate(settings, vault, ambient).await
    } else {
        open_current(settings, vault, ambient).await
    }
}

/// The database for a command that seals nothing and opens nothing sealed, so that it needs no key.
///
/// # Errors
/// The database is not there, not up to date, or written by a newer version.
pub async fn database_to_manage(settings: &Settings) -> anyhow::Result<Db> {
    let ambient = Ambient::system();
    let vault = vault_of_no_matter(settings, &ambient.random)?;
    open_current(settings, vault, ambient).await
}

/// Creates the database if it is not there and brings it up to date.
///
/// # Errors
/// It cannot be opened, or was written by a newer version.
pub async fn migrated_database(settings: &Settings) -> anyhow::Result<Db> {
    let ambient = Ambient::system();
    let vault = vault_of_no_matter(settings, &ambient.random)?;
    open_and_migrate(settings, vault, ambient).await
}

/// Brings an open database up to date.
///
/// # Errors
/// It was written by a newer version, or a migration failed.
pub async fn migrate(db: &Db) -> anyhow::Result<()> {
    match db.schema_state().await? {
        SchemaState::Newer => bail!(NEWER),
        SchemaState::Older => db.migrate().await?,
        SchemaState::Current => {}
    }
    Ok(())
}

async fn open_and_migrate(
    settings: &Settings,
    vault: Vault,
    ambient: Ambient,
) -> anyhow::Result<Db> {
    let db = open(settings, vault, ambient).await?;
    migrate(&db).await.with_context(|| at_fault(settings))?;
    Ok(db)
}

async fn open_current(settings: &Settings, vault: Vault, ambient: Ambient) -> anyhow::Result<Db> {
    // Looked at first: opening would leave an empty file.
    if Db::is_new(&settings.database_url) {
        let how = "does not exist; create it with `portico migrate`";
        return Err(anyhow::anyhow!(how).context(at_fault(settings)));
    }
    let db = open(settings, vault, ambient).await?;
    let state = db
        .schema_state()
        .await
        .with_context(|| at_fault(settings))?;
    match state {
        SchemaState::Current => Ok(db),
        SchemaState::Newer => Err(anyhow::anyhow!(NEWER).context(at_fault(settings))),
        SchemaState::Older => {
            let how = "has an older schema; run `portico migrate`, or `portico serve --migrate`";
            Err(anyhow::anyhow!(how).context(at_fault(settings)))
        }
    }
}

async fn open(settings: &Settings, vault: Vault, ambient: Ambient) -> anyhow::Result<Db> {
    let opened = Db::open(&settings.database_url, vault, ambient).await;
    opened.with_context(|| at_fault(settings))
}

fn at_fault(settings: &Settings) -> String {
    format!("database_url: {}", without_password(&settings.database_url))
}

/// A database's URL as it may be shown: who logs in, how, and with which parameters is left out.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    if EngineKind::of(url) == Some(EngineKind::Sqlite) {
        return url.to_owned();
    }
    let place = rest.split('?').next().unwrap_or_default();
    let hosts = place.rsplit_once('@').map_or(place, |(_, hosts)| hosts);
    format!("{scheme}://{hosts}")
}

fn vault_of_no_matter(settings: &Settings, random: &Random) -> Result<Vault, ConfigError> {
    let throw_away = SecretString::from(STANDARD.encode(random.bytes::<32>()));
    let key = settings.encryption_key.as_ref().unwrap_or(&throw_away);
    vault(Some(key), random.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_url_names_the_place_and_nothing_secret() {
        let shown = [
            (
                "sqlite:///var/lib/portico.db",
                "sqlite:///var/lib/portico.db",
            ),
            (
                "postgres://me:secret@one,two:5433/db?sslpassword=x",
                "postgres://one,two:5433/db",
            ),
            ("postgres://me:s/e@one/db", "postgres://one/db"),
            ("postgres://one", "postgres://one"),
        ];
        for (url, expected) in shown {
            assert_eq!(without_password(url), expected, "{url}");
        }
    }
}
