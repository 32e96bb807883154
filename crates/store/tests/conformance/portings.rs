use portico_domain::{
    account::AccountType,
    date_input::Birthday,
    decline::DeclineCode,
    porting::{Behavior, Decline, Details, Field, Fingerprint, Porting, Rejected, State, Status},
};
use portico_store::{PageRequest, StoreError, portings, projects};
use portico_testkit::sample;

use crate::{harness::World, samples};

async fn find(world: &World, porting: &Porting) -> Porting {
    let id = porting.id;
    read!(world.db, |tx| portings::find(tx, "acme", id)).expect("the porting is there")
}

/// What `Debug` keeps to itself, in words that can be compared.
fn secrets(details: &Details) -> [Option<String>; 7] {
    let text = |pin: &Option<portico_domain::secret_text::Pin>| {
        pin.as_ref().map(|pin| pin.expose().to_owned())
    };
    [
        details
            .account_number
            .as_ref()
            .map(|it| it.as_str().to_owned()),
        text(&details.account_pin),
        text(&details.billing_pin),
        details.address.as_ref().map(|it| it.line1.clone()),
        details.birthday.map(Birthday::to_iso),
        details.first_name.as_ref().map(|it| it.as_str().to_owned()),
        details.last_name.as_ref().map(|it| it.as_str().to_owned()),
    ]
}

fn assert_same(found: &Porting, kept: &Porting) {
    assert_eq!(format!("{found:?}"), format!("{kept:?}"));
    assert_eq!(secrets(&found.details), secrets(&kept.details));
    assert_eq!(found.details.address, kept.details.address);
}

fn everything() -> Details {
    let mut details = Details::default();
    sample::details().apply(&mut details);
    Details {
        account_type: Some(AccountType::PrepaidRegistered),
        billing_pin: Some(sample::pin("00-7 b")),
        birthday: Some(Birthday::from_stored("1984-02-29").unwrap()),
        donor_provider: Some("svp_0123456789abcdefghijkl".to_owned()),
        donor_provider_approval: Some(false),
        first_name: Some(sample::person_name("Zoë")),
        scheduled_on: Some("2026-04-01".parse().unwrap()),
        ..details
    }
}

pub async fn every_field_round_trips(world: World) {
    let mut porting = world.new_porting("0110", State::Pending).await;
    porting.details = everything();
    porting.behavior = Behavior::CancelOnly;
    porting.required = Field::ALL.to_vec();
    porting.attempt = 3;
    porting.declined_attempts = 2;
    porting.last_declined_at = Some(world.now());
    porting.last_requested_at = Some(world.now());
    write!(world.db, [porting], |tx| portings::insert(tx, &porting)).unwrap();
    assert_same(&find(&world, &porting).await, &porting);

    let before = porting.clone();
    porting.details = Details::default();
    porting.required = Vec::new();
    porting.last_declined_at = None;
    porting.phone_number = sample::number("+447700900100");
    porting.provider = "t12".to_owned();
    write!(world.db, [before, porting], |tx| portings::update(
        tx, &before, &porting
    ))
    .unwrap();
    assert_same(&find(&world, &porting).await, &porting);
    let id = porting.id;
    assert!(read!(world.db, |tx| portings::find(tx, "other", id)).is_none());
    assert!(read!(world.db, |tx| portings::get(tx, id)).is_some());
}

fn states(world: &World) -> Vec<State> {
    let at = world.now();
    let details = everything();
    let decline = |code, rejected| {
        State::Declined(Box::new(Decline {
            code,
            message: "Nein, „so“ nicht.".to_owned(),
            rejected,
            protection_disabled_at: Some(at),
        }))
    };
    let all = Rejected {
        account_number: details.account_number,
        address: details.address,
        first_name: details.first_name,
        last_name: details.last_name,
        pin: Some(Fingerprint(vec![0, 1, 255])),
    };
    let unknown = DeclineCode::from("portingOfTheFuture".to_owned());
    vec![
        State::Draft,
        State::InformationRequired,
        State::Pending,
        State::Requested { delayed_at: None },
        State::Requested {
            delayed_at: Some(at),
        },
        decline(DeclineCode::PortProtected, Rejected::default()),
        decline(unknown, all),
        State::Completed(at),
        State::Canceled(at),
        State::Expired(at),
        State::Failed(at),
    ]
}

pub async fn every_state_round_trips(world: World) {
    let mut seen = Vec::new();
    for state in states(&world) {
        let porting = world.porting(state).await;
        let found = find(&world, &porting).await;
        assert_same(&found, &porting);
        if let (State::Declined(found), State::Declined(kept)) = (&found.state, &porting.state) {
            assert_eq!(found.rejected.account_number, kept.rejected.account_number);
            assert_eq!(found.rejected.address, kept.rejected.address);
            assert_eq!(found.rejected.first_name, kept.rejected.first_name);
        }
        seen.push(found.status());
    }
    let reached = Status::ALL
        .into_iter()
        .filter(|status| *status != Status::Initiated);
    for status in reached {
        assert!(seen.contains(&status), "{status} is not covered");
    }
}

pub async fn a_change_over_a_changed_row_is_refused(world: World) {
    let before = world.porting(State::Pending).await;
    let after = Porting {
        state: State::Requested { delayed_at: None },
        ..before.clone()
    };
    write!(world.db, [before, after], |tx| portings::update(
        tx, &before, &after
    ))
    .unwrap();
    let again = write!(world.db, [before, after], |tx| portings::update(
        tx, &before, &after
    ));
    assert!(matches!(again, Err(StoreError::Stale(_))), "another status");

    let other_attempt = Porting {
        attempt: 2,
        ..after.clone()
    };
    let stale = write!(world.db, [other_attempt, after], |tx| {
        portings::update(tx, &other_attempt, &after)
    });
    assert!(
        matches!(stale, Err(StoreError::Stale(_))),
        "another attempt"
    );
    assert_same(&find(&world, &after).await, &after);
}

pub async fn a_number_is_in_one_open_porting_of_a_project(world: World) {
    const NUMBER: &str = "+12015550123";
    let open = world.new_porting(NUMBER, State::Pending).await;
    write!(world.db, [open], |tx| portings::insert(tx, &open)).unwrap();
    let second = world.new_porting(NUMBER, State::InformationRequired).await;
    let refused = write!(world.db, [second], |tx| portings::insert(tx, &second));
    assert!(matches!(refused, Err(StoreError::Unique)));
    let draft = world.new_porting(NUMBER, State::Draft).await;
    write!(world.db, [draft], |tx| portings::insert(tx, &draft)).unwrap();
    let taken_up = Porting {
        subscription: second.subscription,
        state: State::Pending,
        ..draft.clone()
    };
    let refused = write!(world.db, [draft, taken_up], |tx| {
        portings::update(tx, &draft, &taken_up)
    });
    assert!(matches!(refused, Err(StoreError::Unique)));

    let is_taken = |project: &'static str, except| {
        let db = world.db.clone();
        async move {
            read!(db, |tx| portings::number_is_taken(
                tx, project, NUMBER, except
            ))
        }
    };
    assert!(is_taken("acme", None).await);
    assert!(is_taken("acme", Some(draft.id)).await);
    assert!(
        !is_taken("acme", Some(open.id)).await,
        "itself does not count"
    );
    assert!(!is_taken("other", None).await);

    let mut ended = open.clone();
    ended.state = State::Canceled(world.now());
    ended.details.account_pin = None;
    write!(world.db, [open, ended], |tx| portings::update(
        tx, &open, &ended
    ))
    .unwrap();
    assert!(!is_taken("acme", None).await);
    write!(world.db, [draft, taken_up], |tx| portings::update(
        tx, &draft, &taken_up
    ))
    .unwrap();

    let project = samples::project("other", world.now());
    write!(world.db, [project], |tx| projects::insert(tx, &project)).unwrap();
    let elsewhere = Porting {
        project: "other".to_owned(),
        ..second
    };
    write!(world.db, [elsewhere], |tx| portings::insert(tx, &elsewhere)).unwrap();
    for _ in 0..2 {
        world.porting(State::Pending).await;
    }
}

pub async fn filters_and_counts(world: World) {
    let draft = world.porting(State::Draft).await;
    let pending = world.porting(State::Pending).await;
    let completed = world.porting(State::Completed(world.now())).await;
    let page = PageRequest {
        limit: 10,
        ..PageRequest::default()
    };
    let filter = portings::Filter::default;
    let cases = [
        (filter(), vec![completed.id, pending.id, draft.id]),
        (
            portings::Filter {
                statuses: vec!["draft", "completed"],
                ..filter()
            },
            vec![completed.id, draft.id],
        ),
        (
            portings::Filter {
                user: Some(pending.user),
                ..filter()
            },
            vec![pending.id],
        ),
        (
            portings::Filter {
                subscription: completed.subscription,
                ..filter()
            },
            vec![completed.id],
        ),
        (
            portings::Filter {
                phone_number: Some("+19595550199".to_owned()),
                ..filter()
            },
            vec![],
        ),
    ];
    for (filter, expected) in cases {
        let found = read!(world.db, |tx| portings::list(tx, "acme", &filter, &page));
        let ids: Vec<_> = found.items.iter().map(|it| it.id).collect();
        assert_eq!(ids, expected, "{filter:?}");
    }
    assert_eq!(
        read!(world.db, |tx| portings::count_drafts(tx, draft.user)),
        1
    );
    assert_eq!(
        read!(world.db, |tx| portings::count_drafts(tx, pending.user)),
        0
    );
    let has_completed = |porting: &Porting| {
        let (db, id) = (world.db.clone(), porting.subscription.unwrap());
        async move { read!(db, |tx| portings::has_completed(tx, id)) }
    };
    assert!(has_completed(&completed).await);
    assert!(!has_completed(&pending).await);

    let (draft, pending) = (draft.id, pending.id);
    write!(world.db, [draft], |tx| portings::delete_draft(tx, draft)).unwrap();
    let refused = write!(world.db, [pending], |tx| portings::delete_draft(
        tx, pending
    ));
    assert!(matches!(refused, Err(StoreError::Stale(_))));
}

/// The guards of the life-cycle, repeated where no code of ours can forget them.
pub async fn the_table_itself_refuses_impossible_rows(world: World) {
    world.porting(State::Pending).await;
    for impossible in [
        "UPDATE portings SET status = 'unheardOf'",
        "UPDATE portings SET status = 'declined'",
        "UPDATE portings SET declined_code = 'portingDeclined'",
        "UPDATE portings SET status = 'completed'",
        "UPDATE portings SET ended_at = 1",
        "UPDATE portings SET status = 'canceled', ended_at = 1",
        "UPDATE portings SET subscription_id = NULL",
    ] {
        assert!(world.by_hand(impossible).await.is_err(), "{impossible}");
    }
}
