//! Which pages a subscriber still has to answer.

use portico_domain::{
    decline::DeclineCode as Code,
    porting::{Command, Field, Step},
};

use crate::support::*;

#[test]
fn a_step_is_open_while_something_required_on_it_is_empty() {
    let mut porting = draft();
    porting.details = Default::default();
    porting.required.push(Field::DonorProvider);
    assert!(porting.open_steps(&[]).is_empty(), "a draft asks nobody");
    let mut taken = porting.apply(Command::Take(subscription()), at(1)).unwrap();
    let all = [
        Step::DonorProvider,
        Step::CarrierDetails,
        Step::HolderDetails,
        Step::Address,
    ];
    assert_eq!(taken.open_steps(&[]), all);
    taken.details.account_number = Some(account_number("1"));
    taken.details.first_name = Some(name("Rosa"));
    assert_eq!(taken.open_steps(&[]), all, "half a step is no step");
    taken.details = draft().details;
    assert_eq!(taken.open_steps(&[]), [Step::DonorProvider]);
}

#[test]
fn a_decline_opens_the_step_of_what_was_refused() {
    for (code, step) in [
        (Code::AccountPin, Step::CarrierDetails),
        (Code::AccountNumber, Step::CarrierDetails),
        (Code::Address, Step::Address),
        (Code::LastName, Step::HolderDetails),
    ] {
        let porting = declined(draft(), code.clone());
        assert_eq!(porting.open_steps(Code::KNOWN), [step], "{code}");
    }
    let mismatch = declined(draft(), Code::UserInformation);
    let both = [Step::CarrierDetails, Step::HolderDetails];
    assert_eq!(mismatch.open_steps(Code::KNOWN), both);
    let locked = declined(draft(), Code::PortProtected);
    assert!(locked.open_steps(Code::KNOWN).is_empty());
}

#[test]
fn the_names_of_steps_read_back() {
    for step in Step::ALL {
        assert_eq!(Step::parse(step.as_str()), Some(step));
    }
    assert_eq!(Step::parse("review"), None);
}
