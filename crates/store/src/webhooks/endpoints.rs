//! Webhook endpoints. Their secrets are sealed; a deleted one stays, unseen, until its deliveries
//! are erased.

use jiff::Timestamp;
use portico_domain::{
    id::WebhookEndpointId,
    webhook::{OVERLAP, TypePattern, WebhookEndpoint},
};
use zeroize::Zeroizing;

use crate::{
    Page, PageRequest, StoreError, Tx, Vault,
    list::ListQuery,
    row::Row,
    value::{Value, args},
    vault::Place,
};

const TABLE: &str = "webhook_endpoints";

/// What signs an endpoint's deliveries. Has no `Debug`.
pub struct Secrets {
    /// The newest secret.
    pub current: Zeroizing<Vec<u8>>,
    /// The one before, and until when it signs too.
    pub previous: Option<(Zeroizing<Vec<u8>>, Timestamp)>,
}

/// An endpoint as a sender needs it.
pub struct Recipient {
    /// The endpoint.
    pub endpoint: WebhookEndpoint,
    /// Grows with every change of the endpoint.
    pub version: i64,
    secret: Vec<u8>,
    previous: Option<(Vec<u8>, Timestamp)>,
}

impl Recipient {
    /// Opens the secrets.
    ///
    /// # Errors
    /// They do not open.
    pub fn secrets(&self, vault: &Vault) -> Result<Secrets, StoreError> {
        let id = self.endpoint.id;
        let open = |column, sealed: &[u8]| vault.open(place(id.as_str(), column), sealed);
        let previous = match &self.previous {
            Some((sealed, until)) => Some((open("previous_secret", sealed)?, *until)),
            None => None,
        };
        Ok(Secrets {
            current: open("secret", &self.secret)?,
            previous,
        })
    }
}

fn place<'a>(id: &'a str, column: &'static str) -> Place<'a> {
    Place {
        table: TABLE,
        row: id,
        column,
    }
}

/// Adds an endpoint.
///
/// # Errors
/// The store failed.
pub async fn insert(
    tx: &mut Tx,
    endpoint: &WebhookEndpoint,
    secret: &[u8],
) -> Result<(), StoreError> {
    let sealed = tx
        .vault()
        .seal(place(endpoint.id.as_str(), "secret"), secret);
    let sql = "INSERT INTO webhook_endpoints (id, project, url, types, description, status, \
               disabled_reason, secret_sealed, version, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9)";
    let row = args![
        endpoint.id,
        endpoint.project.as_str(),
        endpoint.url.as_str(),
        types_json(&endpoint.types),
        endpoint.description.as_deref(),
        endpoint.status().as_str(),
        endpoint.disabled.map(|reason| reason.as_str()),
        sealed,
        endpoint.created_at,
    ];
    tx.execute(sql, row).await.map(drop)
}

/// Writes every changeable field but the secret.
///
/// # Errors
/// The endpoint was deleted in the meantime.
pub async fn update(tx: &mut Tx, endpoint: &WebhookEndpoint) -> Result<(), StoreError> {
    let sql = "UPDATE webhook_endpoints SET url = $2, types = $3, description = $4, status = $5, \
               disabled_reason = $6, version = version + 1 WHERE id = $1 AND status <> 'deleted'";
    let row = args![
        endpoint.id,
        endpoint.url.as_str(),
        types_json(&endpoint.types),
        endpoint.description.as_deref(),
        endpoint.status().as_str(),
        endpoint.disabled.map(|reason| reason.as_str()),
    ];
    // What rested may go on.
    tx.note_new_event();
    tx.execute_one("the webhook endpoint", sql, row).await
}

/// Replaces the secret; the old one signs beside it for [`OVERLAP`]. One from an earlier rotation
/// ends at once.
///
/// # Errors
/// The endpoint was deleted in the meantime, or its secret does not open.
pub async fn rotate(tx: &mut Tx, id: WebhookEndpointId, secret: &[u8]) -> Result<(), StoreError> {
    let find = "SELECT id, secret_sealed FROM webhook_endpoints \
                WHERE id = $1 AND status <> 'deleted'";
    let row = tx.one(TABLE, find, args![id]).await?;
    let name = id.as_str();
    let old = tx
        .vault()
        .open(place(name, "secret"), &row.blob("secret_sealed")?)?;
    let previous = tx.vault().seal(place(name, "previous_secret"), &old);
    let current = tx.vault().seal(place(name, "secret"), secret);
    let until = tx.now() + OVERLAP;
    let sql = "UPDATE webhook_endpoints SET secret_sealed = $2, previous_secret_sealed = $3, \
               previous_until = $4, version = version + 1 WHERE id = $1";
    let row = args![id, current, previous, until];
    tx.execute_one("the webhook endpoint", sql, row).await
}

/// Takes an endpoint away: it is told nothing any more and nobody sees it.
///
/// # Errors
/// It was deleted in the meantime.
pub async fn delete(tx: &mut Tx, id: WebhookEndpointId) -> Result<(), StoreError> {
    let sql = "UPDATE webhook_endpoints SET status = 'deleted', disabled_reason = NULL, \
               version = version + 1 WHERE id = $1 AND status <> 'deleted'";
    tx.execute_one("the webhook endpoint", sql, args![id]).await
}

/// Removes what is left of a deleted endpoint whose deliveries are erased.
///
/// # Errors
/// The store failed.
pub async fn forget(tx: &mut Tx, id: WebhookEndpointId) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM webhook_health WHERE endpoint_id = $1",
        args![id],
    )
    .await?;
    let sql = "DELETE FROM webhook_endpoints WHERE id = $1 AND status = 'deleted'";
    tx.execute(sql, args![id]).await.map(drop)
}

async fn row(tx: &mut Tx, project: &str, id: WebhookEndpointId) -> Result<Option<Row>, StoreError> {
    let sql = "SELECT * FROM webhook_endpoints WHERE id = $1 AND project = $2 \
               AND status <> 'deleted'";
    tx.optional(TABLE, sql, args![id, project]).await
}

/// The project's endpoint of that id.
///
/// # Errors
/// The store failed.
pub async fn find(
    tx: &mut Tx,
    project: &str,
    id: WebhookEndpointId,
) -> Result<Option<WebhookEndpoint>, StoreError> {
    let row = row(tx, project, id).await?;
    row.as_ref().map(endpoint).transpose()
}

/// The project's endpoints.
///
/// # Errors
/// The store failed.
pub async fn list(
    tx: &mut Tx,
    project: &str,
    page: &PageRequest,
) -> Result<Page<WebhookEndpoint>, StoreError> {
    ListQuery::of(TABLE)
        .with("project", project)
        .with_fixed("status <> 'deleted'")
        .page(tx, page, endpoint)
        .await
}

/// How many endpoints a project has.
///
/// # Errors
/// The store failed.
pub async fn count(tx: &mut Tx, project: &str) -> Result<u32, StoreError> {
    let sql = "SELECT COUNT(*) AS n FROM webhook_endpoints \
               WHERE project = $1 AND status <> 'deleted'";
    tx.one(TABLE, sql, args![project]).await?.count("n")
}

/// The enabled endpoints of a project.
///
/// # Errors
/// The store failed.
pub async fn recipients(tx: &mut Tx, project: &str) -> Result<Vec<Recipient>, StoreError> {
    let sql = "SELECT * FROM webhook_endpoints WHERE project = $1 AND status = 'enabled'";
    let rows = tx.all(TABLE, sql, args![project]).await?;
    rows.iter().map(recipient).collect()
}

/// The project's endpoint of that id with its secrets, enabled or not.
///
/// # Errors
/// The store failed.
pub async fn with_secrets(
    tx: &mut Tx,
    project: &str,
    id: WebhookEndpointId,
) -> Result<Option<Recipient>, StoreError> {
    let row = row(tx, project, id).await?;
    row.as_ref().map(recipient).transpose()
}

/// The endpoint, if it is enabled.
///
/// # Errors
/// The store failed.
pub async fn recipient_of(
    tx: &mut Tx,
    id: WebhookEndpointId,
) -> Result<Option<Recipient>, StoreError> {
    let sql = "SELECT * FROM webhook_endpoints WHERE id = $1 AND status = 'enabled'";
    let row = tx.optional(TABLE, sql, args![id]).await?;
    row.as_ref().map(recipient).transpose()
}

/// Every endpoint's id, for work that goes through all of them; and whether it is deleted.
///
/// # Errors
/// The store failed.
pub async fn all(tx: &mut Tx) -> Result<Vec<(WebhookEndpointId, bool)>, StoreError> {
    let sql = "SELECT id, status FROM webhook_endpoints ORDER BY id";
    let rows = tx.all(TABLE, sql, vec![]).await?;
    rows.iter()
        .map(|row| Ok((row.parse("id")?, row.text("status")? == "deleted")))
        .collect()
}

fn types_json(types: &[TypePattern]) -> Value {
    let names: Vec<_> = types.iter().map(TypePattern::as_str).collect();
    Value::json(&names)
}

fn recipient(row: &Row) -> Result<Recipient, StoreError> {
    let previous = row.blob_or_null("previous_secret_sealed")?;
    let until = row.time_or_null("previous_until")?;
    Ok(Recipient {
        endpoint: endpoint(row)?,
        version: row.int("version")?,
        secret: row.blob("secret_sealed")?,
        previous: previous.zip(until),
    })
}

fn endpoint(row: &Row) -> Result<WebhookEndpoint, StoreError> {
    let types: Vec<String> = row.json("types")?;
    Ok(WebhookEndpoint {
        id: row.parse("id")?,
        project: row.text("project")?,
        url: row.text("url")?,
        types: types
            .iter()
            .map(|it| TypePattern::from_stored(it))
            .collect(),
        description: row.text_or_null("description")?,
        disabled: row.parse_or_null("disabled_reason")?,
        created_at: row.time("created_at")?,
    })
}
