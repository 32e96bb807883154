//! What a decline asks of the subscriber.

use portico_domain::{
    decline::{DEFAULT_REPAIRABLE, DeclineCode as Code},
    porting::{Command, Field, Porting, Repair},
    project::Settings,
};

use crate::support::*;

fn repair(porting: &Porting) -> Repair {
    porting.repair(Code::KNOWN).expect("it is declined")
}

fn change_number(porting: &mut Porting) {
    porting.details.account_number = Some(account_number("1"));
}
fn type_pin(porting: &mut Porting) {
    porting.details.account_pin = Some(pin("1"));
}
fn type_billing_pin(porting: &mut Porting) {
    porting.details.billing_pin = Some(pin("1"));
}
fn change_address(porting: &mut Porting) {
    porting.details.address = Some(address("2 Elm Street"));
}
fn change_first_name(porting: &mut Porting) {
    porting.details.first_name = Some(name("Rosa"));
}
fn change_last_name(porting: &mut Porting) {
    porting.details.last_name = Some(name("Quimbey"));
}

type Mend = fn(&mut Porting);

const REPAIRS: [(Code, &[Field], Mend); 8] = [
    (Code::AccountNumber, &[Field::AccountNumber], change_number),
    (Code::AccountPin, &[Field::AccountPin], type_pin),
    (Code::BillingPin, &[Field::BillingPin], type_billing_pin),
    (Code::Address, &[Field::Address], change_address),
    (Code::PostalCode, &[Field::Address], change_address),
    (Code::ZipCode, &[Field::Address], change_address),
    (Code::FirstName, &[Field::FirstName], change_first_name),
    (Code::LastName, &[Field::LastName], change_last_name),
];

#[test]
fn one_refused_value_has_to_change_and_that_is_all() {
    for (code, fields, mend) in REPAIRS {
        let mut porting = declined(draft(), code.clone());
        assert_eq!(repair(&porting), Repair::Change(fields), "{code}");
        for (other_code, _, other) in &REPAIRS {
            if other_code.rejected_fields() != fields {
                other(&mut porting);
            }
        }
        assert_eq!(
            repair(&porting),
            Repair::Change(fields),
            "{code}: others changed"
        );
        mend(&mut porting);
        assert_eq!(repair(&porting), Repair::Done, "{code}");
        assert!(porting.apply(Command::Submit, at(5)).is_ok());
    }
}

#[test]
fn going_back_to_the_refused_value_undoes_the_repair() {
    let mut porting = declined(draft(), Code::AccountNumber);
    let refused = porting.details.account_number.clone();
    change_number(&mut porting);
    assert_eq!(repair(&porting), Repair::Done);
    porting.details.account_number = refused;
    assert_eq!(repair(&porting), Repair::Change(&[Field::AccountNumber]));
    porting.details.account_number = None;
    assert_eq!(repair(&porting), Repair::Change(&[Field::AccountNumber]));
    porting.details.account_number = Some(account_number("883 001-4477"));
    assert_eq!(
        repair(&porting),
        Repair::Change(&[Field::AccountNumber]),
        "spaces and dashes do not make it another number"
    );
}

#[test]
fn of_several_doubtful_values_one_has_to_change_and_none_be_empty() {
    for mend in [change_number, change_first_name, change_last_name] {
        let mut porting = declined(draft(), Code::UserInformation);
        assert!(matches!(repair(&porting), Repair::Change(_)));
        mend(&mut porting);
        assert_eq!(repair(&porting), Repair::Done);
    }
    let mut porting = declined(draft(), Code::UserInformation);
    change_number(&mut porting);
    porting.details.last_name = None;
    assert!(matches!(repair(&porting), Repair::Change(_)));
}

#[test]
fn a_locked_number_needs_the_lock_lifted_and_nothing_else() {
    let porting = declined(draft(), Code::PortProtected);
    assert_eq!(repair(&porting), Repair::LiftProtection);
    let mut typed = porting.clone();
    type_pin(&mut typed);
    assert_eq!(repair(&typed), Repair::LiftProtection);
    let lifted = porting.apply(Command::DisableProtection, at(5)).unwrap();
    assert_eq!(repair(&lifted), Repair::Done);
}

#[test]
fn a_second_decline_asks_again() {
    let mut porting = declined(draft(), Code::PortProtected);
    for command in [
        Command::DisableProtection,
        Command::Submit,
        Command::Accepted,
        decline(Code::PortProtected),
    ] {
        porting = porting.apply(command, at(6)).unwrap();
    }
    assert_eq!(repair(&porting), Repair::LiftProtection);
}

#[test]
fn what_the_project_does_not_let_them_repair_is_for_support() {
    let off = Settings::default();
    let on = Settings {
        self_service_repair: true,
        ..Settings::default()
    };
    for code in Code::KNOWN {
        let porting = declined(draft(), code.clone());
        assert_eq!(
            porting.repair(off.repairable()),
            Some(Repair::Impossible),
            "{code}"
        );
        let possible = porting.repair(on.repairable()) != Some(Repair::Impossible);
        assert_eq!(possible, DEFAULT_REPAIRABLE.contains(code), "{code}");
    }
}

#[test]
fn dead_ends_stay_dead_ends_whatever_the_project_lists() {
    let unknown = Code::from("portingOfTheFuture".to_owned());
    let repairable: Vec<_> = REPAIRS.iter().map(|(code, ..)| code.clone()).collect();
    let dead_ends = Code::KNOWN.iter().chain([&unknown]).filter(|code| {
        !repairable.contains(code) && !matches!(code, Code::PortProtected | Code::UserInformation)
    });
    let mut count = 0;
    for code in dead_ends {
        let porting = declined(draft(), code.clone());
        assert_eq!(
            porting.repair(std::slice::from_ref(code)),
            Some(Repair::Impossible)
        );
        count += 1;
    }
    assert_eq!(count, 10, "nine of the contract and one nobody knows");
}

#[test]
fn only_a_declined_porting_asks_for_repair() {
    let pending = draft().apply(Command::Take(subscription()), at(1)).unwrap();
    assert_eq!(pending.repair(Code::KNOWN), None);
    assert_eq!(draft().repair(Code::KNOWN), None);
}

#[test]
fn a_decline_remembers_what_it_objected_to_and_no_more() {
    use portico_domain::porting::{Fingerprint, State};
    let rejected = |code| match declined(draft(), code).state {
        State::Declined(decline) => decline.rejected,
        other => panic!("{other:?}"),
    };
    let of_pin = rejected(Code::AccountPin);
    assert_eq!(of_pin.pin, Some(Fingerprint(vec![7])));
    assert!(of_pin.account_number.is_none() && of_pin.address.is_none());
    let of_address = rejected(Code::Address);
    assert_eq!(of_address.address, Some(address("1 Elm Street")));
    assert!(of_address.pin.is_none() && of_address.first_name.is_none());
}
