//! Projects and their settings.

use portico_domain::project::{Project, Settings};

use crate::{
    StoreError, Tx,
    row::Row,
    value::{Value, args},
};

pub(crate) const TABLE: &str = "projects";

/// A logo: what kind of picture, and its bytes.
pub type Logo = (String, Vec<u8>);

/// Adds a project.
///
/// # Errors
/// [`StoreError::Unique`] when the id is taken.
pub async fn insert(tx: &mut Tx, project: &Project) -> Result<(), StoreError> {
    let sql = "INSERT INTO projects (id, type, settings, created_at) VALUES ($1, $2, $3, $4)";
    let row = args![
        project.id.as_str(),
        project.kind.as_str(),
        Value::json(&project.settings),
        project.created_at
    ];
    tx.execute(sql, row).await.map(drop)
}

/// The project of that id.
///
/// # Errors
/// The store failed.
pub async fn find(tx: &mut Tx, id: &str) -> Result<Option<Project>, StoreError> {
    let sql = "SELECT id, type, settings, logo_type, created_at FROM projects WHERE id = $1";
    tx.optional(TABLE, sql, args![id])
        .await?
        .as_ref()
        .map(project)
        .transpose()
}

/// Every project, oldest first.
///
/// # Errors
/// The store failed.
pub async fn all(tx: &mut Tx) -> Result<Vec<Project>, StoreError> {
    let sql = "SELECT id, type, settings, logo_type, created_at FROM projects \
               ORDER BY created_at, id";
    tx.all(TABLE, sql, vec![])
        .await?
        .iter()
        .map(project)
        .collect()
}

/// Replaces a project's settings.
///
/// # Errors
/// The project is gone, or the store failed.
pub async fn update_settings(tx: &mut Tx, id: &str, settings: &Settings) -> Result<(), StoreError> {
    let sql = "UPDATE projects SET settings = $2 WHERE id = $1";
    tx.execute_one("the project", sql, args![id, Value::json(settings)])
        .await
}

/// Replaces a project's logo; `None` removes it.
///
/// # Errors
/// The project is gone, or the store failed.
pub async fn update_logo(tx: &mut Tx, id: &str, logo: Option<Logo>) -> Result<(), StoreError> {
    let (kind, bytes) = logo.unzip();
    let sql = "UPDATE projects SET logo_type = $2, logo = $3 WHERE id = $1";
    tx.execute_one("the project", sql, args![id, kind, bytes])
        .await
}

/// A project's logo.
///
/// # Errors
/// The store failed.
pub async fn logo(tx: &mut Tx, id: &str) -> Result<Option<Logo>, StoreError> {
    let sql = "SELECT id, logo_type, logo FROM projects WHERE id = $1 AND logo IS NOT NULL";
    let row = tx.optional(TABLE, sql, args![id]).await?;
    row.map(|row| Ok((row.text("logo_type")?, row.blob("logo")?)))
        .transpose()
}

pub(crate) fn project(row: &Row) -> Result<Project, StoreError> {
    Ok(Project {
        id: row.text("id")?,
        kind: row.parse("type")?,
        settings: row.json("settings")?,
        has_logo: row.text_or_null("logo_type")?.is_some(),
        created_at: row.time("created_at")?,
    })
}
