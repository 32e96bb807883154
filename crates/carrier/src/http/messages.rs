//! The messages of the protocol, ours and theirs; `docs/carrier-protocol.openapi.json` describes them.

use std::collections::BTreeSet;

use jiff::civil::Date;
use portico_domain::{
    carrier::{CarrierUpdate, UpdateKind},
    phone::PhoneNumber,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{GatewayError, Portability, handed::Handed};

/// How long a backend's name for an update may be, in characters.
const MAX_NAME: usize = 100;
/// How many updates a look-up may answer with.
const MAX_UPDATES: usize = 100;

/// What we ask of a backend.
#[derive(Serialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Message<'a> {
    /// Whether a number can move at all.
    CheckPortability {
        /// The recipient's network id.
        provider: &'a str,
        /// The number, E.164.
        phone_number: &'a str,
    },
    /// Hand this request to the carrier.
    SubmitPorting {
        /// Names the attempt; the same each time it is sent.
        reference: &'a str,
        /// The project of the porting.
        project: &'a str,
        /// The request.
        porting: Box<Handed<'a>>,
    },
    /// Say whether you have a request of that reference, and what came of it.
    LookUpPorting {
        /// Names the attempt.
        reference: &'a str,
    },
    /// Call a request off at the carrier.
    CancelPorting {
        /// Names the attempt.
        reference: &'a str,
    },
}

impl<'a> Message<'a> {
    /// Whether `number` can move to `provider`.
    pub fn check(provider: &'a str, number: &'a PhoneNumber) -> Self {
        Self::CheckPortability {
            provider,
            phone_number: number.as_str(),
        }
    }
}

/// What a carrier said, as a backend tells it in an answer: the body of `carrierUpdate`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UpdateBody {
    r#type: String,
    id: Option<String>,
    reference: Option<String>,
    code: Option<String>,
    text: Option<String>,
    date: Option<Date>,
}

/// An update that came in an answer.
pub struct Told {
    /// What the backend calls it.
    pub sender_id: Option<String>,
    /// What was said.
    pub said: CarrierUpdate,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LookUpBody {
    known: bool,
    #[serde(default)]
    updates: Vec<UpdateBody>,
}

/// What a look-up brought.
pub struct LookedUp {
    /// Whether the backend has the request.
    pub known: bool,
    /// Everything it has learned about it, oldest first.
    pub updates: Vec<Told>,
}

/// Why the backend will not take a request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RefusalBody {
    code: Option<String>,
    text: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PortabilityBody {
    portable: bool,
    reason: Option<String>,
    #[serde(default)]
    required: BTreeSet<String>,
}

/// Reads an update about `reference`.
pub fn update(body: &[u8], reference: &str) -> Result<Told, GatewayError> {
    told(read(body)?, reference)
}

/// Reads the answer to a look-up of `reference`.
pub fn looked_up(body: &[u8], reference: &str) -> Result<LookedUp, GatewayError> {
    let LookUpBody { known, updates } = read(body)?;
    if updates.len() > MAX_UPDATES {
        return Err(unreadable("it tells more than 100 updates"));
    }
    let updates = updates.into_iter().map(|update| told(update, reference));
    Ok(LookedUp {
        known,
        updates: updates.collect::<Result<_, _>>()?,
    })
}

/// Reads why a request is refused, as the decline that it is.
pub fn refusal(body: &[u8]) -> Result<CarrierUpdate, GatewayError> {
    let RefusalBody { code, text } = read(body)?;
    if code.is_none() && text.is_none() {
        return Err(unreadable("a refusal needs code, text or both"));
    }
    said(UpdateKind::Declined, code, text, None)
}

/// Reads whether a number can move.
pub fn portability(body: &[u8]) -> Result<Portability, GatewayError> {
    let PortabilityBody {
        portable,
        reason,
        required,
    } = read(body)?;
    if !portable {
        let usual = || "The recipient provider does not take this number.".to_owned();
        return Ok(Portability::NotPortable(reason.unwrap_or_else(usual)));
    }
    let field = |name: &String| {
        name.parse()
            .map_err(|()| unreadable("required names a field that there is not"))
    };
    Ok(Portability::Portable {
        also_required: required.iter().map(field).collect::<Result<_, _>>()?,
    })
}

fn told(body: UpdateBody, reference: &str) -> Result<Told, GatewayError> {
    if body.reference.is_some_and(|named| named != reference) {
        return Err(unreadable("it tells of another reference"));
    }
    let is_name = |id: &String| (1..=MAX_NAME).contains(&id.chars().count());
    if !body.id.as_ref().is_none_or(is_name) {
        return Err(unreadable("id must have 1 to 100 characters"));
    }
    let kind = UpdateKind::parse(&body.r#type);
    let kind = kind.ok_or_else(|| unreadable("type is not one of an update"))?;
    Ok(Told {
        sender_id: body.id,
        said: said(kind, body.code, body.text, body.date)?,
    })
}

fn said(
    kind: UpdateKind,
    code: Option<String>,
    text: Option<String>,
    date: Option<Date>,
) -> Result<CarrierUpdate, GatewayError> {
    CarrierUpdate::with(kind, code, text, date)
        .map_err(|error| unreadable(&format!("{} {}", error.part, error.rule)))
}

/// Reads JSON. Where it is wrong is told, and nothing of what it says.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, GatewayError> {
    serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        unreadable(&format!("line {line}, column {column} of its body"))
    })
}

fn unreadable(why: &str) -> GatewayError {
    GatewayError::Unreadable(why.to_owned())
}

#[cfg(test)]
mod tests;
