//! Portings. Everything the donor checks is sealed, PINs each on their own.

mod columns;

pub(crate) use columns::porting;

use portico_domain::{
    id::{PortingId, SubscriptionId, UserId},
    porting::Porting,
};

use crate::{Page, PageRequest, StoreError, Tx, list::ListQuery, many, value::args};

pub(crate) const TABLE: &str = "portings";

/// What to list.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "each is the filter of that name")]
pub struct Filter {
    /// Empty: all.
    pub statuses: Vec<&'static str>,
    pub subscription: Option<SubscriptionId>,
    pub user: Option<UserId>,
    pub phone_number: Option<String>,
}

/// Adds a porting.
///
/// # Errors
/// [`StoreError::Unique`] when the number is in another open porting of the project.
pub async fn insert(tx: &mut Tx, porting: &Porting) -> Result<(), StoreError> {
    let sql = "INSERT INTO portings (id, project, user_id, created_at, subscription_id, \
               phone_number, provider, behavior, status, exclusive_number, required, attempt, \
               details_sealed, account_pin_sealed, billing_pin_sealed, account_type, \
               donor_provider, donor_provider_approval, scheduled_on, declined_attempts, \
               declined_code, declined_message, rejected_sealed, protection_disabled_at, \
               delayed_at, last_declined_at, last_requested_at, ended_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, \
               $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28)";
    let mut row = args![
        porting.id,
        porting.project.as_str(),
        porting.user,
        porting.created_at
    ];
    row.extend(columns::changeable(tx.vault(), porting));
    tx.execute(sql, row).await.map(drop)
}

/// Writes every changeable field of a porting, provided it is still as `before`: in that status, on
/// that attempt. The life-cycle's rule lives in the type and again here.
///
/// # Errors
/// [`StoreError::Stale`] when it is not; [`StoreError::Unique`] as for [`insert`].
pub async fn update(tx: &mut Tx, before: &Porting, after: &Porting) -> Result<(), StoreError> {
    let sql = "UPDATE portings SET subscription_id = $4, phone_number = $5, provider = $6, \
               behavior = $7, status = $8, exclusive_number = $9, required = $10, attempt = $11, \
               details_sealed = $12, account_pin_sealed = $13, billing_pin_sealed = $14, \
               account_type = $15, donor_provider = $16, donor_provider_approval = $17, \
               scheduled_on = $18, declined_attempts = $19, declined_code = $20, \
               declined_message = $21, rejected_sealed = $22, protection_disabled_at = $23, \
               delayed_at = $24, last_declined_at = $25, last_requested_at = $26, \
               ended_at = $27 WHERE id = $1 AND status = $2 AND attempt = $3";
    let mut row = args![before.id, before.status().as_str(), before.attempt];
    row.extend(columns::changeable(tx.vault(), after));
    tx.execute_one("the porting", sql, row).await
}

/// The project's porting of that id.
///
/// # Errors
/// The store failed.
pub async fn find(
    tx: &mut Tx,
    project: &str,
    id: PortingId,
) -> Result<Option<Porting>, StoreError> {
    let found = get(tx, id).await?;
    Ok(found.filter(|porting| porting.project == project))
}

/// The project's portings of those ids, in no order; what is not there is left out.
///
/// # Errors
/// The store failed.
pub async fn of_ids(
    tx: &mut Tx,
    project: &str,
    ids: &[PortingId],
) -> Result<Vec<Porting>, StoreError> {
    let rows = many::of_ids(tx, TABLE, project, ids).await?;
    let vault = tx.vault();
    rows.iter()
        .map(|row| columns::porting(vault, row))
        .collect()
}

/// The porting of that id, whatever its project: for jobs and carriers' answers.
///
/// # Errors
/// The store failed.
pub async fn get(tx: &mut Tx, id: PortingId) -> Result<Option<Porting>, StoreError> {
    let row = tx
        .optional(TABLE, "SELECT * FROM portings WHERE id = $1", args![id])
        .await?;
    row.map(|row| columns::porting(tx.vault(), &row))
        .transpose()
}

/// The project's portings.
///
/// # Errors
/// The store failed.
pub async fn list(
    tx: &mut Tx,
    project: &str,
    filter: &Filter,
    page: &PageRequest,
) -> Result<Page<Porting>, StoreError> {
    let vault = tx.vault().clone();
    ListQuery::of(TABLE)
        .with("project", project)
        .with_any("status", &filter.statuses)
        .with_some("subscription_id", filter.subscription)
        .with_some("user_id", filter.user)
        .with_some("phone_number", filter.phone_number.as_deref())
        .page(tx, page, |row| columns::porting(&vault, row))
        .await
}

/// How many drafts a user has.
///
/// # Errors
/// The store failed.
pub async fn count_drafts(tx: &mut Tx, user: UserId) -> Result<u32, StoreError> {
    let sql = "SELECT COUNT(*) AS n FROM portings WHERE user_id = $1 AND status = 'draft'";
    tx.one(TABLE, sql, args![user]).await?.count("n")
}

/// Whether the number is in an open porting of the project other than `except`.
///
/// # Errors
/// The store failed.
pub async fn number_is_taken(
    tx: &mut Tx,
    project: &str,
    number: &str,
    except: Option<PortingId>,
) -> Result<bool, StoreError> {
    let sql = "SELECT id FROM portings WHERE project = $1 AND exclusive_number = $2 \
               AND ($3 IS NULL OR id <> $3)";
    Ok(tx
        .optional(TABLE, sql, args![project, number, except])
        .await?
        .is_some())
}

/// Whether the subscription ever completed a porting.
///
/// # Errors
/// The store failed.
pub async fn has_completed(tx: &mut Tx, id: SubscriptionId) -> Result<bool, StoreError> {
    let sql = "SELECT id FROM portings WHERE subscription_id = $1 AND status = 'completed' LIMIT 1";
    Ok(tx.optional(TABLE, sql, args![id]).await?.is_some())
}

/// Removes a draft.
///
/// # Errors
/// [`StoreError::Stale`] when it is none any more.
pub async fn delete_draft(tx: &mut Tx, id: PortingId) -> Result<(), StoreError> {
    let sql = "DELETE FROM portings WHERE id = $1 AND status = 'draft'";
    tx.execute_one("the draft", sql, args![id]).await
}
