//! Users. Name and birthday are sealed; the e-mail address is looked up and stays readable.

use portico_domain::{
    date_input::Birthday,
    id::UserId,
    user::{Metadata, User, UserStatus},
};
use serde::{Deserialize, Serialize};

use crate::{
    Page, PageRequest, StoreError, Tx, Vault,
    list::ListQuery,
    many,
    row::Row,
    value::{Value, args},
    vault::Place,
};

pub(crate) const TABLE: &str = "users";

#[derive(Default, PartialEq, Serialize, Deserialize)]
struct Personal {
    full_name: Option<String>,
    birthday: Option<Birthday>,
}

fn place(id: &str) -> Place<'_> {
    Place {
        table: TABLE,
        row: id,
        column: "personal",
    }
}

fn seal(vault: &Vault, user: &User) -> Option<Vec<u8>> {
    let personal = Personal {
        full_name: user.full_name.clone(),
        birthday: user.birthday,
    };
    let is_empty = personal == Personal::default();
    (!is_empty).then(|| vault.seal_json(place(user.id.as_str()), &personal))
}

/// Adds a user.
///
/// # Errors
/// [`StoreError::Unique`] when another living user of the project has the address.
pub async fn insert(tx: &mut Tx, user: &User) -> Result<(), StoreError> {
    let sql = "INSERT INTO users (id, project, email, email_verified, personal_sealed, \
               preferred_locale, status, metadata, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let row = args![
        user.id,
        user.project.as_str(),
        user.email.as_str(),
        user.email_verified,
        seal(tx.vault(), user),
        user.preferred_locale.as_str(),
        user.status.as_str(),
        Value::json(&user.metadata),
        user.created_at,
    ];
    tx.execute(sql, row).await.map(drop)
}

/// Writes every changeable field of a user.
///
/// # Errors
/// As [`insert`].
pub async fn update(tx: &mut Tx, user: &User) -> Result<(), StoreError> {
    let sql = "UPDATE users SET email = $2, email_verified = $3, personal_sealed = $4, \
               preferred_locale = $5, status = $6, metadata = $7 WHERE id = $1";
    let row = args![
        user.id,
        user.email.as_str(),
        user.email_verified,
        seal(tx.vault(), user),
        user.preferred_locale.as_str(),
        user.status.as_str(),
        Value::json(&user.metadata),
    ];
    tx.execute_one("the user", sql, row).await
}

/// The project's user of that id, deleted ones too.
///
/// # Errors
/// The store failed.
pub async fn find(tx: &mut Tx, project: &str, id: UserId) -> Result<Option<User>, StoreError> {
    let sql = "SELECT * FROM users WHERE id = $1 AND project = $2";
    let row = tx.optional(TABLE, sql, args![id, project]).await?;
    row.map(|row| user(tx.vault(), &row)).transpose()
}

/// The project's users of those ids, deleted ones too, in no order; what is not there is left out.
///
/// # Errors
/// The store failed.
pub async fn of_ids(tx: &mut Tx, project: &str, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
    let rows = many::of_ids(tx, TABLE, project, ids).await?;
    rows.iter().map(|row| user(tx.vault(), row)).collect()
}

/// The project's living users.
///
/// # Errors
/// The store failed.
pub async fn list(
    tx: &mut Tx,
    project: &str,
    email: Option<&str>,
    page: &PageRequest,
) -> Result<Page<User>, StoreError> {
    let vault = tx.vault().clone();
    ListQuery::of(TABLE)
        .with("project", project)
        .with_fixed("status <> 'deleted'")
        .with_some("email", email)
        .page(tx, page, |row| user(&vault, row))
        .await
}

/// The user of that id, whatever its project.
///
/// # Errors
/// The store failed.
pub async fn get(tx: &mut Tx, id: UserId) -> Result<Option<User>, StoreError> {
    let sql = "SELECT * FROM users WHERE id = $1";
    let row = tx.optional(TABLE, sql, args![id]).await?;
    row.map(|row| user(tx.vault(), &row)).transpose()
}

/// A user without a trace of who it was stays, so that what hangs on it keeps its owner: no name,
/// birthday, notes, addresses; its subscriptions keep no notes and its visits no way back. `email`
/// replaces the address.
///
/// # Errors
/// The store failed.
pub async fn erase(
    tx: &mut Tx,
    id: UserId,
    status: UserStatus,
    email: &str,
) -> Result<(), StoreError> {
    let sql = "UPDATE users SET status = $2, personal_sealed = NULL, email = $3, \
               email_verified = FALSE, metadata = $4 WHERE id = $1";
    let nothing = Value::json(&Metadata::default());
    let row = args![id, status.as_str(), email, nothing.clone()];
    tx.execute_one("the user", sql, row).await?;
    let sql = "UPDATE subscriptions SET metadata = $2, user_address_id = NULL WHERE user_id = $1";
    tx.execute(sql, args![id, nothing]).await?;
    for sql in [
        "DELETE FROM user_addresses WHERE user_id = $1",
        "DELETE FROM user_tokens WHERE user_id = $1",
        "UPDATE connect_sessions SET callback_url = NULL, planned_steps = NULL, \
         token_hash = NULL, cookie_hash = NULL WHERE subscription_id IN \
         (SELECT id FROM subscriptions WHERE user_id = $1)",
    ] {
        tx.execute(sql, args![id]).await?;
    }
    Ok(())
}

pub(crate) fn user(vault: &Vault, row: &Row) -> Result<User, StoreError> {
    let id: UserId = row.parse("id")?;
    let personal = match row.blob_or_null("personal_sealed")? {
        Some(sealed) => vault.open_json(place(id.as_str()), &sealed)?,
        None => Personal::default(),
    };
    Ok(User {
        id,
        project: row.text("project")?,
        email: row.text("email")?,
        email_verified: row.bool("email_verified")?,
        full_name: personal.full_name,
        birthday: personal.birthday,
        preferred_locale: row.text("preferred_locale")?,
        status: row.parse("status")?,
        metadata: row.json("metadata")?,
        created_at: row.time("created_at")?,
    })
}
