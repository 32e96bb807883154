//! `portico serve`.

use anyhow::Context;
use portico_ambient::Random;

use crate::{
    cli::ServeArgs,
    config::Settings,
    logging,
    server::{self, Options},
    traces::Traces,
    wiring,
};

/// Serves until it is told to stop.
///
/// # Errors
/// The configuration, the database or an address is at fault.
pub async fn run(args: ServeArgs) -> anyhow::Result<()> {
    let settings = Settings::load(args.config.config.as_deref())?;
    let random = Random::system();
    let traces = settings.otlp.as_ref().map(|to| Traces::to(to, &random));
    let traces = traces.transpose().context("otlp.endpoint")?;
    let filter = (settings.log_filter.as_str(), "log.filter");
    logging::init(settings.log_format, filter, traces.as_ref())?;
    let db = wiring::database_with_keys(&settings, args.migrate).await?;
    let listener = server::bind(settings.listen, "listen").await?;
    let metrics = match settings.metrics_listen {
        Some(address) => Some(server::bind(address, "metrics.listen").await?),
        None => None,
    };
    let config = settings.app_config(listener.local_addr()?)?;
    let app = wiring::app(db, config, settings.time_scale, &settings.carriers)?;
    let options = Options {
        role: args.role,
        trusted_proxies: settings.trusted_proxies,
        connections: settings.connections,
        keep_alive: settings.keep_alive,
        grace: settings.grace,
        metrics,
        extra: None,
    };
    let ended = server::run(app, listener, options).await;
    if let Some(traces) = traces {
        traces.end().await;
    }
    ended
}
