use portico_domain::{
    country::Country,
    porting::{Field, requirements},
    service_provider,
};

use crate::support::*;

#[test]
fn every_test_recipient_has_a_row_for_its_own_country() {
    for (provider, country) in [
        ("test", Country::US),
        ("t12", Country::GB),
        ("tde", Country::DE),
    ] {
        let recipient = service_provider::recipient(provider).expect("a recipient");
        assert!(recipient.test_only);
        let row = requirements::of(provider, country).expect("a row");
        assert_eq!(row.max_age_days, 30);
        assert!(!row.required.is_empty());
    }
    assert!(requirements::of("test", Country::GB).is_none());
    assert!(requirements::of("nobody", Country::US).is_none());
}

#[test]
fn germany_asks_for_the_holder_and_the_donor() {
    let row = requirements::of("tde", Country::DE).expect("a row");
    let expected = [
        Field::FirstName,
        Field::LastName,
        Field::Birthday,
        Field::DonorProvider,
    ];
    assert_eq!(row.required, expected);
    assert!(!row.cancel_only && !row.scheduling);
}

#[test]
fn missing_fields_are_named_in_the_order_of_the_contract() {
    let mut porting = draft();
    assert!(porting.missing().is_empty());
    porting.required.insert(0, Field::DonorProvider);
    porting.details.address = None;
    porting.details.account_number = None;
    let missing = [Field::AccountNumber, Field::Address, Field::DonorProvider];
    assert_eq!(porting.missing(), missing);
}

#[test]
fn an_approval_counts_only_when_it_is_given() {
    let mut porting = draft();
    porting.required.push(Field::DonorProviderApproval);
    for (approval, missing) in [(None, true), (Some(false), true), (Some(true), false)] {
        porting.details.donor_provider_approval = approval;
        let names = porting.missing();
        assert_eq!(names.contains(&Field::DonorProviderApproval), missing);
    }
}

#[test]
fn the_names_of_fields_are_the_contracts() {
    for field in Field::ALL {
        assert_eq!(field.as_str().parse(), Ok(field));
        assert_eq!(serde_json::to_value(field).unwrap(), field.as_str());
    }
}
