//! Brings the parts together.

use std::sync::Arc;

use anyhow::{Context, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use portico_ambient::{Ambient, Random};
use portico_app::{App, Config, keys};
use portico_carrier::{
    Gateway, Gateways,
    breaker::Breaker,
    http::{Backend, Http},
    manual::Manual,
    mapping::Mapper,
    simulator::{PROVIDERS, Simulator},
    telnyx::{self, Telnyx},
};
use portico_domain::connected;
use portico_outgoing::Client;
use portico_store::{
    Db, EngineKind, SchemaState, Vault, VaultError, events,
    transfer::{self, End},
};
use secrecy::ExposeSecret;

use crate::config::{
    ConfigError, Settings,
    carriers::{Carrier, Connection},
};

const NEWER: &str = "was written by a newer version of portico; this one must not touch it";

/// What the operations need, from the database up.
///
/// # Errors
/// A carrier cannot be connected; the error names its setting.
pub fn app(
    db: Db,
    config: Config,
    time_scale: f64,
    carriers: &[Carrier],
) -> Result<App, ConfigError> {
    let client = Client::new(config.outgoing.clone());
    let simulator = Arc::new(Simulator::new(db.clone(), time_scale));
    let mut gateways = Gateways::default();
    for provider in PROVIDERS {
        gateways = gateways.with(provider, simulator.clone());
    }
    for carrier in carriers {
        let (name, countries) = (carrier.name.as_str(), &carrier.countries[..]);
        connected::connect(name, countries, carrier.max_age_days).map_err(|error| {
            ConfigError::new(
                format!("carriers.{name}.recipient_countries"),
                error.to_string(),
            )
        })?;
        let gateway = gateway(carrier, &config.public_url, (&client, &db))?;
        let gateway = match carrier.connection {
            // There is nobody to be left alone.
            Connection::Manual => gateway,
            _ => Arc::new(Breaker::new(name, gateway, db.ambient().clone())),
        };
        gateways = gateways.with(name, gateway);
    }
    Ok(App::new(db, gateways, config))
}

/// The gateway of a carrier, which makes its calls through `client` and keeps what it must in `db`.
fn gateway(
    carrier: &Carrier,
    public_url: &str,
    (client, db): (&Client, &Db),
) -> Result<Arc<dyn Gateway>, ConfigError> {
    let (name, kind) = (carrier.name.as_str(), carrier.connection.kind());
    let mapper = Mapper::new(name, kind, carrier.declines.clone());
    match &carrier.connection {
        Connection::Telnyx(telnyx) => {
            let options = telnyx::Options {
                notice_url: Some(format!("{public_url}/carriers/{name}/notices")),
                ..telnyx.clone()
            };
            let telnyx = Telnyx::new(client.clone(), options, mapper, db.ambient().clone());
            Ok(Arc::new(telnyx))
        }
        Connection::Http(http) => {
            let client = client.clone().with_total(http.timeout);
            let backend = Backend::new(client, http.url.clone(), http.secret.clone());
            let gateway = Http::new(db.clone(), backend, mapper);
            Ok(Arc::new(
                gateway.checking_portability(http.check_portability),
            ))
        }
        Connection::Manual => Ok(Arc::new(Manual::new(db.clone(), mapper))),
    }
}

/// A vault with the configured keys.
///
/// # Errors
/// The key is missing, or one has another form; the error says how to make one.
pub fn vault(settings: &Settings, random: Random) -> Result<Vault, ConfigError> {
    let how = "make one with `openssl rand -base64 32` and set PORTICO_ENCRYPTION_KEY";
    let wrong = |what: &str| ConfigError::new("encryption_key", format!("{what}; {how}"));
    let key = settings.encryption_key.as_ref();
    let key = key.ok_or_else(|| wrong("is required"))?;
    let vault = Vault::new(key.expose_secret(), random)
        .map_err(|error: VaultError| wrong(&error.to_string()))?;
    let others = settings.encryption_keys_old.iter();
    vault
        .opening(others.map(ExposeSecret::expose_secret))
        .map_err(|_| {
            let message = "each must be 32 bytes in base64, with commas between them";
            ConfigError::new("encryption_keys_old", message)
        })
}

/// The database for whatever may seal or open: with the keys that it needs, and up to date.
///
/// # Errors
/// A key is missing, or the database is not there, not up to date, or written by a newer version.
pub async fn database_with_keys(settings: &Settings, migrate: bool) -> anyhow::Result<Db> {
    let ambient = Ambient::system();
    let vault = vault(settings, ambient.random.clone())?;
    let db = if migrate {
        open_and_migrate(settings, vault, ambient).await?
    } else {
        open_current(settings, vault, ambient).await?
    };
    take_up_keys(&db).await?;
    Ok(db)
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

/// The databases of a move: the source as it is, the target brought up to date.
///
/// # Errors
/// One cannot be opened, the source is in use or not up to date; the error names the argument.
pub async fn databases_to_move(from: &str, to: &str) -> anyhow::Result<(Db, Db)> {
    let source = database_that_moved(from).await?;
    let at_fault = || format!("--to: {}", without_password(to));
    let target = open_without_key(to).await.with_context(at_fault)?;
    migrate(&target).await.with_context(at_fault)?;
    Ok((source, target))
}

/// The source of a move, begun or not.
///
/// # Errors
/// It cannot be opened, is in use or not up to date.
pub async fn database_that_moved(from: &str) -> anyhow::Result<Db> {
    let open = async {
        if Db::is_new(from) {
            bail!("does not exist");
        }
        if Db::is_in_use(from).await? {
            bail!("is in use; stop every server and command that works on it");
        }
        let db = open_without_key(from).await?;
        match db.schema_state().await? {
            SchemaState::Current => Ok(db),
            SchemaState::Newer => bail!(NEWER),
            SchemaState::Older => bail!("has an older schema; run `portico migrate` on it first"),
        }
    };
    open.await
        .with_context(|| format!("--from: {}", without_password(from)))
}

async fn open_without_key(url: &str) -> anyhow::Result<Db> {
    let ambient = Ambient::system();
    let vault = throw_away_vault(&ambient.random);
    Ok(Db::open(url, vault, ambient).await?)
}

/// A database that was moved away serves nobody: what is written to it stays behind.
async fn refuse_moved(db: &Db) -> anyhow::Result<()> {
    match transfer::end_of(&mut db.glance().await?).await? {
        None => Ok(()),
        Some(End::Source) => bail!(
            "was moved to another database; `portico move --from URL --release` takes the mark off"
        ),
        Some(End::Target) => {
            bail!("is not whole: a move into it was interrupted; run the same `portico move` again")
        }
    }
}

/// Takes the database's keys up: before anything is sealed or opened.
///
/// # Errors
/// The database holds values that no configured key opens; the error names their keys.
pub async fn take_up_keys(db: &Db) -> anyhow::Result<()> {
    let missing = match keys::take_up(db).await? {
        Ok(()) => return Ok(()),
        Err(missing) => missing.join(", "),
    };
    let message = format!(
        "the database holds values sealed with a key that is not configured ({missing}); set \
         PORTICO_ENCRYPTION_KEY to the key they were made with, or add it to \
         PORTICO_ENCRYPTION_KEYS_OLD"
    );
    Err(ConfigError::new("encryption_key", message).into())
}

/// Lets ids go on after the last that an earlier process made, also when the clock was put back.
///
/// # Errors
/// The database does not answer.
pub async fn continue_ids(db: &Db) -> anyhow::Result<()> {
    if let Some(last) = events::last_id(&mut db.glance().await?).await? {
        db.ambient().continue_ids_after(last);
    }
    Ok(())
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
    let ready = async {
        migrate(&db).await?;
        refuse_moved(&db).await?;
        continue_ids(&db).await
    };
    ready.await.with_context(|| at_fault(settings))?;
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
        SchemaState::Current => {
            let ready = async {
                refuse_moved(&db).await?;
                continue_ids(&db).await
            };
            ready.await.with_context(|| at_fault(settings))?;
            Ok(db)
        }
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
    match settings.encryption_key {
        Some(_) => vault(settings, random.clone()),
        None => Ok(throw_away_vault(random)),
    }
}

/// A vault that opens nothing, for work that needs none.
fn throw_away_vault(random: &Random) -> Vault {
    let key = STANDARD.encode(random.bytes::<32>());
    Vault::new(&key, random.clone()).expect("32 bytes in base64")
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
