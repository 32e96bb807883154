//! The ceiling on SQLite: a loop on one connection that inserts a session and its event, with the
//! product's tables, indexes, settings and driver, and does nothing else.

use std::{
    path::Path,
    str::FromStr,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use sqlx::{
    ConnectOptions, Connection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use crate::{load::latencies, subject::Subject};

const SESSION: &str = "INSERT INTO connect_sessions (id, project, user_id, subscription_id, intent, \
    callback_url, token_hash, status, no_pending_porting, created_at, expires_at) \
    VALUES ($1, 'bench', $2, $3, 'completePorting', 'https://example.com/porting/done', $4, 'created', 0, $5, $6)";
const EVENT: &str = "INSERT INTO events (id, project, type, subject, sequence, actor_type, actor_id, time, data_sealed) \
    VALUES ($1, 'bench', 'connectSession.created', $2, 1, 'apiKey', $3, $4, $5)";
/// What a sealed `connectSession.created` takes.
const SEALED: usize = 640;
/// A time as the product keeps it: microseconds since 1970.
const TIME: i64 = 1_795_460_400_000_000;

/// The loop's connection.
pub struct RawSqlite {
    connection: SqliteConnection,
    runtime: tokio::runtime::Runtime,
    next: u64,
}

/// What the loop came to.
pub struct Looped {
    /// Rows in a second.
    pub rate: f64,
    /// Nanoseconds for a commit.
    pub commits: Histogram<u64>,
}

impl RawSqlite {
    /// A loop on a new file with the product's schema.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn new(binary: &Path, dir: &Path) -> anyhow::Result<Self> {
        let url = Subject::sqlite_url(dir, "raw.db");
        Subject::new(binary, dir, url.clone())?.run(&["migrate"])?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let options = SqliteConnectOptions::from_str(&url)?
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let connection = runtime.block_on(options.connect())?;
        Ok(Self {
            connection,
            runtime,
            next: 0,
        })
    }

    /// Commits `rows` at a time for as long as `duration`.
    ///
    /// # Errors
    /// The database failed.
    pub fn run(&mut self, rows: u64, duration: Duration) -> anyhow::Result<Looped> {
        let Self {
            connection,
            runtime,
            next,
        } = self;
        runtime.block_on(async {
            let (started, mut commits, mut count) = (Instant::now(), latencies(), 0);
            let mut now = started;
            while now.duration_since(started) < duration {
                commit(connection, rows, next).await?;
                count += rows;
                let then = Instant::now();
                commits.saturating_record(u64::try_from((then - now).as_nanos())?);
                now = then;
            }
            let rate = count as f64 / started.elapsed().as_secs_f64();
            Ok(Looped { rate, commits })
        })
    }
}

async fn commit(connection: &mut SqliteConnection, rows: u64, next: &mut u64) -> sqlx::Result<()> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    for _ in 0..rows {
        *next += 1;
        // Ids grow, as the product's do; what follows is as long as theirs.
        let tail = format!(
            "{:010}{:018}",
            *next,
            next.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 5
        );
        let session = format!("csn_{tail}");
        let data = [0x5a_u8; SEALED];
        sqlx::query(SESSION)
            .bind(&session)
            .bind(format!("usr_{tail}"))
            .bind(format!("sub_{tail}"))
            .bind(&data[..32])
            .bind(TIME)
            .bind(TIME)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(EVENT)
            .bind(format!("evt_{tail}"))
            .bind(&session)
            .bind(format!("apk_{tail}"))
            .bind(TIME)
            .bind(&data[..])
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await
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
