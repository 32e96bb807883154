//! Row 12: subscribers who look at the status page and do nothing. Each has fetched it once over a
//! connection that its browser keeps open.

use std::{net::SocketAddr, sync::Arc};

use anyhow::{Context, bail};
use serde_json::json;

use super::{Bench, page::Bare};
use crate::{
    http::Connection,
    load::Load,
    memory::{self, Memory},
    rounds::median,
    seed::{self, Seed},
    subject::Subject,
    table::{Row, Sense, figure},
};

/// How many watch.
const WATCHERS: usize = 10_000;
/// How many come at the same moment.
const AT_ONCE: usize = 64;

/// What a watcher costs, in bytes.
struct Cost {
    resident: f64,
    open: usize,
}

/// Row 12.
///
/// # Errors
/// A server does not start, or a page is refused.
pub fn rows(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let (mut ours, mut bare, mut open) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..bench.rounds {
        let cost = watched(bench, round)?;
        ours.push(cost.resident);
        open.push(cost.open as f64);
        let server = Bare::start(true)?;
        let hello = b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".to_vec();
        bare.push(watch(server.address, server.process(), hello)?.resident);
    }
    let kilobytes = |all: &[f64]| median(all.to_vec()) / 1_000.0;
    let text = |all: &[f64]| format!("{} KB", figure(kilobytes(all)));
    let rounds = json!({ "status page": ours, "axum default": bare, "connections open": open });
    Ok(vec![
        Row::new(
            12,
            "an idle watcher of the status page, of 10,000",
            Sense::AtMost,
            (12.0, 6.0),
            kilobytes(&ours),
        )
        .unit("KB")
        .against(format!("axum default {}", text(&bare)), text(&ours))
        .rounds(rounds, 0.0),
    ])
}

fn watched(bench: &Bench, round: usize) -> anyhow::Result<Cost> {
    let database = Subject::sqlite_url(&bench.dir, &format!("watchers-{round}.db"));
    // The simulated carrier takes its time, so that there is something to wait for.
    let subject = Subject::new(&bench.binary, &bench.dir, database)?
        .with("PORTICO_SIMULATOR_TIME_SCALE", "1000");
    let key = subject.prepare()?;
    let server = subject.serve()?;
    let seed = Seed::new(server.address, key, 1)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let request = runtime.block_on(visit(server.address, &seed))?;
    let cost = watch(server.address, server.process(), request)?;
    server.stop()?;
    Ok(cost)
}

/// What the connections add to a server that has been busy with the same request before.
fn watch(address: SocketAddr, process: u32, request: Vec<u8>) -> anyhow::Result<Cost> {
    let request: Arc<[u8]> = request.into();
    let warm = request.clone();
    let load = Load {
        address,
        connections: AT_ONCE,
        duration: std::time::Duration::from_secs(2),
        first: 0,
        requests: Arc::new(move |_, buffer| buffer.extend_from_slice(&warm)),
        status: 200,
    };
    load.run()?;
    let before = memory::of(process)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut tasks = Vec::new();
        for _ in 0..AT_ONCE {
            tasks.push(tokio::spawn(some(address, request.clone())));
        }
        let mut all = Vec::new();
        for task in tasks {
            all.extend(task.await.expect("a watcher does not panic")?);
        }
        let after = memory::of(process)?;
        let open = all.iter().filter(|connection| connection.is_open()).count();
        Ok(cost(before, after, open))
    })
}

fn cost(before: Memory, after: Memory, open: usize) -> Cost {
    let each = after.resident.saturating_sub(before.resident) as f64 / open.max(1) as f64;
    Cost {
        resident: each,
        open,
    }
}

async fn some(address: SocketAddr, request: Arc<[u8]>) -> anyhow::Result<Vec<Connection>> {
    let mut connections = Vec::new();
    for _ in 0..WATCHERS / AT_ONCE {
        let mut connection = Connection::open(address)
            .await
            .context("open files are limited; see ulimit -n")?;
        let answer = connection.exchange(&request).await?;
        if answer.status != 200 {
            bail!(
                "answered {}: {}",
                answer.status,
                String::from_utf8_lossy(answer.body)
            );
        }
        connection.shrink();
        connections.push(connection);
    }
    Ok(connections)
}

/// Confirms a porting, redeems a link and finds the status page; the browser's request for it.
async fn visit(address: SocketAddr, seed: &Seed) -> anyhow::Result<Vec<u8>> {
    let (subscription, user) = &seed.subscriptions[0];
    let mut connection = Connection::open(address).await?;
    let answer = connection
        .exchange(&seed::get(
            &seed.key,
            &format!("subscriptions/{subscription}"),
        ))
        .await?;
    let found: serde_json::Value = serde_json::from_slice(answer.body)?;
    let porting = found["porting"]["id"]
        .as_str()
        .context("a subscription has its porting")?;
    let details = json!({
        "accountNumber": "00123456", "accountPin": "0042", "firstName": "Jo", "lastName": "Miller",
        "address": { "line1": "1 Main Street", "city": "Springfield", "state": "IL", "postalCode": "62701", "country": "US" }
    });
    seed::change(
        &mut connection,
        &seed.key,
        &format!("portings/{porting}"),
        &details,
    )
    .await?;
    let intent =
        json!({ "type": "completePorting", "completePorting": { "subscription": subscription } });
    let session = json!({ "intent": intent, "user": user });
    let made = seed::create(&mut connection, &seed.key, "connectSessions", &session).await?;
    let (id, url) = (
        made["id"].as_str().context("an id")?,
        made["url"].as_str().context("a URL")?,
    );
    let token = url.split("token=").nth(1).context("a token")?;
    let form = format!("session={id}&token={token}");
    let post = format!(
        "POST /portal/entry HTTP/1.1\r\nhost: 127.0.0.1\r\nsec-fetch-site: same-origin\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        form.len()
    );
    let answer = connection.exchange(post.as_bytes()).await?;
    let cookie = answer
        .header("set-cookie")
        .context("redeeming sets a cookie")?;
    let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    let request = format!(
        "GET /portal/s/{id}/status HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: {cookie}\r\n\
         accept: text/html,application/xhtml+xml\r\naccept-encoding: gzip, deflate, br, zstd\r\n\
         accept-language: en-US,en;q=0.9\r\nsec-fetch-site: same-origin\r\nsec-fetch-mode: navigate\r\n\r\n"
    );
    Ok(request.into_bytes())
}
