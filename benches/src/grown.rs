//! A SQLite database that has been in use for long: millions of sessions with their events, and the
//! subscribers they were for.

use std::{path::Path, time::Instant};

use anyhow::Context;
use portico_domain::id::{EventId, EventKind, PortingKind, Session, SubscriptionKind, UserKind};
use rusqlite::{Connection, OptionalExtension, params};

use crate::copies::{Copier, Seal, Times, scrambled, subscribers};

/// How long the database has been in use.
const DAYS: u64 = 90;
/// Sessions for each subscriber.
pub const SESSIONS_EACH: u64 = 4;
/// Answers are kept for a day.
const KEPT_DAYS: u64 = 1;
/// Nothing here has to survive a crash, and no server is there yet.
const SETTINGS: &str = "PRAGMA journal_mode = DELETE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; \
    PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -500000; PRAGMA foreign_keys = OFF;";

/// What was put in.
pub struct Grown {
    /// When sessions were created, and the ids of their events.
    pub sessions: Times,
    /// The same of subscribers.
    pub subscribers: Times,
    /// Bytes of the database for a session: its row, its event, and their places in all indexes.
    pub session_bytes: f64,
    /// Bytes for an answer that is kept for an `Idempotency-Key`.
    pub answer_bytes: f64,
}

/// The session that all others are copies of, with its event.
struct Template {
    session: String,
    event: String,
    sealed: Vec<u8>,
    text: String,
    /// Milliseconds since 1970.
    made_at: u64,
}

/// Puts `sessions` into a database in which the product has created one, with an idempotency key.
/// No server may have it open.
///
/// # Errors
/// The database has another form than expected, or the disk is full.
pub fn grow(file: &Path, sessions: u64) -> anyhow::Result<Grown> {
    let connection = Connection::open(file)?;
    connection.execute_batch(SETTINGS)?;
    let seal = Seal::new()?;
    let template = Template::read(&connection, &seal)?;
    let until = template.made_at - 60_000;
    let times = |days, count| Times::before(until, days, count);
    let kept = sessions * KEPT_DAYS / DAYS;
    let grown_by = |count: u64, work: &dyn Fn() -> anyhow::Result<()>| {
        let before = size(&connection)?;
        connection.execute_batch("BEGIN")?;
        work()?;
        connection.execute_batch("COMMIT")?;
        anyhow::Ok((size(&connection)? - before) / count.max(1) as f64)
    };
    let all = times(DAYS, sessions);
    let each = sessions / SESSIONS_EACH;
    let owners = times(DAYS, each);
    let session_bytes = grown_by(sessions, &|| {
        copy_sessions(&connection, (&template, &seal), (all, owners), sessions)
    })?;
    let answer_bytes = grown_by(kept, &|| {
        copy_answers(&connection, times(KEPT_DAYS, kept), kept)
    })?;
    grown_by(each, &|| {
        subscribers(&connection, each, |number| {
            [
                owners.id::<UserKind>(number),
                owners.id::<PortingKind>(number),
                owners.id::<SubscriptionKind>(number),
            ]
        })
    })?;
    connection.execute_batch("PRAGMA journal_mode = WAL")?;
    drop(connection);
    // What is written back later would be measured.
    std::fs::File::open(file)?.sync_all()?;
    Ok(Grown {
        sessions: all,
        subscribers: owners,
        session_bytes,
        answer_bytes,
    })
}

impl Template {
    fn read(connection: &Connection, seal: &Seal) -> anyhow::Result<Self> {
        let sql = "SELECT id, subject, data_sealed FROM events \
                   WHERE type = 'connectSession.created' ORDER BY id DESC LIMIT 1";
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let found = connection.query_row(sql, [], row).optional()?;
        let (event, session, sealed): (String, String, Vec<u8>) =
            found.context("the product has created a session")?;
        let id: EventId = event.parse()?;
        let (made_at, _) = id.made_at().context("an id that the product made")?;
        Ok(Self {
            text: seal.open(&event, &sealed)?,
            session,
            event,
            sealed,
            made_at,
        })
    }
}

fn copy_sessions(
    connection: &Connection,
    (template, seal): (&Template, &Seal),
    (times, owners): (Times, Times),
    count: u64,
) -> anyhow::Result<()> {
    let mut sessions = Copier::new(
        connection,
        ("connect_sessions", &template.session),
        &[
            "id",
            "user_id",
            "subscription_id",
            "token_hash",
            "created_at",
            "expires_at",
        ],
    )?;
    let mut events = Copier::new(
        connection,
        ("events", &template.event),
        &["id", "subject", "time", "data_sealed"],
    )?;
    // They wait to be opened, as every new session does, and stay so while the rows are measured.
    let expires = i64::try_from(template.made_at)? * 1_000 + 24 * 60 * 60 * 1_000_000;
    let began = Instant::now();
    for number in 0..count {
        let (session, event) = (times.id::<Session>(number), times.id::<EventKind>(number));
        // A subscriber comes back within the next days.
        let owner = (number / SESSIONS_EACH).saturating_sub(scrambled(number) % 1_000);
        let (user, subscription) = (
            owners.id::<UserKind>(owner),
            owners.id::<SubscriptionKind>(owner),
        );
        let (made, hash) = (times.micros(number), random(number));
        sessions.copy(params![session, user, subscription, hash, made, expires])?;
        let text = template.text.replace(&template.session, &session);
        let sealed = seal.seal((&event, number), &text, &template.sealed)?;
        events.copy(params![event, session, made, sealed])?;
        if (number + 1) % 1_000_000 == 0 {
            let took = began.elapsed().as_secs_f64();
            eprintln!(
                "    {} million sessions after {took:.0} s",
                (number + 1) / 1_000_000
            );
        }
    }
    Ok(())
}

fn copy_answers(connection: &Connection, times: Times, count: u64) -> anyhow::Result<()> {
    let sql = "SELECT key_hash FROM idempotency_keys ORDER BY created_at DESC LIMIT 1";
    let key: Vec<u8> = connection.query_row(sql, [], |row| row.get(0))?;
    let mut answers = Copier::new(
        connection,
        ("idempotency_keys", key.as_slice()),
        &["key_hash", "created_at"],
    )?;
    for number in 0..count {
        answers.copy(params![random(number + 1), times.micros(number)])?;
    }
    Ok(())
}

fn random(number: u64) -> Vec<u8> {
    let parts = (0..4).flat_map(|part| scrambled(number * 4 + part).to_be_bytes());
    parts.collect()
}

/// Bytes that the database has in use.
fn size(connection: &Connection) -> anyhow::Result<f64> {
    let pragma = |name: &str| -> rusqlite::Result<f64> {
        connection
            .query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0))
            .map(|value| value as f64)
    };
    Ok((pragma("page_count")? - pragma("freelist_count")?) * pragma("page_size")?)
}
