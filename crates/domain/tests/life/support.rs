use jiff::Timestamp;
use portico_domain::{
    address::{Address, AddressInput},
    decline::DeclineCode,
    id::{PortingId, SubscriptionId, UserId},
    phone::PhoneNumber,
    porting::{Behavior, Command, Details, Field, Fingerprint, Porting, State},
    secret_text::{AccountNumber, PersonName, Pin},
};

pub const NEEDED: [Field; 5] = [
    Field::AccountNumber,
    Field::AccountPin,
    Field::FirstName,
    Field::LastName,
    Field::Address,
];

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).expect("well-formed")
}

pub fn pin(text: &str) -> Pin {
    Pin::parse(text).expect("well-formed")
}

pub fn account_number(text: &str) -> AccountNumber {
    AccountNumber::parse(text).expect("well-formed")
}

pub fn name(text: &str) -> PersonName {
    PersonName::parse(text).expect("well-formed")
}

pub fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse_e164(text).expect("well-formed")
}

pub fn address(line1: &str) -> Address {
    let text = |text: &str| Some(text.to_owned());
    Address::parse(AddressInput {
        line1: text(line1),
        city: text("Portland"),
        state: text("OR"),
        postal_code: text("97205"),
        country: text("US"),
        ..AddressInput::default()
    })
    .expect("well-formed")
}

pub fn subscription() -> SubscriptionId {
    SubscriptionId::from_parts(2, 0, [2; 12])
}

/// A draft with everything the US needs.
pub fn draft() -> Porting {
    Porting {
        id: PortingId::from_parts(1, 0, [1; 12]),
        project: "acme".to_owned(),
        user: UserId::from_parts(1, 1, [1; 12]),
        subscription: None,
        phone_number: number("+12015550123"),
        provider: "test".to_owned(),
        behavior: Behavior::PortIn,
        details: Details {
            account_number: Some(account_number("8830014477")),
            account_pin: Some(pin("0042")),
            address: Some(address("1 Elm Street")),
            first_name: Some(name("Rosalind")),
            last_name: Some(name("Quimby")),
            ..Details::default()
        },
        required: NEEDED.to_vec(),
        state: State::Draft,
        attempt: 0,
        declined_attempts: 0,
        last_declined_at: None,
        last_requested_at: None,
        created_at: at(0),
    }
}

pub fn decline(code: DeclineCode) -> Command {
    Command::Decline {
        code,
        message: "No.".to_owned(),
        pin: Some(Fingerprint(vec![7])),
    }
}

/// A porting that went the usual way and was then refused.
pub fn declined(porting: Porting, code: DeclineCode) -> Porting {
    [
        Command::Take(subscription()),
        Command::Accepted,
        decline(code),
    ]
    .into_iter()
    .fold(porting, |porting, command| {
        porting.apply(command, at(1)).expect("well-formed")
    })
}
