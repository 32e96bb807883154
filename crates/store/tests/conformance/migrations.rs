//! What the version before has written, after a migration.

use portico_domain::{event::EventType, session::OpenedIn};
use portico_store::{Db, PageRequest, Place, SchemaState, Vault, events, sessions};
use portico_testkit::TestDatabase;
use sqlx::migrate::Migrator;

use crate::harness::World;

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// A database as it was up to that migration.
async fn as_of(version: i64, world: &World) -> (TestDatabase, Db) {
    let (database, db) = world.unmigrated().await;
    let (migrations, time, bytes) = if database.is_postgres() {
        (&POSTGRES, "TIMESTAMPTZ", "BYTEA")
    } else {
        (&SQLITE, "TIMESTAMP", "BLOB")
    };
    let table = format!(
        "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
         installed_on {time} NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, \
         checksum {bytes} NOT NULL, execution_time BIGINT NOT NULL)"
    );
    database.by_hand(table).await.unwrap();
    for known in migrations.iter().filter(|known| known.version <= version) {
        database.by_hand(known.sql.as_str()).await.unwrap();
        let checksum = literal(&database, &known.checksum);
        let applied = format!(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             VALUES ({}, '{}', TRUE, {checksum}, 0)",
            known.version, known.description
        );
        database.by_hand(applied).await.unwrap();
    }
    (database, db)
}

fn literal(database: &TestDatabase, bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    if database.is_postgres() {
        format!("'\\x{digits}'")
    } else {
        format!("X'{digits}'")
    }
}

fn time(database: &TestDatabase, seconds: i64) -> String {
    if database.is_postgres() {
        format!("to_timestamp({seconds})")
    } else {
        format!("{seconds}000000")
    }
}

/// Documents were sealed as they are then.
fn sealed(vault: &Vault, event: &str, column: &'static str) -> Vec<u8> {
    let place = Place {
        table: "events",
        row: event,
        column,
    };
    vault.seal(place, format!(r#"{{"of":"{event}"}}"#).as_bytes())
}

const SUBJECT: &str = "csn_0000000000000000000000000001";
/// A session that was opened in a browser.
const OPENED: &str = "csn_0000000000000000000000000002";
const IDS: [&str; 3] = [
    "evt_0000000000000000000000000001",
    "evt_0000000000000000000000000002",
    "evt_0000000000000000000000000003",
];

async fn fill(database: &TestDatabase, vault: &Vault) {
    let at = time(database, 1_800_000_000);
    // The last waits for its endpoints.
    for (number, id) in (1..).zip(IDS) {
        let outbox = if number == 3 { at.as_str() } else { "NULL" };
        let insert = format!(
            "INSERT INTO events (id, project, type, subject, sequence, actor_type, actor_id, time, \
             data_sealed, previous_sealed, outbox_at) VALUES ('{id}', 'acme', \
             'connectSession.updated', '{SUBJECT}', {number}, 'apiKey', 'apk_1', {at}, {}, {}, {outbox})",
            literal(database, &sealed(vault, id, "data")),
            literal(database, &sealed(vault, id, "previous")),
        );
        database.by_hand(insert).await.unwrap();
    }
    let hash = literal(database, &[7; 32]);
    let none = "NULL";
    for (id, status, cookie, seen) in [
        (SUBJECT, "created", none, none),
        (OPENED, "opened", hash.as_str(), at.as_str()),
    ] {
        let session = format!(
            "INSERT INTO connect_sessions (id, project, subscription_id, intent, status, \
             cookie_hash, redeemed_at, seen_at, no_pending_porting, created_at, expires_at) VALUES \
             ('{id}', 'acme', 'sub_0000000000000000000000000001', 'completePorting', '{status}', \
             {cookie}, {seen}, {seen}, FALSE, {at}, {at})"
        );
        database.by_hand(session).await.unwrap();
    }
}

pub async fn every_row_of_before_is_there_after_the_tables_became_smaller(world: World) {
    let (database, db) = as_of(3, &world).await;
    assert_eq!(db.schema_state().await.unwrap(), SchemaState::Older);
    fill(&database, db.vault()).await;
    db.migrate().await.unwrap();

    assert_eq!(db.schema_state().await.unwrap(), SchemaState::Current);
    let page = PageRequest {
        limit: 10,
        ..PageRequest::default()
    };
    let found = read!(db, |tx| events::list(tx, "acme", (None, None), &page));
    let ids: Vec<_> = found.items.iter().rev().map(|it| it.id.as_str()).collect();
    assert_eq!(ids, IDS);
    for (number, event) in (1..).zip(found.items.iter().rev()) {
        assert_eq!(event.sequence, number);
        assert_eq!(event.kind, EventType::SessionUpdated.as_str());
        assert_eq!(event.actor_id.as_deref(), Some("apk_1"));
        assert_eq!(event.time.as_second(), 1_800_000_000);
        assert_eq!(event.data["of"], event.id.as_str());
        assert_eq!(event.previous.as_ref(), Some(&event.data));
    }
    let waiting = "SELECT id, sequence FROM events WHERE outbox_at IS NOT NULL";
    assert_eq!(database.counts(waiting).await, [(IDS[2].to_owned(), 3)]);
    let session = SUBJECT.parse().unwrap();
    let waits = read!(db, |tx| sessions::get(tx, session)).unwrap();
    assert_eq!(waits.opened_in, None);
    let session = OPENED.parse().unwrap();
    let opened = read!(db, |tx| sessions::get(tx, session)).unwrap();
    assert_eq!(opened.opened_in, Some(OpenedIn::Window), "as every one was");
    // What held before still holds.
    let again = "INSERT INTO events SELECT 'evt_0', project, type, subject, sequence, actor_type, \
                 actor_id, time, data_sealed, previous_sealed, outbox_at FROM events";
    assert!(database.by_hand(again).await.is_err(), "numbers are unique");
}
