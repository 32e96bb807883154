//! Logs: structured, on standard error, one line each. Beside them, traces if they are asked for.

use anyhow::Context;
use tracing_subscriber::{EnvFilter, Layer, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{
    config::{ConfigError, LogFormat},
    traces::Traces,
};

/// Starts logging, and sending `traces`.
///
/// # Errors
/// `filter` cannot be read; the error names `setting`.
pub fn init(
    format: LogFormat,
    filter: (&str, &str),
    traces: Option<&Traces>,
) -> anyhow::Result<()> {
    let (filter, setting) = filter;
    let filter = parse_filter(filter, setting)?;
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = match format {
        LogFormat::Text => lines.with_filter(filter).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_filter(filter).boxed(),
    };
    let traces = traces.map(Traces::layer);
    let started = tracing_subscriber::registry()
        .with(lines)
        .with(traces)
        .try_init();
    started
        .map_err(|error| anyhow::anyhow!(error))
        .context(setting.to_owned())
}

/// Reads a filter such as `info,portico_api=debug`.
///
/// # Errors
/// It cannot be read; the error names `setting`.
pub fn parse_filter(filter: &str, setting: &str) -> Result<EnvFilter, ConfigError> {
    EnvFilter::try_new(filter).map_err(|error| {
        let message = format!("must be a filter such as info or info,portico_api=debug: {error}");
        ConfigError::new(setting, message)
    })
}
