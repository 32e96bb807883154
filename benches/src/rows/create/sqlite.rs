//! Creating on SQLite, beside loops on one connection.

use std::{
    cell::{Cell, RefCell},
    path::PathBuf,
    time::Duration,
};

use super::{Creating, Fresh, WARM_UP, one_connection, told};
use crate::{
    cpu::Meter,
    grown::sqlite,
    raw_sqlite::{self, Looped, Rows},
    rounds::{Rounds, aside, contestant},
    rows::{Bench, CONNECTIONS},
    seed::Seed,
    subject::Subject,
    table::{Row, Sense, figure},
};

/// Loops on SQLite.
const IN_GROUPS: &str = "32 a commit";
const ALONE: &str = "1 a commit";
const LESS: &str = "32 a commit, less in each";

/// Where every run begins: a database with subscribers and no sessions. Whoever is faster would soon have
/// the larger one otherwise.
struct Start {
    subject: Subject,
    seed: Seed,
    file: PathBuf,
    kept: PathBuf,
    duration: Duration,
}

impl Start {
    fn new(bench: &Bench) -> anyhow::Result<Self> {
        let url = Subject::sqlite_url(&bench.dir, "subject.db");
        let subject = Subject::new(&bench.binary, &bench.dir, url)?;
        let Creating { server, seed } = Creating::start(&subject)?;
        server.stop()?;
        let (file, kept) = (subject.file()?, bench.dir.join("subject_kept.db"));
        sqlite::copy(&file, &kept)?;
        Ok(Self {
            subject,
            seed,
            file,
            kept,
            duration: bench.duration,
        })
    }

    /// Creates as the product does; and the commits that 1,000 creations took.
    fn product(&self, connections: usize) -> anyhow::Result<(Fresh, f64)> {
        sqlite::copy(&self.kept, &self.file)?;
        let load = (connections, self.duration);
        let commits = || raw_sqlite::commits(&self.file);
        let (fresh, commits) = Fresh::noting(&self.subject, &self.seed, load, commits)?;
        let share = f64::from(commits) * 1_000.0 / fresh.measured.count as f64;
        Ok((fresh, share))
    }

    /// Writes what that leaves, `creations` in each commit.
    fn looped(&self, rows: Rows, creations: u64) -> anyhow::Result<Looped> {
        sqlite::copy(&self.kept, &self.file)?;
        raw_sqlite::run(&self.file, (rows, creations), (WARM_UP, self.duration))
    }
}

/// Row 2, row 4, and the SQLite half of row 3.
///
/// # Errors
/// Something does not start, or fails under load.
pub fn on_sqlite(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let start = Start::new(bench)?;
    let (p99, per_thousand) = (Cell::new(0.0), RefCell::new(Vec::new()));
    let rounds = Rounds::run(
        bench.rounds,
        &Meter::default(),
        vec![
            contestant("creates", || {
                let (fresh, commits) = start.product(CONNECTIONS)?;
                p99.set(fresh.measured.milliseconds(0.99));
                per_thousand.borrow_mut().push(commits);
                Ok(fresh)
            }),
            contestant(IN_GROUPS, || start.looped(Rows::All, 32)),
            contestant(ALONE, || start.looped(Rows::All, 1)),
            aside(LESS, || start.looped(Rows::SessionAndEvent, 32)),
        ],
    )?;
    let single = Rounds::run(
        bench.rounds,
        &Meter::default(),
        vec![
            contestant("median", || {
                Ok(start.product(1)?.0.measured.milliseconds(0.5))
            }),
            contestant("raw", || {
                let commits = start.looped(Rows::All, 1)?.commits;
                Ok(commits.value_at_quantile(0.5) as f64 / 1e6)
            }),
        ],
    )?;
    let mut rows = of_loops(&rounds, &told(&rounds, p99.get()));
    rows.push(one_connection("SQLite", "raw", &single));
    rows.push(Row::new(
        4,
        "commits for 1,000 creates, SQLite, 32 connections",
        Sense::AtMost,
        (125.0, 60.0),
        crate::rounds::median(per_thousand.take().split_off(1)),
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
