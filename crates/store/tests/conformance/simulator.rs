use portico_store::{StoreError, simulator};

use crate::harness::World;

pub async fn a_reference_is_received_once_and_counted_for_its_porting(world: World) {
    let receive = |reference: &'static str, porting: &'static str| {
        let db = world.db.clone();
        async move {
            write!(db, [], |tx| simulator::receive(
                tx,
                reference,
                porting,
                "+19595550100"
            ))
        }
    };
    receive("a-1", "a").await.unwrap();
    receive("b-1", "b").await.unwrap();
    receive("a-2", "a").await.unwrap();
    assert!(matches!(receive("a-2", "a").await, Err(StoreError::Unique)));
    let of_a = read!(world.db, |tx| simulator::of_porting(tx, "a"));
    let numbered: Vec<_> = of_a
        .iter()
        .map(|it| (it.reference.as_str(), it.nth))
        .collect();
    assert_eq!(numbered, [("a-1", 1), ("a-2", 2)]);

    assert!(write!(world.db, [], |tx| simulator::cancel(tx, "a-1")).unwrap());
    assert!(!write!(world.db, [], |tx| simulator::cancel(tx, "nobody")).unwrap());
    let found = read!(world.db, |tx| simulator::find(tx, "a-1")).unwrap();
    assert!(found.canceled);
    assert_eq!(
        (found.received_at, found.porting.as_str()),
        (world.now(), "a")
    );
    for result in ["received", "received", "duplicate"] {
        write!(world.db, [], |tx| simulator::note_call(
            tx, "a-1", "submit", result
        ))
        .unwrap();
    }
    let calls = read!(world.db, |tx| simulator::count_calls(
        tx, "a-1", "submit", "received"
    ));
    assert_eq!(calls, 2);
}
