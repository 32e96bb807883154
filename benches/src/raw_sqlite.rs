//! The ceiling on SQLite: a loop on one connection that writes the rows which a creation leaves, with the
//! product's tables, indexes, settings and driver, and does nothing else: it asks nothing, checks nothing,
//! seals nothing. Statements are prepared once and a row allocates nothing: it is the best that a plain
//! program can do that leaves the same behind.

use std::{
    fmt::Write,
    path::Path,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use rusqlite::{Connection, Statement, params};

use crate::{copies::scrambled, load::latencies, rounds::Outcome, seed::SUBSCRIPTIONS};

const SESSION: &str = "INSERT INTO connect_sessions (id, project, user_id, subscription_id, intent, \
    callback_url, token_hash, status, no_pending_porting, created_at, expires_at) \
    VALUES (?1, 'bench', ?2, ?3, 'completePorting', 'https://example.com/porting/done', ?4, 'created', 0, ?5, ?5)";
const EVENT: &str = "INSERT INTO events (id, project, type, subject, sequence, actor_type, actor_id, time, data_sealed) \
    VALUES (?1, 'bench', 'connectSession.created', ?2, 1, 'apiKey', ?3, ?4, ?5)";
/// The answer that is kept for the creation's `Idempotency-Key`.
const ANSWER: &str = "INSERT INTO idempotency_keys (project, key_hash, fingerprint, status, body_sealed, created_at) \
    VALUES ('bench', ?1, ?1, 201, ?2, ?3)";
/// How many sessions the subscription had within the hour.
const COUNT: &str = "INSERT INTO rate_limits (bucket, window_start, used) VALUES ('sessions/' || ?1, ?2, 1) \
    ON CONFLICT (bucket) DO UPDATE SET used = rate_limits.used + 1";
/// What a sealed `connectSession.created` takes.
const SEALED_EVENT: usize = 235;
/// What a sealed answer takes.
const SEALED_ANSWER: usize = 613;
/// A time as the product keeps it: microseconds since 1970.
const TIME: i64 = 1_795_460_400_000_000;
/// Microseconds from one creation to the next.
const STEP: i64 = 100;
/// What the product sets on its connections. The log is copied as SQLite does it by itself: every 1,000
/// pages, in a commit.
const SETTINGS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
    PRAGMA foreign_keys = ON; PRAGMA secure_delete = FAST; PRAGMA temp_store = MEMORY; \
    PRAGMA cache_size = -16384;";

/// What the loop writes of a creation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// Session, event, kept answer and the count of the rate limit.
    All,
    /// Session and event.
    SessionAndEvent,
}

/// What the loop came to.
pub struct Looped {
    /// Creations in a second.
    pub rate: f64,
    /// Creations, with those that were not counted: their processor time counts too.
    pub all: u64,
    /// Nanoseconds for a commit.
    pub commits: Histogram<u64>,
}

impl From<Looped> for Outcome {
    fn from(looped: Looped) -> Self {
        Self {
            figure: looped.rate,
            operations: Some(looped.all),
        }
    }
}

/// Commits `creations` at a time to a file with the product's tables for as long as `warm_up` and then
/// `duration`, which counts.
///
/// # Errors
/// The database failed.
pub fn run(
    file: &Path,
    (rows, creations): (Rows, u64),
    (warm_up, duration): (Duration, Duration),
) -> anyhow::Result<Looped> {
    let connection = Connection::open(file)?;
    connection.execute_batch(SETTINGS)?;
    let mut inserter = Inserter::new(&connection, rows)?;
    let (began, mut all) = (Instant::now(), 0);
    while began.elapsed() < warm_up {
        inserter.commit(all..all + creations)?;
        all += creations;
    }
    let (before, started) = (all, Instant::now());
    let (mut now, mut commits) = (started, latencies());
    while now.duration_since(started) < duration {
        inserter.commit(all..all + creations)?;
        all += creations;
        let then = Instant::now();
        commits.saturating_record(u64::try_from((then - now).as_nanos())?);
        now = then;
    }
    Ok(Looped {
        rate: (all - before) as f64 / started.elapsed().as_secs_f64(),
        all,
        commits,
    })
}

/// What the loop needs again and again.
struct Inserter<'c> {
    rows: Rows,
    begin: Statement<'c>,
    session: Statement<'c>,
    event: Statement<'c>,
    answer: Statement<'c>,
    count: Statement<'c>,
    commit: Statement<'c>,
    tail: String,
    ids: [String; 5],
}

/// Session, event, key, user, subscription.
const PREFIXES: [&str; 5] = ["csn_", "evt_", "apk_", "usr_", "sub_"];

impl<'c> Inserter<'c> {
    fn new(connection: &'c Connection, rows: Rows) -> rusqlite::Result<Self> {
        Ok(Self {
            rows,
            begin: connection.prepare("BEGIN IMMEDIATE")?,
            session: connection.prepare(SESSION)?,
            event: connection.prepare(EVENT)?,
            answer: connection.prepare(ANSWER)?,
            count: connection.prepare(COUNT)?,
            commit: connection.prepare("COMMIT")?,
            tail: String::new(),
            ids: PREFIXES.map(str::to_owned),
        })
    }

    fn commit(&mut self, numbers: std::ops::Range<u64>) -> rusqlite::Result<()> {
        self.begin.execute([])?;
        for number in numbers {
            self.creation(number)?;
        }
        self.commit.execute([])?;
        Ok(())
    }

    fn creation(&mut self, number: u64) -> rusqlite::Result<()> {
        self.name(number);
        let [session, event, key, user, subscription] = &self.ids;
        let data = [0x5a_u8; SEALED_ANSWER];
        let time = TIME + STEP * i64::try_from(number).expect("fewer than 2^63 creations");
        let row = params![session, user, subscription, &data[..32], time];
        self.session.execute(row)?;
        let row = params![event, session, key, time, &data[..SEALED_EVENT]];
        self.event.execute(row)?;
        if self.rows == Rows::All {
            self.answer
                .execute(params![hash(number), &data[..], time])?;
            self.count.execute(params![subscription, time])?;
        }
        Ok(())
    }

    /// Ids grow, as the product's do, and are as long; subscribers take turns.
    fn name(&mut self, number: u64) {
        let (new, subscribers) = self.ids.split_at_mut(3);
        let rest = scrambled(number) >> 5;
        rewrite(&mut self.tail, new, format_args!("{number:010}{rest:018}"));
        let nth = number % SUBSCRIPTIONS as u64 + 1;
        rewrite(&mut self.tail, subscribers, format_args!("{nth:028}"));
    }
}

/// Puts another tail behind the prefixes.
fn rewrite(tail: &mut String, ids: &mut [String], text: std::fmt::Arguments<'_>) {
    tail.clear();
    tail.write_fmt(text).expect("text can be written to");
    for id in ids {
        id.truncate(4);
        id.push_str(tail);
    }
}

/// A hash that has nothing of the order of `number`.
fn hash(number: u64) -> [u8; 32] {
    let mut hash = [0; 32];
    for (part, bytes) in (0..).zip(hash.chunks_exact_mut(8)) {
        bytes.copy_from_slice(&scrambled(number * 4 + part).to_be_bytes());
    }
    hash
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
