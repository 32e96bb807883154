//! An event as an endpoint is sent it, for whoever delivers it themselves while they develop.

use portico_domain::id::{EventId, WebhookEndpointId};
use portico_store::{Tx, events, webhooks::endpoints};

use super::Signer;
use crate::{
    App, AppError,
    wire::{EventResource, SignedEventResource},
};

/// The request that would bring an event to an endpoint now, signed with the endpoint's own secrets.
/// It says nothing new to who holds the project's key: they may point an endpoint at themselves. The
/// secrets stay here.
///
/// # Errors
/// There is no such endpoint or event.
pub async fn signed(
    tx: &mut Tx,
    app: &App,
    project: &str,
    (endpoint, event): (WebhookEndpointId, EventId),
) -> Result<SignedEventResource, AppError> {
    let endpoint = endpoints::with_secrets(tx, project, endpoint)
        .await?
        .ok_or(AppError::NotFound("webhookEndpoint"))?;
    let found = events::find(tx, project, event).await?;
    let rule = "is not an event of this project.";
    let found = found.ok_or_else(|| AppError::invalid("event", rule))?;
    let signer = Signer::new(&endpoint.secrets(tx.vault())?);
    let config = &app.config;
    let resource = EventResource::new(found, &config.event_type_prefix, &config.public_url);
    let body = serde_json::to_string(&resource).expect("resources have text keys only");
    let headers = signer.headers(event.as_str(), tx.now(), body.as_bytes());
    Ok(SignedEventResource::new(headers, body))
}
