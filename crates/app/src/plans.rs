//! Plans.

use portico_domain::{
    event::Actor,
    id::PlanId,
    plan::{Plan, PlanDocument, PlanStatus},
    project::Project,
};
use portico_store::{Tx, plans};
use serde_json::json;

use crate::{
    AppError, PropertyError,
    changes::{self, Scope},
    metadata::check_metadata,
    wire::PlanResource,
};

/// Creates a plan.
///
/// # Errors
/// What is wrong with it.
pub async fn create(
    tx: &mut Tx,
    who: (&Actor, &Project),
    provider: String,
    status: PlanStatus,
    document: PlanDocument,
) -> Result<Plan, AppError> {
    let (actor, project) = who;
    crate::portings::check_recipient(project, &provider)?;
    let plan = Plan {
        id: tx.ambient().id(),
        project: project.id.clone(),
        provider,
        status,
        document,
        created_at: tx.now(),
    };
    check(&plan.document)?;
    plans::insert(tx, &plan).await?;
    let facts = json!({ "status": plan.status.as_str() });
    changes::audit(tx, scope(actor, &plan), "plan.created", facts).await?;
    Ok(plan)
}

/// The project's plan of that id.
///
/// # Errors
/// There is none.
pub async fn get(tx: &mut Tx, project: &str, id: PlanId) -> Result<Plan, AppError> {
    plans::find(tx, project, id)
        .await?
        .ok_or(AppError::NotFound("plan"))
}

/// Replaces a plan's document and status; its provider stays.
///
/// # Errors
/// What is wrong with it.
pub async fn update(
    tx: &mut Tx,
    actor: &Actor,
    before: &Plan,
    after: Plan,
) -> Result<Plan, AppError> {
    check(&after.document)?;
    plans::update(tx, &after).await?;
    let states = (&PlanResource::from(before), &PlanResource::from(&after));
    let fields = changes::changed_fields(states);
    if !fields.is_empty() {
        let facts = json!({ "fields": fields, "status": after.status.as_str() });
        changes::audit(tx, scope(actor, &after), "plan.changed", facts).await?;
    }
    Ok(after)
}

fn scope<'a>(actor: &'a Actor, plan: &'a Plan) -> Scope<'a> {
    Scope {
        project: &plan.project,
        subject: plan.id.as_str(),
        actor,
    }
}

fn check(document: &PlanDocument) -> Result<(), AppError> {
    let mut problems = Vec::new();
    let mut rule = |holds: bool, property: &str, rule: &str| {
        if !holds {
            problems.push(PropertyError::invalid(property, rule));
        }
    };
    let is_line = |text: &str, max: usize| {
        (1..=max).contains(&text.chars().count()) && !text.chars().any(char::is_control)
    };
    rule(
        is_line(&document.name, 100),
        "name",
        "must be 1 to 100 printable characters.",
    );
    let description = document
        .description
        .as_deref()
        .is_none_or(|text| is_line(text, 500));
    rule(
        description,
        "description",
        "must be 1 to 500 printable characters.",
    );
    rule(
        document.price.amount >= 0,
        "price.amount",
        "must not be negative.",
    );
    let currency = &document.price.currency;
    let is_code = currency.len() == 3 && currency.chars().all(|c| c.is_ascii_uppercase());
    rule(
        is_code,
        "price.currency",
        "must be an ISO 4217 code such as USD.",
    );
    let validity = document
        .validity
        .as_ref()
        .is_none_or(|v| (1..=1_000).contains(&v.value));
    rule(validity, "validity.value", "must be 1 to 1000.");
    let allowances = &document.allowances;
    for (property, amount) in [
        ("allowances.dataBytes", allowances.data_bytes),
        ("allowances.voiceSeconds", allowances.voice_seconds),
        ("allowances.smsMessages", allowances.sms_messages),
    ] {
        rule(
            amount.is_none_or(|amount| amount >= 0),
            property,
            "must not be negative.",
        );
    }
    problems.extend(check_metadata(&document.metadata));
    if problems.is_empty() {
        Ok(())
    } else {
        Err(AppError::Invalid(problems))
    }
}
