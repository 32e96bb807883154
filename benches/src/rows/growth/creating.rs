//! Row 11, creating: how the rate of rows 1 and 2 holds.

use super::{Engine, Size};
use crate::{
    rounds::{Rounds, contestant},
    rows::{Bench, CONNECTIONS, create::Fresh},
    seed::Seed,
    table::{Row, Sense, figure, thousands},
};

/// The rates at the largest and the middle size, of that at the smallest.
///
/// # Errors
/// A server does not start, or fails under load.
pub fn rows(
    bench: &Bench,
    seed: &Seed,
    engine: &Engine<'_>,
    [small, middle, large]: &[Size; 3],
) -> anyhow::Result<Vec<Row>> {
    let kept = engine.keep(small)?;
    let rounds = Rounds::run(
        bench.rounds,
        &engine.meter()?,
        vec![
            contestant("largest", || created(bench, seed, large)),
            contestant("smallest", || {
                // A few rounds would make it many times as large.
                engine.restore(&kept, small)?;
                created(bench, seed, small)
            }),
            contestant("middle", || created(bench, seed, middle)),
        ],
    )?;
    let rate = |name| format!("{}/s", figure(rounds.median(name)));
    let what = |size: &Size| {
        let (here, there) = (size.sessions as f64, small.sessions as f64);
        format!(
            "session create, {}, at {} sessions, of at {}",
            engine.name(),
            thousands(here),
            thousands(there)
        )
    };
    let ratio = rounds.ratio("largest", "smallest");
    Ok(vec![
        Row::new(11, &what(large), Sense::AtLeast, (0.70, 0.95), ratio)
            .against(rate("smallest"), rate("largest"))
            .rounds(rounds.json(), rounds.spread("largest", "smallest")),
        Row::processor(11, &rounds, ("largest", "smallest")),
        Row::told(11, &what(middle), rounds.ratio("middle", "smallest"))
            .against(rate("smallest"), rate("middle")),
    ])
}

fn created(bench: &Bench, seed: &Seed, size: &Size) -> anyhow::Result<Fresh> {
    Fresh::run(&size.subject, seed, CONNECTIONS, bench.duration)
}
