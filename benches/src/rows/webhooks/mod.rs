//! Rows 9 and 10: events on their way to a backend that takes them at once.

mod arrival;
mod lost;
mod throughput;

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::bail;
use serde_json::json;

use super::{Bench, create::Creating};
use crate::{
    http::Connection,
    seed::{self, Seed},
    sink::Sink,
    subject::Subject,
    table::Row,
};

/// How long arrivals may stay out before something counts as lost.
const PATIENCE: Duration = Duration::from_secs(60);

/// Rows 9 and 10.
///
/// # Errors
/// Something does not start, fails under load, or an event does not arrive.
pub fn rows(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let (mut rows, top) = throughput::rows(bench)?;
    rows.extend(arrival::rows(bench, top)?);
    rows.extend(lost::rows(bench)?);
    Ok(rows)
}

/// A seeded server whose sessions' events go to a sink.
struct Hooked {
    subject: Subject,
    sink: Sink,
    creating: Creating,
}

impl Hooked {
    fn start(bench: &Bench, database: &str) -> anyhow::Result<Self> {
        let url = Subject::sqlite_url(&bench.dir, database);
        let subject = Subject::new(&bench.binary, &bench.dir, url)?
            .with("PORTICO_OUTGOING_ALLOW_NETWORKS", "127.0.0.0/8");
        let sink = Sink::start()?;
        let creating = Creating::start(&subject)?;
        let hooked = Self {
            subject,
            sink,
            creating,
        };
        hooked.endpoint(hooked.sink.address)?;
        Ok(hooked)
    }

    /// Ends the server, which can be started again.
    fn stopped(self) -> anyhow::Result<(Subject, Seed, Sink)> {
        let Creating { server, seed } = self.creating;
        server.stop()?;
        Ok((self.subject, seed, self.sink))
    }

    /// Adds an endpoint that is told of new sessions.
    fn endpoint(&self, address: SocketAddr) -> anyhow::Result<()> {
        let body = json!({ "url": format!("http://{address}/hook"), "types": ["com.portico.connectSession.created"] });
        block_on(async {
            let mut connection = Connection::open(self.creating.server.address).await?;
            let key = &self.creating.seed.key;
            seed::create(&mut connection, key, "webhookEndpoints", &body).await
        })?;
        Ok(())
    }
}

fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(work)
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
