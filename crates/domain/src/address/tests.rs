use proptest::prelude::*;

use super::{rules::BOOK, *};

fn input(state: &str, postal_code: &str, country: &str) -> AddressInput {
    AddressInput {
        line1: Some("1 Main St".into()),
        line2: None,
        city: Some("Springfield".into()),
        state: Some(state.into()),
        postal_code: Some(postal_code.into()),
        country: Some(country.into()),
    }
}

fn wrong(input: AddressInput) -> Vec<(&'static str, AddressProblemKind)> {
    let problems = Address::parse(input).expect_err("should be refused");
    problems
        .into_iter()
        .map(|problem| (problem.property, problem.kind))
        .collect()
}

#[test]
fn every_shipped_rule_fits_its_own_example() {
    for (country, rules) in &BOOK.countries {
        for example in rules.postal_code_example.split(" or ") {
            let filled = rules
                .postal_code_masks
                .iter()
                .find_map(|mask| fill_mask(mask, &example.replace([' ', '-'], "")));
            assert_eq!(filled.as_deref(), Some(example), "{country}");
        }
        assert!(
            !rules.state_required || !rules.states.is_empty(),
            "{country}"
        );
    }
    // 50 states, the District of Columbia, 5 territories and 3 military "states".
    assert_eq!(states_of(Country::US).len(), 59);
    assert_eq!(states_of(Country::CA).len(), 13);
    assert!(states_of(Country::DE).is_empty());
}

#[test]
fn state_and_postal_code_come_out_as_the_country_writes_them() {
    for (state, code, country, want_state, want_code) in [
        ("ca", "94105", "us", Some("CA"), "94105"),
        ("new york", "10001-1234", "US", Some("NY"), "10001-1234"),
        ("D.C.", "200011234", "US", Some("DC"), "20001-1234"),
        (
            "Washington, D.C.",
            "20001 1234",
            "US",
            Some("DC"),
            "20001-1234",
        ),
        ("ae", "09001", "US", Some("AE"), "09001"),
        ("PR", "00901", "US", Some("PR"), "00901"),
        ("Québec", "h2x1y4", "CA", Some("QC"), "H2X 1Y4"),
        ("", "sw1a1aa", "GB", None, "SW1A 1AA"),
        ("", " m1  1ae ", "GB", None, "M1 1AE"),
        ("", "10115", "DE", None, "10115"),
        ("by", "80331", "DE", Some("BY"), "80331"),
        ("", "1010", "AT", None, "1010"),
        ("", "00001", "PL", None, "00-001"),
        ("", "d02af30", "IE", None, "D02 AF30"),
        ("", "d6w xh00", "IE", None, "D6W XH00"),
        ("", "1234 ab-9", "KE", None, "1234 AB-9"),
    ] {
        let address = Address::parse(input(state, code, country)).unwrap();
        assert_eq!(address.state.as_deref(), want_state, "{state} {country}");
        assert_eq!(
            address.postal_code.as_deref(),
            Some(want_code),
            "{code} {country}"
        );
    }
}

#[test]
fn what_is_wrong_is_named_by_its_property() {
    use AddressProblemKind::{Incomplete, Invalid};
    assert_eq!(
        wrong(AddressInput {
            country: Some("US".into()),
            ..Default::default()
        }),
        ["line1", "city", "state", "postalCode"].map(|property| (property, Incomplete))
    );
    assert_eq!(
        wrong(AddressInput::default()),
        ["line1", "city", "country"].map(|property| (property, Incomplete))
    );
    for (state, code, country, property) in [
        ("ZZ", "94105", "US", "state"),
        ("Bavaria", "80331", "DE", "state"),
        ("CA", "9410", "US", "postalCode"),
        ("CA", "9410A", "US", "postalCode"),
        ("CA", "９４１０５", "US", "postalCode"),
        ("ON", "K1A 0BB", "CA", "postalCode"),
        ("", "ABC", "GB", "postalCode"),
        ("", "12345678901", "KE", "postalCode"),
        ("CA", "94105", "UK", "country"),
    ] {
        assert_eq!(
            wrong(input(state, code, country)),
            [(property, Invalid)],
            "{code}"
        );
    }
}

#[test]
fn lines_are_tidied_bounded_and_cleared_of_tricks() {
    let mut typed = input("CA", "94105", "US");
    typed.line1 = Some("  12\u{A0} Émile-Zola \u{200B}Str. ".into());
    typed.line2 = Some("   ".into());
    let address = Address::parse(typed.clone()).unwrap();
    assert_eq!(
        (address.line1.as_str(), address.line2),
        ("12 Émile-Zola Str.", None)
    );
    for (bad, kind) in [
        ("x".repeat(101), AddressProblemKind::TooLong),
        ("a\nb".into(), AddressProblemKind::Unprintable),
        ("a\u{202E}b".into(), AddressProblemKind::Unprintable),
        ("a\u{0}".into(), AddressProblemKind::Unprintable),
        ("--".into(), AddressProblemKind::Invalid),
    ] {
        typed.line1 = Some(bad);
        assert_eq!(wrong(typed.clone()), [("line1", kind)]);
    }
}

#[test]
fn json_has_every_key_and_a_log_line_has_no_street() {
    let address = Address::parse(input("CA", "94105", "US")).unwrap();
    assert_eq!(
        serde_json::to_string(&address).unwrap(),
        r#"{"line1":"1 Main St","line2":null,"city":"Springfield","state":"CA","postalCode":"94105","country":"US"}"#
    );
    let log = format!("{address:?} {:?}", input("CA", "94105", "US"));
    assert_eq!(log, "Address([hidden], US) AddressInput([hidden])");
}

proptest! {
    #[test]
    fn nothing_typed_makes_the_parser_panic_and_what_it_takes_it_takes_again(
        line in any::<String>(), state in any::<String>(), code in "\\PC{0,12}",
        country in prop_oneof![Just("US"), Just("CA"), Just("GB"), Just("KE"), Just("IE")]
    ) {
        let typed = AddressInput { line1: Some(line), ..input(&state, &code, country) };
        let _ = Address::parse(AddressInput { country: typed.city.clone(), ..typed.clone() });
        if let Ok(address) = Address::parse(typed) {
            let json = serde_json::to_string(&address).unwrap();
            prop_assert_eq!(Address::parse(serde_json::from_str(&json).unwrap()), Ok(address));
        }
    }
}
