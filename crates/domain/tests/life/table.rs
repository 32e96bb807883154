//! Every status with every command: what follows, or that it is refused and changes nothing.

use jiff::Timestamp;
use portico_domain::{
    decline::DeclineCode,
    porting::{Command, Porting, State, Status},
};

use crate::support::*;

/// What each command makes of a complete porting in each state; whatever is not listed is refused.
const TABLE: [(&str, &str); 10] = [
    ("draft", "take>pending save>draft"),
    (
        "informationRequired",
        "save>informationRequired submit>pending cancel>canceled expire>expired",
    ),
    (
        "pending",
        "accepted>requested cancel>canceled expire>expired",
    ),
    (
        "requested",
        "delayed>requested schedule>requested complete>completed decline>declined cancel>canceled \
         expire>expired fail>failed",
    ),
    (
        "declined",
        "save>declined submit>pending cancel>canceled expire>expired",
    ),
    (
        "declined, locked",
        "save>declined disableProtection>declined submit>pending cancel>canceled expire>expired",
    ),
    ("completed", ""),
    ("canceled", ""),
    ("expired", ""),
    ("failed", ""),
];

fn commands() -> Vec<Command> {
    vec![
        Command::Take(subscription()),
        Command::Save,
        Command::DisableProtection,
        Command::Submit,
        Command::Accepted,
        Command::Delayed,
        Command::Schedule(jiff::civil::date(2026, 3, 9)),
        Command::Complete,
        decline(DeclineCode::Declined),
        Command::Cancel,
        Command::Expire,
        Command::Fail,
    ]
}

fn in_state(name: &str) -> Porting {
    let state = match name {
        "draft" => return draft(),
        "declined" => return declined(draft(), DeclineCode::Address),
        "declined, locked" => return declined(draft(), DeclineCode::PortProtected),
        "informationRequired" => State::InformationRequired,
        "pending" => State::Pending,
        "requested" => State::Requested { delayed_at: None },
        "completed" => State::Completed(at(1)),
        "canceled" => State::Canceled(at(1)),
        "expired" => State::Expired(at(1)),
        "failed" => State::Failed(at(1)),
        other => panic!("no state {other}"),
    };
    Porting {
        subscription: Some(subscription()),
        state,
        attempt: 1,
        ..draft()
    }
}

#[test]
fn every_status_decides_every_command() {
    for (name, followers) in TABLE {
        for command in commands() {
            let before = in_state(name);
            let prefix = format!("{}>", command.name());
            let expected = followers
                .split_whitespace()
                .find_map(|entry| entry.strip_prefix(prefix.as_str()));
            let result = before.clone().apply(command.clone(), at(9));
            match (expected, result) {
                (Some(status), Ok(after)) => {
                    assert_eq!(
                        after.status().as_str(),
                        status,
                        "{name}: {}",
                        command.name()
                    );
                }
                (None, Err(error)) => {
                    assert_eq!(error.from, before.status());
                    assert_eq!(error.porting, before.id);
                    assert_eq!(error.command, command.name());
                }
                (expected, result) => panic!(
                    "{name}: {} should give {expected:?}, gives {result:?}",
                    command.name()
                ),
            }
        }
    }
}

#[test]
fn the_table_knows_every_status_that_is_reached() {
    let mut reached: Vec<_> = Status::ALL
        .into_iter()
        .filter(|status| *status != Status::Initiated)
        .collect();
    reached.retain(|status| {
        TABLE
            .iter()
            .all(|(name, _)| in_state(name).status() != *status)
    });
    assert!(reached.is_empty(), "{reached:?}");
}

#[test]
fn an_incomplete_draft_waits_for_data_and_nothing_incomplete_is_sent() {
    let mut porting = draft();
    porting.details.account_pin = None;
    let taken = porting.apply(Command::Take(subscription()), at(1)).unwrap();
    assert_eq!(taken.status(), Status::InformationRequired);
    assert_eq!(
        (taken.attempt, taken.subscription),
        (0, Some(subscription()))
    );
    assert!(taken.clone().apply(Command::Submit, at(2)).is_err());

    let mut repaired = declined(draft(), DeclineCode::AccountPin);
    assert!(repaired.clone().apply(Command::Submit, at(2)).is_err());
    repaired.details.account_pin = Some(pin("9"));
    assert_eq!(repaired.apply(Command::Submit, at(2)).unwrap().attempt, 2);
}

#[test]
fn each_change_notes_its_time() {
    let pending = draft().apply(Command::Take(subscription()), at(1)).unwrap();
    assert_eq!(pending.reference(), format!("{}-1", pending.id));
    let requested = pending.apply(Command::Accepted, at(2)).unwrap();
    assert_eq!(requested.last_requested_at, Some(at(2)));
    let delayed = requested.apply(Command::Delayed, at(3)).unwrap();
    let delay = |porting: &Porting| -> Option<Timestamp> {
        match porting.state {
            State::Requested { delayed_at } => delayed_at,
            _ => None,
        }
    };
    assert_eq!(delay(&delayed), Some(at(3)));
    let declined = delayed
        .apply(decline(DeclineCode::PortProtected), at(4))
        .unwrap();
    assert_eq!(declined.last_declined_at, Some(at(4)));
    let sent = declined.apply(Command::Submit, at(5)).unwrap();
    assert_eq!(sent.last_declined_at, Some(at(4)), "kept for support");
    assert_eq!((sent.attempt, sent.declined_attempts), (2, 1));
    let requested = sent.apply(Command::Accepted, at(6)).unwrap();
    assert_eq!(
        delay(&requested),
        None,
        "a delay belongs to its own attempt"
    );
    let completed = requested.apply(Command::Complete, at(7)).unwrap();
    assert!(matches!(completed.state, State::Completed(end) if end == at(7)));
}
