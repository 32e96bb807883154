use std::collections::HashSet;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use portico_store::{
    Db, StoreError,
    jobs::{self, Job, Lease},
};

use crate::harness::World;

async fn enqueue(db: &Db, subject: &str, run_at: Timestamp) {
    let subject = subject.to_owned();
    write!(db, [subject], |tx| jobs::enqueue(
        tx, "kind", &subject, run_at
    ))
    .unwrap();
}

async fn claim(db: &Db, owner: &str, limit: u32) -> Vec<Job> {
    let owner = owner.to_owned();
    write!(db, [owner], |tx| jobs::claim(tx, &owner, limit)).unwrap()
}

fn subjects(jobs: &[Job]) -> Vec<&str> {
    jobs.iter().map(|job| job.subject.as_str()).collect()
}

async fn finish(db: &Db, owner: &'static str, job: &Job) -> Result<(), StoreError> {
    let id = job.id;
    write!(db, [id], |tx| jobs::finish(tx, owner, id))
}

async fn next_due(db: &Db) -> Option<Timestamp> {
    read!(db, |tx| jobs::next_due(tx))
}

pub async fn concurrent_claimers_never_get_the_same_job(world: World) {
    const JOBS: usize = 60;
    for n in 0..JOBS {
        enqueue(&world.db, &n.to_string(), world.now()).await;
    }
    let other = world.another_process().await;
    let claims = (0..20).map(|n| {
        let db = if n % 2 == 0 { &world.db } else { &other };
        async move { claim(db, &n.to_string(), 4).await }
    });
    let claimed: Vec<_> = join_all(claims).await.into_iter().flatten().collect();
    let different: HashSet<_> = claimed.iter().map(|job| job.id).collect();
    assert_eq!((claimed.len(), different.len()), (JOBS, JOBS));
    assert!(claim(&other, "late", 4).await.is_empty());
}

pub async fn jobs_are_claimed_when_due_and_oldest_first(world: World) {
    let after = |seconds| world.now() + SignedDuration::from_secs(seconds);
    for (subject, seconds) in [("c", 3), ("a", 1), ("b", 2)] {
        enqueue(&world.db, subject, after(seconds)).await;
    }
    assert_eq!(next_due(&world.db).await, Some(after(1)));
    assert!(claim(&world.db, "w", 9).await.is_empty());
    world.advance_seconds(2);
    let first = claim(&world.db, "w", 1).await;
    assert_eq!(subjects(&first), ["a"]);
    assert_eq!((first[0].kind.as_str(), first[0].tries), ("kind", 0));
    assert_eq!(subjects(&claim(&world.db, "w", 9).await), ["b"]);
    world.advance_seconds(1);
    assert_eq!(subjects(&claim(&world.db, "w", 9).await), ["c"]);
    assert_eq!(next_due(&world.db).await, None);
    assert_eq!(read!(world.db, |tx| jobs::count(tx)), 3);
}

async fn take_over(db: &Db, owner: &'static str, lease: &Lease) -> Option<Job> {
    let lease = lease.clone();
    write!(db, [lease], |tx| jobs::take_over(tx, owner, &lease)).unwrap()
}

async fn only_lease(db: &Db) -> Lease {
    let mut leases = read!(db, |tx| jobs::leases(tx));
    assert_eq!(leases.len(), 1);
    leases.remove(0)
}

pub async fn a_lease_is_taken_over_unless_it_was_renewed(world: World) {
    enqueue(&world.db, "a", world.now()).await;
    let id = claim(&world.db, "first", 1).await[0].id;
    let seen = only_lease(&world.db).await;
    assert_eq!((seen.job, seen.owner.as_str()), (id, "first"));
    world.advance_seconds(10);
    let renewed = |owner: &'static str| {
        let db = world.db.clone();
        async move { write!(db, [id], |tx| jobs::renew(tx, owner, id)).unwrap() }
    };
    assert!(renewed("first").await);
    assert!(!renewed("second").await);
    assert!(take_over(&world.db, "second", &seen).await.is_none());
    world.advance_seconds(3_600);
    assert!(
        claim(&world.db, "second", 1).await.is_empty(),
        "no clock frees it"
    );
    let seen = only_lease(&world.db).await;
    let taken = take_over(&world.db, "second", &seen).await;
    assert_eq!(taken.map(|job| job.id), Some(id));
    assert!(!renewed("first").await);
}

pub async fn of_several_who_take_over_one_does(world: World) {
    enqueue(&world.db, "a", world.now()).await;
    claim(&world.db, "dead", 1).await;
    let seen = only_lease(&world.db).await;
    let other = world.another_process().await;
    let taken = (0..10).map(|n| {
        let (db, seen) = (if n % 2 == 0 { &world.db } else { &other }, &seen);
        take_over(db, "next", seen)
    });
    assert_eq!(join_all(taken).await.into_iter().flatten().count(), 1);
}

pub async fn who_lost_the_lease_keeps_nothing(world: World) {
    enqueue(&world.db, "a", world.now()).await;
    let job = claim(&world.db, "first", 1).await.remove(0);
    let seen = only_lease(&world.db).await;
    take_over(&world.db, "second", &seen).await;
    let id = job.id;
    let result = world
        .db
        .write::<(), StoreError, _>(move |tx| {
            Box::pin(async move {
                jobs::enqueue(tx, "result", "a", tx.now()).await?;
                jobs::finish(tx, "first", id).await
            })
        })
        .await;
    assert!(matches!(result, Err(StoreError::Stale(_))));
    let now = world.now();
    let put_back = write!(world.db, [job], |tx| jobs::put_back(tx, "first", &job, now));
    assert!(matches!(put_back, Err(StoreError::Stale(_))));
    assert_eq!(
        read!(world.db, |tx| jobs::count(tx)),
        1,
        "no result was kept"
    );
    finish(&world.db, "second", &job).await.unwrap();
    assert_eq!(read!(world.db, |tx| jobs::count(tx)), 0);
}

pub async fn news_make_a_job_due_at_once(world: World) {
    enqueue(&world.db, "a", world.now()).await;
    let job = claim(&world.db, "w", 1).await.remove(0);
    let later = world.now() + SignedDuration::from_hours(1);
    write!(world.db, [job], |tx| jobs::put_back(tx, "w", &job, later)).unwrap();
    for (kind, subject) in [("kind", "b"), ("other", "a")] {
        write!(world.db, [], |tx| jobs::wake(tx, kind, subject)).unwrap();
    }
    assert!(claim(&world.db, "w", 1).await.is_empty());
    write!(world.db, [], |tx| jobs::wake(tx, "kind", "a")).unwrap();
    assert_eq!(claim(&world.db, "w", 1).await.len(), 1);
}

/// It may have looked before the news came. The clock stands still, so no time tells the two apart.
pub async fn news_for_a_job_that_runs_make_it_run_again(world: World) {
    enqueue(&world.db, "a", world.now()).await;
    let later = world.now() + SignedDuration::from_hours(1);
    for _ in 0..2 {
        let job = claim(&world.db, "w", 1).await.remove(0);
        write!(world.db, [], |tx| jobs::wake(tx, "kind", "a")).unwrap();
        assert!(claim(&world.db, "other", 1).await.is_empty(), "it is held");
        write!(world.db, [job], |tx| jobs::put_back(tx, "w", &job, later)).unwrap();
    }
    let job = claim(&world.db, "w", 1).await.remove(0);
    write!(world.db, [job], |tx| jobs::put_back(tx, "w", &job, later)).unwrap();
    assert_eq!(next_due(&world.db).await, Some(later));
}

pub async fn a_job_put_back_comes_again_later(world: World) {
    enqueue(&world.db, "a", world.now()).await;
    let job = claim(&world.db, "w", 1).await.remove(0);
    let id = job.id;
    let later = world.now() + SignedDuration::from_secs(5);
    write!(world.db, [job], |tx| jobs::put_back(tx, "w", &job, later)).unwrap();
    let tries = read!(world.db, |tx| jobs::tries_of(tx, "kind", "a"));
    assert_eq!(tries, Some(1));
    assert_eq!(next_due(&world.db).await, Some(later));
    assert!(claim(&world.db, "w", 1).await.is_empty());
    world.advance_seconds(5);
    let waits = claim(&world.db, "w", 1).await.remove(0);
    let now = world.now();
    write!(world.db, [waits], |tx| jobs::put_off(tx, "w", &waits, now)).unwrap();
    let tries = read!(world.db, |tx| jobs::tries_of(tx, "kind", "a"));
    assert_eq!(tries, Some(1), "to wait is no try");
    let again = claim(&world.db, "other", 1).await;
    assert_eq!((again[0].id, again[0].tries), (id, 1));
}

pub async fn void_leases_free_every_job(world: World) {
    for subject in ["a", "b"] {
        enqueue(&world.db, subject, world.now()).await;
    }
    let job = claim(&world.db, "dead", 2).await.remove(0);
    write!(world.db, [], |tx| jobs::void_leases(tx)).unwrap();
    let finished = finish(&world.db, "dead", &job).await;
    assert!(matches!(finished, Err(StoreError::Stale(_))));
    assert_eq!(claim(&world.db, "next", 9).await.len(), 2);
}

pub async fn the_backlog_is_what_is_due(world: World) {
    let backlog = async || read!(world.db, |tx| jobs::backlog(tx));
    assert_eq!(backlog().await, jobs::Backlog::default());
    let start = world.now();
    let after = |seconds| start + SignedDuration::from_secs(seconds);
    for (kind, seconds) in [("a", 1), ("b", 2), ("a", 3), ("a", 100)] {
        let at = after(seconds);
        write!(world.db, [], |tx| jobs::enqueue(tx, kind, "x", at)).unwrap();
    }
    world.advance_seconds(3);
    let due = vec![("a".to_owned(), 2), ("b".to_owned(), 1)];
    let oldest = Some(after(1));
    assert_eq!(
        backlog().await,
        jobs::Backlog {
            due: due.clone(),
            oldest
        }
    );
    claim(&world.db, "w", 1).await;
    let oldest = Some(after(2));
    assert_eq!(backlog().await, jobs::Backlog { due, oldest }, "one runs");
}

pub async fn work_is_forgotten_by_subject(world: World) {
    let now = world.now();
    for kind in ["kind", "other"] {
        write!(world.db, [], |tx| jobs::enqueue(tx, kind, "a", now)).unwrap();
    }
    enqueue(&world.db, "b", now).await;
    assert_eq!(read!(world.db, |tx| jobs::count(tx)), 3);
    write!(world.db, [], |tx| jobs::forget(tx, "a")).unwrap();
    assert_eq!(subjects(&claim(&world.db, "w", 9).await), ["b"]);
    assert_eq!(read!(world.db, |tx| jobs::tries_of(tx, "kind", "a")), None);
}

pub async fn new_work_wakes_a_waiter_once_it_is_committed(world: World) {
    let waiter = {
        let db = world.db.clone();
        tokio::spawn(async move {
            db.new_jobs().await;
            read!(db, |tx| jobs::count(tx))
        })
    };
    enqueue(&world.db, "a", world.now()).await;
    assert_eq!(waiter.await.unwrap(), 1, "what woke it is there");
}
