//! Row 6: from the start of the process to the first 200, of a call that needs key and database.

use std::time::{Duration, Instant};

use anyhow::bail;

use super::Bench;
use crate::{
    cpu::Meter,
    http::Connection,
    rounds::{Rounds, contestant, median},
    seed,
    subject::{Server, Subject},
    table::{Row, Sense, figure},
};

/// Starts that a round takes the median of.
const STARTS: usize = 5;

/// Row 6.
///
/// # Errors
/// The product does not start.
pub fn rows(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let sqlite = Subject::new(
        &bench.binary,
        &bench.dir,
        Subject::sqlite_url(&bench.dir, "start.db"),
    )?;
    let sqlite_key = sqlite.prepare()?;
    let postgres = Subject::new(&bench.binary, &bench.dir, bench.postgres.database("start")?)?;
    let postgres_key = postgres.prepare()?;
    let list = |key: &str| seed::get(key, "plans");
    let mut count = 0;
    let rounds = Rounds::run(
        bench.rounds,
        &Meter::default(),
        vec![
            contestant("existing SQLite", || {
                starts(|| first_answer(&sqlite, &["serve"], &list(&sqlite_key)))
            }),
            contestant("existing PostgreSQL", || {
                starts(|| first_answer(&postgres, &["serve"], &list(&postgres_key)))
            }),
            contestant("new SQLite", || {
                starts(|| {
                    count += 1;
                    let url = Subject::sqlite_url(&bench.dir, &format!("new-{count}.db"));
                    let subject = Subject::new(&bench.binary, &bench.dir, url)?;
                    // Nothing has a key yet.
                    let ready = b"GET /readyz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";
                    first_answer(&subject, &["serve", "--migrate"], ready)
                })
            }),
        ],
    )?;
    let row = |name: &str, what: &str, must| {
        let row = Row::new(6, what, Sense::AtMost, (must, 15.0), rounds.median(name));
        let row = row.unit("ms").rounds(rounds.json(), 0.0);
        row.against("", format!("{} ms", figure(rounds.median(name))))
    };
    Ok(vec![
        row(
            "existing SQLite",
            "start to first 200 of a list, existing SQLite",
            40.0,
        ),
        row("existing PostgreSQL", "the same, existing PostgreSQL", 40.0),
        Row {
            goal: None,
            ..row(
                "new SQLite",
                "start to first 200 of `/readyz`, creating SQLite",
                250.0,
            )
        },
    ])
}

fn starts(mut start: impl FnMut() -> anyhow::Result<f64>) -> anyhow::Result<f64> {
    let all: anyhow::Result<Vec<_>> = (0..STARTS).map(|_| start()).collect();
    Ok(median(all?))
}

/// Milliseconds from the start of the process to the first 200.
fn first_answer(subject: &Subject, arguments: &[&str], request: &[u8]) -> anyhow::Result<f64> {
    let started = Instant::now();
    let server = subject.spawn(arguments)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(until_200(&server, request))?;
    let took = started.elapsed();
    server.stop()?;
    Ok(took.as_secs_f64() * 1_000.0)
}

async fn until_200(server: &Server, request: &[u8]) -> anyhow::Result<()> {
    let patience = Instant::now() + Duration::from_secs(20);
    while Instant::now() < patience {
        if let Ok(mut connection) = Connection::open(server.address).await {
            let answer = connection.exchange(request).await?;
            if answer.status != 200 {
                bail!(
                    "the first answer is {}: {}",
                    answer.status,
                    String::from_utf8_lossy(answer.body)
                );
            }
            return Ok(());
        }
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
    bail!("the server does not start")
}
