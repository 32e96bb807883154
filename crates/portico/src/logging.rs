//! Logs: structured, on standard error, one line each.

use anyhow::Context;
use tracing_subscriber::{EnvFilter, fmt};

use crate::config::{ConfigError, LogFormat};

/// Starts logging.
///
/// # Errors
/// `filter` cannot be read; the error names `setting`.
pub fn init(format: LogFormat, filter: &str, setting: &str) -> anyhow::Result<()> {
    let filter = parse_filter(filter, setting)?;
    let builder = fmt().with_writer(std::io::stderr).with_env_filter(filter);
    match format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    }
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
