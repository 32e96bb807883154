use proptest::prelude::*;

use super::*;

fn of(slug: &str) -> &'static Playbook {
    let donor = service_provider::all()
        .iter()
        .find(|donor| donor.slug == slug)
        .unwrap();
    playbook(donor.id).unwrap()
}

fn pin(slug: &str, text: &str) -> Option<ShapeWarning> {
    of(slug).check_pin(&Pin::parse(text).unwrap())
}

fn account(slug: &str, text: &str) -> Option<ShapeWarning> {
    let phone = PhoneNumber::parse_e164("+19595550100").unwrap();
    of(slug).check_account_number(&AccountNumber::parse(text).unwrap(), &phone)
}

#[test]
fn every_entry_belongs_to_a_donor_and_rests_on_a_source() {
    for slug in BOOK.donors.keys() {
        let known = service_provider::all()
            .iter()
            .any(|donor| donor.slug == *slug);
        assert!(known, "{slug} is no donor");
    }
    let books = BOOK
        .donors
        .values()
        .chain(BOOK.generic.values())
        .chain([&BOOK.anywhere]);
    for book in books {
        assert!(!book.sources.is_empty());
        assert!(
            book.sources
                .iter()
                .all(|source| source.url.starts_with("http"))
        );
        assert!(!book.account_number.place.is_empty() && !book.pin.how.is_empty());
        let lift = book.lock.iter().flat_map(|lock| &lock.lift);
        for text in book
            .account_number
            .place
            .iter()
            .chain(&book.pin.how)
            .chain(&book.notes)
            .chain(lift)
        {
            assert!(text.ends_with('.') && text.len() <= 160, "{text}");
        }
        // A numeric keyboard must be able to type what the donor hands out.
        assert_eq!(
            book.pin.input_mode == InputMode::Numeric,
            book.pin.digits.is_some()
        );
    }
}

#[test]
fn a_donor_without_an_entry_gets_the_guidance_of_its_country() {
    let tello = service_provider::all()
        .iter()
        .find(|donor| donor.slug == "tello")
        .unwrap();
    assert!(playbook(tello.id).is_none());
    assert!(playbook("svp_unknown").is_none());
    assert!(generic(Country::GB).pin.how[0].contains("65075"));
    assert!(generic(Country::FR).pin.digits.is_none());
}

#[test]
fn the_facts_that_forms_rely_on() {
    assert_eq!(of("att").pin.dial_code, Some("*7678"));
    assert_eq!(of("verizon").pin.dial_code, Some("#7678"));
    assert!(of("verizon").strip_dashes);
    assert_eq!(of("xfinity-mobile").pin.life_days, Some(1));
    assert_eq!(
        of("t-mobile").lock.as_ref().unwrap().name,
        "Port Out Protection"
    );
    assert_eq!(of("t-mobile").pin.input_mode.as_str(), "numeric");
}

#[test]
fn a_pin_of_another_shape_is_doubted() {
    assert_eq!(pin("verizon", "123-456"), None);
    assert_eq!(pin("att", "001234"), None);
    assert_eq!(
        pin("att", "1234"),
        Some(ShapeWarning::PinLength {
            expected: vec![6],
            actual: 4
        })
    );
    assert_eq!(
        pin("att", "12345a"),
        Some(ShapeWarning::PinNotDigits { expected: vec![6] })
    );
    assert_eq!(
        (pin("metro", "123456"), pin("metro", "01021990")),
        (None, None)
    );
    assert_eq!(pin("mint", "anything 1"), None);
}

#[test]
fn an_account_number_of_another_shape_is_doubted() {
    assert_eq!(account("verizon", "123456789-00001"), None);
    assert_eq!(
        account("verizon", "123456789"),
        Some(ShapeWarning::AccountNumberLength {
            expected: vec![14],
            actual: 9
        })
    );
    assert_eq!(
        account("t-mobile", "A23456789"),
        Some(ShapeWarning::AccountNumberNotDigits { expected: vec![9] })
    );
    assert_eq!(account("att", "ABC-1"), None);
}

#[test]
fn the_phone_number_is_doubted_where_it_is_not_the_account_number() {
    for text in [
        "9595550100",
        "959-555-0100",
        "19595550100",
        "1 959 555 0100",
    ] {
        assert_eq!(
            account("att", text),
            Some(ShapeWarning::AccountNumberIsPhoneNumber),
            "{text}"
        );
        assert_eq!(account("verizon-prepaid", text), None, "{text}");
        assert_eq!(account("boost", text), None, "{text}");
    }
    assert_eq!(account("att", "5550100"), None);
    assert_eq!(account("verizon-prepaid", "A9595550100"), None);
}

proptest! {
    #[test]
    fn nothing_typed_makes_a_check_panic(text in "[ 0-9A-Za-z-]{0,25}") {
        let phone = PhoneNumber::parse_e164("+447700900123").unwrap();
        for book in BOOK.donors.values().chain([generic(Country::DE)]) {
            if let Ok(typed) = Pin::parse(&text) {
                let _ = book.check_pin(&typed);
            }
            if let Ok(typed) = AccountNumber::parse(&text) {
                let _ = book.check_account_number(&typed, &phone);
            }
        }
    }
}
