//! Operations that wait together share a commit; nobody may notice.

use std::sync::{Arc, Mutex};

use futures_util::future::join_all;
use portico_store::{Db, StoreError, jobs};

use crate::harness::World;

#[derive(Clone, Copy, PartialEq)]
enum Fate {
    Succeeds,
    Fails,
    Panics,
}

/// What was told after commits.
type Told = Arc<Mutex<Vec<usize>>>;

/// Enqueues two jobs and ends as it is told in between.
async fn operation(db: &Db, n: usize, fate: Fate) -> Result<usize, StoreError> {
    told_operation(db, n, fate, &Told::default()).await
}

/// The same, which wants itself told when it is committed.
async fn told_operation(db: &Db, n: usize, fate: Fate, told: &Told) -> Result<usize, StoreError> {
    let told = told.clone();
    db.write(move |tx| {
        let told = told.clone();
        Box::pin(async move {
            let now = tx.now();
            tx.after_commit(move || told.lock().unwrap().push(n));
            jobs::enqueue(tx, "first", &n.to_string(), now).await?;
            match fate {
                Fate::Succeeds => {}
                Fate::Fails => return Err(StoreError::Stale("the case")),
                Fate::Panics => panic!("as the case asks"),
            }
            jobs::enqueue(tx, "second", &n.to_string(), now).await?;
            Ok(n)
        })
    })
    .await
}

/// Runs many at once, every third of them with the bad fate; the good ones must all be there,
/// whole, and nothing of the others.
async fn check_neighbours(world: World, bad: Fate) {
    const COUNT: usize = 90;
    let fate = |n: usize| if n % 3 == 1 { bad } else { Fate::Succeeds };
    let told = Told::default();
    let all = (0..COUNT).map(|n| told_operation(&world.db, n, fate(n), &told));
    let outcomes = join_all(all).await;
    for (n, outcome) in outcomes.iter().enumerate() {
        match (fate(n), outcome) {
            (Fate::Succeeds, Ok(value)) => assert_eq!(*value, n),
            (Fate::Fails, Err(StoreError::Stale(_))) => {}
            (Fate::Panics, Err(StoreError::Panicked)) => {}
            (_, outcome) => panic!("operation {n} ended with {outcome:?}"),
        }
    }
    let mut told = std::mem::take(&mut *told.lock().unwrap());
    told.sort_unstable();
    let kept: Vec<_> = (0..COUNT).filter(|n| fate(*n) == Fate::Succeeds).collect();
    assert_eq!(told, kept, "each is told once, and only what was kept");
    let world = world.reopen().await;
    for n in 0..COUNT {
        let subject = n.to_string();
        let expected = (fate(n) == Fate::Succeeds).then_some(0);
        for kind in ["first", "second"] {
            let found = read!(world.db, |tx| jobs::tries_of(tx, kind, &subject));
            assert_eq!(found, expected, "{kind} of {n}");
        }
    }
}

pub async fn an_error_undoes_its_own_operation_only(world: World) {
    check_neighbours(world, Fate::Fails).await;
}

pub async fn a_panic_undoes_its_own_operation_only(world: World) {
    check_neighbours(world, Fate::Panics).await;
}

pub async fn concurrent_writes_are_all_there_after_reopening(world: World) {
    const EACH: usize = 100;
    let other = world.another_process().await;
    let ours = (0..EACH).map(|n| operation(&world.db, n, Fate::Succeeds));
    let theirs = (EACH..2 * EACH).map(|n| operation(&other, n, Fate::Succeeds));
    for outcome in join_all(ours.chain(theirs)).await {
        outcome.unwrap();
    }
    other.close().await;
    let world = world.reopen().await;
    let count = read!(world.db, |tx| jobs::count(tx));
    assert_eq!(count as usize, 2 * 2 * EACH);
}

pub async fn a_write_goes_on_when_its_caller_is_gone(world: World) {
    let (begun, begins) = tokio::sync::oneshot::channel();
    let (go_on, told) = tokio::sync::oneshot::channel::<()>();
    let mut parts = Some((begun, told));
    let db = world.db.clone();
    let caller = tokio::spawn(async move {
        db.write::<_, StoreError, _>(move |tx| {
            let (begun, told) = parts.take().expect("it runs once");
            Box::pin(async move {
                begun.send(()).unwrap();
                told.await.unwrap();
                jobs::enqueue(tx, "kind", "a", tx.now()).await
            })
        })
        .await
    });
    begins.await.unwrap();
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    go_on.send(()).unwrap();
    // The writer takes one after the other: when this one is done, so is the one before.
    operation(&world.db, 1, Fate::Succeeds).await.unwrap();
    assert_eq!(
        read!(world.db, |tx| jobs::tries_of(tx, "kind", "a")),
        Some(0)
    );
}

pub async fn a_reader_sees_one_moment(world: World) {
    let mut view = world.db.read().await.unwrap();
    assert_eq!(jobs::count(&mut view).await.unwrap(), 0);
    operation(&world.db, 1, Fate::Succeeds).await.unwrap();
    assert_eq!(
        jobs::count(&mut view).await.unwrap(),
        0,
        "the view is older"
    );
    drop(view);
    assert_eq!(read!(world.db, |tx| jobs::count(tx)), 2);
}

pub async fn a_closed_database_says_so(world: World) {
    world.db.close().await;
    let refused = operation(&world.db, 1, Fate::Succeeds).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))));
    assert!(world.db.read().await.is_err());
}
