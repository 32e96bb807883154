//! Which numbers may be in one open porting only, and until when one can be called off.

use portico_domain::{
    decline::DeclineCode,
    porting::{Porting, State, Status},
};

use crate::support::*;

fn open(text: &str, provider: &str) -> Porting {
    Porting {
        phone_number: number(text),
        provider: provider.to_owned(),
        subscription: Some(subscription()),
        state: State::Pending,
        ..draft()
    }
}

#[test]
fn a_number_is_exclusive_while_open_unless_it_is_fictional() {
    let exclusive = |porting: Porting| porting.exclusive_number().is_some();
    assert!(exclusive(open("+12015550123", "test")));
    assert!(
        exclusive(open("+447700900100", "t12")),
        "not among the exempt"
    );
    assert!(
        exclusive(open("+19595550100", "telnyx")),
        "exempt with `test` only"
    );
    assert!(!exclusive(open("+19595550100", "test")));
    assert!(!exclusive(open("+19595559999", "test")));
    assert!(!exclusive(draft()), "drafts do not count");
    assert!(exclusive(declined(draft(), DeclineCode::NotFound)));
    for state in [
        State::Completed(at(1)),
        State::Canceled(at(1)),
        State::Expired(at(1)),
        State::Failed(at(1)),
    ] {
        let ended = Porting {
            state,
            ..open("+12015550123", "test")
        };
        assert!(!exclusive(ended));
    }
}

#[test]
fn a_porting_can_be_called_off_until_it_is_with_the_carriers() {
    let today = "2026-03-02".parse().unwrap();
    let cancelable = |state: State, scheduled_on: Option<&str>| {
        let mut porting = Porting {
            state,
            ..open("+12015550123", "test")
        };
        porting.details.scheduled_on = scheduled_on.map(|day| day.parse().unwrap());
        porting.is_cancelable(today)
    };
    let requested = || State::Requested { delayed_at: None };
    assert!(cancelable(State::InformationRequired, None));
    assert!(cancelable(State::Pending, None));
    assert!(declined(draft(), DeclineCode::NotFound).is_cancelable(today));
    assert!(!cancelable(requested(), None));
    assert!(!cancelable(requested(), Some("2026-03-01")));
    assert!(
        !cancelable(requested(), Some("2026-03-02")),
        "that is today"
    );
    assert!(cancelable(requested(), Some("2026-03-03")));
    assert!(
        !cancelable(State::Draft, None),
        "a draft is deleted instead"
    );
    assert!(!cancelable(State::Completed(at(1)), Some("2026-03-03")));
}

#[test]
fn the_names_of_statuses_are_the_contracts() {
    for status in Status::ALL {
        assert_eq!(status.as_str().parse(), Ok(status));
    }
    assert!("Draft".parse::<Status>().is_err());
}
