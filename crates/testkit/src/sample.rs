//! Sample data: well-formed, and nobody's.

use portico_app::{MetadataPatch, projects::SettingsPatch, users::NewUser};
use portico_domain::{
    address::{Address, AddressInput},
    phone::PhoneNumber,
    plan::{Allowances, PlanDocument, Price, SimType},
    porting::{DetailsPatch, Patch},
    secret_text::{AccountNumber, PersonName, Pin},
};

/// The account number of [`details`].
pub const ACCOUNT_NUMBER: &str = "8830014477";
/// The transfer PIN of [`details`]; its leading zeros matter.
pub const PIN: &str = "004217";
/// The first name of [`details`].
pub const FIRST_NAME: &str = "Rosalind";
/// The last name of [`details`].
pub const LAST_NAME: &str = "Quimby";
/// The first address line of [`details`].
pub const STREET: &str = "4711 Juniper Hollow Road";

/// A brand with support contacts, whose subscribers may repair what they can.
pub fn settings() -> SettingsPatch {
    SettingsPatch {
        name: Some("Acme Mobile".to_owned()),
        support_email: Some(Some("help@acme.example".to_owned())),
        self_service_repair: Some(true),
        ..SettingsPatch::default()
    }
}

/// A user who can be created once for each `name`.
pub fn user(name: &str) -> NewUser {
    NewUser {
        email: format!("{name}@subscriber.example"),
        full_name: Some(format!("{FIRST_NAME} {LAST_NAME}")),
        birthday: None,
        preferred_locale: None,
        email_verified: true,
        metadata: MetadataPatch::default(),
    }
}

/// A plan's document.
pub fn plan() -> PlanDocument {
    PlanDocument {
        name: "Unlimited 20".to_owned(),
        description: None,
        price: Price {
            amount: 2_000,
            currency: "USD".to_owned(),
        },
        validity: None,
        allowances: Allowances::default(),
        sim_types: vec![SimType::Esim],
        metadata: Default::default(),
    }
}

/// A number, from its E.164 text or from the last four digits of the simulator's US range:
/// `"0110"` is `+19595550110`.
pub fn number(text: &str) -> PhoneNumber {
    let text = match text.len() {
        4 => format!("+1959555{text}"),
        _ => text.to_owned(),
    };
    PhoneNumber::parse_e164(&text).expect("the test names a valid number")
}

/// The billing address of [`details`].
pub fn address() -> Address {
    let text = |text: &str| Some(text.to_owned());
    Address::parse(AddressInput {
        line1: text(STREET),
        city: text("Portland"),
        state: text("OR"),
        postal_code: text("97205"),
        country: text("US"),
        ..AddressInput::default()
    })
    .expect("a complete address")
}

/// Everything the US requires.
pub fn details() -> DetailsPatch {
    DetailsPatch {
        account_number: Patch::Set(account_number(ACCOUNT_NUMBER)),
        account_pin: Patch::Set(pin(PIN)),
        address: Patch::Set(address()),
        first_name: Patch::Set(person_name(FIRST_NAME)),
        last_name: Patch::Set(person_name(LAST_NAME)),
        ..DetailsPatch::default()
    }
}

/// An account number.
pub fn account_number(text: &str) -> AccountNumber {
    AccountNumber::parse(text).expect("the test names a valid account number")
}

/// A PIN.
pub fn pin(text: &str) -> Pin {
    Pin::parse(text).expect("the test names a valid PIN")
}

/// A first or last name.
pub fn person_name(text: &str) -> PersonName {
    PersonName::parse(text).expect("the test names a valid name")
}
