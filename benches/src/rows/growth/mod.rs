//! Row 11: what millions of rows change. Three databases that differ in nothing but the rows in them
//! take turns.

mod creating;
mod listing;

use std::{path::PathBuf, process::Command, time::Duration};

use anyhow::{Context, bail};

use super::{Bench, create::Creating};
use crate::{
    cpu::Meter,
    grown::{
        Grown, grow,
        postgres::Database,
        sqlite::{self, File},
    },
    postgres::{Postgres, output},
    seed::Seed,
    subject::Subject,
    table::{Row, Sense, thousands},
};

/// What a session may take of the disk while this runs, with its subscriber's part, the copy and the log.
const ROOM: u64 = 2_500;
/// The database that the others start as copies of.
const BASE: &str = "growth";

/// A database of a size.
struct Size {
    sessions: u64,
    name: String,
    subject: Subject,
    grown: Grown,
}

/// Row 11.
///
/// # Errors
/// The disk is too small, something does not start, or fails under load.
pub fn rows(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let mut rows = on(bench, &Engine::Sqlite(bench.dir.clone()))?;
    rows.extend(on(bench, &Engine::Postgres(&bench.postgres))?);
    Ok(rows)
}

fn on(bench: &Bench, engine: &Engine<'_>) -> anyhow::Result<Vec<Row>> {
    let counts = engine.counts(bench.quick);
    has_room(bench, counts.iter().sum::<u64>() * ROOM)?;
    let seed = engine.base(bench)?;
    let sizes: Vec<_> = counts
        .iter()
        .map(|sessions| size(bench, engine, *sessions))
        .collect::<anyhow::Result<_>>()?;
    let sizes: [Size; 3] = sizes.try_into().ok().context("there are three sizes")?;
    let mut rows = creating::rows(bench, &seed, engine, &sizes)?;
    rows.extend(listing::rows(bench, &seed.key, engine, &sizes)?);
    rows.extend(taking(engine, &sizes[2].grown));
    for size in &sizes {
        engine.remove(&size.name)?;
    }
    Ok(rows)
}

fn has_room(bench: &Bench, needed: u64) -> anyhow::Result<()> {
    let mut df = Command::new("df");
    let printed = output(df.args(["-B1", "--output=avail"]).arg(&bench.dir))?;
    let free = printed.lines().nth(1).context("df tells what is free")?;
    let free: u64 = free.trim().parse()?;
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

fn size(bench: &Bench, engine: &Engine<'_>, sessions: u64) -> anyhow::Result<Size> {
    eprintln!(
        "  {}: making {} sessions",
        engine.name(),
        thousands(sessions as f64)
    );
    let name = format!("{BASE}_{sessions}");
    engine.copy(BASE, &name)?;
    Ok(Size {
        sessions,
        subject: Subject::new(&bench.binary, &bench.dir, engine.url(&name))?,
        grown: engine.grow(&name, sessions)?,
        name,
    })
}

fn taking(engine: &Engine<'_>, grown: &Grown) -> Vec<Row> {
    let on = engine.name();
    let what = format!("a session and its event, in tables and indexes, {on}");
    let asked = (1_000.0, 1_000.0);
    let session = if engine.is_asked_for_all() {
        Row::new(11, &what, Sense::AtMost, asked, grown.session_bytes)
    } else {
        Row::told(11, &what, grown.session_bytes)
    };
    let what = format!("an answer kept for an `Idempotency-Key`, {on}");
    let answer = Row::told(11, &what, grown.answer_bytes);
    vec![session.unit("bytes"), answer.unit("bytes")]
}

/// Where the databases are.
enum Engine<'b> {
    /// Files in a folder.
    Sqlite(PathBuf),
    /// Databases of a cluster.
    Postgres(&'b Postgres),
}

impl Engine<'_> {
    fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// Sessions in the databases.
    fn counts(&self, quick: bool) -> [u64; 3] {
        match (self, quick) {
            (Self::Sqlite(_), false) => [10_000, 1_000_000, 10_000_000],
            // Copies go through its log: ten million would take as long as all other rows.
            (Self::Postgres(_), false) => [10_000, 100_000, 1_000_000],
            (_, true) => [10_000, 50_000, 200_000],
        }
    }

    /// Whether it is at the sizes that lists and bytes are asked for at.
    fn is_asked_for_all(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// Whose processor time counts.
    fn meter(&self) -> anyhow::Result<Meter> {
        Ok(match self {
            Self::Sqlite(_) => Meter::default(),
            Self::Postgres(postgres) => Meter(vec![postgres.process()?]),
        })
    }

    fn url(&self, name: &str) -> String {
        match self {
            Self::Sqlite(dir) => Subject::sqlite_url(dir, &format!("{name}.db")),
            Self::Postgres(postgres) => postgres.url(name),
        }
    }

    /// Makes the base: subscribers, and one session that the product created.
    fn base(&self, bench: &Bench) -> anyhow::Result<Seed> {
        let creating = match self {
            Self::Sqlite(_) => {
                Creating::start(&Subject::new(&bench.binary, &bench.dir, self.url(BASE))?)?
            }
            Self::Postgres(_) => Creating::on_postgres(bench, BASE)?,
        };
        creating.run(1, Duration::from_millis(1))?;
        creating.server.stop()?;
        Ok(creating.seed)
    }

    fn grow(&self, name: &str, sessions: u64) -> anyhow::Result<Grown> {
        match self {
            Self::Sqlite(dir) => grow(&File::alone(&dir.join(format!("{name}.db")))?, sessions),
            Self::Postgres(postgres) => grow(&Database { postgres, name }, sessions),
        }
    }

    /// Makes a copy of a database that no server has open.
    fn copy(&self, from: &str, to: &str) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(dir) => {
                let file = |name| dir.join(format!("{name}.db"));
                sqlite::copy(&file(from), &file(to))?;
            }
            Self::Postgres(postgres) => {
                postgres.sql("postgres", &format!("CREATE DATABASE {to} TEMPLATE {from}"))?;
            }
        }
        Ok(())
    }

    fn remove(&self, name: &str) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(dir) => std::fs::remove_file(dir.join(format!("{name}.db")))?,
            Self::Postgres(postgres) => {
                postgres.sql("postgres", &format!("DROP DATABASE {name}"))?;
            }
        }
        Ok(())
    }

    /// Keeps a database as it is; the name of what is kept.
    fn keep(&self, size: &Size) -> anyhow::Result<String> {
        let kept = format!("{}_kept", size.name);
        self.copy(&size.name, &kept)?;
        Ok(kept)
    }

    /// Puts a database back to what was kept.
    fn restore(&self, kept: &str, size: &Size) -> anyhow::Result<()> {
        self.remove(&size.name)?;
        self.copy(kept, &size.name)
    }
}
