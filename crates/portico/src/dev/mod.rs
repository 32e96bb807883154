//! `portico dev`: the whole product with no configuration, and samples to click on.
//!
//! Everything is kept under `--data-dir`, the encryption key too, so it starts again on the same
//! data. Each start adds fresh samples beside the old ones.

mod data_dir;
mod print;
mod project;
mod samples;
mod test_clock;

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use portico_ambient::{Ambient, ManualClock};
use portico_app::{App, Config};
use portico_outgoing::AddressPolicy;
use portico_store::Db;
use secrecy::SecretString;

use crate::{
    cli::{DevArgs, Role},
    config::LogFormat,
    logging,
    server::{self, Options},
    wiring,
};
use data_dir::DataDir;
pub use project::ID as PROJECT;

/// Opens the project of `portico dev`, and nothing else: everybody knows it.
const API_KEY: &str =
    "portico_000000000000000000PorticoDev_EveryoneKnowsThisKeyForSamplesOnYourMachine";
const API_KEY_VARIABLE: &str = "PORTICO_DEV_API_KEY";

/// Serves until it is told to stop.
///
/// # Errors
/// An argument, the data directory or the address is at fault.
pub async fn run(args: DevArgs) -> anyhow::Result<()> {
    logging::init(LogFormat::Text, (&args.log, "--log"), None)?;
    let api_key = api_key()?;
    let data = DataDir::open(&args.data_dir)?;
    let clock = args.test_clock.then(ManualClock::running);
    let ambient = match &clock {
        Some(clock) => Ambient::with_clock(clock.clock()),
        None => Ambient::system(),
    };
    let vault = data.vault(&ambient.random)?;
    let db = Db::open(&data.database_url()?, vault, ambient).await;
    let db = db.map_err(|error| data.at_fault(error))?;
    wiring::migrate(&db)
        .await
        .map_err(|error| data.at_fault(error))?;
    wiring::take_up_keys(&db)
        .await
        .map_err(|error| data.at_fault(error))?;
    wiring::continue_ids(&db).await?;
    let listener = server::bind(args.listen, "--listen").await?;
    let config = Config {
        public_url: base_url(listener.local_addr()?),
        outgoing: AddressPolicy::with_loopback(),
        embeds_anywhere_on_test: true,
        ..Config::default()
    };
    let app = wiring::app(db, config, args.time_scale, &[])?;
    project::prepare(&app, &api_key).await?;
    tokio::spawn(show_samples(
        app.clone(),
        api_key,
        args.json,
        args.time_scale,
    ));
    let options = Options {
        role: Role::All,
        trusted_proxies: Vec::new(),
        connections: None,
        keep_alive: server::KEEP_ALIVE,
        grace: Duration::ZERO,
        metrics: None,
        extra: clock.map(test_clock::router),
    };
    server::run(app, listener, options).await
}

async fn show_samples(app: App, api_key: SecretString, json: bool, time_scale: f64) {
    if !json {
        print::greeting(&app, &api_key);
    }
    // Answers take 2 s; twice that, and something for a slow machine.
    let patience = Duration::from_secs(4).mul_f64(time_scale) + Duration::from_secs(10);
    match samples::make(&app, patience).await {
        Ok(samples) if json => print::as_json(&app, &api_key, &samples),
        Ok(samples) => print::as_text(&app, &api_key, &samples),
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "no samples were made"
            );
        }
    }
}

/// The key that opens the project of `portico dev`.
///
/// # Errors
/// The variable that changes it is not UTF-8.
pub fn api_key() -> anyhow::Result<SecretString> {
    match std::env::var(API_KEY_VARIABLE) {
        Ok(text) => Ok(SecretString::from(text)),
        Err(std::env::VarError::NotPresent) => Ok(SecretString::from(API_KEY)),
        Err(error) => Err(anyhow::anyhow!("{API_KEY_VARIABLE}: {error}")),
    }
}

/// Where a browser on this machine finds the server.
fn base_url(bound: SocketAddr) -> String {
    let ip = match bound.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, bound.port()))
}
