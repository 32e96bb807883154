use super::*;

fn operator(name: &str) -> Operator {
    name.parse().expect("a name")
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a time")
}

fn case(state: CaseState) -> Case {
    Case {
        reference: "prt_0-1".to_owned(),
        project: "acme".to_owned(),
        porting: PortingId::from_parts(0, 0, [0; 12]),
        provider: "portal".to_owned(),
        state,
        since: at(0),
        holder: None,
        created_at: at(0),
    }
}

fn held(state: CaseState) -> Case {
    let taken = case(state).take(&operator("Ada"), false, at(1));
    taken.expect("it is free")
}

#[test]
fn a_case_is_one_persons_at_a_time() {
    let (ada, bob) = (operator("Ada"), operator("Bob"));
    let taken = held(CaseState::Queued);
    assert_eq!(taken.check_held_by(&ada), Ok(()));
    assert_eq!(taken.check_held_by(&bob), Err(CaseError::Held(ada.clone())));
    let refused = taken.clone().take(&bob, false, at(2));
    assert_eq!(refused, Err(CaseError::Held(ada.clone())));
    let again = taken.clone().take(&ada, false, at(2)).expect("it is hers");
    assert_eq!(again, taken, "since when is not forgotten");
    let forced = taken.clone().take(&bob, true, at(2)).expect("by force");
    assert_eq!(forced.check_held_by(&bob), Ok(()));
    let free = taken.release(&ada).expect("it is hers");
    assert_eq!(free.check_held_by(&ada), Err(CaseError::NotTaken));
    assert_eq!(free.clone().release(&ada), Err(CaseError::NotTaken));
}

#[test]
fn what_the_carrier_says_moves_it_on() {
    let ada = operator("Ada");
    for kind in UpdateKind::ALL {
        for state in [CaseState::Queued, CaseState::Submitted, CaseState::CallOff] {
            let after = held(state).learn(&ada, kind, at(9)).expect("it is hers");
            let expected = match (kind.is_final(), state) {
                (true, _) => CaseState::Closed,
                (false, CaseState::CallOff) => CaseState::CallOff,
                (false, _) => CaseState::Submitted,
            };
            assert_eq!(after.state, expected, "{kind:?} when {state:?}");
            let since = if expected == state { at(0) } else { at(9) };
            assert_eq!(after.since, since);
        }
    }
    let untaken = case(CaseState::Queued).learn(&ada, UpdateKind::Accepted, at(9));
    assert_eq!(untaken, Err(CaseError::NotTaken));
}

#[test]
fn what_may_be_at_the_carrier_is_called_off_there() {
    let ada = operator("Ada");
    assert_eq!(
        case(CaseState::Queued).call_off(at(9)).state,
        CaseState::Closed
    );
    let submitted = case(CaseState::Submitted).call_off(at(9));
    assert_eq!(submitted.state, CaseState::CallOff);
    let taken = held(CaseState::Queued).call_off(at(9));
    assert_eq!((taken.state, taken.since), (CaseState::CallOff, at(9)));
    let done = taken.called_off(&ada, at(10)).expect("it is hers");
    assert_eq!((done.state, done.since), (CaseState::Closed, at(10)));
    assert_eq!(done.clone().call_off(at(11)), done);
    let early = held(CaseState::Submitted).called_off(&ada, at(9));
    assert_eq!(early, Err(CaseError::NothingToCallOff));
}

#[test]
fn nothing_is_done_with_a_closed_case() {
    let ada = operator("Ada");
    let closed = held(CaseState::Queued).into_state(CaseState::Closed, at(2));
    assert_eq!(
        closed.clone().take(&ada, true, at(3)),
        Err(CaseError::Closed)
    );
    assert_eq!(closed.clone().release(&ada), Err(CaseError::Closed));
    let late = closed.learn(&ada, UpdateKind::Completed, at(3));
    assert_eq!(late, Err(CaseError::Closed));
}

#[test]
fn a_name_is_a_name() {
    for name in ["Ada", "Ada Lovelace", "ada@night-shift.example", "亜衣"] {
        assert_eq!(operator(name).as_str(), name);
    }
    let long = "x".repeat(65);
    for wrong in ["", " ", " Ada", "Ada\n", "A\u{1b}[2J", &long] {
        assert!(wrong.parse::<Operator>().is_err(), "{wrong:?}");
    }
}
