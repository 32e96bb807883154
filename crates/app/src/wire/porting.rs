use jiff::{Timestamp, civil::Date};
use portico_domain::{
    address::Address,
    connected,
    porting::{Decline, Porting, State},
    service_provider::{self, ServiceProvider},
};
use serde::Serialize;
use utoipa::ToSchema;

/// A porting: one attempt to move one number, with all its tries.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Porting)]
pub struct PortingResource {
    /// Always `porting`.
    pub object: &'static str,
    /// `prt_` and 28 letters and digits.
    pub id: String,
    /// The account number at the donor.
    #[schema(required)]
    pub account_number: Option<String>,
    /// Whether a transfer PIN is kept. The PIN itself is write-only.
    pub account_pin_exists: bool,
    /// `postpaidMulti`, `postpaidSingle`, `prepaidRegistered` or `prepaidUnregistered`.
    #[schema(required)]
    pub account_type: Option<&'static str>,
    /// The billing address at the donor.
    #[schema(required)]
    pub address: Option<AddressResource>,
    /// `portIn` or `cancelOnly`.
    pub behavior: &'static str,
    /// Whether a billing PIN is kept. The PIN itself is write-only.
    pub billing_pin_exists: bool,
    /// The account holder's date of birth, `YYYY-MM-DD`.
    #[schema(required, format = Date)]
    pub birthday: Option<String>,
    /// When it was canceled.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub canceled_at: Option<Timestamp>,
    /// When the number had moved.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub completed_at: Option<Timestamp>,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// How often a donor refused it.
    pub declined_attempts: u32,
    /// Why the donor refused it; an open set.
    #[schema(required)]
    pub declined_code: Option<String>,
    /// The same for people.
    #[schema(required)]
    pub declined_message: Option<String>,
    /// The old carrier.
    #[schema(required)]
    pub donor_provider: Option<ServiceProviderResource>,
    /// Whether the donor was told and agreed.
    #[schema(required)]
    pub donor_provider_approval: Option<bool>,
    /// When it expired.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub expired_at: Option<Timestamp>,
    /// When it failed.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub failed_at: Option<Timestamp>,
    /// The account holder's first name.
    #[schema(required)]
    pub first_name: Option<String>,
    /// When a donor last refused it.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub last_declined_at: Option<Timestamp>,
    /// The account holder's last name.
    #[schema(required)]
    pub last_name: Option<String>,
    /// When a gateway last accepted it.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub last_requested_at: Option<Timestamp>,
    /// The number that moves, E.164.
    pub phone_number: String,
    /// The recipient's network id.
    pub provider: String,
    /// The new carrier.
    pub recipient_provider: ServiceProviderResource,
    /// Everything this donor and recipient need, filled or not.
    pub required: Vec<&'static str>,
    /// The day the number should move.
    #[schema(required, value_type = Option<String>, format = Date)]
    pub scheduled_on: Option<Date>,
    /// `draft`, `initiated`, `pending`, `informationRequired`, `requested`, `declined`,
    /// `completed`, `canceled`, `expired` or `failed`.
    pub status: &'static str,
    /// The subscription that gets the number.
    #[schema(required)]
    pub subscription: Option<String>,
    /// Whose number it is.
    pub user: String,
}

/// A postal address.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Address)]
pub struct AddressResource {
    /// Street and house number.
    pub line1: String,
    /// Flat, floor and the like.
    #[schema(required)]
    pub line2: Option<String>,
    /// City or town.
    pub city: String,
    /// State or province code; US and Canada.
    #[schema(required)]
    pub state: Option<String>,
    /// As its country writes it.
    #[schema(required)]
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: String,
}

impl From<&Address> for AddressResource {
    fn from(address: &Address) -> Self {
        Self {
            line1: address.line1.clone(),
            line2: address.line2.clone(),
            city: address.city.clone(),
            state: address.state.clone(),
            postal_code: address.postal_code.clone(),
            country: address.country.as_str().to_owned(),
        }
    }
}

/// A mobile provider.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ServiceProvider)]
pub struct ServiceProviderResource {
    /// Always `serviceProvider`.
    pub object: &'static str,
    /// `svp_` and 22 letters and digits.
    pub id: String,
    /// The brand as its customers know it.
    pub name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// The recipients that take numbers from it.
    pub recipient_providers: Vec<&'static str>,
}

impl From<&'static ServiceProvider> for ServiceProviderResource {
    fn from(provider: &'static ServiceProvider) -> Self {
        Self {
            object: "serviceProvider",
            id: provider.id.to_owned(),
            name: provider.name.to_owned(),
            country: provider.country.as_str().to_owned(),
            recipient_providers: provider.recipients(),
        }
    }
}

impl From<&Porting> for PortingResource {
    fn from(porting: &Porting) -> Self {
        let details = &porting.details;
        let decline = decline(&porting.state);
        let donor = details
            .donor_provider
            .as_deref()
            .and_then(service_provider::find);
        let text = |text: &str| text.to_owned();
        Self {
            object: "porting",
            id: porting.id.to_string(),
            account_number: details
                .account_number
                .as_ref()
                .map(|number| text(number.as_str())),
            account_pin_exists: details.account_pin.is_some(),
            account_type: details.account_type.map(|kind| kind.as_str()),
            address: details.address.as_ref().map(AddressResource::from),
            behavior: porting.behavior.as_str(),
            billing_pin_exists: details.billing_pin.is_some(),
            birthday: details.birthday.map(|birthday| birthday.to_iso()),
            canceled_at: ended(&porting.state, "canceled"),
            completed_at: ended(&porting.state, "completed"),
            created_at: porting.created_at,
            declined_attempts: porting.declined_attempts,
            declined_code: decline.map(|decline| text(decline.code.as_str())),
            declined_message: decline.map(|decline| decline.message.clone()),
            donor_provider: donor.map(ServiceProviderResource::from),
            donor_provider_approval: details.donor_provider_approval,
            expired_at: ended(&porting.state, "expired"),
            failed_at: ended(&porting.state, "failed"),
            first_name: details.first_name.as_ref().map(|name| text(name.as_str())),
            last_declined_at: porting.last_declined_at,
            last_name: details.last_name.as_ref().map(|name| text(name.as_str())),
            last_requested_at: porting.last_requested_at,
            phone_number: text(porting.phone_number.as_str()),
            provider: porting.provider.clone(),
            recipient_provider: recipient(porting),
            required: porting
                .required
                .iter()
                .map(|field| field.as_str())
                .collect(),
            scheduled_on: details.scheduled_on,
            status: porting.status().as_str(),
            subscription: porting.subscription.map(|id| id.to_string()),
            user: porting.user.to_string(),
        }
    }
}

fn decline(state: &State) -> Option<&Decline> {
    match state {
        State::Declined(decline) => Some(decline),
        _ => None,
    }
}

fn ended(state: &State, how: &str) -> Option<Timestamp> {
    match state {
        State::Completed(at) | State::Canceled(at) | State::Expired(at) | State::Failed(at)
            if state.status().as_str() == how =>
        {
            Some(*at)
        }
        _ => None,
    }
}

fn recipient(porting: &Porting) -> ServiceProviderResource {
    match service_provider::recipient(&porting.provider) {
        Some(known) => ServiceProviderResource::from(&known.service_provider),
        // Its carrier is no longer connected.
        None => ServiceProviderResource {
            object: "serviceProvider",
            id: connected::id_of(&porting.provider),
            name: porting.provider.clone(),
            country: porting
                .phone_number
                .donor_country()
                .map_or_else(String::new, |country| country.to_string()),
            recipient_providers: Vec::new(),
        },
    }
}
