//! Row 11: what millions of rows change. Three SQLite databases that differ in nothing but the rows in
//! them take turns.

use std::{path::PathBuf, process::Command, time::Duration};

use anyhow::{Context, bail};
use portico_domain::id::{EventKind, SubscriptionKind};

use super::{Bench, CONNECTIONS, create::Creating};
use crate::{
    copies::{Times, scrambled},
    cpu::Meter,
    grown::{Grown, SESSIONS_EACH, grow},
    http::Connection,
    load::{Load, Requests},
    postgres::output,
    rounds::{Outcome, Rounds, contestant},
    seed::{self, Seed},
    subject::{Server, Subject},
    table::{Row, Sense, figure, thousands},
};

/// Sessions in the databases.
const SIZES: [u64; 3] = [10_000, 1_000_000, 10_000_000];
const QUICK_SIZES: [u64; 3] = [10_000, 50_000, 200_000];
/// What a session may take of the disk while this runs, with its subscriber's part, the copy and the log.
const ROOM: u64 = 2_500;
/// A server's first second is not counted.
const WARM_UP: Duration = Duration::from_secs(1);
/// How long a page is asked for again and again.
const LISTING: Duration = Duration::from_secs(1);
const ITEMS: usize = 50;

/// A database of a size.
struct Size {
    sessions: u64,
    file: PathBuf,
    subject: Subject,
    grown: Grown,
}

/// Row 11.
///
/// # Errors
/// The disk is too small, something does not start, or fails under load.
pub fn rows(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let sizes = if bench.quick { QUICK_SIZES } else { SIZES };
    has_room(bench, sizes.iter().sum::<u64>() * ROOM)?;
    let base = bench.dir.join("growth.db");
    let seed = base_of_all(bench)?;
    let sizes: Vec<_> = sizes
        .iter()
        .map(|sessions| size(bench, &base, *sessions))
        .collect::<anyhow::Result<_>>()?;
    let [small, middle, large] = &sizes[..] else {
        bail!("there are three sizes");
    };
    let mut rows = creating(bench, &seed, [small, middle, large])?;
    rows.extend(listing(bench, &seed.key, [small, middle, large])?);
    rows.extend(taking(large));
    for size in &sizes {
        std::fs::remove_file(&size.file)?;
    }
    Ok(rows)
}

fn has_room(bench: &Bench, needed: u64) -> anyhow::Result<()> {
    let mut df = Command::new("df");
    let printed = output(df.args(["-B1", "--output=avail"]).arg(&bench.dir))?;
    let free: u64 = printed
        .lines()
        .nth(1)
        .context("df tells what is free")?
        .trim()
        .parse()?;
    if free < needed {
        bail!(
            "row 11 needs {} GB in {} and {} GB are free; set TMPDIR, or name the other rows",
            needed / 1_000_000_000,
            bench.dir.display(),
            free / 1_000_000_000,
        );
    }
    Ok(())
}

/// The database that the others start as: subscribers, and one session that the product created.
fn base_of_all(bench: &Bench) -> anyhow::Result<Seed> {
    let url = Subject::sqlite_url(&bench.dir, "growth.db");
    let creating = Creating::start(&Subject::new(&bench.binary, &bench.dir, url)?)?;
    creating.run(1, Duration::from_millis(1))?;
    creating.server.stop()?;
    Ok(creating.seed)
}

fn size(bench: &Bench, base: &PathBuf, sessions: u64) -> anyhow::Result<Size> {
    eprintln!("  making {} sessions", thousands(sessions as f64));
    let name = format!("growth-{sessions}.db");
    let file = bench.dir.join(&name);
    std::fs::copy(base, &file)?;
    let url = Subject::sqlite_url(&bench.dir, &name);
    Ok(Size {
        sessions,
        subject: Subject::new(&bench.binary, &bench.dir, url)?,
        grown: grow(&file, sessions)?,
        file,
    })
}

fn creating(
    bench: &Bench,
    seed: &Seed,
    [small, middle, large]: [&Size; 3],
) -> anyhow::Result<Vec<Row>> {
    let kept = small.file.with_extension("kept");
    std::fs::copy(&small.file, &kept)?;
    let rounds = Rounds::run(
        bench.rounds,
        &Meter::default(),
        vec![
            contestant("largest", || created(bench, seed, large)),
            contestant("smallest", || {
                // A few rounds would make it many times as large.
                std::fs::copy(&kept, &small.file)?;
                created(bench, seed, small)
            }),
            contestant("middle", || created(bench, seed, middle)),
        ],
    )?;
    std::fs::remove_file(kept)?;
    let rate = |name| format!("{}/s", figure(rounds.median(name)));
    let what = |size: &Size| {
        let (here, there) = (size.sessions as f64, small.sessions as f64);
        format!(
            "session create at {} sessions, of at {}",
            thousands(here),
            thousands(there)
        )
    };
    Ok(vec![
        Row::new(
            11,
            &what(large),
            Sense::AtLeast,
            (0.70, 0.95),
            rounds.ratio("largest", "smallest"),
        )
        .against(rate("smallest"), rate("largest"))
        .rounds(rounds.json(), rounds.spread("largest", "smallest")),
        Row::processor(11, &rounds, ("largest", "smallest")),
        Row::told(11, &what(middle), rounds.ratio("middle", "smallest"))
            .against(rate("smallest"), rate("middle")),
    ])
}

/// Creates on a server that was started for it.
fn created(bench: &Bench, seed: &Seed, size: &Size) -> anyhow::Result<Outcome> {
    let creating = Creating {
        server: size.subject.serve()?,
        seed: seed.clone(),
    };
    let warm = creating.run(CONNECTIONS, WARM_UP)?;
    let measured = creating.run(CONNECTIONS, bench.duration)?;
    creating.server.stop()?;
    Ok(Outcome {
        figure: measured.rate,
        operations: Some(warm.count + measured.count),
    })
}

/// Lists that grow for ever: events with everything that happens, subscriptions with every customer.
fn listing(
    bench: &Bench,
    key: &str,
    [small, middle, large]: [&Size; 3],
) -> anyhow::Result<Vec<Row>> {
    let servers = [
        small.subject.serve()?,
        middle.subject.serve()?,
        large.subject.serve()?,
    ];
    let mut rows = Vec::new();
    for (list, of) in [("events", 1), ("subscriptions", SESSIONS_EACH)] {
        for deep in [false, true] {
            let median =
                |size: &Size, server: &Server| page_median(server, pages(key, (list, deep), size));
            let rounds = Rounds::run(
                bench.rounds,
                &Meter::default(),
                vec![
                    contestant("largest", || median(large, &servers[2])),
                    contestant("middle", || median(middle, &servers[1])),
                    contestant("smallest", || median(small, &servers[0])),
                ],
            )?;
            let place = if deep { "a middle page" } else { "first page" };
            let count = |size: &Size| thousands((size.sessions / of) as f64);
            let what = format!(
                "{place} of 50 of {} {list}, of {}",
                count(large),
                count(middle)
            );
            let text = |name| format!("{} ms", figure(rounds.median(name)));
            rows.push(
                Row::new(
                    11,
                    &what,
                    Sense::AtMost,
                    (2.0, 1.3),
                    rounds.ratio("largest", "middle"),
                )
                .unit("×")
                .against(
                    text("middle"),
                    format!(
                        "{}; {} at {}",
                        text("largest"),
                        text("smallest"),
                        count(small)
                    ),
                )
                .rounds(rounds.json(), rounds.spread("largest", "middle")),
            );
        }
    }
    for server in servers {
        server.stop()?;
    }
    Ok(rows)
}

/// Requests for one page, or for one somewhere in the middle half each time.
fn pages(key: &str, (list, deep): (&'static str, bool), size: &Size) -> Requests {
    let key = key.to_owned();
    let events = list == "events";
    let (times, count): (Times, u64) = if events {
        (size.grown.sessions, size.sessions)
    } else {
        (size.grown.subscribers, size.sessions / SESSIONS_EACH)
    };
    std::sync::Arc::new(move |number, request| {
        let mut path = format!("{list}?limit={ITEMS}");
        if deep {
            let nth = count / 4 + scrambled(number) % (count / 2);
            let id = if events {
                times.id::<EventKind>(nth)
            } else {
                times.id::<SubscriptionKind>(nth)
            };
            path += "&after=";
            path += &id;
        }
        request.extend_from_slice(&seed::get(&key, &path));
    })
}

/// Milliseconds that a page takes on one connection.
fn page_median(server: &Server, requests: Requests) -> anyhow::Result<f64> {
    whole(server, &requests)?;
    let load = Load {
        address: server.address,
        connections: 1,
        duration: LISTING,
        first: 1,
        requests,
        status: 200,
    };
    Ok(load.run()?.milliseconds(0.5))
}

/// Makes sure that the page is full.
fn whole(server: &Server, requests: &Requests) -> anyhow::Result<()> {
    let mut request = Vec::new();
    requests(0, &mut request);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let body: anyhow::Result<Vec<u8>> = runtime.block_on(async {
        let mut connection = Connection::open(server.address).await?;
        Ok(connection.exchange(&request).await?.body.to_vec())
    });
    let body = body?;
    let page: serde_json::Value = serde_json::from_slice(&body)?;
    let items = page["items"].as_array().map_or(0, Vec::len);
    if items != ITEMS || page["moreItemsAfter"].is_null() {
        bail!(
            "a page has {items} items: {}",
            String::from_utf8_lossy(&body)
        );
    }
    Ok(())
}

fn taking(large: &Size) -> Vec<Row> {
    let what = "a session and its event, in tables and indexes";
    let (session, answer) = (large.grown.session_bytes, large.grown.answer_bytes);
    let asked = (1_000.0, 1_000.0);
    vec![
        Row::new(11, what, Sense::AtMost, asked, session).unit("bytes"),
        Row::told(11, "an answer kept for an `Idempotency-Key`", answer).unit("bytes"),
    ]
}
