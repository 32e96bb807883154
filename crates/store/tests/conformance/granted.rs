//! What an operation takes for granted where a question costs much, and asks elsewhere. Each clause of
//! the check stands for itself: another process of its own has no doubt yet.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering::SeqCst},
};

use portico_domain::{
    id::{SubscriptionId, UserId},
    porting::State,
    user::UserStatus,
};
use portico_store::{
    Db, EngineKind, StoreError, Tx,
    api_keys::{self, Opened},
    jobs, projects, subscriptions, users,
};

use crate::harness::World;

/// A subscription as it usually is when a session is created, and its user.
async fn usual(world: &World, state: State) -> (SubscriptionId, UserId) {
    let porting = world.porting(state).await;
    let id = porting.subscription.unwrap();
    let found = read!(world.db, |tx| subscriptions::find(tx, "acme", id));
    let mut subscription = found.unwrap();
    subscription.porting = Some(porting.id);
    write!(world.db, [subscription], |tx| subscriptions::update(
        tx,
        &subscription
    ))
    .unwrap();
    (id, subscription.user)
}

/// How often an operation ran that took a subscription and its user for granted, and whether what it
/// wrote was kept on that ground.
async fn granted(db: &Db, project: &str, ids: (SubscriptionId, UserId)) -> (u32, bool) {
    let (runs, project) = (Arc::<AtomicU32>::default(), project.to_owned());
    let kept = write!(db, [runs, project], |tx| async {
        runs.fetch_add(1, SeqCst);
        let granted = subscriptions::take_for_granted(tx, &project, ids.0, ids.1);
        let now = tx.now();
        jobs::enqueue(tx, "kind", &format!("{granted}"), now).await?;
        Ok(granted)
    });
    (runs.load(SeqCst), kept.unwrap())
}

/// The same of a key.
async fn open(db: &Db, known: &Opened) -> (u32, bool) {
    let runs = Arc::<AtomicU32>::default();
    let known = known.clone();
    let kept = write!(db, [runs, known], |tx| async {
        runs.fetch_add(1, SeqCst);
        let is_open = api_keys::still_opens(tx, &known).await?;
        let now = tx.now();
        jobs::enqueue(tx, "kind", &format!("{is_open}"), now).await?;
        Ok(is_open)
    });
    (runs.load(SeqCst), kept.unwrap())
}

/// What an operation comes to whose ground was not there.
fn missed(db: &Db) -> (u32, bool) {
    match db.engine() {
        EngineKind::Sqlite => (1, false),
        EngineKind::Postgres => (2, false),
    }
}

pub async fn what_is_usual_costs_no_second_run(world: World) {
    let takes = world.db.engine() == EngineKind::Postgres;
    for state in [State::InformationRequired, State::Pending] {
        let ids = usual(&world, state).await;
        assert_eq!(granted(&world.db, "acme", ids).await, (1, takes));
    }
}

pub async fn what_is_not_as_it_was_taken_for_granted_is_not_kept(world: World) {
    let (subscription, user) = usual(&world, State::Pending).await;
    let other = world.user().await.id;
    let closed = usual(&world, State::Completed(world.now())).await;
    let without = world.subscription().await;
    let blocked = usual(&world, State::Pending).await;
    let found = read!(world.db, |tx| users::find(tx, "acme", blocked.1));
    let mut changed = found.unwrap();
    changed.status = UserStatus::Blocked;
    write!(world.db, [changed], |tx| users::update(tx, &changed)).unwrap();
    for (project, ids) in [
        ("acme", (world.id(), user)),
        ("other", (subscription, user)),
        ("acme", (subscription, other)),
        ("acme", (subscription, world.id())),
        ("acme", closed),
        ("acme", (without.id, without.user)),
        ("acme", blocked),
    ] {
        let db = world.another_process().await;
        assert_eq!(granted(&db, project, ids).await, missed(&db), "{ids:?}");
        let again = granted(&db, project, ids).await;
        assert_eq!(again, (1, false), "asked beforehand from then on");
    }
    let kept = read!(world.db, |tx| jobs::tries_of(tx, "kind", "true"));
    assert_eq!(kept, None);
}

pub async fn where_it_was_not_so_just_now_nothing_is_taken_for_granted(world: World) {
    let ids = usual(&world, State::Pending).await;
    let doubt = async |tx: &mut Tx| {
        subscriptions::doubt(tx, "acme");
        Ok::<_, StoreError>(())
    };
    read!(world.db, |tx| doubt(tx));
    assert_eq!(granted(&world.db, "acme", ids).await, (1, false));
    let takes = world.db.engine() == EngineKind::Postgres;
    world.advance_seconds(5 * 60);
    assert_eq!(granted(&world.db, "acme", ids).await, (1, takes));
}

pub async fn a_key_that_was_valid_is_asked_for_again(world: World) {
    let id = world.api_key().await.id;
    let known = read!(world.db, |tx| api_keys::opens(tx, id)).unwrap();
    assert_eq!(open(&world.db, &known).await, (1, true));

    let mut settings = world.project.settings.clone();
    settings.link_lifetime_seconds += 1;
    write!(world.db, [settings], |tx| projects::update_settings(
        tx, "acme", &settings
    ))
    .unwrap();
    let db = world.another_process().await;
    assert_eq!(open(&db, &known).await, missed(&db));
    let known = read!(world.db, |tx| api_keys::opens(tx, id)).unwrap();
    assert_eq!(
        open(&world.another_process().await, &known).await,
        (1, true)
    );

    assert!(write!(world.db, [id], |tx| api_keys::revoke(tx, id)).unwrap());
    let db = world.another_process().await;
    assert_eq!(open(&db, &known).await, missed(&db));
    assert!(read!(world.db, |tx| api_keys::opens(tx, id)).is_none());
}

/// Another process may revoke a key at any time, also while this one uses it in one transaction after the
/// other.
pub async fn a_key_that_another_process_revokes_is_not_taken_for_open_any_more(world: World) {
    let id = world.api_key().await.id;
    let known = read!(world.db, |tx| api_keys::opens(tx, id)).unwrap();
    assert_eq!(open(&world.db, &known).await, (1, true));
    let other = world.another_process().await;
    assert!(write!(other, [id], |tx| api_keys::revoke(tx, id)).unwrap());
    assert_eq!(open(&world.db, &known).await, missed(&world.db));
}

/// Nor after a transaction of which nothing was kept.
pub async fn a_key_that_was_open_for_nothing_is_asked_for_again(world: World) {
    let id = world.api_key().await.id;
    let known = read!(world.db, |tx| api_keys::opens(tx, id)).unwrap();
    let failed = write!(world.db, [known], |tx| async {
        assert!(api_keys::still_opens(tx, &known).await?);
        Err::<(), _>(StoreError::Stale("what it was about"))
    });
    assert!(failed.is_err());
    let other = world.another_process().await;
    assert!(write!(other, [id], |tx| api_keys::revoke(tx, id)).unwrap());
    assert_eq!(open(&world.db, &known).await, missed(&world.db));
}

/// Operations share transactions, and the later ones know what the earlier ones did.
pub async fn a_key_is_asked_for_again_after_a_change_in_the_same_transaction(world: World) {
    let id = world.api_key().await.id;
    let known = read!(world.db, |tx| api_keys::opens(tx, id)).unwrap();
    let settings = world.project.settings.clone();
    let seen = write!(world.db, [known, settings], |tx| async {
        let mut seen = Vec::new();
        // Where a message to the database is dear, a key is taken for granted before.
        let asks = async |tx: &mut Tx| match tx.is_rerun() {
            true => api_keys::still_opens(tx, &known).await,
            false => Err(StoreError::Conflict),
        };
        seen.push(asks(tx).await?);
        seen.push(asks(tx).await?);
        let mut other = settings.clone();
        other.link_lifetime_seconds += 1;
        projects::update_settings(tx, "acme", &other).await?;
        seen.push(asks(tx).await?);
        projects::update_settings(tx, "acme", &settings).await?;
        seen.push(asks(tx).await?);
        api_keys::revoke(tx, id).await?;
        seen.push(asks(tx).await?);
        Ok::<_, StoreError>(seen)
    });
    assert_eq!(seen.unwrap(), [true, true, false, true, false]);
}
