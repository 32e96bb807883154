//! Events: what happened, in the order it happened to each resource. Written in the transaction of
//! the change itself; their data is sealed because it holds personal data.

use jiff::Timestamp;
use portico_domain::{
    event::{Actor, EventType},
    id::EventId,
};
use serde_json::Value as Json;

use crate::{
    Page, PageRequest, StoreError, Tx, Vault, list::ListQuery, row::Row, value::args, vault::Place,
};

const TABLE: &str = "events";

/// An event to be written.
#[derive(Debug, Clone)]
pub struct NewEvent<'a> {
    /// The project's slug.
    pub project: &'a str,
    /// What happened.
    pub kind: EventType,
    /// The id of the resource it happened to.
    pub subject: &'a str,
    /// Who did it.
    pub actor: &'a Actor,
    /// The whole resource, as it is now.
    pub data: &'a Json,
    /// Old values of changed fields; updates only.
    pub previous: Option<&'a Json>,
}

/// An event as it is kept.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "each is described at the same name in `NewEvent`"
)]
pub struct Event {
    pub id: EventId,
    pub project: String,
    /// The type without the server's prefix.
    pub kind: String,
    pub subject: String,
    /// 1 for the resource's first event, then one more each time.
    pub sequence: i64,
    pub actor_type: String,
    pub actor_id: Option<String>,
    pub time: Timestamp,
    pub data: Json,
    pub previous: Option<Json>,
}

fn place<'a>(id: &'a str, column: &'static str) -> Place<'a> {
    Place {
        table: TABLE,
        row: id,
        column,
    }
}

/// Writes an event.
///
/// # Errors
/// The store failed.
pub async fn insert(tx: &mut Tx, event: &NewEvent<'_>) -> Result<EventId, StoreError> {
    let id: EventId = tx.ambient().id();
    let data = tx.vault().seal_json(place(id.as_str(), "data"), event.data);
    let previous = event
        .previous
        .map(|json| tx.vault().seal_json(place(id.as_str(), "previous"), json));
    let sql = "INSERT INTO events (id, project, type, subject, sequence, actor_type, actor_id, \
               time, data_sealed, previous_sealed) SELECT $1, $2, $3, $4, \
               COALESCE(MAX(sequence), 0) + 1, $5, $6, $7, $8, $9 FROM events WHERE subject = $4";
    let now = tx.now();
    let row = args![
        id,
        event.project,
        event.kind.as_str(),
        event.subject,
        event.actor.kind(),
        event.actor.id(),
        now,
        data,
        previous,
    ];
    match tx.execute(sql, row).await {
        Ok(_) => Ok(id),
        // Another transaction took the number in the meantime: the next run takes the one after.
        Err(StoreError::Unique) => Err(StoreError::Conflict),
        Err(error) => Err(error),
    }
}

/// A resource's events, oldest first.
///
/// # Errors
/// The store failed.
pub async fn of_subject(tx: &mut Tx, subject: &str) -> Result<Vec<Event>, StoreError> {
    let sql = "SELECT * FROM events WHERE subject = $1 ORDER BY sequence";
    let rows = tx.all(TABLE, sql, args![subject]).await?;
    rows.iter().map(|row| event(tx.vault(), row)).collect()
}

/// A resource's events after the one of that sequence, oldest first.
///
/// # Errors
/// The store failed.
pub async fn after(
    tx: &mut Tx,
    subject: &str,
    sequence: i64,
    limit: u32,
) -> Result<Vec<Event>, StoreError> {
    let sql = "SELECT * FROM events WHERE subject = $1 AND sequence > $2 \
               ORDER BY sequence LIMIT $3";
    let rows = tx.all(TABLE, sql, args![subject, sequence, limit]).await?;
    rows.iter().map(|row| event(tx.vault(), row)).collect()
}

/// Replaces what an event tells, to erase personal data from it. Nothing else of it ever changes.
///
/// # Errors
/// The store failed.
pub async fn rewrite(tx: &mut Tx, event: &Event) -> Result<(), StoreError> {
    let id = event.id.as_str();
    let data = tx.vault().seal_json(place(id, "data"), &event.data);
    let previous = event.previous.as_ref();
    let previous = previous.map(|json| tx.vault().seal_json(place(id, "previous"), json));
    let sql = "UPDATE events SET data_sealed = $2, previous_sealed = $3 WHERE id = $1";
    let row = args![event.id, data, previous];
    tx.execute_one("the event", sql, row).await
}

/// The greatest id of all events; `None` before the first.
///
/// # Errors
/// The store failed.
pub async fn last_id(tx: &mut Tx) -> Result<Option<EventId>, StoreError> {
    let sql = "SELECT id FROM events ORDER BY id DESC LIMIT 1";
    let row = tx.optional(TABLE, sql, vec![]).await?;
    row.map(|row| row.parse("id")).transpose()
}

/// The project's event of that id.
///
/// # Errors
/// The store failed.
pub async fn find(tx: &mut Tx, project: &str, id: EventId) -> Result<Option<Event>, StoreError> {
    let sql = "SELECT * FROM events WHERE id = $1 AND project = $2";
    let row = tx.optional(TABLE, sql, args![id, project]).await?;
    row.map(|row| event(tx.vault(), &row)).transpose()
}

/// The project's events, newest first; of one type or subject, if they are named.
///
/// # Errors
/// The store failed.
pub async fn list(
    tx: &mut Tx,
    project: &str,
    filter: (Option<&str>, Option<&str>),
    page: &PageRequest,
) -> Result<Page<Event>, StoreError> {
    let (kind, subject) = filter;
    let vault = tx.vault().clone();
    ListQuery::of(TABLE)
        .with("project", project)
        .with_some("type", kind)
        .with_some("subject", subject)
        .page(tx, page, |row| event(&vault, row))
        .await
}

fn event(vault: &Vault, row: &Row) -> Result<Event, StoreError> {
    let id: EventId = row.parse("id")?;
    let previous = row.blob_or_null("previous_sealed")?;
    let previous = previous
        .map(|sealed| vault.open_json(place(id.as_str(), "previous"), &sealed))
        .transpose()?;
    Ok(Event {
        data: vault.open_json(place(id.as_str(), "data"), &row.blob("data_sealed")?)?,
        id,
        project: row.text("project")?,
        kind: row.text("type")?,
        subject: row.text("subject")?,
        sequence: row.int("sequence")?,
        actor_type: row.text("actor_type")?,
        actor_id: row.text_or_null("actor_id")?,
        time: row.time("time")?,
        previous,
    })
}
