//! How endpoints have been answering.

use jiff::Timestamp;
use portico_domain::id::WebhookEndpointId;

use crate::{StoreError, Tx, value::args};

const TABLE: &str = "webhook_health";

/// An enabled endpoint that has something waiting.
#[derive(Debug, Clone, Copy)]
pub struct Due {
    /// The endpoint.
    pub endpoint: WebhookEndpointId,
    /// When it may be tried: the earliest delivery's time, or when the endpoint asked to be left
    /// alone until.
    pub at: Timestamp,
}

/// What waits for enabled endpoints, one entry for each.
///
/// # Errors
/// The store failed.
pub async fn due(tx: &mut Tx) -> Result<Vec<Due>, StoreError> {
    let sql = "SELECT e.id AS id, h.held_until AS held_until, \
               (SELECT MIN(d.run_at) FROM webhook_deliveries d WHERE d.endpoint_id = e.id \
               AND d.state = 'waiting' AND d.lease_owner IS NULL) AS run_at \
               FROM webhook_endpoints e LEFT JOIN webhook_health h ON h.endpoint_id = e.id \
               WHERE e.status = 'enabled'";
    let mut found = Vec::new();
    for row in tx.all(TABLE, sql, vec![]).await? {
        if let Some(run_at) = row.time_or_null("run_at")? {
            let held = row.time_or_null("held_until")?.unwrap_or(run_at);
            found.push(Due {
                endpoint: row.parse("id")?,
                at: run_at.max(held),
            });
        }
    }
    Ok(found)
}

/// Until when an endpoint asked to be left alone.
///
/// # Errors
/// The store failed.
pub async fn held_until(
    tx: &mut Tx,
    endpoint: WebhookEndpointId,
) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT endpoint_id, held_until FROM webhook_health WHERE endpoint_id = $1";
    match tx.optional(TABLE, sql, args![endpoint]).await? {
        Some(row) => row.time_or_null("held_until"),
        None => Ok(None),
    }
}

/// It took a delivery.
///
/// # Errors
/// The store failed.
pub async fn succeeded(tx: &mut Tx, endpoint: WebhookEndpointId) -> Result<(), StoreError> {
    let sql = "UPDATE webhook_health SET failing_since = NULL WHERE endpoint_id = $1 \
               AND failing_since IS NOT NULL";
    tx.execute(sql, args![endpoint]).await.map(drop)
}

/// It failed, and nothing succeeded beside that. Since when it only fails.
///
/// # Errors
/// The store failed.
pub async fn failed(tx: &mut Tx, endpoint: WebhookEndpointId) -> Result<Timestamp, StoreError> {
    let sql = "INSERT INTO webhook_health (endpoint_id, failing_since) VALUES ($1, $2) \
               ON CONFLICT (endpoint_id) DO UPDATE SET \
               failing_since = COALESCE(webhook_health.failing_since, excluded.failing_since) \
               RETURNING endpoint_id, failing_since";
    let now = tx.now();
    tx.one(TABLE, sql, args![endpoint, now])
        .await?
        .time("failing_since")
}

/// It asked to be left alone.
///
/// # Errors
/// The store failed.
pub async fn hold(
    tx: &mut Tx,
    endpoint: WebhookEndpointId,
    until: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO webhook_health (endpoint_id, held_until) VALUES ($1, $2) \
               ON CONFLICT (endpoint_id) DO UPDATE SET held_until = excluded.held_until";
    tx.execute(sql, args![endpoint, until]).await.map(drop)
}

/// It begins anew: somebody enabled it or gave it another URL.
///
/// # Errors
/// The store failed.
pub async fn reset(tx: &mut Tx, endpoint: WebhookEndpointId) -> Result<(), StoreError> {
    let sql = "DELETE FROM webhook_health WHERE endpoint_id = $1";
    tx.execute(sql, args![endpoint]).await.map(drop)
}

/// What the operator should see.
#[derive(Debug, Clone, Copy, Default)]
pub struct Backlog {
    /// Deliveries that wait, also for disabled endpoints; counted up to 10,000, without
    /// those being tried now.
    pub waiting: i64,
    /// When the oldest delivery that could be tried now was due.
    pub oldest_due: Option<Timestamp>,
    /// Endpoints that Portico disabled.
    pub disabled: i64,
}

/// Counts what waits.
///
/// # Errors
/// The store failed.
pub async fn backlog(tx: &mut Tx) -> Result<Backlog, StoreError> {
    let waiting = "SELECT COUNT(*) AS n FROM (SELECT 1 FROM webhook_deliveries \
                   WHERE state = 'waiting' AND lease_owner IS NULL LIMIT 10000) AS waiting";
    let waiting = tx
        .one("webhook_deliveries", waiting, vec![])
        .await?
        .int("n")?;
    let disabled = "SELECT COUNT(*) AS n FROM webhook_endpoints \
                    WHERE status = 'disabled' AND disabled_reason <> 'requested'";
    let disabled = tx
        .one("webhook_endpoints", disabled, vec![])
        .await?
        .int("n")?;
    let now = tx.now();
    let due = due(tx).await?.into_iter().map(|due| due.at);
    Ok(Backlog {
        waiting,
        oldest_due: due.filter(|at| *at <= now).min(),
        disabled,
    })
}
