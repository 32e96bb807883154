//! Measures the table of docs/PERFORMANCE.md on this machine. Start it with `scripts/bench`.

mod bare;
mod copies;
mod cpu;
mod document;
mod grown;
mod http;
mod load;
mod memory;
mod node;
mod pgbench;
mod plot;
mod postgres;
mod raw_sqlite;
mod rounds;
mod rows;
mod seed;
mod signing;
mod sink;
mod subject;
mod table;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::bail;
use clap::Parser;
use serde_json::{Value as Json, json};

use postgres::{Postgres, output};
use rows::{Bench, create, growth, memory as memory_rows, page, size, start, watchers, webhooks};
use table::{Row, markdown, musts};

/// Measures what docs/PERFORMANCE.md explains, and prints the table.
#[derive(Parser)]
struct Arguments {
    /// Rows to measure; all if none is named
    rows: Vec<u8>,
    /// Where the results go, for programs
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Where the plot goes, as SVG
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// Puts the figures, what they were measured on and the plot into docs/
    #[arg(long, conflicts_with = "rows")]
    document: bool,
    /// Short runs, to see that everything works; the figures mean little
    #[arg(long)]
    quick: bool,
    /// The release binary
    #[arg(long, value_name = "FILE", default_value = "target/release/portico")]
    binary: PathBuf,
    /// Serve hello at this address and do nothing else
    #[arg(long, hide = true)]
    bare: Option<SocketAddr>,
    /// With axum's own settings
    #[arg(long, hide = true)]
    bare_defaults: bool,
}

type Measure = fn(&Bench) -> anyhow::Result<Vec<Row>>;

/// Which rows each measurement gives.
const MEASURES: &[(&[u8], &str, Measure)] = &[
    (&[1, 3], "session create, PostgreSQL", create::on_postgres),
    (&[2, 3, 4], "session create, SQLite", create::on_sqlite),
    (&[5], "first page", page::rows),
    (&[6], "start", start::rows),
    (&[7], "memory", memory_rows::rows),
    (&[8], "binary", size::rows),
    (&[9, 10], "webhooks", webhooks::rows),
    (&[11], "growth", growth::rows),
    (&[12], "watchers", watchers::rows),
];

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if let Some(address) = arguments.bare {
        return bare::serve(address, arguments.bare_defaults);
    }
    let dir = std::env::temp_dir().join(format!("portico-bench.{}", std::process::id()));
    std::fs::create_dir(&dir)?;
    let measured = measure(&arguments, &dir);
    std::fs::remove_dir_all(&dir)?;
    let (rows, failures) = measured?;
    println!("{}\n\n{}", markdown(&rows), musts(&rows));
    let machine = machine();
    if let Some(file) = &arguments.json {
        let rows: Vec<_> = rows.iter().map(Row::json).collect();
        let all = json!({ "machine": &machine, "quick": arguments.quick, "rows": rows });
        std::fs::write(file, serde_json::to_string_pretty(&all)? + "\n")?;
    }
    if let Some(file) = &arguments.plot {
        std::fs::write(file, plot::svg(&rows))?;
    }
    if failures > 0 {
        bail!("{failures} of the measurements failed; see above");
    }
    if arguments.document {
        document::write(&docs(), (&rows, &machine), arguments.quick)?;
    }
    Ok(())
}

/// Where the project's documents are.
fn docs() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs"))
}

/// The rows, and how many measurements failed. One that fails does not take the others with it.
fn measure(arguments: &Arguments, dir: &Path) -> anyhow::Result<(Vec<Row>, usize)> {
    let bench = Bench {
        binary: arguments.binary.canonicalize()?,
        home: PathBuf::from(env!("CARGO_MANIFEST_DIR")),
        dir: dir.to_owned(),
        postgres: Postgres::start(dir)?,
        quick: arguments.quick,
        rounds: if arguments.quick { 1 } else { 3 },
        duration: Duration::from_secs(if arguments.quick { 1 } else { 5 }),
    };
    let wanted = |number: &u8| arguments.rows.is_empty() || arguments.rows.contains(number);
    let asked = MEASURES.iter().filter(|it| it.0.iter().any(wanted));
    let (began, count) = (Instant::now(), asked.clone().count());
    let (mut rows, mut failures) = (Vec::new(), 0);
    for (at, (numbers, name, measure)) in asked.enumerate() {
        let minutes = began.elapsed().as_secs_f64() / 60.0;
        eprintln!(
            "{} of {count}: {name}, rows {numbers:?}, after {minutes:.1} min",
            at + 1
        );
        match measure(&bench) {
            Ok(measured) => rows.extend(measured.into_iter().filter(|row| wanted(&row.number))),
            Err(error) => {
                eprintln!("{name}, rows {numbers:?}, FAILED: {error:#}");
                complaints(dir);
                failures += 1;
            }
        }
    }
    rows.sort_by_key(|row| row.number);
    Ok((rows, failures))
}

/// Shows what the server complained about, last things last.
fn complaints(dir: &Path) {
    let log = std::fs::read_to_string(dir.join("server.log")).unwrap_or_default();
    let lines = log
        .lines()
        .filter(|line| line.contains("ERROR") || line.contains("WARN"));
    let lines: Vec<_> = lines.collect();
    for line in lines.iter().skip(lines.len().saturating_sub(5)) {
        eprintln!("server: {line}");
    }
}

/// What it ran on.
fn machine() -> Json {
    let said = |program: &str, arguments: &[&str]| {
        let said = output(Command::new(program).args(arguments)).unwrap_or_default();
        said.lines().next().unwrap_or_default().trim().to_owned()
    };
    json!({
        "date": said("date", &["-u", "+%Y-%m-%d %H:%M"]),
        "cores": std::thread::available_parallelism().map_or(0, usize::from),
        "kernel": said("uname", &["-sr"]),
        "commit": said("git", &["rev-parse", "--short", "HEAD"]),
        "rustc": said("rustc", &["--version"]),
        "node": said("node", &["--version"]),
        "postgres": said("psql", &["--version"]),
    })
}
