//! Rows 1 to 4: a session is created.

mod postgres;
mod sqlite;

use std::time::Duration;

pub use self::{postgres::on_postgres, sqlite::on_sqlite};
use super::Bench;
use crate::{
    grown::{postgres::Database, sqlite::File},
    load::{Load, Measured},
    rounds::{Outcome, Rounds},
    seed::{SUBSCRIPTIONS, Seed},
    subject::{Server, Subject},
    table::{Row, Sense, figure},
};

/// Numbers set aside for one run; far more than it takes.
const ROOM: u64 = 1_000_000;
/// The first second of a server that was started for a run, and of a loop beside it, is not counted.
pub const WARM_UP: Duration = Duration::from_secs(1);

/// A seeded server.
pub struct Creating {
    /// The server.
    pub server: Server,
    /// Who calls.
    pub seed: Seed,
}

impl Creating {
    /// Starts the product on a new SQLite database and fills it.
    ///
    /// # Errors
    /// It does not start, or refuses.
    pub fn start(subject: &Subject) -> anyhow::Result<Self> {
        let key = subject.prepare()?;
        let server = subject.serve()?;
        let file = File::open(&subject.file()?)?;
        let seed = Seed::copied(server.address, key, &file, SUBSCRIPTIONS)?;
        Ok(Self { server, seed })
    }

    /// The same on a database of the private cluster.
    ///
    /// # Errors
    /// It does not start, or refuses.
    pub fn on_postgres(bench: &Bench, name: &str) -> anyhow::Result<Self> {
        let url = bench.postgres.database(name)?;
        let subject = Subject::new(&bench.binary, &bench.dir, url)?;
        let key = subject.prepare()?;
        let server = subject.serve()?;
        let postgres = &bench.postgres;
        let database = Database { postgres, name };
        let seed = Seed::copied(server.address, key, &database, SUBSCRIPTIONS)?;
        Ok(Self { server, seed })
    }

    /// Creates sessions for a while.
    ///
    /// # Errors
    /// A creation failed.
    pub fn run(&self, connections: usize, duration: Duration) -> anyhow::Result<Measured> {
        let load = Load {
            address: self.server.address,
            connections,
            duration,
            first: self.seed.numbers(ROOM),
            requests: self.seed.creations(),
            status: 201,
        };
        load.run()
    }
}

/// Creations on a server that was started for them.
pub struct Fresh {
    /// After the first second.
    pub measured: Measured,
    /// With those of the first second: their processor time counts too.
    pub all: u64,
}

impl From<Fresh> for Outcome {
    fn from(fresh: Fresh) -> Self {
        Self {
            figure: fresh.measured.rate,
            operations: Some(fresh.all),
        }
    }
}

impl Fresh {
    /// Starts a server on a database that is seeded, creates sessions for a while, and stops it.
    ///
    /// # Errors
    /// It does not start, or a creation failed.
    pub fn run(
        subject: &Subject,
        seed: &Seed,
        connections: usize,
        duration: Duration,
    ) -> anyhow::Result<Self> {
        Self::noting(subject, seed, (connections, duration), || Ok(0)).map(|(fresh, _)| fresh)
    }

    /// The same, with how far `count` went on meanwhile.
    fn noting(
        subject: &Subject,
        seed: &Seed,
        load: (usize, Duration),
        count: impl Fn() -> anyhow::Result<u32>,
    ) -> anyhow::Result<(Self, u32)> {
        let (connections, duration) = load;
        let creating = Creating {
            server: subject.serve()?,
            seed: seed.clone(),
        };
        let warm = creating.run(connections, WARM_UP)?;
        let before = count()?;
        let measured = creating.run(connections, duration)?;
        let counted = count()?.wrapping_sub(before);
        creating.server.stop()?;
        let all = warm.count + measured.count;
        Ok((Self { measured, all }, counted))
    }
}

/// What the product came to, for the table.
fn told(rounds: &Rounds, p99: f64) -> String {
    let rate = figure(rounds.median("creates"));
    format!("{rate}/s, p99 {} ms", figure(p99))
}

fn one_connection(engine: &str, ceiling: &'static str, rounds: &Rounds) -> Row {
    let what = format!("session create, {engine}, one connection, median");
    let milliseconds = |name| format!("{} ms", figure(rounds.median(name)));
    Row::new(
        3,
        &what,
        Sense::AtMost,
        (3.0, 2.0),
        rounds.ratio("median", ceiling),
    )
    .unit("×")
    .against(milliseconds(ceiling), milliseconds("median"))
    .rounds(rounds.json(), rounds.spread("median", ceiling))
}
