//! `[carriers.NAME]`: the carriers that numbers are ported to. The name is the `provider` of plans and
//! portings.

use std::{collections::BTreeMap, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::SignedDuration;
use portico_carrier::{
    Kind,
    mapping::{Meaning, Row},
    simulator, telnyx,
};
use portico_domain::country::Country;
use portico_outgoing::{AddressPolicy, SigningKey, Target};
use serde::{Deserialize, Serialize};

use super::ConfigError;

const TELNYX: &str = "https://api.telnyx.com/v2";
const USUAL_POLL: Duration = Duration::from_secs(5 * 60);
const USUAL_TIMEOUT: Duration = Duration::from_secs(5);
/// Shorter than a whole call of a gateway may take, which can be several requests.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(8);
const LONGEST_POLL: Duration = Duration::from_secs(24 * 60 * 60);
const LONGEST_NAME: usize = 40;

/// A carrier as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawCarrier {
    kind: Kind,
    recipient_countries: Vec<String>,
    max_age_days: Option<u16>,
    base_url: Option<String>,
    api_key: Option<String>,
    public_key: Option<String>,
    requirement_group: Option<String>,
    url: Option<String>,
    secret: Option<String>,
    check_portability: Option<bool>,
    poll: Option<String>,
    timeout: Option<String>,
    #[serde(default)]
    declines: Vec<RawDecline>,
}

/// A row of the decline mapping as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDecline {
    code: Option<String>,
    text: Option<String>,
    means: String,
}

/// A carrier that is connected.
#[derive(Debug, Clone)]
pub struct Carrier {
    /// The `provider` of plans and portings.
    pub name: String,
    /// Whose numbers it takes.
    pub countries: Vec<Country>,
    /// Days after which an open porting without an end expires, if not the usual.
    pub max_age_days: Option<u16>,
    /// The operator's own rows of the decline mapping.
    pub declines: Vec<Row>,
    /// How it is reached.
    pub connection: Connection,
}

/// How a carrier is reached.
#[derive(Debug, Clone)]
pub enum Connection {
    /// Telnyx's porting API.
    Telnyx(telnyx::Options),
    /// The operator's own endpoint.
    Http(Http),
    /// By hand.
    Manual,
}

/// How an endpoint of the operator's is reached. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Http {
    /// The endpoint.
    pub url: Target,
    /// What requests are signed with.
    pub secret: SigningKey,
    /// Whether it is asked if a number can move.
    pub check_portability: bool,
    /// How long one request may take.
    pub timeout: Duration,
}

impl Connection {
    /// What kind it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Telnyx(_) => Kind::Telnyx,
            Self::Http(_) => Kind::Http,
            Self::Manual => Kind::Manual,
        }
    }
}

/// Takes what was written.
///
/// # Errors
/// Which setting of which carrier is wrong.
pub fn check(
    carriers: BTreeMap<String, RawCarrier>,
    policy: &AddressPolicy,
) -> Result<Vec<Carrier>, ConfigError> {
    carriers
        .into_iter()
        .map(|(name, raw)| carrier(name, raw, policy))
        .collect()
}

fn carrier(name: String, raw: RawCarrier, policy: &AddressPolicy) -> Result<Carrier, ConfigError> {
    check_name(&name)?;
    let at = At(&name);
    check_kind_has(&at, &raw)?;
    let days = raw.max_age_days;
    if days.is_some_and(|days| !(1..=365).contains(&days)) {
        return Err(at.wrong("max_age_days", "must be 1 to 365"));
    }
    let declines = raw.declines.iter().enumerate();
    let declines = declines.map(|(index, row)| decline(&at, index, row));
    Ok(Carrier {
        countries: countries(&at, &raw.recipient_countries)?,
        max_age_days: days,
        declines: declines.collect::<Result<_, _>>()?,
        connection: connection(&at, raw, policy)?,
        name,
    })
}

/// Names a carrier's settings in errors.
struct At<'a>(&'a str);

impl At<'_> {
    fn wrong(&self, setting: &str, message: impl Into<String>) -> ConfigError {
        ConfigError::new(format!("carriers.{}.{setting}", self.0), message)
    }

    fn required<T>(&self, setting: &str, value: Option<T>) -> Result<T, ConfigError> {
        value.ok_or_else(|| self.wrong(setting, "is required"))
    }

    fn target(
        &self,
        setting: &str,
        text: &str,
        policy: &AddressPolicy,
    ) -> Result<Target, ConfigError> {
        Target::parse(text, policy).map_err(|error| self.wrong(setting, error.to_string()))
    }

    fn within(
        &self,
        setting: &str,
        text: Option<&str>,
        (usual, most): (Duration, Duration),
    ) -> Result<Duration, ConfigError> {
        let Some(text) = text else { return Ok(usual) };
        let read = text.parse::<SignedDuration>().ok();
        let read = read.and_then(|time| Duration::try_from(time).ok());
        read.filter(|time| (Duration::from_secs(1)..=most).contains(time))
            .ok_or_else(|| {
                let most = most.as_secs();
                let message = format!("must be a time such as 30s or 5m, from 1s to {most}s");
                self.wrong(setting, message)
            })
    }
}

fn check_name(name: &str) -> Result<(), ConfigError> {
    let wrong = |message: &str| Err(ConfigError::new(format!("carriers.{name}"), message));
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !(1..=LONGEST_NAME).contains(&name.len()) || !name.chars().all(fits) {
        return wrong("the name must be 1 to 40 of a-z, 0-9 and -");
    }
    if simulator::PROVIDERS.contains(&name) {
        return wrong("is a simulated recipient; choose another name");
    }
    Ok(())
}

/// A setting that the kind does not know is a mistake, not something to pass over.
fn check_kind_has(at: &At<'_>, raw: &RawCarrier) -> Result<(), ConfigError> {
    let telnyx = raw.kind == Kind::Telnyx;
    let http = raw.kind == Kind::Http;
    let settings = [
        ("base_url", raw.base_url.is_some(), telnyx),
        ("api_key", raw.api_key.is_some(), telnyx),
        ("public_key", raw.public_key.is_some(), telnyx),
        ("requirement_group", raw.requirement_group.is_some(), telnyx),
        ("poll", raw.poll.is_some(), telnyx),
        ("url", raw.url.is_some(), http),
        ("secret", raw.secret.is_some(), http),
        ("check_portability", raw.check_portability.is_some(), http),
        ("timeout", raw.timeout.is_some(), telnyx || http),
    ];
    match settings.iter().find(|(_, is_set, fits)| *is_set && !fits) {
        Some((setting, ..)) => {
            let message = format!("is not a setting of the kind {}", raw.kind.as_str());
            Err(at.wrong(setting, message))
        }
        None => Ok(()),
    }
}

fn countries(at: &At<'_>, texts: &[String]) -> Result<Vec<Country>, ConfigError> {
    let wrong = |message: String| at.wrong("recipient_countries", message);
    if texts.is_empty() {
        return Err(wrong("must name at least one country".to_owned()));
    }
    let read = |text: &String| {
        let country = Country::parse(text).map_err(|error| wrong(format!("{text} {error}")))?;
        portico_domain::connected::check(country).map_err(|error| wrong(error.to_string()))?;
        Ok(country)
    };
    texts.iter().map(read).collect()
}

fn decline(at: &At<'_>, index: usize, raw: &RawDecline) -> Result<Row, ConfigError> {
    let wrong = |message: &str| at.wrong(&format!("declines.{index}"), message);
    let row = Row::new(raw.code.clone(), raw.text.clone(), &raw.means);
    let row = row.map_err(|error| wrong(&error.to_string()))?;
    if row.means == Meaning::Text && row.code.is_none() {
        return Err(wrong("`means = \"text\"` needs a `code`"));
    }
    Ok(row)
}

fn connection(
    at: &At<'_>,
    raw: RawCarrier,
    policy: &AddressPolicy,
) -> Result<Connection, ConfigError> {
    let timeout = raw.timeout.as_deref();
    let timeout = at.within("timeout", timeout, (USUAL_TIMEOUT, LONGEST_TIMEOUT))?;
    Ok(match raw.kind {
        Kind::Telnyx => Connection::Telnyx(telnyx::Options {
            base: at.target(
                "base_url",
                raw.base_url.as_deref().unwrap_or(TELNYX),
                policy,
            )?,
            api_key: at.required("api_key", not_empty(raw.api_key))?.into(),
            public_key: not_empty(raw.public_key)
                .map(|text| public_key(at, &text))
                .transpose()?,
            notice_url: None,
            requirement_group: not_empty(raw.requirement_group),
            poll: at.within("poll", raw.poll.as_deref(), (USUAL_POLL, LONGEST_POLL))?,
            timeout,
        }),
        Kind::Http => {
            let url = at.required("url", not_empty(raw.url))?;
            Connection::Http(Http {
                url: at.target("url", &url, policy)?,
                secret: SigningKey::parse(&at.required("secret", not_empty(raw.secret))?)
                    .map_err(|error| at.wrong("secret", error.to_string()))?,
                check_portability: raw.check_portability.unwrap_or_default(),
                timeout,
            })
        }
        Kind::Manual => Connection::Manual,
    })
}

/// An empty variable is how a container says that something is not set.
fn not_empty(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn public_key(at: &At<'_>, text: &str) -> Result<[u8; 32], ConfigError> {
    let bytes = STANDARD.decode(text.trim()).ok();
    bytes
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| at.wrong("public_key", "must be an Ed25519 key: 32 bytes in base64"))
}

#[cfg(test)]
mod tests;
