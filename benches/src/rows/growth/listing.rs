//! Row 11, lists: a page costs the same however long its list is.

use std::time::Duration;

use anyhow::bail;
use portico_domain::id::{EventKind, SubscriptionKind};

use super::{Engine, Size};
use crate::{
    copies::{Times, scrambled},
    cpu::Meter,
    grown::SESSIONS_EACH,
    http::Connection,
    load::{Load, Requests},
    rounds::{Rounds, contestant},
    rows::Bench,
    seed,
    subject::Server,
    table::{Row, Sense, figure, thousands},
};

/// How long a page is asked for again and again.
const LISTING: Duration = Duration::from_secs(1);
const ITEMS: usize = 50;

/// Lists that grow for ever: events with everything that happens, subscriptions with every customer.
///
/// # Errors
/// A server does not start, or refuses.
pub fn rows(
    bench: &Bench,
    key: &str,
    engine: &Engine<'_>,
    sizes: &[Size; 3],
) -> anyhow::Result<Vec<Row>> {
    let [small, middle, large] = sizes;
    let servers = [
        small.subject.serve()?,
        middle.subject.serve()?,
        large.subject.serve()?,
    ];
    let mut rows = Vec::new();
    for (list, deep) in [
        ("events", false),
        ("events", true),
        ("subscriptions", false),
        ("subscriptions", true),
    ] {
        let median = |at: usize| page_median(&servers[at], pages(key, (list, deep), &sizes[at]));
        let rounds = Rounds::run(
            bench.rounds,
            &Meter::default(),
            vec![
                contestant("largest", || median(2)),
                contestant("middle", || median(1)),
                contestant("smallest", || median(0)),
            ],
        )?;
        rows.push(row(&rounds, engine, (list, deep), sizes));
    }
    for server in servers {
        server.stop()?;
    }
    Ok(rows)
}

fn row(
    rounds: &Rounds,
    engine: &Engine<'_>,
    (list, deep): (&str, bool),
    [small, middle, large]: &[Size; 3],
) -> Row {
    let of = if list == "events" { 1 } else { SESSIONS_EACH };
    let count = |size: &Size| thousands((size.sessions / of) as f64);
    let text = |name| format!("{} ms", figure(rounds.median(name)));
    let what = format!(
        "{} of 50 of {} {list}, {}, of {}",
        if deep { "a middle page" } else { "first page" },
        count(large),
        engine.name(),
        count(middle)
    );
    let ours = format!(
        "{}; {} at {}",
        text("largest"),
        text("smallest"),
        count(small)
    );
    let ratio = rounds.ratio("largest", "middle");
    let row = if engine.is_asked_for_all() {
        Row::new(11, &what, Sense::AtMost, (2.0, 1.3), ratio)
    } else {
        Row::told(11, &what, ratio)
    };
    row.unit("×")
        .against(text("middle"), ours)
        .rounds(rounds.json(), rounds.spread("largest", "middle"))
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
