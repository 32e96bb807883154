//! The audit trail: append-only, who changed which field, never the value.

use jiff::Timestamp;
use portico_domain::{event::Actor, id::AuditId};
use serde_json::Value as Json;

use crate::{
    StoreError, Tx,
    value::{Value, args},
};

/// An entry to be written.
#[derive(Debug, Clone)]
pub struct NewEntry<'a> {
    /// The project's slug.
    pub project: &'a str,
    /// The id of the resource it is about.
    pub subject: &'a str,
    /// What was done: `porting.fieldsChanged`, `porting.authorized`, …
    pub action: &'static str,
    /// Names of fields, codes, versions. Never a value a person entered.
    pub facts: Json,
    /// Who did it.
    pub actor: &'a Actor,
}

/// An entry as it is kept.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "each is described at the same name in `NewEntry`"
)]
pub struct Entry {
    pub action: String,
    pub facts: Json,
    pub actor_type: String,
    pub actor_id: Option<String>,
    pub time: Timestamp,
}

/// Writes an entry.
///
/// # Errors
/// The store failed.
pub async fn insert(tx: &mut Tx, entry: &NewEntry<'_>) -> Result<(), StoreError> {
    let id: AuditId = tx.ambient().id();
    let now = tx.now();
    let sql = "INSERT INTO audit (id, project, subject, action, facts, actor_type, actor_id, time) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let row = args![
        id,
        entry.project,
        entry.subject,
        entry.action,
        Value::json(&entry.facts),
        entry.actor.kind(),
        entry.actor.id(),
        now,
    ];
    tx.defer(sql, row);
    Ok(())
}

/// What was written about a resource, oldest first.
///
/// # Errors
/// The store failed.
pub async fn of_subject(tx: &mut Tx, subject: &str) -> Result<Vec<Entry>, StoreError> {
    let sql = "SELECT * FROM audit WHERE subject = $1 ORDER BY id";
    let rows = tx.all("audit", sql, args![subject]).await?;
    rows.iter()
        .map(|row| {
            Ok(Entry {
                action: row.text("action")?,
                facts: row.json("facts")?,
                actor_type: row.text("actor_type")?,
                actor_id: row.text_or_null("actor_id")?,
                time: row.time("time")?,
            })
        })
        .collect()
}
