//! What carriers behind a backend or a person are asked, and what they said.

use futures_util::future::join_all;
use portico_domain::{
    carrier::{CarrierUpdate, Case, CaseState, Operator, UpdateKind},
    event::Actor,
    porting::{Porting, State},
};
use portico_store::{
    StoreError,
    carriers::{
        cases,
        updates::{self, NewUpdate, Update},
    },
};

use crate::harness::World;

fn declined(code: &str, text: &str) -> CarrierUpdate {
    let (code, text) = (Some(code.to_owned()), Some(text.to_owned()));
    CarrierUpdate::with(UpdateKind::Declined, code, text, None).unwrap()
}

async fn tell(
    world: &World,
    porting: &Porting,
    sender_id: Option<&'static str>,
    said: CarrierUpdate,
) -> Result<Update, StoreError> {
    let (reference, id) = (porting.reference(), porting.id);
    write!(world.db, [reference, said], |tx| async {
        let new = NewUpdate {
            reference: &reference,
            porting: id,
            sender_id,
            said: &said,
            actor: &Actor::ApiKey("apk_1".to_owned()),
        };
        updates::insert(tx, &new).await
    })
}

async fn told(world: &World, porting: &Porting) -> Vec<Update> {
    let reference = porting.reference();
    read!(world.db, |tx| updates::of_attempt(tx, &reference))
}

pub async fn what_was_told_is_kept_in_its_order_word_for_word(world: World) {
    let porting = world.porting(State::Pending).await;
    let reference = porting.reference();
    assert!(!read!(world.db, |tx| updates::has_any(tx, &reference)));
    let date = Some("2026-03-09".parse().unwrap());
    let foc = CarrierUpdate::with(UpdateKind::Foc, None, None, date).unwrap();
    let words = declined("8C", "PASSWORD/PIN incorrect – „0042“");
    // The clock stands still: the order is kept all the same.
    for said in [&foc, &words, &foc] {
        tell(&world, &porting, None, said.clone()).await.unwrap();
    }
    let kept = told(&world, &porting).await;
    let said: Vec<_> = kept.iter().map(|update| &update.said).collect();
    assert_eq!(said, [&foc, &words, &foc]);
    assert!(kept.is_sorted_by(|a, b| a.received_at < b.received_at));
    assert!(read!(world.db, |tx| updates::has_any(tx, &reference)));
    let stolen = world.stolen().await;
    assert!(!String::from_utf8_lossy(&stolen).contains("PASSWORD/PIN"));
}

pub async fn an_update_that_names_itself_is_there_once(world: World) {
    let porting = world.porting(State::Pending).await;
    let said = declined("8C", "PIN");
    tell(&world, &porting, Some("77/3"), said.clone())
        .await
        .unwrap();
    let twice = tell(&world, &porting, Some("77/3"), said.clone()).await;
    assert!(matches!(twice, Err(StoreError::Unique)));
    let reference = porting.reference();
    let found = read!(world.db, |tx| updates::told_as(tx, &reference, "77/3")).unwrap();
    assert_eq!((&found.said, found.porting), (&said, porting.id));
    assert!(read!(world.db, |tx| updates::told_as(tx, &reference, "77/4")).is_none());
    // Names belong to their attempt.
    let other = world.porting(State::Pending).await;
    tell(&world, &other, Some("77/3"), said).await.unwrap();
}

fn case(world: &World, porting: &Porting, state: CaseState) -> Case {
    Case {
        reference: porting.reference(),
        project: porting.project.clone(),
        porting: porting.id,
        provider: porting.provider.clone(),
        state,
        since: world.now(),
        holder: None,
        created_at: world.now(),
    }
}

async fn queue(world: &World, state: CaseState) -> Case {
    let porting = world.porting(State::Pending).await;
    let case = case(world, &porting, state);
    assert!(write!(world.db, [case], |tx| cases::insert(tx, &case)).unwrap());
    case
}

async fn change(world: &World, before: &Case, after: &Case) -> Result<(), StoreError> {
    let (before, after) = (before.clone(), after.clone());
    write!(world.db, [before, after], |tx| cases::update(
        tx, &before, &after
    ))
}

pub async fn a_case_is_in_the_queue_once(world: World) {
    let case = queue(&world, CaseState::Queued).await;
    assert!(!write!(world.db, [case], |tx| cases::insert(tx, &case)).unwrap());
    let reference = case.reference.clone();
    let found = read!(world.db, |tx| cases::find(tx, &reference));
    assert_eq!(found, Some(case.clone()));
    let entries = read!(world.db, |tx| cases::open(tx, Some("test")));
    assert_eq!(entries.len(), 1);
    assert!(entries[0].phone_number.starts_with('+'));
    assert!(read!(world.db, |tx| cases::open(tx, Some("other"))).is_empty());
    let closed = case.clone().call_off(world.now());
    change(&world, &case, &closed).await.unwrap();
    assert!(read!(world.db, |tx| cases::open(tx, None)).is_empty());
    let found = read!(world.db, |tx| cases::find(tx, &reference));
    assert_eq!(found, Some(closed));
}

pub async fn of_several_who_take_a_case_one_does(world: World) {
    let before = queue(&world, CaseState::Queued).await;
    let taken = (0..6).map(|n| {
        let operator: Operator = format!("Operator {n}").parse().unwrap();
        let after = before.clone().take(&operator, false, world.now()).unwrap();
        let (world, before) = (&world, &before);
        async move { change(world, before, &after).await }
    });
    let taken = join_all(taken).await;
    assert_eq!(taken.iter().filter(|it| it.is_ok()).count(), 1);
    let stale = |it: &Result<(), StoreError>| matches!(it, Err(StoreError::Stale(_)));
    assert_eq!(taken.iter().filter(|it| stale(it)).count(), 5);
}

pub async fn what_waits_is_counted_by_recipient_and_state(world: World) {
    let first = queue(&world, CaseState::Queued).await;
    world.advance_seconds(60);
    let second = queue(&world, CaseState::Queued).await;
    queue(&world, CaseState::Submitted).await;
    queue(&world, CaseState::Closed).await;
    let operator: Operator = "Ada".parse().unwrap();
    let taken = second.clone().take(&operator, false, world.now()).unwrap();
    change(&world, &second, &taken).await.unwrap();
    let waiting = read!(world.db, |tx| cases::waiting(tx));
    let counts: Vec<_> = waiting
        .iter()
        .map(|it| (it.state, it.cases, it.untaken, it.oldest))
        .collect();
    assert_eq!(
        counts,
        [
            (CaseState::Queued, 2, 1, first.since),
            (CaseState::Submitted, 1, 1, world.now()),
        ]
    );
}
