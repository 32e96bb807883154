//! Rows 1 to 4: a session is created.

use std::{
    cell::{Cell, RefCell},
    path::Path,
    time::Duration,
};

use super::{Bench, CONNECTIONS};
use crate::{
    cpu::Meter,
    grown::{postgres::Database, sqlite::File},
    load::{Load, Measured},
    node::Node,
    pgbench,
    raw_sqlite::{self, RawSqlite, Rows},
    rounds::{Rounds, aside, contestant},
    seed::{SUBSCRIPTIONS, Seed},
    subject::{Server, Subject},
    table::{Row, Sense, figure},
};

/// Numbers set aside for one run; far more than it takes.
const ROOM: u64 = 1_000_000;

/// Loops on SQLite.
const IN_GROUPS: &str = "32 a commit";
const ALONE: &str = "1 a commit";
const LESS: &str = "32 a commit, less in each";

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

/// Row 1 and the PostgreSQL half of row 3.
///
/// # Errors
/// Something does not start, or fails under load.
pub fn on_postgres(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let (dir, postgres, duration) = (bench.dir.as_path(), &bench.postgres, bench.duration);
    let ceiling = Subject::new(&bench.binary, dir, postgres.database("ceiling")?)?;
    ceiling.run(&["migrate"])?;
    let subject = Creating::on_postgres(bench, "subject")?;
    let node = Node::start(bench, &postgres.database("node")?, SUBSCRIPTIONS)?;
    let p99 = Cell::new(0.0);
    let meter = Meter(vec![
        subject.server.process(),
        node.process(),
        postgres.process()?,
    ]);
    let rounds = Rounds::run(
        bench.rounds,
        &meter,
        vec![
            contestant("creates", || {
                let measured = subject.run(CONNECTIONS, duration)?;
                p99.set(measured.milliseconds(0.99));
                Ok(measured)
            }),
            contestant("pgbench", || {
                pgbench::run(postgres, dir, CONNECTIONS, duration)
            }),
            contestant("node", || node.run(CONNECTIONS, duration)),
        ],
    )?;
    let single = Rounds::run(
        bench.rounds,
        &Meter::default(),
        vec![
            contestant("median", || Ok(subject.run(1, duration)?.milliseconds(0.5))),
            contestant("pgbench", || {
                Ok(pgbench::run(postgres, dir, 1, duration)?
                    .median_ms
                    .unwrap_or(f64::NAN))
            }),
        ],
    )?;
    subject.server.stop()?;
    let ours = format!(
        "{}/s, p99 {} ms",
        figure(rounds.median("creates")),
        figure(p99.get())
    );
    Ok(vec![
        Row::new(
            1,
            "session create, PostgreSQL, 32 connections, of pgbench",
            Sense::AtLeast,
            (0.60, 0.80),
            rounds.ratio("creates", "pgbench"),
        )
        .against(
            format!("{}/s", figure(rounds.median("pgbench"))),
            ours.clone(),
        )
        .rounds(rounds.json(), rounds.spread("creates", "pgbench")),
        Row::processor(1, &rounds, ("creates", "pgbench")),
        Row::new(
            1,
            "the same, of fastify + pg",
            Sense::AtLeast,
            (1.2, 1.6),
            rounds.ratio("creates", "node"),
        )
        .unit("×")
        .against(format!("{}/s", figure(rounds.median("node"))), ours)
        .rounds(rounds.json(), rounds.spread("creates", "node")),
        one_connection("PostgreSQL", "pgbench", &single),
    ])
}

/// Row 2, row 4, and the SQLite half of row 3.
///
/// # Errors
/// Something does not start, or fails under load.
pub fn on_sqlite(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let (dir, duration) = (bench.dir.as_path(), bench.duration);
    let subject = Subject::new(&bench.binary, dir, Subject::sqlite_url(dir, "subject.db"))?;
    let subject = Creating::start(&subject)?;
    let raw = RefCell::new(RawSqlite::new(&bench.binary, dir, "raw.db")?);
    let mut less = RawSqlite::new(&bench.binary, dir, "less.db")?;
    let (p99, per_thousand) = (Cell::new(0.0), RefCell::new(Vec::new()));
    let meter = Meter(vec![subject.server.process()]);
    let rounds = Rounds::run(
        bench.rounds,
        &meter,
        vec![
            contestant("creates", || {
                let (measured, commits) = counted(&subject, dir, duration)?;
                p99.set(measured.milliseconds(0.99));
                per_thousand.borrow_mut().push(commits);
                Ok(measured)
            }),
            contestant(IN_GROUPS, || raw.borrow_mut().run(Rows::All, 32, duration)),
            contestant(ALONE, || raw.borrow_mut().run(Rows::All, 1, duration)),
            aside(LESS, || less.run(Rows::SessionAndEvent, 32, duration)),
        ],
    )?;
    let single = Rounds::run(
        bench.rounds,
        &Meter::default(),
        vec![
            contestant("median", || Ok(subject.run(1, duration)?.milliseconds(0.5))),
            contestant("raw", || {
                let commits = raw.borrow_mut().run(Rows::All, 1, duration)?.commits;
                Ok(commits.value_at_quantile(0.5) as f64 / 1e6)
            }),
        ],
    )?;
    subject.server.stop()?;
    let ours = format!(
        "{}/s, p99 {} ms",
        figure(rounds.median("creates")),
        figure(p99.get())
    );
    let commits = crate::rounds::median(per_thousand.take().split_off(1));
    let mut rows = of_loops(&rounds, &ours);
    rows.push(one_connection("SQLite", "raw", &single));
    rows.push(Row::new(
        4,
        "commits for 1,000 creates, SQLite, 32 connections",
        Sense::AtMost,
        (125.0, 60.0),
        commits,
    ));
    Ok(rows)
}

/// Row 2: what the product, which came to `ours`, is of each loop.
fn of_loops(rounds: &Rounds, ours: &str) -> Vec<Row> {
    let ratio = |name| rounds.ratio("creates", name);
    let against = |row: Row, name| {
        row.against(format!("{}/s", figure(rounds.median(name))), ours)
            .rounds(rounds.json(), rounds.spread("creates", name))
    };
    let groups = Row::new(
        2,
        "session create, SQLite, 32 connections, of a loop of 32 a commit",
        Sense::AtLeast,
        (0.65, 0.90),
        ratio(IN_GROUPS),
    );
    let alone = Row::new(
        2,
        "the same, of one a commit",
        Sense::AtLeast,
        (2.0, 2.0),
        ratio(ALONE),
    );
    let less = "the same, of 32 a commit without kept answer and rate limit";
    vec![
        against(groups, IN_GROUPS),
        Row::processor(2, rounds, ("creates", IN_GROUPS)),
        against(alone.unit("×"), ALONE),
        against(Row::told(2, less, ratio(LESS)), LESS),
    ]
}

/// A run, and the commits that 1,000 of its creations took.
fn counted(subject: &Creating, dir: &Path, duration: Duration) -> anyhow::Result<(Measured, f64)> {
    let database = dir.join("subject.db");
    let before = raw_sqlite::commits(&database)?;
    let measured = subject.run(CONNECTIONS, duration)?;
    let commits = raw_sqlite::commits(&database)?.wrapping_sub(before);
    let share = f64::from(commits) * 1_000.0 / measured.count as f64;
    Ok((measured, share))
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
