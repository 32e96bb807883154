//! Row 10, how long an event takes from the sending of its creation to its arrival; alone, under load,
//! and beside an endpoint that accepts connections and never answers.

use std::{
    collections::HashMap,
    net::{Ipv4Addr, TcpListener},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::bail;
use hdrhistogram::Histogram;

use super::{Hooked, wait_for};
use crate::{
    cpu::Meter,
    load::{Load, Paced, latencies},
    rounds::{Rounds, contestant, median},
    rows::{Bench, CONNECTIONS},
    table::{Row, Sense, figure},
};

/// Creations in a second on the one connection that is alone.
const ALONE: f64 = 20.0;

/// The part of row 10 that times; `top` is how many are created and delivered in a second at the most.
///
/// # Errors
/// Something does not start, fails under load, or an event does not arrive.
pub fn rows(bench: &Bench, top: f64) -> anyhow::Result<Vec<Row>> {
    let live = Hooked::start(bench, "live.db")?;
    let mut rows = times(bench, &live, top / 2.0)?;
    rows.extend(beside_a_dead_one(bench, &live, top / 4.0)?);
    live.creating.server.stop()?;
    Ok(rows)
}

/// The 99th percentiles.
fn times(bench: &Bench, live: &Hooked, half: f64) -> anyhow::Result<Vec<Row>> {
    let rounds = Rounds::run(
        bench.rounds,
        &Meter::default(),
        vec![
            contestant("half the top rate", || {
                let arrived = arrivals(live, (half, CONNECTIONS), bench.duration)?;
                Ok(milliseconds(&arrived, 0.99))
            }),
            contestant("alone", || {
                let arrived = arrivals(live, (ALONE, 1), bench.duration * 2)?;
                Ok(milliseconds(&arrived, 0.99))
            }),
        ],
    )?;
    let row = |name, what, asked, rate| {
        Row::new(10, what, Sense::AtMost, asked, rounds.median(name))
            .unit("ms")
            .against("", format!("at {}/s", figure(rate)))
            .rounds(rounds.json(), rounds.spread(name, name))
    };
    Ok(vec![
        row(
            "half the top rate",
            "create to arrival, p99, at half the top rate",
            (100.0, 25.0),
            half,
        ),
        row("alone", "create to arrival, p99, alone", (10.0, 3.0), ALONE),
    ])
}

/// Two servers take turns at the same pace, one that has a live endpoint and one that has a dead one
/// too. The pace leaves room, so that what is compared is the time an event takes and not the machine.
fn beside_a_dead_one(bench: &Bench, alone: &Hooked, pace: f64) -> anyhow::Result<Vec<Row>> {
    let beside = Hooked::start(bench, "dead.db")?;
    let dead = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    beside.endpoint(dead.local_addr()?)?;
    let (mut slow_beside, mut slow_alone) = (Vec::new(), Vec::new());
    let run = |hooked, slow: &mut Vec<f64>| {
        let arrived = arrivals(hooked, (pace, CONNECTIONS), bench.duration)?;
        slow.push(milliseconds(&arrived, 0.99));
        anyhow::Ok(milliseconds(&arrived, 0.5))
    };
    let rounds = Rounds::run(
        bench.rounds,
        &Meter::default(),
        vec![
            contestant("live beside dead", || run(&beside, &mut slow_beside)),
            contestant("live alone", || run(alone, &mut slow_alone)),
        ],
    )?;
    beside.creating.server.stop()?;
    let slowest: Vec<_> = slow_beside.iter().zip(&slow_alone).skip(1).collect();
    let middle = |side: fn(&(&f64, &f64)) -> f64| median(slowest.iter().map(side).collect());
    let text = |time| format!("{} ms", figure(time));
    let (ours, theirs) = ("live beside dead", "live alone");
    let what = format!(
        "a live endpoint beside a dead one, median of create to arrival at {}/s, of alone",
        figure(pace)
    );
    let ratio = rounds.ratio(ours, theirs);
    Ok(vec![
        Row::new(10, &what, Sense::AtMost, (1.2, 1.05), ratio)
            .unit("×")
            .against(text(rounds.median(theirs)), text(rounds.median(ours)))
            .rounds(rounds.json(), rounds.spread(ours, theirs)),
        Row::told(
            10,
            "the same, p99",
            middle(|(beside, alone)| *beside / *alone),
        )
        .unit("×")
        .against(
            text(middle(|(_, alone)| **alone)),
            text(middle(|(beside, _)| **beside)),
        ),
    ])
}

fn milliseconds(times: &Histogram<u64>, share: f64) -> f64 {
    times.value_at_quantile(share) as f64 / 1e6
}

/// Times from sending a creation to the arrival of its event, at so many a second on so many
/// connections.
fn arrivals(
    hooked: &Hooked,
    (rate, connections): (f64, usize),
    duration: Duration,
) -> anyhow::Result<Histogram<u64>> {
    let (creating, sink) = (&hooked.creating, &hooked.sink);
    sink.clear();
    let sent = Arc::new(Mutex::new(HashMap::new()));
    let before = sink.count();
    let noted = sent.clone();
    let load = Load {
        address: creating.server.address,
        connections,
        duration,
        first: creating.seed.numbers(1_000_000),
        requests: creating.seed.creations(),
        status: 201,
    };
    let created = load.run_paced(Paced {
        rate: Some(rate),
        note: Arc::new(move |body, when| {
            if let Some(id) = crate::sink::subject(body) {
                noted
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .insert(id.to_owned(), when);
            }
        }),
    })?;
    wait_for(sink, before + created.count)?;
    let arrived = sink.arrivals();
    let mut all = latencies();
    for (id, when) in sent.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        let Some(then) = arrived.get(id) else {
            bail!("the event of {id} did not arrive")
        };
        all.saturating_record(u64::try_from(then.duration_since(*when).as_nanos())?);
    }
    Ok(all)
}
