//! `portico serve`.

use crate::{
    cli::ServeArgs,
    config::Settings,
    logging,
    server::{self, Options},
    wiring,
};

/// Serves until it is told to stop.
///
/// # Errors
/// The configuration, the database or an address is at fault.
pub async fn run(args: ServeArgs) -> anyhow::Result<()> {
    let settings = Settings::load(args.config.config.as_deref())?;
    logging::init(settings.log_format, &settings.log_filter, "log.filter")?;
    let db = wiring::database_with_keys(&settings, args.migrate).await?;
    let listener = server::bind(settings.listen, "listen").await?;
    let metrics = match settings.metrics_listen {
        Some(address) => Some(server::bind(address, "metrics.listen").await?),
        None => None,
    };
    let config = settings.app_config(listener.local_addr()?)?;
    let app = wiring::app(db, config, settings.time_scale);
    let options = Options {
        role: args.role,
        trusted_proxies: settings.trusted_proxies,
        connections: settings.connections,
        grace: settings.grace,
        metrics,
        extra: None,
    };
    server::run(app, listener, options).await
}
