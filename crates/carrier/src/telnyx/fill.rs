//! What is sent about a port.

use portico_domain::{
    address::Address,
    porting::Details,
    secret_text::{AccountNumber, PersonName, Pin},
};
use serde::Serialize;

use crate::PortRequest;

/// What goes into every order.
pub(super) struct Fill {
    pub notice_url: Option<String>,
    pub requirement_group: Option<String>,
}

/// The body of `PATCH /porting_orders/{id}`. Without `Debug`: it holds customer data.
#[derive(Serialize)]
pub(super) struct Change<'a> {
    customer_reference: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_group_reference: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requirement_group_id: Option<&'a str>,
    end_user: EndUser<'a>,
}

#[derive(Serialize)]
struct EndUser<'a> {
    admin: Admin<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location<'a>>,
}

#[derive(Serialize)]
struct Admin<'a> {
    entity_name: Option<String>,
    auth_person_name: Option<String>,
    account_number: Option<&'a str>,
    pin_passcode: Option<&'a str>,
    billing_phone_number: &'a str,
}

#[derive(Serialize)]
struct Location<'a> {
    street_address: &'a str,
    extended_address: Option<&'a str>,
    locality: &'a str,
    administrative_area: Option<&'a str>,
    postal_code: Option<&'a str>,
    country_code: &'a str,
}

impl Fill {
    /// What an order says for `request`. `mark` is the order's newest event when it was declined before.
    pub fn change<'a>(&'a self, request: &'a PortRequest, mark: Option<&'a str>) -> Change<'a> {
        let url = self.notice_url.as_ref();
        Change {
            customer_reference: &request.reference,
            customer_group_reference: mark,
            webhook_url: url.map(|url| format!("{url}/{}", request.reference)),
            requirement_group_id: self.requirement_group.as_deref(),
            end_user: EndUser {
                admin: admin(request),
                location: request.details.address.as_ref().map(location),
            },
        }
    }
}

/// The account's holder is who asks for the port. Names are not split here.
fn admin(request: &PortRequest) -> Admin<'_> {
    let details = &request.details;
    let name = full_name(details);
    Admin {
        entity_name: name.clone(),
        auth_person_name: name,
        account_number: details.account_number.as_ref().map(AccountNumber::as_str),
        pin_passcode: details.account_pin.as_ref().map(Pin::expose),
        billing_phone_number: request.phone_number.as_str(),
    }
}

fn full_name(details: &Details) -> Option<String> {
    let names = [&details.first_name, &details.last_name];
    let names: Vec<_> = names
        .into_iter()
        .flatten()
        .map(PersonName::as_str)
        .collect();
    (!names.is_empty()).then(|| names.join(" "))
}

fn location(address: &Address) -> Location<'_> {
    Location {
        street_address: &address.line1,
        extended_address: address.line2.as_deref(),
        locality: &address.city,
        administrative_area: address.state.as_deref(),
        postal_code: address.postal_code.as_deref(),
        country_code: address.country.as_str(),
    }
}
