//! Row 7: memory, idle and under the loads of rows 1 and 2.

use std::time::Duration;

use anyhow::bail;

use super::{Bench, CONNECTIONS, create::Creating};
use crate::{
    http::Connection,
    memory::{self, Memory, megabytes},
    seed,
    subject::Subject,
    table::{Row, Sense},
};

/// Row 7.
///
/// # Errors
/// The product does not start, or fails under load.
pub fn rows(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let on = |name| Subject::sqlite_url(&bench.dir, name);
    let sqlite = Subject::new(&bench.binary, &bench.dir, on("idle.db"))?;
    let postgres = bench.postgres.database("idle")?;
    let postgres = Subject::new(&bench.binary, &bench.dir, postgres)?;
    let loaded_sqlite = Subject::new(&bench.binary, &bench.dir, on("loaded.db"))?;
    let mut rows = of(
        "SQLite",
        idle(&sqlite)?,
        loaded(Creating::start(&loaded_sqlite)?, bench)?,
    );
    let creating = Creating::on_postgres(bench, "loaded")?;
    rows.extend(of("PostgreSQL", idle(&postgres)?, loaded(creating, bench)?));
    Ok(rows)
}

fn of(engine: &str, idle: Memory, loaded: Memory) -> Vec<Row> {
    let row = |what: String, asked, bytes| {
        Row::new(7, &what, Sense::AtMost, asked, megabytes(bytes)).unit("MB")
    };
    vec![
        row(
            format!("idle memory (RSS), {engine}"),
            (24.0, 12.0),
            idle.resident,
        )
        .against("", format!("{:.1} MB anonymous", megabytes(idle.anonymous))),
        row(
            format!("anonymous memory under session creates, {engine}"),
            (64.0, 32.0),
            loaded.anonymous,
        )
        .against("", format!("{:.1} MB RSS", megabytes(loaded.resident))),
    ]
}

/// After the start and one answered request.
fn idle(subject: &Subject) -> anyhow::Result<Memory> {
    let key = subject.prepare()?;
    let server = subject.serve()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let asked: anyhow::Result<u16> = runtime.block_on(async {
        let mut connection = Connection::open(server.address).await?;
        Ok(connection.exchange(&seed::get(&key, "plans")).await?.status)
    });
    if asked? != 200 {
        bail!("a list is refused");
    }
    // What starting needed has been given back by then.
    std::thread::sleep(Duration::from_secs(2));
    let memory = memory::of(server.process())?;
    server.stop()?;
    Ok(memory)
}

/// The most that was seen during a load.
fn loaded(creating: Creating, bench: &Bench) -> anyhow::Result<Memory> {
    let process = creating.server.process();
    let done = std::sync::atomic::AtomicBool::new(false);
    let most = std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut most = memory::of(process)?;
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                let now = memory::of(process)?;
                most.resident = most.resident.max(now.resident);
                most.anonymous = most.anonymous.max(now.anonymous);
                std::thread::sleep(Duration::from_millis(100));
            }
            anyhow::Ok(most)
        });
        let ran = creating.run(CONNECTIONS, bench.duration);
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        let most = watcher.join().expect("the watcher does not panic");
        ran.and(most)
    })?;
    creating.server.stop()?;
    Ok(most)
}
