//! Deliveries: one for each event and endpoint that wants it.
//!
//! Guarantee: a delivery waits until it is delivered or has failed for good; a sender takes it by a
//! guarded update, and only the sender that holds it can write what came of it.

use jiff::Timestamp;
use portico_domain::{
    id::{EventId, WebhookDeliveryId, WebhookEndpointId},
    webhook::DeliveryState,
};
use serde::{Deserialize, Serialize};

use crate::{
    Page, PageRequest, StoreError, Tx,
    list::ListQuery,
    many::{chunks, marks},
    row::Row,
    value::{Value, args},
};

const TABLE: &str = "webhook_deliveries";

/// One try, as the log keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it ended.
    pub at: Timestamp,
    /// The status of the answer.
    pub status: Option<u16>,
    /// Why there was no answer.
    pub error: Option<String>,
    /// How long it took, in milliseconds.
    pub ms: u64,
}

/// A delivery to be written.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "each is described at the same name in `Delivery`"
)]
pub struct NewDelivery {
    pub id: WebhookDeliveryId,
    pub project: String,
    pub endpoint: WebhookEndpointId,
    pub event: EventId,
    pub event_type: String,
    /// The sender that takes it at once.
    pub owner: Option<String>,
}

/// A delivery as it is kept.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Its id.
    pub id: WebhookDeliveryId,
    /// To whom.
    pub endpoint: WebhookEndpointId,
    /// What.
    pub event: EventId,
    /// The event's type without the server's prefix.
    pub event_type: String,
    /// How far it is.
    pub state: DeliveryState,
    /// Failed tries since it was last asked for.
    pub tries: u32,
    /// When it is tried next, if it waits.
    pub run_at: Timestamp,
    /// The log, oldest first.
    pub attempts: Vec<Attempt>,
    /// When it was created.
    pub created_at: Timestamp,
}

/// A delivery that was taken.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "each is described at the same name in `Delivery`"
)]
pub struct Taken {
    pub id: WebhookDeliveryId,
    pub event: EventId,
    pub tries: u32,
    /// The log as it is kept.
    pub attempts: String,
}

/// What came of a delivery that was taken.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "each is described at the same name in `Delivery`"
)]
pub struct Outcome {
    pub endpoint: WebhookEndpointId,
    pub id: WebhookDeliveryId,
    pub state: DeliveryState,
    pub tries: u32,
    pub run_at: Timestamp,
    /// The log with what was added to it.
    pub attempts: String,
}

/// Writes deliveries to be tried at once. One that exists stays as it is.
///
/// # Errors
/// The store failed.
pub async fn insert(tx: &mut Tx, new: &[NewDelivery]) -> Result<(), StoreError> {
    write(tx, new, "NOTHING").await.map(drop)
}

/// Asks for deliveries anew: what was delivered or has failed waits again, what waits stays as it
/// is, what never was is written. How many will be sent because of it.
///
/// # Errors
/// The store failed.
pub async fn ask_again(tx: &mut Tx, new: &[NewDelivery]) -> Result<u32, StoreError> {
    let reset = "UPDATE SET state = 'waiting', tries = 0, run_at = excluded.run_at, \
                 finished_at = NULL WHERE webhook_deliveries.state <> 'waiting'";
    tx.note_new_event();
    write(tx, new, reset).await
}

async fn write(tx: &mut Tx, new: &[NewDelivery], otherwise: &str) -> Result<u32, StoreError> {
    let mut written = 0;
    for chunk in chunks(new) {
        let mut args = args![tx.now()];
        for it in chunk {
            let row = args![
                it.id,
                it.project.as_str(),
                it.endpoint,
                it.event,
                it.event_type.as_str(),
                it.owner.as_deref(),
            ];
            args.extend(row);
        }
        let rows: Vec<_> = (0..chunk.len())
            .map(|row| format!("({}, 'waiting', 0, $1, '[]', $1)", marks(2 + row * 6, 6, 1)))
            .collect();
        let sql = format!(
            "INSERT INTO webhook_deliveries (id, project, endpoint_id, event_id, event_type, \
             lease_owner, state, tries, run_at, attempts, created_at) VALUES {} \
             ON CONFLICT (endpoint_id, event_id) DO {otherwise} RETURNING id",
            rows.join(", ")
        );
        written += tx.all_built(TABLE, sql, args).await?.len();
    }
    Ok(u32::try_from(written).unwrap_or(u32::MAX))
}

/// Takes up to `limit` of an endpoint's deliveries that are due, oldest first.
///
/// # Errors
/// The store failed.
pub async fn take(
    tx: &mut Tx,
    owner: &str,
    endpoint: WebhookEndpointId,
    limit: u32,
) -> Result<Vec<Taken>, StoreError> {
    let now = tx.now();
    let sql = "UPDATE webhook_deliveries SET lease_owner = $2 WHERE endpoint_id = $1 AND id IN (\
               SELECT id FROM webhook_deliveries WHERE endpoint_id = $1 AND state = 'waiting' \
               AND lease_owner IS NULL AND run_at <= $3 ORDER BY run_at LIMIT $4) \
               AND state = 'waiting' AND lease_owner IS NULL \
               RETURNING id, event_id, tries, attempts";
    let rows = tx
        .all(TABLE, sql, args![endpoint, owner, now, limit])
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Taken {
                id: row.parse("id")?,
                event: row.parse("event_id")?,
                tries: row.count("tries")?,
                attempts: row.text("attempts")?,
            })
        })
        .collect()
}

/// Writes what came of deliveries that `owner` holds, and lets go of them. What it does not hold any
/// more is passed over. How many were written.
///
/// # Errors
/// The store failed.
pub async fn settle(tx: &mut Tx, owner: &str, outcomes: &[Outcome]) -> Result<usize, StoreError> {
    let now = tx.now();
    let mut written = 0;
    for chunk in chunks(outcomes) {
        let mut args = args![owner];
        for it in chunk {
            let finished = (it.state != DeliveryState::Waiting).then_some(now);
            args.extend([
                Value::from(it.endpoint),
                Value::from(it.id),
                Value::from(it.state.as_str()),
                Value::from(it.tries),
                Value::from(it.run_at),
                Value::from(it.attempts.as_str()),
                Value::from(finished),
            ]);
        }
        let sql = format!(
            "UPDATE webhook_deliveries SET state = v.column3, tries = v.column4, \
             run_at = v.column5, attempts = v.column6, finished_at = v.column7, lease_owner = NULL \
             FROM (VALUES {}) AS v WHERE webhook_deliveries.endpoint_id = v.column1 \
             AND webhook_deliveries.id = v.column2 AND webhook_deliveries.lease_owner = $1 \
             RETURNING webhook_deliveries.id",
            marks(2, chunk.len(), 7)
        );
        written += tx.all_built(TABLE, sql, args).await?.len();
    }
    Ok(written)
}

/// What `owner` holds.
///
/// # Errors
/// The store failed.
pub async fn held_by(tx: &mut Tx, owner: &str) -> Result<Vec<WebhookDeliveryId>, StoreError> {
    let sql = "SELECT id FROM webhook_deliveries WHERE lease_owner = $1";
    let rows = tx.all(TABLE, sql, args![owner]).await?;
    rows.iter().map(|row| row.parse("id")).collect()
}

/// Lets go of deliveries that `owner` holds; they wait as they did before.
///
/// # Errors
/// The store failed.
pub async fn let_go(
    tx: &mut Tx,
    owner: &str,
    held: &[WebhookDeliveryId],
) -> Result<(), StoreError> {
    for chunk in chunks(held) {
        let sql = format!(
            "UPDATE webhook_deliveries SET lease_owner = NULL WHERE lease_owner = $1 AND id IN ({})",
            marks(2, chunk.len(), 1)
        );
        let mut args = args![owner];
        args.extend(chunk.iter().map(|id| Value::from(*id)));
        tx.execute_built(sql, args).await?;
    }
    Ok(())
}

/// An endpoint's deliveries, newest first; of one event or state, if they are named.
///
/// # Errors
/// The store failed.
pub async fn list(
    tx: &mut Tx,
    endpoint: WebhookEndpointId,
    filter: (Option<EventId>, Option<DeliveryState>),
    page: &PageRequest,
) -> Result<Page<Delivery>, StoreError> {
    ListQuery::of(TABLE)
        .with("endpoint_id", endpoint)
        .with_some("event_id", filter.0)
        .with_some("state", filter.1.map(DeliveryState::as_str))
        .page(tx, page, delivery)
        .await
}

/// Whether a delivery of an endpoint ended before `before`.
///
/// # Errors
/// The store failed.
pub async fn has_old(
    tx: &mut Tx,
    endpoint: WebhookEndpointId,
    before: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "SELECT id FROM webhook_deliveries WHERE endpoint_id = $1 AND id < $2 \
               AND finished_at <= $3 LIMIT 1";
    let args = args![endpoint, made_before(before), before];
    Ok(tx.optional(TABLE, sql, args).await?.is_some())
}

/// What was created later cannot have ended before: ids are ordered by time.
fn made_before(before: Timestamp) -> WebhookDeliveryId {
    let millis = u64::try_from(before.as_millisecond()).unwrap_or(0);
    WebhookDeliveryId::from_parts(millis, 0, [0; 12])
}

/// Erases up to `limit` deliveries of an endpoint that ended before `before`, or any of them when
/// the endpoint is gone. How many.
///
/// # Errors
/// The store failed.
pub async fn erase_old(
    tx: &mut Tx,
    endpoint: WebhookEndpointId,
    before: Option<Timestamp>,
    limit: u32,
) -> Result<u64, StoreError> {
    let (all, old) = (
        "DELETE FROM webhook_deliveries WHERE endpoint_id = $1 AND id IN (\
         SELECT id FROM webhook_deliveries WHERE endpoint_id = $1 LIMIT $2)",
        "DELETE FROM webhook_deliveries WHERE endpoint_id = $1 AND id IN (\
         SELECT id FROM webhook_deliveries WHERE endpoint_id = $1 AND id < $3 \
         AND finished_at <= $4 ORDER BY id LIMIT $2)",
    );
    let Some(before) = before else {
        return tx.execute(all, args![endpoint, limit]).await;
    };
    let newest = made_before(before);
    tx.execute(old, args![endpoint, limit, newest, before])
        .await
}

fn delivery(row: &Row) -> Result<Delivery, StoreError> {
    let attempts =
        serde_json::from_str(&row.text("attempts")?).map_err(|_| row.corrupt("attempts"))?;
    Ok(Delivery {
        id: row.parse("id")?,
        endpoint: row.parse("endpoint_id")?,
        event: row.parse("event_id")?,
        event_type: row.text("event_type")?,
        state: row.parse("state")?,
        tries: row.count("tries")?,
        run_at: row.time("run_at")?,
        attempts,
        created_at: row.time("created_at")?,
    })
}
