//! What the tests of every crate start from.
//!
//! [`TestApp`] is the real product below its entry points: operations, a database of its own and
//! the simulator. Only the clock is special: it stands still until a test moves it. Whatever goes
//! wrong here is a failed test, so everything panics with a sentence instead of returning errors.

pub mod backend;
mod books;
mod cluster;
mod database;
mod death;
mod dice;
mod make;
mod read;
pub mod receiver;
pub mod sample;
mod stored;
pub mod telnyx;

use std::sync::Arc;

pub use books::{Books, Totals};
pub use cluster::PostgresServer;
pub use database::{Refused, TestDatabase};
pub use death::die_after;
pub use dice::Dice;
use jiff::{SignedDuration, Timestamp};
use portico_ambient::{Ambient, ManualClock};
use portico_app::{App, Config, projects, sessions::Opener};
use portico_carrier::{
    Gateways,
    simulator::{PROVIDERS, Simulator},
};
use portico_domain::{
    event::Actor,
    project::{Project, ProjectType},
    session::OpenedIn,
};
use portico_store::{Db, Vault};

/// 32 bytes in base64: the encryption key of every test database.
pub const ENCRYPTION_KEY: &str = "cG9ydGljbyB0ZXN0IGtleSwgbmV2ZXIgZm9yIHJlYWw=";

/// When every test begins, a Monday.
pub const START: &str = "2026-03-02T10:00:00Z";

/// Whoever opens a link with a browser.
pub const OPENER: Opener<'static> = Opener {
    place: OpenedIn::Window,
    client: "127.0.0.1",
    cookie: "what the browser of a test shows",
};

/// What can differ from one test to the next.
#[derive(Debug, Clone)]
pub struct Options {
    /// What the operator decided.
    pub config: Config,
    /// Whether the project moves real numbers.
    pub kind: ProjectType,
    /// What every time of the simulator is multiplied by.
    pub time_scale: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            config: Config::default(),
            kind: ProjectType::Test,
            time_scale: 1.0,
        }
    }
}

/// An app on a database of its own, which goes away with it.
pub struct TestApp {
    /// The app under test.
    pub app: App,
    /// Its clock; stands still until moved.
    pub clock: ManualClock,
    /// A project with self-service repair switched on.
    pub project: Project,
    options: Options,
    database: TestDatabase,
}

impl TestApp {
    /// A test project on an empty, migrated database.
    pub async fn new() -> Self {
        Self::with(Options::default()).await
    }

    /// As [`TestApp::new`], with other options.
    pub async fn with(options: Options) -> Self {
        let start: Timestamp = START.parse().expect("a well-formed time");
        let clock = ManualClock::frozen_at(start);
        let database = TestDatabase::new().await;
        let app = open(&database, &clock, &options).await;
        app.db.migrate().await.expect("an empty database migrates");
        let kind = options.kind;
        let project = app
            .write(move |tx, _| {
                Box::pin(async move {
                    let actor = Actor::operator();
                    projects::create(tx, &actor, "acme", kind).await?;
                    projects::update(tx, &actor, "acme", sample::settings()).await
                })
            })
            .await
            .expect("the first project can be created");
        Self {
            app,
            clock,
            project,
            options,
            database,
        }
    }

    /// Closes the database and opens it again, as the next process would after a clean end or a
    /// crash. The clock goes on where it was.
    #[must_use]
    pub async fn reopen(self) -> Self {
        self.app.db.close().await;
        let app = open(&self.database, &self.clock, &self.options).await;
        Self { app, ..self }
    }

    /// Another node on the same database, with a clock of its own.
    pub async fn node(&self, clock: &ManualClock) -> App {
        open(&self.database, clock, &self.options).await
    }

    /// Moves the clock.
    pub fn advance(&self, by: SignedDuration) {
        self.clock.advance(by);
    }

    /// The present instant of the test.
    pub fn now(&self) -> Timestamp {
        self.app.db.ambient().now()
    }

    /// The database, to open it a second time or to look at what it keeps.
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }
}

async fn open(database: &TestDatabase, clock: &ManualClock, options: &Options) -> App {
    let ambient = Ambient::with_clock(clock.clock());
    let vault = Vault::new(ENCRYPTION_KEY, ambient.random.clone()).expect("32 bytes in base64");
    let db = Db::open(&database.url(), vault, ambient)
        .await
        .expect("the database opens");
    let simulator = Arc::new(Simulator::new(db.clone(), options.time_scale));
    let gateways = PROVIDERS
        .into_iter()
        .fold(Gateways::default(), |gateways, provider| {
            gateways.with(provider, simulator.clone())
        });
    App::new(db, gateways, options.config.clone())
}
