//! Events: what happened, in the order it happened to each resource. Written in the transaction of
//! the change itself; their data is sealed because it holds personal data.
//!
//! An event that an enabled webhook endpoint of its project may want is marked by the statement that
//! writes it, so what was committed is found by the senders whatever crashes: see `webhooks::outbox`.

use jiff::{SignedDuration, Timestamp};
use portico_ambient::Ambient;
use portico_domain::{
    event::{Actor, EventType},
    id::EventId,
};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::{
    Page, PageRequest, StoreError, Tx, Vault, list::ListQuery, many, row::Row, value::args,
    vault::Place,
};

const TABLE: &str = "events";
/// How far an id's time may be ahead of its event's.
const ID_LEAD: SignedDuration = SignedDuration::from_hours(24);

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
    /// Whether nothing happened to the resource before: then there is nothing to count. The unique
    /// index on subject and sequence refuses a second first event.
    pub is_first: bool,
}

/// An event as it is kept; `D` is what its data was read as.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "each is described at the same name in `NewEvent`"
)]
pub struct Event<D = Json> {
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
    pub data: D,
    pub previous: Option<D>,
}

/// An event whose data was not opened yet, so that opening it holds up no transaction.
pub type SealedEvent = Event<Vec<u8>>;

impl SealedEvent {
    /// Opens the data.
    ///
    /// # Errors
    /// It does not open.
    pub fn open<D: DeserializeOwned>(self, vault: &Vault) -> Result<Event<D>, StoreError> {
        let place = |column| place(self.id.as_str(), column);
        let previous = self.previous.as_ref();
        let previous = previous.map(|sealed| vault.open_json(place("previous"), sealed));
        Ok(Event {
            data: vault.open_json(place("data"), &self.data)?,
            previous: previous.transpose()?,
            id: self.id,
            project: self.project,
            kind: self.kind,
            subject: self.subject,
            sequence: self.sequence,
            actor_type: self.actor_type,
            actor_id: self.actor_id,
            time: self.time,
        })
    }
}

/// The statement that writes an event: what comes before the values, its sequence, and what comes after
/// them. The mark of the outbox costs no statement of its own.
macro_rules! insert_event {
    ($before:literal, $sequence:literal, $after:expr) => {
        concat!(
            "INSERT INTO events (id, project, type, subject, sequence, actor_type, actor_id, time, \
             data_sealed, previous_sealed, outbox_at) ",
            $before,
            "$1, $2, $3, $4, ",
            $sequence,
            ", $5, $6, $7, $8, $9, CASE WHEN EXISTS (SELECT 1 FROM webhook_endpoints \
             WHERE project = $2 AND status = 'enabled') THEN $7 END",
            $after
        )
    };
}
/// The same for a resource's first event.
macro_rules! insert_first {
    ($after:literal) => {
        insert_event!("VALUES (", "1", concat!(")", $after))
    };
}
/// The same for any other.
macro_rules! insert_next {
    ($after:literal) => {
        insert_event!(
            "SELECT ",
            "COALESCE(MAX(sequence), 0) + 1",
            concat!(" FROM events WHERE subject = $4", $after)
        )
    };
}
const FIRST: &str = insert_first!("");
const FIRST_TOLD: &str =
    insert_first!(" RETURNING id AS subject, 'outbox' AS note, outbox_at AS at");
const NEXT: &str = insert_next!("");
const NEXT_TOLD: &str = insert_next!(" RETURNING id, outbox_at");

fn place<'a>(id: &'a str, column: &'static str) -> Place<'a> {
    Place {
        table: TABLE,
        row: id,
        column,
    }
}

/// An event with its id, sealed and ready to be written.
#[derive(Debug, Clone)]
pub struct Draft {
    id: EventId,
    project: String,
    kind: EventType,
    subject: String,
    actor: Actor,
    time: Timestamp,
    data: Vec<u8>,
    previous: Option<Vec<u8>>,
    is_first: bool,
}

impl Draft {
    /// Gives the event its id and seals it. It happened at `time`, which was taken before: see
    /// [`of_time`].
    pub fn new(
        (ambient, vault): (&Ambient, &Vault),
        time: Timestamp,
        event: &NewEvent<'_>,
    ) -> Self {
        let id: EventId = ambient.id();
        let seal = |column, json| vault.seal_json(place(id.as_str(), column), json);
        Self {
            id,
            project: event.project.to_owned(),
            kind: event.kind,
            subject: event.subject.to_owned(),
            actor: event.actor.clone(),
            time,
            data: seal("data", event.data),
            previous: event.previous.map(|json| seal("previous", json)),
            is_first: event.is_first,
        }
    }

    /// What happened.
    pub fn kind(&self) -> EventType {
        self.kind
    }
}

/// Writes an event.
///
/// # Errors
/// The store failed.
pub async fn insert(tx: &mut Tx, event: &NewEvent<'_>) -> Result<EventId, StoreError> {
    let draft = Draft::new((tx.ambient(), tx.vault()), tx.now(), event);
    insert_draft(tx, &draft).await
}

/// Writes an event that was made ready.
///
/// # Errors
/// The store failed.
pub async fn insert_draft(tx: &mut Tx, event: &Draft) -> Result<EventId, StoreError> {
    let row = args![
        event.id,
        event.project.as_str(),
        event.kind.as_str(),
        event.subject.as_str(),
        event.actor.kind(),
        event.actor.id(),
        event.time,
        event.data.as_slice(),
        event.previous.as_deref(),
    ];
    match (event.is_first, tx.asks_at_a_distance()) {
        (true, true) => tx.defer(FIRST_TOLD, row),
        (true, false) => {
            tx.defer(FIRST, row);
            tx.note_event();
        }
        (false, true) => {
            let written = tx.one(TABLE, NEXT_TOLD, row).await;
            if or_conflict(written)?.time_or_null("outbox_at")?.is_some() {
                tx.note_new_event();
            }
        }
        (false, false) => {
            or_conflict(tx.execute(NEXT, row).await)?;
            tx.note_event();
        }
    }
    Ok(event.id)
}

/// Another transaction took the number in the meantime: the next run takes the one after.
fn or_conflict<T>(written: Result<T, StoreError>) -> Result<T, StoreError> {
    written.map_err(|error| match error {
        StoreError::Unique => StoreError::Conflict,
        other => other,
    })
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
    let sql = "UPDATE events SET data_sealed = $3, previous_sealed = $4 \
               WHERE project = $1 AND id = $2";
    let row = args![event.project.as_str(), event.id, data, previous];
    tx.execute_one("the event", sql, row).await
}

/// The greatest id of all events; `None` before the first.
///
/// # Errors
/// The store failed.
pub async fn last_id(tx: &mut Tx) -> Result<Option<EventId>, StoreError> {
    // The index leads by project; there are few.
    let sql = "SELECT (SELECT MAX(id) FROM events WHERE project = projects.id) AS id FROM projects";
    let mut last = None;
    for row in tx.all(TABLE, sql, vec![]).await? {
        last = last.max(row.parse_or_null("id")?);
    }
    Ok(last)
}

/// The project's event of that id.
///
/// # Errors
/// The store failed.
pub async fn find(tx: &mut Tx, project: &str, id: EventId) -> Result<Option<Event>, StoreError> {
    let sql = "SELECT * FROM events WHERE project = $1 AND id = $2";
    let row = tx.optional(TABLE, sql, args![project, id]).await?;
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
    sealed(row)?.open(vault)
}

/// The project's events of those ids, in no order; what is not there is left out.
///
/// # Errors
/// The store failed.
pub async fn of_ids(
    tx: &mut Tx,
    project: &str,
    ids: &[EventId],
) -> Result<Vec<SealedEvent>, StoreError> {
    let rows = many::of_ids(tx, TABLE, project, ids).await?;
    rows.iter().map(sealed).collect()
}

pub(crate) fn sealed(row: &Row) -> Result<SealedEvent, StoreError> {
    Ok(Event {
        id: row.parse("id")?,
        project: row.text("project")?,
        kind: row.text("type")?,
        subject: row.text("subject")?,
        sequence: row.int("sequence")?,
        actor_type: row.text("actor_type")?,
        actor_id: row.text_or_null("actor_id")?,
        time: row.time("time")?,
        data: row.blob("data_sealed")?,
        previous: row.blob_or_null("previous_sealed")?,
    })
}

/// Ids and types of the project's events of `[after, before)`, oldest first, `limit` at the most.
///
/// # Errors
/// The store failed.
pub async fn of_time(
    tx: &mut Tx,
    project: &str,
    range: (Timestamp, Timestamp),
    limit: u32,
) -> Result<Vec<(EventId, String)>, StoreError> {
    let (after, before) = range;
    let bound = |at: Timestamp| {
        let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
        EventId::from_parts(millis, 0, [0; 12])
    };
    // An id is drawn after the event's time was taken, and soon; a clock that stepped back can make
    // it look later, never earlier.
    let last = before.saturating_add(ID_LEAD).unwrap_or(before);
    let sql = "SELECT id, type FROM events WHERE project = $1 AND id >= $2 AND id < $3 \
               AND time >= $4 AND time < $5 ORDER BY id LIMIT $6";
    let args = args![project, bound(after), bound(last), after, before, limit];
    let rows = tx.all(TABLE, sql, args).await?;
    rows.iter()
        .map(|row| Ok((row.parse("id")?, row.text("type")?)))
        .collect()
}
