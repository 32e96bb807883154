//! Subscriptions.

use portico_domain::{
    id::{PlanId, SubscriptionId, UserAddressId, UserId},
    porting::Status,
    subscription::Subscription,
    user::UserStatus,
};

use crate::{
    Page, PageRequest, StoreError, Tx,
    list::ListQuery,
    row::Row,
    value::{Value, args},
};

pub(crate) const TABLE: &str = "subscriptions";

/// What to list.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "each is the filter of that name")]
pub struct Filter {
    pub user: Option<UserId>,
    pub plan: Option<PlanId>,
    /// Empty: all.
    pub statuses: Vec<&'static str>,
}

/// Adds a subscription.
///
/// # Errors
/// The store failed.
pub async fn insert(tx: &mut Tx, subscription: &Subscription) -> Result<(), StoreError> {
    let sql = "INSERT INTO subscriptions (id, project, plan_id, user_id, porting_id, \
               phone_number, status, user_address_id, metadata, created_at, activated_at, \
               canceled_at, ended_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    let row = args![
        subscription.id,
        subscription.project.as_str(),
        subscription.plan,
        subscription.user,
        subscription.porting,
        subscription.phone_number.as_deref(),
        subscription.status.as_str(),
        subscription.user_address,
        Value::json(&subscription.metadata),
        subscription.created_at,
        subscription.activated_at,
        subscription.canceled_at,
        subscription.ended_at,
    ];
    tx.execute(sql, row).await.map(drop)
}

/// Writes every changeable field of a subscription.
///
/// # Errors
/// The store failed.
pub async fn update(tx: &mut Tx, subscription: &Subscription) -> Result<(), StoreError> {
    let sql = "UPDATE subscriptions SET porting_id = $2, phone_number = $3, status = $4, \
               user_address_id = $5, metadata = $6, activated_at = $7, canceled_at = $8, \
               ended_at = $9 WHERE id = $1";
    let row = args![
        subscription.id,
        subscription.porting,
        subscription.phone_number.as_deref(),
        subscription.status.as_str(),
        subscription.user_address,
        Value::json(&subscription.metadata),
        subscription.activated_at,
        subscription.canceled_at,
        subscription.ended_at,
    ];
    tx.execute_one("the subscription", sql, row).await
}

/// The project's subscription of that id.
///
/// # Errors
/// The store failed.
pub async fn find(
    tx: &mut Tx,
    project: &str,
    id: SubscriptionId,
) -> Result<Option<Subscription>, StoreError> {
    let sql = "SELECT * FROM subscriptions WHERE id = $1 AND project = $2";
    tx.optional(TABLE, sql, args![id, project])
        .await?
        .as_ref()
        .map(subscription)
        .transpose()
}

/// What a session for a subscription depends on.
#[derive(Debug, Clone, Copy)]
pub struct Ground {
    /// Whose the subscription is.
    pub owner: UserId,
    /// The status of the user that was asked about; `None` when the project has no such user.
    pub user: Option<UserStatus>,
    /// The status of the subscription's porting, if it has one.
    pub porting: Option<Status>,
}

/// What a session for the project's subscription of that id depends on, with `user`'s status, in one
/// question.
///
/// # Errors
/// The store failed.
pub async fn ground(
    tx: &mut Tx,
    project: &str,
    id: SubscriptionId,
    user: Option<UserId>,
) -> Result<Option<Ground>, StoreError> {
    let sql = "SELECT s.user_id AS owner, u.status AS user_status, p.status AS porting_status \
               FROM subscriptions AS s \
               LEFT JOIN users AS u ON u.id = $3 AND u.project = s.project \
               LEFT JOIN portings AS p ON p.id = s.porting_id AND p.project = s.project \
               WHERE s.id = $1 AND s.project = $2";
    let row = tx.optional(TABLE, sql, args![id, project, user]).await?;
    row.map(|row| {
        Ok(Ground {
            owner: row.parse("owner")?,
            user: row.parse_or_null("user_status")?,
            porting: row.parse_or_null("porting_status")?,
        })
    })
    .transpose()
}

impl Ground {
    /// Whether this is what [`take_for_granted`] takes for granted.
    pub fn is_usual(&self, user: UserId) -> bool {
        let is_active = self.user == Some(UserStatus::Active);
        is_active && self.owner == user && self.porting.is_some_and(Status::is_open)
    }
}

/// Takes for granted that the subscription has an open porting and that `user`, who is active, owns it,
/// where that is worth while; otherwise [`ground`] has to be asked. It is checked together with what the
/// operation inserts: if it is not so, nothing is kept and the operation runs again.
pub fn take_for_granted(tx: &mut Tx, project: &str, id: SubscriptionId, user: UserId) -> bool {
    if !tx.may_take_for_granted(project) {
        return false;
    }
    let now = tx.now();
    tx.defer(UNLESS_GRANTED, args![project, id, user, now]);
    true
}

/// Has [`take_for_granted`] take nothing for granted in that project for a while: it was not so just now.
pub fn doubt(tx: &Tx, project: &str) {
    tx.doubts().note(project.to_owned(), tx.now());
}

const UNLESS_GRANTED: &str = "SELECT granted.column1 AS subject, 'unmet' AS note, \
    granted.column4 AS at FROM (VALUES ($1, $2, $3, $4)) AS granted WHERE NOT EXISTS (\
    SELECT 1 FROM subscriptions AS s \
    JOIN users AS u ON u.id = s.user_id AND u.project = s.project AND u.status = 'active' \
    JOIN portings AS p ON p.id = s.porting_id AND p.project = s.project \
    AND p.status IN ('informationRequired', 'pending', 'requested', 'declined') \
    WHERE s.id = granted.column2 AND s.project = granted.column1 \
    AND s.user_id = granted.column3)";

/// The project's subscriptions.
///
/// # Errors
/// The store failed.
pub async fn list(
    tx: &mut Tx,
    project: &str,
    filter: &Filter,
    page: &PageRequest,
) -> Result<Page<Subscription>, StoreError> {
    ListQuery::of(TABLE)
        .with("project", project)
        .with_some("user_id", filter.user)
        .with_some("plan_id", filter.plan)
        .with_any("status", &filter.statuses)
        .page(tx, page, subscription)
        .await
}

/// The user's subscriptions that are for an address.
///
/// # Errors
/// The store failed.
pub async fn of_address(
    tx: &mut Tx,
    user: UserId,
    address: UserAddressId,
) -> Result<Vec<Subscription>, StoreError> {
    let sql = "SELECT * FROM subscriptions WHERE user_id = $1 AND user_address_id = $2";
    let rows = tx.all(TABLE, sql, args![user, address]).await?;
    rows.iter().map(subscription).collect()
}

pub(crate) fn subscription(row: &Row) -> Result<Subscription, StoreError> {
    Ok(Subscription {
        id: row.parse("id")?,
        project: row.text("project")?,
        plan: row.parse("plan_id")?,
        user: row.parse("user_id")?,
        porting: row.parse_or_null("porting_id")?,
        phone_number: row.text_or_null("phone_number")?,
        status: row.parse("status")?,
        user_address: row.parse_or_null("user_address_id")?,
        metadata: row.json("metadata")?,
        created_at: row.time("created_at")?,
        activated_at: row.time_or_null("activated_at")?,
        canceled_at: row.time_or_null("canceled_at")?,
        ended_at: row.time_or_null("ended_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_for_granted_is_an_open_porting() {
        for status in Status::ALL {
            let named = format!("'{}'", status.as_str());
            assert_eq!(UNLESS_GRANTED.contains(&named), status.is_open(), "{named}");
        }
    }
}
