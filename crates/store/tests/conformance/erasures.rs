//! What is to be erased, and when.

use portico_domain::{
    carrier::{CarrierUpdate, UpdateKind},
    event::Actor,
    porting::State,
};
use portico_store::{
    StoreError, attempts,
    carriers::updates::{self, NewUpdate},
    erasures, portings,
};

use crate::harness::World;

pub async fn what_a_porting_left_is_due_when_its_waiting_is_over(world: World) {
    let porting = world.porting(State::Canceled(world.now())).await;
    write!(world.db, [porting], |tx| erasures::after_porting(
        tx, &porting
    ))
    .unwrap();
    let ended = world.now();
    world.advance_seconds(60);
    let other = world.porting(State::Canceled(world.now())).await;
    write!(world.db, [other], |tx| erasures::after_porting(tx, &other)).unwrap();

    let due = read!(world.db, |tx| erasures::due(tx, "acme", ended, 10));
    let subjects: Vec<_> = due.iter().map(|it| it.subject.clone()).collect();
    let subscription = porting.subscription.unwrap().to_string();
    assert_eq!(subjects, [porting.id.to_string(), subscription]);
    assert!(due.iter().all(|it| it.about == porting.id.as_str()));
    assert!(read!(world.db, |tx| erasures::due(tx, "other", ended, 10)).is_empty());

    let first = due[0].clone();
    write!(world.db, [first], |tx| erasures::advance(tx, &first, 7)).unwrap();
    let due = read!(world.db, |tx| erasures::due(tx, "acme", ended, 10));
    assert_eq!(due[0].position, 7);
    let stale = write!(world.db, [first], |tx| erasures::advance(tx, &first, 3));
    assert!(matches!(stale, Err(StoreError::Stale(_))));
    for erasure in due {
        write!(world.db, [erasure], |tx| erasures::finish(tx, &erasure)).unwrap();
    }
    assert!(read!(world.db, |tx| erasures::due(tx, "acme", ended, 10)).is_empty());
}

pub async fn everything_of_a_user_is_due_at_once(world: World) {
    let porting = world.porting(State::Canceled(world.now())).await;
    write!(world.db, [porting], |tx| erasures::after_porting(
        tx, &porting
    ))
    .unwrap();
    let mut session = world.new_session(world.now()).await;
    session.intent.subscription = porting.subscription.unwrap();
    write!(world.db, [session], |tx| portico_store::sessions::insert(
        tx, &session
    ))
    .unwrap();
    let user = porting.user;
    assert!(read!(world.db, |tx| erasures::due_of_user(tx, user, 10)).is_empty());
    for _ in 0..2 {
        write!(world.db, [user], |tx| erasures::at_once(tx, "acme", user)).unwrap();
    }
    let due = read!(world.db, |tx| erasures::due_of_user(tx, user, 10));
    let pairs: Vec<_> = due
        .iter()
        .map(|it| (it.subject.as_str(), it.about.as_str()))
        .collect();
    let (porting_id, user_id) = (porting.id.as_str(), user.as_str());
    let subscription = porting.subscription.unwrap();
    let expected = [
        (session.id.as_str(), user_id),
        (porting_id, porting_id),
        (porting_id, user_id),
        (subscription.as_str(), porting_id),
        (subscription.as_str(), user_id),
        (user_id, user_id),
    ];
    assert_eq!(pairs, expected);
}

pub async fn only_what_has_ended_is_erased(world: World) {
    let open = world.porting(State::Pending).await;
    let ended = world.porting(State::Canceled(world.now())).await;
    let words = Some("Rosalind called".to_owned());
    let said = CarrierUpdate::with(UpdateKind::Failed, Some("9Z".to_owned()), words, None).unwrap();
    let (reference, id) = (ended.reference(), ended.id);
    write!(world.db, [reference, said], |tx| async {
        let update = NewUpdate {
            reference: &reference,
            porting: id,
            sender_id: None,
            said: &said,
            actor: &Actor::System,
        };
        updates::insert(tx, &update).await
    })
    .unwrap();
    for id in [open.id, ended.id] {
        write!(world.db, [id], |tx| erasures::erase_porting(tx, id)).unwrap();
    }
    let open = read!(world.db, |tx| portings::get(tx, open.id)).unwrap();
    assert!(open.details.account_number.is_some() && open.details.account_pin.is_some());
    let ended = read!(world.db, |tx| portings::get(tx, ended.id)).unwrap();
    assert!(ended.details.account_number.is_none() && ended.details.address.is_none());
    assert!(read!(world.db, |tx| attempts::answers_of(tx, ended.id)).is_empty());
    let update = read!(world.db, |tx| updates::of_attempt(tx, &reference)).remove(0);
    assert_eq!(update.said.kind(), UpdateKind::Failed, "what it was stays");
    assert_eq!((update.said.code(), update.said.text()), (None, None));
}
