use jiff::{SignedDuration, Timestamp};
use portico_ambient::{Ambient, ManualClock};
use portico_domain::project::Project;
use portico_store::{Db, Vault, projects, tables::Kind};
use portico_testkit::{ENCRYPTION_KEY, Refused, START, TestDatabase};

use crate::samples;

/// Writes: clones what it needs for each run, and answers with the operation's result.
macro_rules! write {
    ($db:expr, [$($var:ident),* $(,)?], |$tx:ident| $work:expr) => {{
        $(let $var = $var.clone();)*
        $db.write::<_, portico_store::StoreError, _>(move |$tx| {
            $(let $var = $var.clone();)*
            Box::pin(async move { $work.await })
        })
        .await
    }};
}

/// Reads in a transaction of its own.
macro_rules! read {
    ($db:expr, |$tx:ident| $work:expr) => {{
        let mut view = $db.read().await.unwrap();
        let $tx = &mut view;
        $work.await.unwrap()
    }};
}

const ANOTHER_KEY: &str = "YW5vdGhlciB0ZXN0IGtleSwgbmV2ZXIgZm9yIHJlYWw=";

/// One engine's database, empty but for a project.
pub struct World {
    pub db: Db,
    pub clock: ManualClock,
    pub project: Project,
    database: TestDatabase,
}

/// A SQLite file in a directory of its own.
pub async fn sqlite() -> World {
    World::on(TestDatabase::sqlite()).await
}

/// A schema of the tests' PostgreSQL.
pub async fn postgres() -> World {
    World::on(TestDatabase::postgres().await).await
}

impl World {
    async fn on(database: TestDatabase) -> Self {
        let clock = ManualClock::frozen_at(START.parse().unwrap());
        let db = open(&database.url(), &clock, ENCRYPTION_KEY).await;
        db.migrate().await.unwrap();
        let project = samples::project("acme", db.ambient().now());
        write!(db, [project], |tx| projects::insert(tx, &project)).unwrap();
        Self {
            db,
            clock,
            project,
            database,
        }
    }

    /// The same database as another process would open it.
    pub async fn another_process(&self) -> Db {
        open(&self.database.url(), &self.clock, ENCRYPTION_KEY).await
    }

    /// The same database opened with another encryption key.
    pub async fn with_another_key(&self) -> Db {
        open(&self.database.url(), &self.clock, ANOTHER_KEY).await
    }

    /// The same database opened with another encryption key, and with the first to open what that
    /// sealed.
    pub async fn with_both_keys(&self) -> Db {
        let ambient = Ambient::with_clock(self.clock.clock());
        let vault = Vault::new(ANOTHER_KEY, ambient.random.clone()).unwrap();
        let vault = vault.opening([ENCRYPTION_KEY]).unwrap();
        Db::open(&self.database.url(), vault, ambient)
            .await
            .unwrap()
    }

    /// What [`Db::open`] takes.
    pub fn url(&self) -> String {
        self.database.url()
    }

    /// Where its file is.
    pub fn dir(&self) -> &std::path::Path {
        self.database.dir()
    }

    /// An empty database of the same engine.
    pub async fn another_database(&self) -> TestDatabase {
        self.database.another().await
    }

    /// Another world on the same engine.
    pub async fn another_world(&self) -> Self {
        Self::on(self.database.another().await).await
    }

    /// A second database of the same engine that nobody has migrated.
    pub async fn unmigrated(&self) -> (TestDatabase, Db) {
        let database = self.database.another().await;
        let db = open(&database.url(), &self.clock, ENCRYPTION_KEY).await;
        (database, db)
    }

    /// Closes the database and opens it again.
    pub async fn reopen(self) -> Self {
        self.db.close().await;
        let db = self.another_process().await;
        Self { db, ..self }
    }

    /// Everything the engine stores, as bytes: what somebody who steals the disk gets.
    pub async fn stolen(&self) -> Vec<u8> {
        self.database.stolen().await
    }

    /// The text and the number of each row of a query, past the store.
    pub async fn counts(&self, sql: &'static str) -> Vec<(String, i64)> {
        self.database.counts(sql).await
    }

    /// Runs a statement past the store, as a tool of the operator's would.
    pub async fn by_hand(&self, sql: impl Into<String>) -> Result<(), Refused> {
        self.database.by_hand(sql).await
    }

    /// Every column as the engine describes it: table, name, type and place in the primary key.
    pub async fn schema(&self) -> Vec<String> {
        self.database.schema().await
    }

    /// The same of a column as [`portico_store::tables`] lists it; `part` counts from 0.
    pub fn describe(&self, table: &str, column: &str, kind: Kind, part: Option<usize>) -> String {
        let kind = match (kind, self.database.is_postgres()) {
            (Kind::Text | Kind::Date | Kind::Json, false) => "TEXT",
            (Kind::Int | Kind::Bool | Kind::Time, false) => "INTEGER",
            (Kind::Blob, false) => "BLOB",
            // Text that is not compared byte by byte would sort ids differently.
            (Kind::Text, true) => "text C",
            (Kind::Int, true) => "bigint",
            (Kind::Bool, true) => "boolean",
            (Kind::Blob, true) => "bytea",
            (Kind::Time, true) => "timestamp with time zone",
            (Kind::Date, true) => "date",
            (Kind::Json, true) => "jsonb",
        };
        let part = part.map_or(0, |part| part + 1);
        format!("{table}.{column} {kind} {part}")
    }

    pub fn now(&self) -> Timestamp {
        self.db.ambient().now()
    }

    pub fn advance_seconds(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }
}

async fn open(url: &str, clock: &ManualClock, key: &str) -> Db {
    let ambient = Ambient::with_clock(clock.clock());
    let vault = Vault::new(key, ambient.random.clone()).unwrap();
    Db::open(url, vault, ambient).await.unwrap()
}
