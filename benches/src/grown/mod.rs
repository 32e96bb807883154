//! A database that has been in use for long: millions of sessions with their events, and the
//! subscribers they were for.

pub mod postgres;
pub mod sqlite;

use std::time::Instant;

use anyhow::Context;
use portico_domain::id::{EventId, EventKind, PortingKind, Session, SubscriptionKind, UserKind};

use crate::copies::{Seal, Times, scrambled};

/// How long the database has been in use.
const DAYS: u64 = 90;
/// Sessions for each subscriber.
pub const SESSIONS_EACH: u64 = 4;
/// Answers are kept for a day.
const KEPT_DAYS: u64 = 1;

/// `csn_`.
const PREFIX: usize = 4;
/// How many digits of an id may be part of a phrase.
const LAST_DIGITS: usize = 4;

/// A value where a copy differs.
pub enum Value {
    /// Letters and digits.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Microseconds since 1970.
    Time(i64),
    /// NULL.
    Nothing,
}

/// The row that others are copies of.
#[derive(Clone, Copy)]
pub struct Original<'o> {
    /// Where it is, and where the copies go.
    pub table: &'o str,
    /// Which it is, in SQL.
    pub condition: &'o str,
    /// Columns where copies differ.
    pub changes: &'o [&'o str],
}

/// The values of the copy with that number, in the order of the columns that change.
pub type Values<'v> = &'v dyn Fn(u64) -> anyhow::Result<Vec<Value>>;

/// A session that the product created, and the event that says so.
pub struct Created {
    /// The event's id.
    pub event: String,
    /// The session's.
    pub session: String,
    /// What the event holds.
    pub sealed: Vec<u8>,
}

/// A database that copies are put into.
pub trait Filled {
    /// The last session that was created.
    ///
    /// # Errors
    /// There is none.
    fn newest_session(&self) -> anyhow::Result<Created>;

    /// Copies a row.
    ///
    /// # Errors
    /// It is not there, or the table refuses a copy.
    fn copy(&self, of: Original<'_>, count: u64, values: Values<'_>) -> anyhow::Result<()>;

    /// Bytes in use.
    ///
    /// # Errors
    /// The database failed.
    fn size(&self) -> anyhow::Result<f64>;

    /// Leaves nothing to be done later.
    ///
    /// # Errors
    /// The database failed.
    fn finish(&self) -> anyhow::Result<()>;
}

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

/// Puts `sessions` into a database in which the product has created one, with an idempotency key.
///
/// # Errors
/// The database has another form than expected, or the disk is full.
pub fn grow(database: &dyn Filled, sessions: u64) -> anyhow::Result<Grown> {
    let created = database.newest_session()?;
    let id: EventId = created.event.parse()?;
    let (made_at, _) = id.made_at().context("an id that the product made")?;
    let times = |days, count| Times::before(made_at - 60_000, days, count);
    let (all, owners) = (times(DAYS, sessions), times(DAYS, sessions / SESSIONS_EACH));
    let kept = sessions * KEPT_DAYS / DAYS;
    let empty = database.size()?;
    copy_sessions(database, &created, (all, owners), sessions)?;
    copy_events(database, &created, all, sessions)?;
    let with_sessions = database.size()?;
    copy_answers(database, times(KEPT_DAYS, kept), kept)?;
    let with_answers = database.size()?;
    subscribers(database, sessions / SESSIONS_EACH, |number| {
        [
            owners.id::<UserKind>(number),
            owners.id::<PortingKind>(number),
            owners.id::<SubscriptionKind>(number),
        ]
    })?;
    database.finish()?;
    Ok(Grown {
        sessions: all,
        subscribers: owners,
        session_bytes: (with_sessions - empty) / sessions as f64,
        answer_bytes: (with_answers - with_sessions) / kept.max(1) as f64,
    })
}

fn copy_sessions(
    database: &dyn Filled,
    created: &Created,
    (times, owners): (Times, Times),
    count: u64,
) -> anyhow::Result<()> {
    // They wait to be opened, as every new session does, and stay so while the rows are measured.
    let expires = times.micros(count) + 2 * 24 * 60 * 60 * 1_000_000;
    let original = Original {
        table: "connect_sessions",
        condition: &format!("id = '{}'", created.session),
        changes: &[
            "id",
            "user_id",
            "subscription_id",
            "token_hash",
            "created_at",
            "expires_at",
        ],
    };
    database.copy(original, count, &|number| {
        // A subscriber comes back within the next days.
        let owner = (number / SESSIONS_EACH).saturating_sub(scrambled(number) % 1_000);
        Ok(vec![
            Value::Text(times.id::<Session>(number)),
            Value::Text(owners.id::<UserKind>(owner)),
            Value::Text(owners.id::<SubscriptionKind>(owner)),
            Value::Bytes(random(number)),
            Value::Time(times.micros(number)),
            Value::Time(expires),
        ])
    })
}

fn copy_events(
    database: &dyn Filled,
    created: &Created,
    times: Times,
    count: u64,
) -> anyhow::Result<()> {
    let seal = Seal::new()?;
    let content = seal.open(&created.event, &created.sealed)?;
    let body = &created.session.as_bytes()[PREFIX..];
    // Its last digits may stand in a phrase with what follows; those stay as they are.
    let place = (body.len() - LAST_DIGITS..=body.len())
        .rev()
        .find_map(|length| {
            let at = content
                .windows(length)
                .position(|part| part == &body[..length])?;
            Some(at..at + length)
        });
    let place = place.context("the product seals in another way now")?;
    let original = Original {
        table: "events",
        condition: &format!("id = '{}'", created.event),
        changes: &["id", "subject", "time", "data_sealed"],
    };
    let began = Instant::now();
    database.copy(original, count, &|number| {
        if number > 0 && number % 1_000_000 == 0 {
            let (millions, took) = (number / 1_000_000, began.elapsed().as_secs());
            eprintln!("    {millions} million events after {took} s");
        }
        let (session, event) = (times.id::<Session>(number), times.id::<EventKind>(number));
        let mut content = content.clone();
        content[place.clone()].copy_from_slice(&session.as_bytes()[PREFIX..][..place.len()]);
        let sealed = seal.seal((&event, number), &content, &created.sealed)?;
        Ok(vec![
            Value::Text(event),
            Value::Text(session),
            Value::Time(times.micros(number)),
            Value::Bytes(sealed),
        ])
    })
}

fn copy_answers(database: &dyn Filled, times: Times, count: u64) -> anyhow::Result<()> {
    let newest =
        "key_hash = (SELECT key_hash FROM idempotency_keys ORDER BY created_at DESC LIMIT 1)";
    let original = Original {
        table: "idempotency_keys",
        condition: newest,
        changes: &["key_hash", "created_at"],
    };
    database.copy(original, count, &|number| {
        Ok(vec![
            Value::Bytes(random(number + 1)),
            Value::Time(times.micros(number)),
        ])
    })
}

/// Copies the newest subscriber: user, porting and subscription, whose ids `ids` gives.
///
/// # Errors
/// There is none, or a table refuses a copy.
pub fn subscribers(
    database: &dyn Filled,
    count: u64,
    ids: impl Fn(u64) -> [String; 3],
) -> anyhow::Result<()> {
    let copy = |table: &str, changes: &[&str], values: Values<'_>| {
        let condition = &format!("id = (SELECT MAX(id) FROM {table})");
        let original = Original {
            table,
            condition,
            changes,
        };
        database.copy(original, count, values)
    };
    // What is sealed opens for its own row only; users and portings may be without.
    copy("users", &["id", "email", "personal_sealed"], &|number| {
        let [user, ..] = ids(number);
        let email = format!("{user}@example.com");
        Ok(vec![Value::Text(user), Value::Text(email), Value::Nothing])
    })?;
    let columns = ["id", "user_id", "subscription_id", "details_sealed"];
    copy("portings", &columns, &|number| {
        let [user, porting, subscription] = ids(number).map(Value::Text);
        Ok(vec![porting, user, subscription, Value::Nothing])
    })?;
    let columns = ["id", "user_id", "porting_id"];
    copy("subscriptions", &columns, &|number| {
        let [user, porting, subscription] = ids(number).map(Value::Text);
        Ok(vec![subscription, user, porting])
    })
}

fn random(number: u64) -> Vec<u8> {
    let parts = (0..4).flat_map(|part| scrambled(number * 4 + part).to_be_bytes());
    parts.collect()
}
