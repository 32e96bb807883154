//! The ceiling on PostgreSQL: pgbench with one statement that inserts a session and its event.

use std::{path::Path, time::Duration};

use anyhow::Context;

use crate::{
    postgres::{Postgres, output},
    rounds::{Outcome, median},
    seed::SUBSCRIPTIONS,
};

const SCRIPT: &str = include_str!("../sql/ceiling.sql");

/// What pgbench measured.
pub struct Benched {
    /// Transactions in a second.
    pub rate: f64,
    /// Transactions.
    pub count: u64,
    /// The median latency in milliseconds; only of a run on one connection.
    pub median_ms: Option<f64>,
}

impl From<Benched> for Outcome {
    fn from(benched: Benched) -> Self {
        Self {
            figure: benched.rate,
            operations: Some(benched.count),
        }
    }
}

/// Runs the script on a database with the product's schema. A run on one connection records every
/// latency.
///
/// # Errors
/// pgbench failed.
pub fn run(
    postgres: &Postgres,
    dir: &Path,
    connections: usize,
    duration: Duration,
) -> anyhow::Result<Benched> {
    let script = dir.join("ceiling.sql");
    std::fs::write(&script, SCRIPT)?;
    let clients = connections.to_string();
    let seconds = duration.as_secs().max(1).to_string();
    let threads = connections.min(2).to_string();
    let mut command = postgres.client("pgbench");
    command
        .args([
            "-n", "-M", "prepared", "-c", &clients, "-j", &threads, "-T", &seconds, "-f",
        ])
        .arg(&script);
    // Subscribers take turns, as they do with the product.
    for (name, value) in [
        ("turn", 0),
        ("connections", connections),
        ("subscribers", SUBSCRIPTIONS),
    ] {
        command.args(["-D", &format!("{name}={value}")]);
    }
    let prefix = dir.join("pgbench");
    if connections == 1 {
        command
            .arg("-l")
            .arg(format!("--log-prefix={}", prefix.display()));
    }
    let printed = output(command.arg("ceiling"))?;
    let told = |name: &str| {
        let line = printed.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|text| text.split([' ', '/']).next())
            .with_context(|| format!("pgbench does not tell: {name}"))
    };
    let median_ms = if connections == 1 {
        Some(logged_median(dir)?)
    } else {
        None
    };
    Ok(Benched {
        rate: told("tps = ")?.parse()?,
        count: told("number of transactions actually processed: ")?.parse()?,
        median_ms,
    })
}

/// The median of the third column, microseconds, of the log; which is removed.
fn logged_median(dir: &Path) -> anyhow::Result<f64> {
    let mut latencies = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !name.starts_with("pgbench.") {
            continue;
        }
        let text = std::fs::read_to_string(&path)?;
        let third = text
            .lines()
            .filter_map(|line| line.split(' ').nth(2)?.parse::<f64>().ok());
        latencies.extend(third);
        std::fs::remove_file(&path)?;
    }
    Ok(median(latencies) / 1_000.0)
}
