use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use portico_store::{
    Db, StoreError, Tx, jobs,
    rate_limits::{self, Limit},
};

use crate::harness::World;

const TWICE_A_MINUTE: Limit = Limit {
    times: 2,
    window: SignedDuration::from_secs(60),
};

async fn take(db: &Db, bucket: &'static str) -> Result<(), Timestamp> {
    write!(db, [], |tx| rate_limits::take(tx, bucket, TWICE_A_MINUTE)).unwrap()
}

pub async fn a_window_holds_so_many_and_then_begins_anew(world: World) {
    let until = world.now() + TWICE_A_MINUTE.window;
    assert_eq!(take(&world.db, "a").await, Ok(()));
    world.advance_seconds(30);
    assert_eq!(take(&world.db, "a").await, Ok(()));
    assert_eq!(take(&world.db, "a").await, Err(until));
    assert_eq!(take(&world.db, "b").await, Ok(()), "each bucket on its own");
    world.advance_seconds(29);
    assert_eq!(take(&world.db, "a").await, Err(until));
    world.advance_seconds(1);
    assert_eq!(take(&world.db, "a").await, Ok(()));
    let now = world.now();
    assert_eq!(
        write!(world.db, [], |tx| rate_limits::erase_old(tx, now)).unwrap(),
        1
    );
}

/// Another node's clock may be ahead, or this one was put back.
pub async fn a_window_of_the_future_is_over(world: World) {
    assert_eq!(take(&world.db, "a").await, Ok(()));
    assert_eq!(take(&world.db, "a").await, Ok(()));
    world.advance_seconds(-3_600);
    let until = world.now() + TWICE_A_MINUTE.window;
    for expected in [Ok(()), Ok(()), Err(until)] {
        assert_eq!(take(&world.db, "a").await, expected);
    }
}

pub async fn exhaustion_is_seen_without_counting(world: World) {
    let exhausted = || async {
        read!(world.db, |tx| rate_limits::exhausted_until(
            tx,
            "a",
            TWICE_A_MINUTE
        ))
    };
    for _ in 0..2 {
        assert_eq!(exhausted().await, None);
        assert_eq!(exhausted().await, None);
        take(&world.db, "a").await.unwrap();
    }
    assert_eq!(exhausted().await, Some(world.now() + TWICE_A_MINUTE.window));
    world.advance_seconds(60);
    assert_eq!(exhausted().await, None);
}

pub async fn concurrent_uses_are_all_counted(world: World) {
    let other = world.another_process().await;
    let uses = (0..20).map(|n| take(if n % 2 == 0 { &world.db } else { &other }, "a"));
    let allowed = join_all(uses).await.into_iter().filter(Result::is_ok);
    assert_eq!(allowed.count(), 2);
}

/// Counts a use and adds a job, both or neither.
async fn add_job(tx: &mut Tx) -> Result<Result<(), Timestamp>, StoreError> {
    let taken = rate_limits::take_along(tx, "a", TWICE_A_MINUTE).await?;
    if taken.is_ok() {
        jobs::enqueue(tx, "kind", "a", tx.now()).await?;
    }
    Ok(taken)
}

pub async fn a_use_that_is_taken_along_counts_only_with_what_it_comes_with(world: World) {
    let until = world.now() + TWICE_A_MINUTE.window;
    let failing = write!(world.db, [], |tx| async {
        add_job(tx).await?.unwrap();
        Err::<(), _>(StoreError::Stale("the case"))
    });
    failing.unwrap_err();
    for expected in [Ok(()), Ok(()), Err(until), Err(until)] {
        assert_eq!(write!(world.db, [], |tx| add_job(tx)).unwrap(), expected);
    }
    assert_eq!(read!(world.db, |tx| jobs::count(tx)), 2);
    world.advance_seconds(60);
    assert_eq!(write!(world.db, [], |tx| add_job(tx)).unwrap(), Ok(()));
    assert_eq!(
        take(&world.db, "a").await,
        Ok(()),
        "both count in one bucket"
    );
    let until = world.now() + TWICE_A_MINUTE.window;
    assert_eq!(write!(world.db, [], |tx| add_job(tx)).unwrap(), Err(until));
}

pub async fn of_concurrent_uses_that_are_taken_along_as_many_are_kept_as_may_be(world: World) {
    let other = world.another_process().await;
    let uses = (0..40).map(async |n| {
        let db = if n % 2 == 0 { &world.db } else { &other };
        write!(db, [], |tx| add_job(tx)).unwrap()
    });
    let allowed = join_all(uses).await.into_iter().filter(Result::is_ok);
    assert_eq!(allowed.count(), 2);
    assert_eq!(read!(world.db, |tx| jobs::count(tx)), 2);
}
