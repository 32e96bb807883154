//! Plans.

use portico_domain::{id::PlanId, plan::Plan};

use crate::{
    Page, PageRequest, StoreError, Tx,
    list::ListQuery,
    many,
    row::Row,
    value::{Value, args},
};

const TABLE: &str = "plans";

/// Adds a plan.
///
/// # Errors
/// The store failed.
pub async fn insert(tx: &mut Tx, plan: &Plan) -> Result<(), StoreError> {
    let sql = "INSERT INTO plans (id, project, provider, status, document, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    let row = args![
        plan.id,
        plan.project.as_str(),
        plan.provider.as_str(),
        plan.status.as_str(),
        Value::json(&plan.document),
        plan.created_at,
    ];
    tx.execute(sql, row).await.map(drop)
}

/// Writes every changeable field of a plan.
///
/// # Errors
/// The store failed.
pub async fn update(tx: &mut Tx, plan: &Plan) -> Result<(), StoreError> {
    let sql = "UPDATE plans SET status = $2, document = $3 WHERE id = $1";
    let row = args![plan.id, plan.status.as_str(), Value::json(&plan.document)];
    tx.execute_one("the plan", sql, row).await
}

/// The project's plan of that id.
///
/// # Errors
/// The store failed.
pub async fn find(tx: &mut Tx, project: &str, id: PlanId) -> Result<Option<Plan>, StoreError> {
    let sql = "SELECT * FROM plans WHERE id = $1 AND project = $2";
    tx.optional(TABLE, sql, args![id, project])
        .await?
        .as_ref()
        .map(plan)
        .transpose()
}

/// The project's plans of those ids, in no order; what is not there is left out.
///
/// # Errors
/// The store failed.
pub async fn of_ids(tx: &mut Tx, project: &str, ids: &[PlanId]) -> Result<Vec<Plan>, StoreError> {
    let rows = many::of_ids(tx, TABLE, project, ids).await?;
    rows.iter().map(plan).collect()
}

/// The project's plans.
///
/// # Errors
/// The store failed.
pub async fn list(
    tx: &mut Tx,
    project: &str,
    page: &PageRequest,
) -> Result<Page<Plan>, StoreError> {
    ListQuery::of(TABLE)
        .with("project", project)
        .page(tx, page, plan)
        .await
}

fn plan(row: &Row) -> Result<Plan, StoreError> {
    Ok(Plan {
        id: row.parse("id")?,
        project: row.text("project")?,
        provider: row.text("provider")?,
        status: row.parse("status")?,
        document: row.json("document")?,
        created_at: row.time("created_at")?,
    })
}
