//! Operations that wait together share a commit; nobody may notice.

use std::sync::{Arc, Mutex};

use futures_util::future::join_all;
use portico_store::{
    Db, StoreError, Tx,
    idempotency::{self, Kept, Sealed},
    jobs, projects,
};

use crate::harness::World;

#[derive(Clone, Copy, PartialEq)]
enum Fate {
    Succeeds,
    /// Before anything has been sent that writes.
    FailsEarly,
    /// After its first insertion was read, so that this had to be there.
    FailsLate,
    PanicsEarly,
    PanicsLate,
    /// An insertion that was deferred meets a row of the same key; run again, it looks first.
    MeetsAnother,
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
    let mut runs = 0;
    db.write(move |tx| {
        let told = told.clone();
        runs += 1;
        let is_first_run = runs == 1;
        Box::pin(async move {
            let now = tx.now();
            tx.after_commit(move || told.lock().unwrap().push(n));
            jobs::enqueue(tx, "first", &n.to_string(), now).await?;
            if matches!(fate, Fate::FailsLate | Fate::PanicsLate) {
                let tries = jobs::tries_of(tx, "first", &n.to_string()).await?;
                assert_eq!(tries, Some(0), "it sees what it wrote");
            }
            match fate {
                Fate::Succeeds => {}
                Fate::MeetsAnother if is_first_run => keep_answer(tx).await?,
                Fate::FailsEarly | Fate::FailsLate | Fate::MeetsAnother => {
                    return Err(StoreError::Stale("the case"));
                }
                Fate::PanicsEarly | Fate::PanicsLate => panic!("as the case asks"),
            }
            jobs::enqueue(tx, "second", &n.to_string(), now).await?;
            Ok(n)
        })
    })
    .await
}

/// Keeps an answer for a key that is always the same.
async fn keep_answer(tx: &mut Tx) -> Result<(), StoreError> {
    let answer = Kept {
        fingerprint: vec![1],
        status: 201,
        body: b"{}".to_vec(),
    };
    let sealed = Sealed::new(tx.vault(), "acme", b"key", &answer);
    idempotency::keep(tx, &sealed).await
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
            (
                Fate::FailsEarly | Fate::FailsLate | Fate::MeetsAnother,
                Err(StoreError::Stale(_)),
            ) => {}
            (Fate::PanicsEarly | Fate::PanicsLate, Err(StoreError::Panicked)) => {}
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
    check_neighbours(world, Fate::FailsEarly).await;
}

pub async fn so_does_an_error_after_something_was_written(world: World) {
    check_neighbours(world, Fate::FailsLate).await;
}

pub async fn an_insertion_that_is_refused_undoes_its_own_operation_only(world: World) {
    write!(world.db, [], |tx| keep_answer(tx)).unwrap();
    check_neighbours(world, Fate::MeetsAnother).await;
}

pub async fn a_panic_undoes_its_own_operation_only(world: World) {
    check_neighbours(world, Fate::PanicsEarly).await;
}

pub async fn so_does_a_panic_after_something_was_written(world: World) {
    check_neighbours(world, Fate::PanicsLate).await;
}

pub async fn each_operation_sees_what_those_before_it_wrote(world: World) {
    const COUNT: u32 = 60;
    let all = (0..COUNT).map(async |n| write!(world.db, [], |tx| count_and_add(tx, n)).unwrap());
    let mut seen = join_all(all).await;
    seen.sort_unstable();
    assert!(seen.into_iter().eq(0..COUNT), "no two saw the same");
}

/// How many jobs there are, before there is one more.
async fn count_and_add(tx: &mut Tx, n: u32) -> Result<u32, StoreError> {
    let count = jobs::count(tx).await?;
    jobs::enqueue(tx, "kind", &n.to_string(), tx.now()).await?;
    Ok(count)
}

pub async fn operations_that_take_long_hold_nobody_up(world: World) {
    const HELD: usize = 8;
    let (go_on, told) = tokio::sync::watch::channel(false);
    let (begun, mut begins) = tokio::sync::mpsc::unbounded_channel();
    let hold = |_| {
        let (db, told, begun) = (world.db.clone(), told.clone(), begun.clone());
        tokio::spawn(async move {
            db.write::<_, StoreError, _>(move |tx| {
                let mut told = told.clone();
                begun.send(()).unwrap();
                Box::pin(async move {
                    told.wait_for(|go_on| *go_on).await.unwrap();
                    jobs::enqueue(tx, "held", "a", tx.now()).await
                })
            })
            .await
        })
    };
    let held: Vec<_> = (0..HELD).map(hold).collect();
    for _ in 0..HELD {
        begins.recv().await.unwrap();
    }
    operation(&world.db, 1, Fate::Succeeds).await.unwrap();
    go_on.send(true).unwrap();
    for held in held {
        held.await.unwrap().unwrap();
    }
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
    // It comes, or this goes on until the test's time is up.
    while read!(world.db, |tx| jobs::tries_of(tx, "kind", "a")) != Some(0) {
        tokio::task::yield_now().await;
    }
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

/// Whoever was answered may go to another node with what they know.
pub async fn what_was_answered_is_seen_by_every_operation_that_is_asked_for_then(world: World) {
    const CALLERS: usize = 24;
    const TIMES: usize = 25;
    let other = world.another_process().await;
    let caller = async |caller: usize| {
        let nodes = [&world.db, &other];
        for time in 0..TIMES {
            let subject = format!("{caller}/{time}");
            let (first, next) = (nodes[(caller + time) % 2], nodes[(caller + time + 1) % 2]);
            write!(first, [subject], |tx| enqueue(tx, &subject)).unwrap();
            let seen = write!(next, [subject], |tx| jobs::tries_of(tx, "kind", &subject)).unwrap();
            assert_eq!(seen, Some(0), "{subject}");
        }
    };
    join_all((0..CALLERS).map(caller)).await;
}

async fn enqueue(tx: &mut Tx, subject: &str) -> Result<(), StoreError> {
    let now = tx.now();
    jobs::enqueue(tx, "kind", subject, now).await
}

/// Writes a hundred pages, so many times; how many pages the log has room for then.
async fn fill_log(world: &World, times: u8) -> u64 {
    for written in 0..times {
        let logo = Some(("image/png".to_owned(), vec![written; 409_600]));
        write!(world.db, [logo], |tx| projects::update_logo(
            tx, "acme", logo
        ))
        .unwrap();
    }
    pages_of_log(world)
}

fn pages_of_log(world: &World) -> u64 {
    let path = world.url().replacen("sqlite://", "", 1) + "-wal";
    std::fs::metadata(path).map_or(0, |file| file.len() / 4_096)
}

/// On SQLite the log begins anew from time to time, though somebody writes all the time; and when the
/// database is closed nothing is left in it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_of_changes_stays_short() {
    let world = crate::harness::sqlite().await;
    let pages = fill_log(&world, 250).await;
    // However slow the thread is that copies it: from 16,000 on the writer waits for it.
    assert!(pages < 20_000, "{pages} pages");
    world.db.close().await;
    assert_eq!(pages_of_log(&world), 0);
}

/// Nothing that a reader still looks at may be written over; but the log does not grow after that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_of_changes_begins_anew_after_a_long_reader() {
    let world = crate::harness::sqlite().await;
    let mut reader = world.db.read().await.unwrap();
    let before = projects::logo(&mut reader, "acme").await.unwrap();
    let long = fill_log(&world, 200).await;
    assert!(long >= 20_000, "{long} pages: it was kept for the reader");
    assert_eq!(projects::logo(&mut reader, "acme").await.unwrap(), before);
    drop(reader);
    let pages = fill_log(&world, 200).await;
    assert!(pages < long + 1_000, "{pages} pages after {long}");
}

/// Who meets the same in every run is not told that all went well. (On PostgreSQL that takes as long as an
/// operation has patience.)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_kept_is_not_told_to_have_been() {
    let world = crate::harness::sqlite().await;
    let kept = Kept {
        fingerprint: vec![3; 32],
        status: 201,
        body: b"{}".to_vec(),
    };
    let answer = Sealed::new(world.db.vault(), "acme", b"key", &kept);
    let keep = async || write!(world.db, [answer], |tx| idempotency::keep(tx, &answer));
    keep().await.unwrap();
    assert!(matches!(keep().await, Err(StoreError::Conflict)));
}
