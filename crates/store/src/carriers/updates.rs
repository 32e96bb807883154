//! What a carrier said, as an operator's backend or an operator told it.
//!
//! Guarantee: append-only. An update is on disk before whoever told it is answered, and one that
//! names itself is there once. The carrier's words are sealed, and erased with their porting.

use jiff::{SignedDuration, Timestamp};
use portico_domain::{
    carrier::{CarrierUpdate, UpdateKind},
    event::Actor,
    id::{CarrierUpdateId, PortingId},
};
use serde::{Deserialize, Serialize};

use crate::{StoreError, Tx, Vault, row::Row, value::args, vault::Place};

const TABLE: &str = "carrier_updates";

/// An update to be kept.
#[derive(Debug, Clone)]
pub struct NewUpdate<'a> {
    /// The attempt it is about.
    pub reference: &'a str,
    /// The porting it is about.
    pub porting: PortingId,
    /// What the sender calls it; the same for every repetition.
    pub sender_id: Option<&'a str>,
    /// What was said.
    pub said: &'a CarrierUpdate,
    /// Who told it.
    pub actor: &'a Actor,
}

/// An update as it is kept.
#[derive(Debug, Clone)]
pub struct Update {
    /// Its id.
    pub id: CarrierUpdateId,
    /// The attempt it is about.
    pub reference: String,
    /// The porting it is about.
    pub porting: PortingId,
    /// What the sender calls it.
    pub sender_id: Option<String>,
    /// What was said; without the carrier's words once they are erased.
    pub said: CarrierUpdate,
    /// When it came; no two of an attempt came at the same time.
    pub received_at: Timestamp,
}

/// The carrier's own words, as they are sealed.
#[derive(Serialize, Deserialize)]
struct Words {
    code: Option<String>,
    text: Option<String>,
}

/// Keeps an update.
///
/// # Errors
/// [`StoreError::Unique`] when the sender has told one of that name about the attempt before.
pub async fn insert(tx: &mut Tx, new: &NewUpdate<'_>) -> Result<Update, StoreError> {
    let id: CarrierUpdateId = tx.ambient().id();
    let words = Words {
        code: new.said.code().map(str::to_owned),
        text: new.said.text().map(str::to_owned),
    };
    let sealed = tx.vault().seal_json(place(id.as_str()), &words);
    let received_at = after_the_last(tx, new.reference).await?;
    let sql = "INSERT INTO carrier_updates (id, reference, porting_id, sender_id, kind, said_on, \
               words_sealed, actor_type, actor_id, received_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let row = args![
        id,
        new.reference,
        new.porting,
        new.sender_id,
        new.said.kind().as_str(),
        new.said.date(),
        sealed,
        new.actor.kind(),
        new.actor.id(),
        received_at,
    ];
    tx.execute(sql, row).await?;
    Ok(Update {
        id,
        reference: new.reference.to_owned(),
        porting: new.porting,
        sender_id: new.sender_id.map(str::to_owned),
        said: new.said.clone(),
        received_at,
    })
}

/// Now, or just after the last update of the attempt when clocks disagree: the time it came tells one
/// update of an attempt from the other.
async fn after_the_last(tx: &mut Tx, reference: &str) -> Result<Timestamp, StoreError> {
    let sql = "SELECT MAX(received_at) AS last FROM carrier_updates WHERE reference = $1";
    let last = tx.one(TABLE, sql, args![reference]).await?;
    let last = last.time_or_null("last")?.unwrap_or(Timestamp::MIN);
    let next = last.saturating_add(SignedDuration::from_micros(1));
    Ok(tx.now().max(next.unwrap_or(Timestamp::MAX)))
}

/// Everything that was told about an attempt, in the order it came.
///
/// # Errors
/// The store failed.
pub async fn of_attempt(tx: &mut Tx, reference: &str) -> Result<Vec<Update>, StoreError> {
    let sql = "SELECT * FROM carrier_updates WHERE reference = $1 ORDER BY received_at";
    let rows = tx.all(TABLE, sql, args![reference]).await?;
    rows.iter().map(|row| update(tx.vault(), row)).collect()
}

/// Whether anything was told about an attempt.
///
/// # Errors
/// The store failed.
pub async fn has_any(tx: &mut Tx, reference: &str) -> Result<bool, StoreError> {
    let sql = "SELECT id FROM carrier_updates WHERE reference = $1 LIMIT 1";
    let found = tx.optional(TABLE, sql, args![reference]).await?;
    Ok(found.is_some())
}

/// The update that its sender calls `sender_id`.
///
/// # Errors
/// The store failed.
pub async fn told_as(
    tx: &mut Tx,
    reference: &str,
    sender_id: &str,
) -> Result<Option<Update>, StoreError> {
    let sql = "SELECT * FROM carrier_updates WHERE reference = $1 AND sender_id = $2";
    let row = tx.optional(TABLE, sql, args![reference, sender_id]).await?;
    row.map(|row| update(tx.vault(), &row)).transpose()
}

fn update(vault: &Vault, row: &Row) -> Result<Update, StoreError> {
    let id: CarrierUpdateId = row.parse("id")?;
    let sealed = row.blob_or_null("words_sealed")?;
    let words = sealed.map(|sealed| vault.open_json::<Words>(place(id.as_str()), &sealed));
    let Words { code, text } = words.transpose()?.unwrap_or(Words {
        code: None,
        text: None,
    });
    let kind = UpdateKind::parse(&row.text("kind")?).ok_or(row.corrupt("kind"))?;
    let said = CarrierUpdate::with(kind, code, text, row.date_or_null("said_on")?);
    Ok(Update {
        id,
        reference: row.text("reference")?,
        porting: row.parse("porting_id")?,
        sender_id: row.text_or_null("sender_id")?,
        said: said.map_err(|_| row.corrupt("words_sealed"))?,
        received_at: row.time("received_at")?,
    })
}

fn place(id: &str) -> Place<'_> {
    Place {
        table: TABLE,
        row: id,
        column: "words",
    }
}
