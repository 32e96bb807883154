//! Row 10, what is lost: nothing may be.

use std::time::{Duration, Instant};

use anyhow::bail;

use super::{Hooked, PATIENCE, block_on};
use crate::{
    http::Connection,
    rows::{Bench, CONNECTIONS, create::Creating},
    seed,
    subject::PROJECT,
    table::{Row, Sense, figure},
};

/// The part of row 10 that counts.
///
/// # Errors
/// The server does not start again, or refuses.
pub fn rows(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let (missing, all) = lost(bench)?;
    let what = "events never attempted after hang-ups, cut loads and SIGKILL";
    let row = Row::new(10, what, Sense::AtMost, (0.0, 0.0), missing as f64);
    Ok(vec![row.against("", format!("of {}", figure(all as f64)))])
}

/// Events that were never attempted, and how many there were, after clients that hang up, loads that
/// are cut and servers that are killed.
fn lost(bench: &Bench) -> anyhow::Result<(u64, u64)> {
    let Hooked {
        subject,
        sink,
        mut creating,
    } = Hooked::start(bench, "lost.db")?;
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
