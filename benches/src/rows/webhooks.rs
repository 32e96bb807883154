//! Rows 9 and 10: events on their way to a backend that takes them at once.

use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::bail;
use serde_json::json;

use super::{Bench, CONNECTIONS, create::Creating};
use crate::{
    cpu::Meter,
    http::Connection,
    load::{Load, Paced, latencies},
    rounds::{Rounds, contestant},
    seed::{self, SUBSCRIPTIONS, Seed},
    signing,
    sink::Sink,
    subject::{PROJECT, Server, Subject},
    table::{Row, Sense, figure},
};

/// How long arrivals may stay out before something counts as lost.
const PATIENCE: Duration = Duration::from_secs(60);
/// Sessions of a backlog.
const BACKLOG: u64 = 20_000;

/// Rows 9 and 10.
///
/// # Errors
/// Something does not start, fails under load, or an event does not arrive.
pub fn rows(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let url = Subject::sqlite_url(&bench.dir, "webhooks.db");
    let subject = Subject::new(&bench.binary, &bench.dir, url)?
        .with("PORTICO_OUTGOING_ALLOW_NETWORKS", "127.0.0.0/8");
    let sink = Sink::start()?;
    let key = subject.prepare()?;
    let server = subject.serve()?;
    let seed = Seed::new(server.address, key, SUBSCRIPTIONS)?;
    endpoint(&server, &seed, sink.address)?;
    let together = Creating { server, seed };
    let meter = Meter(vec![together.server.process()]);
    let throughput = Rounds::run(
        bench.rounds,
        &meter,
        vec![
            contestant("create and deliver", || delivered(bench, &together, &sink)),
            contestant("sign and post", || signed(bench, &sink)),
        ],
    )?;
    let top = throughput.median("create and deliver");
    let paced = arrivals(
        &together,
        &sink,
        Some(top / 2.0),
        CONNECTIONS,
        bench.duration,
    )?;
    let alone = arrivals(&together, &sink, Some(20.0), 1, bench.duration * 2)?;
    // It accepts connections and never answers.
    let dead = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let slowed = Rounds::run(
        bench.rounds,
        &Meter::default(),
        vec![contestant("live alone", || {
            delivered(bench, &together, &sink)
        })],
    )?;
    endpoint(&together.server, &together.seed, dead.local_addr()?)?;
    let beside = Rounds::run(
        bench.rounds,
        &Meter::default(),
        vec![contestant("live beside dead", || {
            delivered(bench, &together, &sink)
        })],
    )?;
    let slower = slowed.median("live alone") / beside.median("live beside dead");
    drop(dead);
    together.server.stop()?;
    let drained = drained(bench, &subject, &together.seed, &sink)?;
    let lost = lost(bench)?;
    let rate = |name| format!("{}/s", figure(throughput.median(name)));
    let milliseconds =
        |all: &hdrhistogram::Histogram<u64>| all.value_at_quantile(0.99) as f64 / 1e6;
    Ok(vec![
        Row::new(
            9,
            "webhooks, creating and delivering together, of sign and post",
            Sense::AtLeast,
            (0.10, 0.40),
            throughput.ratio("create and deliver", "sign and post"),
        )
        .against(rate("sign and post"), rate("create and deliver"))
        .rounds(
            throughput.json(),
            throughput.spread("create and deliver", "sign and post"),
        ),
        Row::new(
            9,
            "webhooks, draining a backlog, of sign and post",
            Sense::AtLeast,
            (0.25, 0.70),
            drained / throughput.median("sign and post"),
        )
        .against(rate("sign and post"), format!("{}/s", figure(drained))),
        Row::new(
            10,
            "create to arrival, p99, at half the top rate",
            Sense::AtMost,
            (100.0, 25.0),
            milliseconds(&paced),
        )
        .unit("ms")
        .against(
            "",
            format!(
                "of {} at {}/s",
                figure(paced.len() as f64),
                figure(top / 2.0)
            ),
        ),
        Row::new(
            10,
            "create to arrival, p99, alone",
            Sense::AtMost,
            (10.0, 3.0),
            milliseconds(&alone),
        )
        .unit("ms")
        .against("", format!("of {}", figure(alone.len() as f64))),
        Row::new(
            10,
            "a live endpoint beside a dead one, slower by",
            Sense::AtMost,
            (1.2, 1.05),
            slower,
        )
        .unit("×")
        .against(
            format!("{}/s", figure(slowed.median("live alone"))),
            format!("{}/s", figure(beside.median("live beside dead"))),
        ),
        Row::new(
            10,
            "events never attempted after hang-ups, cut loads and SIGKILL",
            Sense::AtMost,
            (0.0, 0.0),
            lost.0 as f64,
        )
        .against("", format!("of {}", figure(lost.1 as f64))),
    ])
}

fn endpoint(server: &Server, seed: &Seed, address: SocketAddr) -> anyhow::Result<()> {
    let body = json!({ "url": format!("http://{address}/hook"), "types": ["com.portico.connectSession.created"] });
    block_on(async {
        let mut connection = Connection::open(server.address).await?;
        seed::create(&mut connection, &seed.key, "webhookEndpoints", &body).await
    })?;
    Ok(())
}

fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(work)
}

/// Creates for a while; deliveries in a second until all have arrived.
fn delivered(bench: &Bench, creating: &Creating, sink: &Sink) -> anyhow::Result<f64> {
    let (before, began) = (sink.count(), Instant::now());
    let created = creating.run(CONNECTIONS, bench.duration)?.count;
    wait_for(sink, before + created)?;
    Ok(created as f64 / began.elapsed().as_secs_f64())
}

fn signed(bench: &Bench, sink: &Sink) -> anyhow::Result<f64> {
    let load = Load {
        address: sink.address,
        connections: CONNECTIONS,
        duration: bench.duration,
        first: 0,
        requests: signing::requests(sink.address),
        status: 200,
    };
    Ok(load.run()?.rate)
}

fn wait_for(sink: &Sink, count: u64) -> anyhow::Result<()> {
    let patience = Instant::now() + PATIENCE;
    while sink.count() < count {
        if Instant::now() > patience {
            bail!("{} events did not arrive", count - sink.count());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

/// Times from sending a creation to the arrival of its event.
fn arrivals(
    creating: &Creating,
    sink: &Sink,
    rate: Option<f64>,
    connections: usize,
    duration: Duration,
) -> anyhow::Result<hdrhistogram::Histogram<u64>> {
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
        rate,
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

/// Deliveries in a second of events that were written while nothing was sent.
fn drained(bench: &Bench, subject: &Subject, seed: &Seed, sink: &Sink) -> anyhow::Result<f64> {
    let server = subject.spawn(&["serve", "--role", "api"])?;
    let mut creating = Creating {
        server,
        seed: seed.clone(),
    };
    let mut created = 0;
    let wanted = if bench.rounds > 1 { BACKLOG } else { 1_000 };
    while created < wanted {
        creating.server.wait()?;
        created += creating.run(CONNECTIONS, Duration::from_secs(2))?.count;
    }
    creating.server.stop()?;
    let before = sink.count();
    let server = subject.serve()?;
    // From the first tenth to the last: what starting takes is row 6.
    wait_for(sink, before + created / 10)?;
    let began = Instant::now();
    wait_for(sink, before + created)?;
    let took = began.elapsed().as_secs_f64();
    server.stop()?;
    Ok((created - created / 10) as f64 / took)
}

/// Events that were never attempted, and how many there were, after clients that hang up, loads that
/// are cut and servers that are killed.
fn lost(bench: &Bench) -> anyhow::Result<(u64, u64)> {
    let url = Subject::sqlite_url(&bench.dir, "lost.db");
    let subject = Subject::new(&bench.binary, &bench.dir, url)?
        .with("PORTICO_OUTGOING_ALLOW_NETWORKS", "127.0.0.0/8");
    let sink = Sink::start()?;
    let key = subject.prepare()?;
    let server = subject.serve()?;
    let seed = Seed::new(server.address, key, 1_000)?;
    endpoint(&server, &seed, sink.address)?;
    let mut creating = Creating { server, seed };
    for _ in 0..bench.rounds * 2 {
        hang_up(&creating)?;
        // A load in full flight, and the server gone under it.
        let process = creating.server.process();
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(700));
            let _ = std::process::Command::new("kill")
                .args(["-KILL", &process.to_string()])
                .status();
        });
        let _ = creating.run(CONNECTIONS, Duration::from_secs(2));
        drop(creating.server);
        creating.server = subject.serve()?;
    }
    let patience = Instant::now() + PATIENCE;
    loop {
        let all = block_on(created_sessions(&creating))?;
        let arrived = sink.arrivals();
        let missing = all.iter().filter(|id| !arrived.contains_key(*id)).count();
        if missing == 0 || Instant::now() > patience {
            creating.server.stop()?;
            return Ok((missing as u64, all.len() as u64));
        }
        std::thread::sleep(Duration::from_millis(500));
    }
}

/// Clients that send a creation and go before it is answered.
fn hang_up(creating: &Creating) -> anyhow::Result<()> {
    use std::io::Write;
    let (requests, first) = (creating.seed.creations(), creating.seed.numbers(1_000));
    for number in first..first + 200 {
        let mut request = Vec::new();
        requests(number, &mut request);
        std::net::TcpStream::connect(creating.server.address)?.write_all(&request)?;
    }
    Ok(())
}

/// Every session that an event says was created.
async fn created_sessions(creating: &Creating) -> anyhow::Result<Vec<String>> {
    let mut connection = Connection::open(creating.server.address).await?;
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let path = format!("events?type=com.portico.connectSession.created&limit=200{after}");
        let answer = connection
            .exchange(&seed::get(&creating.seed.key, &path))
            .await?;
        let page: serde_json::Value = serde_json::from_slice(answer.body)?;
        let Some(items) = page["items"].as_array() else {
            bail!("GET /projects/{PROJECT}/events: {page}");
        };
        all.extend(
            items
                .iter()
                .filter_map(|it| Some(it["subject"].as_str()?.to_owned())),
        );
        match page["moreItemsAfter"].as_str() {
            Some(id) => after = format!("&after={id}"),
            None => return Ok(all),
        }
    }
}
