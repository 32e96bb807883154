//! The settings as they are written, with their defaults.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::carriers::RawCarrier;

/// How logs look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For programs.
    Json,
    /// For people.
    Text,
}

// No `Debug`: it would show the encryption key.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Raw {
    pub database_url: String,
    pub listen: String,
    pub public_url: Option<String>,
    pub encryption_key: Option<String>,
    /// Keys that only open: older ones, and with several nodes the next one.
    pub encryption_keys_old: Vec<String>,
    pub trusted_proxies: Vec<String>,
    pub event_type_prefix: String,
    pub blocked_numbers: Vec<String>,
    pub user_address_required: Vec<String>,
    pub log: RawLog,
    pub limits: RawLimits,
    pub sessions: RawSessions,
    pub simulator: RawSimulator,
    pub metrics: RawMetrics,
    pub otlp: RawOtlp,
    pub stop: RawStop,
    pub outgoing: RawOutgoing,
    pub webhooks: RawWebhooks,
    pub carriers: BTreeMap<String, RawCarrier>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawLog {
    pub format: LogFormat,
    pub filter: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawLimits {
    /// Sessions created for a subscription in an hour.
    pub sessions_per_hour: u32,
    /// PINs entered for a porting in an hour.
    pub pins_per_hour: u32,
    /// Wrong link tokens from a client address in a minute.
    pub wrong_tokens_per_minute: u32,
    /// Drafts a user may have.
    pub drafts_per_user: u32,
    /// Connections served at once; by default as many as the process may open files.
    pub connections: Option<u32>,
    /// Seconds a connection may stand idle after an answer.
    pub keep_alive_seconds: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawSessions {
    /// Seconds after which a visit that stands still ends.
    pub idle_seconds: u32,
    /// Seconds after which any visit ends.
    pub absolute_seconds: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawSimulator {
    pub time_scale: f64,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawMetrics {
    /// Where `/metrics` is served; nowhere by default.
    pub listen: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawOtlp {
    /// The collector that traces are sent to; none by default.
    pub endpoint: Option<String>,
    /// How many of the traces that begin here are sent.
    pub sample_ratio: f64,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawStop {
    /// Seconds a server that was told to stop goes on taking requests while it says that it is not
    /// ready.
    pub grace_seconds: u32,
}

/// Calls that we make: webhooks, gateways.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawOutgoing {
    /// Networks that may be called though they are not public, in CIDR notation.
    pub allow_networks: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawWebhooks {
    /// Endpoints a project may have.
    pub endpoints_per_project: u32,
    /// Calls to one endpoint at the same time.
    pub concurrency: u32,
    /// Days after its end at which a delivery is erased from the log.
    pub log_days: u32,
}

impl Default for Raw {
    fn default() -> Self {
        Self {
            database_url: "sqlite://portico.db".to_owned(),
            listen: "127.0.0.1:8080".to_owned(),
            public_url: None,
            encryption_key: None,
            encryption_keys_old: Vec::new(),
            trusted_proxies: Vec::new(),
            event_type_prefix: "com.portico.".to_owned(),
            blocked_numbers: Vec::new(),
            user_address_required: Vec::new(),
            log: RawLog::default(),
            limits: RawLimits::default(),
            sessions: RawSessions::default(),
            simulator: RawSimulator::default(),
            metrics: RawMetrics::default(),
            otlp: RawOtlp::default(),
            stop: RawStop::default(),
            outgoing: RawOutgoing::default(),
            webhooks: RawWebhooks::default(),
            carriers: BTreeMap::new(),
        }
    }
}

impl Default for RawLog {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            filter: "info".to_owned(),
        }
    }
}

impl Default for RawLimits {
    fn default() -> Self {
        let defaults = portico_app::Limits::default();
        Self {
            sessions_per_hour: defaults.sessions_per_subscription.times,
            pins_per_hour: defaults.pins_per_porting.times,
            wrong_tokens_per_minute: defaults.wrong_tokens.times,
            drafts_per_user: defaults.drafts_per_user,
            connections: None,
            keep_alive_seconds: None,
        }
    }
}

impl Default for RawSessions {
    fn default() -> Self {
        Self {
            idle_seconds: 2 * 60 * 60,
            absolute_seconds: 12 * 60 * 60,
        }
    }
}

impl Default for RawOtlp {
    fn default() -> Self {
        Self {
            endpoint: None,
            sample_ratio: 1.0,
        }
    }
}

impl Default for RawSimulator {
    fn default() -> Self {
        Self { time_scale: 1.0 }
    }
}

impl Default for RawWebhooks {
    fn default() -> Self {
        let defaults = portico_app::Webhooks::default();
        Self {
            endpoints_per_project: defaults.endpoints_per_project,
            concurrency: defaults.concurrency,
            log_days: defaults.log_days,
        }
    }
}
