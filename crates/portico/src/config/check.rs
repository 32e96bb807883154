//! From what was written to what can be used.

use std::{
    net::{SocketAddr, ToSocketAddrs},
    time::Duration,
};

use jiff::SignedDuration;
use portico_app::{Config, Limits, Webhooks};
use portico_domain::{
    phone::PhoneNumber,
    service_provider,
    session::{BrowserLimits, is_loopback},
};
use portico_outgoing::AddressPolicy;
use portico_store::{EngineKind, rate_limits::Limit};
use secrecy::SecretString;
use url::Url;

use super::{
    ConfigError, Network, Otlp, Settings, TIME_SCALE_RULE,
    carriers::Carrier,
    is_time_scale,
    raw::{Raw, RawLimits, RawOtlp, RawSessions, RawWebhooks},
};
use crate::server::KEEP_ALIVE;

pub fn check(raw: Raw) -> Result<Settings, ConfigError> {
    crate::logging::parse_filter(&raw.log.filter, "log.filter")?;
    if !is_time_scale(raw.simulator.time_scale) {
        return Err(ConfigError::new("simulator.time_scale", TIME_SCALE_RULE));
    }
    let outgoing = networks("outgoing.allow_networks", &raw.outgoing.allow_networks)?;
    let outgoing = AddressPolicy::new(outgoing);
    let carriers = super::carriers::check(raw.carriers, &outgoing)?;
    let app = Config {
        browser: browser_limits(&raw.sessions)?,
        limits: limits(&raw.limits)?,
        event_type_prefix: event_type_prefix(raw.event_type_prefix)?,
        blocked_numbers: blocked_numbers(&raw.blocked_numbers)?,
        user_address_required: recipients(raw.user_address_required, &carriers)?,
        outgoing,
        webhooks: webhooks(&raw.webhooks)?,
        ..Config::default()
    };
    Ok(Settings {
        database_url: database_url("database_url", raw.database_url)?,
        listen: listen("listen", &raw.listen)?,
        encryption_key: raw.encryption_key.map(SecretString::from),
        encryption_keys_old: old_keys(raw.encryption_keys_old),
        log_format: raw.log.format,
        log_filter: raw.log.filter,
        trusted_proxies: networks("trusted_proxies", &raw.trusted_proxies)?,
        connections: connections(raw.limits.connections)?,
        keep_alive: keep_alive(raw.limits.keep_alive_seconds)?,
        time_scale: raw.simulator.time_scale,
        metrics_listen: metrics_listen(raw.metrics.listen.as_deref())?,
        otlp: otlp(raw.otlp)?,
        grace: grace(raw.stop.grace_seconds)?,
        carriers,
        public_url: raw.public_url.as_deref().map(public_url).transpose()?,
        app,
    })
}

/// Reads a database's URL.
///
/// # Errors
/// It is none that Portico can open; the error names `setting`.
pub fn database_url(setting: &str, text: String) -> Result<String, ConfigError> {
    let wrong = |message: &str| Err(ConfigError::new(setting, message));
    let (_, rest) = text.split_once(':').unwrap_or_default();
    match EngineKind::of(&text) {
        Some(EngineKind::Postgres) => Ok(text),
        Some(EngineKind::Sqlite) => match rest.trim_start_matches("//") {
            "" => wrong("must name a file: sqlite://PATH"),
            // Each connection would get an empty database of its own.
            path if path.starts_with(":memory:") || path.contains("mode=memory") => {
                wrong("must name a file; a database in memory does not outlive its connection")
            }
            _ => Ok(text),
        },
        None => wrong("must be sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE"),
    }
}

fn old_keys(texts: Vec<String>) -> Vec<SecretString> {
    texts.into_iter().map(SecretString::from).collect()
}

fn listen(setting: &str, text: &str) -> Result<SocketAddr, ConfigError> {
    let found = text.to_socket_addrs().ok().and_then(|mut all| all.next());
    let message = "must be an address and port of this machine, such as 127.0.0.1:8080";
    found.ok_or_else(|| ConfigError::new(setting, message))
}

fn metrics_listen(text: Option<&str>) -> Result<Option<SocketAddr>, ConfigError> {
    // An empty variable is how a container says that something is not set.
    let text = text.filter(|text| !text.is_empty());
    text.map(|text| listen("metrics.listen", text)).transpose()
}

fn otlp(raw: RawOtlp) -> Result<Option<Otlp>, ConfigError> {
    if !(0.0..=1.0).contains(&raw.sample_ratio) {
        return Err(ConfigError::new(
            "otlp.sample_ratio",
            "must be a number from 0 to 1",
        ));
    }
    let Some(text) = raw.endpoint.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let wrong = |message: &str| ConfigError::new("otlp.endpoint", message);
    let example = "must be a URL such as http://127.0.0.1:4318";
    let mut url = Url::parse(&text).map_err(|_| wrong(example))?;
    if url.scheme() != "http" {
        return Err(wrong(
            "must be http: run a collector beside the server, which goes on by https",
        ));
    }
    if !url.has_host() || url.query().is_some() || !url.username().is_empty() {
        return Err(wrong(example));
    }
    if url.path() == "/" {
        url.set_path("/v1/traces");
    }
    Ok(Some(Otlp {
        url: url.into(),
        sample_ratio: raw.sample_ratio,
    }))
}

fn grace(seconds: u32) -> Result<Duration, ConfigError> {
    match seconds {
        0..=300 => Ok(Duration::from_secs(seconds.into())),
        _ => Err(ConfigError::new(
            "stop.grace_seconds",
            "must be at most 300",
        )),
    }
}

fn public_url(text: &str) -> Result<String, ConfigError> {
    let wrong = |message: &str| Err(ConfigError::new("public_url", message));
    let Ok(url) = Url::parse(text) else {
        return wrong("must be a URL such as https://portico.example");
    };
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return wrong("must be https; http is for hosts of this machine only"),
        _ => return wrong("must be https"),
    }
    // Cookies are bound to the host, and Connect's paths begin at its root.
    let origin = url.origin().ascii_serialization();
    if text
        .strip_suffix('/')
        .unwrap_or(text)
        .eq_ignore_ascii_case(&origin)
    {
        Ok(origin)
    } else {
        wrong("must be scheme, host and port only, such as https://portico.example")
    }
}

fn browser_limits(raw: &RawSessions) -> Result<BrowserLimits, ConfigError> {
    let longest = 7 * 24 * 60 * 60;
    if !(60..=longest).contains(&raw.absolute_seconds) {
        return Err(ConfigError::new(
            "sessions.absolute_seconds",
            "must be 60 to 604800",
        ));
    }
    if !(60..=raw.absolute_seconds).contains(&raw.idle_seconds) {
        let message = "must be at least 60 and at most sessions.absolute_seconds";
        return Err(ConfigError::new("sessions.idle_seconds", message));
    }
    Ok(BrowserLimits {
        idle: SignedDuration::from_secs(raw.idle_seconds.into()),
        absolute: SignedDuration::from_secs(raw.absolute_seconds.into()),
    })
}

fn limits(raw: &RawLimits) -> Result<Limits, ConfigError> {
    let limit = |setting: &str, times: u32, window: SignedDuration| match times {
        0 => Err(ConfigError::new(
            format!("limits.{setting}"),
            "must be at least 1",
        )),
        times => Ok(Limit { times, window }),
    };
    let (hour, minute) = (SignedDuration::from_hours(1), SignedDuration::from_mins(1));
    Ok(Limits {
        sessions_per_subscription: limit("sessions_per_hour", raw.sessions_per_hour, hour)?,
        pins_per_porting: limit("pins_per_hour", raw.pins_per_hour, hour)?,
        wrong_tokens: limit(
            "wrong_tokens_per_minute",
            raw.wrong_tokens_per_minute,
            minute,
        )?,
        drafts_per_user: limit("drafts_per_user", raw.drafts_per_user, hour)?.times,
    })
}

fn webhooks(raw: &RawWebhooks) -> Result<Webhooks, ConfigError> {
    let within = |setting: &str, number: u32, most: u32| match number {
        number if (1..=most).contains(&number) => Ok(number),
        _ => Err(ConfigError::new(
            format!("webhooks.{setting}"),
            format!("must be 1 to {most}"),
        )),
    };
    let endpoints = raw.endpoints_per_project;
    Ok(Webhooks {
        endpoints_per_project: within("endpoints_per_project", endpoints, 1_000)?,
        concurrency: within("concurrency", raw.concurrency, 256)?,
        log_days: within("log_days", raw.log_days, 3_650)?,
    })
}

fn keep_alive(seconds: Option<u32>) -> Result<Duration, ConfigError> {
    match seconds {
        None => Ok(KEEP_ALIVE),
        Some(seconds @ 1..=3_600) => Ok(Duration::from_secs(seconds.into())),
        _ => Err(ConfigError::new(
            "limits.keep_alive_seconds",
            "must be from 1 to 3600",
        )),
    }
}

fn connections(number: Option<u32>) -> Result<Option<usize>, ConfigError> {
    match number {
        Some(0) => Err(ConfigError::new("limits.connections", "must be at least 1")),
        number => Ok(number.map(|number| usize::try_from(number).unwrap_or(usize::MAX))),
    }
}

fn event_type_prefix(text: String) -> Result<String, ConfigError> {
    let part = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let holds = text.len() <= 100
        && text
            .strip_suffix('.')
            .is_some_and(|name| name.split('.').all(part));
    if holds {
        Ok(text)
    } else {
        let message = "must be a reverse domain name with a dot at its end, such as com.example.";
        Err(ConfigError::new("event_type_prefix", message))
    }
}

fn blocked_numbers(texts: &[String]) -> Result<Vec<String>, ConfigError> {
    let read = |text: &String| {
        PhoneNumber::parse_e164(text)
            .map(|number| number.as_str().to_owned())
            .map_err(|error| ConfigError::new("blocked_numbers", format!("{text}: {error}")))
    };
    texts.iter().map(read).collect()
}

fn recipients(names: Vec<String>, carriers: &[Carrier]) -> Result<Vec<String>, ConfigError> {
    let is_known = |name: &str| {
        service_provider::recipient(name).is_some() || carriers.iter().any(|it| it.name == name)
    };
    let unknown = names.iter().find(|name| !is_known(name));
    match unknown {
        Some(name) => {
            let message = format!("{name} is not a recipient provider");
            Err(ConfigError::new("user_address_required", message))
        }
        None => Ok(names),
    }
}

fn networks(setting: &str, texts: &[String]) -> Result<Vec<Network>, ConfigError> {
    let read = |text: &String| {
        text.parse().map_err(|()| {
            let message =
                format!("{text} is neither an IP address nor a network such as 10.0.0.0/8");
            ConfigError::new(setting, message)
        })
    };
    texts.iter().map(read).collect()
}
