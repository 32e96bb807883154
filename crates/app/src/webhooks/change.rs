use portico_domain::{
    event::{Actor, EventType},
    porting::Patch,
    project::Project,
    webhook::{DisabledReason, EndpointStatus, TypePattern, WebhookEndpoint},
};
use portico_outgoing::Target;
use portico_store::{
    Tx,
    webhooks::{endpoints, health},
};
use secrecy::SecretString;
use serde_json::json;
use zeroize::Zeroizing;

use super::{scope, secret};
use crate::{App, AppError, BusinessCode, PropertyError, changes, wire::WebhookEndpointResource};

/// Bytes of a secret.
const SECRET: usize = 32;
const MAX_TYPES: usize = 50;
const MAX_DESCRIPTION: usize = 500;

/// A new endpoint.
#[derive(Debug, Clone)]
pub struct Create {
    /// Where events are posted.
    pub url: String,
    /// Which types it is told.
    pub types: Vec<TypePattern>,
    /// The integrator's words on it.
    pub description: Option<String>,
    /// Whether it begins at once.
    pub status: EndpointStatus,
}

/// A change of an endpoint.
#[derive(Debug, Clone, Default)]
#[expect(
    missing_docs,
    reason = "each is described at the same name in `Create`"
)]
pub struct Update {
    pub url: Option<String>,
    pub types: Option<Vec<TypePattern>>,
    pub description: Patch<String>,
    pub status: Option<EndpointStatus>,
}

/// Creates an endpoint; its secret's text is known only now.
///
/// # Errors
/// What is wrong with it, or the project has as many as it may.
pub async fn create(
    tx: &mut Tx,
    app: &App,
    by: (&Actor, &Project),
    new: Create,
) -> Result<(WebhookEndpoint, SecretString), AppError> {
    let (actor, project) = by;
    let limit = app.config.webhooks.endpoints_per_project;
    if endpoints::count(tx, &project.id).await? >= limit {
        let message = format!("A project has at most {limit} webhook endpoints; delete one first.");
        let code = BusinessCode::WebhookEndpointLimitExceeded;
        return Err(AppError::business(code, message));
    }
    let endpoint = WebhookEndpoint {
        id: tx.ambient().id(),
        project: project.id.clone(),
        url: new.url,
        types: new.types,
        description: new.description,
        disabled: reason_of(new.status),
        created_at: tx.now(),
    };
    check(app, &endpoint)?;
    let bytes = Zeroizing::new(tx.ambient().random.bytes::<SECRET>());
    endpoints::insert(tx, &endpoint, bytes.as_slice()).await?;
    let facts = json!({ "status": endpoint.status().as_str() });
    let scope = scope(actor, &endpoint);
    changes::audit(tx, scope, "webhookEndpoint.created", facts).await?;
    Ok((endpoint, secret::text(bytes.as_slice())))
}

/// Changes an endpoint. Enabled again, or at another URL, it begins with a clean record.
///
/// # Errors
/// What is wrong with the change.
pub async fn update(
    tx: &mut Tx,
    app: &App,
    by: (&Actor, WebhookEndpoint),
    change: Update,
) -> Result<WebhookEndpoint, AppError> {
    let (actor, before) = by;
    let mut after = before.clone();
    after.url = change.url.unwrap_or(after.url);
    after.types = change.types.unwrap_or(after.types);
    change.description.apply(&mut after.description);
    if let Some(status) = change.status.filter(|status| *status != before.status()) {
        after.disabled = reason_of(status);
    }
    check(app, &after)?;
    let fields = changed(&before, &after);
    if fields.is_empty() {
        return Ok(after);
    }
    endpoints::update(tx, &after).await?;
    if fields.contains(&"url") || fields.contains(&"status") {
        health::reset(tx, after.id).await?;
    }
    let scope = scope(actor, &after);
    let facts = json!({ "fields": fields });
    changes::audit(tx, scope, "webhookEndpoint.updated", facts).await?;
    if fields.contains(&"status") && after.disabled.is_some() {
        tell_disabled(tx, app, actor, &after).await?;
    }
    Ok(after)
}

/// Disables an endpoint because of how it answers. One that is not enabled stays as it is.
///
/// # Errors
/// The store failed.
pub async fn disable(
    tx: &mut Tx,
    app: &App,
    endpoint: WebhookEndpoint,
    reason: DisabledReason,
) -> Result<(), AppError> {
    if endpoint.disabled.is_some() {
        return Ok(());
    }
    let endpoint = WebhookEndpoint {
        disabled: Some(reason),
        ..endpoint
    };
    endpoints::update(tx, &endpoint).await?;
    tell_disabled(tx, app, &Actor::System, &endpoint).await
}

/// Deletes an endpoint with everything that waits for it.
///
/// # Errors
/// The store failed.
pub async fn delete(
    tx: &mut Tx,
    actor: &Actor,
    endpoint: WebhookEndpoint,
) -> Result<WebhookEndpoint, AppError> {
    endpoints::delete(tx, endpoint.id).await?;
    let scope = scope(actor, &endpoint);
    changes::audit(tx, scope, "webhookEndpoint.deleted", json!({})).await?;
    Ok(endpoint)
}

/// Gives an endpoint a new secret; the old one signs beside it for a day. The new secret's text is
/// known only now.
///
/// # Errors
/// The store failed.
pub async fn rotate_secret(
    tx: &mut Tx,
    actor: &Actor,
    endpoint: &WebhookEndpoint,
) -> Result<SecretString, AppError> {
    let bytes = Zeroizing::new(tx.ambient().random.bytes::<SECRET>());
    endpoints::rotate(tx, endpoint.id, bytes.as_slice()).await?;
    let scope = scope(actor, endpoint);
    changes::audit(tx, scope, "webhookEndpoint.secretRotated", json!({})).await?;
    Ok(secret::text(bytes.as_slice()))
}

async fn tell_disabled(
    tx: &mut Tx,
    app: &App,
    actor: &Actor,
    endpoint: &WebhookEndpoint,
) -> Result<(), AppError> {
    let reason = endpoint.disabled.map(|reason| reason.as_str());
    let facts = json!({ "reason": reason });
    changes::audit(
        tx,
        scope(actor, endpoint),
        "webhookEndpoint.disabled",
        facts,
    )
    .await?;
    let resource = WebhookEndpointResource::new(endpoint, &app.config.event_type_prefix);
    let kind = EventType::WebhookEndpointDisabled;
    changes::record(tx, scope(actor, endpoint), kind, &resource).await
}

fn reason_of(status: EndpointStatus) -> Option<DisabledReason> {
    match status {
        EndpointStatus::Enabled => None,
        EndpointStatus::Disabled => Some(DisabledReason::Requested),
    }
}

fn changed(before: &WebhookEndpoint, after: &WebhookEndpoint) -> Vec<&'static str> {
    [
        ("url", before.url != after.url),
        ("types", before.types != after.types),
        ("description", before.description != after.description),
        ("status", before.disabled != after.disabled),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect()
}

fn check(app: &App, endpoint: &WebhookEndpoint) -> Result<(), AppError> {
    let mut problems = Vec::new();
    if let Err(error) = Target::parse(&endpoint.url, &app.config.outgoing) {
        problems.push(PropertyError::invalid("url", format!("{error}.")));
    }
    if !(1..=MAX_TYPES).contains(&endpoint.types.len()) {
        problems.push(PropertyError::invalid("types", "must be 1 to 50 types."));
    }
    let is_line = |text: &String| {
        (1..=MAX_DESCRIPTION).contains(&text.chars().count()) && !text.chars().any(char::is_control)
    };
    if !endpoint.description.as_ref().is_none_or(is_line) {
        let rule = "must be 1 to 500 printable characters.";
        problems.push(PropertyError::invalid("description", rule));
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(AppError::Invalid(problems))
    }
}
