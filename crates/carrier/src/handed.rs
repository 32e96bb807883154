//! A port request as whoever hands it to a carrier is given it: a backend, or a person.

use jiff::civil::Date;
use portico_domain::{address::Address, service_provider};
use serde::Serialize;

use crate::PortRequest;

/// A request with everything that the donor will check, PINs included. Absent values are null.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Handed<'a> {
    /// The porting's id.
    pub id: &'a str,
    /// The recipient's network id.
    pub provider: &'a str,
    /// The number that moves, E.164.
    pub phone_number: &'a str,
    /// `portIn`, or `cancelOnly` to end the old contract and give the number up.
    pub behavior: &'static str,
    /// The account number at the donor.
    pub account_number: Option<&'a str>,
    /// The transfer PIN (US), PAC or STAC (UK).
    pub account_pin: Option<&'a str>,
    /// Prepaid or postpaid, and for how many lines.
    pub account_type: Option<&'static str>,
    /// The billing address at the donor.
    pub address: Option<HandedAddress<'a>>,
    /// The billing PIN.
    pub billing_pin: Option<&'a str>,
    /// The account holder's date of birth, `YYYY-MM-DD`.
    pub birthday: Option<String>,
    /// The old carrier.
    pub donor_provider: Option<Donor<'a>>,
    /// Whether the donor was told and agreed.
    pub donor_provider_approval: Option<bool>,
    /// The account holder's first name.
    pub first_name: Option<&'a str>,
    /// The account holder's last name.
    pub last_name: Option<&'a str>,
    /// The day the number should move.
    pub scheduled_on: Option<Date>,
}

/// A postal address.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are those of the API's addresses")]
pub struct HandedAddress<'a> {
    pub line1: &'a str,
    pub line2: Option<&'a str>,
    pub city: &'a str,
    pub state: Option<&'a str>,
    pub postal_code: Option<&'a str>,
    pub country: &'a str,
}

/// The old carrier.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Donor<'a> {
    /// The id of a service provider.
    pub id: &'a str,
    /// The brand as its customers know it; null for one that this version does not know.
    pub name: Option<&'static str>,
}

impl<'a> From<&'a PortRequest> for Handed<'a> {
    fn from(request: &'a PortRequest) -> Self {
        let details = &request.details;
        let donor = details.donor_provider.as_deref();
        Self {
            id: request.porting.as_str(),
            provider: &request.provider,
            phone_number: request.phone_number.as_str(),
            behavior: request.behavior.as_str(),
            account_number: details.account_number.as_ref().map(|it| it.as_str()),
            account_pin: details.account_pin.as_ref().map(|pin| pin.expose()),
            account_type: details.account_type.map(|kind| kind.as_str()),
            address: details.address.as_ref().map(HandedAddress::from),
            billing_pin: details.billing_pin.as_ref().map(|pin| pin.expose()),
            birthday: details.birthday.map(|birthday| birthday.to_iso()),
            donor_provider: donor.map(|id| Donor {
                id,
                name: service_provider::find(id).map(|donor| donor.name),
            }),
            donor_provider_approval: details.donor_provider_approval,
            first_name: details.first_name.as_ref().map(|name| name.as_str()),
            last_name: details.last_name.as_ref().map(|name| name.as_str()),
            scheduled_on: details.scheduled_on,
        }
    }
}

impl<'a> From<&'a Address> for HandedAddress<'a> {
    fn from(address: &'a Address) -> Self {
        Self {
            line1: &address.line1,
            line2: address.line2.as_deref(),
            city: &address.city,
            state: address.state.as_deref(),
            postal_code: address.postal_code.as_deref(),
            country: address.country.as_str(),
        }
    }
}
