//! Creating on PostgreSQL, beside pgbench and Node.

use std::cell::Cell;

use super::{Creating, one_connection, told};
use crate::{
    cpu::Meter,
    node::Node,
    pgbench,
    rounds::{Rounds, contestant},
    rows::{Bench, CONNECTIONS},
    seed::SUBSCRIPTIONS,
    subject::Subject,
    table::{Row, Sense, figure},
};

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
    let ours = told(&rounds, p99.get());
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
