use portico_store::{SchemaState, projects};

use crate::harness::World;

pub async fn migrating_again_changes_nothing(world: World) {
    world.db.migrate().await.unwrap();
    assert_eq!(world.db.schema_state().await.unwrap(), SchemaState::Current);
    let world = world.reopen().await;
    world.db.migrate().await.unwrap();
    assert_eq!(read!(world.db, |tx| projects::all(tx)).len(), 1);
    assert_eq!(world.db.schema_state().await.unwrap(), SchemaState::Current);
}

pub async fn an_empty_database_is_older_until_it_is_migrated(world: World) {
    let (_database, db) = world.unmigrated().await;
    assert_eq!(db.schema_state().await.unwrap(), SchemaState::Older);
    db.migrate().await.unwrap();
    assert_eq!(db.schema_state().await.unwrap(), SchemaState::Current);
}

pub async fn what_a_later_version_added_is_noticed(world: World) {
    let later = "INSERT INTO _sqlx_migrations \
                 (version, description, success, checksum, execution_time) \
                 VALUES (9999, 'later', TRUE, '\\x00', 0)";
    world.by_hand(later).await.unwrap();
    assert_eq!(world.db.schema_state().await.unwrap(), SchemaState::Newer);
}
