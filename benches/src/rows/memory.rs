//! Row 7: memory, idle and under the loads of rows 1 and 2.

use super::{Bench, CONNECTIONS, create::Creating};
use crate::{
    memory::{self, Memory, megabytes},
    subject::Subject,
    table::{Row, Sense},
};

/// Row 7.
///
/// # Errors
/// The product does not start, or fails under load.
pub fn rows(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let sqlite = Subject::sqlite_url(&bench.dir, "memory.db");
    let postgres = bench.postgres.database("memory")?;
    let mut rows = Vec::new();
    for (engine, url) in [("SQLite", sqlite), ("PostgreSQL", postgres)] {
        let subject = Subject::new(&bench.binary, &bench.dir, url)?;
        let idle = idle(&subject)?;
        let loaded = loaded(&subject, bench)?;
        let detail = format!("{:.1} MB anonymous", megabytes(idle.anonymous));
        rows.push(
            Row::new(
                7,
                &format!("idle memory (RSS), {engine}"),
                Sense::AtMost,
                (24.0, 12.0),
                megabytes(idle.resident),
            )
            .unit("MB")
            .against("", detail),
        );
        let detail = format!("{:.1} MB RSS", megabytes(loaded.resident));
        rows.push(
            Row::new(
                7,
                &format!("anonymous memory under session creates, {engine}"),
                Sense::AtMost,
                (64.0, 32.0),
                megabytes(loaded.anonymous),
            )
            .unit("MB")
            .against("", detail),
        );
    }
    Ok(rows)
}

/// After the start and one answered request.
fn idle(subject: &Subject) -> anyhow::Result<Memory> {
    subject.prepare()?;
    let server = subject.serve()?;
    std::thread::sleep(std::time::Duration::from_secs(2));
    let memory = memory::of(server.process())?;
    server.stop()?;
    Ok(memory)
}

/// The most that was seen during a load.
fn loaded(subject: &Subject, bench: &Bench) -> anyhow::Result<Memory> {
    let key = subject.run(&["api-key", "create", "--project", crate::subject::PROJECT])?;
    let server = subject.serve()?;
    let seed = crate::seed::Seed::new(
        server.address,
        key.trim().to_owned(),
        crate::seed::SUBSCRIPTIONS,
    )?;
    let creating = Creating { server, seed };
    let process = creating.server.process();
    let done = std::sync::atomic::AtomicBool::new(false);
    let most = std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut most = memory::of(process)?;
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                let now = memory::of(process)?;
                most.resident = most.resident.max(now.resident);
                most.anonymous = most.anonymous.max(now.anonymous);
                std::thread::sleep(std::time::Duration::from_millis(100));
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
