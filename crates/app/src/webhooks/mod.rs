//! Webhook endpoints: who is told of a project's events. What is sent when is the business of the
//! `webhook` crate; here is what a person or Portico decides about an endpoint.

mod change;
mod redeliver;
mod secret;
mod sign;
mod signed;

pub use change::{Create, Update, create, delete, disable, rotate_secret, update};
use portico_domain::{event::Actor, id::WebhookEndpointId, webhook::WebhookEndpoint};
use portico_store::{Tx, webhooks::endpoints};
pub use redeliver::{MAX_RANGE, event as redeliver_event, range as redeliver_range};
pub use secret::{SECRET_PREFIX, text as secret_text};
pub use sign::{Headers, Signer};
pub use signed::signed;

use crate::{AppError, changes::Scope};

/// The project's endpoint of that id.
///
/// # Errors
/// There is none.
pub async fn get(
    tx: &mut Tx,
    project: &str,
    id: WebhookEndpointId,
) -> Result<WebhookEndpoint, AppError> {
    endpoints::find(tx, project, id)
        .await?
        .ok_or(AppError::NotFound("webhookEndpoint"))
}

fn scope<'a>(actor: &'a Actor, endpoint: &'a WebhookEndpoint) -> Scope<'a> {
    Scope {
        project: &endpoint.project,
        subject: endpoint.id.as_str(),
        actor,
    }
}
