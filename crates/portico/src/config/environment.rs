//! Settings from `PORTICO_*` variables. The name is the setting's in capitals, with `_` for the dot:
//! `PORTICO_SIMULATOR_TIME_SCALE`. Lists are comma-separated. A carrier's name stands in the middle, with
//! `_` for `-`: `PORTICO_CARRIERS_TELNYX_API_KEY`.

use std::{borrow::Cow, ffi::OsString};

use figment::value::Value;

use super::ConfigError;

/// Name and value.
pub type Variable = (OsString, OsString);

const PREFIX: &str = "PORTICO_";
/// Belong to `portico dev` and to commands that talk to a server, and may well be set where other
/// commands run.
const ELSEWHERE: [&str; 2] = ["PORTICO_DEV_API_KEY", "PORTICO_API_KEY"];

/// How a value is written.
#[derive(Debug, Clone, Copy)]
enum Form {
    Text,
    Whole,
    Number,
    Truth,
    List,
}

/// Every setting.
const SETTINGS: &[(&str, Form)] = &[
    ("database_url", Form::Text),
    ("listen", Form::Text),
    ("public_url", Form::Text),
    ("encryption_key", Form::Text),
    ("encryption_keys_old", Form::List),
    ("trusted_proxies", Form::List),
    ("event_type_prefix", Form::Text),
    ("blocked_numbers", Form::List),
    ("user_address_required", Form::List),
    ("log.format", Form::Text),
    ("log.filter", Form::Text),
    ("limits.sessions_per_hour", Form::Whole),
    ("limits.pins_per_hour", Form::Whole),
    ("limits.wrong_tokens_per_minute", Form::Whole),
    ("limits.drafts_per_user", Form::Whole),
    ("limits.connections", Form::Whole),
    ("limits.keep_alive_seconds", Form::Whole),
    ("sessions.idle_seconds", Form::Whole),
    ("sessions.absolute_seconds", Form::Whole),
    ("simulator.time_scale", Form::Number),
    ("metrics.listen", Form::Text),
    ("otlp.endpoint", Form::Text),
    ("otlp.sample_ratio", Form::Number),
    ("stop.grace_seconds", Form::Whole),
    ("outgoing.allow_networks", Form::List),
    ("webhooks.endpoints_per_project", Form::Whole),
    ("webhooks.concurrency", Form::Whole),
    ("webhooks.log_days", Form::Whole),
];

/// Every setting of a carrier that is not a table; a name that ends another's comes after it.
const OF_A_CARRIER: &[(&str, Form)] = &[
    ("kind", Form::Text),
    ("recipient_countries", Form::List),
    ("max_age_days", Form::Whole),
    ("base_url", Form::Text),
    ("api_key", Form::Text),
    ("public_key", Form::Text),
    ("requirement_group", Form::Text),
    ("url", Form::Text),
    ("secret", Form::Text),
    ("check_portability", Form::Truth),
    ("poll", Form::Text),
    ("timeout", Form::Text),
];

/// The settings among `variables`.
///
/// # Errors
/// A variable begins with `PORTICO_` and is no setting, or its value cannot be read.
pub fn settings(
    variables: impl Iterator<Item = Variable>,
) -> Result<Vec<(Cow<'static, str>, Value)>, ConfigError> {
    let mut found = Vec::new();
    for (name, value) in variables {
        let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else {
            continue;
        };
        if ELSEWHERE.contains(&name) || is_injected(name) {
            continue;
        }
        let (setting, form) =
            setting_of(name).ok_or_else(|| ConfigError::new(name, "is not a setting"))?;
        let value = value
            .to_str()
            .ok_or_else(|| ConfigError::new(name, "is not UTF-8"))?;
        found.push((setting, form.read(name, value)?));
    }
    Ok(found)
}

fn setting_of(name: &str) -> Option<(Cow<'static, str>, Form)> {
    let common = SETTINGS
        .iter()
        .find(|(setting, _)| variable(setting) == name);
    let common = common.map(|(setting, form)| (Cow::Borrowed(*setting), *form));
    common.or_else(|| {
        let rest = name.strip_prefix(PREFIX)?.strip_prefix("CARRIERS_")?;
        OF_A_CARRIER.iter().find_map(|(setting, form)| {
            let carrier = rest
                .strip_suffix(&setting.to_uppercase())?
                .strip_suffix('_')?;
            let carrier = Some(carrier).filter(|it| !it.is_empty())?;
            let carrier = carrier.to_lowercase().replace('_', "-");
            Some((format!("carriers.{carrier}.{setting}").into(), *form))
        })
    })
}

/// Whether Kubernetes made it: a service called `portico` gives every container `PORTICO_PORT`,
/// `PORTICO_PORT_8080_TCP_ADDR`, `PORTICO_SERVICE_HOST` and the like.
fn is_injected(name: &str) -> bool {
    let rest = name.strip_prefix(PREFIX).unwrap_or_default();
    rest == "PORT" || rest.starts_with("PORT_") || rest.starts_with("SERVICE_")
}

fn variable(setting: &str) -> String {
    format!("{PREFIX}{}", setting.replace('.', "_").to_uppercase())
}

impl Form {
    fn read(self, name: &str, text: &str) -> Result<Value, ConfigError> {
        let text = text.trim();
        match self {
            Self::Text => Ok(Value::from(text)),
            Self::Whole => text
                .parse::<u32>()
                .map(Value::from)
                .map_err(|_| ConfigError::new(name, "must be a whole number")),
            Self::Number => text
                .parse::<f64>()
                .map(Value::from)
                .map_err(|_| ConfigError::new(name, "must be a number")),
            Self::Truth => text
                .parse::<bool>()
                .map(Value::from)
                .map_err(|_| ConfigError::new(name, "must be true or false")),
            Self::List => {
                let items = text
                    .split(',')
                    .map(str::trim)
                    .filter(|item| !item.is_empty());
                Ok(Value::from(items.map(Value::from).collect::<Vec<_>>()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::raw::Raw;

    #[test]
    fn every_setting_stands_in_the_guide() {
        let guide = include_str!("../../../../docs/OPERATIONS.md");
        for (setting, _) in SETTINGS {
            let row = format!("| `{setting}` | `{}` |", variable(setting));
            assert!(guide.contains(&row), "{row}");
        }
    }

    #[test]
    fn every_setting_of_a_carrier_stands_in_the_guide() {
        let guide = include_str!("../../../../docs/CARRIERS.md");
        for (setting, _) in OF_A_CARRIER {
            let row = format!("| `{setting}` |");
            assert!(guide.contains(&row), "{row}");
        }
    }

    #[test]
    fn every_setting_of_the_file_has_its_variable() {
        let raw = serde_json::to_value(Raw::default()).expect("settings serialise");
        let mut names = Vec::new();
        for (name, value) in raw.as_object().expect("a table") {
            match value.as_object() {
                Some(section) => names.extend(section.keys().map(|key| format!("{name}.{key}"))),
                None => names.push(name.clone()),
            }
        }
        let mut known: Vec<_> = SETTINGS
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .collect();
        names.sort();
        known.sort();
        assert_eq!(names, known);
    }
}
