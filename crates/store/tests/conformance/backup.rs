//! Copies of a SQLite file. PostgreSQL has tools of its own.

use portico_domain::porting::State;
use portico_store::{
    Db, Vault,
    attempts::{self, Attempt, AttemptState},
    backup::{self, BackupError},
    projects,
};
use portico_testkit::ENCRYPTION_KEY;

use crate::harness::{World, sqlite};

async fn waiting(world: &World) -> String {
    let porting = world.porting(State::Pending).await;
    let attempt = Attempt {
        reference: porting.reference(),
        porting: porting.id,
        number: 1,
        state: AttemptState::Waiting,
        calls: 0,
        created_at: world.now(),
        accepted_at: None,
        unreadable_since: None,
        open_call: None,
    };
    write!(world.db, [attempt], |tx| attempts::insert(tx, &attempt)).unwrap();
    attempt.reference
}

async fn open(world: &World, path: &std::path::Path) -> Db {
    let ambient = world.db.ambient().clone();
    let vault = Vault::new(ENCRYPTION_KEY, ambient.random.clone()).unwrap();
    Db::open(&format!("sqlite://{}", path.display()), vault, ambient)
        .await
        .unwrap()
}

#[tokio::test]
async fn what_waits_to_be_sent_is_asked_about_first_in_the_copy() {
    let world = sqlite().await;
    let reference = waiting(&world).await;
    let path = world.dir().join("a copy, 100%.db");
    backup::sqlite(&world.url(), &path).unwrap();
    let copy = open(&world, &path).await;
    let found = read!(copy, |tx| attempts::find(tx, &reference)).unwrap();
    assert_eq!(found.state, AttemptState::Sending);
    let untouched = read!(world.db, |tx| attempts::find(tx, &reference)).unwrap();
    assert_eq!(untouched.state, AttemptState::Waiting);
    assert_eq!(read!(copy, |tx| projects::all(tx)).len(), 1);
}

#[tokio::test]
async fn an_existing_file_stays_as_it_is() {
    let world = sqlite().await;
    let path = world.dir().join("copy.db");
    std::fs::write(&path, "somebody's").unwrap();
    let refused = backup::sqlite(&world.url(), &path);
    assert!(matches!(refused, Err(BackupError::Exists)));
    assert_eq!(std::fs::read(&path).unwrap(), b"somebody's");
}

#[tokio::test]
async fn a_failed_backup_leaves_no_file() {
    let world = sqlite().await;
    world.by_hand("DROP TABLE rate_limits").await.unwrap();
    let path = world.dir().join("copy.db");
    let refused = backup::sqlite(&world.url(), &path);
    assert!(refused.is_err());
    let names = std::fs::read_dir(world.dir()).unwrap();
    let left = names.filter(|name| {
        let name = name.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with("copy")
    });
    assert_eq!(left.count(), 0);
}
