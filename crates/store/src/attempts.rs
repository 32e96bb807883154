//! Attempts: each time a porting goes to a gateway.
//!
//! Guarantee: the row is `sending` on disk before the gateway is called. After a crash a `sending`
//! attempt is looked up at the gateway by its reference before anything is sent again.

use jiff::Timestamp;
use portico_domain::id::{AuditId, PortingId};

use crate::{StoreError, Tx, Vault, row::Row, value::args, vault::Place};

const TABLE: &str = "attempts";

/// How far an attempt got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptState {
    /// Not sent yet.
    Waiting,
    /// The gateway is, or was, being called; whether it took the request is not known.
    Sending,
    /// The gateway took the request.
    Accepted,
    /// The carrier's answer is in.
    Answered,
    /// The porting ended before the request was sent.
    Dropped,
}

impl AttemptState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::Answered => "answered",
            Self::Dropped => "dropped",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [
            Self::Waiting,
            Self::Sending,
            Self::Accepted,
            Self::Answered,
            Self::Dropped,
        ]
        .into_iter()
        .find(|state| state.as_str() == text)
    }
}

/// An attempt as it is kept.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// What names it towards the gateway.
    pub reference: String,
    /// Which porting.
    pub porting: PortingId,
    /// Which try, from 1.
    pub number: u32,
    /// How far it got.
    pub state: AttemptState,
    /// How often the gateway was called.
    pub calls: u32,
    /// When it was confirmed.
    pub created_at: Timestamp,
    /// When the gateway took it.
    pub accepted_at: Option<Timestamp>,
    /// Since when the carrier has said nothing about it that can be read.
    pub unreadable_since: Option<Timestamp>,
    /// Which call that handed it in may still be carried out, because nobody heard its end; 0 when there is
    /// none, and `None` when that was not noted.
    pub open_call: Option<u32>,
}

/// Adds the attempt a porting is on.
///
/// # Errors
/// The store failed.
pub async fn insert(tx: &mut Tx, attempt: &Attempt) -> Result<(), StoreError> {
    let sql = "INSERT INTO attempts (reference, porting_id, number, state, calls, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    let row = args![
        attempt.reference.as_str(),
        attempt.porting,
        attempt.number,
        attempt.state.as_str(),
        attempt.calls,
        attempt.created_at,
    ];
    tx.execute(sql, row).await.map(drop)
}

/// Moves an attempt from one state to the next; nothing unreadable is left behind.
///
/// # Errors
/// [`StoreError::Stale`] when it is not in `from`.
pub async fn advance(
    tx: &mut Tx,
    reference: &str,
    from: AttemptState,
    to: AttemptState,
) -> Result<(), StoreError> {
    let now = tx.now();
    let accepted_at = (to == AttemptState::Accepted).then_some(now);
    let answered_at = (to == AttemptState::Answered).then_some(now);
    let sql = "UPDATE attempts SET state = $3, accepted_at = COALESCE($4, accepted_at), \
               answered_at = COALESCE($5, answered_at), unreadable_since = NULL \
               WHERE reference = $1 AND state = $2";
    let row = args![
        reference,
        from.as_str(),
        to.as_str(),
        accepted_at,
        answered_at
    ];
    tx.execute_one("the attempt", sql, row).await
}

/// Counts one more call of the gateway.
///
/// # Errors
/// The store failed.
pub async fn count_call(tx: &mut Tx, reference: &str) -> Result<(), StoreError> {
    let sql = "UPDATE attempts SET calls = calls + 1 WHERE reference = $1";
    tx.execute_one("the attempt", sql, args![reference]).await
}

/// Counts one more call, which hands the attempt in.
///
/// # Errors
/// The store failed.
pub async fn begin_call(tx: &mut Tx, reference: &str) -> Result<(), StoreError> {
    let sql = "UPDATE attempts SET calls = calls + 1, open_call = calls + 1 WHERE reference = $1";
    tx.execute_one("the attempt", sql, args![reference]).await
}

/// Notes that the call counted last hands the attempt in.
///
/// # Errors
/// The store failed.
pub async fn open_call(tx: &mut Tx, reference: &str) -> Result<(), StoreError> {
    let sql = "UPDATE attempts SET open_call = calls WHERE reference = $1";
    tx.execute_one("the attempt", sql, args![reference]).await
}

/// Notes that the end of every call that handed the attempt in was heard.
///
/// # Errors
/// The store failed.
pub async fn close_calls(tx: &mut Tx, reference: &str) -> Result<(), StoreError> {
    let sql = "UPDATE attempts SET open_call = 0 WHERE reference = $1";
    tx.execute_one("the attempt", sql, args![reference]).await
}

/// Notes that the carrier said nothing readable about an attempt, or that it did again.
///
/// # Errors
/// The store failed.
pub async fn note_unreadable(
    tx: &mut Tx,
    reference: &str,
    is_unreadable: bool,
) -> Result<(), StoreError> {
    let now = tx.now();
    if is_unreadable {
        let sql = "UPDATE attempts SET unreadable_since = COALESCE(unreadable_since, $2) \
                   WHERE reference = $1";
        tx.execute(sql, args![reference, now]).await.map(drop)
    } else {
        let sql = "UPDATE attempts SET unreadable_since = NULL WHERE reference = $1";
        tx.execute(sql, args![reference]).await.map(drop)
    }
}

/// An attempt whose carrier says nothing readable.
#[derive(Debug, Clone)]
pub struct Unreadable {
    /// The attempt.
    pub attempt: Attempt,
    /// The porting's project.
    pub project: String,
    /// The recipient.
    pub provider: String,
    /// Since when nothing readable was said.
    pub since: Timestamp,
}

/// The attempts whose carrier has said nothing readable since before `then`, longest first; at most
/// `limit`.
///
/// # Errors
/// The store failed.
pub async fn unreadable(
    tx: &mut Tx,
    then: Timestamp,
    limit: u32,
) -> Result<Vec<Unreadable>, StoreError> {
    let sql = "SELECT attempts.*, portings.project, portings.provider FROM attempts \
               JOIN portings ON portings.id = attempts.porting_id \
               WHERE attempts.unreadable_since <= $1 \
               ORDER BY attempts.unreadable_since, attempts.reference LIMIT $2";
    let rows = tx.all(TABLE, sql, args![then, limit]).await?;
    let read = |row: &Row| {
        Ok(Unreadable {
            attempt: attempt(row)?,
            project: row.text("project")?,
            provider: row.text("provider")?,
            since: row.time("unreadable_since")?,
        })
    };
    rows.iter().map(read).collect()
}

/// The attempt of that reference.
///
/// # Errors
/// The store failed.
pub async fn find(tx: &mut Tx, reference: &str) -> Result<Option<Attempt>, StoreError> {
    let sql = "SELECT * FROM attempts WHERE reference = $1";
    tx.optional(TABLE, sql, args![reference])
        .await?
        .as_ref()
        .map(attempt)
        .transpose()
}

/// A porting's attempts, first to last.
///
/// # Errors
/// The store failed.
pub async fn of_porting(tx: &mut Tx, porting: PortingId) -> Result<Vec<Attempt>, StoreError> {
    let sql = "SELECT * FROM attempts WHERE porting_id = $1 ORDER BY number";
    tx.all(TABLE, sql, args![porting])
        .await?
        .iter()
        .map(attempt)
        .collect()
}

fn attempt(row: &Row) -> Result<Attempt, StoreError> {
    Ok(Attempt {
        reference: row.text("reference")?,
        porting: row.parse("porting_id")?,
        number: row.count("number")?,
        state: AttemptState::parse(&row.text("state")?).ok_or(row.corrupt("state"))?,
        calls: row.count("calls")?,
        created_at: row.time("created_at")?,
        accepted_at: row.time_or_null("accepted_at")?,
        unreadable_since: row.time_or_null("unreadable_since")?,
        open_call: row.count_or_null("open_call")?,
    })
}

/// What a carrier said, as it said it.
#[derive(Debug, Clone)]
pub struct CarrierAnswer<'a> {
    /// The attempt it is about.
    pub reference: &'a str,
    /// The porting it is about.
    pub porting: PortingId,
    /// What we made of it: `completed`, `declined`, `delayed`, …
    pub outcome: &'static str,
    /// The decline code we mapped it to.
    pub mapped_code: Option<&'a str>,
    /// The carrier's own code.
    pub raw_code: Option<&'a str>,
    /// The carrier's own words; may hold personal data, so they are sealed.
    pub raw_text: Option<&'a str>,
    /// Whether it changed anything; a repeated or late answer does not.
    pub applied: bool,
    /// When the carrier says that it said it.
    pub said_at: Option<Timestamp>,
}

/// Keeps a carrier's answer.
///
/// # Errors
/// The store failed.
pub async fn insert_answer(tx: &mut Tx, answer: &CarrierAnswer<'_>) -> Result<(), StoreError> {
    let id: AuditId = tx.ambient().id();
    let place = answer_place(id.as_str());
    let sealed = answer
        .raw_text
        .map(|text| tx.vault().seal(place, text.as_bytes()));
    let now = tx.now();
    let sql = "INSERT INTO carrier_answers (id, reference, porting_id, outcome, mapped_code, \
               raw_code, raw_text_sealed, applied, received_at, said_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let row = args![
        id,
        answer.reference,
        answer.porting,
        answer.outcome,
        answer.mapped_code,
        answer.raw_code,
        sealed,
        answer.applied,
        now,
        answer.said_at,
    ];
    tx.defer(sql, row);
    Ok(())
}

/// A carrier's answer as it is kept.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "each is described at the same name in `CarrierAnswer`"
)]
pub struct KeptAnswer {
    pub reference: String,
    pub outcome: String,
    pub mapped_code: Option<String>,
    pub raw_code: Option<String>,
    pub raw_text: Option<String>,
    pub applied: bool,
    pub said_at: Option<Timestamp>,
    /// When it came.
    pub received_at: Timestamp,
}

/// Everything carriers said about a porting, oldest first.
///
/// # Errors
/// The store failed.
pub async fn answers_of(tx: &mut Tx, porting: PortingId) -> Result<Vec<KeptAnswer>, StoreError> {
    let sql = "SELECT * FROM carrier_answers WHERE porting_id = $1 ORDER BY id";
    let rows = tx.all("carrier_answers", sql, args![porting]).await?;
    rows.iter().map(|row| answer(tx.vault(), row)).collect()
}

fn answer(vault: &Vault, row: &Row) -> Result<KeptAnswer, StoreError> {
    let id = row.text("id")?;
    let sealed = row.blob_or_null("raw_text_sealed")?;
    let raw_text = sealed.map(|sealed| vault.open(answer_place(&id), &sealed));
    let raw_text = raw_text.transpose()?.map(|text| text.to_vec());
    let raw_text = raw_text.map(String::from_utf8).transpose();
    Ok(KeptAnswer {
        reference: row.text("reference")?,
        outcome: row.text("outcome")?,
        mapped_code: row.text_or_null("mapped_code")?,
        raw_code: row.text_or_null("raw_code")?,
        raw_text: raw_text.map_err(|_| row.corrupt("raw_text_sealed"))?,
        applied: row.bool("applied")?,
        said_at: row.time_or_null("said_at")?,
        received_at: row.time("received_at")?,
    })
}

fn answer_place(id: &str) -> Place<'_> {
    Place {
        table: "carrier_answers",
        row: id,
        column: "raw_text",
    }
}
