//! Forms of the hosted pages, and what a step makes of each control: what is taken is taken the same
//! way again, so nothing changes between what is stored and what is sent.
#![no_main]

use std::collections::HashSet;

use jiff::civil::Date;
use libfuzzer_sys::fuzz_target;
use portico_connect::Form;
use portico_domain::{
    account::{AccountType, parse_pac, parse_stac},
    address::{Address, AddressInput},
    date_input::Birthday,
    secret_text::{AccountNumber, PersonName, Pin},
};

const TODAY: Date = jiff::civil::date(2026, 3, 2);
/// The longest value of a control, in bytes.
const MAX_VALUE: usize = 4_096;

fuzz_target!(|body: &[u8]| {
    let form = Form::parse(body);
    controls(body, &form);
    codes(&form);
    holder(&form);
    for country in ["US", "CA", "GB", "IE", "DE", form.text("country")] {
        address(&form, country);
    }
});

/// The first of two counts, and long values are cut, by a second reading of the same text.
fn controls(body: &[u8], form: &Form) {
    let mut seen = HashSet::new();
    for (name, value) in url::form_urlencoded::parse(body).take(64) {
        let read = form.text(&name);
        assert!(read.len() <= MAX_VALUE && read.trim() == read);
        if seen.insert(name.clone().into_owned()) && value.len() <= MAX_VALUE {
            assert_eq!(read, value.trim());
        }
        assert!(!form.is_ticked(&name) || ["on", "true"].contains(&read));
    }
    assert!(seen.contains("authorization") || !form.is_ticked("authorization"));
    let _ = form.confirms("pinLength");
}

fn codes(form: &Form) {
    if let Ok(number) = AccountNumber::parse(form.text("accountNumber")) {
        let again =
            AccountNumber::parse(number.as_str()).expect("what was taken can be read again");
        assert_eq!(again.as_str(), number.as_str());
        assert!(
            number
                .stripped()
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric())
        );
        assert!(number.as_str().len() < 8 || number.masked() != number.as_str());
    }
    for name in ["accountPin", "billingPin"] {
        let typed = form.text(name);
        if let Ok(pin) = Pin::parse(typed) {
            let again = Pin::parse(pin.expose()).expect("what was taken can be read again");
            assert_eq!(again.expose(), pin.expose());
            assert!(!pin.stripped().is_empty());
            assert!(!format!("{pin:?}").contains(pin.expose()) || pin.expose().len() < 8);
        }
        if let Ok(pac) = parse_pac(typed) {
            assert!(parse_stac(typed).is_err() && pac.expose().len() == 9);
            let again = parse_pac(pac.expose()).expect("what was taken can be read again");
            assert_eq!(again.expose(), pac.expose());
        }
    }
    if let Ok(kind) = form.text("accountType").parse::<AccountType>() {
        assert_eq!(kind.as_str(), form.text("accountType"));
    }
}

fn holder(form: &Form) {
    for name in ["firstName", "lastName"] {
        if let Ok(name) = PersonName::parse(form.text(name)) {
            let again = PersonName::parse(name.as_str()).expect("what was taken can be read again");
            assert_eq!(again.as_str(), name.as_str());
        }
    }
    let part = |name: &str| form.text(&format!("birthday-{name}"));
    let in_parts = Birthday::from_parts(part("day"), part("month"), part("year"), TODAY);
    let whole = Birthday::parse_iso(form.text("birthday"), TODAY);
    for birthday in [in_parts, whole].into_iter().flatten() {
        assert!(birthday.date() <= TODAY);
        let again = Birthday::parse_iso(&birthday.to_iso(), TODAY).expect("it is a birthday");
        assert_eq!(again.date(), birthday.date());
    }
}

fn address(form: &Form, country: &str) {
    let text = |name: &str| Some(form.text(name).to_owned()).filter(|text| !text.is_empty());
    let parsed = Address::parse(AddressInput {
        line1: text("line1"),
        line2: text("line2"),
        city: text("city"),
        state: text("state"),
        postal_code: text("postalCode"),
        country: Some(country.to_owned()),
    });
    match parsed {
        Ok(address) => {
            let again = Address::parse(AddressInput {
                line1: Some(address.line1.clone()),
                line2: address.line2.clone(),
                city: Some(address.city.clone()),
                state: address.state.clone(),
                postal_code: address.postal_code.clone(),
                country: Some(address.country.as_str().to_owned()),
            });
            assert!(
                again.is_ok_and(|again| again == address),
                "an address changes when read again"
            );
        }
        Err(problems) => {
            assert!(!problems.is_empty());
            let names = ["line1", "line2", "city", "state", "postalCode", "country"];
            assert!(
                problems
                    .iter()
                    .all(|problem| names.contains(&problem.property))
            );
        }
    }
}
