//! The ceiling on SQLite: a loop on one connection that inserts a session and its event, with the
//! product's tables, indexes, settings and driver, and does nothing else. Statements are prepared once
//! and a row allocates nothing: it is the best that a plain program can do.

use std::{
    fmt::Write,
    path::Path,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use rusqlite::{Connection, Statement, params};

use crate::{load::latencies, rounds::Outcome, subject::Subject};

const SESSION: &str = "INSERT INTO connect_sessions (id, project, user_id, subscription_id, intent, \
    callback_url, token_hash, status, no_pending_porting, created_at, expires_at) \
    VALUES (?1, 'bench', ?2, ?3, 'completePorting', 'https://example.com/porting/done', ?4, 'created', 0, ?5, ?5)";
const EVENT: &str = "INSERT INTO events (id, project, type, subject, sequence, actor_type, actor_id, time, data_sealed) \
    VALUES (?1, 'bench', 'connectSession.created', ?2, 1, 'apiKey', ?3, ?4, ?5)";
/// What a sealed `connectSession.created` takes.
const SEALED: usize = 235;
/// A time as the product keeps it: microseconds since 1970.
const TIME: i64 = 1_795_460_400_000_000;
/// What the product sets on its connections.
const SETTINGS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
    PRAGMA foreign_keys = ON; PRAGMA secure_delete = FAST;";

/// The loop's connection.
pub struct RawSqlite {
    connection: Connection,
    next: u64,
}

/// What the loop came to.
pub struct Looped {
    /// Rows in a second.
    pub rate: f64,
    /// Rows.
    pub count: u64,
    /// Nanoseconds for a commit.
    pub commits: Histogram<u64>,
}

impl From<Looped> for Outcome {
    fn from(looped: Looped) -> Self {
        Self {
            figure: looped.rate,
            operations: Some(looped.count),
        }
    }
}

impl RawSqlite {
    /// A loop on a new file with the product's schema.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn new(binary: &Path, dir: &Path) -> anyhow::Result<Self> {
        let file = dir.join("raw.db");
        let url = Subject::sqlite_url(dir, "raw.db");
        Subject::new(binary, dir, url)?.run(&["migrate"])?;
        let connection = Connection::open(file)?;
        connection.execute_batch(SETTINGS)?;
        Ok(Self {
            connection,
            next: 0,
        })
    }

    /// Commits `rows` at a time for as long as `duration`.
    ///
    /// # Errors
    /// The database failed.
    pub fn run(&mut self, rows: u64, duration: Duration) -> anyhow::Result<Looped> {
        let mut inserter = Inserter::new(&self.connection)?;
        let (started, mut commits, mut count) = (Instant::now(), latencies(), 0);
        let mut now = started;
        while now.duration_since(started) < duration {
            inserter.commit(self.next..self.next + rows)?;
            self.next += rows;
            count += rows;
            let then = Instant::now();
            commits.saturating_record(u64::try_from((then - now).as_nanos())?);
            now = then;
        }
        let rate = count as f64 / started.elapsed().as_secs_f64();
        Ok(Looped {
            rate,
            count,
            commits,
        })
    }
}

/// What the loop needs again and again.
struct Inserter<'c> {
    begin: Statement<'c>,
    session: Statement<'c>,
    event: Statement<'c>,
    commit: Statement<'c>,
    tail: String,
    ids: [String; 5],
}

/// Session, user, subscription, event, key.
const PREFIXES: [&str; 5] = ["csn_", "usr_", "sub_", "evt_", "apk_"];

impl<'c> Inserter<'c> {
    fn new(connection: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            begin: connection.prepare("BEGIN IMMEDIATE")?,
            session: connection.prepare(SESSION)?,
            event: connection.prepare(EVENT)?,
            commit: connection.prepare("COMMIT")?,
            tail: String::new(),
            ids: PREFIXES.map(str::to_owned),
        })
    }

    fn commit(&mut self, numbers: std::ops::Range<u64>) -> rusqlite::Result<()> {
        self.begin.execute([])?;
        for number in numbers {
            self.row(number)?;
        }
        self.commit.execute([])?;
        Ok(())
    }

    fn row(&mut self, number: u64) -> rusqlite::Result<()> {
        // Ids grow, as the product's do; what follows is as long as theirs.
        let rest = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 5;
        self.tail.clear();
        write!(self.tail, "{number:010}{rest:018}").expect("text can be written to");
        for id in &mut self.ids {
            id.truncate(4);
            id.push_str(&self.tail);
        }
        let [session, user, subscription, event, key] = &self.ids;
        let data = [0x5a_u8; SEALED];
        let row = params![session, user, subscription, &data[..32], TIME];
        self.session.execute(row)?;
        let row = params![event, session, key, TIME, &data[..]];
        self.event.execute(row)?;
        Ok(())
    }
}

/// How many write transactions a database has seen: the counter in the head of its shared index, which
/// SQLite adds one to with each commit.
///
/// # Errors
/// The database is not open in WAL mode.
pub fn commits(database: &Path) -> anyhow::Result<u32> {
    let mut index = database.as_os_str().to_owned();
    index.push("-shm");
    let bytes = std::fs::read(index)?;
    let counter = bytes.get(8..12).and_then(|bytes| bytes.try_into().ok());
    Ok(u32::from_ne_bytes(counter.ok_or_else(|| {
        anyhow::anyhow!("the shared index is too short")
    })?))
}
