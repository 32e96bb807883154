//! A porting as columns, and columns as a porting.

use jiff::Timestamp;
use portico_domain::{
    address::Address,
    date_input::Birthday,
    decline::DeclineCode,
    phone::PhoneNumber,
    porting::{Behavior, Decline, Details, Fingerprint, Porting, Rejected, State, Status},
    secret_text::{AccountNumber, PersonName, Pin},
};
use serde::{Deserialize, Serialize};

use super::TABLE;
use crate::{
    StoreError, Vault,
    row::Row,
    value::{Value, args},
    vault::Place,
};

/// What the donor checks, but for the PINs, as it is sealed.
#[derive(Default, PartialEq, Serialize, Deserialize)]
struct SealedDetails {
    account_number: Option<AccountNumber>,
    address: Option<Address>,
    birthday: Option<Birthday>,
    first_name: Option<PersonName>,
    last_name: Option<PersonName>,
}

/// What the donor refused, as it is sealed.
#[derive(Serialize, Deserialize)]
struct SealedRejected {
    account_number: Option<AccountNumber>,
    address: Option<Address>,
    first_name: Option<PersonName>,
    last_name: Option<PersonName>,
    pin: Option<Vec<u8>>,
}

fn place<'a>(id: &'a str, column: &'static str) -> Place<'a> {
    Place {
        table: TABLE,
        row: id,
        column,
    }
}

/// From `subscription_id` to `ended_at`, in the order of the statements.
pub(super) fn changeable(vault: &Vault, porting: &Porting) -> Vec<Value> {
    let id = porting.id.as_str();
    let details = &porting.details;
    let pin = |pin: &Option<Pin>, column| {
        pin.as_ref()
            .map(|pin| vault.seal(place(id, column), pin.expose().as_bytes()))
    };
    let decline = match &porting.state {
        State::Declined(decline) => Some(decline),
        _ => None,
    };
    let mut row = args![
        porting.subscription,
        porting.phone_number.as_str(),
        porting.provider.as_str(),
        porting.behavior.as_str(),
        porting.status().as_str(),
        porting.exclusive_number().map(PhoneNumber::as_str),
        Value::json(&porting.required),
        porting.attempt,
        seal_details(vault, id, details),
        pin(&details.account_pin, "account_pin"),
        pin(&details.billing_pin, "billing_pin"),
        details.account_type.map(|kind| kind.as_str()),
        details.donor_provider.as_deref(),
        details.donor_provider_approval,
        details.scheduled_on,
    ];
    row.extend(args![
        porting.declined_attempts,
        decline.map(|decline| decline.code.as_str()),
        decline.map(|decline| decline.message.as_str()),
        decline.map(|decline| seal_rejected(vault, id, &decline.rejected)),
        decline.and_then(|decline| decline.protection_disabled_at),
        delayed_at(&porting.state),
        porting.last_declined_at,
        porting.last_requested_at,
        ended_at(&porting.state),
    ]);
    row
}

fn delayed_at(state: &State) -> Option<Timestamp> {
    match state {
        State::Requested { delayed_at } => *delayed_at,
        _ => None,
    }
}

fn ended_at(state: &State) -> Option<Timestamp> {
    match state {
        State::Completed(at) | State::Canceled(at) | State::Expired(at) | State::Failed(at) => {
            Some(*at)
        }
        _ => None,
    }
}

/// Nothing where there is nothing yet: then a page that shows none of it has nothing to open.
fn seal_details(vault: &Vault, id: &str, details: &Details) -> Option<Vec<u8>> {
    let sealed = SealedDetails {
        account_number: details.account_number.clone(),
        address: details.address.clone(),
        birthday: details.birthday,
        first_name: details.first_name.clone(),
        last_name: details.last_name.clone(),
    };
    let is_empty = sealed == SealedDetails::default();
    (!is_empty).then(|| vault.seal_json(place(id, "details"), &sealed))
}

fn seal_rejected(vault: &Vault, id: &str, rejected: &Rejected) -> Vec<u8> {
    let sealed = SealedRejected {
        account_number: rejected.account_number.clone(),
        address: rejected.address.clone(),
        first_name: rejected.first_name.clone(),
        last_name: rejected.last_name.clone(),
        pin: rejected.pin.as_ref().map(|pin| pin.0.clone()),
    };
    vault.seal_json(place(id, "rejected"), &sealed)
}

pub(crate) fn porting(vault: &Vault, row: &Row) -> Result<Porting, StoreError> {
    let number = row.text("phone_number")?;
    let behavior = match row.text("behavior")?.as_str() {
        "portIn" => Behavior::PortIn,
        "cancelOnly" => Behavior::CancelOnly,
        _ => return Err(row.corrupt("behavior")),
    };
    Ok(Porting {
        id: row.parse("id")?,
        project: row.text("project")?,
        user: row.parse("user_id")?,
        subscription: row.parse_or_null("subscription_id")?,
        phone_number: PhoneNumber::from_stored(&number).map_err(|_| row.corrupt("phone_number"))?,
        provider: row.text("provider")?,
        behavior,
        details: details(vault, row)?,
        required: row.json("required")?,
        state: state(vault, row)?,
        attempt: row.count("attempt")?,
        declined_attempts: row.count("declined_attempts")?,
        last_declined_at: row.time_or_null("last_declined_at")?,
        last_requested_at: row.time_or_null("last_requested_at")?,
        created_at: row.time("created_at")?,
    })
}

fn details(vault: &Vault, row: &Row) -> Result<Details, StoreError> {
    let id = row.text("id")?;
    let sealed: SealedDetails = match row.blob_or_null("details_sealed")? {
        Some(sealed) => vault.open_json(place(&id, "details"), &sealed)?,
        None => SealedDetails::default(),
    };
    Ok(Details {
        account_number: sealed.account_number,
        account_pin: pin(vault, row, "account_pin_sealed", place(&id, "account_pin"))?,
        account_type: row.parse_or_null("account_type")?,
        address: sealed.address,
        billing_pin: pin(vault, row, "billing_pin_sealed", place(&id, "billing_pin"))?,
        birthday: sealed.birthday,
        donor_provider: row.text_or_null("donor_provider")?,
        donor_provider_approval: row.bool_or_null("donor_provider_approval")?,
        first_name: sealed.first_name,
        last_name: sealed.last_name,
        scheduled_on: row.date_or_null("scheduled_on")?,
    })
}

fn pin(
    vault: &Vault,
    row: &Row,
    column: &'static str,
    place: Place<'_>,
) -> Result<Option<Pin>, StoreError> {
    let Some(sealed) = row.blob_or_null(column)? else {
        return Ok(None);
    };
    let plain = vault.open(place, &sealed)?;
    let text = std::str::from_utf8(&plain).map_err(|_| row.corrupt(column))?;
    Pin::parse(text).map(Some).map_err(|_| row.corrupt(column))
}

fn state(vault: &Vault, row: &Row) -> Result<State, StoreError> {
    let status: Status = row.parse("status")?;
    let ended = || row.time("ended_at");
    Ok(match status {
        Status::Draft => State::Draft,
        Status::InformationRequired => State::InformationRequired,
        Status::Pending => State::Pending,
        Status::Requested => State::Requested {
            delayed_at: row.time_or_null("delayed_at")?,
        },
        Status::Declined => State::Declined(Box::new(decline(vault, row)?)),
        Status::Completed => State::Completed(ended()?),
        Status::Canceled => State::Canceled(ended()?),
        Status::Expired => State::Expired(ended()?),
        Status::Failed => State::Failed(ended()?),
        Status::Initiated => return Err(row.corrupt("status")),
    })
}

fn decline(vault: &Vault, row: &Row) -> Result<Decline, StoreError> {
    let id = row.text("id")?;
    let sealed: SealedRejected =
        vault.open_json(place(&id, "rejected"), &row.blob("rejected_sealed")?)?;
    Ok(Decline {
        code: DeclineCode::from(row.text("declined_code")?),
        message: row.text_or_null("declined_message")?.unwrap_or_default(),
        rejected: Rejected {
            account_number: sealed.account_number,
            address: sealed.address,
            first_name: sealed.first_name,
            last_name: sealed.last_name,
            pin: sealed.pin.map(Fingerprint),
        },
        protection_disabled_at: row.time_or_null("protection_disabled_at")?,
    })
}
