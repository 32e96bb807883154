//! Configuration: a TOML file, then `PORTICO_*` environment variables over it. Unknown names are
//! refused, and every error names the setting at fault.

pub mod carriers;
mod check;
mod environment;
pub use portico_outgoing::Network;
mod raw;

use std::{net::SocketAddr, path::Path, time::Duration};

use carriers::Carrier;
pub use check::database_url;
use figment::{
    Figment,
    error::Kind,
    providers::{Format, Toml},
};
use portico_app::Config;
pub use raw::LogFormat;
use secrecy::SecretString;

/// What is wrong with the configuration. One line: the setting, then what is wrong with it.
#[derive(Debug, thiserror::Error)]
#[error("{setting}: {message}")]
pub struct ConfigError {
    setting: String,
    message: String,
}

impl ConfigError {
    /// A setting cannot be taken.
    pub fn new(setting: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            setting: setting.into(),
            message: message.into(),
        }
    }
}

/// Where traces are sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Otlp {
    /// The collector's address for traces.
    pub url: String,
    /// How many of the traces that begin here are sent, 0 to 1.
    pub sample_ratio: f64,
}

/// The checked configuration.
#[derive(Debug)]
pub struct Settings {
    /// A `sqlite://PATH`.
    pub database_url: String,
    /// Address and port.
    pub listen: SocketAddr,
    /// What seals personal data; `serve` needs it.
    pub encryption_key: Option<SecretString>,
    /// What opens beside it.
    pub encryption_keys_old: Vec<SecretString>,
    /// How logs look.
    pub log_format: LogFormat,
    /// What is logged.
    pub log_filter: String,
    /// Whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<Network>,
    /// How many connections are served at once.
    pub connections: Option<usize>,
    /// How long a connection may stand idle after an answer.
    pub keep_alive: Duration,
    /// What every time of the simulator is multiplied by.
    pub time_scale: f64,
    /// Where `/metrics` is served, if anywhere.
    pub metrics_listen: Option<SocketAddr>,
    /// Where traces are sent, if anywhere.
    pub otlp: Option<Otlp>,
    /// How long a server that was told to stop goes on taking requests.
    pub grace: Duration,
    /// The carriers that are connected.
    pub carriers: Vec<Carrier>,
    public_url: Option<String>,
    app: Config,
}

impl Settings {
    /// Reads the file, if one is named, and the environment.
    ///
    /// # Errors
    /// Which setting is wrong, and how.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let text = file.map(read).transpose()?.unwrap_or_default();
        Self::from_sources(&text, std::env::vars_os())
    }

    fn from_sources(
        toml: &str,
        variables: impl Iterator<Item = environment::Variable>,
    ) -> Result<Self, ConfigError> {
        let mut figment = Figment::from(Toml::string(toml));
        for (setting, value) in environment::settings(variables)? {
            figment = figment.merge((setting.as_ref(), value));
        }
        check::check(figment.extract().map_err(|error| explain(&error))?)
    }

    /// What the operations need, once the address is known.
    ///
    /// # Errors
    /// `public_url` is missing and cannot be guessed.
    pub fn app_config(&self, bound: SocketAddr) -> Result<Config, ConfigError> {
        let public_url = match &self.public_url {
            Some(url) => url.clone(),
            None if bound.ip().is_loopback() => format!("http://{bound}"),
            None => {
                let message = "must be set when the server listens beyond this machine: \
                               what session links start with, such as https://portico.example";
                return Err(ConfigError::new("public_url", message));
            }
        };
        Ok(Config {
            is_https: public_url.starts_with("https:"),
            public_url,
            ..self.app.clone()
        })
    }
}

/// What `simulator.time_scale` and `--time-scale` must be.
pub const TIME_SCALE_RULE: &str = "must be a number from 0 to 1000";

/// Whether the simulator can run at `scale`.
pub fn is_time_scale(scale: f64) -> bool {
    (0.0..=1_000.0).contains(&scale)
}

fn read(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path)
        .map_err(|error| ConfigError::new("--config", format!("{}: {error}", path.display())))
}

/// An error of the file. Values are not repeated: one of them is the encryption key.
fn explain(error: &figment::Error) -> ConfigError {
    let path = error.path.join(".");
    match &error.kind {
        Kind::UnknownField(name, _) => {
            let full = match path.as_str() {
                "" => name.clone(),
                path if path.ends_with(name.as_str()) => path.to_owned(),
                path => format!("{path}.{name}"),
            };
            ConfigError::new(full, "is not a setting")
        }
        Kind::MissingField(name) => ConfigError::new(format!("{path}.{name}"), "is required"),
        Kind::UnknownVariant(_, expected) => {
            ConfigError::new(path, format!("must be one of {}", expected.join(", ")))
        }
        Kind::InvalidType(_, expected)
        | Kind::InvalidValue(_, expected)
        | Kind::InvalidLength(_, expected) => ConfigError::new(path, format!("must be {expected}")),
        // The TOML parser quotes the line at fault between where it is and what it says.
        Kind::Message(text) if path.is_empty() => {
            let mut lines = text.lines().filter(|line| !line.trim().is_empty());
            let place = lines.next().unwrap_or_default();
            let reason = lines.next_back().unwrap_or_default();
            ConfigError::new("--config", format!("{place}: {reason}"))
        }
        _ => ConfigError::new(path, "cannot be read"),
    }
}

#[cfg(test)]
mod tests;
