//! Moving a database to another one and back.

use portico_ambient::Ambient;
use portico_domain::porting::State;
use portico_store::{
    Db, StoreError, Vault, projects,
    transfer::{self, End, Phase, Step, TransferError},
};
use portico_testkit::{ENCRYPTION_KEY, TestDatabase};

use crate::{harness::World, sealing};

/// An empty database.
struct Empty {
    database: TestDatabase,
    db: Db,
}

async fn empty(world: &World, database: TestDatabase) -> Empty {
    let ambient = Ambient::with_clock(world.clock.clock());
    let vault = Vault::new(ENCRYPTION_KEY, ambient.random.clone()).unwrap();
    let db = Db::open(&database.url(), vault, ambient).await.unwrap();
    db.migrate().await.unwrap();
    Empty { database, db }
}

/// A row in most tables, every kind of value, and more rows than a batch in one of them.
async fn fill(world: &World) {
    sealing::fill(world).await;
    world.porting(State::Canceled(world.now())).await;
    let session = world.new_session(world.now()).await;
    write!(world.db, [session], |tx| portico_store::sessions::insert(
        tx, &session
    ))
    .unwrap();
    let id = world.project.id.clone();
    let logo = Some(("image/png".to_owned(), vec![0, 255, 7]));
    write!(world.db, [id, logo], |tx| projects::update_logo(
        tx, &id, logo
    ))
    .unwrap();
    for round in 0..3 {
        let work = (0..400)
            .map(|n| format!("bucket/{round}/{n}"))
            .collect::<Vec<_>>();
        write!(world.db, [work], |tx| async {
            for bucket in &work {
                let limit = portico_store::rate_limits::Limit {
                    times: 1,
                    window: jiff::SignedDuration::from_hours(1),
                };
                let _ = portico_store::rate_limits::take(tx, bucket, limit).await?;
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
    }
}

async fn transfer(from: &Db, to: &Db) -> Result<Vec<transfer::Sum>, TransferError> {
    transfer::copy(from, to, &mut |_| {}).await?;
    transfer::compare(from, to, &mut |_| {}).await
}

async fn end_of(db: &Db) -> Option<End> {
    read!(db, |tx| transfer::end_of(tx))
}

pub async fn there_and_back_over_both_engines_nothing_is_lost(world: World) {
    fill(&world).await;
    let mut copies = vec![
        empty(&world, TestDatabase::sqlite()).await,
        empty(&world, TestDatabase::postgres().await).await,
        empty(&world, world.another_database().await).await,
    ];
    let mut from = world.db.clone();
    let mut all = Vec::new();
    for copy in &copies {
        all.push(transfer(&from, &copy.db).await.unwrap());
        assert_eq!(end_of(&from).await, Some(End::Source));
        assert_eq!(end_of(&copy.db).await, None, "it is whole");
        from = copy.db.clone();
    }
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], all[2]);
    let rows = |table| all[0].iter().find(|sum| sum.table == table).unwrap().rows;
    assert_eq!(rows("rate_limits"), 1_200);
    assert!(rows("portings") >= 3 && rows("events") >= 1 && rows("connect_sessions") == 1);
    // The last one opens what the first one sealed.
    let last = copies.pop().unwrap();
    assert!(!last.database.url().is_empty());
    let filter = portico_store::portings::Filter::default();
    let page = portico_store::PageRequest {
        limit: 10,
        ..Default::default()
    };
    let portings = read!(last.db, |tx| portico_store::portings::list(
        tx, "acme", &filter, &page
    ));
    assert_eq!(portings.items.len() as i64, rows("portings"));
}

pub async fn an_interrupted_move_goes_on_where_it_was(world: World) {
    fill(&world).await;
    let copy = empty(&world, world.another_database().await).await;
    // Cut off in the middle of a table, as a crash would.
    let (told, mut cut) = tokio::sync::oneshot::channel::<()>();
    let mut told = Some(told);
    let mut report = |step: Step| {
        if step.table == "rate_limits" {
            told.take();
        }
    };
    tokio::select! {
        biased;
        _ = &mut cut => {}
        done = transfer::copy(&world.db, &copy.db, &mut report) => panic!("too fast: {done:?}"),
    }
    assert_eq!(end_of(&copy.db).await, Some(End::Target));
    let mut first = None;
    let mut report = |step: Step| {
        if step.table == "rate_limits" {
            first.get_or_insert(step.done);
        }
    };
    transfer::copy(&world.db, &copy.db, &mut report)
        .await
        .unwrap();
    assert!(
        first >= Some(1_000),
        "the first batch is not copied again: {first:?}"
    );
    let sums = transfer::compare(&world.db, &copy.db, &mut |_| {})
        .await
        .unwrap();
    assert!(sums.iter().any(|sum| sum.rows == 1_200));
}

pub async fn a_target_that_holds_anything_is_refused_and_stays_as_it_is(world: World) {
    let other = world.another_world().await;
    let refused = transfer(&world.db, &other.db).await;
    assert!(matches!(refused, Err(TransferError::NotEmpty("projects"))));
    assert_eq!(end_of(&world.db).await, None, "the source is not marked");
    assert_eq!(read!(other.db, |tx| projects::all(tx)).len(), 1);

    // Half of another move is not filled up with this one.
    let copy = empty(&world, world.another_database().await).await;
    transfer::copy(&other.db, &copy.db, &mut |_| {})
        .await
        .unwrap();
    let refused = transfer(&world.db, &copy.db).await;
    assert!(matches!(refused, Err(TransferError::OtherMove)));
}

pub async fn what_was_written_meanwhile_is_noticed(world: World) {
    let copy = empty(&world, world.another_database().await).await;
    transfer::copy(&world.db, &copy.db, &mut |_| {})
        .await
        .unwrap();
    world.user().await;
    let mut phases = Vec::new();
    let refused = transfer::compare(&world.db, &copy.db, &mut |step| phases.push(step.phase)).await;
    let Err(TransferError::Differ(tables)) = refused else {
        panic!("the difference is not noticed: {refused:?}");
    };
    assert_eq!(tables, "users");
    assert!(phases.iter().all(|phase| *phase == Phase::Compare));
    assert_eq!(end_of(&copy.db).await, Some(End::Target), "it is not whole");
    write!(world.db, [], |tx| transfer::release(tx)).unwrap();
    assert_eq!(end_of(&world.db).await, None);
}
