use jiff::{SignedDuration, Timestamp};
use portico_ambient::{Ambient, ManualClock};
use portico_domain::project::Project;
use portico_store::{Db, Vault, projects};
use portico_testkit::{ENCRYPTION_KEY, START};
use tempfile::TempDir;

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

/// One engine's database, empty but for a project.
pub struct World {
    pub db: Db,
    pub clock: ManualClock,
    pub project: Project,
    engine: Engine,
}

enum Engine {
    Sqlite(TempDir),
}

/// A SQLite file in a directory of its own.
pub async fn sqlite() -> World {
    let dir = tempfile::tempdir().unwrap();
    World::on(Engine::Sqlite(dir)).await
}

impl Engine {
    fn url(&self) -> String {
        match self {
            Self::Sqlite(dir) => format!("sqlite://{}", dir.path().join("test.db").display()),
        }
    }
}

impl World {
    async fn on(engine: Engine) -> Self {
        let clock = ManualClock::frozen_at(START.parse().unwrap());
        let db = open(&engine.url(), &clock, ENCRYPTION_KEY).await;
        db.migrate().await.unwrap();
        let project = samples::project("acme", db.ambient().now());
        write!(db, [project], |tx| projects::insert(tx, &project)).unwrap();
        Self {
            db,
            clock,
            project,
            engine,
        }
    }

    /// The same database as another process would open it.
    pub async fn another_process(&self) -> Db {
        open(&self.engine.url(), &self.clock, ENCRYPTION_KEY).await
    }

    /// The same database opened with another encryption key.
    pub async fn with_another_key(&self) -> Db {
        let key = "YW5vdGhlciB0ZXN0IGtleSwgbmV2ZXIgZm9yIHJlYWw=";
        open(&self.engine.url(), &self.clock, key).await
    }

    /// A second database of the same engine that nobody has migrated.
    pub async fn unmigrated(&self) -> Db {
        match &self.engine {
            Engine::Sqlite(dir) => {
                let url = format!("sqlite://{}", dir.path().join("second.db").display());
                open(&url, &self.clock, ENCRYPTION_KEY).await
            }
        }
    }

    /// Closes the database and opens it again.
    pub async fn reopen(self) -> Self {
        self.db.close().await;
        let db = self.another_process().await;
        Self { db, ..self }
    }

    /// Everything the engine stores, as bytes: what somebody who steals the disk gets.
    pub fn stolen(&self) -> Vec<u8> {
        match &self.engine {
            Engine::Sqlite(dir) => std::fs::read_dir(dir.path())
                .unwrap()
                .flat_map(|file| std::fs::read(file.unwrap().path()).unwrap())
                .collect(),
        }
    }

    /// Runs a statement past the store, as a tool of the operator's would.
    pub async fn by_hand(&self, sql: &'static str) -> Result<(), sqlx::Error> {
        use sqlx::Connection;
        match &self.engine {
            Engine::Sqlite(_) => {
                let mut conn = sqlx::SqliteConnection::connect(&self.engine.url()).await?;
                sqlx::query(sql).execute(&mut conn).await?;
                conn.close().await
            }
        }
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
