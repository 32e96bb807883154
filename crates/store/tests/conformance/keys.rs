//! Keys in use, and sealing anew under another one.

use std::collections::HashSet;

use portico_store::{Db, StoreError, events, idempotency, keys, portings, rotation};

use crate::{harness::World, sealing};

async fn take_up(db: &Db) {
    write!(db, [], |tx| keys::take_up(tx)).unwrap();
}

/// Seals everything anew from the first row on; how many values.
async fn reseal(db: &Db) -> i64 {
    write!(db, [], |tx| rotation::forget(tx)).unwrap();
    let mut resealed = 0;
    for column in rotation::columns() {
        loop {
            let batch = write!(db, [], |tx| rotation::reseal(tx, column)).unwrap();
            if batch.is_last {
                resealed += batch.resealed;
                break;
            }
        }
    }
    resealed
}

async fn keys_that_sealed(db: &Db) -> Vec<String> {
    let counts = read!(db, |tx| rotation::count_by_key(tx));
    counts.into_keys().collect()
}

pub async fn a_key_that_is_needed_is_missed_at_once(world: World) {
    take_up(&world.db).await;
    let old = world.db.vault().key_id().to_string();
    let stranger = world.with_another_key().await;
    assert_eq!(read!(stranger, |tx| keys::missing(tx)), [old.as_str()]);
    let both = world.with_both_keys().await;
    assert!(read!(both, |tx| keys::missing(tx)).is_empty());
    take_up(&both).await;
    let new = both.vault().key_id().to_string();
    assert_eq!(read!(world.db, |tx| keys::missing(tx)), [new.as_str()]);
    // Nothing is sealed with the old one once everything was sealed anew.
    reseal(&both).await;
    write!(both, [new], |tx| async {
        keys::keep_only(tx, &[new]).await
    })
    .unwrap();
    assert!(read!(stranger, |tx| keys::missing(tx)).is_empty());
}

pub async fn keyed_hashes_outlive_a_change_of_keys(world: World) {
    take_up(&world.db).await;
    let before = *world.db.vault().mac_key();
    let both = world.with_both_keys().await;
    take_up(&both).await;
    reseal(&both).await;
    let new_only = world.with_another_key().await;
    assert_ne!(*new_only.vault().mac_key(), before, "it is the database's");
    take_up(&new_only).await;
    assert_eq!(*new_only.vault().mac_key(), before);
}

pub async fn everything_sealed_is_sealed_anew_and_says_the_same(world: World) {
    take_up(&world.db).await;
    let porting = sealing::fill(&world).await;
    let before = read!(world.db, |tx| portings::get(tx, porting)).unwrap();
    let old = world.db.vault().key_id().to_string();
    assert_eq!(keys_that_sealed(&world.db).await, [old]);
    let both = world.with_both_keys().await;
    assert!(reseal(&both).await >= 12);
    let new = both.vault().key_id().to_string();
    assert_eq!(keys_that_sealed(&both).await, [new]);
    assert_eq!(reseal(&both).await, 0, "nothing is left to do");

    let new_only = world.with_another_key().await;
    let after = read!(new_only, |tx| portings::get(tx, porting)).unwrap();
    let pin = |porting: &portico_domain::porting::Porting| {
        let pin = porting.details.billing_pin.as_ref();
        pin.map(|pin| pin.expose().to_owned())
    };
    assert!(pin(&after).is_some() && pin(&after) == pin(&before));
    assert_eq!(after.details.address, before.details.address);
    let told = read!(new_only, |tx| events::of_subject(tx, porting.as_str()));
    assert_eq!(told[0].data, sealing::secrets());
    let kept = read!(new_only, |tx| idempotency::find(tx, "acme", b"key")).unwrap();
    assert_eq!(kept.body, b"a body with a session's URL");
    let mut view = world.db.read().await.unwrap();
    let refused = portings::get(&mut view, porting).await;
    assert!(matches!(refused, Err(StoreError::Vault(_))));
}

pub async fn an_interrupted_rotation_goes_on_where_it_was(world: World) {
    for _ in 0..450 {
        world.user().await;
    }
    let both = world.with_both_keys().await;
    let column = rotation::columns().find(|column| column.to_string() == "users.personal_sealed");
    let column = column.unwrap();
    let mut counts = Vec::new();
    loop {
        // Each batch by another process: what one knew, the next has to find.
        let process = world.with_both_keys().await;
        let batch = write!(process, [], |tx| rotation::reseal(tx, column)).unwrap();
        counts.push(batch.resealed);
        if batch.is_last {
            break;
        }
    }
    assert_eq!(counts, [200, 400, 450]);
    let again = write!(both, [], |tx| rotation::reseal(tx, column)).unwrap();
    assert_eq!((again.resealed, again.is_last), (450, true));
}

pub async fn values_under_an_unknown_key_stop_a_rotation(world: World) {
    world.user().await;
    let stranger = world.with_another_key().await;
    let column = rotation::columns().find(|column| column.to_string() == "users.personal_sealed");
    let column = column.unwrap();
    let refused = write!(stranger, [], |tx| rotation::reseal(tx, column));
    assert!(matches!(refused, Err(StoreError::Vault(_))));
}

pub async fn no_two_columns_share_a_name(_: World) {
    let names: Vec<_> = rotation::columns()
        .map(|column| column.to_string())
        .collect();
    let distinct: HashSet<_> = names.iter().collect();
    assert_eq!(distinct.len(), names.len());
    assert!(names.contains(&"portings.account_pin_sealed".to_owned()));
}
