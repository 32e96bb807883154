use portico_store::idempotency::{self, Kept, Sealed};

use crate::harness::World;

fn kept(body: &str) -> Kept {
    Kept {
        fingerprint: vec![3; 32],
        status: 201,
        body: body.as_bytes().to_vec(),
    }
}

async fn keep(world: &World, project: &'static str, body: &str) {
    let sealed = Sealed::new(world.db.vault(), project, b"key", &kept(body));
    write!(world.db, [sealed], |tx| idempotency::keep(tx, &sealed)).unwrap();
}

async fn find(world: &World, project: &str) -> Option<Kept> {
    read!(world.db, |tx| idempotency::find(tx, project, b"key"))
}

pub async fn an_answer_is_kept_for_a_day(world: World) {
    assert!(find(&world, "acme").await.is_none());
    keep(&world, "acme", "first").await;
    let found = find(&world, "acme").await.unwrap();
    assert_eq!(
        (found.status, found.body.as_slice()),
        (201, b"first".as_slice())
    );
    assert_eq!(found.fingerprint, vec![3; 32]);

    world.advance_seconds(24 * 3_600 - 1);
    assert!(find(&world, "acme").await.is_some());
    world.advance_seconds(1);
    assert!(
        find(&world, "acme").await.is_none(),
        "too old to be replayed"
    );
    write!(world.db, [], |tx| idempotency::forget_old(
        tx, "acme", b"key"
    ))
    .unwrap();
    keep(&world, "acme", "second").await;
    assert_eq!(find(&world, "acme").await.unwrap().body, b"second");

    assert_eq!(
        write!(world.db, [], |tx| idempotency::erase_old(tx)).unwrap(),
        0
    );
    world.advance_seconds(24 * 3_600);
    assert_eq!(
        write!(world.db, [], |tx| idempotency::erase_old(tx)).unwrap(),
        1
    );
}

pub async fn keys_belong_to_their_project(world: World) {
    keep(&world, "acme", "ours").await;
    assert!(find(&world, "other").await.is_none());
    keep(&world, "other", "theirs").await;
    assert_eq!(find(&world, "acme").await.unwrap().body, b"ours");
}
