//! API keys: kept as hashes, found by id.

use jiff::Timestamp;
use portico_domain::{id::ApiKeyId, project::Project};

use crate::{StoreError, Tx, projects, row::Row, value::args};

const TABLE: &str = "api_keys";

/// An API key without its secret.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// Its id, part of the key's text.
    pub id: ApiKeyId,
    /// The one project it opens.
    pub project: String,
    /// SHA-256 of the whole key.
    pub secret_hash: Vec<u8>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it stopped working.
    pub revoked_at: Option<Timestamp>,
}

/// Adds a key.
///
/// # Errors
/// The store failed.
pub async fn insert(tx: &mut Tx, key: &ApiKey) -> Result<(), StoreError> {
    let sql = "INSERT INTO api_keys (id, project, secret_hash, created_at) VALUES ($1, $2, $3, $4)";
    let row = args![
        key.id,
        key.project.as_str(),
        key.secret_hash.as_slice(),
        key.created_at
    ];
    tx.execute(sql, row).await.map(drop)
}

/// The key of that id, revoked or not.
///
/// # Errors
/// The store failed.
pub async fn find(tx: &mut Tx, id: ApiKeyId) -> Result<Option<ApiKey>, StoreError> {
    let sql = "SELECT * FROM api_keys WHERE id = $1";
    tx.optional(TABLE, sql, args![id])
        .await?
        .as_ref()
        .map(api_key)
        .transpose()
}

/// What a valid key opens.
#[derive(Clone)]
pub struct Opened {
    /// The key's.
    pub id: ApiKeyId,
    /// SHA-256 of the whole key.
    pub secret_hash: Vec<u8>,
    /// Its project.
    pub project: Project,
    /// That project's settings as the database writes them.
    settings: String,
}

/// What the key of that id opens; `None` for one that is revoked.
///
/// # Errors
/// The store failed.
pub async fn opens(tx: &mut Tx, id: ApiKeyId) -> Result<Option<Opened>, StoreError> {
    let sql = "SELECT p.id, p.type, p.settings, CAST(p.settings AS TEXT) AS settings_text, \
               p.logo_type, p.created_at, k.secret_hash \
               FROM api_keys AS k JOIN projects AS p ON p.id = k.project \
               WHERE k.id = $1 AND k.revoked_at IS NULL";
    let row = tx.optional(TABLE, sql, args![id]).await?;
    row.map(|row| {
        Ok(Opened {
            id,
            secret_hash: row.blob("secret_hash")?,
            project: projects::project(&row)?,
            settings: row.text("settings_text")?,
        })
    })
    .transpose()
}

/// Whether a key is still valid and its project still has the same settings. Where that is worth while,
/// it is taken for granted, and checked together with what the operation inserts: if it is not so,
/// nothing is kept and the operation runs again.
///
/// Only for operations of `Db::write`: what is found is so for the rest of the transaction.
///
/// # Errors
/// The store failed.
pub async fn still_opens(tx: &mut Tx, known: &Opened) -> Result<bool, StoreError> {
    let (id, settings) = (known.id, known.settings.as_str());
    let project = known.project.id.as_str();
    if tx.may_take_for_granted(project) {
        let now = tx.now();
        tx.defer(UNLESS_OPEN, args![project, id, settings, now]);
        return Ok(true);
    }
    if tx.has_seen_open(id, settings) {
        return Ok(true);
    }
    let sql = "SELECT k.id FROM api_keys AS k JOIN projects AS p ON p.id = k.project \
               WHERE k.id = $1 AND k.revoked_at IS NULL AND CAST(p.settings AS TEXT) = $2";
    let found = tx.optional(TABLE, sql, args![id, settings]).await?;
    if found.is_some() {
        tx.note_open(id, settings);
    }
    Ok(found.is_some())
}

const UNLESS_OPEN: &str = "SELECT known.column1 AS subject, 'unmet' AS note, \
    known.column4 AS at FROM (VALUES ($1, $2, $3, $4)) AS known WHERE NOT EXISTS (\
    SELECT 1 FROM api_keys AS k JOIN projects AS p ON p.id = k.project \
    WHERE k.id = known.column2 AND k.revoked_at IS NULL \
    AND CAST(p.settings AS TEXT) = known.column3)";

/// Every key, oldest first; of one project, if it is named.
///
/// # Errors
/// The store failed.
pub async fn all(tx: &mut Tx, project: Option<&str>) -> Result<Vec<ApiKey>, StoreError> {
    let sql = "SELECT * FROM api_keys WHERE $1 IS NULL OR project = $1 ORDER BY id";
    tx.all(TABLE, sql, args![project])
        .await?
        .iter()
        .map(api_key)
        .collect()
}

/// Revokes a key. Whether it was valid until now.
///
/// # Errors
/// The store failed.
pub async fn revoke(tx: &mut Tx, id: ApiKeyId) -> Result<bool, StoreError> {
    let sql = "UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
    let now = tx.now();
    Ok(tx.execute(sql, args![id, now]).await? == 1)
}

fn api_key(row: &Row) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        id: row.parse("id")?,
        project: row.text("project")?,
        secret_hash: row.blob("secret_hash")?,
        created_at: row.time("created_at")?,
        revoked_at: row.time_or_null("revoked_at")?,
    })
}
