//! Row 9: how many events get out in a second.

use std::time::{Duration, Instant};

use super::{Hooked, wait_for};
use crate::{
    cpu::Meter,
    rounds::{Outcome, Rounds, aside, contestant},
    rows::{
        Bench, CONNECTIONS,
        create::{Creating, WARM_UP},
    },
    seed::Seed,
    signing::Loop,
    sink::Sink,
    subject::Subject,
    table::{Row, Sense, figure},
};

/// Sessions of a backlog.
const BACKLOG: u64 = 20_000;
const CEILING: &str = "sign and post";
const BYTES: &str = "sign and post bytes";

/// Row 9, of which each half has rounds of its own; and how many are created and delivered in a second
/// at the most. A server runs only while it is measured: what it has left to note would slow the loops.
///
/// # Errors
/// Something does not start, fails under load, or an event does not arrive.
pub fn rows(bench: &Bench) -> anyhow::Result<(Vec<Row>, f64)> {
    let (subject, seed, sink) = Hooked::start(bench, "throughput.db")?.stopped()?;
    let together = Rounds::run(
        bench.rounds,
        &Meter::default(),
        vec![
            contestant("create and deliver", || {
                delivered(bench, &subject, &seed, &sink)
            }),
            contestant(CEILING, || ceiling(bench, &sink).run()),
            aside(BYTES, || ceiling(bench, &sink).run_bytes()),
        ],
    )?;
    let (subject, seed, sink) = Hooked::start(bench, "backlog.db")?.stopped()?;
    let mut drained_cpu = Vec::new();
    let draining = Rounds::run(
        bench.rounds,
        &Meter::default(),
        vec![
            contestant("drain", || {
                let drained = drained(bench, &subject, &seed, &sink)?;
                drained_cpu.push(drained.microseconds);
                Ok(drained.rate)
            }),
            contestant(CEILING, || ceiling(bench, &sink).run()),
            aside(BYTES, || ceiling(bench, &sink).run_bytes()),
        ],
    )?;
    let rate = |rounds: &Rounds, name| format!("{}/s", figure(rounds.median(name)));
    let half = |rounds: &Rounds, name, what, asked| {
        Row::new(9, what, Sense::AtLeast, asked, rounds.ratio(name, CEILING))
            .against(rate(rounds, CEILING), rate(rounds, name))
            .rounds(rounds.json(), rounds.spread(name, CEILING))
    };
    let of_bytes = |rounds: &Rounds, name| {
        let what = "the same, of a loop that writes the bytes of its requests itself";
        Row::told(9, what, rounds.ratio(name, BYTES))
            .against(rate(rounds, BYTES), rate(rounds, name))
    };
    let (ours, theirs) = (crate::rounds::median(drained_cpu), draining.cpu(CEILING));
    let rows = vec![
        half(
            &together,
            "create and deliver",
            "webhooks, creating and delivering together, of sign and post",
            (0.10, 0.40),
        ),
        Row::processor(9, &together, ("create and deliver", CEILING)),
        of_bytes(&together, "create and deliver"),
        half(
            &draining,
            "drain",
            "webhooks, draining a backlog, of sign and post",
            (0.25, 0.70),
        ),
        Row::processor_times(9, ours, theirs),
        of_bytes(&draining, "drain"),
    ];
    Ok((rows, together.median("create and deliver")))
}

/// Creates for a while on a server that was started for it; deliveries in a second until all have
/// arrived.
fn delivered(
    bench: &Bench,
    subject: &Subject,
    seed: &Seed,
    sink: &Sink,
) -> anyhow::Result<Outcome> {
    let creating = Creating {
        server: subject.serve()?,
        seed: seed.clone(),
    };
    let deliver = |duration| {
        let before = sink.count();
        let created = creating.run(CONNECTIONS, duration)?.count;
        wait_for(sink, before + created)?;
        anyhow::Ok(created)
    };
    let warm = deliver(WARM_UP)?;
    let began = Instant::now();
    let created = deliver(bench.duration)?;
    let took = began.elapsed().as_secs_f64();
    creating.server.stop()?;
    Ok(Outcome {
        figure: created as f64 / took,
        operations: Some(warm + created),
    })
}

fn ceiling(bench: &Bench, sink: &Sink) -> Loop {
    Loop {
        address: sink.address,
        connections: CONNECTIONS,
        duration: bench.duration,
    }
}

struct Drained {
    /// Deliveries in a second.
    rate: f64,
    /// Of processor, of all processes together, for one of them.
    microseconds: f64,
}

/// Delivers events that were written while nothing was sent.
fn drained(bench: &Bench, subject: &Subject, seed: &Seed, sink: &Sink) -> anyhow::Result<Drained> {
    let mut creating = Creating {
        server: subject.spawn(&["serve", "--role", "api"])?,
        seed: seed.clone(),
    };
    let mut created = 0;
    let wanted = if bench.quick { 1_000 } else { BACKLOG };
    while created < wanted {
        creating.server.wait()?;
        created += creating.run(CONNECTIONS, Duration::from_secs(2))?.count;
    }
    creating.server.stop()?;
    let before = sink.count();
    let server = subject.serve()?;
    // From the first tenth to the last: what starting takes is row 6.
    wait_for(sink, before + created / 10)?;
    let first = sink.count();
    let meter = Meter(vec![server.process()]);
    let (began, used) = (Instant::now(), meter.seconds());
    wait_for(sink, before + created)?;
    let (took, used) = (began.elapsed().as_secs_f64(), meter.seconds() - used);
    let delivered = (before + created - first) as f64;
    server.stop()?;
    Ok(Drained {
        rate: delivered / took,
        microseconds: used * 1e6 / delivered,
    })
}
