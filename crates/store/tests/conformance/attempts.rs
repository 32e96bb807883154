use portico_domain::porting::State;
use portico_store::{
    StoreError,
    attempts::{self, Attempt, AttemptState as Is, CarrierAnswer},
};

use crate::harness::World;

pub async fn an_attempt_goes_one_way(world: World) {
    let porting = world.porting(State::Pending).await;
    let attempt = Attempt {
        reference: porting.reference(),
        porting: porting.id,
        number: 1,
        state: Is::Waiting,
        calls: 0,
        created_at: world.now(),
        accepted_at: None,
        unreadable_since: None,
        open_call: None,
    };
    write!(world.db, [attempt], |tx| attempts::insert(tx, &attempt)).unwrap();
    let twice = write!(world.db, [attempt], |tx| attempts::insert(tx, &attempt));
    assert!(matches!(twice, Err(StoreError::Unique)));

    let reference = attempt.reference.clone();
    for (from, to) in [
        (Is::Waiting, Is::Sending),
        (Is::Sending, Is::Accepted),
        (Is::Accepted, Is::Answered),
    ] {
        world.advance_seconds(1);
        write!(world.db, [reference], |tx| attempts::advance(
            tx, &reference, from, to
        ))
        .unwrap();
        let again = write!(world.db, [reference], |tx| {
            attempts::advance(tx, &reference, from, to)
        });
        assert!(matches!(again, Err(StoreError::Stale(_))));
    }
    write!(world.db, [reference], |tx| attempts::count_call(
        tx, &reference
    ))
    .unwrap();
    let found = read!(world.db, |tx| attempts::find(tx, &reference)).unwrap();
    assert_eq!(
        (found.state, found.calls, found.number),
        (Is::Answered, 1, 1)
    );
    assert_eq!(found.open_call, None);
    write!(world.db, [reference], |tx| attempts::open_call(
        tx, &reference
    ))
    .unwrap();
    let found = read!(world.db, |tx| attempts::find(tx, &reference)).unwrap();
    assert_eq!(found.open_call, Some(1));
    write!(world.db, [reference], |tx| attempts::close_calls(
        tx, &reference
    ))
    .unwrap();
    let found = read!(world.db, |tx| attempts::find(tx, &reference)).unwrap();
    assert_eq!(found.open_call, Some(0));
    write!(world.db, [reference], |tx| attempts::begin_call(
        tx, &reference
    ))
    .unwrap();
    let found = read!(world.db, |tx| attempts::find(tx, &reference)).unwrap();
    assert_eq!((found.calls, found.open_call), (2, Some(2)));
    let accepted_at = attempt.created_at + jiff::SignedDuration::from_secs(2);
    assert_eq!(found.accepted_at, Some(accepted_at));
    let id = porting.id;
    assert_eq!(read!(world.db, |tx| attempts::of_porting(tx, id)).len(), 1);
    assert!(read!(world.db, |tx| attempts::find(tx, "nobody")).is_none());
}

pub async fn answers_are_kept_word_for_word(world: World) {
    let porting = world.porting(State::Pending).await.id;
    for (raw_code, raw_text, applied) in [
        (Some("8C"), Some("PASSWORD/PIN incorrect – „0042“"), true),
        (None, None, false),
    ] {
        write!(world.db, [], |tx| async {
            let answer = CarrierAnswer {
                reference: "a-1",
                porting,
                outcome: "declined",
                mapped_code: Some("portingDeclined"),
                said_at: None,
                raw_code,
                raw_text,
                applied,
            };
            attempts::insert_answer(tx, &answer).await
        })
        .unwrap();
    }
    let kept = read!(world.db, |tx| attempts::answers_of(tx, porting));
    let raw: Vec<_> = kept
        .iter()
        .map(|it| (it.raw_code.as_deref(), it.raw_text.as_deref(), it.applied))
        .collect();
    assert_eq!(
        raw[0],
        (Some("8C"), Some("PASSWORD/PIN incorrect – „0042“"), true)
    );
    assert_eq!(raw[1], (None, None, false));
    assert_eq!(
        (kept[0].reference.as_str(), kept[0].received_at),
        ("a-1", world.now())
    );
}
